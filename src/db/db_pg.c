/* db_pg: PostgreSQL through libpq: named prepared statements, binary parameters and results, one
 * array per column for :bulk. SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "db/driver.h"

enum { OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_INT8_ARRAY = 1016, OID_TEXT_ARRAY = 1009 };
enum { PARAMS_MAX = 40, COPY_MIN = 32 };

static void result_clear(PGresult **r)
{
    PQclear(*r);
}
#define RESULT CLEANUP(result_clear) PGresult

/* The server's last words on a connection; libpq may not have seen yet that it is closed. What has
 * no SQLSTATE libpq says itself, of a connection that is of no use any more. */
static bool says_farewell(const char *state)
{
    static const char *const last[] = {
        "57P01", /* admin_shutdown */
        "57P02", /* crash_shutdown */
        "57P03", /* cannot_connect_now */
        "57P04", /* database_dropped */
        "57P05", /* idle_session_timeout */
        "25P03", /* idle_in_transaction_session_timeout */
    };

    if (!state) return true;
    for (size_t i = 0; i < COUNT(last); i++)
        if (strcmp(state, last[i]) == 0) return true;
    return strncmp(state, "08", 2) == 0; /* connection exceptions */
}

/* Nothing was done, and the next try may find it otherwise. */
static bool may_pass(const char *state)
{
    static const char *const passing[] = {
        "53200", /* out_of_memory */
        "55P03", /* lock_not_available */
        "57014", /* query_canceled: a time limit, or somebody who runs the server */
    };

    for (size_t i = 0; i < COUNT(passing); i++)
        if (strcmp(state, passing[i]) == 0) return true;
    return strncmp(state, "40", 2) == 0; /* transaction rollbacks */
}

/* A connection that breaks takes its transaction with it: nothing was done, and until the outermost
 * scope is left nothing more can be. Only a broken COMMIT leaves us in doubt, which pg_script
 * answers, and a statement that is a transaction of its own, which db.c does. */
static enum status pg_fail(struct db *db, const PGresult *r, const char *what, struct error *e)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

    if (PQstatus(db->pg) != CONNECTION_OK || says_farewell(state)) {
        db->lost = true;
        return fail(e, &DB_RACE, NULL);
    }
    if (strcmp(state, "23505") == 0)
        return failf(e, &DB_TAKEN, "%s: %s", what, PQresultErrorMessage(r));
    if (db->patience_ms && strcmp(state, "55P03") == 0) return fail(e, &DB_BUSY, NULL);
    if (may_pass(state)) return fail(e, &DB_RACE, NULL);
    if (strcmp(state, "53100") == 0) return fail(e, &DB_FULL, NULL);
    if (strcmp(state, "25006") == 0) return fail(e, &DB_READ_ONLY, NULL);
    return failf(e, &DB_BROKEN, "%s: %s", what, PQresultErrorMessage(r));
}

static bool succeeded(const PGresult *r)
{
    return PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK ||
           PQresultStatus(r) == PGRES_EMPTY_QUERY;
}

static enum status pg_script(struct db *db, const char *sql, struct error *e)
{
    RESULT *r = PQexec(db->pg, sql);

    if (succeeded(r)) {
        /* COMMIT of a failed transaction answers ROLLBACK without an error. */
        bool const undone = strcmp(sql, "COMMIT") == 0 && strcmp(PQcmdStatus(r), "COMMIT") != 0;
        return undone ? fail(e, &DB_RACE, NULL) : OK;
    }
    enum status const st = pg_fail(db, r, "script", e);
    return db->lost && strcmp(sql, "COMMIT") == 0 ? fail(e, &DB_OUTCOME_UNKNOWN, NULL) : st;
}

static void ignore_notice(void *arg, const char *message)
{
    (void)arg, (void)message;
}

/* What libpq says of a URL that it cannot read repeats the password, and so does what it says of a
 * host, when an '@' of the password has been taken for the one before the host. */
static bool is_readable(const char *url)
{
    PQconninfoOption *parts = PQconninfoParse(url, NULL);
    bool sound = parts != NULL;

    for (const PQconninfoOption *o = parts; sound && o->keyword; o++)
        if (strcmp(o->keyword, "host") == 0 && o->val && strchr(o->val, '@')) sound = false;
    PQconninfoFree(parts);
    return sound;
}

static enum status pg_open(struct db *db, const char *url, struct error *e)
{
    if (!is_readable(url))
        return failf(e, &DB_URL,
                     "the URL cannot be read; in a password write %% as %%25, @ as %%40");
    PGconn *pg = PQconnectdb(url);

    db->pg = pg;
    if (PQstatus(pg) != CONNECTION_OK) return failf(e, &DB_GONE, "%s", PQerrorMessage(pg));
    PQsetNoticeProcessor(pg, ignore_notice, NULL);
    return OK;
}

static void pg_close(struct db *db)
{
    PQfinish(db->pg);
}

static bool pg_connected(const struct db *db)
{
    return !db->lost && PQstatus(db->pg) == CONNECTION_OK;
}

/* Between statements the server says nothing, unless it ends the connection. */
static void pg_listen(struct db *db)
{
    struct pollfd said = {.fd = PQsocket(db->pg), .events = POLLIN};

    if (pg_connected(db) && poll(&said, 1, 0) > 0 && !PQconsumeInput(db->pg)) db->lost = true;
}

/* The server lets writers take turns, and has the memory. */
static void pg_nothing(struct db *db)
{
    (void)db;
}

static struct db_log pg_log_of(const struct db *db)
{
    (void)db;
    return (struct db_log){0};
}

static enum status pg_shorten_log(struct db *db, struct error *e)
{
    (void)db, (void)e;
    return OK;
}

static enum status pg_reconnect(struct db *db, struct error *e)
{
    if (pg_connected(db)) return OK;
    db_forget_statements(db);
    PQreset(db->pg);
    db->lost = PQstatus(db->pg) != CONNECTION_OK;
    if (!db->lost) return OK;
    return failf(e, &DB_GONE, "%s", PQerrorMessage(db->pg));
}

/* A schema may be shared with tables that are called otherwise. */
static enum status pg_is_foreign(struct db *db, const char *names, bool *foreign, struct error *e)
{
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM information_schema.tables"
        " WHERE table_schema = current_schema() AND table_name = ANY (string_to_array($1, ',')))"
        " AND (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema ="
        " current_schema() AND table_name = 'migration'"
        " AND column_name IN ('number', 'name', 'applied_at')) < 3";

    RESULT *r = PQexecParams(db->pg, sql, 1, NULL, &names, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) return pg_fail(db, r, "look at the schema", e);
    *foreign = strcmp(PQgetvalue(r, 0, 0), "t") == 0;
    return OK;
}

static PGresult *ask_for_name(struct db *db, const char *function, int64_t name)
{
    char sql[80];

    snprintf(sql, sizeof sql, "SELECT %s(%lld)", function, (long long)name);
    return PQexec(db->pg, sql);
}

/* The server gives back what a connection that is gone has held. */
static enum status pg_hold(struct db *db, int64_t name, bool *held, struct error *e)
{
    pg_listen(db);
    TRY(pg_reconnect(db, e));
    RESULT *r = ask_for_name(db, "pg_try_advisory_lock", name);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) return pg_fail(db, r, "hold", e);
    *held = strcmp(PQgetvalue(r, 0, 0), "t") == 0;
    return OK;
}

static void pg_let_go(struct db *db, int64_t name)
{
    if (pg_connected(db)) PQclear(ask_for_name(db, "pg_advisory_unlock", name));
}

/* A batch finds every row by an index, whatever the statistics say: they are those of tables that
 * were empty a moment ago, and a plan that reads or sorts a whole table is kept for the life of the
 * connection. */
#define BY_INDEX                                                                                   \
    ";SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off;"                        \
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"                           \
    "SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = "  \
    "off"

static const char *pg_begin(enum tx_kind kind)
{
    switch (kind) {
    case TX_WRITE: return "BEGIN ISOLATION LEVEL SERIALIZABLE";
    case TX_BATCH: return "BEGIN ISOLATION LEVEL REPEATABLE READ" BY_INDEX;
    case TX_READ: return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    }
    return "BEGIN";
}

static enum status pg_be_patient(struct db *db, struct error *e)
{
    char sql[64];

    snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %lld", (long long)db->patience_ms);
    return pg_script(db, sql, e);
}

struct params {
    int n;
    Oid types[PARAMS_MAX];
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX];
};

static void put_param(struct params *p, Oid type, const char *value, size_t length)
{
    p->types[p->n] = type;
    p->values[p->n] = value;
    p->lengths[p->n] = (int)length;
    p->formats[p->n++] = 1;
}

static void single_params(struct ctx *cx, const struct query *q, const void *in, struct params *p)
{
    for (size_t i = 0; i < q->in->n_fields; i++) {
        const struct field *f = &q->in->fields[i];

        if (f->type == F_INT) {
            uint64_t *value = arena_new(cx->arena, uint64_t);

            *value = htobe64((uint64_t)field_int(f, in));
            put_param(p, OID_INT8, (const char *)value, 8);
        } else {
            const char *text = field_text(f, in);
            put_param(p, OID_TEXT, text, strlen(text));
        }
    }
}

static char *put32(char *to, size_t v)
{
    uint32_t const big = htonl((uint32_t)v);
    memcpy(to, &big, 4);
    return to + 4;
}

/* The binary form of a one-dimensional array without NULLs (PostgreSQL's array_recv). */
static char *array_header(char *to, uint32_t element, size_t n)
{
    to = put32(to, 1); /* dimensions */
    to = put32(to, 0); /* no NULLs */
    to = put32(to, element);
    to = put32(to, n);
    return put32(to, 1); /* lower bound */
}

static void int_array(struct ctx *cx, const struct query *q, const struct field *f, const char *in,
                      size_t n, struct params *p)
{
    char *bytes = arena_alloc(cx->arena, 20 + 12 * n), *to = array_header(bytes, OID_INT8, n);

    for (size_t k = 0; k < n; k++, in += q->in->size) {
        uint64_t const v = htobe64((uint64_t)field_int(f, in));

        to = put32(to, 8);
        memcpy(to, &v, 8);
        to += 8;
    }
    put_param(p, OID_INT8_ARRAY, bytes, (size_t)(to - bytes));
}

static void text_array(struct ctx *cx, const struct query *q, const struct field *f, const char *in,
                       size_t n, struct params *p)
{
    size_t size = 20;

    for (size_t k = 0; k < n; k++) size += 4 + strlen(field_text(f, in + k * q->in->size));
    char *bytes = arena_alloc(cx->arena, size), *to = array_header(bytes, OID_TEXT, n);
    for (size_t k = 0; k < n; k++, in += q->in->size) {
        const char *text = field_text(f, in);
        size_t const length = strlen(text);

        to = put32(to, length);
        memcpy(to, text, length);
        to += length;
    }
    put_param(p, OID_TEXT_ARRAY, bytes, size);
}

static void bulk_params(struct ctx *cx, const struct query *q, const void *in, size_t n,
                        struct params *p)
{
    for (size_t i = 0; i < q->in->n_fields; i++) {
        const struct field *f = &q->in->fields[i];

        (f->type == F_INT ? int_array : text_array)(cx, q, f, in, n, p);
    }
}

static enum status prepare(struct db *db, const struct query *q, bool bulk, const struct params *p,
                           char name[static 16], struct error *e)
{
    struct cached *c = db_cached(db, q, bulk);

    if (c->q) {
        snprintf(name, 16, "q%d", c->pg_number);
        return OK;
    }
    snprintf(name, 16, "q%d", db->n_prepared);
    RESULT *r = PQprepare(db->pg, name, bulk ? q->pg_bulk : q->pg, p->n, p->types);
    if (!succeeded(r)) return pg_fail(db, r, q->name, e);
    *c = (struct cached){.q = q, .bulk = bulk, .pg_number = db->n_prepared++};
    return OK;
}

static int64_t int_at(const PGresult *r, int row, int column)
{
    uint64_t wide;
    uint32_t narrow;

    switch (PQftype(r, column)) {
    case OID_INT8: memcpy(&wide, PQgetvalue(r, row, column), 8); return (int64_t)be64toh(wide);
    case OID_INT4: memcpy(&narrow, PQgetvalue(r, row, column), 4); return (int32_t)ntohl(narrow);
    default: break;
    }
    assert(false && "a result that is neither BIGINT nor INTEGER: cast it in the .sql file");
    return 0;
}

static enum status fetch(const PGresult *r, int k, const struct query *q, struct arena *a,
                         void *row, struct error *e)
{
    for (size_t i = 0; i < q->out->n_fields; i++) {
        const struct field *f = &q->out->fields[i];

        if (f->type == F_INT)
            *(int64_t *)(void *)((char *)row + f->offset) = int_at(r, k, (int)i);
        else
            TRY(db_store(a, f, row, PQgetvalue(r, k, (int)i), (size_t)PQgetlength(r, k, (int)i),
                         e));
    }
    return OK;
}

static size_t value_size(const struct query *q, const struct copied *c, const char *in)
{
    if (c->param < 0) return c->text ? strlen(c->text) : 8;
    const struct field *f = &q->in->fields[c->param];
    return f->type == F_INT ? 8 : strlen(field_text(f, in));
}

static char *put_value(char *to, const struct query *q, const struct copied *c, const char *in)
{
    const struct field *f = c->param < 0 ? NULL : &q->in->fields[c->param];
    bool const number = f ? f->type == F_INT : !c->text;
    size_t const size = value_size(q, c, in);

    to = put32(to, size);
    if (number) {
        uint64_t const v = htobe64((uint64_t)(f ? field_int(f, in) : c->number));
        memcpy(to, &v, 8);
    } else {
        memcpy(to, f ? field_text(f, in) : c->text, size);
    }
    return to + size;
}

/* The rows in COPY's binary format: a signature, flags and extension; a count of columns and each
 * with its size, row by row; an end mark. */
static char *copy_bytes(struct arena *a, const struct query *q, const char *in, size_t n,
                        size_t *size)
{
    static const char head[19] = "PGCOPY\n\377\r\n", tail[2] = {(char)0xff, (char)0xff};
    uint16_t const columns = htons((uint16_t)q->n_copied);
    size_t room = sizeof head + sizeof tail;

    for (size_t k = 0; k < n; k++) {
        room += 2 + 4 * q->n_copied;
        for (size_t i = 0; i < q->n_copied; i++)
            room += value_size(q, &q->copied[i], in + k * q->in->size);
    }
    char *bytes = arena_alloc(a, room), *to = bytes;
    memcpy(to, head, sizeof head);
    to += sizeof head;
    for (size_t k = 0; k < n; k++, in += q->in->size) {
        memcpy(to, &columns, 2);
        to += 2;
        for (size_t i = 0; i < q->n_copied; i++) to = put_value(to, q, &q->copied[i], in);
    }
    memcpy(to, tail, sizeof tail);
    *size = room;
    return bytes;
}

/* Many rows cost half of what they cost as arrays: nothing is unnested, and the server writes them
 * page by page. */
static enum status copy_rows(struct ctx *cx, const struct query *q, const void *in, size_t n,
                             int64_t *changed)
{
    PGconn *pg = cx->db->pg;
    size_t size;
    const char *bytes = copy_bytes(cx->arena, q, in, n, &size);
    RESULT *ready = PQexec(pg, q->pg_copy);

    assert(size < INT_MAX);
    if (PQresultStatus(ready) != PGRES_COPY_IN) return pg_fail(cx->db, ready, q->name, cx->err);
    bool const sent = PQputCopyData(pg, bytes, (int)size) == 1 && PQputCopyEnd(pg, NULL) == 1;
    RESULT *r = PQgetResult(pg);
    for (PGresult *rest; (rest = PQgetResult(pg));) PQclear(rest);
    if (!sent || !succeeded(r)) return pg_fail(cx->db, r, q->name, cx->err);
    if (!int_parse(PQcmdTuples(r), changed)) *changed = 0;
    return OK;
}

static enum status pg_run(struct ctx *cx, const struct query *q, const void *in, size_t n,
                          void **rows, size_t *n_rows, int64_t *changed)
{
    struct params p = {0};
    char name[16];
    bool const bulk = q->pg_bulk != NULL;

    assert(q->in->n_fields <= PARAMS_MAX);
    if (q->pg_copy && n >= COPY_MIN) return copy_rows(cx, q, in, n, changed);
    if (bulk)
        bulk_params(cx, q, in, n, &p);
    else
        single_params(cx, q, in, &p);
    TRY(prepare(cx->db, q, bulk, &p, name, cx->err));
    RESULT *r = PQexecPrepared(cx->db->pg, name, p.n, p.values, p.lengths, p.formats, 1);
    if (!succeeded(r)) return pg_fail(cx->db, r, q->name, cx->err);
    for (int k = 0; rows && k < PQntuples(r); k++)
        TRY(fetch(r, k, q, cx->arena, db_next_row(cx->arena, q, rows, n_rows), cx->err));
    if (!int_parse(PQcmdTuples(r), changed)) *changed = 0;
    return OK;
}

static enum status pg_scan_begin(struct ctx *cx, const struct query *q, const void *in,
                                 struct db_scan *s)
{
    struct params p = {0};
    char name[16];

    single_params(cx, q, in, &p);
    TRY(prepare(cx->db, q, false, &p, name, cx->err));
    if (!PQsendQueryPrepared(cx->db->pg, name, p.n, p.values, p.lengths, p.formats, 1))
        return pg_fail(cx->db, NULL, q->name, cx->err);
    PQsetSingleRowMode(cx->db->pg);
    s->pg = true;
    return OK;
}

static enum status pg_scan_next(struct db_scan *s, void *row, bool *more)
{
    RESULT *r = PQgetResult(s->cx->db->pg);

    *more = false;
    if (!r) {
        s->pg = false;
        return OK;
    }
    if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
        *more = true;
        return fetch(r, 0, s->q, &s->arena, row, s->cx->err);
    }
    return succeeded(r) ? OK : pg_fail(s->cx->db, r, s->q->name, s->cx->err);
}

static void pg_scan_end(struct db_scan *s)
{
    while (s->pg) {
        RESULT *r = PQgetResult(s->cx->db->pg);

        if (!r) s->pg = false;
    }
}

const struct driver driver_pg = {
    .open = pg_open,
    .close = pg_close,
    .script = pg_script,
    .is_foreign = pg_is_foreign,
    .begin = pg_begin,
    .run = pg_run,
    .scan_begin = pg_scan_begin,
    .scan_next = pg_scan_next,
    .scan_end = pg_scan_end,
    .reconnect = pg_reconnect,
    .connected = pg_connected,
    .listen = pg_listen,
    .hold = pg_hold,
    .let_go = pg_let_go,
    .share_memory = pg_nothing,
    .log_of = pg_log_of,
    .shorten_log = pg_shorten_log,
    .turn_begin = pg_nothing,
    .turn_end = pg_nothing,
    .be_patient = pg_be_patient,
};
