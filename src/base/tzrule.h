/* tzrule: the rule at the end of a time zone file, which governs all later years: a POSIX TZ
 * string as RFC 8536 extends it ("CET-1CEST,M3.5.0,M10.5.0/3"). Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum tzrule_form { TZRULE_WEEKDAY, TZRULE_JULIAN, TZRULE_ORDINAL };

/* When, in each year, the clock changes. */
struct tzrule_change {
    enum tzrule_form form;
    int64_t month, week, weekday; /* TZRULE_WEEKDAY: week 5 is the last, weekday 0 is Sunday */
    int64_t day;  /* TZRULE_JULIAN: 1 to 365, never 29 February; TZRULE_ORDINAL: 0 to 365 */
    int64_t time; /* seconds after local midnight by the clock before; may be negative or days */
    int32_t before, after; /* offsets, seconds east of UTC */
};

struct tzrule {
    int32_t standard; /* seconds east of UTC */
    bool changes;     /* whether there is summer time; then `change` holds both, in any order */
    struct tzrule_change change[2];
};

/* False unless the whole of `s` is a rule; summer time without dates is refused. */
bool tzrule_read(const char *s, struct tzrule *out);
/* The Unix second of a change in a year. */
int64_t tzrule_second(const struct tzrule_change *change, int64_t year);
