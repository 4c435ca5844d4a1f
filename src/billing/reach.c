/* reach: walks from charge to charge until credit is used up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/reach.h"

#include "billing/credit.h"
#include "billing/dunning.h"

/* Fifty years; cards for more are not sold. */
enum { PERIODS_MAX = 600 };

/* The period after the one that `in` is about, as it would be booked if nothing changes. */
static void go_on(struct rate_in *in)
{
    in->k++;
    in->recovered = in->shifted = false;
    in->plan_before = in->plan;
    in->slots_before = in->slots;
}

static void walk(const struct catalog *c, struct rate_in in, int64_t first_owed, struct reach *out)
{
    int64_t left = out->balance_minor;
    struct rated r;

    for (int i = 0; i < PERIODS_MAX; i++, go_on(&in)) {
        if (rate_period(c, &in, &r)) return;
        int64_t const owed = i == 0 && first_owed >= 0 ? first_owed : r.total_minor;

        if (owed > left) {
            out->short_day = r.start_day;
            out->short_minor = owed - left;
            return;
        }
        left -= owed;
        out->until_day = r.end_day - 1;
    }
}

/* What is still open of the unpaid renewal, which credit may have paid in part; -1: nothing is. */
static enum status open_minor(struct ctx *cx, const struct trouble *t, int64_t *minor)
{
    struct charge c;
    bool flies;

    *minor = -1;
    if (t->m.state != M_GRACE) return OK;
    TRY(trouble_in_flight(cx, t, &flies, &c));
    *minor = c.amount_minor;
    return OK;
}

enum status reach_of(struct ctx *cx, const struct catalog *c, int64_t account_id, struct reach *out)
{
    struct trouble t;
    struct rate_in in;
    int64_t open;

    *out = (struct reach){0};
    TRY(trouble_load(cx, account_id, &t));
    TRY(credit_balance(cx, account_id, &out->balance_minor));
    enum status const st = trouble_next_rate(cx, &t, &in);
    if (st == E_CONFLICT) return OK;
    TRY(st);
    TRY(open_minor(cx, &t, &open));
    walk(c, in, open, out);
    return OK;
}

/* Whether credit pays for all of the charge that an attempt now would be for. */
static enum status is_enough(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                             bool *enough)
{
    int64_t left, open;
    struct rate_in in;
    struct charge flying;
    struct rated r;
    bool flies;

    *enough = false;
    TRY(trouble_in_flight(cx, t, &flies, &flying));
    TRY(trouble_next_rate(cx, t, &in));
    if (flies || rate_period(c, &in, &r)) return OK;
    TRY(open_minor(cx, t, &open));
    TRY(credit_balance(cx, t->m.account_id, &left));
    *enough = left >= (open >= 0 ? open : r.total_minor);
    return OK;
}

enum status reach_release(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct trouble t;
    struct charge charge;
    bool enough, open;

    TRY(trouble_load(cx, account_id, &t));
    if (t.m.state != M_GRACE && t.m.state != M_HOLD) return OK;
    TRY(is_enough(cx, c, &t, &enough));
    if (!enough) return OK;
    TRY(trouble_charge(cx, c, &t, cx->now, &charge, &open));
    if (!open) return OK;
    TRY(trouble_want(cx, &charge, 0, RECOVERED_MEMBER, cx->now));
    return membership_store(cx, &t.m); /* a race with a worker's batch is a write conflict */
}
