/* driver: what db.c asks of SQLite and of PostgreSQL. Nobody else includes this.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

struct statement; /* a cached prepared statement; each driver knows its own */

struct driver {
    enum status (*open)(struct db *db, const char *where, struct error *e);
    void (*close)(struct db *db);
    enum status (*script)(struct db *db, const char *sql, struct error *e);
    /* Whether there are tables of somebody else where ours are to be; `names` are those of ours,
     * with commas between. */
    enum status (*is_foreign)(struct db *db, const char *names, bool *foreign, struct error *e);
    const char *(*begin)(enum tx_kind kind);
    /* Runs q for n inputs one after the other; rows (when wanted) of the last are appended. */
    enum status (*run)(struct ctx *cx, const struct query *q, const void *in, size_t n, void **rows,
                       size_t *n_rows, int64_t *changed);
    enum status (*scan_begin)(struct ctx *cx, const struct query *q, const void *in,
                              struct db_scan *s);
    enum status (*scan_next)(struct db_scan *s, void *row, bool *more);
    void (*scan_end)(struct db_scan *s);
    enum status (*reconnect)(struct db *db, struct error *e); /* a no-op while connected */
    bool (*connected)(const struct db *db);
    void (*listen)(struct db *db); /* finds out what is known of the connection without asking */
    enum status (*hold)(struct db *db, int64_t name, bool *held, struct error *e);
    void (*let_go)(struct db *db, int64_t name);
    void (*share_memory)(struct db *db);
    struct db_log (*log_of)(const struct db *db);
    enum status (*shorten_log)(struct db *db, struct error *e);
    /* Waits for, and gives back, the right to write: writers of one process come in turn. */
    void (*turn_begin)(struct db *db);
    void (*turn_end)(struct db *db);
    /* In a transaction that has just begun: its patience, where it waits for rows. */
    enum status (*be_patient)(struct db *db, struct error *e);
};
extern const struct driver driver_sqlite, driver_pg;

enum { STATEMENTS_MAX = 512 }; /* a power of two, well above the number of queries */

enum { LOOKS = 1024 };

struct cached {
    const struct query *q;
    bool bulk;
    void *lite;    /* sqlite3_stmt */
    int pg_number; /* prepared as "q<number>" */
};

struct db {
    const struct driver *driver;
    char *url;
    char *key_path;       /* NULL: as db_key_file says */
    struct keyring *keys; /* loaded when something is first sealed or opened */
    void *lite;           /* sqlite3 */
    void *pg;             /* PGconn */
    bool lost;            /* its connection is gone, and was not made anew yet */
    void *verbs[4];       /* sqlite3_stmt of BEGIN, COMMIT and their like */
    struct cached cache[STATEMENTS_MAX];
    int n_prepared;

    int depth;   /* of joined transactions */
    bool doomed; /* an inner scope left without commit */
    enum tx_kind kind;
    bool grouped;                   /* the outermost transactions are parts of a group */
    const struct fault *group_lost; /* why its transaction is gone; NULL: it is there */
    bool joins, joined;             /* see db_reads_join; a snapshot is open */
    void *turn; /* of the file's writers in this process; NULL: none are waited for */
    bool has_turn;
    int64_t patience_ms; /* see db_patience */

    const struct arena *memory_of; /* NULL: nothing is remembered; see db_remember */
    struct remembered *memory;
    bool shares; /* what is read is remembered in the snapshot; see db_remember_for_all */
    struct arena snapshot_arena;
    struct remembered *snapshot_memory;
    int64_t n_shared;

    int64_t writer, id_last, id_stored; /* ids; stored is what the open transaction found */
    int64_t id_behind;                  /* of any writer: all that are given are above it */
    bool id_loaded, id_used;

    enum db_injury (*ask)(void *arg, enum db_moment moment);
    void *ask_arg;
    bool crashed;

    void (*watch)(void *arg, bool done);
    void *watch_arg;

    struct look {
        uint64_t who; /* a hash of who looked at what of whom */
        int64_t at;
    } looks[LOOKS]; /* the newest of each place: see audit_looked */
};

/* What a reading transaction or its snapshot remembers; both do nothing where it is not to. */
bool memory_recall(struct ctx *cx, const struct query *q, const void *in, void **rows, size_t *n);
void memory_keep(struct ctx *cx, const struct query *q, const void *in, const void *rows, size_t n);
void memory_forget(struct db *db);
void memory_forget_snapshot(struct db *db);
/* The cache's place for q (a new one has q == NULL until the driver fills it). */
struct cached *db_cached(struct db *db, const struct query *q, bool bulk);
void db_forget_statements(struct db *db); /* after a reconnect */
/* The text of a migration as PostgreSQL spells it. */
char *db_pg_spelling(struct arena *a, const char *sql);
/* Room for one more row of q in an array that doubles inside the arena. */
void *db_next_row(struct arena *a, const struct query *q, void **rows, size_t *n);
/* Stores one column; `text` need not end with NUL. */
enum status db_store(struct arena *a, const struct field *f, void *row, const char *text, size_t n,
                     struct error *e);

/* Letters, digits and '_': what a name in SQL is made of. */
static inline bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static inline int64_t field_int(const struct field *f, const void *in)
{
    return *(const int64_t *)(const void *)((const char *)in + f->offset);
}

/* Enums are text in the database, so that a person can read it and old rows survive reordering. */
static inline const char *field_text(const struct field *f, const void *in)
{
    return f->type == F_ENUM ? f->names->at[field_int(f, in)]
                             : *(const char *const *)(const void *)((const char *)in + f->offset);
}
