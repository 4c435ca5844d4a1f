/* sim_test: the seeds that every build replays, crashes everywhere in a small world, and the
 * auditor's own rules. SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/test.h"
#include "sim/sabotage.h"
#include "sim/walk.h"

static FILE *open_source(const char *path)
{
    const char *root = getenv("SOURCE_ROOT");
    char full[4096];

    snprintf(full, sizeof full, "%s/%s", root ? root : ".", path);
    FILE *f = fopen(full, "r");
    if (!f) FAIL("%s cannot be read", full);
    return f;
}

static void check_seed(const struct sim_options *o)
{
    struct sim_report r;

    sim_seed(o, &r);
    if (r.failed)
        FAIL("seed %lld: %s\n  again: foyer simulate --seed %lld --members %lld --months %lld "
             "--trace",
             (long long)o->seed, r.reason, (long long)o->seed, (long long)o->members,
             (long long)o->months);
    CHECK(r.charges > 0);
}

static void seeds_are_clean(void **state)
{
    FILE *f = open_source("tests/seeds.txt");
    char line[200];
    int n = 0;

    (void)state;
    while (fgets(line, sizeof line, f)) {
        struct sim_options o = {0};
        char *end = line;

        if (*line == '#' || *line == '\n') continue;
        o.seed = strtoll(end, &end, 10);
        o.members = strtoll(end, &end, 10);
        o.months = strtoll(end, &end, 10);
        CHECK(o.members > 0 && o.months > 0);
        check_seed(&o);
        n++;
    }
    fclose(f);
    CHECK(n > 0);
}

static void crashes_change_nothing(void **state)
{
    struct sim_options const o = {.seed = 1, .members = 2, .months = 2};
    struct sim_report r;

    (void)state;
    sim_everywhere(&o, &r);
    if (r.failed) FAIL("%s", r.reason);
    CHECK(r.crashes > 50);
}

/* Crash points that once changed something: an owner's call came again and was a second wish; an
 * owner decided otherwise as long as an answer was open. */
static void crash_points_change_nothing(void **state)
{
    static const struct {
        int64_t seed, point;
        int kind;
    } points[] = {
        {12, 78, 1},
        {32, 62, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(points); i++) {
        struct sim_options calm = {.seed = points[i].seed, .members = 2, .months = 2, .calm = true};
        struct sim_options hurt = calm;
        struct sim_report a, b;

        hurt.calm = false;
        hurt.crash_point = points[i].point;
        hurt.crash_kind = points[i].kind;
        sim_run(&calm, &a);
        sim_run(&hurt, &b);
        CHECK(!a.failed && !b.failed && b.injuries == 1);
        if (a.result != b.result) FAIL("seed %lld", (long long)calm.seed);
    }
}

/* SPEC B-05: a month of everything that people do. Seed 4 withdraws and comes back, 6 shifts an
 * anchor before it is known what the period will cost, 16 changes a plan before the period and its
 * tax begin. FOYER_LONG: with 10,000 members. */
static void a_month_explains_itself(void **state)
{
    struct sim_options o = {.members = 300, .months = 1, .examine = true};
    int64_t const seeds[] = {1, 4, 6, 16};
    bool const all = getenv("FOYER_LONG") != NULL;
    struct sim_report r;

    (void)state;
    for (size_t i = 0; i < COUNT(seeds) + all; i++) {
        o.seed = i < COUNT(seeds) ? seeds[i] : 1;
        if (i == COUNT(seeds)) o.members = 10000;
        sim_run(&o, &r);
        if (r.failed)
            FAIL("seed %lld of %lld: %s", (long long)o.seed, (long long)o.members, r.reason);
        CHECK(r.charges > o.members / 2);
    }
}

static void one_seed_one_trace(void **state)
{
    struct sim_options const o = {.seed = 9, .members = 10, .months = 3};
    struct sim_options other = o;
    struct sim_report a, b, c;

    (void)state;
    other.seed++;
    sim_run(&o, &a);
    sim_run(&o, &b);
    sim_run(&other, &c);
    CHECK(!a.failed && a.trace == b.trace && a.result == b.result && a.trace != c.trace);
}

/* The auditor walks day by day; the engine computes. Both must be right about the same dates. */
static void walking_agrees(void **state)
{
    (void)state;
    for (int64_t anchor = day_of(2019, 12, 25); anchor < day_of(2020, 3, 5); anchor++) {
        struct walk w;

        walk_begin(&w, anchor);
        for (int64_t k = 0; k < 60; k++, walk_next(&w))
            CHECK(w.k == k && w.day == period_start_day(anchor, k));
    }
}

static void page_lists_every_defect(void **state)
{
    static char page[65536];
    FILE *f = open_source("docs/sabotage.md");

    (void)state;
    page[fread(page, 1, sizeof page - 1, f)] = 0;
    fclose(f);
    CHECK(defect_count >= 12);
    for (size_t i = 0; i < defect_count; i++)
        if (!strstr(page, defects[i].name))
            FAIL("docs/sabotage.md lacks %s: run `foyer sabotage --write` in a build with "
                 "-Dsabotage=true",
                 defects[i].name);
    CHECK(strstr(page, "not caught") == NULL);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("B-01 B-02 B-11 B-14 B-17 E-01 E-09 E-10 E-11 E-16 E-19 E-20 F-06 F-07 J-01 J-03 J-11 "
             "the seeds of "
             "tests/seeds.txt are clean",
             seeds_are_clean),
        CASE("B-11 B-17 a crash at any commit or gateway call changes no charge and no balance",
             crashes_change_nothing),
        CASE("B-17 a crash or a lost reply at a moment that once mattered changes nothing",
             crash_points_change_nothing),
        CASE("B-05 B-17 after a month of everything the doctor finds nothing and charges explain "
             "themselves",
             a_month_explains_itself),
        CASE("B-17 a seed leaves the same trace every time", one_seed_one_trace),
        CASE("B-03 the auditor's calendar finds the engine's dates", walking_agrees),
        CASE("every seeded defect is listed with the check that catches it",
             page_lists_every_defect),
    };
    return RUN_CASES("sim", cases);
}
