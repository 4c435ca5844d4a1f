/* owner: what owners ask of billing - to end, to pay now, to see what comes next.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "billing/dunning.h"
#include "billing/invoice.h"
#include "db/outbox.h"
#include "renewal_sql.h"

const struct fault BILLING_NO_NEXT_CHARGE = {
    E_CONFLICT, "billing.no_next_charge",
    "No further charge is planned: the membership has ended, is ending or is billed by a partner."};
const struct fault BILLING_PAYMENT_IN_FLIGHT = {
    E_CONFLICT, "billing.payment_in_flight",
    "A payment is being made at this moment; try again when its answer is known."};

static enum status tell_cancel(struct ctx *cx, const struct membership *m)
{
    char end[DAY_TEXT], keep[DAY_TEXT];

    return outbox_put(
        cx, m->state == M_ENDING ? "membership.ending" : "membership.canceled", m->account_id,
        cx->now,
        json_pack("{s:s, s:s, s:s}", "state", membership_states.at[m->state], "end_day",
                  day_text(m->end_day, end), "kept_until",
                  m->retention_until_day ? day_text(m->retention_until_day, keep) : ""));
}

/* Nothing paid is left to serve: over at once, the unpaid part taken back. */
static enum status cancel_unpaid(struct ctx *cx, struct trouble *t)
{
    int64_t const today = zone_day(t->zone, cx->now), grace_until = t->dates.grace_until_day;
    struct charge c;
    bool flies;

    TRY(trouble_in_flight(cx, t, &flies, &c));
    if (flies) return fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    bool const held = t->m.state == M_HOLD;
    TRY(membership_move(cx, &t->m, MEV_CANCEL, cx->now, "", NULL));
    TRY(trouble_close_debt(cx, t, SERIES_BY_HAND, cx->now));
    trouble_end(cx, t, held || today > grace_until ? grace_until : today);
    return OK;
}

/* While a renewal's outcome is unknown its look-ups go on; the end waits for them. */
static enum status cancel_paid(struct ctx *cx, struct trouble *t)
{
    TRY(membership_move(cx, &t->m, MEV_CANCEL, cx->now, "", NULL));
    t->m.end_day = t->m.period_end_day;
    if (!t->exists) membership_due(&t->m, STEP_PERIOD_END, t->zone, t->m.period_end_day);
    return OK;
}

enum status billing_cancel(struct ctx *cx, int64_t account_id, struct membership *out)
{
    TX tx = {0};
    struct trouble t;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    if (strcmp(t.m.biller, "direct") != 0) return fail(cx->err, &MEMBERSHIP_NOT_NOW, "biller");
    TRY(t.m.state == M_GRACE || t.m.state == M_HOLD ? cancel_unpaid(cx, &t) : cancel_paid(cx, &t));
    TRY(trouble_store(cx, &t));
    TRY(tell_cancel(cx, &t.m));
    *out = t.m;
    return tx_commit(&tx);
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
    if (t.m.state != M_GRACE && t.m.state != M_HOLD) return tx_commit(&tx);
    TRY(trouble_charge(cx, c, &t, cx->now, &charge, &open));
    if (open) {
        TRY(trouble_want(cx, &charge, method_id, RECOVERED_MEMBER, cx->now));
        /* Touching the row makes a race with a worker's batch a write conflict. */
        TRY(membership_store(cx, &t.m));
    }
    return tx_commit(&tx);
}

/* What the next charge is for: the next period; in grace the unpaid one; on hold a new term today.
 */
static enum status next_charge(struct ctx *cx, const struct trouble *t, struct rate_in *in)
{
    *in = (struct rate_in){t->m.plan,
                           t->account.country,
                           t->account.region,
                           t->m.anchor_day,
                           t->m.k + 1,
                           t->m.term == 1,
                           false};
    if (strcmp(t->m.biller, "direct") != 0) return fail(cx->err, &BILLING_NO_NEXT_CHARGE, NULL);
    switch ((enum membership_state)t->m.state) {
    case M_ACTIVE: return OK;
    case M_GRACE: in->k = t->m.k; return OK;
    case M_HOLD:
        in->anchor_day = zone_day(t->zone, cx->now);
        in->k = 0;
        in->first = false;
        in->recovered = true;
        return OK;
    case M_NONE:
    case M_PENDING:
    case M_PAUSED:
    case M_ENDING:
    case M_CANCELED:
    case M_DELETED: break;
    }
    return fail(cx->err, &BILLING_NO_NEXT_CHARGE, NULL);
}

enum status billing_preview(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            struct rated *out)
{
    struct trouble t;
    struct rate_in in;

    TRY(trouble_load(cx, account_id, &t));
    TRY(next_charge(cx, &t, &in));
    const struct fault *fault = rate_period(c, &in, out);
    return fault ? fail(cx->err, fault, NULL) : OK;
}

static const struct fault NO_MINIMUM = {E_INTERNAL, "billing.no_minimum", "MIN gave no row."};

enum status billing_first_due(struct ctx *cx, int64_t from_day, int64_t *day)
{
    struct first_due_row row;

    TRY(first_due(cx, &row, &NO_MINIMUM, .from_day = from_day));
    *day = row.first_day;
    return OK;
}

enum status billing_first_due_of(struct ctx *cx, const struct lease *l, int64_t from_day,
                                 int64_t *day)
{
    struct first_due_row *rows;
    size_t n;

    TRY(first_due_of(cx, &rows, &n, .from_day = from_day, .first = l->first, .last = l->last,
                     .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}
