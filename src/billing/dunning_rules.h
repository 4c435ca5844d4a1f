/* dunning_rules: the dates that follow from an unpaid renewal, all counted from the debt's own
 * date,
 * never from the last check. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "membership/membership_rules.h"
#include "policy/settings.h"

struct dunning_dates {
    int64_t debt_day;                     /* local date the renewal was due */
    int64_t grace_until_day;              /* first day without access (SPEC E-02) */
    int64_t hold_until_day;               /* the hold limit (SPEC E-19) */
    int64_t retries_done, reminders_done; /* places of the schedules that are behind us */
};

struct dunning_dates dunning_begin(const struct settings *s, int64_t debt_day);

/* Put the retries, or the reminders, of `today` and before behind us, so that an outage or a
 * member's own attempt is followed by one retry and one letter, not by a burst. Neither takes the
 * place of the other (SPEC E-03, E-09). */
void dunning_pass_retries(const struct settings *s, struct dunning_dates *d, int64_t today);
void dunning_pass_reminders(const struct settings *s, struct dunning_dates *d, int64_t today);

/* What is due next in GRACE or HOLD and on which local date. On one date a retry comes first, then
 * a reminder, then the end of grace or hold. */
struct dunning_next {
    enum membership_step step;
    int64_t day;
};
struct dunning_next dunning_next(const struct settings *s, enum membership_state state,
                                 const struct dunning_dates *d);

/* How long after the n-th look-up of an unknown outcome the next one comes: doubling, a day at
 * most. */
int64_t look_up_wait_ms(const struct settings *s, int64_t n);
