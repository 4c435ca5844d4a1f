/* bench: what the parts of `foyer bench` share. A measured run is a process of its own, so that its
 * memory is its own too, and whatever happens to it, what it wrote is removed.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/cli.h"

extern const struct fault BENCH_PLACE, BENCH_BARE, BENCH_UNEQUAL, BENCH_DIED;

/* Where it is measured: files in a directory that is removed afterwards, or schemas that are
 * dropped. `base` holds the members and stays as it is; each run gets a copy of it. */
struct bench_place {
    bool pg;
    char folder[600];           /* SQLite */
    char server[600];           /* PostgreSQL: the URL that was asked for */
    char schema[64];            /* PostgreSQL: of the base; a run's has the ending _run */
    char base[1300], run[1300]; /* URLs for db_open */
};

/* Faults: BENCH_PLACE, DB_URL. */
enum status place_make(struct bench_place *p, const char *db_url, struct error *e) MUST_CHECK;
/* A new copy of the base for one run. */
enum status place_copy(const struct bench_place *p, struct error *e) MUST_CHECK;
/* What the run's database weighs, indexes included. */
enum status place_bytes(const struct bench_place *p, int64_t *bytes, struct error *e) MUST_CHECK;
/* Indexes and primary keys of the tables that a renewal writes. */
enum status place_indexes(const struct bench_place *p, int64_t *n, struct error *e) MUST_CHECK;
/* Whether commits there survive a loss of power, as far as the database can know. */
enum status place_durable(const struct bench_place *p, bool *durable, struct error *e) MUST_CHECK;
void place_remove(struct bench_place *p); /* a CLEANUP function */

/* bench_place_pg.c: the same on PostgreSQL. */
enum status schemas_make(struct bench_place *p, struct error *e) MUST_CHECK;
enum status schemas_copy(const struct bench_place *p, struct error *e) MUST_CHECK;
void schemas_remove(const struct bench_place *p);
/* One number from the server; `sql` holds a %s for each of at most three names of the run's schema.
 */
enum status schemas_ask(const struct bench_place *p, const char *sql, int64_t *value,
                        struct error *e) MUST_CHECK;
/* Rows that were written in the run's schema since it was made, the copy included, as the server
 * counts them. */
enum status schemas_rows(const struct bench_place *p, int64_t *rows, struct error *e) MUST_CHECK;

/* 'membership', 'invoice', … : the tables that a renewal writes, as SQL lists them. */
#define BENCH_TABLES                                                                               \
    "('membership', 'invoice', 'invoice_line', 'ledger_entry', 'charge', 'charge_wanted',"         \
    " 'attempt', 'outbox')"

/* What all runs have in common. */
struct bench {
    const struct cli *cli;
    struct bench_place place;
    char label[64]; /* of the progress bar */
    int64_t members, days, batch;
};
/* The members are due on `days` local dates from BENCH_FIRST_DAY on, and not again before these are
 * over: the month has 31 days and days is 28 at most. */
#define BENCH_FIRST_DAY INT64_C(20149) /* 2025-03-02 */

enum status bench_add_members(const struct bench *b, struct error *e) MUST_CHECK;

/* What one run tells. */
struct bench_result {
    int64_t renewals, ns; /* how many, in how long */
    int64_t rows;         /* written: inserts, updates and deletes */
    int64_t commit_p99_ns;
    int64_t peak_rss_kib;
    int64_t bytes, bytes_before; /* of the database, afterwards and before */
};
/* Measure one run in the run's database. */
enum status bench_foyer(const struct bench *b, struct bench_result *r, struct error *e) MUST_CHECK;
enum status bench_bare(const struct bench *b, struct bench_result *r, struct error *e) MUST_CHECK;

double bench_median(const double *list, int64_t n); /* of at most BENCH_PAIRS_MAX */
enum { BENCH_PAIRS_MAX = 99 };
/* An option that is a number; false where it is none or out of range. */
bool bench_number(const char *text, int64_t fallback, int64_t least, int64_t max, int64_t *out);

int64_t bench_ns(void); /* a clock that only moves forward */

/* The limit to measure beside: at most 150 lines each on sqlite3.h and libpq, which write what a
 * renewal writes and decide nothing. `step` is told after each batch. */
struct bare {
    const char *where; /* path or URL */
    int64_t batch, until_day;
    void (*step)(void *arg, int64_t done);
    void *arg;
    char why[240]; /* what went wrong */
};
enum { BARE_BATCH_MAX = 5000 };
bool bare_sqlite(struct bare *b, int64_t *renewals, int64_t *rows);
bool bare_pg(struct bare *b, int64_t *renewals);
