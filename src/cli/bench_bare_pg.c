/* bench_bare_pg: the limit on PostgreSQL - a loop that writes the rows of a renewal, to the same
 * tables, in the same transactions and batches, set by set, and decides nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "cli/bench.h"

/* A batch is an array per column: i the charge and its invoice, a account, t time, m method, n
 * invoice number, o receipt. A statement takes the first so many. */
enum { COLUMNS = 6, BOOK = 1, SETTLE = 8, END = 14 };
#define U2 "unnest($1, $2) AS u(i, a)"
#define U3 "unnest($1, $2, $3) AS u(i, a, t)"
#define U4 "unnest($1, $2, $3, $4) AS u(i, a, t, m)"

/* clang-format off */
static const struct statement {
    int columns;
    const char *sql;
} statements[END] = {
    {2, "SELECT account_id, due_at, method_id FROM membership WHERE due_day BETWEEN 1 AND $1"
        " ORDER BY due_day, account_id LIMIT $2"},
    {0, "UPDATE id_writer SET last_id = last_id + 1"},
    {2, "UPDATE membership SET k = k + 1, period_start_day = period_end_day,"
        " period_end_day = period_end_day + 31, due_at = due_at + 2678400000,"
        " due_day = due_day + 31, version = version + 1 FROM " U2
        " WHERE account_id = a AND version = 0"},
    {5, "INSERT INTO invoice SELECT i, a, 'invoice', 0, 'europe', 2025, 0, n, 'standard', 'DE', '',"
        " 20149, 20180, t, 'EUR', 1091, 208, 1299, 'renewal', 1"
        " FROM unnest($1, $2, $3, $4, $5) AS u(i, a, t, m, n)"},
    {2, "INSERT INTO invoice_line SELECT i, v.* FROM " U2 ", (VALUES (1, 'plan', 'standard',"
        " 'renewal', 1299, 0, 16436, 1091), (2, 'tax', 'VAT', 'renewal', 1299, 190000, 16436,"
        " 208)) AS v"},
    {3, "INSERT INTO ledger_entry SELECT i, l, a, t, 'receivable', c, 'EUR', x FROM " U3
        ", (VALUES (1, 'deferred_revenue', 1091), (2, 'tax_payable:DE', 208)) AS v(l, c, x)"},
    {4, "INSERT INTO charge SELECT i, a, 1, 13, 'renewal', 0, 20149, 1299, 'EUR', 'wanted', 1, m,"
        " t, t, 0, 0, 'not', '', 1, 0, 0 FROM " U4},
    {2, "INSERT INTO charge_wanted SELECT i, a FROM " U2},
    {0, "UPDATE id_writer SET last_id = last_id + 1"},
    {4, "INSERT INTO attempt SELECT i, 1, a, m, 'captured', 1299, '', 'none', '', '', t, t"
        " FROM " U4},
    {3, "UPDATE charge SET charge_state = 'captured', captured_at = t, recognised_from = t FROM " U3
        " WHERE charge_id = i"},
    {2, "DELETE FROM charge_wanted USING " U2 " WHERE charge_id = i"},
    {3, "INSERT INTO ledger_entry SELECT i, 100, a, t, 'gateway_clearing', 'receivable', 'EUR',"
        " 1299 FROM " U3},
    {6, "INSERT INTO outbox SELECT o, a, 'billing.renewed', t, '{\"charge_id\":7588913913856000,"
        "\"amount_minor\":1299,\"currency\":\"EUR\",\"next_day\":\"2025-04-02\",\"next_minor\":1299"
        ",\"next_currency\":\"EUR\"}', o"
        " FROM unnest($1, $2, $3, $4, $5, $6) AS u(i, a, t, m, n, o)"},
};
/* As in production: every statement of a batch finds its rows by an index. */
static const char settings[] =
    "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
    "SET enable_sort = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; BEGIN ISOLATION LEVEL REPEATABLE READ";
/* clang-format on */

struct work {
    PGconn *pg;
    int64_t next_id, numbers;
    struct column {       /* an array as PostgreSQL's array_recv reads it */
        uint32_t head[5]; /* dimensions, NULLs, type, size, lower bound */
        struct __attribute__((packed)) {
            uint32_t size;
            uint64_t value;
        } at[BARE_BATCH_MAX];
    } columns[COLUMNS];
};

static bool done(PGresult *r)
{
    bool const good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

    PQclear(r);
    return good;
}

static void put(struct column *c, int64_t k, const void *big_endian)
{
    c->at[k].size = htobe32(8);
    memcpy(&c->at[k].value, big_endian, 8);
}

static int64_t find(struct work *w, const struct bare *b)
{
    uint64_t const in[] = {htobe64((uint64_t)b->until_day), htobe64((uint64_t)b->batch)};
    const char *const values[] = {(const char *)&in[0], (const char *)&in[1]};
    PGresult *r = PQexecPrepared(w->pg, "a", 2, values, (int[]){8, 8}, (int[]){1, 1}, 1);
    int const n = PQntuples(r);

    for (int k = 0; k < n; k++) {
        for (int c = 0; c < 3; c++) put(&w->columns[c + 1], k, PQgetvalue(r, k, c));
        put(&w->columns[0], k, &(uint64_t){htobe64((uint64_t)w->next_id++)});
        put(&w->columns[4], k, &(uint64_t){htobe64((uint64_t)++w->numbers)});
    }
    PQclear(r);
    return n;
}

static bool run(struct work *w, int first, int end, int64_t n)
{
    const char *in[COLUMNS];
    int lengths[COLUMNS], formats[COLUMNS] = {1, 1, 1, 1, 1, 1};
    bool good = true;

    for (int c = 0; c < COLUMNS; c++) {
        memcpy(w->columns[c].head,
               (uint32_t[]){htobe32(1), 0, htobe32(20), htobe32((uint32_t)n), htobe32(1)}, 20);
        in[c] = (const char *)&w->columns[c];
        lengths[c] = (int)(20 + 12 * n);
    }
    for (int s = first; s < end && n > 0; s++)
        good = good && done(PQexecPrepared(w->pg, (char[]){(char)('a' + s), 0},
                                           statements[s].columns, in, lengths, formats, 1));
    return good && done(PQexec(w->pg, "COMMIT AND CHAIN"));
}

bool bare_pg(struct bare *b, int64_t *renewals)
{
    static const Oid arrays[COLUMNS] = {1016, 1016, 1016, 1016, 1016, 1016}; /* bigint[] */
    struct work *w = memory_new(sizeof *w);
    int64_t n = 1;

    w->pg = PQconnectdb(b->where);
    w->next_id = INT64_C(1742000000000) << 22; /* as large as real ones */
    bool good = done(PQexec(w->pg, settings)) && b->batch <= BARE_BATCH_MAX;
    for (int s = 0; s < END; s++)
        good = good && done(PQprepare(w->pg, (char[]){(char)('a' + s), 0}, statements[s].sql,
                                      statements[s].columns, s < BOOK ? NULL : arrays));
    for (*renewals = 0; good && n > 0; *renewals += n) {
        n = find(w, b);
        good = run(w, BOOK, SETTLE, n);
        for (int64_t k = 0; k < n; k++)
            put(&w->columns[5], k, &(uint64_t){htobe64((uint64_t)w->next_id++)});
        good = good && run(w, SETTLE, END, n);
        b->step(b->arg, *renewals + n);
    }
    if (!good) snprintf(b->why, sizeof b->why, "%s", PQerrorMessage(w->pg));
    PQfinish(w->pg);
    memory_free(w);
    return good;
}
