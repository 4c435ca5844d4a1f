/* renewal: books the periods that fall due, many in one durable commit: invoice, charge and the
 * wish to collect it. What cannot be rated is skipped with its reason and tried again the next day,
 * so
 * that no input ever stops the engine (DESIGN "What must stay true" 2).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "base/zone.h"
#include "billing/billing.h"
#include "billing/invoice.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/spend.h"
#include "renewal_sql.h"

/* What one transaction will write, by table. */
struct booking {
    struct invoices invoices;
    struct spending spending;
    struct charge_add_all_in *charges;
    struct charge_wanted_new_all_in *wanted;
    struct renewal_book_all_in *booked;
    struct renewal_skip_all_in *skipped;
    struct renewal_postpone_all_in *postponed;
    struct plan_change_settle_all_in *changed; /* those who get the plan they have chosen */
    size_t n, n_skipped, skips_room, n_postponed, n_changed;
};

static void begin(struct ctx *cx, struct booking *b, size_t n)
{
    invoices_begin(cx->arena, &b->invoices, n);
    b->charges = arena_array(cx->arena, struct charge_add_all_in, n);
    b->wanted = arena_array(cx->arena, struct charge_wanted_new_all_in, n);
    b->booked = arena_array(cx->arena, struct renewal_book_all_in, n);
    b->skips_room = n;
    b->skipped = arena_array(cx->arena, struct renewal_skip_all_in, n);
    b->changed = arena_array(cx->arena, struct plan_change_settle_all_in, n);
    b->postponed = arena_array(cx->arena, struct renewal_postpone_all_in, n);
}

static void note_skip(struct ctx *cx, struct booking *b, const struct renewal *m, int64_t k,
                      int64_t at, const char *reason)
{
    if (b->n_skipped == b->skips_room) {
        b->skips_room *= 2;
        struct renewal_skip_all_in *more =
            arena_array(cx->arena, struct renewal_skip_all_in, b->skips_room);

        memcpy(more, b->skipped, b->n_skipped * sizeof *more);
        b->skipped = more;
    }
    b->skipped[b->n_skipped++] = (struct renewal_skip_all_in){
        m->account_id, m->term, k, period_start_day(m->anchor_day, k), reason, at};
}

static void postpone(struct ctx *cx, struct booking *b, const struct renewal *m, int64_t at,
                     const char *reason)
{
    note_skip(cx, b, m, m->k + 1, at, reason);
    b->postponed[b->n_postponed++] = (struct renewal_postpone_all_in){
        at + DAY_MS, divide_down(at + DAY_MS, DAY_MS), m->account_id, m->version};
}

static enum status add(struct ctx *cx, const struct shift *s, struct booking *b,
                       const struct renewal *m)
{
    int64_t const at = s->test_clock ? m->due_at : cx->now;
    const struct zone *z;
    struct rated r;
    int64_t id, credit_minor;
    bool waits;

    TRY(zone_find(m->zone, &z, cx->err));
    int64_t const open = period_after_lock(m->anchor_day, m->k + 1,
                                           m->unlocked_at ? zone_day(z, m->unlocked_at) : 0);
    struct rate_in const in = {
        .plan = *m->next_plan ? m->next_plan : m->plan,
        .country = m->country,
        .region = m->region,
        .anchor_day = m->anchor_day,
        .k = period_after_outage(cx->settings, m->anchor_day, open, zone_day(z, at)),
        .first = m->term == 1,
        .shifted = m->term > 1 && m->k < 0,
        .slots = m->slots,
        .plan_before = *m->period_plan ? m->period_plan : m->plan,
        .slots_before = m->period_slots,
        .prices = {m->price_known_day, m->price_new_day, m->price_from_day},
    };
    const struct fault *fault = rate_period(s->catalog, &in, &r);
    if (fault) return postpone(cx, b, m, at, fault->code), OK;
    if (retire_is_over(s->catalog, in.plan, r.start_day)) {
        TRY(retire_waits(cx, m->account_id, in.plan, r.start_day, at, &waits));
        if (waits) return postpone(cx, b, m, at, "plan.retired"), OK;
    }
    for (int64_t k = m->k + 1; k < in.k; k++)
        note_skip(cx, b, m, k, at, k < open ? "account.locked" : "renewal.missed");
    TRY(db_id(cx, &id));
    invoices_add(cx, &b->invoices, &r, id, m->account_id, s->catalog->version, at);
    struct credit_move const invoice = {.account_id = m->account_id,
                                        .amount_minor = r.total_minor,
                                        .currency = r.currency,
                                        .cause_id = id,
                                        .at = at};
    TRY(spending_add(cx, &b->spending, &invoice, &credit_minor));
    bool const by_method = credit_minor < r.total_minor;
    b->charges[b->n] = (struct charge_add_all_in){.charge_id = id,
                                                  .account_id = m->account_id,
                                                  .term = m->term,
                                                  .k = in.k,
                                                  .kind = CHARGE_RENEWAL,
                                                  .due_on_day = r.start_day,
                                                  .amount_minor = r.total_minor - credit_minor,
                                                  .credit_minor = credit_minor,
                                                  .currency = r.currency,
                                                  .attempts = by_method && m->method_id ? 1 : 0,
                                                  .method_id = by_method ? m->method_id : 0,
                                                  .wanted_at = at,
                                                  .catalog_version = s->catalog->version};
    if (*m->next_plan)
        b->changed[b->n_changed++] = (struct plan_change_settle_all_in){CHANGE_DONE, m->account_id};
    b->wanted[b->n] = (struct charge_wanted_new_all_in){id, m->account_id};
    int64_t const next_at = zone_day_start(z, r.end_day), due_at = next_at > at ? next_at : at;
    b->booked[b->n++] = (struct renewal_book_all_in){
        in.k,          r.start_day, r.end_day, due_at, divide_down(due_at, DAY_MS),
        m->account_id, m->version};
    return OK;
}

static enum status write(struct ctx *cx, const struct shift *s, struct booking *b)
{
    int64_t changed, postponed;

    TRY(renewal_book_all(cx, b->booked, b->n, &changed));
    TRY(renewal_postpone_all(cx, b->postponed, b->n_postponed, &postponed));
    if (changed != (int64_t)b->n || postponed != (int64_t)b->n_postponed)
        return fail(cx->err, &MEMBERSHIP_CHANGED, NULL);
    TRY(renewal_skip_all(cx, b->skipped, b->n_skipped, NULL));
    TRY(invoices_write(cx, &b->invoices, s->lease->first));
    TRY(charge_add_all(cx, b->charges, b->n, NULL));
    TRY(plan_change_settle_all(cx, b->changed, b->n_changed, NULL));
    TRY(spending_write(cx, &b->spending));
    return charge_wanted_new_all(cx, b->wanted, b->n - (SABOTAGE("wish_lost") && b->n > 3), NULL);
}

static enum status look_for_credit(struct ctx *cx, const struct shift *s, struct booking *b,
                                   const struct renewal *due, size_t n)
{
    struct credit_left_due_in const in = {.due_day = s->due_day,
                                          .until_at = s->until_at,
                                          .first = s->lease->first,
                                          .last = s->lease->last,
                                          .last_account_id = due[n - 1].account_id};
    bool anybody = false;

    for (size_t i = 0; i < n && !anybody; i++) anybody = due[i].has_credit;
    return spending_begin(cx, &b->spending, &in, n, anybody);
}

enum status billing_book_renewals(struct ctx *cx, const struct shift *s, size_t *done)
{
    TX tx = {0};
    struct renewal *due;
    size_t n;
    struct booking b = {0};

    *done = 0;
    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(renewals_due(cx, &due, &n, .due_day = s->due_day, .until_at = s->until_at,
                     .first = s->lease->first, .last = s->lease->last, .max = (int64_t)s->max));
    if (n == 0) return OK;
    TRY(lease_check(cx, s->machine, s->lease));
    begin(cx, &b, n);
    TRY(look_for_credit(cx, s, &b, due, n));
    for (size_t i = 0; i < n; i++) TRY(add(cx, s, &b, &due[i]));
    TRY(write(cx, s, &b));
    TRY(tx_commit(&tx));
    *done = n;
    return OK;
}
