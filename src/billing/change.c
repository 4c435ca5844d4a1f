/* change: quotes, makes and withdraws plan changes. SPDX-License-Identifier: Apache-2.0 */
#include "billing/change.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/slot.h"
#include "db/outbox.h"

const struct fault CHANGE_ON_HOLD = {
    E_CONFLICT, "change.payment_failed",
    "The last payment has failed; change the plan once it is paid."};
const struct fault CHANGE_BY_PARTNER = {
    E_CONFLICT, "change.by_partner",
    "A partner bills this membership; change the plan with the partner."};
const struct fault CHANGE_NOT_NOW = {
    E_CONFLICT, "change.not_now",
    "Only an active membership can change its plan; restart, resume or undo the end first."};
const struct fault CHANGE_RENEWAL_DUE = {
    E_CONFLICT, "change.renewal_due",
    "The next period is being booked at this moment; try again in a few minutes."};
const struct fault CHANGE_PLAN_CLOSED = {
    E_CONFLICT, "change.plan_closed",
    "This plan takes no new members; choose one that plan.list shows as open."};
const struct fault CHANGE_PLAN_NOT_HERE = {
    E_CONFLICT, "change.plan_not_here",
    "This plan is not sold in the member's country; choose one that plan.list shows."};
const struct fault CHANGE_SAME_PLAN = {
    E_CONFLICT, "change.same_plan",
    "The membership has this plan; membership.undo_change withdraws a change that is planned."};
const struct fault CHANGE_LOSSES = {
    E_CONFLICT, "change.losses_not_accepted",
    "Something is lost with this change, as preview.change shows; say accept_losses to go on."};
const struct fault CHANGE_NONE = {E_NOT_FOUND, "change.none",
                                  "There is no such plan change; look with membership.get."};

/* What a change would do, and all it rests on. */
struct quote {
    const struct plan *from, *to;
    enum change_effect effect;
    struct change_ground g;
    struct rated now; /* EFFECT_CHARGED */
    int64_t effective_day, new_end_day;
    int64_t lost; /* slots */
};

enum status change_at_rest(struct ctx *cx, int64_t account_id)
{
    struct in_flight_row *rows;
    size_t n;

    TRY(charges_in_flight(cx, &rows, &n, .account_id = account_id, .max = 1));
    return n ? fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL) : OK;
}

/* After the billing day has moved the days until then may have cost another price than those
 * before: the dearer counts as paid, so that nothing is taken twice (SPEC B-14). */
static enum status paid_price_day(struct ctx *cx, const struct trouble *t,
                                  const struct price_terms *prices, struct change_ground *g)
{
    struct choice const before = {t->m.plan, t->m.slots, g->old_price_day};
    struct choice gap = before;
    struct plan_change *rows;
    size_t n;

    if (t->m.k >= 0 || t->m.term == 1) return OK;
    TRY(plan_changes_of(cx, &rows, &n, .account_id = t->m.account_id, .max = 100));
    for (size_t i = 0; i < n; i++)
        if (rows[i].change_effect == EFFECT_MOVED && rows[i].change_state == CHANGE_DONE &&
            rows[i].new_end_day == t->m.period_end_day)
            gap.price_day = price_day(prices, rows[i].old_end_day);
    if (choice_minor(g->country, &gap) > choice_minor(g->country, &before))
        g->old_price_day = gap.price_day;
    return OK;
}

enum status change_ground(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                          struct change_ground *out)
{
    const struct membership *m = &t->m;
    struct price_terms const prices = {m->price_known_day, m->price_new_day, m->price_from_day};
    int64_t const today = zone_day(t->zone, cx->now);

    if (strcmp(m->biller, "direct") != 0) return fail(cx->err, &CHANGE_BY_PARTNER, NULL);
    if (m->state == M_GRACE || m->state == M_HOLD) return fail(cx->err, &CHANGE_ON_HOLD, NULL);
    if (m->state != M_ACTIVE) return fail(cx->err, &CHANGE_NOT_NOW, NULL);
    TRY(change_at_rest(cx, m->account_id));
    /* a renewal that could not be booked is put off, and its period is over all the same */
    if (t->exists || m->due_at <= cx->now || today > m->period_end_day)
        return fail(cx->err, &CHANGE_RENEWAL_DUE, NULL);
    *out = (struct change_ground){.country = catalog_country(c, t->account.country),
                                  .unpaid = m->k < 0 && m->term == 1,
                                  .old_price_day = price_day(&prices, m->period_start_day),
                                  .new_price_day = price_day(&prices, today)};
    if (!out->country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    TRY(paid_price_day(cx, t, &prices, out));
    out->left = (struct remainder){
        .start_day = today > m->period_start_day ? today : m->period_start_day,
        .end_day = m->period_end_day,
        .whole_days = (m->k < 0 ? period_start_day(m->period_start_day, 1) : m->period_end_day) -
                      m->period_start_day};
    return OK;
}

static struct choice was(const struct trouble *t, const struct quote *q)
{
    return (struct choice){t->m.plan, t->m.slots, q->g.old_price_day};
}

static struct choice is(const struct trouble *t, const struct quote *q)
{
    return (struct choice){q->to->code, t->m.slots, q->g.new_price_day};
}

/* A dearer plan, or one that costs the same, counts at once (SPEC A-03), unless a slot is lost by
 * it: then it waits for the date until which that slot is paid. */
static bool counts_at_once(const struct trouble *t, const struct quote *q)
{
    struct choice const old = {t->m.plan, 0, q->g.new_price_day};
    struct choice const new_ = {q->to->code, 0, q->g.new_price_day};

    if (SABOTAGE("downgrade_at_once")) return true;
    if (q->lost) return false;
    return q->g.unpaid || choice_minor(q->g.country, &new_) >= choice_minor(q->g.country, &old);
}

static enum status price_change(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                                struct quote *q)
{
    struct choice const from = was(t, q), to = is(t, q);
    int64_t const days = q->g.left.end_day - q->g.left.start_day;
    struct part part = {.country = t->account.country, .region = t->account.region};
    q->effect = EFFECT_NEXT_PRICE;
    if (q->g.unpaid) return OK;
    switch (q->g.country->settings.change_policy) {
    case PRORATE_NOW:
        change_part(q->g.country, &from, &to, &q->g.left, &part);
        const struct fault *fault = rate_part(c, &part, &q->now);
        if (fault) return fail(cx->err, fault, NULL);
        if (q->now.total_minor > 0) q->effect = EFFECT_CHARGED;
        return OK;
    case SHIFT_ANCHOR:
        q->new_end_day = q->g.left.start_day + shifted_days(days, choice_minor(q->g.country, &from),
                                                            choice_minor(q->g.country, &to));
        if (q->new_end_day < q->g.left.end_day) q->effect = EFFECT_SHIFTED;
        return OK;
    case NEW_PRICE_NEXT_DATE: break;
    }
    return OK;
}

static enum status make_quote(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              const char *plan, struct quote *q)
{
    int64_t const today = zone_day(t->zone, cx->now);

    *q = (struct quote){.from = catalog_plan(c, t->m.plan), .to = catalog_plan_named(c, plan)};
    TRY(change_ground(cx, c, t, &q->g));
    if (!q->to) return fail(cx->err, &PLAN_UNKNOWN, "plan");
    if (strcmp(q->to->code, t->m.plan) == 0) return fail(cx->err, &CHANGE_SAME_PLAN, "plan");
    if (!plan_open(q->to, today)) return fail(cx->err, &CHANGE_PLAN_CLOSED, "plan");
    if (!country_price(q->g.country, q->to->code, NULL, q->g.new_price_day))
        return fail(cx->err, &CHANGE_PLAN_NOT_HERE, "plan");
    q->lost = slots_lost(q->g.country, q->to, t->m.slots, q->g.new_price_day);
    q->effective_day = q->g.left.start_day; /* served and taxed from then on */
    q->new_end_day = t->m.period_end_day;
    if (counts_at_once(t, q)) return price_change(cx, c, t, q);
    q->effect = EFFECT_NEXT_DATE;
    q->effective_day = t->m.period_end_day;
    return OK;
}

/* ---- effects ---- */

static void switch_plan(struct membership *m, const char *plan)
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
    change_shift_in_memory(&t->m, new_end_day);
    /* the renewal, or the pause that was decided */
    membership_due(&t->m, (enum membership_step)t->m.step, t->zone, new_end_day);
    TRY(retire_looks_again(cx, &t->m));
    return term_add(cx, NULL, .account_id = t->m.account_id, .term = t->m.term,
                    .anchor_day = new_end_day, .zone = t->account.zone, .started_at = cx->now,
                    .term_cause = cause);
}

enum status change_paid_ahead(struct ctx *cx, const struct membership *m, bool *paid)
{
    const char *cause = "";

    if (m->k < 0) TRY(membership_term_cause(cx, m->account_id, &cause));
    *paid = strcmp(cause, TERM_ANCHOR_SHIFT) == 0 || strcmp(cause, TERM_DAY_MOVED) == 0;
    return OK;
}

/* In memory: what the membership will be like once the change is through. */
static void become(struct trouble *t, const struct quote *q)
{
    if (q->effect == EFFECT_NEXT_DATE) {
        t->m.next_plan = q->to->code;
        t->m.slots &= ~q->lost;
        return;
    }
    switch_plan(&t->m, q->to->code);
    if (q->effect == EFFECT_SHIFTED) change_shift_in_memory(&t->m, q->new_end_day);
}

static enum change_state state_of(enum change_effect e)
{
    return e == EFFECT_CHARGED     ? CHANGE_PENDING
           : e == EFFECT_NEXT_DATE ? CHANGE_SCHEDULED
                                   : CHANGE_DONE;
}

static enum status store_row(struct ctx *cx, const struct trouble *t, const struct quote *q,
                             int64_t change_id)
{
    return plan_change_add(
        cx, NULL, .change_id = change_id, .account_id = t->m.account_id, .asked_at = cx->now,
        .from_plan = t->m.plan, .to_plan = q->to->code, .change_state = state_of(q->effect),
        .change_effect = q->effect, .effective_day = q->effective_day,
        .amount_minor = q->effect == EFFECT_CHARGED ? q->now.total_minor : 0,
        .currency = q->g.country->currency, .old_end_day = t->m.period_end_day,
        .new_end_day = q->new_end_day, .term = t->m.term, .k = t->m.k,
        .whole_days = q->g.left.whole_days, .slots = t->m.slots,
        .old_price_day = q->g.old_price_day, .new_price_day = q->g.new_price_day,
        .actor_role = cx->actor.role, .actor_id = cx->actor.id, .actor_surface = cx->actor.surface,
        .device = cx->actor.device ? cx->actor.device : "",
        .network = cx->actor.network ? cx->actor.network : "");
}

static enum status carry_out(struct ctx *cx, const struct catalog *c, struct trouble *t,
                             const struct quote *q, int64_t change_id)
{
    struct slot_loss ignored[SLOTS_MAX];
    size_t n;

    switch (q->effect) {
    case EFFECT_CHARGED:
        TRY(errand_plan(cx, t->m.account_id, ERRAND_CHANGE_END, change_id,
                        cx->now + cx->settings->pending_minutes * 60000));
        return side_want(
            cx, t,
            &(struct side_want){CHARGE_CHANGE, change_id, q->effective_day, &q->now, c->version});
    case EFFECT_SHIFTED:
        switch_plan(&t->m, q->to->code);
        return change_shift(cx, t, q->new_end_day, TERM_ANCHOR_SHIFT);
    case EFFECT_NEXT_PRICE: switch_plan(&t->m, q->to->code); return OK;
    case EFFECT_NEXT_DATE:
        t->m.next_plan = q->to->code;
        t->m.slots &= ~q->lost;
        return slots_lose(cx, t->m.account_id, q->lost, q->effective_day, ignored, &n, true);
    case EFFECT_MOVED: break; /* billing/move.c */
    }
    return OK;
}

/* In memory alone. */
static enum status unschedule(struct ctx *cx, struct trouble *t)
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

enum status change_withdraw(struct ctx *cx, struct trouble *t)
{
    struct plan_change_settle_all_in const undone = {CHANGE_UNDONE, t->m.account_id};

    if (!*t->m.next_plan) return OK;
    TRY(unschedule(cx, t));
    TRY(slots_spare(cx, NULL, .account_id = t->m.account_id,
                    .from_day = zone_day(t->zone, cx->now)));
    return plan_change_settle_all(cx, &undone, 1, NULL);
}

/* ---- views ---- */

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

enum status change_next(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const char **on, int64_t *total_minor)
{
    struct rate_in in;
    struct rated r;

    *on = "";
    *total_minor = 0;
    enum status const s = trouble_next_rate(cx, t, &in);
    if (s != OK || rate_period(c, &in, &r)) return s == E_CONFLICT ? OK : s;
    *on = date(cx, r.start_day);
    *total_minor = r.total_minor;
    return OK;
}

static enum status add_losses(struct ctx *cx, const struct plan *from, const struct plan *to,
                              struct change_view *out)
{
    struct loss *losses = arena_array(cx->arena, struct loss, LOSSES_MAX);

    if (from && to) out->n_losses = change_losses(from, to, cx->arena, losses);
    out->losses = losses;
    return OK;
}

static enum status view_quote(struct ctx *cx, const struct catalog *c, struct trouble t,
                              const struct quote *q, struct change_view *out)
{
    struct slot_loss *slots = arena_array(cx->arena, struct slot_loss, SLOTS_MAX);
    bool const charged = q->effect == EFFECT_CHARGED;

    *out = (struct change_view){
        .member = id_text("mem", t.m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .change = "",
        .from_plan = t.m.plan,
        .to_plan = q->to->code,
        .effect = q->effect,
        .state = state_of(q->effect),
        .policy = change_policies.at[q->g.country->settings.change_policy],
        .effective_on = date(cx, q->effective_day),
        .charge_net_minor = charged ? q->now.net_minor : 0,
        .charge_tax_minor = charged ? q->now.tax_minor : 0,
        .charge_minor = charged ? q->now.total_minor : 0,
        .currency = q->g.country->currency,
        .code = "",
        .days_left = q->g.left.end_day - q->g.left.start_day,
        .slots = slots,
    };
    TRY(add_losses(cx, q->from, q->to, out));
    TRY(slots_lose(cx, t.m.account_id, q->lost, q->effective_day, slots, &out->n_slots, false));
    become(&t, q);
    out->period_end = date(cx, t.m.period_end_day);
    return change_next(cx, c, &t, &out->next_charge_on, &out->next_total_minor);
}

static enum status view_row(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                            const struct plan_change *row, struct change_view *out)
{
    const struct country *country = catalog_country(c, t->account.country);
    struct slot_loss *lost = arena_array(cx->arena, struct slot_loss, SLOTS_MAX);

    *out = (struct change_view){
        .member = id_text("mem", t->m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .change = id_text("pch", row->change_id, arena_alloc(cx->arena, ID_TEXT)),
        .from_plan = row->from_plan,
        .to_plan = row->to_plan,
        .effect = row->change_effect,
        .state = row->change_state,
        .policy = country ? change_policies.at[country->settings.change_policy] : "",
        .effective_on = date(cx, row->effective_day),
        .charge_minor = row->amount_minor,
        .currency = row->currency,
        .code = row->code,
        .days_left = row->old_end_day - row->effective_day,
        .period_end = date(cx, t->m.period_end_day),
        .slots = lost,
    };
    if (row->change_effect == EFFECT_CHARGED) {
        struct rated r;

        TRY(change_rate(cx, c, t, row, &r));
        out->charge_net_minor = r.net_minor;
        out->charge_tax_minor = r.tax_minor;
    }
    TRY(add_losses(cx, catalog_plan(c, row->from_plan), catalog_plan(c, row->to_plan), out));
    if (row->change_state == CHANGE_SCHEDULED)
        TRY(slots_lose(cx, t->m.account_id, row->slots & ~t->m.slots, row->effective_day, lost,
                       &out->n_slots, false));
    return change_next(cx, c, t, &out->next_charge_on, &out->next_total_minor);
}

enum status change_look(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct change_view *out)
{
    struct plan_change *rows;
    struct trouble t;
    size_t n;

    TRY(trouble_load(cx, account_id, &t));
    TRY(plan_changes_of(cx, &rows, &n, .account_id = account_id, .max = 1));
    return n ? view_row(cx, c, &t, rows, out) : fail(cx->err, &CHANGE_NONE, NULL);
}

static enum status tell(struct ctx *cx, const char *topic, const struct plan_change *row,
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

static enum status load_row(struct ctx *cx, int64_t account_id, int64_t change_id,
                            struct plan_change *row)
{
    return plan_change_by_id(cx, row, &CHANGE_NONE, .account_id = account_id,
                             .change_id = change_id);
}

/* ---- use cases ---- */

enum status change_preview(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                           struct change_view *out)
{
    struct trouble t;
    struct quote q;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(unschedule(cx, &t));
    TRY(make_quote(cx, c, &t, in->plan, &q));
    TRY(view_quote(cx, c, t, &q, out));
    return tx_commit(&tx);
}

enum status change_plan(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                        struct change_view *out)
{
    struct plan_change row;
    struct trouble t;
    struct quote q;
    TX tx = {0};
    int64_t id;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(change_withdraw(cx, &t));
    TRY(make_quote(cx, c, &t, in->plan, &q));
    TRY(view_quote(cx, c, t, &q, out));
    if ((out->n_losses || q.lost) && !in->accept_losses)
        return fail(cx->err, &CHANGE_LOSSES, "accept_losses");
    TRY(db_id(cx, &id));
    TRY(store_row(cx, &t, &q, id));
    TRY(carry_out(cx, c, &t, &q, id));
    TRY(membership_store(cx, &t.m));
    out->change = id_text("pch", id, arena_alloc(cx->arena, ID_TEXT));
    TRY(load_row(cx, in->account_id, id, &row));
    if (q.effect != EFFECT_CHARGED)
        TRY(tell(cx,
                 q.effect == EFFECT_NEXT_DATE ? "membership.plan_change_scheduled"
                                              : "membership.plan_changed",
                 &row, "", cx->now));
    return tx_commit(&tx);
}

enum status change_schedule(struct ctx *cx, const struct catalog *c, struct trouble *t,
                            const struct change_to *to)
{
    struct price_terms const prices = {t->m.price_known_day, t->m.price_new_day,
                                       t->m.price_from_day};
    struct quote q = {.from = catalog_plan(c, t->m.plan),
                      .to = to->plan,
                      .effect = EFFECT_NEXT_DATE,
                      .effective_day = to->day,
                      .new_end_day = t->m.period_end_day};
    struct plan_change row;
    int64_t id;

    TRY(change_withdraw(cx, t));
    q.g = (struct change_ground){
        .left = {to->day, to->day, t->m.period_end_day - t->m.period_start_day},
        .old_price_day = price_day(&prices, t->m.period_start_day),
        .new_price_day = price_day(&prices, to->day),
        .country = catalog_country(c, t->account.country)
    };
    if (!q.g.country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    q.lost = slots_lost(q.g.country, q.to, t->m.slots, q.g.new_price_day);
    TRY(db_id(cx, &id));
    TRY(store_row(cx, t, &q, id));
    TRY(carry_out(cx, c, t, &q, id));
    TRY(load_row(cx, t->m.account_id, id, &row));
    return to->chosen ? tell(cx, "membership.plan_change_scheduled", &row, "", cx->now) : OK;
}

enum status change_undo(struct ctx *cx, const struct catalog *c, const struct change_ref *in,
                        struct change_view *out)
{
    struct plan_change *rows;
    struct trouble t;
    TX tx = {0};
    size_t n;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(plan_changes_of(cx, &rows, &n, .account_id = in->account_id, .max = 1));
    if (n == 0 || rows[0].change_state != CHANGE_SCHEDULED || !*t.m.next_plan)
        return fail(cx->err, &CHANGE_NONE, NULL);
    TRY(change_withdraw(cx, &t));
    TRY(membership_store(cx, &t.m));
    TRY(tell(cx, "membership.plan_change_withdrawn", &rows[0], "", cx->now));
    rows[0].change_state = CHANGE_UNDONE;
    TRY(view_row(cx, c, &t, &rows[0], out));
    return tx_commit(&tx);
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

    TRY(load_row(cx, c->account_id, c->subject, &row));
    if (row.change_effect == EFFECT_MOVED) return move_captured(cx, by, t, c, &row, at);
    TRY(side_catalog(cx, by, c, &catalog));
    TRY(change_rate(cx, catalog, t, &row, &r));
    TRY(side_invoice(cx, by, c, &r, at));
    if (row.change_state != CHANGE_PENDING || row.term != t->m.term || row.k != t->m.k ||
        (t->m.state != M_ACTIVE && t->m.state != M_ENDING))
        return side_late(cx, by, c, at);
    switch_plan(&t->m, row.to_plan);
    TRY(membership_store(cx, &t->m));
    TRY(errand_drop(cx, c->account_id, ERRAND_CHANGE_END, row.change_id));
    TRY(plan_change_close(cx, NULL, .account_id = c->account_id, .change_id = row.change_id,
                          .change_state = CHANGE_DONE, .code = ""));
    return tell(cx, "membership.plan_changed", &row, "", at);
}

static enum status refuse(struct ctx *cx, int64_t account_id, int64_t change_id, const char *code,
                          int64_t at)
{
    struct plan_change row;

    TRY(load_row(cx, account_id, change_id, &row));
    if (row.change_state != CHANGE_PENDING) return OK;
    TRY(plan_change_close(cx, NULL, .account_id = account_id, .change_id = change_id,
                          .change_state = CHANGE_REFUSED, .code = code));
    return row.change_effect == EFFECT_MOVED
               ? move_tell(cx, "membership.billing_day_refused", &row, code, at)
               : tell(cx, "membership.plan_change_refused", &row, code, at);
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
    struct plan_change_settle_all_in const done = {CHANGE_DONE, account_id};

    return plan_change_settle_all(cx, &done, 1, NULL);
}

enum status change_drop(struct ctx *cx, struct membership *m)
{
    struct plan_change_settle_all_in const undone = {CHANGE_UNDONE, m->account_id};

    if (!*m->next_plan) return OK;
    m->next_plan = "";
    return plan_change_settle_all(cx, &undone, 1, NULL);
}
