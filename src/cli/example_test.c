/* example_test: the example population, and that all of it can be imported.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static int set_up(void **state)
{
    (void)state;
    stage_begin();
    return 0;
}

static size_t lines_with(const char *needle)
{
    size_t n = 0;

    for (const char *p = stage.said; (p = strstr(p, needle)); p++) n++;
    return n;
}

static void same_seed(void **state)
{
    static char first[sizeof stage.said];

    (void)state;
    CHECK(foyer("example members --members 50 --seed 7") == 0);
    snprintf(first, sizeof first, "%s", stage.said);
    CHECK(lines_with("\n") == 51);
    CHECK(foyer("example members --members 60 --seed 7") == 0);
    CHECK(strncmp(stage.said, first, strlen(first)) == 0);
    CHECK(foyer("example members --members 50 --seed 8") == 0 && strcmp(stage.said, first) != 0);
}

static void anchors(void **state)
{
    (void)state;
    CHECK(foyer("example members --members 3000") == 0);
    CHECK(lines_with("-29,") > 50 && lines_with("-30,") > 50 && lines_with("-31,") > 25);
    CHECK(lines_with("-02-29,") > 5);
    CHECK(foyer("example members --members 300 --from 2021-03-01 --to 2021-04-01") == 0);
    CHECK(lines_with(",2021-03-") == 300);
}

/* Rejects would be exit status 1. */
static void all_accepted(void **state)
{
    char command[1100];

    (void)state;
    snprintf(command, sizeof command, "catalog apply '%s/examples/catalog.yaml'",
             getenv("SOURCE_ROOT"));
    CHECK(foyer("migrate --test-clock 2023-02-01") == 0 && foyer(command) == 0);
    CHECK(foyer("example members --members 4000 --failing 20 >m.csv") == 0);
    CHECK(foyer("--json import members m.csv") == 0);
    CHECK(strstr(stage.said, "\"imported\": 4000"));
    CHECK(strstr(stage.said, "\"rejected\": 0"));
}

static void usage(void **state)
{
    static const char *const wrong[] = {
        "",
        "--members 0",
        "--members x",
        "--members 5 --seed x",
        "--members 5 --failing 101",
        "--members 5 --from 2021-02-30",
        "--members 5 --from 2021-02-02 --to 2021-02-02",
        "--members 5 six",
    };
    char command[128];

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        snprintf(command, sizeof command, "example members %s", wrong[i]);
        if (foyer(command) != 2) FAIL("%s", command);
    }
    CHECK(foyer("example members --members 5 >/dev/full") == 3);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("the same seed gives the same members", same_seed),
        CASE("B-03 members of the example join on all days of a month", anchors),
        CASE("C-20 every method of the example's members is accepted where they live",
             all_accepted),
        CASE("the example's command says what it wants", usage),
    };
    return cmocka_run_group_tests(cases, set_up, stage_end);
}
