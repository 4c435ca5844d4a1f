/* example_test: the example population, and that all of it can be imported.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/wait.h>

#include "db/db_test.h"

static struct {
    char folder[64], url[1024], schema[64];
    char said[400000];
} stage;

/* Runs `foyer ARGUMENTS` in the folder and keeps what it says; returns its exit status. */
static int foyer(const char *arguments)
{
    char command[3000];

    snprintf(command, sizeof command, "cd '%s' && FOYER_DB='%s' '%s' %s 2>&1", stage.folder,
             stage.url, getenv("FOYER"), arguments);
    FILE *f = popen(command, "r");
    CHECK(f);
    size_t const n = fread(stage.said, 1, sizeof stage.said - 1, f);
    stage.said[n] = '\0';
    int const status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void run_script(const char *url, const char *sql)
{
    struct error e;
    CLEANUP(db_closep) struct db *db = NULL;

    CHECK(db_open(url, &db, &e) == OK && db_script(db, sql, &e) == OK);
}

static int set_up(void **state)
{
    const char *server = getenv("FOYER_TEST_DB");
    char sql[128];

    (void)state;
    snprintf(stage.folder, sizeof stage.folder, "/tmp/foyer-example-XXXXXX");
    if (!mkdtemp(stage.folder)) return 1;
    snprintf(stage.url, sizeof stage.url, "sqlite:%s/t.db", stage.folder);
    if (!server || !*server) return 0;
    snprintf(stage.schema, sizeof stage.schema, "e%ld", (long)getpid());
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", stage.schema);
    run_script(server, sql);
    snprintf(stage.url, sizeof stage.url, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', stage.schema);
    return 0;
}

static int tear_down(void **state)
{
    char text[256];

    (void)state;
    if (*stage.schema) {
        snprintf(text, sizeof text,
                 "DROP SCHEMA %s CASCADE;DROP SCHEMA IF EXISTS %s_sandbox CASCADE", stage.schema,
                 stage.schema);
        run_script(getenv("FOYER_TEST_DB"), text);
    }
    snprintf(text, sizeof text, "rm -r '%s'", stage.folder);
    return system(text);
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
    return cmocka_run_group_tests(cases, set_up, tear_down);
}
