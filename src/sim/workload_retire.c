/* workload_retire: the operator retires a plan; its members look at what can take its place, and
 * choose (SPEC A-10). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/workload.h"

/* Who has not come yet takes another plan. */
void workload_retire(struct sim *s)
{
    const struct retired *r = &s->market.retired;

    if (r->plan == PLANS || s->retires_at || s->now < r->news_day * DAY_MS) return;
    s->retires_at = s->now;
    for (size_t i = 0; i < s->n_members; i++)
        if (!s->members[i].account_id && s->members[i].plan == r->plan)
            s->members[i].plan = s->members[i].period_plan = (r->plan + 1) % PLANS;
    workload_news(s, s->news);
}

bool workload_sells(const struct sim *s, size_t plan)
{
    return !s->retires_at || plan != s->market.retired.plan;
}

static const char *choice_of(const struct member *m)
{
    return m->leaving.choice < PLANS ? plan_codes[m->leaving.choice] : "";
}

static void look(struct sim *s, struct member *m)
{
    size_t const to = s->market.retired.to;
    char day[DAY_TEXT];
    json_t *out;

    enum status const st = workload_call(s, m, "plan.choices", json_object(), &out);
    const char *from = json_string_value(json_object_get(out, "starts_on"));
    const char *place = json_string_value(json_object_get(out, "default_plan"));
    const char *chose = json_string_value(json_object_get(out, "chosen_plan"));

    workload_expect(s, m, "a look at what can be chosen", st, true);
    if (st == OK && !m->locked_at &&
        (!from || strcmp(from, day_text(retire_start(s, m), day)) != 0))
        complain(s, m, "A-10: another plan is shown from %s on, should be %s", from ? from : "",
                 day);
    else if (st == OK && (!place || strcmp(place, to < PLANS ? plan_codes[to] : "") != 0))
        complain(s, m, "A-10: without a choice it would get '%s'", place ? place : "");
    else if (st == OK && (!chose || strcmp(chose, choice_of(m)) != 0))
        complain(s, m, "A-10: '%s' is shown as chosen, should be '%s'", chose ? chose : "",
                 choice_of(m));
    json_decref(out);
}

static bool may_choose(const struct sim *s, const struct member *m)
{
    bool const rests = m->state == M_PAUSED || (m->state == M_ACTIVE && m->row.due_at > s->now);

    return retire_concerns(s, m) && rests && !m->locked_at && !m->partner && !workload_in_flight(m);
}

/* Kept until the last period with the plan has begun; then it is planned at once. */
static void chosen(struct sim *s, struct member *m, size_t to)
{
    m->leaving.choice = to;
    if (!retire_is_time(s, m, s->now) || m->next_plan == to) return;
    plan_unplan(s, m);
    retire_plan(s, m, to, retire_start(s, m));
}

void retire_choose(struct sim *s, struct member *m)
{
    bool const asked = retire_concerns(s, m);

    if (!s->retires_at || (!asked && !chance_one_in(&s->chance, 20))) return;
    if (asked && chance_one_in(&s->chance, 3)) look(s, m);
    size_t const to = (size_t)chance_upto(&s->chance, PLANS);
    bool const accept = !chance_one_in(&s->chance, 6);
    bool const losses = to < m->plan || plan_slots_lost(m, to);
    bool const may = may_choose(s, m) && to != m->plan && (accept || !losses);
    json_t *out;

    enum status const st = workload_call(
        s, m, "membership.choose_plan",
        json_pack("{s:s, s:b}", "plan", plan_codes[to], "accept_losses", (int)accept), &out);
    workload_expect(s, m, "a choice of plan", st, may);
    if (st == OK && !s->failed) chosen(s, m, to);
    json_decref(out);
}
