/* retiring: loads, dates and shows one. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retiring.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/biller.h"
#include "billing/pending.h"

const struct names retire_default_actions = NAMES("move", "end");

const struct fault RETIRE_NONE = {
    E_CONFLICT, "retire.none",
    "The plan of this membership is not being retired; membership.change_plan changes it."};
const struct fault RETIRE_PLAN_OVER = {
    E_CONFLICT, "retire.plan_over",
    "The plan of this membership is retired; choose one that plan.list shows as open."};
const struct fault RETIRE_ENDS = {
    E_CONFLICT, "retire.ends",
    "No further charge is planned: the plan is retired and the membership ends with it, unless "
    "another plan is chosen with membership.choose_plan."};

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

enum status retiring_find(struct ctx *cx, int64_t account_id, const char *plan,
                          struct retirement **out)
{
    struct retirement *rows;
    size_t n;

    TRY(retirement_open(cx, &rows, &n, .account_id = account_id, .plan = plan, .max = 1));
    *out = n ? rows : NULL;
    return OK;
}

/* The first date on which a period of the member's may start without the plan. While a payment has
 * failed for good that is any date. */
static int64_t first_start(const struct trouble *t, int64_t applies_day, int64_t next_k)
{
    bool const pauses = t->m.state == M_PAUSED || (t->m.state == M_ACTIVE && t->m.pause_months);
    int64_t const anchor = pauses ? pause_until_day(&t->m) : t->m.anchor_day;
    int64_t const next = pauses ? 0 : next_k;
    int64_t const k = period_on_or_after(anchor, applies_day);

    if (t->m.state == M_HOLD) return applies_day;
    return period_start_day(anchor, k > next ? k : next);
}

void retiring_about(struct retiring *r, struct retirement *row)
{
    r->row = row;
    r->start_day = first_start(&r->t, row->applies_day, r->next_k);
}

enum status retiring_load(struct ctx *cx, const struct catalog *c, int64_t account_id, int64_t at,
                          struct retiring *r)
{
    *r = (struct retiring){.c = c};
    TRY(trouble_load(cx, account_id, &r->t));
    trouble_in_country(&r->t, c);
    r->country = catalog_country(c, r->t.account.country);
    r->next_k = trouble_next_k(cx, &r->t, at);
    return OK;
}

enum status retiring_load_open(struct ctx *cx, const struct catalog *c, int64_t account_id,
                               struct retiring *r)
{
    struct retirement *row;

    TRY(retiring_load(cx, c, account_id, cx->now, r));
    TRY(retiring_find(cx, account_id, r->t.m.plan, &row));
    if (row) retiring_about(r, row);
    return OK;
}

bool retiring_lives(const struct membership *m)
{
    return m->state != M_NONE && m->state != M_CANCELED && m->state != M_DELETED &&
           !is_partner_billed(m);
}

int64_t retiring_prices_day(const struct retiring *r)
{
    struct price_terms const p = {r->t.m.price_known_day, r->t.m.price_new_day,
                                  r->t.m.price_from_day};

    return price_day(&p, r->start_day);
}

const struct plan *retiring_place(const struct retiring *r)
{
    const char *const chosen = SABOTAGE("choice_forgotten") ? "" : r->row->chosen_plan;
    const char *const wanted[] = {chosen, r->row->to_plan};

    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct plan *p = *wanted[i] ? catalog_plan(r->c, wanted[i]) : NULL;

        if (p && country_price(r->country, p->code, NULL, retiring_prices_day(r))) return p;
    }
    return NULL;
}

bool retiring_offers(const struct retiring *r, const struct plan *p)
{
    if (strcmp(p->code, r->row->plan) == 0) return false;
    return strcmp(p->code, r->row->to_plan) == 0 ||
           retire_offers(r->country, p, r->start_day, retiring_prices_day(r));
}

int64_t retiring_total(const struct retiring *r, const struct plan *p, int64_t lost)
{
    struct rate_in in = trouble_rate_in(&r->t);
    struct rated rated;

    in.plan = p->code;
    in.slots &= ~lost;
    in.anchor_day = r->start_day;
    return rate_period(r->c, &in, &rated) ? 0 : rated.total_minor;
}

enum status retiring_show_choice(struct ctx *cx, const struct retiring *r, const struct plan *p,
                                 struct retire_choice *out)
{
    const struct plan *from = catalog_plan(r->c, r->row->plan);
    int64_t const day = retiring_prices_day(r);
    int64_t const lost = slots_lost(r->country, p, r->t.m.slots, day);
    struct loss *losses = arena_array(cx->arena, struct loss, LOSSES_MAX);
    struct slot_loss *slots = arena_array(cx->arena, struct slot_loss, SLOTS_MAX);
    const struct price *price = country_price(r->country, p->code, NULL, day);

    *out = (struct retire_choice){
        .plan = p->code,
        .name = p->name,
        .price_minor = price ? price->amount_minor : 0,
        .total_minor = retiring_total(r, p, lost),
        .is_default = strcmp(p->code, r->row->to_plan) == 0,
        .chosen = strcmp(p->code, r->row->chosen_plan) == 0,
        .losses = losses,
        .slots = slots,
    };
    if (from) out->n_losses = change_losses(from, p, cx->arena, losses);
    return slots_lose(cx, r->t.m.account_id, lost, r->start_day, slots, &out->n_slots, false);
}

enum status retiring_show(struct ctx *cx, const struct retiring *r, struct retire_view *out)
{
    struct retire_choice *choices = arena_array(cx->arena, struct retire_choice, r->c->n_plans);
    const struct plan *from = catalog_plan(r->c, r->row->plan);

    *out = (struct retire_view){
        .member = id_text("mem", r->t.m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .plan = r->row->plan,
        .plan_name = from ? from->name : r->row->plan,
        .last_day = date(cx, r->start_day - 1),
        .starts_on = date(cx, r->start_day),
        .without_choice = *r->row->to_plan ? RETIRE_MOVE : RETIRE_END,
        .default_plan = r->row->to_plan,
        .chosen_plan = r->row->chosen_plan,
        .currency = r->country->currency,
        .choices = choices,
    };
    for (size_t i = 0; i < r->c->n_plans; i++)
        if (retiring_offers(r, &r->c->plans[i]))
            TRY(retiring_show_choice(cx, r, &r->c->plans[i], &choices[out->n_choices++]));
    return OK;
}

bool retiring_rests(const struct retiring *r, int64_t at)
{
    const struct membership *m = &r->t.m;

    return m->state == M_HOLD || m->state == M_PAUSED ||
           (m->state == M_GRACE && at >= zone_day_start(r->t.zone, r->t.dates.grace_until_day));
}

bool retiring_is_over(const struct trouble *t, const struct retirement *row, int64_t at)
{
    return at >= zone_day_start(t->zone, row->applies_day);
}

bool retiring_is_time(const struct retiring *r, int64_t at)
{
    if (retiring_rests(r, at)) return retiring_is_over(&r->t, r->row, at);
    return r->t.m.period_end_day >= r->row->applies_day ||
           period_start_day(r->t.m.anchor_day, r->next_k) >= r->row->applies_day;
}
