/* calendar: civil dates as day numbers, and the dates of billing periods. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

#define DAY_MS INT64_C(86400000)

/* a / b rounded down instead of towards zero; b > 0. */
static inline int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* A date of the proleptic Gregorian calendar. month and day count from 1. */
struct civil {
    int64_t year, month, day;
};

int64_t day_of(int64_t year, int64_t month, int64_t day); /* days since 1970-01-01; any year */
struct civil civil_of(int64_t day);
int64_t month_days(int64_t year, int64_t month); /* 28 to 31 */

/* Months are counted, too: year * 12 + month - 1. */
int64_t month_of(int64_t day);
int64_t month_start_day(int64_t month);

/* The date `months` months after (or before) `day`; the last day of a month that lacks it. */
int64_t day_add_months(int64_t day, int64_t months);

/* The local date on which period k (0, 1, …) of a term starts: always computed from the term's
 * anchor, clamped to the last day of short months, so that 31 January is followed by 28 or 29
 * February and 31 March (SPEC B-02, B-03). Period k ends where period k + 1 starts. */
int64_t period_start_day(int64_t anchor_day, int64_t k);

/* The smallest k whose period starts on or after `day`, never below 0. */
int64_t period_on_or_after(int64_t anchor_day, int64_t day);

/* Reads an ISO date, exactly YYYY-MM-DD; refuses dates that do not exist. */
bool day_parse(const char *s, int64_t *day);
/* Reads a date by a strptime-like format of %Y %m %d %y %b %B (English names) %H %M %S %% and
 * literal bytes; the whole of `s` must fit and the date must exist. */
bool day_parse_format(const char *s, const char *format, int64_t *day);

enum { DAY_TEXT = 16, MONTH_TEXT = 8, INSTANT_TEXT = 32 };
/* Writes YYYY-MM-DD into `to` and returns it. */
char *day_text(int64_t day, char to[static DAY_TEXT]);
/* The same of a month, YYYY-MM; '' for 0: there is none. */
char *month_text(int64_t month, char to[static MONTH_TEXT]);
/* Writes RFC 3339 with milliseconds in UTC (2024-02-29T00:00:00.000Z) and returns it. */
char *instant_text(int64_t at_ms, char to[static INSTANT_TEXT]);
