/* auditor_retire: members of a plan that is retired - who is told and when, from which day no
 * period begins with it, and what takes its place (SPEC ).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

enum { ROWS_MAX = 1 << 30, EARLY_DAYS = 7, MONTH_DAYS = 31 };

static int64_t notice_of(const struct sim *s, const struct member *m)
{
    int64_t const days = laws[m->place].notice_days;

    return days >= 0 ? days : s->settings.price_notice_days;
}

bool retire_concerns(const struct sim *s, const struct member *m)
{
    return m->leaving.open && m->plan == s->market.retired.plan && !m->partner;
}

size_t retire_place(const struct sim *s, const struct member *m)
{
    return m->leaving.choice < PLANS ? m->leaving.choice : s->market.retired.to;
}

int64_t retire_next_day(const struct sim *s, const struct member *m)
{
    return period_to_book(s, m, s->now).day;
}

int64_t retire_start(const struct sim *s, const struct member *m)
{
    struct walk w = period_to_book(s, m, s->now);

    if (m->state == M_HOLD) return m->leaving.applies_day;
    if (m->pause_months) walk_begin(&w, resume_day_of(m));
    while (w.day < m->leaving.applies_day) walk_next(&w);
    return w.day;
}

/* No period begins with the plan any more. */
static bool is_past(const struct member *m, int64_t at)
{
    return at >= start_of(m, m->leaving.applies_day);
}

/* Where no period runs. */
static bool is_over(const struct member *m, int64_t at)
{
    return (m->state == M_HOLD || m->state == M_PAUSED) && is_past(m, at);
}

bool retire_is_time(const struct sim *s, const struct member *m, int64_t at)
{
    return is_over(m, at) ||
           (m->state != M_PAUSED && period_to_book(s, m, at).day >= m->leaving.applies_day);
}

void retire_plan(struct sim *s, struct member *m, size_t place, int64_t day)
{
    note(s, "%s: %s takes the place of its plan", m->external_id, plan_codes[place]);
    m->next_plan = place;
    plan_lose_slots(m, plan_slots_lost(m, place), day);
}

/* --- telling --- */

static int64_t day_in(struct sim *s, json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    int64_t day = 0;

    if (!text || !day_parse(text, &day)) complain(s, NULL, "A-10: a notice without %s", name);
    return day;
}

static bool says(json_t *body, const char *name, size_t plan)
{
    const char *text = json_string_value(json_object_get(body, name));

    return text && strcmp(text, plan < PLANS ? plan_codes[plan] : "") == 0;
}

void retire_told(struct sim *s, struct member *m, const struct seen_letter *l)
{
    CLEANUP(json_decrefp) json_t *body = json_loads(l->body, 0, NULL);
    const struct retired *r = &s->market.retired;
    int64_t const today = zone_day(m->zone, l->happened_at), over = today + notice_of(s, m);
    struct leaving const before = m->leaving;

    if (json_object_size(body) == 0) return; /* erased since, with all that was written */
    m->leaving = (struct leaving){
        .told_at = l->happened_at,
        .told_id = l->outbox_id,
        .applies_day = over > r->day ? over : r->day,
        .starts_day = day_in(s, body, "applies_on"),
        .amount_minor = json_integer_value(json_object_get(body, "amount_minor")),
        .choice = PLANS,
        .open = true,
        .fresh = true,
    };
    note(s, "%s is told that its plan is retired", m->external_id);
    if (!s->retires_at || !says(body, "plan", r->plan) || !says(body, "to_plan", r->to))
        complain(s, m, "A-10: told of a retirement that is none");
    if (before.open && !before.left) complain(s, m, "A-10: told twice of a retirement");
    if (over + EARLY_DAYS < r->day) complain(s, m, "A-10: told too early");
    if (m->leaving.starts_day < m->leaving.applies_day)
        complain(s, m, "A-10: the plan is taken before the notice is over");
    if (day_in(s, body, "last_day") != m->leaving.starts_day - 1)
        complain(s, m, "A-10: the last day is another one");
}

/* On a test clock the work of a day, of UTC, is done kind by kind: renewals, then notices. */
static bool is_of_that_day(const struct sim *s, const struct member *m, int64_t day)
{
    int64_t const told_at = m->leaving.told_at, from = told_at - told_at % DAY_MS;

    if (s->real_clock) return day == zone_day(m->zone, told_at);
    return day >= zone_day(m->zone, from) && day <= zone_day(m->zone, from + DAY_MS - 1);
}

/* What the notice says of the first period without the plan, while nothing else goes on. */
static void check_notice(struct sim *s, struct member *m)
{
    bool const runs = m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_ENDING;
    size_t const to = s->market.retired.to;
    struct leaving *g = &m->leaving;
    struct walk w;

    g->fresh = false;
    if (!runs || m->pause_months || m->over_at >= g->told_at || m->doubt_at >= g->told_at) return;
    walk_begin(&w, m->anchor_day);
    while (w.day < g->applies_day || (w.k < m->next.k && !duty_renewal(m, m->term, w.k)))
        walk_next(&w);
    if (is_of_that_day(s, m, w.day)) return;
    if (w.day != g->starts_day)
        complain(s, m, "A-10: told that another plan begins on %lld, should be %lld",
                 (long long)g->starts_day, (long long)w.day);
    if (!s->news || to == PLANS) return;
    struct sale const sale = sale_of(m, to, m->slots & ~plan_slots_lost(m, to), w.day);
    struct owed const owed = market_owed(&s->market, &sale);
    if (owed.total_minor != g->amount_minor)
        complain(s, m, "A-10: told that the other plan costs %lld, should be %lld",
                 (long long)g->amount_minor, (long long)owed.total_minor);
}

static bool is_to_be_told(const struct sim *s, const struct member *m)
{
    return !m->leaving.open && m->plan == s->market.retired.plan && !m->partner &&
           m->next_plan == PLANS && m->state != M_NONE && m->state != M_CANCELED &&
           m->state != M_DELETED;
}

/* As soon as the notice must be given; who has come to the plan later, within a month. */
static void check_told(struct sim *s, struct member *m)
{
    int64_t const since = m->leaving.since, month = since < s->retires_at ? 0 : MONTH_DAYS * DAY_MS;
    int64_t const early = start_of(m, s->market.retired.day - notice_of(s, m) - EARLY_DAYS);

    if (s->now > (early > since ? early : since) + month + SLACK_MS)
        complain(s, m, "A-10: not told that its plan is retired");
}

/* --- acting --- */

/* What was booked in the same pass may have come before the notice, where that speaks of a later
 * period. */
static bool is_news_to(const struct sim *s, const struct member *m, int64_t day, int64_t at)
{
    const struct leaving *g = &m->leaving;

    if (day >= g->starts_day) return at < g->told_at;
    return at <= g->told_at || (!s->real_clock && is_of_that_day(s, m, day));
}

void retire_before(struct sim *s, struct member *m, int64_t day, int64_t at)
{
    if (!retire_concerns(s, m) || day < m->leaving.applies_day || is_news_to(s, m, day, at)) return;
    if (m->next_plan < PLANS) return;
    if (retire_place(s, m) == PLANS)
        complain(s, m, "A-10: goes on with a plan that is retired");
    else
        retire_plan(s, m, retire_place(s, m), day);
}

void retire_before_term(struct sim *s, struct member *m, const struct seen_charge *c, int64_t at)
{
    const struct leaving *g = &m->leaving;
    bool const told = at > g->told_at || (at == g->told_at && c->charge_id > g->told_id);

    if (!retire_concerns(s, m) || !is_over(m, at) || !told || m->next_plan < PLANS) return;
    if (retire_place(s, m) < PLANS)
        retire_plan(s, m, retire_place(s, m), retire_start(s, m));
    else if (at >= start_of(m, m->leaving.applies_day))
        complain(s, m, "A-10: begins anew with a plan that is retired");
}

void retire_held(struct sim *s, struct member *m, int64_t at)
{
    if (!retire_concerns(s, m) || at < m->leaving.told_at || m->next_plan == PLANS) return;
    if (is_past(m, at)) return;
    if (m->next_plan != m->leaving.choice && m->next_plan != s->market.retired.to) return;
    note(s, "%s: keeps its plan until its day", m->external_id);
    m->next_plan = PLANS;
    plan_keep_slots(m, zone_day(m->zone, at));
}

bool retire_ends(const struct sim *s, const struct member *m, const struct seen_event *e)
{
    bool const last = m->state != M_HOLD && m->state != M_PAUSED &&
                      period_to_book(s, m, e->happened_at).day >= m->leaving.applies_day &&
                      e->happened_at >= start_of(m, m->next.day) - DAY_MS;
    bool const unpaid = m->state == M_GRACE && e->happened_at >= start_of(m, m->grace_day) &&
                        is_past(m, e->happened_at);

    return strcmp(e->reason, "plan.retired") == 0 && retire_concerns(s, m) &&
           m->next_plan == PLANS && retire_place(s, m) == PLANS &&
           (last || unpaid || is_over(m, e->happened_at));
}

/* It may be withdrawn by its owner until the last day, so that only a period shows the lack. What
 * comes as late as that is booked a day later, and a retry on hold waits for it. */
static void planned(struct sim *s, struct member *m, size_t place)
{
    retire_plan(s, m, place, retire_start(s, m));
    if (m->state == M_HOLD || start_of(m, m->next.day) < s->now) m->doubt_at = s->now;
}

void retire_follow(struct sim *s, struct member *m, const struct seen_membership *row)
{
    size_t const place = retire_place(s, m);

    if (!retire_concerns(s, m) || m->next_plan < PLANS || !retire_is_time(s, m, s->now)) return;
    if (place < PLANS && strcmp(row->next_plan, plan_codes[place]) == 0)
        planned(s, m, place);
    else if (place == PLANS && m->state == M_ENDING && !m->debt && m->end_day > m->next.day &&
             row->end_day == m->next.day && s->now >= start_of(m, m->next.day) - DAY_MS)
        m->end_day = m->next.day; /* credit carries it no further */
}

/* --- all of it --- */

static bool has_left(const struct sim *s, const struct member *m)
{
    return m->partner || m->plan != s->market.retired.plan || m->state == M_NONE ||
           m->state == M_CANCELED || m->state == M_DELETED;
}

static void follow_row(struct sim *s, struct member *m)
{
    struct seen_retirement *rows;
    size_t n;

    if (seen_retirements(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "retirements cannot be read");
        return;
    }
    m->leaving.left = m->leaving.left || has_left(s, m);
    for (size_t i = 0; i < n; i++)
        if (rows[i].closed_at) m->leaving.open = false;
    if (m->state == M_DELETED) m->leaving.open = false;
    if (!m->leaving.open && !m->leaving.left)
        complain(s, m, "A-10: the retirement of its plan was forgotten");
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Where no period runs the plan ends by itself; where one ran, the next one is booked or it ends.
 */
static void check_over(struct sim *s, struct member *m)
{
    bool const rests = m->state == M_HOLD || m->state == M_PAUSED;
    int64_t const day = rests ? m->leaving.applies_day : m->next.day;
    int64_t const free_at = later(later(m->unlocked_at, m->doubt_at), m->over_at);

    if (m->locked_at || m->next_plan < PLANS || (!rests && m->state != M_ACTIVE)) return;
    if (rests && retire_place(s, m) < PLANS) return;
    if (s->now > later(start_of(m, day), free_at) + SLACK_MS)
        complain(s, m, "A-10: goes on although its plan is over");
}

void retire_audit(struct sim *s, struct member *m)
{
    if (m->leaving.open) follow_row(s, m);
    if (m->leaving.fresh) check_notice(s, m);
    if (retire_concerns(s, m)) check_over(s, m);
    if (!is_to_be_told(s, m))
        m->leaving.since = 0;
    else if (!m->leaving.since)
        m->leaving.since = s->now;
    else if (s->retires_at)
        check_told(s, m);
}
