/* stage_test: a folder and an empty database in which a test runs the program as a person or a
 * script does; on SQLite or, where FOYER_TEST_DB names one, on PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sys/wait.h>

#include "db/db_test.h"

static struct {
    char folder[64], url[1024], schema[64];
    char said[400000]; /* by the newest run, both streams */
} stage;

/* Runs `foyer --db … ARGUMENTS` in the folder and keeps what it says; returns its exit status. */
static inline int foyer(const char *arguments)
{
    char command[5000];

    snprintf(command, sizeof command, "cd '%s' && '%s' --db '%s' %s 2>&1", stage.folder,
             getenv("FOYER"), stage.url, arguments);
    FILE *f = popen(command, "r");
    CHECK(f);
    size_t const n = fread(stage.said, 1, sizeof stage.said - 1, f);
    stage.said[n] = '\0';
    int const status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void stage_script(const char *url, const char *sql)
{
    struct error e;
    CLEANUP(db_closep) struct db *db = NULL;

    CHECK(db_open(url, &db, &e) == OK && db_script(db, sql, &e) == OK);
}

static inline char *stage_path(const char *name)
{
    static char paths[4][192];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", stage.folder, name);
    return path;
}

static inline void stage_put(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(stage_path(name), "wb");

    CHECK(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

static inline void stage_begin(void)
{
    const char *server = getenv("FOYER_TEST_DB");
    static int serial;
    char sql[128];

    memset(&stage, 0, sizeof stage);
    snprintf(stage.folder, sizeof stage.folder, "/tmp/foyer-stage-XXXXXX");
    CHECK(mkdtemp(stage.folder));
    snprintf(stage.url, sizeof stage.url, "sqlite:%s/t.db", stage.folder);
    if (!server || !*server) return;
    snprintf(stage.schema, sizeof stage.schema, "s%ld_%d", (long)getpid(), serial++);
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", stage.schema);
    stage_script(server, sql);
    snprintf(stage.url, sizeof stage.url, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', stage.schema);
}

/* The same with tables, a test clock that stands at `today`, and the example catalog. */
static inline void stage_begin_at(const char *today)
{
    char arguments[1200];

    stage_begin();
    snprintf(arguments, sizeof arguments, "migrate --test-clock %s", today);
    CHECK(foyer(arguments) == 0);
    snprintf(arguments, sizeof arguments, "catalog apply '%s/examples/catalog.yaml'",
             getenv("SOURCE_ROOT"));
    CHECK(foyer(arguments) == 0);
}

/* For benches, which on PostgreSQL make schemas of their own beside the one that they are given. */
static inline int stage_begin_bench(void **state)
{
    (void)state;
    stage_begin();
    if (stage.schema[0]) snprintf(stage.url, sizeof stage.url, "%s", getenv("FOYER_TEST_DB"));
    return setenv("TMPDIR", "", 1);
}

static inline int stage_end(void **state)
{
    char text[256];

    (void)state;
    if (stage.schema[0]) {
        snprintf(text, sizeof text,
                 "DROP SCHEMA %s CASCADE; DROP SCHEMA IF EXISTS %s_sandbox CASCADE", stage.schema,
                 stage.schema);
        stage_script(getenv("FOYER_TEST_DB"), text);
    }
    snprintf(text, sizeof text, "rm -r '%s'", stage.folder);
    return system(text);
}
