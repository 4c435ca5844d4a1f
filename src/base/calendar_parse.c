/* calendar_parse: dates as people write them. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

/* What has been read so far; 0 means not yet, so a year is kept one higher. */
struct reading {
    int64_t year_plus_1, month, day;
};

static bool date_make(int64_t year, int64_t month, int64_t day, int64_t *out)
{
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month)) return false;
    *out = day_of(year, month, day);
    return true;
}

static bool number_read(const char **s, int min, int max, int64_t *out)
{
    int64_t n = 0;
    int digits = 0;

    for (; digits < max && **s >= '0' && **s <= '9'; digits++) n = n * 10 + *(*s)++ - '0';
    *out = n;
    return digits >= min;
}

static bool text_read(const char **s, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char const pair[2][2] = {{(*s)[i]}, {text[i]}};

        if (!text_equal_nocase(pair[0], pair[1])) return false;
    }
    *s += n;
    return true;
}

static bool month_read(const char **s, int64_t *out)
{
    for (size_t i = 0; i < COUNT(months); i++)
        if (text_read(s, months[i], strlen(months[i])) || text_read(s, months[i], 3)) {
            *out = (int64_t)i + 1;
            return true;
        }
    return false;
}

/* A part that is given twice must be the same twice. */
static bool keep(int64_t *part, int64_t value)
{
    if (*part && *part != value) return false;
    *part = value;
    return true;
}

static bool part_read(const char **s, char directive, struct reading *r)
{
    int64_t n;

    switch (directive) {
    case 'Y': return number_read(s, 4, 4, &n) && keep(&r->year_plus_1, n + 1);
    case 'y': /* POSIX: 69 to 99 are of the last century. */
        return number_read(s, 2, 2, &n) && keep(&r->year_plus_1, n + (n < 69 ? 2001 : 1901));
    case 'm': return number_read(s, 1, 2, &n) && n && keep(&r->month, n);
    case 'b':
    case 'B': return month_read(s, &n) && keep(&r->month, n);
    case 'd': return number_read(s, 1, 2, &n) && n && keep(&r->day, n);
    case 'H': return number_read(s, 1, 2, &n) && n <= 23;
    case 'M': return number_read(s, 1, 2, &n) && n <= 59;
    case 'S': return number_read(s, 1, 2, &n) && n <= 60;
    case '%': return *(*s)++ == '%';
    default: return false;
    }
}

bool day_parse_format(const char *s, const char *format, int64_t *day)
{
    struct reading r = {0};

    for (; *format; format++)
        if (*format == '%') {
            if (!part_read(&s, *++format, &r)) return false;
        } else if (*s++ != *format) {
            return false;
        }
    return !*s && r.year_plus_1 && date_make(r.year_plus_1 - 1, r.month, r.day, day);
}

bool day_parse(const char *s, int64_t *day)
{
    int64_t y, m, d;

    if (!number_read(&s, 4, 4, &y) || *s++ != '-') return false;
    if (!number_read(&s, 2, 2, &m) || *s++ != '-') return false;
    return number_read(&s, 2, 2, &d) && !*s && date_make(y, m, d, day);
}
