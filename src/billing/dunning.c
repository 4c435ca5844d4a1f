/* dunning: loads, stores and ends trouble. SPDX-License-Identifier: Apache-2.0 */
#include "billing/dunning.h"

#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/dispute.h"
#include "billing/erase.h"
#include "billing/invoice.h"
#include "billing/quote.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/spend.h"

static const struct fault NO_SUCH_CHARGE = {
    E_INTERNAL, "billing.charge_unknown",
    "A charge that is being dunned does not exist; let `foyer doctor` examine the database."};

enum status trouble_load(struct ctx *cx, int64_t account_id, struct trouble *t)
{
    struct dunning *rows;
    size_t n;

    *t = (struct trouble){.rules = *cx->settings};
    TRY(membership_get(cx, account_id, &t->m));
    TRY(account_get(cx, account_id, &t->account));
    TRY(zone_find(t->account.zone, &t->zone, cx->err));
    TRY(dunnings_of(cx, &rows, &n, .account_id = account_id, .max = 1));
    if (n == 0) return OK;
    t->d = rows[0];
    t->dates = (struct dunning_dates){t->d.debt_day, t->d.grace_until_day, t->d.hold_until_day,
                                      t->d.retries_done, t->d.reminders_done};
    t->exists = true;
    return OK;
}

void trouble_in_country(struct trouble *t, const struct catalog *c)
{
    t->rules = settings_in(&t->rules, catalog_country(c, t->account.country));
}

struct rate_in trouble_rate_in(const struct trouble *t)
{
    return (struct rate_in){
        .plan = *t->m.next_plan ? t->m.next_plan : t->m.plan,
        .country = t->account.country,
        .region = t->account.region,
        .slots = t->m.slots,
        .plan_before = *t->m.period_plan ? t->m.period_plan : t->m.plan,
        .slots_before = t->m.period_slots,
        .prices = {t->m.price_known_day, t->m.price_new_day, t->m.price_from_day},
    };
}

int64_t trouble_price(const struct catalog *c, const struct trouble *t, int64_t day)
{
    struct price_terms const terms = trouble_rate_in(t).prices;
    const struct country *country = catalog_country(c, t->account.country);
    const struct price *p =
        country ? country_price(country, t->m.plan, NULL, price_day(&terms, day)) : NULL;

    return p ? p->amount_minor : 0;
}

/* The debt's date is the day the charge was due; after an outage of ours, or a lock, the day it was
 * first tried, so that nobody falls from a failure that they could not know of straight into a
 * hold. */
void trouble_begin(struct trouble *t, const struct charge *c)
{
    int64_t const free_at = t->account.unlocked_at;
    int64_t const tried_day = zone_day(t->zone, free_at > c->wanted_at ? free_at : c->wanted_at);

    if (t->exists) return;
    t->d = (struct dunning){.account_id = t->m.account_id, .charge_id = c->charge_id};
    t->dates = dunning_begin(&t->rules, tried_day > c->due_on_day ? tried_day : c->due_on_day);
    t->exists = true;
}

int64_t trouble_today(const struct trouble *t, int64_t at)
{
    int64_t const locked_at = t->account.locked_at, today = zone_day(t->zone, at);

    if (!locked_at) return today;
    int64_t const locked_day = zone_day(t->zone, locked_at);
    int64_t const stood = locked_day > t->dates.debt_day ? locked_day : t->dates.debt_day;
    return stood < today ? stood : today;
}

enum status trouble_store(struct ctx *cx, struct trouble *t)
{
    if (t->exists)
        TRY(dunning_put(cx, NULL, .account_id = t->m.account_id, .charge_id = t->d.charge_id,
                        .debt_day = t->dates.debt_day, .grace_until_day = t->dates.grace_until_day,
                        .hold_until_day = t->dates.hold_until_day,
                        .retries_done = t->dates.retries_done,
                        .reminders_done = t->dates.reminders_done,
                        .quick_retries = t->d.quick_retries, .look_ups = t->d.look_ups));
    return membership_store(cx, &t->m);
}

enum status trouble_remove(struct ctx *cx, struct trouble *t)
{
    t->exists = false;
    return dunning_remove(cx, NULL, .account_id = t->m.account_id);
}

void trouble_due(struct trouble *t, enum membership_step step, int64_t day, int64_t at)
{
    membership_due(&t->m, step, t->zone, day);
    if (t->m.due_at < at) membership_due_at(&t->m, step, at);
}

void trouble_next(struct trouble *t, int64_t at)
{
    struct dunning_next const next =
        dunning_next(&t->rules, (enum membership_state)t->m.state, &t->dates);

    trouble_due(t, next.step, next.day, at);
}

static enum status charge_of(struct ctx *cx, int64_t charge_id, struct charge *c)
{
    return charge_by_id(cx, c, &NO_SUCH_CHARGE, .charge_id = charge_id);
}

/* False when the catalog cannot rate it: then nothing can be charged today. */
static bool rate_today(const struct catalog *cat, const struct trouble *t, int64_t today,
                       struct rate_in *in, struct rated *r)
{
    *in = trouble_rate_in(t);
    in->anchor_day = today;
    in->recovered = true;
    return rate_period(cat, in, r) == NULL;
}

enum status trouble_ahead(struct ctx *cx, const struct trouble *t, struct charge **c, size_t *n)
{
    return charges_ahead(cx, c, n, .account_id = t->m.account_id, .term = t->m.term, .max = 1);
}

enum status trouble_first_charge(struct ctx *cx, const struct trouble *t,
                                 const struct trouble_first *f, int64_t *charge_id)
{
    TRY(db_id(cx, charge_id));
    struct charge_add_all_in const row = {.charge_id = *charge_id,
                                          .account_id = t->m.account_id,
                                          .term = f->term,
                                          .kind = CHARGE_RENEWAL,
                                          .due_on_day = f->rated->start_day,
                                          .amount_minor = f->rated->total_minor,
                                          .currency = f->rated->currency,
                                          .wanted_at = f->at,
                                          .catalog_version = f->catalog_version};
    return charge_add_all(cx, &row, 1, NULL);
}

static enum status make_hold_charge(struct ctx *cx, const struct trouble *t, const struct rated *r,
                                    int64_t version, int64_t at, struct charge *c)
{
    struct trouble_first const first = {r, t->m.term + 1, version, at};
    int64_t id;

    TRY(trouble_first_charge(cx, t, &first, &id));
    return charge_of(cx, id, c);
}

/* A charge on hold is made `wanted` with no attempt begun; in grace it already exists. */
static enum status hold_charge(struct ctx *cx, const struct catalog *cat, const struct trouble *t,
                               int64_t at, struct charge *c, bool *open)
{
    int64_t const today = zone_day(t->zone, at);
    struct charge *rows;
    struct rate_in in;
    struct rated r;
    bool waits;
    size_t n;

    TRY(trouble_ahead(cx, t, &rows, &n));
    if (n) {
        *c = rows[0];
        *open = c->charge_state == CHARGE_FAILED;
        if (!*open) return OK;
    }
    TRY(retire_comes_first(cx, cat, t, at, &waits));
    *open = !waits && rate_today(cat, t, today, &in, &r);
    if (!*open) return OK;
    if (!n) TRY(make_hold_charge(cx, t, &r, cat->version, at, c));
    TRY(quote_keep(cx, c->account_id, c->charge_id, &in));
    if (!n) return OK;
    c->amount_minor = r.total_minor;
    c->due_on_day = today;
    return charge_rerate(cx, NULL, .charge_id = c->charge_id, .amount_minor = r.total_minor,
                         .due_on_day = today, .catalog_version = cat->version);
}

static bool in_flight(const struct charge *c)
{
    return c->charge_state == CHARGE_WANTED || c->charge_state == CHARGE_UNKNOWN;
}

enum status trouble_in_flight(struct ctx *cx, const struct trouble *t, bool *flies,
                              struct charge *c)
{
    struct charge *hold;
    size_t n;

    TRY(charge_of(cx, t->d.charge_id, c));
    *flies = in_flight(c);
    if (*flies || t->m.state != M_HOLD) return OK;
    TRY(trouble_ahead(cx, t, &hold, &n));
    if (n && in_flight(hold)) {
        *c = *hold;
        *flies = true;
    }
    return OK;
}

/* A method that a bank disputes is not used (SPEC I-06), and there was no other. */
enum status trouble_held_back(struct ctx *cx, const struct trouble *t, const char **why)
{
    bool disputed = false;
    struct charge c;

    *why = "";
    if (!t->exists) return OK;
    TRY(charge_of(cx, t->d.charge_id, &c));
    if (c.charge_state == CHARGE_FAILED && !c.attempts && strcmp(c.code, METHOD_UNUSABLE) == 0)
        TRY(dispute_is_open(cx, t->m.account_id, &disputed));
    if (disputed) *why = HELD_BY_DISPUTE;
    return OK;
}

enum status trouble_charge(struct ctx *cx, const struct catalog *cat, struct trouble *t, int64_t at,
                           struct charge *c, bool *open)
{
    if (t->m.state == M_HOLD) return hold_charge(cx, cat, t, at, c, open);
    TRY(charge_of(cx, t->d.charge_id, c));
    *open = c->charge_state == CHARGE_FAILED;
    return OK;
}

enum status trouble_want(struct ctx *cx, struct charge *c, int64_t method_id,
                         enum recovery recovery, int64_t at)
{
    struct charge_wanted_add_all_in const wanted = {c->charge_id, c->account_id};

    TRY(spend_take(cx, c, at));
    if (c->amount_minor == 0) method_id = 0;
    TRY(charge_want(cx, NULL, .charge_id = c->charge_id,
                    .attempts = c->attempts + (method_id ? 1 : 0), .method_id = method_id,
                    .attempt_at = at, .recovered_by = recovery));
    return charge_wanted_add_all(cx, &wanted, 1, NULL);
}

enum status trouble_close_debt(struct ctx *cx, struct trouble *t, int64_t series, int64_t at)
{
    struct charge unpaid, *hold;
    int64_t note;
    size_t n;

    if (!t->exists) return OK;
    TRY(charge_of(cx, t->d.charge_id, &unpaid));
    if (unpaid.term <= t->m.term) { /* a resume that was refused is not invoiced */
        TRY(invoice_credit(cx, unpaid.charge_id, series, at, &note));
        if (SABOTAGE("credit_twice")) TRY(invoice_credit(cx, unpaid.charge_id, series, at, &note));
        TRY(charge_close(cx, NULL, .charge_id = unpaid.charge_id, .charge_state = CHARGE_CREDITED,
                         .credit_note_id = note));
    }
    TRY(trouble_ahead(cx, t, &hold, &n));
    if (n)
        TRY(charge_close(cx, NULL, .charge_id = hold->charge_id, .charge_state = CHARGE_CANCELED,
                         .credit_note_id = 0));
    return trouble_remove(cx, t);
}

/* What is not served is not billed any more, and uses up no credit (SPEC E-16, E-20, J-08). */
enum status trouble_hold(struct ctx *cx, struct trouble *t, const char *code, int64_t at)
{
    struct charge unpaid;

    if (t->exists) {
        TRY(charge_of(cx, t->d.charge_id, &unpaid));
        TRY(spend_undo(cx, &unpaid, at));
    }
    TRY(membership_move(cx, &t->m, MEV_GRACE_OVER, at, code, NULL));
    return retire_on_hold(cx, t, at);
}

enum status trouble_move(struct ctx *cx, struct trouble *t, const struct trouble_end *e)
{
    unsigned effects;

    TRY(membership_move(cx, &t->m, e->event, e->at, e->reason, &effects));
    if ((effects & FX_CLOSE_DEBT) && !SABOTAGE("debt_kept"))
        TRY(trouble_close_debt(cx, t, e->series, e->at));
    if (!(effects & FX_RETENTION)) return OK;
    t->m.end_day = e->end_day;
    if (!SABOTAGE("slots_outlive")) t->m.slots = 0;
    TRY(change_drop(cx, &t->m));
    TRY(slots_end(cx, NULL, .account_id = t->m.account_id, .end_day = e->end_day));
    t->m.retention_until_day = day_add_months(e->end_day, t->rules.retention_months);
    t->m.period_plan = t->m.plan; /* an undone restart brings it back */
    t->m.biller = "direct";       /* a partner's part is over: who comes back chooses anew */
    erase_plan(t, e->at);
    return OK;
}
