/* facts: of accounts, memberships, catalog and credit. SPDX-License-Identifier: Apache-2.0 */
#include "billing/facts.h"

#include <string.h>

#include "account/account.h"
#include "base/id.h"
#include "base/message.h"
#include "billing/cancel.h"
#include "billing/credit.h"
#include "billing/held.h"
#include "billing/move.h"
#include "billing/pause.h"
#include "billing/price.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/takeover.h"
#include "membership/membership.h"
#include "policy/settings.h"

_Static_assert((int)M_NONE == (int)STANDING_NONE && (int)M_PENDING == (int)STANDING_PENDING &&
                   (int)M_ACTIVE == (int)STANDING_GOOD && (int)M_GRACE == (int)STANDING_GRACE &&
                   (int)M_HOLD == (int)STANDING_HOLD && (int)M_PAUSED == (int)STANDING_PAUSED &&
                   (int)M_ENDING == (int)STANDING_ENDING &&
                   (int)M_CANCELED == (int)STANDING_CANCELED &&
                   (int)M_DELETED == (int)STANDING_DELETED,
               "states and standings have one order");

const struct fault BILLING_OWN_OPTIONS = {
    E_DENIED, "billing.own_options",
    "People see their own options only; leave role and surface out."};

struct facts {
    struct account account;
    struct membership m;
    const struct plan *plan;
    const struct country *country;
    int64_t today;
    unsigned wanted, set;
};

static bool wants(const struct facts *f, unsigned facts)
{
    return f->wanted & facts;
}

static void add(struct facts *f, bool holds, enum option_fact fact)
{
    if (holds) f->set |= FACT(fact);
}

static enum status add_pause(struct ctx *cx, struct facts *f)
{
    bool pausable = false;

    if (wants(f, FACT(FACT_METHOD_PAUSABLE))) TRY(pause_method(cx, &f->m, &pausable));
    add(f, f->plan && f->plan->pausable, FACT_PLAN_PAUSABLE);
    add(f, pausable, FACT_METHOD_PAUSABLE);
    add(f, f->m.pause_months + cx->settings->pause_months <= cx->settings->pause_max_months,
        FACT_PAUSE_LEFT);
    add(f, f->m.state == M_ACTIVE && f->m.pause_months > 0, FACT_PAUSE_PLANNED);
    return OK;
}

static enum status add_risk(struct ctx *cx, struct facts *f)
{
    struct restart_risk risk;

    if (f->m.state != M_CANCELED || !wants(f, FACT(FACT_RISK_HIGH))) return OK;
    TRY(held_risk(cx, f->m.account_id, &risk));
    add(f, risk.high, FACT_RISK_HIGH);
    return OK;
}

/* The charge of a slot on hold may be tried again by buying it. */
static enum status add_held_slots(struct ctx *cx, struct facts *f)
{
    struct slot *rows;
    size_t n;

    if (f->m.slots == 0 || !wants(f, FACT(FACT_SLOT_FREE))) return OK;
    TRY(slots_of(cx, &rows, &n, .account_id = f->m.account_id, .max = SLOTS_MAX));
    for (size_t i = 0; i < n; i++)
        add(f, rows[i].slot_state == SLOT_HOLD && rows[i].end_day == 0, FACT_SLOT_FREE);
    return OK;
}

static void add_slots(struct facts *f)
{
    int64_t const taken = __builtin_popcountll((unsigned long long)f->m.slots);

    add(f, f->plan && f->plan->slots > 0, FACT_PLAN_HAS_SLOTS);
    add(f, f->country && country_price(f->country, f->m.plan, "extra_member", f->today),
        FACT_COUNTRY_HAS_SLOTS);
    add(f, f->plan && taken < f->plan->slots, FACT_SLOT_FREE);
    add(f, taken > 0, FACT_SLOT_TAKEN);
}

static enum status add_country(struct ctx *cx, struct facts *f)
{
    int64_t const days = f->country ? f->country->settings.withdrawal_days : 0;
    int64_t term, since_day;

    add(f, f->country && f->country->settings.cancel_form, FACT_CANCEL_FORM);
    if (!wants(f, FACT(FACT_WITHDRAWAL_OPEN))) return OK;
    TRY(cancel_contract(cx, f->m.account_id, &term, &since_day));
    add(f, term && cancel_is_withdrawable(days, since_day, f->today), FACT_WITHDRAWAL_OPEN);
    return OK;
}

static enum status add_credit(struct ctx *cx, struct facts *f)
{
    int64_t minor = 0;

    if (wants(f, FACT(FACT_CREDIT_LEFT))) TRY(credit_balance(cx, f->account.account_id, &minor));
    add(f, minor > 0, FACT_CREDIT_LEFT);
    /* A card's currency is known when its code is: redeeming checks it. */
    add(f, true, FACT_CURRENCY_EQUAL);
    return OK;
}

/* What waits for the owner's word. */
static enum status add_questions(struct ctx *cx, struct facts *f)
{
    struct restart_undo undo = {0};
    bool price = false, retired = false;

    if (wants(f, FACT(FACT_PRICE_QUESTION))) TRY(price_question(cx, f->account.account_id, &price));
    if (wants(f, FACT(FACT_RESTARTED) | FACT(FACT_RESTART_RECENT)))
        TRY(takeover_restart_of(cx, &f->m, &undo));
    if (wants(f, FACT(FACT_PLAN_RETIRED))) TRY(retire_is_asked(cx, &f->m, &retired));
    add(f, price, FACT_PRICE_QUESTION);
    add(f, retired, FACT_PLAN_RETIRED);
    add(f, undo.restarted, FACT_RESTARTED);
    add(f, undo.recent, FACT_RESTART_RECENT);
    return OK;
}

static enum status add_billing_day(struct ctx *cx, struct facts *f)
{
    struct move_facts day;

    if (!wants(f, FACT(FACT_DAY_MOVES))) return OK;
    TRY(move_facts(cx, &f->m, f->today, &day));
    add(f, day.offered, FACT_DAY_MOVES);
    add(f, day.method, FACT_METHOD_MOVES);
    add(f, day.billing_day, FACT_BILLING_DAY);
    add(f, day.free_period, FACT_FREE_PERIOD);
    add(f, day.moved, FACT_DAY_MOVED);
    add(f, day.slot_ending, FACT_SLOT_ENDING);
    return OK;
}

/* An address that does not send everything back, or a phone that was proven (DT-7). */
static enum status add_contact(struct ctx *cx, struct facts *f)
{
    struct contact contact;

    if (!wants(f, FACT(FACT_CONTACT))) return OK;
    TRY(contact_load(cx, f->account.account_id, &contact));
    bool const mail = *f->account.email && !contact.email_failed_at;
    add(f, mail || (contact.phone_verified_at && !contact.phone_failed_at), FACT_CONTACT);
    return OK;
}

static enum status look(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct facts *f)
{
    const struct zone *z;

    TRY(account_get(cx, account_id, &f->account));
    TRY(membership_get(cx, account_id, &f->m));
    TRY(zone_find(f->account.zone, &z, cx->err));
    f->today = zone_day(z, cx->now);
    f->plan = catalog_plan(c, f->m.plan);
    f->country = catalog_country(c, f->account.country);
    TRY(add_risk(cx, f));
    TRY(add_pause(cx, f));
    add_slots(f);
    TRY(add_held_slots(cx, f));
    TRY(add_country(cx, f));
    add(f, f->m.next_plan[0], FACT_CHANGE_PLANNED);
    add(f, f->account.delete_on_day > 0, FACT_DELETE_PLANNED);
    TRY(add_contact(cx, f));
    const struct partner *partner = catalog_partner(c, f->m.biller);
    add(f, partner && partner->slots, FACT_PARTNER_HAS_SLOTS);
    add(f, f->m.state == M_CANCELED || f->m.state == M_NONE, FACT_PARTNER_PERIOD_OVER);
    add(f, f->m.state == M_CANCELED && f->today >= f->m.retention_until_day, FACT_RETENTION_OVER);
    add(f, f->m.state == M_ENDING && f->m.end_day && f->today >= f->m.end_day, FACT_END_REACHED);
    TRY(add_questions(cx, f));
    TRY(add_billing_day(cx, f));
    return add_credit(cx, f);
}

_Static_assert((int)BILLER_APP_STORE == 1 + (int)PARTNER_APP_STORE &&
                   (int)BILLER_CARRIER == 1 + (int)PARTNER_CARRIER &&
                   (int)BILLER_CABLE == 1 + (int)PARTNER_CABLE &&
                   (int)BILLER_ISP == 1 + (int)PARTNER_ISP &&
                   (int)BILLER_CHANNELS == 1 + (int)PARTNER_CHANNELS &&
                   (int)BILLER_PACKAGE == 1 + (int)PARTNER_PACKAGE,
               "billers are partners after the direct one");

/* Of a partner that the catalog does not know any more the least is allowed. */
static enum biller_kind biller_of(const struct catalog *c, const char *biller)
{
    const struct partner *p = catalog_partner(c, biller);

    if (p) return (enum biller_kind)(1 + (int)p->kind);
    return strcmp(biller, "direct") == 0 ? BILLER_DIRECT : BILLER_PACKAGE;
}

/* What is kept no longer is as good as gone, though money on its way may put the erasure off. */
static enum standing standing_of(const struct facts *f)
{
    bool const over = f->m.state == M_CANCELED && f->m.retention_until_day &&
                      f->today >= f->m.retention_until_day;

    return over ? STANDING_DELETED : (enum standing)f->m.state;
}

enum status facts_of(struct ctx *cx, const struct catalog *c, int64_t account_id, unsigned wanted,
                     struct option_case *out)
{
    const struct actor *actor = &cx->actor;
    struct facts f = {.wanted = wanted};

    *out = (struct option_case){.role = actor->role, .surface = actor->surface};
    add(&f, actor->proven || actor->role == ROLE_SYSTEM, FACT_PROVEN);
    if (account_id) {
        TRY(look(cx, c, account_id, &f));
        out->biller = biller_of(c, f.m.biller);
        out->standing = standing_of(&f);
        out->locked = f.account.locked_at > 0;
    }
    out->facts = f.set;
    return OK;
}

/* ---- all options ---- */

const struct names options_roles =
    NAMES("self", "visitor", "owner", "profile", "kids", "extra", "agent", "system");

/* Who may ask for whom. */
static enum status take_view(struct ctx *cx, const struct options_ask *in, struct option_case *c)
{
    bool const insider = cx->actor.role == ROLE_AGENT || cx->actor.role == ROLE_SYSTEM;

    if ((in->role || in->surface) && !insider) return fail(cx->err, &BILLING_OWN_OPTIONS, NULL);
    if (in->role) c->role = (enum role)(in->role - 1);
    if (in->surface) c->surface = (enum surface)in->surface;
    return OK;
}

/* Where at the partner something is done, by its own record. */
static struct route route_of(const struct catalog *c, const char *biller, enum option_action a,
                             enum option_place place)
{
    enum biller_route which = ROUTE_PAYMENT;

    if (place != TO_PARTNER && place != TO_PARTNER_PAYMENT) return (struct route){"", ""};
    if (a == ACTION_CANCEL || a == ACTION_WITHDRAW || a == ACTION_DELETE) which = ROUTE_CANCEL;
    if (a == ACTION_REFUND || a == ACTION_REFUND_ASK) which = ROUTE_REFUND;
    if (a == ACTION_RECOVER) which = ROUTE_RECOVERY;
    return biller_route(c, biller, which);
}

enum status options_of(struct ctx *cx, const struct catalog *c, const struct options_ask *in,
                       struct options_view *out)
{
    struct option_view *views = arena_array(cx->arena, struct option_view, ACTIONS);
    struct option_case is;
    struct membership m;
    const char *locale;

    TRY(facts_of(cx, c, in->account_id, ALL_FACTS, &is));
    TRY(take_view(cx, in, &is));
    TRY(account_locale(cx, in->account_id, in->locale, &locale));
    TRY(membership_get(cx, in->account_id, &m));
    *out = (struct options_view){
        .member = id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .biller = biller_kinds.at[is.biller],
        .standing = is.standing,
        .role = is.role,
        .surface = is.surface,
        .locked = is.locked,
        .options = views,
    };
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++) {
        const struct option_rule *r = option_decide(a, &is);
        struct route const route = route_of(c, m.biller, a, r->why->place);

        views[out->n++] = (struct option_view){
            .action = option_abouts[a].id,
            .text = message_of(cx->arena, locale, "action", option_abouts[a].id),
            .code = r->why->fault.code,
            .reason = message_text(cx->arena, locale, r->why->fault.code, NULL, 0),
            .result = r->result,
            .place = r->why->place,
            .route = route.text,
            .link = route.link,
        };
    }
    return OK;
}
