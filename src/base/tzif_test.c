/* tzif_test: no file and no rule, however broken, is misread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/test.h"
#include "base/tzrule.h"

/* A small file of two transitions, 2001-09-09 and 2004-11-09, without a rule. */
static const unsigned char small[] =
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1"
    "\0\0\0\0\0\0\0"
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\2\0\0\0\4"
    "\0\0\0\0\x3b\x9a\xca\0\0\0\0\0\x41\x90\xab\0\1\0"
    "\0\0\x0e\x10\0\0\0\0\x1c\x20\1\0ABC\0"
    "\n\n";
enum { SMALL = sizeof small - 1, SECOND_HEADER = 51, BLOCK = 95, KINDS = 111, TYPES = 113 };

static const struct poke {
    size_t at;
    unsigned char value;
    const char *why;
} pokes[] = {
    {0,                  'X',  "no magic"                                   },
    {4,                  0,    "version 1 only"                             },
    {39,                 200,  "the first block is longer than the file"    },
    {36,                 255,  "the first block is far longer than the file"},
    {SECOND_HEADER,      'X',  "no second magic"                            },
    {SECOND_HEADER + 4,  0,    "no second version"                          },
    {SECOND_HEADER + 23, 1,    "indicators that are not one per type"       },
    {SECOND_HEADER + 27, 1,    "indicators that are not one per type"       },
    {SECOND_HEADER + 31, 1,    "leap seconds"                               },
    {SECOND_HEADER + 32, 255,  "far more transitions than bytes"            },
    {SECOND_HEADER + 35, 200,  "more transitions than bytes"                },
    {SECOND_HEADER + 39, 0,    "no types"                                   },
    {SECOND_HEADER + 39, 1,    "a kind without a type"                      },
    {SECOND_HEADER + 38, 2,    "more types than kinds can name"             },
    {SECOND_HEADER + 43, 0,    "no abbreviations"                           },
    {SECOND_HEADER + 43, 5,    "a footer that is cut short"                 },
    {BLOCK,              0x7f, "a time after the end of the world"          },
    {BLOCK,              0x80, "a time before its beginning"                },
    {BLOCK + 4,          0x7f, "times that fall"                            },
    {KINDS,              2,    "a kind without a type"                      },
    {TYPES,              0x7f, "an offset beyond all zones"                 },
    {TYPES,              0x80, "an offset beyond all zones"                 },
    {TYPES + 1,          0x02, "an offset beyond all zones"                 },
    {TYPES + 4,          2,    "neither standard nor summer time"           },
    {TYPES + 5,          4,    "an abbreviation beyond the text"            },
    {SMALL - 2,          'x',  "no newline before the rule"                 },
    {SMALL - 1,          'x',  "no newline after the rule"                  },
};

static void unsound_files_are_refused(void **state)
{
    CLEANUP(tzif_clear) struct tzif t = {0};

    (void)state;
    CHECK(tzif_read(small, SMALL, &t) && !t.cyclic && t.n == 3);
    CHECK(t.at[1] == 1000000000 && t.at[2] == 1100000000);
    CHECK(t.offset[0] == 3600 && t.offset[1] == 7200 && t.offset[2] == 3600);
    for (size_t i = 0; i < COUNT(pokes); i++) {
        CLEANUP(tzif_clear) struct tzif bad = {0};
        unsigned char bytes[SMALL];

        memcpy(bytes, small, SMALL);
        bytes[pokes[i].at] = pokes[i].value;
        if (tzif_read(bytes, SMALL, &bad)) FAIL("taken: %s", pokes[i].why);
        CHECK(!bad.at && !bad.offset);
    }
}

/* Time with leap seconds is not Unix time, though the file be sound. */
static void leap_seconds_are_refused(void **state)
{
    enum { LEAP = 12, FOOTER = 2 };
    unsigned char bytes[SMALL + LEAP] = {0};
    struct tzif t;

    (void)state;
    memcpy(bytes, small, SMALL - FOOTER);
    memcpy(bytes + SMALL - FOOTER + LEAP, small + SMALL - FOOTER, FOOTER);
    bytes[SECOND_HEADER + 31] = 1;
    CHECK(!tzif_read(bytes, sizeof bytes, &t));
}

static size_t file_read(const char *name, unsigned char *bytes, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *const f = fopen(path, "rb");
    assert_non_null(f);
    size_t const n = fread(bytes, 1, size, f);
    fclose(f);
    assert_true(n > 0 && n < size);
    return n;
}

enum { FILE_MAX = 16 * 1024 };

/* The bytes are copied to the end of a block of their own, so that a sanitizer sees every read
 * behind them. */
static bool read_alone(const unsigned char *bytes, size_t n, struct tzif *t)
{
    unsigned char *const alone = memory_new(n);

    memcpy(alone, bytes, n);
    bool const read = tzif_read(alone, n, t);
    memory_free(alone);
    return read;
}

static void cut_files_are_refused(void **state)
{
    unsigned char bytes[FILE_MAX];
    struct tzif t = {0};
    size_t const n = file_read("Europe/Berlin", bytes, FILE_MAX);

    (void)state;
    for (size_t cut = 0; cut < n; cut++) CHECK(!read_alone(bytes, cut, &t));
    bytes[n] = '\n';
    CHECK(!read_alone(bytes, n + 1, &t));
    CHECK(read_alone(bytes, n, &t));
    tzif_clear(&t);
}

static void steps_must_be_sound(const struct tzif *t)
{
    CHECK(t->n > 0 && t->at[0] == INT64_MIN);
    for (size_t i = 0; i < t->n; i++) {
        CHECK(t->offset[i] >= -TZIF_OFFSET_MAX && t->offset[i] <= TZIF_OFFSET_MAX);
        if (i) CHECK(t->at[i] > t->at[i - 1] && t->offset[i] != t->offset[i - 1]);
    }
}

static void broken_files_are_refused_or_sound(void **state)
{
    static const char *const files[] = {"Europe/Berlin", "Africa/Casablanca", "Europe/Dublin"};
    unsigned char whole[FILE_MAX], bytes[FILE_MAX];
    int const rounds = getenv("FOYER_LONG") ? 100000 : 2000;
    uint64_t chance = 1;

    (void)state;
    for (int round = 0; round < rounds; round++) {
        CLEANUP(tzif_clear) struct tzif t = {0};
        size_t const n = file_read(files[round % 3], whole, FILE_MAX);

        memcpy(bytes, whole, n);
        for (int i = 0; i <= round % 5; i++) {
            chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407;
            /* Half of the blows fall on headers or the rule, where they tell the most. */
            size_t const at = (chance >> 33) % (round % 2 ? n : 96);
            bytes[round % 4 == 2 ? n - 1 - at : at] = (unsigned char)(chance >> 25);
        }
        if (read_alone(bytes, n, &t)) steps_must_be_sound(&t);
    }
}

static const char *const rules[] = {
    "UTC0",
    "<+0330>-3:30",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "IST-2IDT,M3.4.4/26,M10.5.0",
    "EET-2EEST,M3.4.4/50,M10.4.4/50",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3",
    "AAA3:15:30BBB,J60/2,J300",
    "AAA-5BBB,59,299/3:30:15",
    "AAA5BBB4,J59/25,J365/-100",
    "AAA5BBB,M2.5.3,M8.4.6",
};

/* The small file with another rule and without transitions. */
static bool rule_read(const char *rule, size_t length, struct tzif *t)
{
    unsigned char bytes[SMALL + 100];
    size_t n = BLOCK;

    memcpy(bytes, small, BLOCK);
    bytes[SECOND_HEADER + 35] = 0;
    for (size_t i = TYPES; i < SMALL - 1; i++) bytes[n++] = small[i];
    memcpy(bytes + n, rule, length);
    n += length;
    bytes[n++] = '\n';
    return read_alone(bytes, n, t);
}

/* What the C library's clock shows, which reads rules with code of its own. */
static int64_t offset_shown(int64_t second)
{
    time_t const t = second;
    struct tm tm;

    localtime_r(&t, &tm);
    return tm.tm_gmtoff;
}

static void rules_equal_the_c_library(void **state)
{
    int64_t const from = day_of(1971, 1, 2) * 86400; /* The C library knows no rules before. */
    int64_t const to = day_of(2300, 1, 1) * 86400;

    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        CLEANUP(tzif_clear) struct tzif t = {0};
        size_t step = 0;

        CHECK(rule_read(rules[i], strlen(rules[i]), &t));
        steps_must_be_sound(&t);
        CHECK(t.cyclic == (strchr(rules[i], ',') != NULL));
        setenv("TZ", rules[i], 1);
        tzset();
        for (int64_t s = from; s < to; s += 43200) {
            while (step + 1 < t.n && t.at[step + 1] <= s) step++;
            if (offset_shown(s) != t.offset[step]) FAIL("%s at %jd", rules[i], (intmax_t)s);
        }
        for (step = 1; step < t.n; step++) {
            if (t.at[step] < from) continue;
            CHECK(offset_shown(t.at[step]) == t.offset[step]);
            CHECK(offset_shown(t.at[step] - 1) == t.offset[step - 1]);
        }
    }
}

static void summer_all_year_is_one_step(void **state)
{
    static const char *const always[] = {"XXX3EDT4,0/0,J365/23", "EST5EDT,0/0,J365/25"};

    (void)state;
    for (size_t i = 0; i < COUNT(always); i++) {
        CLEANUP(tzif_clear) struct tzif t = {0};

        CHECK(rule_read(always[i], strlen(always[i]), &t));
        for (size_t k = 1; k + 1 < t.n; k++)
            CHECK(t.offset[k] == -4 * 3600 || t.at[k] < day_of(1901, 1, 1) * 86400);
    }
}

static void unsound_rules_are_refused(void **state)
{
    static const char *const bad[] = {
        "A0",
        "AB0",
        "ABC",
        "<ABC0",
        "<A>0",
        "<>0",
        "ABC0 ",
        " ABC0",
        "ABC25",
        "ABC0:60",
        "ABC0:0:60",
        "ABC0:",
        "ABC--1",
        "ABC0DEF",
        "ABC0DEF,",
        "ABC0DEF,M3.5.0",
        "ABC0DEF,M3.5.0,",
        "ABC0DEF,M0.5.0,M10.5.0",
        "ABC0DEF,M13.5.0,M10.5.0",
        "ABC0DEF,M3.0.0,M10.5.0",
        "ABC0DEF,M3.6.0,M10.5.0",
        "ABC0DEF,M3.5.7,M10.5.0",
        "ABC0DEF,M3.5,M10.5.0",
        "ABC0DEF,M3.5.0/168,M10.5.0",
        "ABC0DEF,M3.5.0/-168,M10.5.0",
        "ABC0DEF,M3.5.0/,M10.5.0",
        "ABC0DEF,J0,J100",
        "ABC0DEF,J366,J100",
        "ABC0DEF,366,100",
        "ABC0DEF,M3.5.0,M10.5.0,",
        "ABC0DEF,M3.5.0,M10.5.0x",
        "ABC0DEF99,M3.5.0,M10.5.0",
        "ABC0DEF,M99999999999999999999.5.0,M10.5.0",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ",
    };
    struct tzrule rule;
    struct tzif t = {0};

    (void)state;
    CHECK(!tzrule_read("", &rule)); /* A file may leave the rule out. */
    CHECK(!rule_read("UTC0\0", 5, &t));
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (tzrule_read(bad[i], &rule)) FAIL("'%s' is taken", bad[i]);
        CHECK(!rule_read(bad[i], strlen(bad[i]), &t));
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("files with a wrong byte are refused", unsound_files_are_refused),
        CASE("files with leap seconds are refused", leap_seconds_are_refused),
        CASE("files cut anywhere are refused", cut_files_are_refused),
        CASE("files with random damage are refused or sound", broken_files_are_refused_or_sound),
        CASE("rules for later years equal the C library's", rules_equal_the_c_library),
        CASE("a rule may mean summer time all year", summer_all_year_is_one_step),
        CASE("unsound rules are refused", unsound_rules_are_refused),
    };

    return RUN_CASES("tzif", cases);
}
