/* owner: what owners ask of billing - to end, to pay now, to see what comes next.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/credit.h"
#include "billing/dispute.h"
#include "billing/invoice.h"
#include "billing/pending.h"
#include "billing/reach.h"
#include "billing/retire.h"
#include "db/outbox.h"
#include "history_sql.h"
#include "renewal_sql.h"

const struct names cancel_untils = NAMES("period_end", "credit");

const struct fault BILLING_NO_NEXT_CHARGE = {
    E_CONFLICT, "billing.no_next_charge",
    "No further charge is planned: the membership has ended, is ending or is billed by a partner."};
const struct fault BILLING_PAYMENT_IN_FLIGHT = {
    E_CONFLICT, "billing.payment_in_flight",
    "A payment is being made at this moment; try again when its answer is known."};

static enum status refuse_in_flight(struct ctx *cx, const struct trouble *t)
{
    struct charge c;
    bool flies;

    TRY(trouble_in_flight(cx, t, &flies, &c));
    return flies ? fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL) : OK;
}

/* Grace is served to its end, and what was never paid is taken back then (SPEC DT-2). */
static enum status cancel_in_grace(struct ctx *cx, struct trouble *t, const char *reason)
{
    TRY(refuse_in_flight(cx, t));
    TRY(membership_move(cx, &t->m, MEV_CANCEL, cx->now, reason, NULL));
    t->m.end_day = t->dates.grace_until_day;
    trouble_due(t, STEP_PERIOD_END, t->m.end_day, cx->now);
    return OK;
}

/* There is no access left to serve: over at once, the unpaid part taken back (SPEC E-18). */
static enum status cancel_on_hold(struct ctx *cx, struct trouble *t, const char *reason)
{
    struct trouble_end const e = {MEV_CANCEL, reason, cx->now, SERIES_BY_HAND,
                                  t->dates.grace_until_day};

    TRY(refuse_in_flight(cx, t));
    return trouble_move(cx, t, &e);
}

/* Access ended when the pause began, and nothing is charged (SPEC G-08). */
static enum status cancel_paused(struct ctx *cx, struct trouble *t, const char *reason)
{
    struct trouble_end const e = {MEV_CANCEL, reason, cx->now, SERIES_BY_HAND, t->m.period_end_day};

    t->m.pause_months = 0;
    return trouble_move(cx, t, &e);
}

/* While a renewal's outcome is unknown its look-ups go on; the end waits for them. */
static enum status cancel_paid(struct ctx *cx, struct trouble *t, const char *reason)
{
    TRY(membership_move(cx, &t->m, MEV_CANCEL, cx->now, reason, NULL));
    t->m.end_day = t->m.period_end_day;
    t->m.pause_months = 0;
    if (!t->exists && !SABOTAGE("charge_after_cancel"))
        membership_due(&t->m, STEP_PERIOD_END, t->zone, t->m.period_end_day);
    /* A locked membership may have outlived its period. */
    if (t->m.step == STEP_PERIOD_END && t->m.due_at < cx->now)
        membership_due_at(&t->m, STEP_PERIOD_END, cx->now);
    return OK;
}

static enum status cancel_now(struct ctx *cx, struct trouble *t, const char *reason)
{
    if (t->m.state == M_GRACE) return cancel_in_grace(cx, t, reason);
    if (t->m.state == M_HOLD) return cancel_on_hold(cx, t, reason);
    return t->m.state == M_PAUSED ? cancel_paused(cx, t, reason) : cancel_paid(cx, t, reason);
}

/* Until when the member's credit pays for whole periods from a first one on; 0: for none. */
static enum status credit_end(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              const struct rate_in *first, int64_t *end_day)
{
    int64_t credit;
    struct rated r;

    TRY(credit_balance(cx, t->m.account_id, &credit));
    const struct fault *fault = rate_period(c, first, &r);
    if (fault) return fail(cx->err, fault, NULL);
    bool const pays = r.total_minor > 0 && strcmp(r.currency, t->account.currency) == 0;
    *end_day = pays ? reach_end_day(c, first, credit) : 0;
    return OK;
}

/* The period after the booked one. */
static struct rate_in following(const struct trouble *t)
{
    struct rate_in in = trouble_rate_in(t);

    in.anchor_day = t->m.anchor_day;
    in.k = t->m.k + 1;
    in.first = t->m.term == 1;
    in.shifted = t->m.term > 1 && t->m.k < 0;
    return in;
}

/* The end lies after the paid period: at its end it goes on with credit (SPEC F-10). */
static enum status cancel_with_credit(struct ctx *cx, const struct catalog *c, struct trouble *t)
{
    struct rate_in const next = following(t);
    int64_t end_day;

    if (t->m.state != M_ACTIVE || t->exists) return fail(cx->err, &MEMBERSHIP_NOT_NOW, "until");
    TRY(credit_end(cx, c, t, &next, &end_day));
    if (!end_day) return fail(cx->err, &MEMBERSHIP_NO_CREDIT, "until");
    TRY(cancel_paid(cx, t, ""));
    t->m.end_day = end_day;
    return OK;
}

int64_t trouble_next_k(const struct ctx *cx, const struct trouble *t, int64_t at)
{
    int64_t const unlocked_at = t->account.unlocked_at, anchor = t->m.anchor_day;
    int64_t const open =
        period_after_lock(anchor, t->m.k + 1, unlocked_at ? zone_day(t->zone, unlocked_at) : 0);

    return period_after_outage(cx->settings, anchor, open, zone_day(t->zone, at));
}

/* A lock or an outage may have outlived what the owner was told to be the end. */
static bool end_is_ahead(const struct ctx *cx, const struct trouble *t, int64_t at)
{
    return period_start_day(t->m.anchor_day, trouble_next_k(cx, t, at)) < t->m.end_day;
}

/* Whether its owner chose to go on for as long as credit pays; grace and a partner's last day may
 * come later, too. */
static bool ends_with_credit(const struct trouble *t)
{
    return t->m.state == M_ENDING && !t->exists && !is_partner_billed(&t->m) &&
           t->m.end_day > t->m.period_end_day;
}

static enum status credit_carries(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                                  const struct rate_in *next, int64_t at, bool *on)
{
    int64_t credit_until;

    *on = false;
    enum status const s = credit_end(cx, c, t, next, &credit_until);
    if (s != OK) return s == E_CONFLICT ? OK : s;
    *on = credit_until && end_is_ahead(cx, t, at);
    return OK;
}

enum status cancel_goes_on(struct ctx *cx, const struct catalog *c, struct trouble *t, int64_t at,
                           bool *on)
{
    struct rate_in const next = following(t);

    *on = false;
    if (!ends_with_credit(t)) return OK;
    TRY(credit_carries(cx, c, t, &next, at, on));
    if (!*on) t->m.end_day = t->m.period_end_day;
    return OK;
}

enum status cancel_reaches_further(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct rate_in next;
    struct trouble t;
    int64_t end_day;

    TRY(trouble_load(cx, account_id, &t));
    if (!ends_with_credit(&t) || t.account.delete_on_day) return OK;
    next = following(&t);
    enum status const s = credit_end(cx, c, &t, &next, &end_day);
    if (s == E_CONFLICT || (s == OK && end_day <= t.m.end_day)) return OK;
    TRY(s);
    t.m.end_day = end_day;
    return trouble_store(cx, &t);
}

static enum status store_end(struct ctx *cx, struct trouble *t, struct membership *out)
{
    t->m.cancel_started_at = 0;
    TRY(trouble_store(cx, t));
    *out = t->m;
    return cancel_tell(cx, &t->m,
                       t->m.state == M_ENDING ? "membership.ending" : "membership.canceled");
}

enum status billing_cancel_until(struct ctx *cx, const struct catalog *c, int64_t account_id,
                                 enum cancel_until until, struct membership *out)
{
    TX tx = {0};
    struct trouble t;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    trouble_in_country(&t, c);
    if (is_partner_billed(&t.m)) return fail(cx->err, &MEMBERSHIP_NOT_NOW, "biller");
    TRY(until == UNTIL_CREDIT ? cancel_with_credit(cx, c, &t) : cancel_now(cx, &t, ""));
    TRY(store_end(cx, &t, out));
    return tx_commit(&tx);
}

enum status billing_end_because(struct ctx *cx, struct trouble *t, const char *reason)
{
    struct membership ended;

    TRY(cancel_now(cx, t, reason));
    return store_end(cx, t, &ended);
}

enum status billing_cancel(struct ctx *cx, const struct catalog *c, int64_t account_id,
                           struct membership *out)
{
    return billing_cancel_until(cx, c, account_id, UNTIL_PERIOD_END, out);
}

enum status billing_try_now(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            int64_t method_id)
{
    TX tx = {0};
    struct trouble t;
    struct charge charge;
    bool open;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    if ((t.m.state != M_GRACE && t.m.state != M_HOLD) || t.account.locked_at) return tx_commit(&tx);
    TRY(retire_first(cx, c, &t, cx->now));
    TRY(trouble_charge(cx, c, &t, cx->now, &charge, &open));
    if (open) {
        TRY(trouble_want(cx, &charge, method_id, RECOVERED_MEMBER, cx->now));
        /* Touching the row makes a race with a worker's batch a write conflict. */
        TRY(membership_store(cx, &t.m));
    }
    return tx_commit(&tx);
}

/* The first charge of a term that begins on that day. */
static void begin_term(struct rate_in *in, int64_t day)
{
    in->anchor_day = day;
    in->k = 0;
    in->first = in->shifted = false;
    in->recovered = true;
}

const struct fault BILLING_NO_METHOD = {
    E_CONFLICT, "billing.no_method",
    "No payment method of the account can be charged; add one, or update the one that was "
    "refused."};
const struct fault BILLING_NO_RETRY = {E_CONFLICT, "billing.no_retry",
                                       "Nothing is tried by itself any more; add or update a "
                                       "payment method, and it is tried at once."};
const struct fault BILLING_DISPUTED = {
    E_CONFLICT, "billing.disputed",
    "While a bank disputes a charge nothing is tried by itself; settle that with the bank, or add "
    "another payment method, which is tried at once."};

enum status billing_waits(struct ctx *cx, const struct membership *m, int64_t method_minor,
                          const struct fault **why)
{
    bool const unpaid = m->state == M_GRACE || m->state == M_HOLD;
    struct history_method_row *usable;
    bool disputed;
    size_t n;

    *why = NULL;
    if (!unpaid || m->step == STEP_LOOK_UP) return OK;
    TRY(history_method(cx, &usable, &n, .account_id = m->account_id, .max = 1));
    TRY(dispute_is_open(cx, m->account_id, &disputed));
    *why = m->state == M_HOLD && m->step != STEP_RETRY ? &BILLING_NO_RETRY
           : disputed                                  ? &BILLING_DISPUTED
           : n == 0 && method_minor > 0                ? &BILLING_NO_METHOD
                                                       : NULL;
    return OK;
}

/* On hold a term begins when it is paid: by the next retry, or today by hand. */
static int64_t recovery_day(const struct trouble *t, int64_t today)
{
    int64_t const retry = t->m.step == STEP_RETRY ? zone_day(t->zone, t->m.due_at) : today;

    return retry > today ? retry : today;
}

/* Faults: BILLING_NO_NEXT_CHARGE. */
static enum status rate_by_state(struct ctx *cx, const struct trouble *t, struct rate_in *in)
{
    int64_t const unlocked_at = t->account.unlocked_at;

    *in = following(t);
    if (t->m.state == M_PAUSED || (t->m.state == M_ACTIVE && t->m.pause_months))
        return begin_term(in, pause_until_day(&t->m)), OK;
    if (t->m.state == M_HOLD)
        return begin_term(in, recovery_day(t, zone_day(t->zone, cx->now))), OK;
    if (t->m.state == M_GRACE) { /* as it was booked */
        in->k = t->m.k;
        in->plan = t->m.plan;
        in->slots = in->slots_before = t->m.period_slots;
        return OK;
    }
    if (t->m.state != M_ACTIVE && !ends_with_credit(t))
        return fail(cx->err, &BILLING_NO_NEXT_CHARGE, NULL);
    in->k =
        period_after_lock(in->anchor_day, in->k, unlocked_at ? zone_day(t->zone, unlocked_at) : 0);
    return OK;
}

enum status trouble_next_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              struct rate_in *in)
{
    bool on = true;

    if (is_partner_billed(&t->m)) return fail(cx->err, &BILLING_NO_NEXT_CHARGE, NULL);
    TRY(rate_by_state(cx, t, in));
    TRY(retire_foresee(cx, c, t, in));
    if (t->m.state == M_ENDING) TRY(credit_carries(cx, c, t, in, cx->now, &on));
    return on ? OK : fail(cx->err, &BILLING_NO_NEXT_CHARGE, NULL);
}

enum status billing_preview(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            struct rated *out)
{
    struct trouble t;
    struct rate_in in;

    TRY(trouble_load(cx, account_id, &t));
    TRY(account_refuse_locked(cx, &t.account));
    TRY(trouble_next_rate(cx, c, &t, &in));
    const struct fault *fault = rate_period(c, &in, out);
    return fault ? fail(cx->err, fault, NULL) : OK;
}

enum status billing_unpaid_until(struct ctx *cx, const struct catalog *c, int64_t account_id,
                                 int64_t *charge_day, int64_t *until_day)
{
    struct trouble t;

    TRY(trouble_load(cx, account_id, &t));
    trouble_in_country(&t, c);
    *charge_day = t.m.state == M_ACTIVE ? t.m.period_end_day : 0;
    *until_day = t.m.state == M_GRACE ? t.dates.grace_until_day : t.m.end_day;
    if (t.m.state == M_ACTIVE)
        *until_day = dunning_begin(&t.rules, t.m.period_end_day).grace_until_day;
    return OK;
}

enum status billing_first_due(struct ctx *cx, const struct lease *l, int64_t from_day,
                              int64_t until_at, int64_t *day)
{
    struct first_due_row *rows;
    size_t n;

    TRY(first_due_of(cx, &rows, &n, .from_day = from_day, .until_at = until_at,
                     .first = l ? l->first : 0, .last = l ? l->last : BUCKETS - 1, .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}
