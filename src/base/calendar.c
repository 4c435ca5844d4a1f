/* calendar: arithmetic of civil dates; the month is the only unit that is not a fixed length.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/sabotage.h"

#include <assert.h>
#include <string.h>

enum { CYCLE_DAYS = 146097, CYCLE_YEARS = 400 };              /* the calendar repeats itself */
enum { EPOCH_DAYS = 719468 };                                 /* from 0000-03-01 to 1970-01-01 */
enum { FIRST_DAY_SHOWN = -719528, LAST_DAY_SHOWN = 2932896 }; /* 0000-01-01, 9999-12-31 */
#define DAY_MAX INT64_C(1000000000000000) /* far beyond any instant in milliseconds */

/* Years are counted from March here, so that the leap day is the last of its year and the months
 * before it have the lengths 31 30 31 30 31, 31 30 31 30 31, 31: (153 m + 2) / 5 days in all. */
int64_t day_of(int64_t year, int64_t month, int64_t day)
{
    assert(month >= 1 && month <= 12 && day >= 1 && day <= 31);
    assert(year > -DAY_MAX / 400 && year < DAY_MAX / 400);
    int64_t const y = month > 2 ? year : year - 1;
    int64_t const cycle = divide_down(y, CYCLE_YEARS), in_cycle = y - cycle * CYCLE_YEARS;
    int64_t const m = month > 2 ? month - 3 : month + 9;
    int64_t const before = in_cycle * 365 + in_cycle / 4 - in_cycle / 100;

    return cycle * CYCLE_DAYS + before + (153 * m + 2) / 5 + day - 1 - EPOCH_DAYS;
}

struct civil civil_of(int64_t day)
{
    assert(day > -DAY_MAX && day < DAY_MAX);
    int64_t const cycle = divide_down(day + EPOCH_DAYS, CYCLE_DAYS);
    int64_t const d = day + EPOCH_DAYS - cycle * CYCLE_DAYS;
    /* Leap days that end a 4-year, 100-year or 400-year run are taken out before dividing. */
    int64_t const y = (d - d / 1460 + d / 36524 - d / (CYCLE_DAYS - 1)) / 365;
    int64_t const in_year = d - (y * 365 + y / 4 - y / 100);
    int64_t const m = (5 * in_year + 2) / 153;

    return (struct civil){
        .year = cycle * CYCLE_YEARS + y + (m >= 10),
        .month = m < 10 ? m + 3 : m - 9,
        .day = in_year - (153 * m + 2) / 5 + 1,
    };
}

int64_t month_days(int64_t year, int64_t month)
{
    assert(month >= 1 && month <= 12);
    if (month == 2) return 28 + (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int64_t month_number(struct civil c)
{
    return c.year * 12 + c.month - 1;
}

int64_t month_of(int64_t day)
{
    return month_number(civil_of(day));
}

static struct civil month_begin(int64_t month)
{
    int64_t const year = divide_down(month, 12);

    return (struct civil){year, month - year * 12 + 1, 1};
}

int64_t month_start_day(int64_t month)
{
    struct civil const c = month_begin(month);

    return day_of(c.year, c.month, 1);
}

int64_t day_add_months(int64_t day, int64_t months)
{
    struct civil const from = civil_of(day), to = month_begin(month_number(from) + months);
    int64_t const last = month_days(to.year, to.month);

    return day_of(to.year, to.month, from.day < last ? from.day : last);
}

int64_t period_start_day(int64_t anchor_day, int64_t k)
{
    assert(k >= 0);
    for (int64_t i = 0; SABOTAGE("anchor_drift") && i < k; i++)
        anchor_day = day_add_months(anchor_day, 1);
    if (SABOTAGE("anchor_drift")) return anchor_day;
    return day_add_months(anchor_day, k);
}

/* Every month holds one start, so the answer is the start in the month of `day` or the next. */
int64_t period_on_or_after(int64_t anchor_day, int64_t day)
{
    if (day <= anchor_day) return 0;
    int64_t const k = month_of(day) - month_of(anchor_day);

    return period_start_day(anchor_day, k) >= day ? k : k + 1;
}

static void digits_put(char *to, int64_t n, size_t width)
{
    while (width--) {
        to[width] = (char)('0' + n % 10);
        n /= 10;
    }
}

/* Years that have no four digits come out as question marks: no reader takes them for a date. */
char *day_text(int64_t day, char to[static DAY_TEXT])
{
    memcpy(to, "\?\?\?\?-\?\?-\?\?", 11);
    if (day < FIRST_DAY_SHOWN || day > LAST_DAY_SHOWN) return to;
    struct civil const c = civil_of(day);

    digits_put(to, c.year, 4);
    digits_put(to + 5, c.month, 2);
    digits_put(to + 8, c.day, 2);
    return to;
}

char *month_text(int64_t month, char to[static MONTH_TEXT])
{
    char day[DAY_TEXT];

    *to = '\0';
    if (!month) return to;
    memcpy(to, day_text(month_start_day(month), day), MONTH_TEXT - 1);
    to[MONTH_TEXT - 1] = '\0';
    return to;
}

char *instant_text(int64_t at_ms, char to[static INSTANT_TEXT])
{
    int64_t const day = divide_down(at_ms, DAY_MS);
    int64_t const ms = at_ms % DAY_MS < 0 ? at_ms % DAY_MS + DAY_MS : at_ms % DAY_MS;

    day_text(day, to);
    memcpy(to + 10, "T00:00:00.000Z", 15);
    digits_put(to + 11, ms / 3600000, 2);
    digits_put(to + 14, ms / 60000 % 60, 2);
    digits_put(to + 17, ms / 1000 % 60, 2);
    digits_put(to + 20, ms % 1000, 3);
    return to;
}
