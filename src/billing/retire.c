/* retire: acts when the plan ends. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire.h"

#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/retiring.h"

enum { HOUR_IN_MS = 3600000 };

enum status retire_is_asked(struct ctx *cx, const struct membership *m, bool *asked)
{
    struct retirement *row;

    TRY(retiring_find(cx, m->account_id, m->plan, &row));
    *asked = row != NULL;
    return OK;
}

enum status retiring_move(struct ctx *cx, struct retiring *r, const struct plan *to)
{
    bool const chosen = strcmp(to->code, r->row->chosen_plan) == 0;
    struct actor const by = {.role = (enum role)r->row->actor_role,
                             .id = r->row->actor_id,
                             .surface = (enum surface)r->row->actor_surface,
                             .device = r->row->device,
                             .network = r->row->network};
    struct change_to const change = {to, r->start_day, chosen ? &by : NULL, r->row->chosen_at};

    if (strcmp(r->t.m.next_plan, to->code) == 0) return OK;
    TRY(change_schedule(cx, r->c, &r->t, &change));
    return trouble_store(cx, &r->t);
}

/* Whoever ends already, but goes on for as long as credit pays, ends with this period. */
static enum status end(struct ctx *cx, struct retiring *r)
{
    if (r->t.m.state != M_ENDING) return billing_end_because(cx, &r->t, "plan.retired");
    if (r->t.exists || r->t.m.end_day <= r->t.m.period_end_day) return OK; /* a grace may last */
    r->t.m.end_day = r->t.m.period_end_day;
    trouble_due(&r->t, STEP_PERIOD_END, r->t.m.end_day, cx->now);
    return trouble_store(cx, &r->t);
}

/* The day of what comes next: the hold after a grace, the end of the period, or the retirement. */
static int64_t next_turn(const struct retiring *r, int64_t at)
{
    const struct membership *m = &r->t.m;
    int64_t const grace_day = r->t.dates.grace_until_day;

    if (retiring_rests(r, at)) return r->row->applies_day;
    return m->state == M_GRACE && grace_day < m->period_end_day ? grace_day : m->period_end_day;
}

/* When to look again at a member for whom nothing is to be done now; 0: never. */
static int64_t look_at(const struct retiring *r, int64_t at)
{
    int64_t const start_at = zone_day_start(r->t.zone, next_turn(r, at));

    if (retiring_is_time(r, at) || retiring_rests(r, at)) {
        if (at < start_at - DAY_MS) return start_at - DAY_MS; /* another period may run by then */
    }
    return start_at > at ? start_at : at + DAY_MS;
}

/* Whether the retirement is over for the member: it has another plan or none, or the catalog keeps
 * the plan after all. */
static bool is_done(const struct retiring *r, const struct retirement *row)
{
    const struct plan *p = catalog_plan(r->c, row->plan);

    return !retiring_lives(&r->t.m) || strcmp(row->plan, r->t.m.plan) != 0 ||
           (p && !p->retired_day);
}

/* Nothing is decided while a payment is on its way or the account is locked. */
static enum status must_wait(struct ctx *cx, const struct retiring *r, bool *waits)
{
    bool flies;

    TRY(change_flies(cx, r->t.m.account_id, &flies));
    *waits = flies || r->t.account.locked_at || r->t.m.state == M_PENDING;
    return OK;
}

static enum status act(struct ctx *cx, struct retiring *r, int64_t at, int64_t *next_at)
{
    const struct plan *to = retiring_place(r);
    bool const planned = *r->t.m.next_plan && strcmp(r->t.m.next_plan, r->row->plan) != 0;
    bool waits;

    TRY(must_wait(cx, r, &waits));
    if (waits) return *next_at = at + HOUR_IN_MS, OK;
    *next_at = look_at(r, at);
    if (planned || !retiring_is_time(r, at) || SABOTAGE("retired_goes_on")) return OK;
    if (to) return retiring_move(cx, r, to);
    int64_t const last_at = zone_day_start(r->t.zone, r->t.m.period_end_day) - DAY_MS;
    return !retiring_rests(r, at) && at < last_at ? OK : end(cx, r);
}

enum status retire_act(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct ctx then = *cx;
    struct retirement *rows;
    struct retiring r;
    int64_t next_at = 0;
    size_t n;

    then.now = at;
    TRY(retiring_load(cx, c, e->account_id, at, &r));
    if (!r.country) return errand_plan(cx, e->account_id, ERRAND_RETIRE, 0, at + DAY_MS);
    TRY(retirements_of(cx, &rows, &n, .account_id = e->account_id, .max = RETIREMENTS_MAX));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].closed_at) continue;
        if (is_done(&r, &rows[i])) {
            TRY(retirement_close(cx, NULL, .account_id = e->account_id, .plan = rows[i].plan,
                                 .closed_at = at));
            continue;
        }
        retiring_about(&r, &rows[i]);
        TRY(act(&then, &r, at, &next_at));
    }
    return next_at ? errand_plan(cx, e->account_id, ERRAND_RETIRE, 0, next_at) : OK;
}

enum status retire_waits(struct ctx *cx, int64_t account_id, const char *plan, int64_t start_day,
                         int64_t at, bool *waits)
{
    struct retirement *row;

    TRY(retiring_find(cx, account_id, plan, &row));
    *waits = row && row->applies_day <= start_day && !SABOTAGE("retired_goes_on");
    return *waits ? errand_plan(cx, account_id, ERRAND_RETIRE, 0, at) : OK;
}

enum status retire_comes_first(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                               int64_t at, bool *waits)
{
    const char *plan = trouble_rate_in(t).plan;
    int64_t const today = zone_day(t->zone, at);

    *waits = false;
    if (!retire_is_over(c, plan, today)) return OK;
    return retire_waits(cx, t->m.account_id, plan, today, at, waits);
}

enum status retire_first(struct ctx *cx, const struct catalog *c, struct trouble *t, int64_t at)
{
    struct errand const e = {.account_id = t->m.account_id};
    struct ctx system = *cx; /* it is nobody's wish */
    struct retiring r;
    bool waits;

    if (t->m.state != M_HOLD && t->m.state != M_PAUSED) return OK;
    TRY(retire_comes_first(cx, c, t, at, &waits));
    if (!waits) return OK;
    TRY(retiring_load_open(cx, c, e.account_id, &r));
    if (!r.country || !r.row || !retiring_place(&r)) return OK;
    system.actor = (struct actor){.role = ROLE_SYSTEM};
    TRY(retire_act(&system, c, &e, at));
    TRY(trouble_load(cx, e.account_id, t));
    trouble_in_country(t, c);
    return OK;
}

enum status retire_looks_again(struct ctx *cx, const struct membership *m)
{
    struct retirement *row;

    TRY(retiring_find(cx, m->account_id, m->plan, &row));
    return row ? errand_plan(cx, m->account_id, ERRAND_RETIRE, 0, cx->now) : OK;
}

enum status retire_on_hold(struct ctx *cx, struct trouble *t, int64_t at)
{
    struct ctx then = *cx;
    struct retirement *row;

    if (!*t->m.next_plan) return OK;
    TRY(retiring_find(cx, t->m.account_id, t->m.plan, &row));
    if (!row || retiring_is_over(t, row, at)) return OK;
    if (strcmp(t->m.next_plan, row->chosen_plan) != 0 && strcmp(t->m.next_plan, row->to_plan) != 0)
        return OK; /* a change that the owner wants of their own */
    then.now = at;
    TRY(change_withdraw(&then, t));
    return errand_plan(cx, t->m.account_id, ERRAND_RETIRE, 0, at);
}

enum status retire_foresee(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                           struct rate_in *in)
{
    int64_t const start_day = period_start_day(in->anchor_day, in->k);
    struct retiring r;

    if (t->m.state == M_GRACE || !retire_is_over(c, in->plan, start_day)) return OK;
    r = (struct retiring){.c = c,
                          .country = catalog_country(c, t->account.country),
                          .t = *t,
                          .next_k = in->k,
                          .start_day = start_day};
    TRY(retiring_find(cx, t->m.account_id, in->plan, &r.row));
    if (!r.country || !r.row || r.row->applies_day > start_day) return OK;
    const struct plan *to = retiring_place(&r);
    if (!to) return fail(cx->err, &RETIRE_ENDS, NULL);
    in->plan = to->code;
    in->slots &= ~slots_lost(r.country, to, t->m.slots, retiring_prices_day(&r));
    return OK;
}
