/* dunning_test: the dates of dunning against a day-by-day oracle.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/dunning_rules.h"

#include "base/calendar.h"
#include "base/test.h"

static bool in_list(const char *list, int64_t day)
{
    for (int64_t i = 0, d; (d = days_at(list, i)) != -1; i++)
        if (d == day) return true;
    return false;
}

/* What a calendar on the wall would say: walks each day and does everything written on it. */
static size_t oracle(const struct settings *s, int64_t debt, struct dunning_next *out)
{
    int64_t const grace = debt + s->grace_days, limit = grace + s->hold_limit_days;
    size_t n = 0;

    for (int64_t day = debt + 1; day <= limit; day++) {
        if (in_list(s->retry_schedule_days, day - debt))
            out[n++] = (struct dunning_next){STEP_RETRY, day};
        if (day < grace && in_list(s->grace_reminder_days, day - debt))
            out[n++] = (struct dunning_next){STEP_REMIND, day};
        if (day == grace) out[n++] = (struct dunning_next){STEP_GRACE_END, day};
    }
    out[n++] = (struct dunning_next){STEP_HOLD_END, limit};
    return n;
}

static void check_schedule(const struct settings *s, int64_t debt)
{
    struct dunning_next expected[500];
    size_t const n = oracle(s, debt, expected);
    struct dunning_dates d = dunning_begin(s, debt);
    enum membership_state state = s->grace_days ? M_GRACE : M_HOLD;

    dunning_pass_retries(s, &d, debt);
    dunning_pass_reminders(s, &d, debt);
    for (size_t i = 0; i < n; i++) {
        struct dunning_next const next = dunning_next(s, state, &d);

        if (next.step != expected[i].step || next.day != expected[i].day)
            FAIL("step %zu: %d on day %lld, expected %d on day %lld", i, next.step,
                 (long long)(next.day - debt), expected[i].step,
                 (long long)(expected[i].day - debt));
        if (next.step == STEP_GRACE_END) state = M_HOLD;
        if (next.step == STEP_RETRY) d.retries_done++;
        if (next.step == STEP_REMIND) d.reminders_done++;
    }
}

static void schedules_match_the_oracle(void **state)
{
    static const char *const lists[] = {"1,3,5,7,10,14,21", "1", "2,4,6,8", "5,30,60",
                                        "1,2,3,4,5,6"};
    static const char *const reminders[] = {"0,2,4", "0", "1,2,3", "0,10"};
    struct settings s = settings_default;

    (void)state;
    for (size_t r = 0; r < COUNT(lists); r++)
        for (size_t m = 0; m < COUNT(reminders); m++)
            for (s.grace_days = 0; s.grace_days <= 27; s.grace_days++)
                for (s.hold_limit_days = 1; s.hold_limit_days <= 90; s.hold_limit_days += 29) {
                    s.retry_schedule_days = lists[r];
                    s.grace_reminder_days = reminders[m];
                    check_schedule(&s, 19000);
                }
}

static void counted_from_the_debt(void **state)
{
    struct settings const s = settings_default;
    struct dunning_dates d = dunning_begin(&s, 100);

    (void)state;
    /* ten days of outage: one retry follows, not four, and grace is over when it was over */
    dunning_pass_retries(&s, &d, 110);
    dunning_pass_reminders(&s, &d, 110);
    CHECK(dunning_next(&s, M_GRACE, &d).step == STEP_GRACE_END);
    CHECK(dunning_next(&s, M_GRACE, &d).day == 105);
    CHECK(dunning_next(&s, M_HOLD, &d).step == STEP_RETRY &&
          dunning_next(&s, M_HOLD, &d).day == 114);
    CHECK(d.hold_until_day == 135);
}

/* A late letter does not take the place of a late attempt. */
static void late_retry_is_made(void **state)
{
    struct settings const s = settings_default;
    struct dunning_dates d = dunning_begin(&s, 100);

    (void)state;
    dunning_pass_reminders(&s, &d, 110);
    CHECK(dunning_next(&s, M_GRACE, &d).step == STEP_RETRY &&
          dunning_next(&s, M_GRACE, &d).day == 101);
}

static void look_ups_slow_down(void **state)
{
    struct settings const s = settings_default;
    int64_t last = 0;

    (void)state;
    CHECK(look_up_wait_ms(&s, 0) == 15 * 60000);
    for (int64_t n = 0; n < 100; n++) {
        int64_t const wait = look_up_wait_ms(&s, n);
        CHECK(wait >= last && wait <= DAY_MS);
        last = wait;
    }
    CHECK(last == DAY_MS);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-02 E-03 E-09 E-19 retries, reminders, grace and hold fall on the oracle's days",
             schedules_match_the_oracle),
        CASE("E-02 E-09 grace counts from the debt's date, and an outage makes no burst",
             counted_from_the_debt),
        CASE("E-09 a late reminder does not take the place of a late retry", late_retry_is_made),
        CASE("B-11 look-ups of an unknown outcome slow down to one a day", look_ups_slow_down),
    };
    return RUN_CASES("dunning", cases);
}
