/* change: offers plan changes, shows them and makes them. SPDX-License-Identifier: Apache-2.0 */
#include "billing/change.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/slot.h"

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
struct offer {
    const struct plan *from, *to;
    enum change_effect effect;
    struct change_ground g;
    struct rated now; /* EFFECT_CHARGED */
    int64_t effective_day, new_end_day;
    int64_t lost; /* slots */
};

enum status change_flies(struct ctx *cx, int64_t account_id, bool *flies)
{
    struct in_flight_row *rows;
    size_t n;

    TRY(charges_in_flight(cx, &rows, &n, .account_id = account_id, .max = 1));
    *flies = n > 0;
    return OK;
}

enum status change_at_rest(struct ctx *cx, int64_t account_id)
{
    bool flies;

    TRY(change_flies(cx, account_id, &flies));
    return flies ? fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL) : OK;
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

    if (is_partner_billed(m)) return fail(cx->err, &CHANGE_BY_PARTNER, NULL);
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

static struct choice was(const struct trouble *t, const struct offer *o)
{
    return (struct choice){t->m.plan, t->m.slots, o->g.old_price_day};
}

static struct choice is(const struct trouble *t, const struct offer *o)
{
    return (struct choice){o->to->code, t->m.slots, o->g.new_price_day};
}

/* A dearer plan, or one that costs the same, counts at once (SPEC A-03), unless a slot is lost by
 * it: then it waits for the date until which that slot is paid. */
static bool counts_at_once(const struct trouble *t, const struct offer *o)
{
    struct choice const old = {t->m.plan, 0, o->g.new_price_day};
    struct choice const new_ = {o->to->code, 0, o->g.new_price_day};

    if (SABOTAGE("downgrade_at_once")) return true;
    if (o->lost) return false;
    return o->g.unpaid || choice_minor(o->g.country, &new_) >= choice_minor(o->g.country, &old);
}

static enum status price_change(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                                struct offer *o)
{
    struct choice const from = was(t, o), to = is(t, o);
    int64_t const days = o->g.left.end_day - o->g.left.start_day;
    struct part part = {.country = t->account.country, .region = t->account.region};
    o->effect = EFFECT_NEXT_PRICE;
    if (o->g.unpaid) return OK;
    switch (o->g.country->settings.change_policy) {
    case PRORATE_NOW:
        change_part(o->g.country, &from, &to, &o->g.left, &part);
        const struct fault *fault = rate_part(c, &part, &o->now);
        if (fault) return fail(cx->err, fault, NULL);
        if (o->now.total_minor > 0) o->effect = EFFECT_CHARGED;
        return OK;
    case SHIFT_ANCHOR:
        o->new_end_day = o->g.left.start_day + shifted_days(days, choice_minor(o->g.country, &from),
                                                            choice_minor(o->g.country, &to));
        if (o->new_end_day < o->g.left.end_day) o->effect = EFFECT_SHIFTED;
        return OK;
    case NEW_PRICE_NEXT_DATE: break;
    }
    return OK;
}

static enum status make_offer(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              const char *plan, struct offer *o)
{
    int64_t const today = zone_day(t->zone, cx->now);

    *o = (struct offer){.from = catalog_plan(c, t->m.plan), .to = catalog_plan_named(c, plan)};
    TRY(change_ground(cx, c, t, &o->g));
    if (!o->to) return fail(cx->err, &PLAN_UNKNOWN, "plan");
    if (strcmp(o->to->code, t->m.plan) == 0) return fail(cx->err, &CHANGE_SAME_PLAN, "plan");
    if (!plan_open(o->to, today)) return fail(cx->err, &CHANGE_PLAN_CLOSED, "plan");
    if (!country_price(o->g.country, o->to->code, NULL, o->g.new_price_day))
        return fail(cx->err, &CHANGE_PLAN_NOT_HERE, "plan");
    o->lost = slots_lost(o->g.country, o->to, t->m.slots, o->g.new_price_day);
    o->effective_day = o->g.left.start_day; /* served and taxed from then on */
    o->new_end_day = t->m.period_end_day;
    if (counts_at_once(t, o)) return price_change(cx, c, t, o);
    o->effect = EFFECT_NEXT_DATE;
    o->effective_day = t->m.period_end_day;
    return OK;
}

/* ---- effects ---- */

/* In memory: what the membership will be like once the change is through. */
static void become(struct trouble *t, const struct offer *o)
{
    if (o->effect == EFFECT_NEXT_DATE) {
        t->m.next_plan = o->to->code;
        t->m.slots &= ~o->lost;
        return;
    }
    change_switch(&t->m, o->to->code);
    if (o->effect == EFFECT_SHIFTED) change_shift_in_memory(&t->m, o->new_end_day);
}

static enum change_state state_of(enum change_effect e)
{
    return e == EFFECT_CHARGED     ? CHANGE_PENDING
           : e == EFFECT_NEXT_DATE ? CHANGE_SCHEDULED
                                   : CHANGE_DONE;
}

static enum status store_row(struct ctx *cx, const struct trouble *t, const struct offer *o,
                             int64_t change_id)
{
    return plan_change_add(
        cx, NULL, .change_id = change_id, .account_id = t->m.account_id, .asked_at = cx->now,
        .from_plan = t->m.plan, .to_plan = o->to->code, .change_state = state_of(o->effect),
        .change_effect = o->effect, .effective_day = o->effective_day,
        .amount_minor = o->effect == EFFECT_CHARGED ? o->now.total_minor : 0,
        .currency = o->g.country->currency, .old_end_day = t->m.period_end_day,
        .new_end_day = o->new_end_day, .term = t->m.term, .k = t->m.k,
        .whole_days = o->g.left.whole_days, .slots = t->m.slots,
        .old_price_day = o->g.old_price_day, .new_price_day = o->g.new_price_day,
        .actor_role = cx->actor.role, .actor_id = cx->actor.id, .actor_surface = cx->actor.surface,
        .device = cx->actor.device ? cx->actor.device : "",
        .network = cx->actor.network ? cx->actor.network : "");
}

static enum status carry_out(struct ctx *cx, const struct catalog *c, struct trouble *t,
                             const struct offer *o, int64_t change_id)
{
    struct slot_loss ignored[SLOTS_MAX];
    size_t n;

    switch (o->effect) {
    case EFFECT_CHARGED:
        TRY(errand_plan(cx, t->m.account_id, ERRAND_CHANGE_END, change_id,
                        cx->now + cx->settings->pending_minutes * 60000));
        return side_want(
            cx, t,
            &(struct side_want){CHARGE_CHANGE, change_id, o->effective_day, &o->now, c->version});
    case EFFECT_SHIFTED:
        change_switch(&t->m, o->to->code);
        return change_shift(cx, t, o->new_end_day, TERM_ANCHOR_SHIFT);
    case EFFECT_NEXT_PRICE: change_switch(&t->m, o->to->code); return OK;
    case EFFECT_NEXT_DATE:
        t->m.next_plan = o->to->code;
        t->m.slots &= ~o->lost;
        return slots_lose(cx, t->m.account_id, o->lost, o->effective_day, ignored, &n, true);
    case EFFECT_MOVED: break; /* billing/move.c */
    }
    return OK;
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
    enum status const s = trouble_next_rate(cx, c, t, &in);
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

static enum status view_offer(struct ctx *cx, const struct catalog *c, struct trouble t,
                              const struct offer *o, struct change_view *out)
{
    struct slot_loss *slots = arena_array(cx->arena, struct slot_loss, SLOTS_MAX);
    bool const charged = o->effect == EFFECT_CHARGED;

    *out = (struct change_view){
        .member = id_text("mem", t.m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .change = "",
        .from_plan = t.m.plan,
        .to_plan = o->to->code,
        .effect = o->effect,
        .state = state_of(o->effect),
        .policy = change_policies.at[o->g.country->settings.change_policy],
        .effective_on = date(cx, o->effective_day),
        .charge_net_minor = charged ? o->now.net_minor : 0,
        .charge_tax_minor = charged ? o->now.tax_minor : 0,
        .charge_minor = charged ? o->now.total_minor : 0,
        .currency = o->g.country->currency,
        .code = "",
        .days_left = o->g.left.end_day - o->g.left.start_day,
        .slots = slots,
    };
    TRY(add_losses(cx, o->from, o->to, out));
    TRY(slots_lose(cx, t.m.account_id, o->lost, o->effective_day, slots, &out->n_slots, false));
    become(&t, o);
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

/* ---- use cases ---- */

enum status change_preview(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                           struct change_view *out)
{
    struct trouble t;
    struct offer o;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(change_unschedule(cx, &t));
    TRY(make_offer(cx, c, &t, in->plan, &o));
    TRY(view_offer(cx, c, t, &o, out));
    return tx_commit(&tx);
}

enum status change_plan(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                        struct change_view *out)
{
    struct plan_change row;
    struct trouble t;
    struct offer o;
    TX tx = {0};
    int64_t id;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(change_withdraw(cx, &t));
    TRY(make_offer(cx, c, &t, in->plan, &o));
    TRY(view_offer(cx, c, t, &o, out));
    if ((out->n_losses || o.lost) && !in->accept_losses)
        return fail(cx->err, &CHANGE_LOSSES, "accept_losses");
    TRY(db_id(cx, &id));
    TRY(store_row(cx, &t, &o, id));
    TRY(carry_out(cx, c, &t, &o, id));
    if (o.effect == EFFECT_NEXT_DATE) TRY(retire_forget_choice(cx, &t.m));
    TRY(membership_store(cx, &t.m));
    out->change = id_text("pch", id, arena_alloc(cx->arena, ID_TEXT));
    TRY(change_row(cx, in->account_id, id, &row));
    if (o.effect != EFFECT_CHARGED)
        TRY(change_tell(cx,
                        o.effect == EFFECT_NEXT_DATE ? "membership.plan_change_scheduled"
                                                     : "membership.plan_changed",
                        &row, "", cx->now));
    return tx_commit(&tx);
}

enum status change_schedule(struct ctx *cx, const struct catalog *c, struct trouble *t,
                            const struct change_to *to)
{
    struct price_terms const prices = {t->m.price_known_day, t->m.price_new_day,
                                       t->m.price_from_day};
    struct offer o = {.from = catalog_plan(c, t->m.plan),
                      .to = to->plan,
                      .effect = EFFECT_NEXT_DATE,
                      .effective_day = to->day,
                      .new_end_day = t->m.period_end_day};
    struct ctx asked = *cx;
    struct plan_change row;
    int64_t id;

    TRY(change_withdraw(cx, t));
    o.g = (struct change_ground){
        .left = {to->day, to->day, t->m.period_end_day - t->m.period_start_day},
        .old_price_day = price_day(&prices, t->m.period_start_day),
        .new_price_day = price_day(&prices, to->day),
        .country = catalog_country(c, t->account.country)
    };
    if (!o.g.country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    o.lost = slots_lost(o.g.country, o.to, t->m.slots, o.g.new_price_day);
    TRY(db_id(cx, &id));
    if (to->by) asked.actor = *to->by, asked.now = to->asked_at;
    TRY(store_row(&asked, t, &o, id));
    TRY(carry_out(cx, c, t, &o, id));
    TRY(change_row(cx, t->m.account_id, id, &row));
    return to->by ? change_tell(cx, "membership.plan_change_scheduled", &row, "", cx->now) : OK;
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
    TRY(retire_forget_choice(cx, &t.m));
    TRY(membership_store(cx, &t.m));
    TRY(change_tell(cx, "membership.plan_change_withdrawn", &rows[0], "", cx->now));
    rows[0].change_state = CHANGE_UNDONE;
    TRY(view_row(cx, c, &t, &rows[0], out));
    return tx_commit(&tx);
}
