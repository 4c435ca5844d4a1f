/* zone_test: zones against the C library, which reads the same files with code of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/test.h"

enum { NAMES_MAX = 1000, NAME_TEXT = 64, YEAR_FIRST = 1970, YEAR_LAST = 2100 };

static char names[NAMES_MAX][NAME_TEXT];
static size_t names_n;

static bool run_is_long(void)
{
    return getenv("FOYER_LONG") != NULL;
}

/* Every zone and every link of tzdata. */
static int names_load(void **state)
{
    FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
    char line[512];

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *const name = names[names_n];

        if (sscanf(line, "Z %63s", name) != 1 && sscanf(line, "L %*s %63s", name) != 1) continue;
        assert_true(++names_n < NAMES_MAX);
    }
    fclose(f);
    return names_n > 500 ? 0 : -1;
}

static const struct zone *zone_must(const char *name)
{
    const struct zone *z = NULL;
    struct error e = {0};

    if (zone_find(name, &z, &e) != OK) FAIL("%s is not found: %s", name, e.detail);
    return z;
}

/* The oracle: what the C library's clock shows. */
struct clock {
    int64_t day, of_day, offset; /* of_day: seconds since that clock showed midnight */
};

static void clock_set(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

static struct clock clock_at(int64_t second)
{
    time_t const t = second;
    struct tm tm;

    localtime_r(&t, &tm);
    return (struct clock){
        .day = day_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday),
        .of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec,
        .offset = tm.tm_gmtoff,
    };
}

/* A walk along the clock, which notes the first second of each new date. */
struct walk {
    const struct zone *zone;
    struct clock before; /* one step ago */
    int64_t newest;      /* the latest date seen */
};

static void second_check(const struct walk *w, int64_t second, const struct clock *c)
{
    if (zone_offset_seconds(w->zone, second * 1000) != c->offset ||
        zone_offset_seconds(w->zone, second * 1000 + 999) != c->offset ||
        zone_day(w->zone, second * 1000) != c->day)
        FAIL("%s at %jd: not %jd", zone_name(w->zone), (intmax_t)second, (intmax_t)c->offset);
}

static void date_check(struct walk *w, int64_t day, int64_t first)
{
    while (w->newest < day)
        if (zone_day_start(w->zone, ++w->newest) != first * 1000)
            FAIL("%s: day %jd does not start at %jd but at %jd ms", zone_name(w->zone),
                 (intmax_t)w->newest, (intmax_t)first,
                 (intmax_t)zone_day_start(w->zone, w->newest));
}

/* The clock was changed within this hour or at its end: looks at each of its seconds. */
static void hour_walk(struct walk *w, int64_t from)
{
    for (int64_t second = from; second <= from + 3600; second++) {
        struct clock const now = clock_at(second);

        second_check(w, second, &now);
        date_check(w, now.day, second);
    }
}

/* From hour to hour: an hour without a change of the clock holds a midnight exactly where the clock
 * says how long ago it was. */
static void years_walk(const char *name, int64_t year_first, int64_t year_last)
{
    int64_t const from = (day_of(year_first, 1, 1) - 2) * 86400;
    int64_t const to = (day_of(year_last, 12, 31) + 2) * 86400;

    clock_set(name);
    struct clock const start = clock_at(from);
    struct walk w = {.zone = zone_must(name), .before = start, .newest = start.day};

    for (int64_t second = from + 3600; second <= to; second += 3600) {
        struct clock const now = clock_at(second);

        if (now.offset != w.before.offset) hour_walk(&w, second - 3600);
        second_check(&w, second, &now);
        date_check(&w, now.day, second - now.of_day);
        w.before = now;
    }
    CHECK(w.newest >= day_of(year_last, 12, 31));
}

/* Zones whose clocks do something rare, and the years in which they do it. */
static const struct rare {
    const char *name;
    int64_t year_first, year_last;
} rares[] = {
    {"Pacific/Apia",        2010, 2012},
    {"Asia/Gaza",           2011, 2012},
    {"Asia/Beirut",         2024, 2024},
    {"Africa/Cairo",        2024, 2024},
    {"America/Mexico_City", 2022, 2023},
    {"Asia/Almaty",         2024, 2024},
    {"America/Asuncion",    2024, 2025},
    {"Australia/Lord_Howe", 2024, 2024},
    {"Africa/Casablanca",   2024, 2024},
    {"Europe/Dublin",       2024, 2024},
    {"America/St_Johns",    1988, 1988},
    {"America/Havana",      2024, 2024},
    {"Africa/Monrovia",     1972, 1972},
    {"Pacific/Kwajalein",   1993, 1993},
    {"Antarctica/Troll",    2024, 2024},
    {"America/Nuuk",        2100, 2100},
    {"Atlantic/Azores",     2038, 2038},
    {"Asia/Jerusalem",      2437, 2438},
    {"Europe/Berlin",       2836, 2838},
    {"America/New_York",    1967, 1967},
    {"Australia/Sydney",    4037, 4037},
};

static void zones_equal_the_c_library(void **state)
{
    (void)state;
    if (run_is_long())
        for (size_t i = 0; i < names_n; i++) years_walk(names[i], YEAR_FIRST, YEAR_LAST);
    for (size_t i = 0; i < COUNT(rares); i++)
        years_walk(rares[i].name, rares[i].year_first, rares[i].year_last);
}

/* Every other zone, and of each a single year; the years are spread over the range. */
static void zones_all_over_have_a_right_year(void **state)
{
    int64_t const years = YEAR_LAST - YEAR_FIRST + 1;

    (void)state;
    for (size_t i = 0; i < names_n; i += 2) {
        int64_t const year = YEAR_FIRST + (int64_t)i * 37 % years;

        years_walk(names[i], year, year);
    }
}

/* A period starts with its local date, and the dates are those of counting months. */
static void periods_start_with_their_date(void **state)
{
    (void)state;
    for (size_t i = 0; i < names_n; i++) {
        const struct zone *const z = zone_must(names[i]);
        int64_t const anchor = day_of(YEAR_FIRST, 1, 1 + (int64_t)i % 31);

        for (int64_t k = 0; k < (YEAR_LAST - YEAR_FIRST) * 12; k++) {
            int64_t const day = period_start_day(anchor, k), start = zone_day_start(z, day);

            CHECK(zone_day(z, start) >= day && zone_day(z, start - 1) < day);
            CHECK(start < zone_day_start(z, period_start_day(anchor, k + 1)));
        }
    }
}

/* Worked out apart, by another reader of the same data stepping from minute to minute. */
static const struct start {
    const char *zone, *day, *at;
} starts[] = {
  /* clang-format off */
    {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00.000Z"},
    {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"},
    {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"},
    {"Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00.000Z"},
    {"Pacific/Kiritimati", "1994-12-31", "1994-12-31T10:00:00.000Z"},
    {"Pacific/Kiritimati", "1995-01-01", "1994-12-31T10:00:00.000Z"},
    {"Asia/Gaza", "2012-03-30", "2012-03-29T22:00:00.000Z"},
    {"Asia/Gaza", "2012-09-21", "2012-09-20T21:00:00.000Z"},
    {"Asia/Gaza", "2015-03-28", "2015-03-27T22:00:00.000Z"},
    {"Asia/Gaza", "2024-04-20", "2024-04-19T22:00:00.000Z"},
    {"Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00.000Z"},
    {"Asia/Beirut", "2024-10-27", "2024-10-26T22:00:00.000Z"},
    {"Asia/Beirut", "2099-03-29", "2099-03-28T22:00:00.000Z"},
    {"Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00.000Z"},
    {"Africa/Cairo", "2024-11-01", "2024-10-31T22:00:00.000Z"},
    {"Africa/Cairo", "2090-04-28", "2090-04-27T22:00:00.000Z"},
    {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"},
    {"America/Havana", "2024-03-10", "2024-03-10T05:00:00.000Z"},
    {"America/Havana", "2024-11-03", "2024-11-03T04:00:00.000Z"},
    {"America/Asuncion", "2024-10-06", "2024-10-06T04:00:00.000Z"},
    {"America/Asuncion", "2025-07-01", "2025-07-01T03:00:00.000Z"},
    {"America/Mexico_City", "2022-07-01", "2022-07-01T05:00:00.000Z"},
    {"America/Mexico_City", "2023-07-01", "2023-07-01T06:00:00.000Z"},
    {"Asia/Almaty", "2024-02-29", "2024-02-28T18:00:00.000Z"},
    {"Asia/Almaty", "2024-03-01", "2024-02-29T19:00:00.000Z"},
    {"Asia/Almaty", "2024-03-02", "2024-03-01T19:00:00.000Z"},
    {"Australia/Lord_Howe", "2024-04-07", "2024-04-06T13:00:00.000Z"},
    {"Australia/Lord_Howe", "2024-04-08", "2024-04-07T13:30:00.000Z"},
    {"Australia/Lord_Howe", "2080-07-01", "2080-06-30T13:30:00.000Z"},
    {"Africa/Casablanca", "2024-03-10", "2024-03-09T23:00:00.000Z"},
    {"Africa/Casablanca", "2024-03-11", "2024-03-11T00:00:00.000Z"},
    {"Africa/Casablanca", "2024-04-15", "2024-04-14T23:00:00.000Z"},
    {"Europe/Dublin", "1970-01-15", "1970-01-14T23:00:00.000Z"},
    {"Europe/Dublin", "2024-01-15", "2024-01-15T00:00:00.000Z"},
    {"Europe/Dublin", "2024-07-15", "2024-07-14T23:00:00.000Z"},
    {"Europe/Dublin", "2090-07-15", "2090-07-14T23:00:00.000Z"},
    {"Europe/Dublin", "2500-07-15", "2500-07-14T23:00:00.000Z"},
    {"America/St_Johns", "2000-10-29", "2000-10-29T02:30:00.000Z"},
    {"America/St_Johns", "2000-10-30", "2000-10-30T03:30:00.000Z"},
    {"Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30.000Z"},
    {"Africa/Monrovia", "1972-01-08", "1972-01-08T00:00:00.000Z"},
    {"Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15:00.000Z"},
    {"America/Nuuk", "2024-03-31", "2024-03-31T01:00:00.000Z"},
    {"America/Vancouver", "2027-01-15", "2027-01-15T07:00:00.000Z"},
    {"Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00.000Z"},
    {"Europe/Berlin", "2024-04-01", "2024-03-31T22:00:00.000Z"},
    {"Europe/Berlin", "3024-07-01", "3024-06-30T22:00:00.000Z"},
    {"Etc/GMT+12", "2024-01-01", "2024-01-01T12:00:00.000Z"},
    {"UTC", "2100-12-31", "2100-12-31T00:00:00.000Z"},
  /* clang-format on */
};

static void known_dates_start_when_they_did(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(starts); i++) {
        int64_t day = 0;
        char text[INSTANT_TEXT];

        CHECK(day_parse(starts[i].day, &day));
        instant_text(zone_day_start(zone_must(starts[i].zone), day), text);
        if (strcmp(text, starts[i].at) != 0) FAIL("%s %s: %s", starts[i].zone, starts[i].day, text);
    }
}

static void unknown_names_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "/",
        ".",
        "..",
        "../zoneinfo/UTC",
        "/usr/share/zoneinfo/UTC",
        "Europe/../UTC",
        "Europe/./Berlin",
        "Europe//Berlin",
        "Europe/Berlin/",
        "Europe/",
        "Europe",
        "europe/berlin",
        "EUROPE/BERLIN",
        "Europe/Nowhere",
        "Europe/Berlin ",
        " Europe/Berlin",
        "Europe/Berlin\n",
        "Europe\\Berlin",
        "Europe/Bärlin",
        "Europe/%s",
        "localtime",
        "posixrules",
        "right/UTC",
        "tzdata.zi",
        "zone.tab",
        "iso3166.tab",
        "Etc/GMT+99",
        "+01",
        "1",
        "America/Argentina/ComodRivadavia/America/Argentina/ComodRivadav",
        "America/Argentina/ComodRivadavia/America/Argentina/ComodRivadavi",
        "America/Argentina/ComodRivadavia/America/Argentina/ComodRivadavia/America/Argentina",
    };
    const struct zone *const untouched = zone_must("UTC"), *z = untouched;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error e = {0};

        if (zone_find(bad[i], &z, &e) != E_INVALID) FAIL("'%s' is taken", bad[i]);
        CHECK(e.fault == &ZONE_UNKNOWN && z == untouched && e.detail[0]);
        assert_string_equal(e.field, "time_zone");
    }
}

static void *find_all(void *unused)
{
    const struct zone **found = memory_new(sizeof(struct zone *) * NAMES_MAX);
    struct error e;

    (void)unused;
    for (size_t i = 0; i < names_n; i++)
        if (zone_find(names[i], &found[i], &e) != OK) found[i] = NULL;
    return found;
}

static void threads_share_zones(void **state)
{
    pthread_t threads[4];
    void *found[COUNT(threads)];

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_all, NULL), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], &found[i]), 0);
    for (size_t k = 0; k < names_n; k++) {
        const struct zone *const z = ((const struct zone **)found[0])[k];

        assert_non_null(z);
        assert_string_equal(zone_name(z), names[k]);
        CHECK(z == zone_must(names[k]));
    }
    for (size_t i = 1; i < COUNT(threads); i++)
        assert_memory_equal(found[0], found[i], names_n * sizeof(struct zone *));
    for (size_t i = 0; i < COUNT(threads); i++) memory_free(found[i]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("B-04 known dates start when their zone's clock says",
             known_dates_start_when_they_did),
        CASE("B-04 dates and offsets equal the C library's, second by second at every change",
             zones_equal_the_c_library),
        CASE("B-04 zones all over the list equal the C library in some year",
             zones_all_over_have_a_right_year),
        CASE("B-01 B-04 in every zone a period starts with its local date",
             periods_start_with_their_date),
        CASE("B-04 names that are no zone are refused", unknown_names_are_refused),
        CASE("threads that find zones at once share them", threads_share_zones),
    };

    return cmocka_run_group_tests_name("zone", cases, names_load, NULL);
}
