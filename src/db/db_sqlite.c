/* db_sqlite: SQLite, in WAL mode with full sync. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "db/driver.h"

enum { BUSY_MS = 20000 };

/* SQLite lets who waits for its lock look again now and then, so that a writer who comes back at
 * once starves all others. Those of one process queue here, first come first served; those of other
 * processes go on to look. One line for each file, for as long as the process lives. */
struct waiter {
    struct waiter *next;
    pthread_cond_t called;
    bool has_turn;
};
struct turn {
    struct turn *next;
    char *path;
    pthread_mutex_t lock;
    bool taken;
    struct waiter *first, **last;
    atomic_bool stuck; /* the newest who wanted to write has waited in vain */
    struct held *held; /* see db_hold */
};
struct held {
    struct held *next;
    const struct db *by;
    int64_t name;
};
static struct turn *turns;
static pthread_mutex_t turns_lock = PTHREAD_MUTEX_INITIALIZER;

static struct turn *turn_new(const char *path)
{
    struct turn *t = memory_new(sizeof *t);

    t->path = memory_new(strlen(path) + 1);
    memcpy(t->path, path, strlen(path));
    pthread_mutex_init(&t->lock, NULL);
    t->last = &t->first;
    return t;
}

static struct turn *turn_of(const char *path)
{
    struct turn *t;

    if (strcmp(path, ":memory:") == 0) return NULL;
    pthread_mutex_lock(&turns_lock);
    for (t = turns; t && strcmp(t->path, path) != 0; t = t->next) continue;
    if (!t) {
        t = turn_new(path);
        t->next = turns;
        turns = t;
    }
    pthread_mutex_unlock(&turns_lock);
    return t;
}

static void leave_line(struct turn *t, const struct waiter *w)
{
    struct waiter **at = &t->first;

    while (*at != w) at = &(*at)->next;
    *at = w->next;
    if (!*at) t->last = at;
}

/* Whoever has waited as long as SQLite would let it goes on without a turn, to be told by SQLite
 * that it is busy. */
static bool wait_for_turn(struct turn *t, int64_t ms)
{
    struct waiter w = {.called = PTHREAD_COND_INITIALIZER};
    struct timespec until;
    int late = 0;

    if (!ms) return false;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    *t->last = &w;
    t->last = &w.next;
    while (!w.has_turn && !late) late = pthread_cond_timedwait(&w.called, &t->lock, &until);
    if (!w.has_turn) leave_line(t, &w);
    pthread_cond_destroy(&w.called);
    return w.has_turn;
}

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t patience_of(const struct db *db, const struct turn *t)
{
    if (!db->patience_ms) return BUSY_MS;
    return atomic_load(&t->stuck) ? 0 : db->patience_ms;
}

/* What was waited in line is not waited again for other processes. */
static void lite_turn_begin(struct db *db)
{
    struct turn *t = db->turn;

    if (!t || db->has_turn) return;
    int64_t const patience = patience_of(db, t), until = clock_ms() + patience;
    pthread_mutex_lock(&t->lock);
    db->has_turn = t->taken ? wait_for_turn(t, patience) : true;
    t->taken |= db->has_turn;
    pthread_mutex_unlock(&t->lock);
    int64_t const left = until - clock_ms();
    sqlite3_busy_timeout(db->lite, left > 0 ? (int)left : 0);
}

static void lite_turn_end(struct db *db)
{
    struct turn *t = db->turn;

    if (!t) return;
    sqlite3_busy_timeout(db->lite, BUSY_MS);
    if (!db->has_turn) return;
    db->has_turn = false;
    pthread_mutex_lock(&t->lock);
    struct waiter *w = t->first;
    t->taken = w != NULL;
    if (w) {
        t->first = w->next;
        if (!t->first) t->last = &t->first;
        w->has_turn = true;
        pthread_cond_signal(&w->called);
    }
    pthread_mutex_unlock(&t->lock);
}

static bool lite_connected(const struct db *db)
{
    return db->lite != NULL;
}

static bool lacks_room(struct db *db, int rc)
{
    int const why = sqlite3_system_errno(db->lite);

    if ((rc & 0xff) == SQLITE_FULL) return true;
    return ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) &&
           (why == ENOSPC || why == EDQUOT || why == EFBIG);
}

static enum status fault_of(struct db *db, int rc, const char *what, struct error *e)
{
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        return failf(e, &DB_TAKEN, "%s: %s", what, sqlite3_errmsg(db->lite));
    if (rc == SQLITE_BUSY_SNAPSHOT) return fail(e, &DB_RACE, NULL);
    if ((rc & 0xff) == SQLITE_BUSY) return fail(e, &DB_BUSY, NULL);
    if (lacks_room(db, rc)) return fail(e, &DB_FULL, NULL);
    if ((rc & 0xff) == SQLITE_READONLY) return fail(e, &DB_READ_ONLY, NULL);
    if ((rc & 0xff) == SQLITE_CANTOPEN || rc == SQLITE_NOTADB)
        return failf(e, &DB_GONE, "%s: %s", what, sqlite3_errmsg(db->lite));
    return failf(e, &DB_BROKEN, "%s: %s", what, sqlite3_errmsg(db->lite));
}

/* A full disk or a bad one may cost the whole transaction, of which a statement is a part. */
static enum status lite_fail(struct db *db, const char *what, struct error *e)
{
    enum status const st = fault_of(db, sqlite3_extended_errcode(db->lite), what, e);

    if (db->grouped && sqlite3_get_autocommit(db->lite) && !db->group_lost)
        db->group_lost = e->fault;
    db->joined = db->joined && !sqlite3_get_autocommit(db->lite);
    return st;
}

/* What every transaction says is parsed once. */
static sqlite3_stmt *verb_of(struct db *db, const char *sql)
{
    static const char *const verbs[] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};

    _Static_assert(COUNT(verbs) == COUNT(db->verbs), "one statement each");
    for (size_t i = 0; i < COUNT(verbs); i++) {
        sqlite3_stmt *s = db->verbs[i];

        if (strcmp(verbs[i], sql) != 0) continue;
        if (!s) sqlite3_prepare_v3(db->lite, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
        db->verbs[i] = s;
        return s;
    }
    return NULL;
}

static bool say(struct db *db, const char *sql)
{
    sqlite3_stmt *verb = verb_of(db, sql);

    if (!verb) return sqlite3_exec(db->lite, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_step(verb);
    return sqlite3_reset(verb) == SQLITE_OK;
}

static const char begin_writing[] = "BEGIN IMMEDIATE";

static void note_whether_stuck(struct db *db, const char *sql, const struct fault *why)
{
    struct turn *t = db->turn;

    if (t && strcmp(sql, begin_writing) == 0) atomic_store(&t->stuck, why == &DB_BUSY);
}

static enum status lite_script(struct db *db, const char *sql, struct error *e)
{
    if (say(db, sql)) {
        note_whether_stuck(db, sql, NULL);
        return OK;
    }
    enum status const st = lite_fail(db, "script", e);
    note_whether_stuck(db, sql, e->fault);
    /* A failed COMMIT leaves the transaction open; what follows must find none. */
    if (strcmp(sql, "COMMIT") == 0 && !sqlite3_get_autocommit(db->lite))
        sqlite3_exec(db->lite, "ROLLBACK", NULL, NULL, NULL);
    return st;
}

/* Scattered page writes are what costs, so checkpoints are rare and the page cache is large. What a
 * long reader lets the log grow beyond them is given back. What reports and checks sort may be
 * larger than memory: temp_store stays as it is, a file. */
static const char pragmas[] = "PRAGMA synchronous = FULL;"
                              "PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -131072;"
                              "PRAGMA journal_size_limit = 83886080; PRAGMA foreign_keys = ON";

/* A file is ours alone: whatever table lies in it without our own list of migrations is
 * another's. */
static enum status lite_is_foreign(struct db *db, const char *names, bool *foreign, struct error *e)
{
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite@_%' ESCAPE '@') AND (SELECT COUNT(*) FROM"
        " pragma_table_info('migration') WHERE name IN ('number', 'name', 'applied_at')) < 3";
    sqlite3_stmt *s = NULL;

    (void)names;
    bool const read = sqlite3_prepare_v2(db->lite, sql, -1, &s, NULL) == SQLITE_OK &&
                      sqlite3_step(s) == SQLITE_ROW;
    *foreign = read && sqlite3_column_int(s, 0);
    enum status const st = read ? OK : lite_fail(db, "open", e);
    sqlite3_finalize(s);
    return st;
}

/* A connection stays with its thread, and nobody asks SQLite how much memory it uses: without the
 * locks for both, a batch takes a quarter less. Refused, and rightly, once SQLite runs. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_initialize();
}

static enum status lite_open(struct db *db, const char *path, struct error *e)
{
    sqlite3 *lite = NULL;

    static pthread_once_t configured = PTHREAD_ONCE_INIT;

    pthread_once(&configured, configure);
    int const rc = sqlite3_open_v2(
        path, &lite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    db->lite = lite;
    db->turn = turn_of(path);
    if (rc != SQLITE_OK) return failf(e, &DB_GONE, "%s: %s", path, sqlite3_errmsg(lite));
    sqlite3_extended_result_codes(lite, 1);
    sqlite3_busy_timeout(lite, BUSY_MS);
    bool foreign;
    TRY(lite_is_foreign(db, NULL, &foreign, e));
    if (!foreign) TRY(lite_script(db, "PRAGMA journal_mode = WAL", e));
    return lite_script(db, pragmas, e);
}

/* Memory has one connection, which never finds a name taken by another. */
static enum status lite_hold(struct db *db, int64_t name, bool *held, struct error *e)
{
    struct turn *t = db->turn;
    struct held *h;

    (void)e;
    *held = true;
    if (!t) return OK;
    pthread_mutex_lock(&t->lock);
    for (h = t->held; h && h->name != name; h = h->next) continue;
    *held = !h;
    if (!h) {
        h = memory_new(sizeof *h);
        *h = (struct held){t->held, db, name};
        t->held = h;
    }
    pthread_mutex_unlock(&t->lock);
    return OK;
}

/* All names of this connection, or one. */
static void let_go(struct db *db, const int64_t *name)
{
    struct turn *t = db->turn;

    if (!t) return;
    pthread_mutex_lock(&t->lock);
    for (struct held **at = &t->held, *h; (h = *at);) {
        if (h->by != db || (name && h->name != *name)) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        memory_free(h);
    }
    pthread_mutex_unlock(&t->lock);
}

static void lite_let_go(struct db *db, int64_t name)
{
    let_go(db, &name);
}

static void lite_close(struct db *db)
{
    lite_turn_end(db);
    let_go(db, NULL);
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        if (db->cache[i].lite) sqlite3_finalize(db->cache[i].lite);
    for (size_t i = 0; i < COUNT(db->verbs); i++) sqlite3_finalize(db->verbs[i]);
    sqlite3_close(db->lite);
}

static void lite_share_memory(struct db *db)
{
    sqlite3_exec(db->lite,
                 "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;"
                 "PRAGMA journal_size_limit = 16777216",
                 NULL, NULL, NULL);
}

static struct db_log lite_log_of(const struct db *db)
{
    const char *file = sqlite3_db_filename(db->lite, "main");
    struct stat st;

    if (!file || !*file || stat(sqlite3_filename_wal(file), &st) != 0) return (struct db_log){0};
    return (struct db_log){st.st_size,
                           (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec};
}

/* Others of this process wait in line meanwhile, and we for nobody else. */
static enum status lite_shorten_log(struct db *db, struct error *e)
{
    lite_turn_begin(db);
    sqlite3_busy_timeout(db->lite, 0);
    int const rc =
        sqlite3_wal_checkpoint_v2(db->lite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db->lite, BUSY_MS);
    lite_turn_end(db);
    return rc == SQLITE_OK ? OK : lite_fail(db, "checkpoint", e);
}

static const char *lite_begin(enum tx_kind kind)
{
    return kind == TX_READ ? "BEGIN" : begin_writing;
}

static enum status prepare(struct db *db, const struct query *q, sqlite3_stmt **out,
                           struct error *e)
{
    if (sqlite3_prepare_v3(db->lite, q->sqlite, -1, SQLITE_PREPARE_PERSISTENT, out, NULL))
        return lite_fail(db, q->name, e);
    return OK;
}

static void bind(sqlite3_stmt *s, const struct query *q, const void *in)
{
    for (size_t i = 0; i < q->in->n_fields; i++) {
        const struct field *f = &q->in->fields[i];

        if (f->type == F_INT)
            sqlite3_bind_int64(s, (int)i + 1, field_int(f, in));
        else
            sqlite3_bind_text(s, (int)i + 1, field_text(f, in), -1, SQLITE_STATIC);
    }
}

static enum status fetch(sqlite3_stmt *s, const struct query *q, struct arena *a, void *row,
                         struct error *e)
{
    for (size_t i = 0; i < q->out->n_fields; i++) {
        const struct field *f = &q->out->fields[i];

        if (f->type == F_INT) {
            *(int64_t *)(void *)((char *)row + f->offset) = sqlite3_column_int64(s, (int)i);
        } else {
            const char *text = (const char *)sqlite3_column_text(s, (int)i);

            TRY(db_store(a, f, row, text ? text : "", (size_t)sqlite3_column_bytes(s, (int)i), e));
        }
    }
    return OK;
}

static void reset(sqlite3_stmt **s)
{
    sqlite3_reset(*s);
}

static enum status step_all(struct ctx *cx, const struct query *q, sqlite3_stmt *statement,
                            const void *in, size_t n, void **rows, size_t *n_rows, int64_t *changed)
{
    CLEANUP(reset) sqlite3_stmt *s = statement;

    for (size_t k = 0; k < n; k++) {
        int rc;

        sqlite3_reset(s);
        bind(s, q, (const char *)in + k * q->in->size);
        while ((rc = sqlite3_step(s)) == SQLITE_ROW)
            if (rows) TRY(fetch(s, q, cx->arena, db_next_row(cx->arena, q, rows, n_rows), cx->err));
        if (rc != SQLITE_DONE) return lite_fail(cx->db, q->name, cx->err);
        *changed += sqlite3_changes64(cx->db->lite);
    }
    return OK;
}

static enum status lite_run(struct ctx *cx, const struct query *q, const void *in, size_t n,
                            void **rows, size_t *n_rows, int64_t *changed)
{
    struct db *db = cx->db;
    struct cached *c = db_cached(db, q, false);

    *changed = 0;
    if (!c->q) {
        sqlite3_stmt *fresh;

        TRY(prepare(db, q, &fresh, cx->err));
        *c = (struct cached){.q = q, .lite = fresh};
    }
    /* A write without a transaction is one of its own. */
    bool const alone = db->depth == 0 && !db->has_turn && !sqlite3_stmt_readonly(c->lite);
    if (alone) lite_turn_begin(db);
    enum status const st = step_all(cx, q, c->lite, in, n, rows, n_rows, changed);
    if (alone) lite_turn_end(db);
    return st;
}

/* A scan has a statement of its own: the same query may run while it is open. */
static enum status lite_scan_begin(struct ctx *cx, const struct query *q, const void *in,
                                   struct db_scan *s)
{
    sqlite3_stmt *st;

    TRY(prepare(cx->db, q, &st, cx->err));
    s->lite = st;
    for (size_t i = 0; i < q->in->n_fields; i++) {
        const struct field *f = &q->in->fields[i];

        if (f->type == F_INT)
            sqlite3_bind_int64(st, (int)i + 1, field_int(f, in));
        else
            sqlite3_bind_text(st, (int)i + 1, field_text(f, in), -1, SQLITE_TRANSIENT);
    }
    return OK;
}

static enum status lite_scan_next(struct db_scan *s, void *row, bool *more)
{
    int const rc = sqlite3_step(s->lite);

    *more = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW) return fetch(s->lite, s->q, &s->arena, row, s->cx->err);
    return rc == SQLITE_DONE ? OK : lite_fail(s->cx->db, s->q->name, s->cx->err);
}

static void lite_scan_end(struct db_scan *s)
{
    sqlite3_finalize(s->lite);
}

static enum status lite_reconnect(struct db *db, struct error *e)
{
    (void)db, (void)e;
    return OK;
}

static void lite_listen(struct db *db)
{
    (void)db;
}

/* It has waited for the whole file, and waits for nothing more. */
static enum status lite_be_patient(struct db *db, struct error *e)
{
    (void)db, (void)e;
    return OK;
}

const struct driver driver_sqlite = {
    .open = lite_open,
    .close = lite_close,
    .script = lite_script,
    .is_foreign = lite_is_foreign,
    .begin = lite_begin,
    .run = lite_run,
    .scan_begin = lite_scan_begin,
    .scan_next = lite_scan_next,
    .scan_end = lite_scan_end,
    .reconnect = lite_reconnect,
    .connected = lite_connected,
    .listen = lite_listen,
    .hold = lite_hold,
    .let_go = lite_let_go,
    .share_memory = lite_share_memory,
    .log_of = lite_log_of,
    .shorten_log = lite_shorten_log,
    .turn_begin = lite_turn_begin,
    .turn_end = lite_turn_end,
    .be_patient = lite_be_patient,
};
