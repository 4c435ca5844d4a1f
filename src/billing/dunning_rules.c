/* dunning_rules: retries, reminders, grace and hold as dates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/dunning_rules.h"

#include <assert.h>

#include "base/calendar.h"
#include "base/sabotage.h"

struct dunning_dates dunning_begin(const struct settings *s, int64_t debt_day)
{
    int64_t const grace_until = debt_day + s->grace_days;

    return (struct dunning_dates){.debt_day = debt_day,
                                  .grace_until_day = grace_until,
                                  .hold_until_day = grace_until + s->hold_limit_days};
}

static void pass(const char *list, int64_t elapsed, int64_t *done)
{
    for (int64_t day; (day = days_at(list, *done)) != -1 && day <= elapsed;) ++*done;
}

void dunning_pass_retries(const struct settings *s, struct dunning_dates *d, int64_t today)
{
    if (SABOTAGE("grace_from_check")) d->grace_until_day = today + s->grace_days;
    pass(s->retry_schedule_days, today - d->debt_day, &d->retries_done);
}

void dunning_pass_reminders(const struct settings *s, struct dunning_dates *d, int64_t today)
{
    pass(s->grace_reminder_days, today - d->debt_day, &d->reminders_done);
}

static void consider(struct dunning_next *best, enum membership_step step, int64_t day)
{
    if (best->step == STEP_NONE || day < best->day) *best = (struct dunning_next){step, day};
}

struct dunning_next dunning_next(const struct settings *s, enum membership_state state,
                                 const struct dunning_dates *d)
{
    bool const grace = state == M_GRACE;
    int64_t const end = grace ? d->grace_until_day : d->hold_until_day;
    int64_t const retry = days_at(s->retry_schedule_days, d->retries_done);
    int64_t const remind = days_at(s->grace_reminder_days, d->reminders_done);
    struct dunning_next best = {STEP_NONE, 0};

    assert(grace || state == M_HOLD);
    if (retry != -1 && d->debt_day + retry <= end) consider(&best, STEP_RETRY, d->debt_day + retry);
    if (grace && remind != -1 && d->debt_day + remind < end)
        consider(&best, STEP_REMIND, d->debt_day + remind);
    consider(&best, grace ? STEP_GRACE_END : STEP_HOLD_END, end);
    return best;
}

int64_t look_up_wait_ms(const struct settings *s, int64_t n)
{
    int64_t wait = s->look_up_minutes * 60000;

    while (n-- > 0 && wait < DAY_MS) wait *= 2;
    return wait < DAY_MS ? wait : DAY_MS;
}
