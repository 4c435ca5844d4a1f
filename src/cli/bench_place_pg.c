/* bench_place_pg: schemas of a PostgreSQL server to measure in. It speaks to the server directly
 * where production has no query for what only a measurement asks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench.h"
#include "db/db.h"

static void set_url(const struct bench_place *p, const char *ending, char to[static 1300])
{
    snprintf(to, 1300, "%s%coptions=-csearch_path%%3D%s%s", p->server,
             strchr(p->server, '?') ? '&' : '?', p->schema, ending);
}

static enum status ask(const struct bench_place *p, const char *sql, int64_t *value,
                       struct error *e)
{
    PGconn *pg = PQconnectdb(p->server);
    PGresult *r = PQexec(pg, sql);
    bool const good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
    enum status const st = good ? OK : failf(e, &BENCH_PLACE, "%s", PQerrorMessage(pg));

    if (good && value && (PQntuples(r) < 1 || !int_parse(PQgetvalue(r, 0, 0), value))) *value = 0;
    PQclear(r);
    PQfinish(pg);
    return st;
}

enum status schemas_ask(const struct bench_place *p, const char *sql, int64_t *value,
                        struct error *e)
{
    char run[80], text[1000];

    snprintf(run, sizeof run, "%s_run", p->schema);
    snprintf(text, sizeof text, sql, run, run, run);
    return ask(p, text, value, e);
}

enum status schemas_make(struct bench_place *p, struct error *e)
{
    char sql[160];

    snprintf(p->schema, sizeof p->schema, "foyer_bench_%ld", (long)getpid());
    set_url(p, "", p->base);
    set_url(p, "_run", p->run);
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", p->schema);
    enum status const st = ask(p, sql, NULL, e);
    if (st != OK) p->schema[0] = 0;
    return st;
}

void schemas_remove(const struct bench_place *p)
{
    struct error ignored;
    char sql[240];

    snprintf(sql, sizeof sql,
             "SET client_min_messages = error; DROP SCHEMA IF EXISTS %s, %s_run"
             " CASCADE",
             p->schema, p->schema);
    if (p->schema[0]) (void)!ask(p, sql, NULL, &ignored);
}

/* Both sides begin quietly: nothing for autovacuum to do, and a log that has just begun. Only a
 * superuser may ask for a checkpoint; else it comes when it comes. */
static enum status quieten(struct db *db, struct error *e)
{
    static const char *const scripts[] = {"VACUUM ANALYZE account", "VACUUM ANALYZE membership",
                                          "VACUUM ANALYZE term", "VACUUM ANALYZE method"};
    struct error ignored;

    for (size_t i = 0; i < COUNT(scripts); i++) TRY(db_script(db, scripts[i], e));
    (void)!db_script(db, "CHECKPOINT", &ignored);
    return OK;
}

/* A table that begins with a row of its own has it from the copy, too. */
static const char copy[] =
    "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '%s'"
    " AND tablename <> 'migration' LOOP"
    " EXECUTE format('DELETE FROM %s_run.%%I', t);"
    " EXECUTE format('INSERT INTO %s_run.%%I SELECT * FROM %s.%%I ORDER BY 1', t, t);"
    " END LOOP; END $$";

enum status schemas_copy(const struct bench_place *p, struct error *e)
{
    CLEANUP(db_closep) struct db *db = NULL;
    char sql[600];
    int64_t applied;

    snprintf(sql, sizeof sql,
             "SET client_min_messages = error; DROP SCHEMA IF EXISTS %s_run CASCADE;"
             "CREATE SCHEMA %s_run",
             p->schema, p->schema);
    TRY(ask(p, sql, NULL, e));
    TRY(db_open(p->run, &db, e));
    TRY(db_migrate(db, 0, &applied, e));
    snprintf(sql, sizeof sql, copy, p->schema, p->schema, p->schema, p->schema);
    TRY(db_script(db, sql, e));
    return quieten(db, e);
}

/* A backend tells its counts when it ends, which is shortly after its client has left. */
enum status schemas_rows(const struct bench_place *p, int64_t *rows, struct error *e)
{
    int64_t before;

    *rows = -1;
    do {
        before = *rows;
        machine_this()->pause(NULL, 200);
        TRY(schemas_ask(p,
                        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint"
                        " FROM pg_stat_user_tables WHERE schemaname = '%s'",
                        rows, e));
    } while (*rows != before);
    return OK;
}
