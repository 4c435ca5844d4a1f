/* db: transactions, ids and what both drivers share. SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "core_sql.h"
#include "db/driver.h"

const struct fault DB_BROKEN = {
    E_INTERNAL, "db.broken",
    "The database failed and nothing was changed; see to what it says, and run again."};
const struct fault DB_RACE = {E_BUSY, "db.race", "Another change came first; try again."};
const struct fault DB_BUSY = {E_BUSY, "db.busy",
                              "Somebody else has kept the database from being written to for too "
                              "long; try again soon."};
const struct fault DB_TAKEN = {E_CONFLICT, "db.taken", "That already exists; nothing was changed."};
const struct fault DB_FULL = {E_INTERNAL, "db.full",
                              "The disk is full; free some room and run the same again."};
const struct fault DB_READ_ONLY = {
    E_INTERNAL, "db.read_only",
    "The database may only be read; check the rights of its file and folder, and run again."};
const struct fault DB_GONE = {E_INTERNAL, "db.gone",
                              "The database cannot be reached; check --db and that it is running."};
const struct fault DB_OUTCOME_UNKNOWN = {
    E_UNKNOWN, "db.outcome_unknown",
    "The connection broke while committing; run the same again, what was done is kept."};
const struct fault DB_NO_ROW = {
    E_INTERNAL, "db.no_row",
    "A query that always has an answer had none; let `foyer doctor` examine the database."};
const struct fault DB_CRASHED = {E_INTERNAL, "db.crashed", "The simulated process is gone."};
const struct fault DB_CLOCK_LATE = {
    E_CONFLICT, "db.clock_late",
    "The clock is past 2109-05-15, where the numbers of rows end; set it right and run again."};
const struct fault DB_URL = {
    E_INVALID, "db.url", "A database is sqlite:PATH or postgresql://…; check --db or FOYER_DB."};

enum status db_open(const char *url, struct db **out, struct error *e)
{
    bool const lite = strncmp(url, "sqlite:", 7) == 0;
    bool const pg = strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;

    if ((!lite && !pg) || (lite && !url[7])) return fail(e, &DB_URL, "db");
    struct db *db = memory_new(sizeof *db);
    db->driver = lite ? &driver_sqlite : &driver_pg;
    db->url = memory_new(strlen(url) + 1);
    memcpy(db->url, url, strlen(url));
    enum status const st = db->driver->open(db, lite ? url + 7 : url, e);
    if (st != OK) {
        db_close(db);
        return st;
    }
    *out = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db) return;
    db->driver->close(db);
    db_key_file(db, NULL);
    arena_clear(&db->snapshot_arena);
    memory_free(db->url);
    memory_free(db);
}

void db_closep(struct db **db)
{
    db_close(*db);
}
bool db_is_pg(const struct db *db)
{
    return db->driver == &driver_pg;
}
const char *db_url(const struct db *db)
{
    return db->url;
}

void db_injure(struct db *db, enum db_injury (*ask)(void *, enum db_moment), void *arg)
{
    db->ask = ask;
    db->ask_arg = arg;
}

void db_watch(struct db *db, void (*watch)(void *, bool), void *arg)
{
    db->watch = watch;
    db->watch_arg = arg;
}

void db_revive(struct db *db)
{
    db->crashed = false;
    db->id_loaded = false;
}

bool db_crashed(const struct db *db)
{
    return db->crashed;
}

static enum status crash(struct db *db, struct error *e)
{
    struct error ignored = {0};

    if (db->depth || db->joined) (void)!db->driver->script(db, "ROLLBACK", &ignored);
    db->joined = false;
    db->driver->turn_end(db);
    db->depth = 0;
    db->crashed = true;
    return fail(e, &DB_CRASHED, NULL);
}

/* Whether the simulator hurts this call; LOSE_REPLY and CRASH_AFTER are for tx_commit to carry out.
 */
static enum status hurt(struct db *db, enum db_moment moment, enum db_injury *injury,
                        struct error *e)
{
    *injury = UNHURT;
    if (db->crashed) return fail(e, &DB_CRASHED, NULL);
    if (!db->ask) return OK;
    *injury = db->ask(db->ask_arg, moment);
    switch (*injury) {
    case UNHURT: return OK;
    case LOSE_RACE: return fail(e, &DB_RACE, NULL);
    case DISK_FULL: return fail(e, &DB_FULL, NULL);
    case DROP: return fail(e, &DB_RACE, NULL); /* As a dropped connection ends: see db_pg.c. */
    case CRASH_BEFORE: return crash(db, e);
    case LOSE_REPLY:
    case CRASH_AFTER: return OK;
    }
    return OK;
}

/* What a failure leaves open nobody else may wait for. */
static void undo(struct db *db, const char *sql)
{
    struct error ignored = {0};

    (void)!db->driver->script(db, sql, &ignored);
}

/* ---- reads that share a snapshot ---- */

void db_reads_join(struct db *db)
{
    assert(!db_is_pg(db));
    db->joins = true;
}

static void end_snapshot(struct db *db)
{
    if (!db->joined) return;
    assert(db->depth == 0);
    undo(db, "ROLLBACK");
    db->joined = false;
    memory_forget_snapshot(db);
}

void db_reads_part(struct db *db)
{
    end_snapshot(db);
    db->joins = false;
}

enum status db_script(struct db *db, const char *sql, struct error *e)
{
    end_snapshot(db);
    return db->crashed ? fail(e, &DB_CRASHED, NULL) : db->driver->script(db, sql, e);
}

struct cached *db_cached(struct db *db, const struct query *q, bool bulk)
{
    size_t i = ((uintptr_t)q >> 4) * 2654435761U % STATEMENTS_MAX;

    while (db->cache[i].q && (db->cache[i].q != q || db->cache[i].bulk != bulk))
        i = (i + 1) % STATEMENTS_MAX;
    return &db->cache[i];
}

void db_forget_statements(struct db *db)
{
    memset(db->cache, 0, sizeof db->cache);
    db->n_prepared = 0;
}

void *db_next_row(struct arena *a, const struct query *q, void **rows, size_t *n)
{
    size_t const size = q->out->size;

    if ((*n & (*n - 1)) == 0) {
        void *grown = arena_alloc(a, size * (*n ? 2 * *n : 1));

        if (*n) memcpy(grown, *rows, size * *n);
        *rows = grown;
    }
    return (char *)*rows + size * (*n)++;
}

static int64_t enum_find(const struct names *names, const char *text, size_t n)
{
    for (size_t i = 0; i < names->n; i++)
        if (strlen(names->at[i]) == n && memcmp(names->at[i], text, n) == 0) return (int64_t)i;
    return -1;
}

enum status db_store(struct arena *a, const struct field *f, void *row, const char *text, size_t n,
                     struct error *e)
{
    void *to = (char *)row + f->offset;

    if (f->type == F_TEXT) {
        *(const char **)to = arena_memdup(a, text, n);
        return OK;
    }
    assert(f->type == F_ENUM);
    int64_t const v = enum_find(f->names, text, n);
    if (v < 0) return failf(e, &DB_BROKEN, "column %s holds '%.*s'", f->name, (int)n, text);
    *(int64_t *)to = v;
    return OK;
}

static bool only_reads(const struct query *q)
{
    return q->out && !strstr(q->pg, "RETURNING");
}

/* A statement outside any transaction is one of its own. Where its connection was lost a read runs
 * again on a new one; of a write nobody knows whether it was done. */
static enum status run_alone(struct ctx *cx, const struct query *q, const void *in, void **rows,
                             size_t *n_rows, int64_t *changed)
{
    struct db *db = cx->db;
    const struct driver *d = db->driver;

    end_snapshot(db);
    d->listen(db);
    TRY(d->reconnect(db, cx->err));
    enum status const st = d->run(cx, q, in, 1, rows, n_rows, changed);
    if (st == OK || d->connected(db)) return st;
    if (!only_reads(q)) return fail(cx->err, &DB_OUTCOME_UNKNOWN, NULL);
    TRY(d->reconnect(db, cx->err));
    return d->run(cx, q, in, 1, rows, n_rows, changed);
}

static enum status run(struct ctx *cx, const struct query *q, const void *in, size_t n, void **rows,
                       size_t *n_rows, int64_t *changed)
{
    enum db_injury injury;

    TRY(hurt(cx->db, AT_STATEMENT, &injury, cx->err));
    if (cx->db->depth == 0) return run_alone(cx, q, in, rows, n_rows, changed);
    return cx->db->driver->run(cx, q, in, n, rows, n_rows, changed);
}

enum status db_exec(struct ctx *cx, const struct query *q, const void *in, int64_t *changed)
{
    int64_t ignored;

    assert(cx->db->depth == 0 || cx->db->kind != TX_READ);
    return run(cx, q, in, 1, NULL, NULL, changed ? changed : &ignored);
}

enum status db_bulk(struct ctx *cx, const struct query *q, const void *rows, size_t n,
                    int64_t *changed)
{
    int64_t ignored;

    assert(q->pg_bulk && cx->db->depth > 0);
    if (changed) *changed = 0;
    return n ? run(cx, q, rows, n, NULL, NULL, changed ? changed : &ignored) : OK;
}

enum status db_rows(struct ctx *cx, const struct query *q, const void *in, void **rows, size_t *n)
{
    int64_t ignored;

    if (memory_recall(cx, q, in, rows, n)) return OK;
    *rows = arena_alloc(cx->arena, 0); /* callers step through it, which NULL does not allow */
    *n = 0;
    TRY(run(cx, q, in, 1, rows, n, &ignored));
    memory_keep(cx, q, in, *rows, *n);
    return OK;
}

enum status db_row(struct ctx *cx, const struct query *q, const void *in,
                   const struct fault *missing, void *row)
{
    void *rows;
    size_t n;

    TRY(db_rows(cx, q, in, &rows, &n));
    if (n == 0) return fail(cx->err, missing, NULL);
    assert(n == 1);
    memcpy(row, rows, q->out->size);
    return OK;
}

enum status db_scan_begin(struct ctx *cx, const struct query *q, const void *in, struct db_scan *s)
{
    *s = (struct db_scan){0};
    if (cx->db->crashed) return fail(cx->err, &DB_CRASHED, NULL);
    if (cx->db->depth == 0) end_snapshot(cx->db);
    *s = (struct db_scan){.cx = cx, .q = q};
    return cx->db->driver->scan_begin(cx, q, in, s);
}

enum status db_scan_next(struct db_scan *s, void *row, bool *more)
{
    arena_reset(&s->arena);
    return s->cx->db->driver->scan_next(s, row, more);
}

void db_scan_end(struct db_scan *s)
{
    if (s->cx) s->cx->db->driver->scan_end(s);
    arena_clear(&s->arena);
    s->cx = NULL;
}

bool db_connected(const struct db *db)
{
    return db->driver->connected(db);
}

void db_share_memory(struct db *db)
{
    db->driver->share_memory(db);
}

enum status db_hold(struct db *db, int64_t name, bool *held, struct error *e)
{
    return db->driver->hold(db, name, held, e);
}

void db_let_go(struct db *db, int64_t name)
{
    db->driver->let_go(db, name);
}

struct db_log db_log_of(const struct db *db)
{
    return db->driver->log_of(db);
}

enum status db_shorten_log(struct db *db, struct error *e)
{
    return db->driver->shorten_log(db, e);
}

enum status db_alive(struct db *db, struct error *e)
{
    return db->driver->reconnect(db, e);
}

static enum status begin_turn(struct db *db, enum tx_kind kind, struct error *e)
{
    if (kind == TX_READ && db->joined) return OK;
    end_snapshot(db);
    if (kind != TX_READ) db->driver->turn_begin(db);
    enum status st = db->driver->script(db, db->driver->begin(kind), e);
    if (st != OK && !db->driver->connected(db)) { /* nothing was begun */
        st = db->driver->reconnect(db, e);
        if (st == OK) st = db->driver->script(db, db->driver->begin(kind), e);
    }
    if (st == OK && kind != TX_READ && db->patience_ms) {
        st = db->driver->be_patient(db, e);
        if (st != OK) undo(db, "ROLLBACK");
    }
    if (st != OK) db->driver->turn_end(db);
    db->joined = st == OK && kind == TX_READ && db->joins;
    if (db->joined) memory_forget_snapshot(db);
    return st;
}

enum status db_group_begin(struct ctx *cx)
{
    struct db *db = cx->db;

    assert(!db_is_pg(db) && db->depth == 0 && !db->grouped);
    TRY(begin_turn(db, TX_WRITE, cx->err));
    db->grouped = true;
    db->group_lost = NULL;
    return OK;
}

enum status db_group_commit(struct ctx *cx)
{
    struct db *db = cx->db;

    assert(db->grouped && db->depth == 0);
    db->grouped = false;
    enum status const st = db->group_lost ? fail(cx->err, db->group_lost, NULL)
                                          : db->driver->script(db, "COMMIT", cx->err);
    if (st != OK) undo(db, "ROLLBACK");
    db->driver->turn_end(db);
    return st;
}

static enum status begin_outermost(struct db *db, enum tx_kind kind, struct error *e)
{
    if (!db->grouped) return begin_turn(db, kind, e);
    return db->group_lost ? fail(e, db->group_lost, NULL)
                          : db->driver->script(db, "SAVEPOINT part", e);
}

static enum status end_outermost(struct db *db, struct error *e)
{
    if (db->joined) return OK;
    return db->driver->script(db, db->grouped ? "RELEASE part" : "COMMIT", e);
}

static void undo_outermost(struct db *db)
{
    if (db->joined) return;
    undo(db, db->grouped ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK");
    if (!db->grouped) db->driver->turn_end(db);
}

enum status tx_begin(struct tx *tx, struct ctx *cx)
{
    return tx_begin_kind(tx, cx, TX_WRITE);
}

enum status tx_begin_kind(struct tx *tx, struct ctx *cx, enum tx_kind kind)
{
    struct db *db = cx->db;
    enum db_injury injury;

    if (db->depth == 0) {
        memory_forget(db);
        TRY(hurt(db, AT_BEGIN, &injury, cx->err));
        TRY(db->driver->reconnect(db, cx->err));
        TRY(begin_outermost(db, kind, cx->err));
        db->doomed = db->id_loaded = db->id_used = false;
        db->kind = kind;
    }
    assert(kind == TX_READ || db->kind != TX_READ); /* what only reads cannot be written in */
    db->depth++;
    tx->cx = cx;
    return OK;
}

static enum status store_ids(struct ctx *cx)
{
    struct db *db = cx->db;
    int64_t changed = 0;

    if (!db->id_used) return OK;
    TRY(id_writer_advance(cx, &changed, .writer = db->writer, .last_id = db->id_last,
                          .seen_id = db->id_stored));
    return changed == 1 ? OK : fail(cx->err, &DB_RACE, NULL);
}

static enum status commit_outermost(struct ctx *cx)
{
    struct db *db = cx->db;
    enum db_injury injury;

    if (db->doomed) return failf(cx->err, &DB_BROKEN, "an inner transaction was left open");
    TRY(store_ids(cx));
    TRY(hurt(db, AT_COMMIT, &injury, cx->err));
    if (db->watch) db->watch(db->watch_arg, false);
    TRY(end_outermost(db, cx->err));
    if (db->watch) db->watch(db->watch_arg, true);
    db->depth = 0;
    if (!db->grouped) db->driver->turn_end(db);
    if (injury == LOSE_REPLY) return fail(cx->err, &DB_OUTCOME_UNKNOWN, NULL);
    if (injury == CRASH_AFTER) return crash(db, cx->err);
    return OK;
}

enum status tx_commit(struct tx *tx)
{
    struct ctx *cx = tx->cx;

    assert(cx && cx->db->depth > 0);
    if (cx->db->depth == 1) TRY(commit_outermost(cx));
    if (cx->db->depth > 0) cx->db->depth--;
    tx->cx = NULL;
    return OK;
}

/* The error of the call that made us leave must survive the rollback. */
void tx_end(struct tx *tx)
{
    struct db *db = tx->cx ? tx->cx->db : NULL;

    tx->cx = NULL;
    if (!db || db->depth == 0) return; /* committed, or gone with a crash */
    if (--db->depth > 0) {
        db->doomed = true;
        return;
    }
    memory_forget(db);
    undo_outermost(db);
}

void db_patience(struct db *db, int64_t ms)
{
    db->patience_ms = ms;
}

bool db_is_reading(const struct db *db)
{
    return db->depth > 0 && db->kind == TX_READ;
}

void db_set_writer(struct db *db, int64_t writer)
{
    assert(writer >= 0 && writer < 1024 && db->depth == 0);
    db->writer = writer;
}

enum { SEQUENCE_BITS = 11, WRITER_BITS = 10, MS_SHIFT = SEQUENCE_BITS + WRITER_BITS };
static const int64_t MS_END = INT64_C(1) << 42; /* 2109-05-15 */

int64_t db_id_floor(int64_t at_ms)
{
    if (at_ms < 0) return 0;
    return at_ms < MS_END ? at_ms << MS_SHIFT : INT64_MAX;
}

static enum status load_ids(struct ctx *cx)
{
    struct db *db = cx->db;
    struct id_writer_row row;

    TRY(id_writer_take(cx, &row, &DB_NO_ROW, .writer = db->writer));
    db->id_last = db->id_stored = row.last_id;
    db->id_loaded = true;
    return OK;
}

static int64_t id_after(int64_t last, int64_t writer)
{
    if ((last + 1) % (1 << SEQUENCE_BITS)) return last + 1;
    return db_id_floor((last >> MS_SHIFT) + 1) | writer; /* ran over into the writer: next ms */
}

/* The writer's own first id above one of any writer. */
static int64_t id_above(int64_t other, int64_t writer)
{
    int64_t const same_ms = db_id_floor(other >> MS_SHIFT) | writer;

    return same_ms > other ? same_ms : db_id_floor((other >> MS_SHIFT) + 1) | writer;
}

enum status db_id(struct ctx *cx, int64_t *id)
{
    struct db *db = cx->db;

    assert(db->depth > 0 && db->kind != TX_READ);
    if (!db->id_loaded) TRY(load_ids(cx));
    if (cx->now >= MS_END) return fail(cx->err, &DB_CLOCK_LATE, NULL);
    int64_t const writer = db->writer << SEQUENCE_BITS;
    int64_t next = db_id_floor(cx->now) | writer;
    if (next <= db->id_behind) next = id_above(db->id_behind, writer);
    if (next <= db->id_last) next = id_after(db->id_last, writer);
    while (id_like_card(next)) next = id_after(next, writer);
    db->id_last = *id = next;
    db->id_used = true;
    return OK;
}

enum status db_follow_ids(struct ctx *cx)
{
    struct newest_id_row row;

    assert(cx->db->depth == 0);
    TRY(id_writer_newest(cx, &row, &DB_NO_ROW));
    if (cx->db->id_behind < row.newest_id) cx->db->id_behind = row.newest_id;
    return OK;
}

enum status db_id_after(struct ctx *cx, int64_t other, int64_t *id)
{
    if (cx->db->id_behind < other) cx->db->id_behind = other;
    return db_id(cx, id);
}
