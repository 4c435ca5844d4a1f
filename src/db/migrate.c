/* migrate: one migration text for both databases, applied in order, once each.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "core_sql.h"
#include "db/audit_sign.h"
#include "db/driver.h"

const struct fault DB_FROM_FUTURE = {
    E_CONFLICT, "db.from_future",
    "This database was made by a newer Foyer; use that version, nothing was changed."};
const struct fault DB_NOT_MIGRATED = {
    E_CONFLICT, "db.not_migrated", "This database is not up to date; run `foyer migrate` first."};

const struct fault DB_FOREIGN = {E_CONFLICT, "db.foreign",
                                 "There are tables of something else, and nothing was changed; "
                                 "name a file of its own with --db, or "
                                 "a schema of its own in PostgreSQL."};

static const char bookkeeping[] =
    "CREATE TABLE IF NOT EXISTS migration (number INTEGER NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL, applied_at INTEGER NOT NULL)";

/* PostgreSQL's spelling of our two column types: 64-bit integers, and text that sorts by bytes as
 * SQLite's does. Comments keep their words; nothing else may differ. */
char *db_pg_spelling(struct arena *a, const char *sql)
{
    static const char *const words[][2] = {
        {"INTEGER", "BIGINT"            },
        {"TEXT",    "TEXT COLLATE \"C\""}
    };
    char *out = arena_alloc(a, 3 * strlen(sql) + 1), *to = out;

    for (const char *p = sql; *p;) {
        size_t n = 0;

        if (p[0] == '-' && p[1] == '-') {
            while (*p && *p != '\n') p++;
            continue;
        }
        while (is_word(p[n])) n++;
        const char *word = p;
        size_t length = n ? n : 1;
        for (size_t i = 0; i < COUNT(words); i++)
            if (n == strlen(words[i][0]) && memcmp(p, words[i][0], n) == 0) {
                word = words[i][1];
                length = strlen(word);
            }
        memcpy(to, word, length);
        to += length;
        p += n ? n : 1;
    }
    return out;
}

/* What SQL cannot do: it is done in the migration's own transaction, after its text. */
static const struct {
    const char *name;
    enum status (*finish)(struct ctx *cx);
} finishes[] = {
    {"0027-audit-ends.sql", audit_seal_ends},
};

static enum status finish(struct ctx *cx, const char *name)
{
    for (size_t i = 0; i < COUNT(finishes); i++)
        if (strcmp(name, finishes[i].name) == 0) return finishes[i].finish(cx);
    return OK;
}

static enum status apply(struct ctx *cx, int64_t number)
{
    const struct embedded *m = &embedded_migrations[number - 1];
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(db_script(cx->db, db_is_pg(cx->db) ? db_pg_spelling(cx->arena, m->text) : m->text,
                  cx->err));
    TRY(finish(cx, m->name));
    TRY(migration_add(cx, NULL, .number = number, .name = m->name, .applied_at = cx->now));
    return tx_commit(&tx);
}

static enum status newest(struct ctx *cx, int64_t *number)
{
    struct migration_newest_row row;

    TRY(db_script(cx->db, db_is_pg(cx->db) ? db_pg_spelling(cx->arena, bookkeeping) : bookkeeping,
                  cx->err));
    TRY(migration_newest(cx, &row, &DB_NO_ROW));
    *number = row.newest;
    if (row.newest > (int64_t)n_embedded_migrations)
        return failf(cx->err, &DB_FROM_FUTURE, "it has migration %lld, we know %zu",
                     (long long)row.newest, n_embedded_migrations);
    return OK;
}

/* Of all tables that migrations make, with commas between. */
static const char *table_names(struct arena *a)
{
    static const char make[] = "CREATE TABLE ";
    const char *names = "migration";

    for (size_t i = 0; i < n_embedded_migrations; i++)
        for (const char *at = embedded_migrations[i].text; (at = strstr(at, make));) {
            int n = 0;

            at += strlen(make);
            while (is_word(at[n])) n++;
            names = arena_printf(a, "%s,%.*s", names, n, at);
        }
    return names;
}

static enum status refuse_foreign(struct ctx *cx)
{
    bool foreign;

    TRY(cx->db->driver->is_foreign(cx->db, table_names(cx->arena), &foreign, cx->err));
    return foreign ? fail(cx->err, &DB_FOREIGN, NULL) : OK;
}

enum status db_migrate(struct db *db, int64_t now, int64_t *applied, struct error *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct ctx cx = {
        .db = db, .arena = &arena, .err = e, .now = now, .actor = {.role = ROLE_SYSTEM}};
    int64_t number;

    *applied = 0;
    TRY(refuse_foreign(&cx));
    TRY(newest(&cx, &number));
    while (number < (int64_t)n_embedded_migrations) {
        TRY(apply(&cx, ++number));
        ++*applied;
    }
    return OK;
}

enum status db_check_version(struct db *db, struct error *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct ctx cx = {.db = db, .arena = &arena, .err = e, .actor = {.role = ROLE_SYSTEM}};
    struct migration_newest_row row;
    enum status const st = migration_newest(&cx, &row, &DB_NO_ROW);

    if (st != OK && e->fault != &DB_BROKEN) return st;
    if (st != OK) { /* mostly that there is no such table */
        e->fault = &DB_NOT_MIGRATED;
        return e->fault->status;
    }
    if (row.newest < (int64_t)n_embedded_migrations) return fail(e, &DB_NOT_MIGRATED, NULL);
    return row.newest > (int64_t)n_embedded_migrations ? fail(e, &DB_FROM_FUTURE, NULL) : OK;
}
