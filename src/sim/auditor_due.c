/* auditor_due: what should have happened by now - renewals, retries, reminders, the ends of grace,
 * hold, pauses and paid periods. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

static bool is_open(const struct duty *d)
{
    return d && (d->state == CHARGE_WANTED || d->state == CHARGE_UNKNOWN);
}

bool due_in_doubt(const struct member *m)
{
    for (const struct duty *d = m->duties; d; d = d->older)
        if (is_open(d)) return true;
    return false;
}

static void check_due(struct sim *s, const struct member *m, const char *what, int64_t day)
{
    char due[DAY_TEXT];

    if (m->locked_at || start_of(m, day) <= m->unlocked_at) return;
    if (start_of(m, day) < s->now && start_of(m, day) > m->doubt_at + SLACK_MS)
        complain(s, m, "%s was due on %s and has not come", what, day_text(day, due));
}

/* SPEC E-09: every day of the retry schedule has had its attempt, unless there was nothing to try.
 */
static void check_retries(struct sim *s, const struct member *m)
{
    int64_t const debt_day = m->debt_day, end = m->hold_day;

    for (int64_t i = 0, d; (d = days_at(s->settings.retry_schedule_days, i)) != -1; i++) {
        int64_t const day = debt_day + d, due = start_of(m, day);
        int64_t const until = s->real_clock ? s->now + 1 : start_of(m, day + 1);
        bool tried = false, could = false;

        if (due <= m->unlocked_at + DAY_MS) continue;
        if (due + DAY_MS > m->disputed_from && due - DAY_MS < m->disputed_until) continue;
        if (day >= end || due <= m->failed_at || due + DAY_MS >= s->now) continue;
        if (due <= m->doubt_at + SLACK_MS || day <= zone_day(m->zone, m->failed_at)) continue;
        for (const struct sent *a = m->sent; a && !tried; a = a->next)
            tried = a->first_at >= due && a->first_at < until;
        for (size_t t = 0; t < m->n_tokens && !could; t++)
            could = !m->tokens[t].shy && m->tokens[t].added_at < due &&
                    m->tokens[t].opened_at < due && token_usable(s, &m->tokens[t], due);
        if (!tried && could)
            complain(s, m, "E-09: nothing was tried on day %lld of the retry schedule",
                     (long long)d);
    }
}

/* SPEC E-03: every day of the reminders' schedule has had its letter, or a later one after an
 * outage.
 */
static void check_reminders(struct sim *s, const struct member *m)
{
    int64_t const debt_day = m->debt_day;

    for (int64_t i = 0, d; (d = days_at(s->settings.grace_reminder_days, i)) != -1; i++) {
        int64_t const due = start_of(m, debt_day + d);
        int64_t const until = s->real_clock ? s->now + 1 : start_of(m, debt_day + d + 1);
        bool reminded = false;

        if (debt_day + d >= m->grace_day || due <= m->unlocked_at + DAY_MS) continue;
        if (due <= m->failed_at || due + DAY_MS >= s->now) continue;
        if (due <= m->doubt_at + SLACK_MS) continue;
        for (size_t k = 0; k < REMINDERS_MAX && !reminded; k++)
            reminded = m->reminded_at[k] >= due && m->reminded_at[k] < until;
        if (!reminded)
            complain(s, m, "E-03: no reminder was sent on day %lld of grace", (long long)d);
    }
}

static void check_dates(struct sim *s, const struct member *m)
{
    int64_t const notice = s->settings.retention_notice_days;
    bool const told = m->erase_told_at || m->delete_day;

    switch (m->state) {
    case M_ACTIVE:
        check_due(s, m, m->pause_months ? "G-01: a pause" : "B-01: a renewal", m->next.day);
        break;
    case M_GRACE: check_due(s, m, "E-05: the end of grace", m->grace_day); break;
    case M_HOLD: check_due(s, m, "E-19: the hold limit", m->hold_day); break;
    case M_ENDING: check_due(s, m, "F-06: the end", m->end_day); break;
    case M_PAUSED: check_due(s, m, "G-05: the end of a pause", resume_day_of(m)); break;
    case M_PENDING:
        if (m->pending_at + s->settings.pending_minutes * 60000 + SLACK_MS < s->now &&
            m->doubt_at + SLACK_MS < s->now && !m->locked_at && m->unlocked_at + SLACK_MS < s->now)
            complain(s, m, "2.2: a payment that begins a term is waited for too long");
        break;
    case M_CANCELED:
        if (!told && m->over_at < s->now)
            check_due(s, m, "E-22: the notice of erasure", m->retention_day - notice + 1);
        break;
    case M_NONE:
    case M_DELETED: break;
    }
}

/* A restart that nobody stopped begins, unless something else forbids it by then. */
static void check_held(struct sim *s, struct member *m)
{
    int64_t const until = m->held_until,
                  asked_at = until - s->settings.restart_hold_hours * 3600000;

    if (!until || until >= s->now) return;
    bool const retired = s->market.retired.day && m->held_plan == s->market.retired.plan &&
                         zone_day(m->zone, until) >= s->market.retired.day;

    if (m->state == M_CANCELED && !m->locked_at && m->unlocked_at < asked_at && !retired &&
        m->doubt_at + SLACK_MS < until && zone_day(m->zone, until) < m->retention_day)
        complain(s, m, "F-12: a restart that waited has not begun");
    m->held_until = 0;
}

/* Its days are served, or some of them: a shift may leave none of those that were paid ahead. */
static bool gives_access(const struct member *m, const struct duty *d)
{
    return plan_owns_days(m, d) && !d->held && d->served_day != d->start_day;
}

/* Whoever has paid for today may watch. */
static void check_access(struct sim *s, const struct member *m)
{
    bool const access = m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_ENDING;
    const struct duty *d = m->duties;

    while (d && !gives_access(m, d)) d = d->older;
    if (d && d->state == CHARGE_CAPTURED && !access && !d->back_minor && !d->lost_minor &&
        !m->partner && start_of(m, d->served_day ? d->served_day : d->end_day) > s->now)
        complain(s, m, "F-06: has paid and has no access");
    if (access != state_has_access(m->state)) complain(s, m, "E-02: access is wrong");
}

void due_check(struct sim *s, struct member *m)
{
    if (due_in_doubt(m)) m->doubt_at = s->now;
    if (!m->partner) check_dates(s, m);
    check_held(s, m);
    if (m->debt && m->state != M_ENDING && !m->locked_at) check_retries(s, m);
    if (m->state == M_GRACE && !m->locked_at) check_reminders(s, m);
    check_access(s, m);
    retire_audit(s, m);
    if (m->row.due_at && m->row.due_at < s->now && !m->locked_at)
        complain(s, m, "B-17: what was due (%s) is not done", membership_steps.at[m->row.step]);
    for (const struct duty *d = m->duties; d; d = d->older)
        if (d->state == CHARGE_WANTED && m->put_off_at < s->now && !m->locked_at)
            complain(s, m, "B-17: period %lld is left uncollected", (long long)d->k);
}
