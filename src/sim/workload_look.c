/* workload_look: members look at their next charge and at their credit; what they are told must be
 * what they will pay, and have (SPEC A-09, B-12, J-08). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/purse.h"
#include "sim/workload.h"

/* Prices that are to come are known to everybody, and nothing else is on its way. */
static bool is_certain(const struct sim *s, const struct member *m)
{
    return s->news && (m->state == M_ACTIVE || m->state == M_ENDING) && !m->pause_months &&
           !m->partner && !m->locked_at && !workload_in_flight(m) && m->row.due_at > s->now;
}

/* Its owner wanted to go on for as long as credit pays, and it does (SPEC F-10). */
static bool is_carried(struct sim *s, const struct member *m, int64_t total_minor)
{
    return m->next.day < m->credit_until_day && !m->debt && total_minor <= purse_left(s, m);
}

/* What it pays next, that its plan will be retired by then included (SPEC A-10). */
static struct owed next_owed(const struct sim *s, const struct member *m)
{
    bool const leaves =
        m->next_plan == PLANS && retire_concerns(s, m) && m->next.day >= m->leaving.applies_day;
    size_t const place = leaves ? retire_place(s, m) : PLANS;

    if (place == PLANS) return owed_for(s, m, m->next.day);
    struct sale const sale = sale_of(m, place, m->slots & ~plan_slots_lost(m, place), m->next.day);
    return market_owed(&s->market, &sale);
}

/* Nothing is charged: the membership ends with its plan. */
static bool ends_instead(const struct sim *s, const struct member *m)
{
    return m->next_plan == PLANS && retire_concerns(s, m) && retire_place(s, m) == PLANS &&
           m->next.day >= m->leaving.applies_day;
}

void look_next(struct sim *s, struct member *m)
{
    struct owed const owed = next_owed(s, m);
    bool const over = m->state == M_ENDING && !is_carried(s, m, owed.total_minor);
    bool const ends = ends_instead(s, m), certain = !ends && !over && is_certain(s, m);
    char day[DAY_TEXT];
    json_t *out;

    if (m->locked_at) return; /* nothing is charged, so nothing is foretold */
    if (retire_concerns(s, m) && retire_next_day(s, m) != m->next.day) return;
    enum status const st = workload_call(s, m, "preview.next", json_object(), &out);
    const char *date = json_string_value(json_object_get(out, "date"));
    int64_t const total = json_integer_value(json_object_get(out, "total_minor"));

    if (ends && st == OK) complain(s, m, "A-10: a charge is shown for a plan that is retired");
    if (over && is_certain(s, m) && st == OK)
        complain(s, m, "A-09: a charge is shown for a membership that ends");
    if (certain && st != OK)
        complain(s, m, "B-12: the next charge cannot be seen: %s", s->err.fault->code);
    else if (certain && (!date || strcmp(date, day_text(m->next.day, day)) != 0))
        complain(s, m, "B-12: the next charge is shown on %s, will be on %s", date ? date : "",
                 day);
    else if (certain && total != owed.total_minor)
        complain(s, m, "A-09: the next charge is shown as %lld, will be %lld", (long long)total,
                 (long long)owed.total_minor);
    json_decref(out);
}

void look_credit(struct sim *s, struct member *m)
{
    int64_t const left = purse_left(s, m);
    json_t *out;

    enum status const st = workload_call(s, m, "gift.balance", json_object(), &out);
    int64_t const told = json_integer_value(json_object_get(out, "balance_minor"));

    if (st == OK && told != left)
        complain(s, m, "J-08: a credit of %lld is shown as %lld", (long long)left, (long long)told);
    json_decref(out);
}
