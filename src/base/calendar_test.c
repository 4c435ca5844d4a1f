/* calendar_test: dates and periods against counting by hand. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

enum { YEAR_FIRST = 1970, YEAR_LAST = 2100, MONTHS = (YEAR_LAST - YEAR_FIRST + 1) * 12 };

static bool run_is_long(void)
{
    return getenv("FOYER_LONG") != NULL;
}

/* The oracle's calendar: the knuckles of a hand and the leap rule, counted month by month. */
static int64_t length_of(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static int64_t month_first[MONTHS + 1]; /* day number of the first of each month since 1970-01 */

static void months_count(void)
{
    for (int64_t i = 0; i < MONTHS; i++)
        month_first[i + 1] = month_first[i] + length_of(YEAR_FIRST + i / 12, i % 12 + 1);
}

static int64_t oracle_start(int64_t month, int64_t anchor)
{
    int64_t const length = month_first[month + 1] - month_first[month];

    return month_first[month] + (anchor < length ? anchor : length) - 1;
}

/* Counts from 1970-01-01 to the last day of year 3000, then back to year -1000. */
static void days_count_like_a_person(void **state)
{
    struct civil c = {1970, 1, 1};

    (void)state;
    for (int64_t day = 0; c.year <= 3000; day++) {
        struct civil const got = civil_of(day);

        CHECK(got.year == c.year && got.month == c.month && got.day == c.day);
        CHECK(day_of(c.year, c.month, c.day) == day);
        CHECK(month_days(c.year, c.month) == length_of(c.year, c.month));
        if (++c.day > length_of(c.year, c.month)) c.day = 1, c.month++;
        if (c.month > 12) c.month = 1, c.year++;
    }
    c = (struct civil){1969, 12, 31};
    for (int64_t day = -1; c.year >= -1000; day--) {
        struct civil const got = civil_of(day);

        CHECK(got.year == c.year && got.month == c.month && got.day == c.day);
        CHECK(day_of(c.year, c.month, c.day) == day);
        if (--c.day > 0) continue;
        if (--c.month < 1) c.month = 12, c.year--;
        c.day = length_of(c.year, c.month);
    }
}

static void days_far_away_come_back(void **state)
{
    (void)state;
    for (int64_t year = INT64_C(-2000000000000); year <= INT64_C(2000000000000);
         year += INT64_C(123456789123)) {
        struct civil const c = civil_of(day_of(year, 2, 28));

        CHECK(c.year == year && c.month == 2 && c.day == 28);
    }
}

static void anchor_goes_through_all_months(int64_t month, int64_t anchor)
{
    int64_t const first = month_first[month] + anchor - 1;

    for (int64_t k = 0; month + k < MONTHS; k++)
        CHECK(period_start_day(first, k) == oracle_start(month + k, anchor));
}

/* Every anchor day that a person can join on in the years looked at, every later month to 2100. */
static void every_anchor_equals_the_oracle(void **state)
{
    int64_t const joined_until = run_is_long() ? MONTHS : 5 * 12;

    (void)state;
    for (int64_t month = 0; month < joined_until; month++)
        for (int64_t anchor = 1; anchor <= month_first[month + 1] - month_first[month]; anchor++)
            anchor_goes_through_all_months(month, anchor);
}

static void each_month_holds_one_start(void **state)
{
    (void)state;
    for (int64_t anchor = 1; anchor <= 31; anchor++)
        for (int64_t k = 0; k + 1 < MONTHS; k++) {
            int64_t const start = period_start_day(anchor - 1, k);

            CHECK(start >= month_first[k] && start < month_first[k + 1]);
            CHECK(period_start_day(anchor - 1, k + 1) > start);
        }
}

static const struct start {
    const char *anchor;
    int64_t k;
    const char *date;
} starts[] = {
    {"2023-01-31", 1,  "2023-02-28"},
    {"2024-01-31", 1,  "2024-02-29"},
    {"2024-01-31", 2,  "2024-03-31"},
    {"2024-01-31", 3,  "2024-04-30"},
    {"2024-01-31", 12, "2025-01-31"},
    {"2024-01-31", 13, "2025-02-28"},
    {"2024-01-30", 1,  "2024-02-29"},
    {"2024-01-29", 13, "2025-02-28"},
    {"2024-02-29", 1,  "2024-03-29"},
    {"2024-02-29", 12, "2025-02-28"},
    {"2024-02-29", 48, "2028-02-29"},
    {"2023-12-15", 1,  "2024-01-15"},
    {"2099-12-31", 2,  "2100-02-28"},
    {"2000-01-31", 1,  "2000-02-29"},
};

static void short_months_do_not_move_the_anchor(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(starts); i++) {
        int64_t anchor = 0;
        char text[DAY_TEXT];

        CHECK(day_parse(starts[i].anchor, &anchor));
        assert_string_equal(day_text(period_start_day(anchor, starts[i].k), text), starts[i].date);
    }
}

static void next_period_is_found(void **state)
{
    (void)state;
    for (int64_t anchor = 1; anchor <= 31; anchor++) {
        int64_t const first = month_first[24] + anchor - 1;
        int64_t k = 0;

        for (int64_t day = month_first[0]; day < month_first[90]; day++) {
            while (oracle_start(24 + k, anchor) < day) k++;
            CHECK(period_on_or_after(first, day) == k);
        }
    }
}

static void months_are_added_both_ways(void **state)
{
    (void)state;
    for (int64_t day = month_first[600]; day < month_first[660]; day++) {
        struct civil const c = civil_of(day);
        int64_t const month = (c.year - YEAR_FIRST) * 12 + c.month - 1;

        for (int64_t add = -600; add <= 800; add += 7)
            CHECK(day_add_months(day, add) == oracle_start(month + add, c.day));
    }
}

static void iso_dates_are_read(void **state)
{
    static const char *const bad[] = {
        "",           "2024",           "2024-2-3",
        "2024-02-30", "2023-02-29",     "2024-13-01",
        "2024-00-01", "2024-01-00",     "2024-01-32",
        "2024/01/01", "2024-01-01 ",    " 2024-01-01",
        "2024-01-1a", "24-01-01",       "-024-01-01",
        "+024-01-01", "2024-01-011",    "2024-1-011",
        "2024-04-31", "1900-02-29",     "20240101",
        "2024-01-",   "２０２４-01-01", "2024-01-01T00:00:00Z",
    };
    int64_t day = 77;
    char text[DAY_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) CHECK(!day_parse(bad[i], &day) && day == 77);
    for (int64_t d = -800000; d < 3000000; d += 61) {
        bool const shown = d >= day_of(0, 1, 1) && d <= day_of(9999, 12, 31);

        CHECK(day_parse(day_text(d, text), &day) == shown);
        if (shown) CHECK(day == d);
        CHECK(strlen(text) == 10);
    }
}

static const struct format {
    const char *s, *format, *date; /* NULL when it must be refused */
} formats[] = {
    {"31/01/2024",           "%d/%m/%Y",           "2024-01-31"},
    {"1/2/2024",             "%d/%m/%Y",           "2024-02-01"},
    {"15-01-22",             "%d-%m-%y",           "2022-01-15"},
    {"15-01-68",             "%d-%m-%y",           "2068-01-15"},
    {"15-01-69",             "%d-%m-%y",           "1969-01-15"},
    {"20240229",             "%Y%m%d",             "2024-02-29"},
    {"Feb 29, 2024",         "%b %d, %Y",          "2024-02-29"},
    {"february 29, 2024",    "%b %d, %Y",          "2024-02-29"},
    {"29 MAY 2024",          "%d %B %Y",           "2024-05-29"},
    {"5 Sep 2024",           "%d %B %Y",           "2024-09-05"},
    {"2024-06-30T23:59:60Z", "%Y-%m-%dT%H:%M:%SZ", "2024-06-30"},
    {"100% 2024-06-30",      "100%% %Y-%m-%d",     "2024-06-30"},
    {"02/2/2024",            "%m/%m/%Y",           NULL        },
    {"Feb 2 2/2024",         "%b %m %d/%Y",        "2024-02-02"},
    {"Feb 3 2/2024",         "%b %m %d/%Y",        NULL        },
    {"31/02/2024",           "%d/%m/%Y",           NULL        },
    {"29/02/2023",           "%d/%m/%Y",           NULL        },
    {"00/01/2024",           "%d/%m/%Y",           NULL        },
    {"01/00/2024",           "%d/%m/%Y",           NULL        },
    {"01/13/2024",           "%d/%m/%Y",           NULL        },
    {"31/01/24",             "%d/%m/%Y",           NULL        },
    {"31/01/2024",           "%d/%m/%y",           NULL        },
    {"31/01/2024 ",          "%d/%m/%Y",           NULL        },
    {"31/01/2024",           "%d/%m/%Y ",          NULL        },
    {"31/01/",               "%d/%m/%Y",           NULL        },
    {"31/01",                "%d/%m",              NULL        },
    {"01/2024",              "%m/%Y",              NULL        },
    {"31/2024",              "%d/%Y",              NULL        },
    {"",                     "%d/%m/%Y",           NULL        },
    {"",                     "",                   NULL        },
    {"31 Fob 2024",          "%d %b %Y",           NULL        },
    {"31 Ja",                "%d %b %Y",           NULL        },
    {"2024-06-30 24:00",     "%Y-%m-%d %H:%M",     NULL        },
    {"2024-06-30 23:60",     "%Y-%m-%d %H:%M",     NULL        },
    {"2024-06-30 1:2:61",    "%Y-%m-%d %H:%M:%S",  NULL        },
    {"2024-06-30",           "%Y-%m-%q",           NULL        },
    {"2024-06-30",           "%Y-%m-%d%",          NULL        },
    {"2024-06-30%",          "%Y-%m-%d%",          NULL        },
    {"-2024-06-30",          "-%Y-%m-%d",          "2024-06-30"},
    {"2024--6-30",           "%Y-%m-%d",           NULL        },
};

static void formats_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct format *const f = &formats[i];
        int64_t day = 77;
        char text[DAY_TEXT];

        if (day_parse_format(f->s, f->format, &day) != (f->date != NULL))
            FAIL("%s read by %s", f->s, f->format);
        if (f->date) assert_string_equal(day_text(day, text), f->date);
        if (!f->date) CHECK(day == 77);
    }
}

static void instants_are_written(void **state)
{
    char text[INSTANT_TEXT];

    (void)state;
    assert_string_equal(instant_text(0, text), "1970-01-01T00:00:00.000Z");
    assert_string_equal(instant_text(-1, text), "1969-12-31T23:59:59.999Z");
    assert_string_equal(instant_text(day_of(2024, 2, 29) * DAY_MS, text),
                        "2024-02-29T00:00:00.000Z");
    assert_string_equal(instant_text(day_of(2024, 3, 1) * DAY_MS - 1, text),
                        "2024-02-29T23:59:59.999Z");
    assert_string_equal(instant_text(INT64_C(1234567890123), text), "2009-02-13T23:31:30.123Z");
    assert_string_equal(instant_text(INT64_MAX, text), "\?\?\?\?-\?\?-\?\?T07:12:55.807Z");
    assert_string_equal(instant_text(INT64_MIN, text), "\?\?\?\?-\?\?-\?\?T16:47:04.192Z");
}

/* Months counted one after the other, from the first of 1970. */
static void months_are_counted(void **state)
{
    char text[MONTH_TEXT], day[DAY_TEXT];
    int64_t month = 1970 * 12;

    (void)state;
    for (int64_t d = 0; d < 150 * 366; d++) {
        if (d && civil_of(d).day == 1) month++;
        CHECK(month_of(d) == month);
        CHECK(civil_of(month_start_day(month)).day == 1 &&
              month_of(month_start_day(month)) == month);
        CHECK(strncmp(month_text(month, text), day_text(d, day), MONTH_TEXT - 1) == 0);
        CHECK(strlen(text) == MONTH_TEXT - 1);
    }
    CHECK(month_of(-1) == 1970 * 12 - 1 && strcmp(month_text(0, text), "") == 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("dates equal counting day by day", days_count_like_a_person),
        CASE("dates of any year come back", days_far_away_come_back),
        CASE("B-01 B-02 every month after joining holds exactly one period start",
             each_month_holds_one_start),
        CASE("B-02 B-03 periods of every anchor day equal counting month by month",
             every_anchor_equals_the_oracle),
        CASE("B-03 the 29th, 30th and 31st fall on the last day of short months and come back",
             short_months_do_not_move_the_anchor),
        CASE("B-02 the first period on or after a date equals trying each", next_period_is_found),
        CASE("months are added and taken away", months_are_added_both_ways),
        CASE("months equal counting month by month", months_are_counted),
        CASE("ISO dates are read exactly", iso_dates_are_read),
        CASE("dates are read by a format", formats_are_read),
        CASE("instants are written as RFC 3339", instants_are_written),
    };

    months_count();
    return RUN_CASES("calendar", cases);
}
