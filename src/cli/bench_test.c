/* bench_test: `foyer bench renewals` as a person or a script runs it, with few members. What it
 * measures is no matter of a test; that both sides write the same rows is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <string.h>

#include "cli/stage_test.h"

static int files_left(void)
{
    DIR *d = opendir(stage.folder);
    int n = -2; /* . and .. */

    CHECK(d);
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

/* What the command printed; a server without durable commits makes it warn before the figures. */
static json_t *figures(void)
{
    const char *start = strchr(stage.said, '{');

    return json_loads(start ? start : "", 0, NULL);
}

static double number(const json_t *j, const char *name)
{
    const json_t *value = json_object_get(j, name);

    if (!json_is_number(value)) FAIL("%s is missing: %s", name, stage.said);
    return json_number_value(value);
}

static void measures(void **state)
{
    static const char *const names[] = {
        "renewals_per_second", "bare_per_second", "ratio",
        "commit_p99_ms",       "peak_rss_kib",    "bytes_per_member"};

    (void)state;
    CHECK(foyer("bench renewals --members 300 --pairs 2 --days 3 --batch 100 --json") == 0);
    json_t *j = figures();
    for (size_t i = 0; i < COUNT(names); i++) CHECK(number(j, names[i]) > 0);
    CHECK(number(j, "members") == 300);
    CHECK(json_array_size(json_object_get(j, "pairs")) == 2);
    CHECK(number(j, "index_count") == 11);
    CHECK(files_left() == 0);
    json_decref(j);
}

/* A worker also takes and leaves its 256 buckets, and each transaction writes a row or two. */
static void writes_the_same(void **state)
{
    (void)state;
    CHECK(foyer("bench renewals --members 1000 --pairs 1 --json") == 0);
    json_t *j = figures();
    double const foyer_rows = number(j, "rows_per_renewal"), bare = number(j, "bare_rows");

    if (bare < 13 || foyer_rows < bare || foyer_rows > 13.6)
        FAIL("foyer %g, bare %g", foyer_rows, bare);
    json_decref(j);
}

static void refuses(void **state)
{
    (void)state;
    CHECK(foyer("bench renewals --members 0") == 2);
    CHECK(foyer("bench renewals --members many") == 2);
    CHECK(foyer("bench renewals --days 29") == 2);
    CHECK(foyer("bench renewals nothing") == 2);
    CHECK(files_left() == 0);
}

/* A limit to measure beside is worth something as long as it is short enough to be read. */
static void loops_are_short(void **state)
{
    static const char *const files[] = {"sqlite", "pg", "http"};

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[300];
        int lines = 0;

        snprintf(path, sizeof path, "%s/src/cli/bench_bare_%s.c", getenv("SOURCE_ROOT"), files[i]);
        FILE *f = fopen(path, "r");
        CHECK(f);
        for (int c; (c = getc(f)) != EOF;) lines += c == '\n';
        fclose(f);
        if (lines > 150) FAIL("%s has %d lines", path, lines);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("the bench prints every figure and leaves nothing behind", measures),
        CASE("the bare loop writes the rows that a renewal writes", writes_the_same),
        CASE("the bench says how it is used", refuses),
        CASE("the bare loops have at most 150 lines", loops_are_short),
    };
    return cmocka_run_group_tests_name("bench", cases, stage_begin_bench, stage_end);
}
