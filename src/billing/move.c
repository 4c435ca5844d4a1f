/* move: quotes and makes moves of the billing day. SPDX-License-Identifier: Apache-2.0 */
#include "billing/move.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/facts.h"
#include "billing/pause.h"
#include "billing/side.h"
#include "billing/slot.h"
#include "db/outbox.h"

const struct fault MOVE_SAME_DAY = {
    E_CONFLICT, "change.same_day",
    "The membership is billed on this day of the month already; choose another day."};

/* ---- what the policy asks ---- */

static enum status ends_slots(struct ctx *cx, const struct membership *m, int64_t today, bool *ends)
{
    struct slot *rows;
    size_t n;

    *ends = false;
    TRY(slots_of(cx, &rows, &n, .account_id = m->account_id, .max = SLOTS_MAX));
    for (size_t i = 0; i < n; i++)
        if (rows[i].end_day > today) *ends = true;
    return OK;
}

/* A member with no method is refused as one with another kind is: nothing could be charged. */
enum status move_facts(struct ctx *cx, const struct membership *m, int64_t today,
                       struct move_facts *out)
{
    const char *cause = "";

    *out = (struct move_facts){
        .offered = cx->settings->billing_day_moves,
        .billing_day = today == m->period_start_day || today >= m->period_end_day,
    };
    if (!out->offered) return OK;
    if (m->method_id) TRY(pause_method_in(cx, m, cx->settings->billing_day_methods, &out->method));
    if (m->k < 0) TRY(membership_term_cause(cx, m->account_id, &cause));
    out->moved = strcmp(cause, TERM_DAY_MOVED) == 0;
    out->free_period = m->k < 0 && !out->moved && strcmp(cause, TERM_ANCHOR_SHIFT) != 0;
    return ends_slots(cx, m, today, &out->slot_ending);
}

/* As the account's owner would be told on the web. */
static enum status refuse(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct option_case is;

    TRY(facts_of(cx, c, account_id, option_facts_of(ACTION_BILLING_DAY), &is));
    is.role = ROLE_OWNER;
    is.surface = SURFACE_WEB;
    const struct option_rule *r = option_decide(ACTION_BILLING_DAY, &is);
    return r->result == OPTION_ALLOWED ? OK : fail(cx->err, &r->why->fault, NULL);
}

/* ---- quotes ---- */

enum status move_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                      const struct plan_change *row, struct rated *out)
{
    const struct country *country = catalog_country(c, t->account.country);
    struct choice const choice = {row->to_plan, row->slots, row->new_price_day};
    struct remainder const gap = {row->old_end_day, row->new_end_day, row->whole_days};
    struct part part = {.country = t->account.country, .region = t->account.region};

    if (!country) return fail(cx->err, &RATE_NO_COUNTRY, NULL);
    if (!country_price(country, choice.plan, NULL, choice.price_day))
        return fail(cx->err, &RATE_NO_PRICE, NULL);
    move_part(country, &choice, &gap, &part);
    const struct fault *fault = rate_part(c, &part, out);
    return fault ? fail(cx->err, fault, NULL) : OK;
}

/* The days until then cost their share of the period that would begin now, at the prices and taxes
 * of its first day. */
static enum status make_quote(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              int64_t day, struct plan_change *row, struct rated *now)
{
    const struct membership *m = &t->m;
    struct price_terms const prices = {m->price_known_day, m->price_new_day, m->price_from_day};
    struct change_ground g;

    TRY(refuse(cx, c, m->account_id));
    TRY(change_ground(cx, c, t, &g));
    if (civil_of(m->anchor_day).day == day) return fail(cx->err, &MOVE_SAME_DAY, "day");
    *row = (struct plan_change){
        .account_id = m->account_id,
        .asked_at = cx->now,
        .from_plan = m->plan,
        .to_plan = m->plan,
        .change_effect = EFFECT_MOVED,
        .currency = g.country->currency,
        .old_end_day = m->period_end_day,
        .new_end_day = moved_day(m->period_end_day, day),
        .code = "",
        .term = m->term,
        .k = m->k,
        .whole_days = period_start_day(m->anchor_day, m->k + 2) - m->period_end_day,
        .slots = m->slots,
        .old_price_day = price_day(&prices, m->period_start_day),
        .new_price_day = price_day(&prices, m->period_end_day),
        .actor_role = cx->actor.role,
        .actor_id = cx->actor.id,
        .actor_surface = cx->actor.surface,
        .device = cx->actor.device ? cx->actor.device : "",
        .network = cx->actor.network ? cx->actor.network : "",
    };
    row->effective_day = row->new_end_day;
    TRY(move_rate(cx, c, t, row, now));
    row->amount_minor = now->total_minor;
    row->change_state = now->total_minor > 0 ? CHANGE_PENDING : CHANGE_DONE;
    return OK;
}

static enum status store(struct ctx *cx, const struct plan_change *r)
{
    return plan_change_add(
        cx, NULL, .change_id = r->change_id, .account_id = r->account_id, .asked_at = r->asked_at,
        .from_plan = r->from_plan, .to_plan = r->to_plan, .change_state = r->change_state,
        .change_effect = r->change_effect, .effective_day = r->effective_day,
        .amount_minor = r->amount_minor, .currency = r->currency, .old_end_day = r->old_end_day,
        .new_end_day = r->new_end_day, .term = r->term, .k = r->k, .whole_days = r->whole_days,
        .slots = r->slots, .old_price_day = r->old_price_day, .new_price_day = r->new_price_day,
        .actor_role = r->actor_role, .actor_id = r->actor_id, .actor_surface = r->actor_surface,
        .device = r->device, .network = r->network);
}

/* ---- views ---- */

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

/* `t` as it is, or will be, with the new day. */
static enum status view(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const struct plan_change *row, const struct rated *now,
                        struct move_view *out)
{
    int64_t const days = row->new_end_day - row->old_end_day;

    *out = (struct move_view){
        .member = id_text("mem", row->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .change =
            row->change_id ? id_text("pch", row->change_id, arena_alloc(cx->arena, ID_TEXT)) : "",
        .state = row->change_state,
        .day = civil_of(row->new_end_day).day,
        .days = days,
        .from = days ? date(cx, row->old_end_day) : "",
        .until = days ? date(cx, row->new_end_day - 1) : "",
        .charge_net_minor = now->net_minor,
        .charge_tax_minor = now->tax_minor,
        .charge_minor = row->amount_minor,
        .currency = row->currency,
        .code = row->code,
        .period_start = date(cx, row->new_end_day),
        .period_end = date(cx, period_start_day(row->new_end_day, 1)),
    };
    return change_next(cx, c, t, &out->next_charge_on, &out->next_total_minor);
}

static enum status old_day(struct ctx *cx, const struct plan_change *row, int64_t *day)
{
    struct term_row *terms;
    size_t n;

    TRY(terms_of(cx, &terms, &n, .account_id = row->account_id, .max = row->term));
    *day = n ? civil_of(terms[n - 1].anchor_day).day : 0;
    return OK;
}

static enum status view_quote(struct ctx *cx, const struct catalog *c, struct trouble t,
                              const struct plan_change *row, const struct rated *now,
                              struct move_view *out)
{
    int64_t const day = civil_of(t.m.anchor_day).day;

    change_shift_in_memory(&t.m, row->new_end_day);
    TRY(view(cx, c, &t, row, now, out));
    out->old_day = day;
    return OK;
}

enum status move_tell(struct ctx *cx, const char *topic, const struct plan_change *row,
                      const char *code, int64_t at)
{
    int64_t const days = row->new_end_day - row->old_end_day;

    return outbox_put(
        cx, topic, row->account_id, at,
        json_pack("{s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "change_id",
                  (json_int_t)row->change_id, "days_from", days ? date(cx, row->old_end_day) : "",
                  "days_until", days ? date(cx, row->new_end_day - 1) : "", "moved_to",
                  date(cx, row->new_end_day), "amount_minor", (json_int_t)row->amount_minor,
                  "currency", row->currency, "who", roles.at[row->actor_role], "code", code));
}

/* ---- use cases ---- */

enum status move_preview(struct ctx *cx, const struct catalog *c, const struct move_day *in,
                         struct move_view *out)
{
    struct plan_change row;
    struct trouble t;
    struct rated now;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(make_quote(cx, c, &t, in->day, &row, &now));
    TRY(view_quote(cx, c, t, &row, &now, out));
    return tx_commit(&tx);
}

static enum status carry_out(struct ctx *cx, const struct catalog *c, struct trouble *t,
                             const struct plan_change *row, const struct rated *now)
{
    if (row->change_state == CHANGE_DONE || SABOTAGE("day_moves_unpaid"))
        TRY(change_shift(cx, t, row->new_end_day, TERM_DAY_MOVED));
    if (row->change_state == CHANGE_DONE)
        return move_tell(cx, "membership.billing_day_moved", row, "", cx->now);
    TRY(errand_plan(cx, row->account_id, ERRAND_CHANGE_END, row->change_id,
                    cx->now + cx->settings->pending_minutes * 60000));
    return side_want(cx, t,
                     &(struct side_want){CHARGE_CHANGE, row->change_id, zone_day(t->zone, cx->now),
                                         now, c->version});
}

enum status move_day(struct ctx *cx, const struct catalog *c, const struct move_day *in,
                     struct move_view *out)
{
    struct plan_change row;
    struct trouble t;
    struct rated now;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(make_quote(cx, c, &t, in->day, &row, &now));
    TRY(db_id(cx, &row.change_id));
    TRY(view_quote(cx, c, t, &row, &now, out));
    TRY(store(cx, &row));
    TRY(carry_out(cx, c, &t, &row, &now));
    TRY(membership_store(cx, &t.m));
    return tx_commit(&tx);
}

enum status move_look(struct ctx *cx, const struct catalog *c, int64_t account_id,
                      struct move_view *out)
{
    struct plan_change *rows;
    struct trouble t;
    struct rated r;
    size_t n;

    TRY(trouble_load(cx, account_id, &t));
    TRY(plan_changes_of(cx, &rows, &n, .account_id = account_id, .max = 1));
    if (n == 0 || rows->change_effect != EFFECT_MOVED) return fail(cx->err, &CHANGE_NONE, NULL);
    TRY(move_rate(cx, c, &t, rows, &r));
    TRY(view(cx, c, &t, rows, &r, out));
    return old_day(cx, rows, &out->old_day);
}

/* ---- the answer ---- */

/* Nothing else was decided for the end of the period meanwhile. */
static bool is_as_it_was(const struct membership *m, const struct plan_change *row)
{
    return m->state == M_ACTIVE && m->term == row->term && m->k == row->k && !m->pause_months &&
           !*m->next_plan && m->slots == row->slots;
}

enum status move_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, const struct plan_change *row, int64_t at)
{
    const struct catalog *catalog;
    struct rated r;

    TRY(side_catalog(cx, by, c, &catalog));
    TRY(move_rate(cx, catalog, t, row, &r));
    TRY(side_invoice(cx, by, c, &r, at));
    if (row->change_state != CHANGE_PENDING || !is_as_it_was(&t->m, row))
        return side_late(cx, by, c, at);
    TRY(errand_drop(cx, row->account_id, ERRAND_CHANGE_END, row->change_id));
    TRY(plan_change_close(cx, NULL, .account_id = row->account_id, .change_id = row->change_id,
                          .change_state = CHANGE_DONE, .code = ""));
    TRY(change_shift(cx, t, row->new_end_day, TERM_DAY_MOVED));
    TRY(membership_store(cx, &t->m));
    return move_tell(cx, "membership.billing_day_moved", row, "", at);
}
