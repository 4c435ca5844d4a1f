/* db: runs the queries that sqlgen compiled from .sql files, on SQLite or PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/role.h"
#include "base/shape.h"

struct copied { /* where a column's value comes from when rows are copied */
    int param;  /* index of the input's field; -1: a constant */
    const char *text;
    int64_t number; /* where text is NULL */
};

struct query {
    const char *name, *sqlite, *pg; /* same statement, `?1` or `$1` parameters */
    const char *pg_bulk;            /* :bulk only: the statement over unnested arrays */
    const struct shape *in, *out;   /* out is NULL for statements without rows */
    const char *pg_copy;            /* :bulk only: the COPY that does the same; or NULL */
    const struct copied *copied;    /* its columns */
    size_t n_copied;
};

struct actor {
    enum role role;
    int64_t id; /* account of an owner, profile user or extra member's owner; number of an agent */
    enum surface surface;         /* none for the system */
    bool proven;                  /* a fresh identity proof (SPEC C-19, F-12) */
    const char *device, *network; /* as the session tells them; NULL: not known */
    const char *country;          /* ISO code of where that network is; NULL: not known */
    int64_t via; /* the API key that acts as them, or VIA_COMMAND_LINE; 0: they do */
};
enum { VIA_COMMAND_LINE = -1 };

/* What a use case may touch. Production and simulation fill it differently. */
struct ctx {
    struct db *db;
    struct arena *arena; /* of this job */
    struct error *err;
    int64_t now; /* Unix ms, constant within one use case; the database's clock where it has one */
    const struct settings *settings;
    struct actor actor;
    const char
        *call_key; /* of the op's call (see http/op.h), so that it may be sent twice; or NULL */
    const char *request_id;   /* of the request that this is done for; NULL: none */
    const struct op_due *due; /* what op_call has left to be written down: see op_record */
};

extern const struct fault DB_BROKEN, DB_NO_ROW, DB_RACE, DB_TAKEN, DB_FULL, DB_READ_ONLY, DB_GONE,
    DB_OUTCOME_UNKNOWN, DB_CRASHED, DB_CLOCK_LATE, DB_URL, DB_FROM_FUTURE, DB_FOREIGN,
    DB_NOT_MIGRATED, DB_BUSY;

/* Opens `sqlite:PATH`, `sqlite::memory:` or a libpq `postgresql://…` URL. DB_URL, DB_GONE. */
enum status db_open(const char *url, struct db **out, struct error *e) MUST_CHECK;
void db_close(struct db *db);   /* accepts NULL */
void db_closep(struct db **db); /* the same as a CLEANUP function */
bool db_is_pg(const struct db *db);
const char *db_url(const struct db *db);

/* Where the master key is; NULL, as at first: beside an SQLite file, nowhere for PostgreSQL. */
void db_key_file(struct db *db, const char *path);

/* Opens a store of its own beside a database, never in a transaction of it: the file PATH-NAME,
 * memory beside memory, or in PostgreSQL the schema SCHEMA_NAME where the URL sets a search_path,
 * else foyer_NAME. `schema` is the text of its tables, spelt as a migration and safe to repeat. A
 * machine (not a process) that fails may cost it its newest commits. */
enum status db_open_beside(const char *url, const char *name, const char *schema, struct db **out,
                           struct error *e) MUST_CHECK;

/* Runs statements that are no compiled queries: migrations, PRAGMAs, test set-up. */
enum status db_script(struct db *db, const char *sql, struct error *e) MUST_CHECK;

/* Applies what is missing of the embedded migrations, each in a transaction of its own; how many.
 * Faults: DB_FROM_FUTURE when it knows one that we do not; DB_FOREIGN when it never was ours and
 * holds tables - in PostgreSQL such as are called like ours, in its first schema. */
enum status db_migrate(struct db *db, int64_t now, int64_t *applied, struct error *e) MUST_CHECK;
/* OK when no migration is missing, else DB_NOT_MIGRATED or DB_FROM_FUTURE. */
enum status db_check_version(struct db *db, struct error *e) MUST_CHECK;

/* The bodies of the functions that sqlgen writes; nobody else calls them. Rows and their texts
 * lie in cx->arena; the array is never NULL, also when there are none. `missing` is what to answer
 * when there is no such row. */
enum status db_exec(struct ctx *cx, const struct query *q, const void *in,
                    int64_t *changed) MUST_CHECK;
enum status db_bulk(struct ctx *cx, const struct query *q, const void *rows, size_t n,
                    int64_t *changed) MUST_CHECK;
enum status db_rows(struct ctx *cx, const struct query *q, const void *in, void **rows,
                    size_t *n) MUST_CHECK;
enum status db_row(struct ctx *cx, const struct query *q, const void *in,
                   const struct fault *missing, void *row) MUST_CHECK;

/* A row at a time, for results of any length (:scan). While one is open on PostgreSQL nothing else
 * runs on that connection. The texts of a row live until the next. */
struct db_scan {
    struct ctx *cx;
    const struct query *q;
    struct arena arena;
    void *lite; /* sqlite3_stmt */
    bool pg;    /* rows are still to be read */
};
#define SCAN CLEANUP(db_scan_end) struct db_scan
enum status db_scan_begin(struct ctx *cx, const struct query *q, const void *in,
                          struct db_scan *s) MUST_CHECK;
enum status db_scan_next(struct db_scan *s, void *row, bool *more) MUST_CHECK;
void db_scan_end(struct db_scan *s);

/* A transaction is a scope: unless committed, leaving the scope rolls it back. Inside an open one a
 * further tx_begin joins it, and only the outermost commit is real; nothing that writes joins a
 * TX_READ.
 *
 * TX_WRITE is serialisable. TX_BATCH is repeatable-read on PostgreSQL: a batch must change (or lock
 * by changing) each row that its decisions rest on, which makes every race a write conflict.
 * TX_READ sees one snapshot and changes nothing. */
enum tx_kind { TX_WRITE, TX_BATCH, TX_READ };
struct tx {
    struct ctx *cx;
};
#define TX CLEANUP(tx_end) struct tx
enum status tx_begin(struct tx *tx, struct ctx *cx) MUST_CHECK; /* TX_WRITE */
enum status tx_begin_kind(struct tx *tx, struct ctx *cx, enum tx_kind kind) MUST_CHECK;
/* E_BUSY: nothing was done, rerun. E_UNKNOWN: the reply was lost, look at what is stored. */
enum status tx_commit(struct tx *tx) MUST_CHECK;
void tx_end(struct tx *tx);
bool db_is_reading(const struct db *db); /* a TX_READ is open */
/* From here on, how long a transaction that writes waits for what others hold, before DB_BUSY says
 * that it was for nothing; after one such wait the next do not wait at all until somebody has come
 * through. 0, as at first: as long as the database lets anybody. */
void db_patience(struct db *db, int64_t ms);
/* From here to db_reads_part the TX_READs that follow one another see the snapshot of the first;
 * whatever else is done with the database in between ends it. SQLite only. */
void db_reads_join(struct db *db);
void db_reads_part(struct db *db);
/* From here to its end the open TX_READ reads no row twice, for a snapshot's answers stay the same.
 * For work that never resets cx->arena, where they are kept. */
void db_remember(struct ctx *cx);
/* The same to the next db_remember, for all that share a snapshot: for what every request asks. */
void db_remember_for_all(struct ctx *cx);

/* A group: many small transactions, one after the other, that share one COMMIT. Between these two
 * calls each outermost tx_begin on the connection opens a part of it, which leaves nothing when it
 * is not committed; what is committed is durable once the group is. Nothing may be told to anybody
 * before. When either call fails nothing of the group was done. SQLite only: PostgreSQL makes
 * groups of what its connections commit at once. */
enum status db_group_begin(struct ctx *cx) MUST_CHECK;
enum status db_group_commit(struct ctx *cx) MUST_CHECK;

/* Whether the connection stood when it was last used; and seeing to it that it does: connects
 * anew when it is gone. Faults: DB_GONE. */
bool db_connected(const struct db *db);
enum status db_alive(struct db *db, struct error *e) MUST_CHECK;
/* A name that one connection holds at a time, of all that there are on PostgreSQL, of those of this
 * process on SQLite. It is free again when that connection lets go of it or is gone; whoever finds
 * it taken does not wait. Holding is no transaction, and lasts beyond them. */
enum status db_hold(struct db *db, int64_t name, bool *held, struct error *e) MUST_CHECK;
void db_let_go(struct db *db, int64_t name);
/* For one of many connections of a process: keeps 16 MiB of pages at most, not 128, and as much of
 * a log. */
void db_share_memory(struct db *db);

/* SQLite's write-ahead log: how long its file is, and when it was last written (ns). 0 where there
 * is none. */
struct db_log {
    int64_t bytes, written_at;
};
struct db_log db_log_of(const struct db *db);
/* Writes it back and gives its room away, unless somebody reads or writes right now. */
enum status db_shorten_log(struct db *db, struct error *e) MUST_CHECK;

/* The next id, above 0 and time-ordered: 42 bits of ms since 1970 (to 2109), 10 of writer, 11 of
 * sequence. Only inside a write transaction, which stores how far the writer has come, so that no
 * id is used again after a restart. Faults: DB_CLOCK_LATE. */
enum status db_id(struct ctx *cx, int64_t *id) MUST_CHECK;
/* The same, above `other`, an id of whatever writer: for rows whose ids are their order. Clocks
 * differ from machine to machine, and a test clock stands still. */
enum status db_id_after(struct ctx *cx, int64_t other, int64_t *id) MUST_CHECK;
/* From now on this connection's ids are above all that are stored, whoever gave them. Outside any
 * transaction, where it is in nobody's way: it reads how far each writer has come. */
enum status db_follow_ids(struct ctx *cx) MUST_CHECK;
/* The smallest id that could have been made at or after an instant. */
int64_t db_id_floor(int64_t at_ms);
/* Which of the 1024 writers' numbers this connection uses; two at once only cost reruns. */
void db_set_writer(struct db *db, int64_t writer);

/* Told right before each COMMIT of a transaction is sent (done: false) and again when it is durable
 * (done: true), so that somebody who has a clock can measure it; NULL stops it. */
void db_watch(struct db *db, void (*watch)(void *arg, bool done), void *arg);

/* --- what the simulator may do to a database (SPEC B-11, DESIGN "What must stay true" 5) --- */
enum db_moment { AT_BEGIN, AT_STATEMENT, AT_COMMIT };
enum db_injury {
    UNHURT,
    LOSE_RACE,    /* busy or serialisation failure: nothing was done, rerun */
    DISK_FULL,    /* nothing was done */
    DROP,         /* connection gone; the transaction with it */
    LOSE_REPLY,   /* AT_COMMIT: committed, but the caller does not learn it */
    CRASH_BEFORE, /* the process is gone, nothing committed */
    CRASH_AFTER,  /* AT_COMMIT: committed, then the process is gone */
};
void db_injure(struct db *db, enum db_injury (*ask)(void *arg, enum db_moment moment), void *arg);
/* After a crash every call fails with DB_CRASHED until this says that a new process has started. */
void db_revive(struct db *db);
bool db_crashed(const struct db *db);
