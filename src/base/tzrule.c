/* tzrule: reads POSIX TZ strings. SPDX-License-Identifier: Apache-2.0 */
#include "base/tzrule.h"

#include "base/calendar.h"

enum { ZONE_HOURS = 24, TIME_HOURS = 167 }; /* RFC 8536, 3.3.1 */

static bool char_read(const char **s, char c)
{
    if (**s != c) return false;
    ++*s;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool number_read(const char **s, int64_t min, int64_t max, int64_t *out)
{
    int64_t n = 0;

    if (!is_digit(**s)) return false;
    while (is_digit(**s) && n <= max) n = n * 10 + *(*s)++ - '0';
    *out = n;
    return n >= min && n <= max;
}

/* An abbreviation such as CET or <+0330>; nobody needs what it says. */
static bool name_read(const char **s)
{
    bool const quoted = char_read(s, '<');
    const char *const from = *s;

    while (is_letter(**s) || (quoted && (is_digit(**s) || **s == '+' || **s == '-'))) ++*s;
    return *s - from >= 3 && (!quoted || char_read(s, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool time_read(const char **s, int64_t hours_max, int64_t *out)
{
    bool const minus = char_read(s, '-');
    int64_t hours, minutes = 0, seconds = 0;

    if (!minus) char_read(s, '+');
    if (!number_read(s, 0, hours_max, &hours)) return false;
    if (char_read(s, ':')) {
        if (!number_read(s, 0, 59, &minutes)) return false;
        if (char_read(s, ':') && !number_read(s, 0, 59, &seconds)) return false;
    }
    *out = hours * 3600 + minutes * 60 + seconds;
    if (minus) *out = -*out;
    return true;
}

/* POSIX counts west of Greenwich, everybody else counts east. */
static bool offset_read(const char **s, int32_t *out)
{
    int64_t west;

    if (!time_read(s, ZONE_HOURS, &west)) return false;
    *out = (int32_t)-west;
    return true;
}

static bool date_read(const char **s, struct tzrule_change *c)
{
    if (char_read(s, 'M')) {
        c->form = TZRULE_WEEKDAY;
        return number_read(s, 1, 12, &c->month) && char_read(s, '.') &&
               number_read(s, 1, 5, &c->week) && char_read(s, '.') &&
               number_read(s, 0, 6, &c->weekday);
    }
    c->form = char_read(s, 'J') ? TZRULE_JULIAN : TZRULE_ORDINAL;
    return c->form == TZRULE_JULIAN ? number_read(s, 1, 365, &c->day)
                                    : number_read(s, 0, 365, &c->day);
}

static bool change_read(const char **s, struct tzrule_change *c)
{
    c->time = 2 * 3600;
    return char_read(s, ',') && date_read(s, c) &&
           (!char_read(s, '/') || time_read(s, TIME_HOURS, &c->time));
}

bool tzrule_read(const char *s, struct tzrule *out)
{
    struct tzrule r = {0};
    int32_t summer;

    if (!name_read(&s) || !offset_read(&s, &r.standard)) return false;
    if (*s) {
        if (!name_read(&s)) return false;
        summer = r.standard + 3600;
        if (*s != ',' && !offset_read(&s, &summer)) return false;
        if (!change_read(&s, &r.change[0]) || !change_read(&s, &r.change[1])) return false;
        r.changes = true;
        r.change[0].before = r.change[1].after = r.standard;
        r.change[0].after = r.change[1].before = summer;
    }
    if (*s) return false;
    *out = r;
    return true;
}

static int64_t weekday_of(int64_t day)
{
    int64_t const w = (day + 4) % 7; /* 1970-01-01 was a Thursday. */

    return w < 0 ? w + 7 : w;
}

static int64_t change_day(const struct tzrule_change *c, int64_t year)
{
    if (c->form == TZRULE_WEEKDAY) {
        int64_t const first = day_of(year, c->month, 1);
        int64_t const in_week = (c->weekday - weekday_of(first) + 7) % 7;
        int64_t const in_month = in_week + 7 * (c->week - 1);

        return first + (in_month < month_days(year, c->month) ? in_month : in_month - 7);
    }
    int64_t const new_year = day_of(year, 1, 1);

    if (c->form == TZRULE_ORDINAL) return new_year + c->day;
    return new_year + c->day - 1 + (c->day >= 60 && month_days(year, 2) == 29);
}

int64_t tzrule_second(const struct tzrule_change *c, int64_t year)
{
    return change_day(c, year) * 86400 + c->time - c->before;
}
