/* db_test: an empty, migrated database for a test: SQLite in memory, or a schema of its own on the
 * PostgreSQL that FOYER_TEST_DB names. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "db/db.h"
#include "policy/settings.h"

struct test_db {
    struct db *db;
    struct arena arena;
    struct error err;
    struct settings settings;
    struct ctx cx;
    char schema[64];
    char url[1024]; /* another connection sees the same data, except in memory */
};

#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        enum status const check_ok_ = (call);                                                      \
        if (check_ok_ != OK)                                                                       \
            print_error("%s: status %d %s %s %s\n", #call, check_ok_,                              \
                        t->err.fault ? t->err.fault->code : "", t->err.field ? t->err.field : "",  \
                        t->err.detail);                                                            \
        CHECK(check_ok_ == OK);                                                                    \
    } while (0)

/* Refused, and for this reason. */
#define CHECK_FAULT(call, fault_)                                                                  \
    do {                                                                                           \
        enum status const check_fault_ = (call);                                                   \
        if (check_fault_ != (fault_)->status || t->err.fault != (fault_))                          \
            print_error("%s: status %d %s\n", #call, check_fault_,                                 \
                        t->err.fault ? t->err.fault->code : "");                                   \
        CHECK(check_fault_ == (fault_)->status && t->err.fault == (fault_));                       \
    } while (0)

static inline void test_db_pg_schema(struct test_db *t, const char *server)
{
    static int serial;
    char sql[128];
    struct db *admin;

    snprintf(t->schema, sizeof t->schema, "t%ld_%d", (long)getpid(), serial++);
    CHECK_OK(db_open(server, &admin, &t->err));
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", t->schema);
    CHECK_OK(db_script(admin, sql, &t->err));
    db_close(admin);
    snprintf(t->url, sizeof t->url, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', t->schema);
}

/* Where the master key of tests on PostgreSQL is; whoever needs it first makes it. */
static inline const char *test_key_file(void)
{
    static char path[64];
    const char *given = getenv("FOYER_KEY_FILE");

    snprintf(path, sizeof path, "/tmp/foyer-test-%ld-key", (long)getuid());
    return given && *given ? given : path;
}

/* Opens it at `now`, migrated; close with test_db_close. */
static inline void test_db_open(struct test_db *t, int64_t now)
{
    const char *server = getenv("FOYER_TEST_DB");
    int64_t applied;

    memset(t, 0, sizeof *t);
    snprintf(t->url, sizeof t->url, "sqlite::memory:");
    if (server && *server) test_db_pg_schema(t, server);
    CHECK_OK(db_open(t->url, &t->db, &t->err));
    if (t->schema[0]) db_key_file(t->db, test_key_file());
    CHECK_OK(db_migrate(t->db, now, &applied, &t->err));
    t->settings = settings_default;
    t->cx = (struct ctx){.db = t->db,
                         .arena = &t->arena,
                         .err = &t->err,
                         .now = now,
                         .settings = &t->settings,
                         .actor = {.role = ROLE_SYSTEM}};
}

static inline void test_db_close(struct test_db *t)
{
    char sql[128];

    if (t->schema[0]) {
        snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", t->schema);
        CHECK_OK(db_script(t->db, sql, &t->err));
    }
    db_close(t->db);
    arena_clear(&t->arena);
}
