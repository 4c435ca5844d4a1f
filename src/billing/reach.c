/* reach: walks from charge to charge until credit is used up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/reach.h"

#include <string.h>

#include "base/calendar.h"
#include "billing/credit.h"
#include "billing/retire.h"
#include "db/outbox.h"

/* Fifty years; cards for more are not sold. */
enum { PERIODS_MAX = 600, LATER_DAYS = 28 };

/* The period after the one that `in` is about, as it would be booked if nothing changes. */
static void go_on(struct rate_in *in)
{
    in->k++;
    in->recovered = in->shifted = false;
    in->plan_before = in->plan;
    in->slots_before = in->slots;
}

/* Whole periods from `in` on, each at its own price; the first costs what is still open of it. */
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

int64_t reach_end_day(const struct catalog *c, const struct rate_in *first, int64_t credit_minor)
{
    struct reach r = {.balance_minor = credit_minor};

    walk(c, *first, -1, &r);
    return r.until_day ? r.until_day + 1 : 0;
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

enum status reach_next(struct ctx *cx, const struct trouble *t, const struct rated *next,
                       int64_t *credit_minor)
{
    struct charge c = {.amount_minor = next->total_minor};
    int64_t left = 0;
    bool flies;

    if (t->m.state == M_GRACE) TRY(trouble_in_flight(cx, t, &flies, &c));
    if (t->m.has_credit && strcmp(t->account.currency, next->currency) == 0)
        TRY(credit_balance(cx, t->m.account_id, &left));
    *credit_minor = c.credit_minor + (left < c.amount_minor ? left : c.amount_minor);
    return OK;
}

/* Nothing falls due from that day on, however much credit there is. */
static void stop_at(int64_t end_day, struct reach *r)
{
    r->short_day = r->short_minor = 0;
    if (r->until_day >= end_day) r->until_day = end_day - 1;
}

enum status reach_of(struct ctx *cx, const struct catalog *c, int64_t account_id, struct reach *out)
{
    struct trouble t;
    struct rate_in in;
    int64_t open;

    *out = (struct reach){0};
    TRY(trouble_load(cx, account_id, &t));
    TRY(credit_balance(cx, account_id, &out->balance_minor));
    enum status const st = trouble_next_rate(cx, c, &t, &in);
    if (st == E_CONFLICT) return OK;
    TRY(st);
    TRY(open_minor(cx, &t, &open));
    walk(c, in, open, out);
    if (t.m.state == M_ENDING) stop_at(t.m.end_day, out);
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
    enum status const s = trouble_next_rate(cx, c, t, &in);
    if (s == E_CONFLICT) return OK; /* it ends with its plan */
    TRY(s);
    if (t->m.state == M_HOLD) in.anchor_day = zone_day(t->zone, cx->now);
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
    TRY(retire_first(cx, c, &t, cx->now)); /* another plan has another price */
    TRY(is_enough(cx, c, &t, &enough));
    if (!enough) return OK;
    TRY(trouble_charge(cx, c, &t, cx->now, &charge, &open));
    if (!open) return OK;
    TRY(trouble_want(cx, &charge, 0, RECOVERED_MEMBER, cx->now));
    return membership_store(cx, &t.m); /* a race with a worker's batch is a write conflict */
}

/* ---- running low ---- */

/* Where the charge is late, so is its notice: it is looked at again the next day, never at once. */
static enum status watch(struct ctx *cx, const struct trouble *t, int64_t charge_day, int64_t at)
{
    int64_t const due = zone_day_start(t->zone, charge_day - cx->settings->gift_low_notice_days);

    return errand_plan(cx, t->m.account_id, ERRAND_CREDIT_LOW, charge_day,
                       due > at ? due : at + DAY_MS);
}

enum status reach_watch_from(struct ctx *cx, int64_t account_id, int64_t at)
{
    return errand_plan_once(cx, account_id, ERRAND_CREDIT_LOW, 0, at);
}

static enum status tell_low(struct ctx *cx, const struct trouble *t, const struct rated *next,
                            int64_t left, int64_t at)
{
    char short_on[DAY_TEXT];

    return outbox_put(cx, "billing.credit_low", t->m.account_id, at,
                      json_pack("{s:I, s:s, s:s, s:I, s:I}", "balance_minor", (json_int_t)left,
                                "currency", next->currency, "short_on",
                                day_text(next->start_day, short_on), "charge_minor",
                                (json_int_t)next->total_minor, "short_minor",
                                (json_int_t)(next->total_minor - left)));
}

/* Where no charge is planned, credit waits; so does the notice. */
static enum status wait(struct ctx *cx, const struct trouble *t, int64_t at)
{
    if (t->m.state == M_CANCELED || t->m.state == M_DELETED || t->m.state == M_NONE) return OK;
    return errand_plan(cx, t->m.account_id, ERRAND_CREDIT_LOW, 0, at + LATER_DAYS * DAY_MS);
}

enum status reach_watch(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct rate_in in;
    struct trouble t;
    struct rated next;
    int64_t left;

    TRY(credit_balance(cx, e->account_id, &left));
    if (left <= 0) return OK;
    TRY(trouble_load(cx, e->account_id, &t));
    if (t.m.state != M_ACTIVE || trouble_next_rate(cx, c, &t, &in) != OK ||
        rate_period(c, &in, &next))
        return wait(cx, &t, at);
    int64_t const notice_day = next.start_day - cx->settings->gift_low_notice_days;
    if (e->subject != next.start_day)
        return watch(cx, &t, notice_day > zone_day(t.zone, at) ? next.start_day : next.end_day, at);
    if (next.total_minor > left) TRY(tell_low(cx, &t, &next, left, at));
    return watch(cx, &t, next.end_day, at);
}
