/* beside: opens a store of its own beside a database. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "db/driver.h"
#include "db/schema.h"

/* The value of the URL's search_path, in either spelling of '='; NULL when it sets none. */
static const char *search_path(const char *url)
{
    const char *at = strstr(url, "search_path");

    if (!at) return NULL;
    at += strlen("search_path");
    if (strncmp(at, "%3D", 3) == 0 || strncmp(at, "%3d", 3) == 0) return at + 3;
    return *at == '=' ? at + 1 : NULL;
}

/* The URL with the store's schema in front of its search_path. */
const char *schema_url_beside(struct arena *a, const char *url, const char *name,
                              const char **schema)
{
    const char *path = search_path(url), *options = strstr(url, "options=");
    size_t n = 0;

    while (path && is_word(path[n])) n++;
    if (n) {
        *schema = arena_printf(a, "%.*s_%s", (int)n, path, name);
        return arena_printf(a, "%.*s%s%s", (int)(path - url), url, *schema, path + n);
    }
    *schema = arena_printf(a, "foyer_%s", name);
    if (path) return arena_printf(a, "%.*s%s,%s", (int)(path - url), url, *schema, path);
    if (options) {
        options += strlen("options=");
        return arena_printf(a, "%.*s-csearch_path%%3D%s%%20%s", (int)(options - url), url, *schema,
                            options);
    }
    return arena_printf(a, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?',
                        *schema);
}

static const char *lite_url(struct arena *a, const char *url, const char *name)
{
    return strcmp(url, "sqlite::memory:") == 0 ? url : arena_printf(a, "%s-%s", url, name);
}

/* Two processes may open it for the first time at once: the later one fails on what the other makes
 * and finds it made when it tries again. */
static enum status lay(struct db *db, const char *sql, struct error *e)
{
    enum status st = db_script(db, sql, e);

    for (int tries = 0; tries < 5 && st != OK; tries++) st = db_script(db, sql, e);
    return st;
}

static enum status prepare(struct db *db, struct arena *a, const char *schema, const char *tables,
                           struct error *e)
{
    if (!db_is_pg(db)) {
        TRY(db_script(
            db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192",
            e));
        return lay(db, tables, e);
    }
    TRY(db_script(db, "SET synchronous_commit = off", e));
    TRY(lay(db, arena_printf(a, "CREATE SCHEMA IF NOT EXISTS %s", schema), e));
    return lay(db, db_pg_spelling(a, tables), e);
}

enum status db_open_beside(const char *url, const char *name, const char *schema, struct db **out,
                           struct error *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    bool const pg = strncmp(url, "postgres", 8) == 0;
    const char *space = "";
    struct db *db;

    TRY(db_open(pg ? schema_url_beside(&arena, url, name, &space) : lite_url(&arena, url, name),
                &db, e));
    enum status const st = prepare(db, &arena, space, schema, e);
    if (st != OK) {
        db_close(db);
        return st;
    }
    *out = db;
    return OK;
}
