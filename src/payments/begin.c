/* begin: makes new members, and asks for the payments that begin a term.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/begin.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/message.h"
#include "begin_sql.h"
#include "db/outbox.h"
#include "payments/decline_rules.h"
#include "payments/intake.h"

const struct fault MEMBER_EXISTS = {
    E_CONFLICT, "member.exists",
    "There is such a member already; sign in and restart the membership, or use another id."};
const struct fault MEMBER_PLAN_CLOSED = {
    E_CONFLICT, "member.plan_closed",
    "This plan takes no new members; choose one that plan.list shows as open."};
const struct fault METHOD_NEEDED = {
    E_CONFLICT, "method.needed",
    "There is no payment method that can be charged; add one with method.add first."};

/* ---- telling ---- */

/* What the payment came to: its newest attempt, if one is answered. */
static enum status tell_payment(struct ctx *cx, struct begin_answer *out)
{
    struct begin_payment *p;
    const char *locale;
    size_t n;

    TRY(begin_payments(cx, &p, &n, .account_id = out->account_id, .max = 1));
    if (!n) return OK;
    out->amount_minor = p->amount_minor;
    out->currency = p->currency;
    out->trial = p->charge_state == CHARGE_CAPTURED   ? TRIAL_CAPTURED
                 : p->charge_state == CHARGE_CANCELED ? TRIAL_DECLINED
                                                      : TRIAL_PENDING;
    if (out->trial != TRIAL_DECLINED) return OK;
    struct decline const d = decline_read(p->code, "");
    bool const by_bank = decline_find(p->code) != NULL;
    out->reason = by_bank ? d.reason : REASON_NONE;
    const char *why = by_bank ? decline_reasons.at[d.reason] : "no_method";
    TRY(account_locale(cx, out->account_id, NULL, &locale));
    out->text = message_of(cx->arena, locale, "decline", why);
    return OK;
}

static enum status begin_tell(struct ctx *cx, struct begin_answer *out)
{
    struct membership m;
    char day[DAY_TEXT];

    TRY(membership_get(cx, out->account_id, &m));
    bool const active = m.state == M_ACTIVE;
    out->member = arena_strdup(cx->arena, id_text("mem", m.account_id, (char[ID_TEXT]){0}));
    out->plan = m.plan;
    out->state = m.state;
    out->text = out->currency = out->anchor_on = out->next_charge_on = out->held_until = "";
    if (active) {
        out->anchor_on = arena_strdup(cx->arena, day_text(m.anchor_day, day));
        out->next_charge_on = arena_strdup(cx->arena, day_text(m.period_end_day, day));
    }
    return out->try_now ? tell_payment(cx, out) : OK;
}

/* ---- starting ---- */

enum status begin_describe(struct ctx *cx, const struct world *w, struct begin_start *in)
{
    struct method_add add = {.token = in->token};

    TRY(method_describe_for(cx, w, in->member ? in->member : in->email, &add));
    in->gateway = add.gateway;
    in->forget_seen = add.forget_seen;
    in->is = add.is;
    return OK;
}

/* The same strict reading as of an imported row. */
static enum status read(struct ctx *cx, const struct catalog *c, const struct begin_start *in,
                        int64_t account_id, struct newcomer *out)
{
    struct intake_terms const terms = {.catalog = c, .as_of_day = cx->now / DAY_MS};
    char day[DAY_TEXT], own[ID_TEXT];
    struct intake_row row;

    for (size_t i = 0; i < INTAKE_FIELDS; i++) row.at[i] = "";
    row.at[IN_EXTERNAL_ID] = in->member ? in->member : "new";
    row.at[IN_EMAIL] = in->email;
    row.at[IN_NAME] = in->name;
    row.at[IN_COUNTRY] = in->country;
    row.at[IN_REGION] = text_or_empty(in->region);
    row.at[IN_PLAN] = in->plan;
    row.at[IN_JOINED_ON] = day_text(cx->now / DAY_MS, day);
    row.at[IN_LOCALE] = text_or_empty(in->locale);
    row.at[IN_TIME_ZONE] = text_or_empty(in->time_zone);
    TRY(newcomer_read(&terms, &row, cx->arena, out, cx->err));
    if (!in->member) out->external_id = arena_strdup(cx->arena, id_text("mem", account_id, own));
    out->joined_day = zone_day(out->zone, cx->now);
    return plan_open(out->plan, out->joined_day) ? OK : fail(cx->err, &MEMBER_PLAN_CLOSED, "plan");
}

static enum status add_account(struct ctx *cx, const struct newcomer *m, int64_t account_id)
{
    struct account_add_all_in row = intake_account(m, account_id, cx->now);

    row.import_hash = ""; /* nobody imports them */
    TRY(former_returned(cx, m->external_id));
    TRY(account_add_all(cx, &row, 1, NULL));
    return membership_add(cx, NULL, .account_id = account_id, .plan = m->plan->code,
                          .biller = "direct", .state = M_NONE, .k = -1, .step = STEP_NONE,
                          .price_known_day = m->joined_day);
}

/* The account, made now or by the same person's earlier try. */
static enum status find_account(struct ctx *cx, const struct catalog *c,
                                const struct begin_start *in, int64_t *account_id)
{
    struct account_id_of_row *known;
    struct account account;
    struct membership m;
    struct newcomer new = {0};
    size_t n;

    TRY(account_id_of(cx, &known, &n, .external_id = text_or_empty(in->member), .max = 1));
    if (!n && in->member && external_id_is_reserved(in->member))
        return fail(cx->err, &MEMBER_EXTERNAL_ID_RESERVED, "member");
    if (n)
        *account_id = known->account_id;
    else
        TRY(db_id(cx, account_id));
    TRY(read(cx, c, in, *account_id, &new));
    if (!n) return add_account(cx, &new, *account_id);
    TRY(account_get(cx, *account_id, &account));
    TRY(membership_get(cx, *account_id, &m));
    if (m.state != M_NONE || strcmp(account.email, new.email) != 0 ||
        strcmp(account.country, new.country->code) != 0)
        return fail(cx->err, &MEMBER_EXISTS, "member");
    m.plan = new.plan->code;
    return membership_store(cx, &m);
}

enum status begin_start(struct ctx *cx, const struct catalog *c, const struct begin_start *in,
                        struct begin_answer *out)
{
    struct method_add add = {.token = in->token,
                             .primary = true,
                             .charged_now = true,
                             .consent =
                                 in->consent ? in->consent : cx->settings->consent_text_version,
                             .surface = in->surface,
                             .source_op = "membership.start",
                             .gateway = in->gateway,
                             .forget_seen = in->forget_seen,
                             .is = in->is};
    struct method_answer method = {0};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find_account(cx, c, in, &add.account_id));
    TRY(method_add(cx, c, &add, &method));
    TRY(billing_start(cx, c, add.account_id));
    *out = (struct begin_answer){.account_id = add.account_id, .try_now = true};
    TRY(begin_tell(cx, out));
    return tx_commit(&tx);
}

/* ---- restarting ---- */

/* The plan that is asked for; else the one before, which may be closed to others (SPEC F-13). */
static enum status choose_plan(struct ctx *cx, const struct catalog *c, const char *code,
                               const char **out)
{
    const struct plan *plan;

    *out = NULL;
    if (!code) return OK;
    plan = catalog_plan_named(c, code);
    if (!plan) return fail(cx->err, &MEMBER_PLAN_UNKNOWN, "plan");
    *out = plan->code;
    return plan_open(plan, cx->now / DAY_MS) ? OK : fail(cx->err, &MEMBER_PLAN_CLOSED, "plan");
}

/* Charges go on month by month again: that is agreed to anew (SPEC B-16). */
static enum status record_consent(struct ctx *cx, int64_t account_id)
{
    struct consent_record const consent = {
        .account_id = account_id,
        .text_version = cx->settings->consent_text_version,
        .surface = surfaces.at[cx->actor.surface],
        .source_op = "membership.restart",
    };

    return consent_record(cx, &consent);
}

/* Who asks is told that it waits, and no more than the owner may know of why. */
static enum status hold_back(struct ctx *cx, const struct catalog *c,
                             const struct begin_restart *in, const char *plan,
                             const struct restart_risk *risk, struct begin_answer *out)
{
    struct account account;
    int64_t go_at;

    out->try_now = false;
    TRY(account_get(cx, in->account_id, &account));
    TRY(held_keep(cx, c, in->account_id, plan, risk, &go_at));
    TRY(record_consent(cx, in->account_id));
    TRY(begin_tell(cx, out));
    out->text = message_of(cx->arena, account.locale, "restart", "held");
    out->held_until = instant_text(go_at, arena_alloc(cx->arena, INSTANT_TEXT));
    return OK;
}

static enum status restart_ended(struct ctx *cx, const struct catalog *c,
                                 const struct begin_restart *in, const char *plan,
                                 struct begin_answer *out)
{
    struct restart_risk risk;

    TRY(held_risk(cx, in->account_id, &risk));
    if (risk.high && cx->actor.proven) return hold_back(cx, c, in, plan, &risk, out);
    TRY(billing_restart(cx, c, in->account_id, plan));
    TRY(record_consent(cx, in->account_id));
    return begin_tell(cx, out);
}

enum status begin_restart(struct ctx *cx, const struct catalog *c, const struct begin_restart *in,
                          struct begin_answer *out)
{
    struct membership m;
    const char *plan;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(choose_plan(cx, c, in->plan, &plan));
    TRY(membership_get(cx, in->account_id, &m));
    *out = (struct begin_answer){.account_id = in->account_id, .try_now = m.state != M_ENDING};
    if (m.state == M_ENDING) { /* goes on as it was: another plan is a change of its own */
        if (plan && strcmp(plan, m.plan) != 0) return fail(cx->err, &CHANGE_NOT_NOW, "plan");
        TRY(billing_undo_cancel(cx, c, in->account_id));
        TRY(begin_tell(cx, out));
    } else {
        if (m.state == M_CANCELED && !m.method_id) return fail(cx->err, &METHOD_NEEDED, NULL);
        TRY(restart_ended(cx, c, in, plan, out));
    }
    return tx_commit(&tx);
}

enum status begin_confirm(struct ctx *cx, const struct catalog *c, const struct begin_confirm *in,
                          struct begin_answer *out)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    *out = (struct begin_answer){.account_id = in->account_id, .try_now = true};
    TRY(held_confirm(cx, c, in->account_id, in->code));
    TRY(begin_tell(cx, out));
    return tx_commit(&tx);
}

/* ---- resuming ---- */

/* What it would cost, and the dates that would follow (SPEC G-06). */
static enum status preview(struct ctx *cx, const struct catalog *c, struct begin_answer *out)
{
    struct pause_offer offer;
    char day[DAY_TEXT];

    TRY(pause_offer(cx, c, out->account_id, &offer));
    out->amount_minor = offer.amount_minor;
    out->plan = offer.plan;
    out->currency = offer.currency;
    out->anchor_on = arena_strdup(cx->arena, day_text(offer.anchor_day, day));
    out->next_charge_on = arena_strdup(cx->arena, day_text(offer.next_day, day));
    return OK;
}

enum status begin_resume(struct ctx *cx, const struct catalog *c, const struct begin_resume *in,
                         struct begin_answer *out)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    *out = (struct begin_answer){.account_id = in->account_id};
    if (!in->preview) TRY(pause_resume(cx, c, in->account_id, &out->try_now));
    TRY(begin_tell(cx, out));
    if (in->preview) TRY(preview(cx, c, out));
    return tx_commit(&tx);
}

enum status begin_try(struct ctx *cx, const struct world *w, const struct catalog *c,
                      struct begin_answer *out)
{
    enum { TRIES = 5 };
    enum status s = E_BUSY;

    if (!out->try_now) return OK;
    /* The attempt is decided and stored: whatever stops us here, the worker carries it out. */
    for (int i = 0; i < TRIES && s == E_BUSY; i++)
        s = payments_collect_account(cx, w, c, out->account_id);
    return begin_tell(cx, out);
}
