/* retire_tell: finds, tells, and explains afterwards. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire.h"

#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/retiring.h"
#include "db/outbox.h"

enum { FIND_AHEAD_DAYS = 31 };

static json_t *choices_of(const struct retire_view *v)
{
    json_t *list = json_array();

    for (size_t i = 0; i < v->n_choices; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:I}", "plan", v->choices[i].plan, "amount_minor",
                                        (json_int_t)v->choices[i].total_minor));
    return list;
}

static enum status announce(struct ctx *cx, struct retiring *r, int64_t at)
{
    int64_t const day = retiring_prices_day(r);
    const struct plan *to;
    struct retire_view v;

    to = retire_default(r->c, r->country, catalog_plan(r->c, r->row->plan), r->start_day, day);
    r->row->to_plan = to ? to->code : "";
    if (to)
        r->row->amount_minor = retiring_total(r, to, slots_lost(r->country, to, r->t.m.slots, day));
    TRY(retiring_show(cx, r, &v));
    TRY(retirement_put(cx, NULL, .account_id = r->t.m.account_id, .plan = r->row->plan,
                       .noticed_at = at, .applies_day = r->row->applies_day,
                       .to_plan = r->row->to_plan, .amount_minor = r->row->amount_minor,
                       .currency = r->country->currency));
    TRY(errand_plan(cx, r->t.m.account_id, ERRAND_RETIRE, 0, at));
    return outbox_put(cx, "plan.retiring", r->t.m.account_id, at,
                      json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:o}", "plan", r->row->plan,
                                "last_day", v.last_day, "applies_on", v.starts_on, "to_plan",
                                r->row->to_plan, "amount_minor", (json_int_t)r->row->amount_minor,
                                "currency", r->country->currency, "choices", choices_of(&v)));
}

enum status retire_tell(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct retirement row = {.chosen_plan = "", .to_plan = ""}, *told;
    struct retiring r;

    TRY(retiring_load(cx, c, e->account_id, at, &r));
    const struct plan *p = catalog_plan(c, r.t.m.plan);
    if (!p || !p->retired_day || !r.country || !retiring_lives(&r.t.m) || *r.t.m.next_plan)
        return OK;
    TRY(retiring_find(cx, e->account_id, p->code, &told));
    if (told) return OK;
    int64_t const days = retire_notice_days(cx->settings, r.country);
    int64_t const today = zone_day(r.t.zone, at), early = p->retired_day - days - RETIRE_EARLY_DAYS;
    if (today < early)
        return errand_plan(cx, e->account_id, ERRAND_RETIRE_NOTICE, 0,
                           zone_day_start(r.t.zone, early));
    row.plan = p->code;
    row.applies_day =
        retire_applies_day(p->retired_day, today, SABOTAGE("retired_at_once") ? 0 : days);
    retiring_about(&r, &row);
    return announce(cx, &r, at);
}

enum status retire_find(struct ctx *cx, const struct catalog *c, int64_t month, int64_t at)
{
    int64_t const ahead = retire_notice_widest(cx->settings, c) + RETIRE_EARLY_DAYS;
    int64_t const today = divide_down(at, DAY_MS);
    struct retirement_searched_row searched = {0};
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    enum status const s = retirement_searched(cx, &searched, &RETIRE_NONE);
    if (s != OK && s != RETIRE_NONE.status) return s;
    if (s == OK && searched.catalog_version == c->version && searched.month >= month) return OK;
    for (size_t i = 0; i < c->n_plans; i++) {
        const struct plan *p = &c->plans[i];

        if (!p->retired_day || p->retired_day - ahead - FIND_AHEAD_DAYS > today) continue;
        TRY(retire_find_members(cx, NULL, .plan = p->code, .due_at = at, .due_day = today));
    }
    TRY(retirement_search_put(cx, NULL, .catalog_version = c->version, .month = month));
    return tx_commit(&tx);
}

static bool of_plan(const struct cause *c)
{
    return c->cause == WHY_PLAN_UPGRADE || c->cause == WHY_PLAN_DOWNGRADE;
}

static const struct retirement *behind(const struct causes *causes, const struct retirement *rows,
                                       size_t n, int64_t due_day)
{
    for (size_t i = 0; i < causes->n; i++)
        for (size_t j = 0; of_plan(&causes->at[i]) && causes->at[i].n && j < n; j++)
            if (causes->at[i].at[0].old.text &&
                strcmp(causes->at[i].at[0].old.text, rows[j].plan) == 0 &&
                due_day >= rows[j].applies_day)
                return &rows[j];
    return NULL;
}

enum status retire_explain(struct ctx *cx, int64_t account_id, int64_t due_day,
                           struct causes *causes)
{
    bool changed = false;
    struct retirement *rows;
    size_t n, at = causes->n;

    for (size_t i = 0; i < causes->n; i++) changed = changed || of_plan(&causes->at[i]);
    if (!changed) return OK;
    TRY(retirements_of(cx, &rows, &n, .account_id = account_id, .max = RETIREMENTS_MAX));
    const struct retirement *r = behind(causes, rows, n, due_day);
    if (!r) return OK;
    for (; at > 0 && causes->at[at - 1].cause > WHY_PLAN_RETIRED; at--)
        causes->at[at] = causes->at[at - 1];
    causes->at[at] = (struct cause){
        .cause = WHY_PLAN_RETIRED,
        .n = 2,
        .at = {{.name = "plan_retired", .old = {FACT_TEXT, r->plan, 0, 0}},
               {.name = "not_from", .new_ = {FACT_DATE, NULL, r->applies_day, 0}}},
    };
    if (*r->chosen_plan)
        causes->at[at].at[causes->at[at].n++] = (struct evidence){
            .name = "chosen", .new_ = {FACT_TEXT, r->chosen_plan, 0, 0}
        };
    causes->n++;
    return OK;
}
