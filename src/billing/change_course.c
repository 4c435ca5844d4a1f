/* change_course: what a plan change does to a membership, and what becomes of one that waits - for
 * its payment, for its date, or for its owner to think better of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "billing/change.h"
#include "billing/errand.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "db/outbox.h"

void change_switch(struct membership *m, const char *plan)
{
    if (!*m->period_plan) m->period_plan = m->plan;
    m->plan = plan;
}

void change_shift_in_memory(struct membership *m, int64_t new_end_day)
{
    m->term++;
    m->k = -1;
    m->anchor_day = m->period_end_day = new_end_day;
}

enum status change_shift(struct ctx *cx, struct trouble *t, int64_t new_end_day, const char *cause)
{
    TRY(slots_shift(cx, NULL, .account_id = t->m.account_id, .old_day = t->m.period_end_day,
                    .paid_day = new_end_day));
    change_shift_in_memory(&t->m, new_end_day);
    /* the renewal, or the pause that was decided */
    membership_due(&t->m, (enum membership_step)t->m.step, t->zone, new_end_day);
    TRY(retire_looks_again(cx, &t->m));
    return term_add(cx, NULL, .account_id = t->m.account_id, .term = t->m.term,
                    .anchor_day = new_end_day, .zone = t->account.zone, .started_at = cx->now,
                    .term_cause = cause, .lifted_plan = "");
}

enum status change_paid_ahead(struct ctx *cx, const struct membership *m, bool *paid)
{
    const char *cause = "";

    if (m->k < 0) TRY(membership_term_cause(cx, m->account_id, &cause));
    *paid = strcmp(cause, TERM_ANCHOR_SHIFT) == 0 || strcmp(cause, TERM_DAY_MOVED) == 0;
    return OK;
}

enum status change_unschedule(struct ctx *cx, struct trouble *t)
{
    int64_t const today = zone_day(t->zone, cx->now);
    struct slot *slots;
    size_t n;

    if (!*t->m.next_plan) return OK;
    t->m.next_plan = "";
    TRY(slots_of(cx, &slots, &n, .account_id = t->m.account_id, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (slots[i].slot_end == SLOT_LOST && slots[i].end_day > today)
            t->m.slots |= INT64_C(1) << (slots[i].slot_no - 1);
    return OK;
}

/* What was planned for the next date is done, or is not to be. */
static enum status settle_planned(struct ctx *cx, int64_t account_id, enum change_state state)
{
    struct plan_change_settle_all_in const row = {state, account_id};

    return plan_change_settle_all(cx, &row, 1, NULL);
}

enum status change_withdraw(struct ctx *cx, struct trouble *t)
{
    if (!*t->m.next_plan) return OK;
    TRY(change_unschedule(cx, t));
    TRY(slots_spare(cx, NULL, .account_id = t->m.account_id,
                    .from_day = zone_day(t->zone, cx->now)));
    return settle_planned(cx, t->m.account_id, CHANGE_UNDONE);
}

/* ---- its row ---- */

enum status change_tell(struct ctx *cx, const char *topic, const struct plan_change *row,
                        const char *code, int64_t at)
{
    char on[DAY_TEXT], end[DAY_TEXT];

    return outbox_put(cx, topic, row->account_id, at,
                      json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "change_id",
                                (json_int_t)row->change_id, "from_plan", row->from_plan, "to_plan",
                                row->to_plan, "effect", change_effects.at[row->change_effect],
                                "effective_on", day_text(row->effective_day, on), "amount_minor",
                                (json_int_t)row->amount_minor, "currency", row->currency,
                                "period_end", day_text(row->new_end_day, end), "who",
                                roles.at[row->actor_role], "code", code));
}

enum status change_row(struct ctx *cx, int64_t account_id, int64_t change_id,
                       struct plan_change *row)
{
    return plan_change_by_id(cx, row, &CHANGE_NONE, .account_id = account_id,
                             .change_id = change_id);
}

/* ---- answers ---- */

enum status change_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const struct plan_change *row, struct rated *out)
{
    const struct country *country = catalog_country(c, t->account.country);
    struct choice const from = {row->from_plan, row->slots, row->old_price_day};
    struct choice const to = {row->to_plan, row->slots, row->new_price_day};
    struct remainder const left = {row->effective_day, row->old_end_day, row->whole_days};
    struct part part = {.country = t->account.country, .region = t->account.region};

    if (!country) return fail(cx->err, &RATE_NO_COUNTRY, NULL);
    change_part(country, &from, &to, &left, &part);
    const struct fault *fault = rate_part(c, &part, out);
    return fault ? fail(cx->err, fault, NULL) : OK;
}

enum status change_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                            const struct charge *c, int64_t at)
{
    const struct catalog *catalog;
    struct plan_change row;
    struct rated r;

    TRY(change_row(cx, c->account_id, c->subject, &row));
    if (row.change_effect == EFFECT_MOVED) return move_captured(cx, by, t, c, &row, at);
    TRY(side_catalog(cx, by, c, &catalog));
    TRY(change_rate(cx, catalog, t, &row, &r));
    TRY(side_invoice(cx, by, c, &r, at));
    if (row.change_state != CHANGE_PENDING || row.term != t->m.term || row.k != t->m.k ||
        (t->m.state != M_ACTIVE && t->m.state != M_ENDING))
        return side_late(cx, by, c, at);
    change_switch(&t->m, row.to_plan);
    TRY(membership_store(cx, &t->m));
    TRY(errand_drop(cx, c->account_id, ERRAND_CHANGE_END, row.change_id));
    TRY(plan_change_close(cx, NULL, .account_id = c->account_id, .change_id = row.change_id,
                          .change_state = CHANGE_DONE, .code = ""));
    return change_tell(cx, "membership.plan_changed", &row, "", at);
}

static enum status refuse(struct ctx *cx, int64_t account_id, int64_t change_id, const char *code,
                          int64_t at)
{
    struct plan_change row;

    TRY(change_row(cx, account_id, change_id, &row));
    if (row.change_state != CHANGE_PENDING) return OK;
    TRY(plan_change_close(cx, NULL, .account_id = account_id, .change_id = change_id,
                          .change_state = CHANGE_REFUSED, .code = code));
    return row.change_effect == EFFECT_MOVED
               ? move_tell(cx, "membership.billing_day_refused", &row, code, at)
               : change_tell(cx, "membership.plan_change_refused", &row, code, at);
}

enum status change_failed(struct ctx *cx, const struct trouble *t, const struct charge *c,
                          const char *code, int64_t at)
{
    TRY(errand_drop(cx, t->m.account_id, ERRAND_CHANGE_END, c->subject));
    return refuse(cx, t->m.account_id, c->subject, code, at);
}

enum status change_over(struct ctx *cx, int64_t account_id, int64_t change_id, int64_t at)
{
    return refuse(cx, account_id, change_id, "payment.no_answer", at);
}

enum status change_due(struct ctx *cx, int64_t account_id)
{
    return settle_planned(cx, account_id, CHANGE_DONE);
}

enum status change_drop(struct ctx *cx, struct membership *m)
{
    if (!*m->next_plan) return OK;
    m->next_plan = "";
    return settle_planned(cx, m->account_id, CHANGE_UNDONE);
}
