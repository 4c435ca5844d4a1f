/* schema: what is said of whole schemas. SPDX-License-Identifier: Apache-2.0 */
#include "db/schema.h"

#include <string.h>

#include "db/driver.h"

const char *schema_of(struct arena *a, const char *url)
{
    const char *at = strstr(url, "search_path");
    size_t n = 0;

    if (!at) return "public";
    at += strlen("search_path");
    at += *at == '=' ? 1 : 3; /* or %3D */
    while (is_word(at[n])) n++;
    return n ? arena_memdup(a, at, n) : "public";
}

const char *schema_make_way(struct arena *a, const char *schema)
{
    return arena_printf(a,
                        "DO $$ BEGIN"
                        " IF EXISTS (SELECT FROM pg_namespace WHERE nspname = '%s') THEN"
                        " ALTER SCHEMA %s RENAME TO %s_made_way; END IF; END $$;"
                        " CREATE SCHEMA %s",
                        schema, schema, schema, schema);
}

const char *schema_put_aside(struct arena *a, const char *schema, const char *aside)
{
    return arena_printf(a,
                        "ALTER SCHEMA %s RENAME TO %s; DO $$ BEGIN"
                        " IF EXISTS (SELECT FROM pg_namespace WHERE nspname = '%s_made_way') THEN"
                        " ALTER SCHEMA %s_made_way RENAME TO %s; END IF; END $$",
                        schema, aside, schema, schema, schema);
}

const char *schema_must_hold(struct arena *a, const char *schema)
{
    return arena_printf(a,
                        "DO $$ BEGIN"
                        " IF NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = '%s') THEN"
                        " RAISE EXCEPTION 'the backup is of another schema than %s'; END IF;"
                        " END $$",
                        schema, schema);
}

enum status schema_drop(struct db *db, const char *schema, struct error *e)
{
    CLEANUP(arena_clear) struct arena a = {0};

    return db_script(db, arena_printf(&a, "DROP SCHEMA IF EXISTS %s CASCADE", schema), e);
}

static const char *take_one_place(struct arena *a, const struct schema_pair *p)
{
    return arena_printf(a,
                        "CREATE SCHEMA IF NOT EXISTS %s;"
                        "DO $$ DECLARE t TEXT; BEGIN"
                        " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '%s' LOOP"
                        " EXECUTE format('DROP TABLE IF EXISTS %s.%%I CASCADE', t); END LOOP;"
                        " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '%s' LOOP"
                        " EXECUTE format('ALTER TABLE %s.%%I SET SCHEMA %s', t); END LOOP;"
                        " END $$; DROP SCHEMA %s;",
                        p->to, p->from, p->to, p->from, p->from, p->to, p->from);
}

/* Statements that are sent at once are one transaction. */
enum status schema_take_place(struct db *db, const struct schema_pair *pairs, size_t n,
                              struct error *e)
{
    CLEANUP(arena_clear) struct arena a = {0};
    const char *all = "SET client_min_messages = warning;";

    for (size_t i = 0; i < n; i++)
        all = arena_printf(&a, "%s%s", all, take_one_place(&a, &pairs[i]));
    return db_script(db, all, e);
}
