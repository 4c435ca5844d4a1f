/* bench_bare_sqlite: the limit on SQLite - a loop that writes the rows of a renewal, to the same
 * tables, in the same transactions and batches, under the same settings, and decides nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sqlite3.h>
#include <string.h>

#include "cli/bench.h"

/* ?1 the charge and its invoice, ?2 account, ?3 time, ?4 method, ?5 invoice number, ?6 receipt */
enum { PARAMS = 6 };

static const char *const book[] = {
    "UPDATE membership SET k = k + 1, period_start_day = period_end_day,"
    " period_end_day = period_end_day + 31, due_at = due_at + 2678400000, due_day = due_day + 31,"
    " version = version + 1 WHERE account_id = ?2 AND version = 0",
    "INSERT INTO invoice VALUES (?1, ?2, 'invoice', 0, 'europe', 2025, 0, ?5, 'standard', 'DE', '',"
    " 20149, 20180, ?3, 'EUR', 1091, 208, 1299, 'renewal', 1)",
    "INSERT INTO invoice_line VALUES (?1, 1, 'plan', 'standard', 'renewal', 1299, 0, 16436, 1091)",
    "INSERT INTO invoice_line VALUES (?1, 2, 'tax', 'VAT', 'renewal', 1299, 190000, 16436, 208)",
    "INSERT INTO ledger_entry VALUES (?1, 1, ?2, ?3, 'receivable', 'deferred_revenue', 'EUR', "
    "1091)",
    "INSERT INTO ledger_entry VALUES (?1, 2, ?2, ?3, 'receivable', 'tax_payable:DE', 'EUR', 208)",
    "INSERT INTO charge VALUES (?1, ?2, 1, 13, 'renewal', 0, 20149, 1299, 'EUR', 'wanted', 1, ?4,"
    " ?3, ?3, 0, 0, 'not', '', 1, 0, 0)",
    "INSERT INTO charge_wanted VALUES (?1, ?2)",
};
static const char *const settle[] = {
    "INSERT INTO attempt VALUES (?1, 1, ?2, ?4, 'captured', 1299, '', 'none', '', '', ?3, ?3)",
    "UPDATE charge SET charge_state = 'captured', captured_at = ?3, recognised_from = ?3 WHERE "
    "charge_id = ?1",
    "DELETE FROM charge_wanted WHERE charge_id = ?1",
    "INSERT INTO ledger_entry VALUES (?1, 100, ?2, ?3, 'gateway_clearing', 'receivable', 'EUR',"
    " 1299)",
    "INSERT INTO outbox VALUES (?6, ?2, 'billing.renewed', ?3, '{\"charge_id\":7588913913856000,"
    "\"amount_minor\":1299,\"currency\":\"EUR\",\"next_day\":\"2025-04-02\",\"next_minor\":1299,"
    "\"next_currency\":\"EUR\"}', ?6)",
};
/* Once in every transaction: how far the ids have come. */
static const char *const each[] = {"UPDATE id_writer SET last_id = last_id + 1"};
static const char due[] = "SELECT account_id, due_at, method_id FROM membership"
                          " WHERE due_day BETWEEN 1 AND ? ORDER BY due_day, account_id LIMIT ?";

struct work {
    sqlite3 *db;
    sqlite3_stmt *due, *book[COUNT(book)], *settle[COUNT(settle)], *each[COUNT(each)];
    int64_t next_id, numbers, rows[BARE_BATCH_MAX][PARAMS];
};

static bool prepare(struct work *w, const char *const *sql, size_t n, sqlite3_stmt **out)
{
    bool good = true;

    for (size_t i = 0; i < n; i++)
        good = good && sqlite3_prepare_v3(w->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i],
                                          NULL) == SQLITE_OK;
    return good;
}

static int64_t find(struct work *w, const struct bare *b)
{
    int64_t n = 0;

    sqlite3_reset(w->due);
    sqlite3_bind_int64(w->due, 1, b->until_day);
    sqlite3_bind_int64(w->due, 2, b->batch);
    for (; sqlite3_step(w->due) == SQLITE_ROW; n++)
        memcpy(w->rows[n],
               ((int64_t[PARAMS]){w->next_id++, sqlite3_column_int64(w->due, 0),
                                  sqlite3_column_int64(w->due, 1), sqlite3_column_int64(w->due, 2),
                                  ++w->numbers}),
               sizeof w->rows[n]);
    sqlite3_reset(w->due);
    return n;
}

/* Statement by statement, as batches do, so that each table's pages stay at hand. */
static bool run(struct work *w, sqlite3_stmt **list, size_t n_list, int64_t n)
{
    for (size_t s = 0; s < n_list; s++) {
        int const params = sqlite3_bind_parameter_count(list[s]);

        for (int64_t k = 0; k < n; k++) {
            for (int p = 0; p < params; p++) sqlite3_bind_int64(list[s], p + 1, w->rows[k][p]);
            if (sqlite3_step(list[s]) != SQLITE_DONE) return false;
            sqlite3_reset(list[s]);
        }
    }
    return true;
}

static bool script(struct work *w, const char *sql)
{
    return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool turn(struct work *w, const struct bare *b, int64_t *n)
{
    if (!script(w, "BEGIN IMMEDIATE")) return false;
    *n = find(w, b);
    if (!run(w, w->each, COUNT(each), *n > 0) || !run(w, w->book, COUNT(book), *n) ||
        !script(w, "COMMIT"))
        return false;
    for (int64_t k = 0; k < *n; k++) w->rows[k][PARAMS - 1] = w->next_id++;
    return script(w, "BEGIN IMMEDIATE") && run(w, w->each, COUNT(each), *n > 0) &&
           run(w, w->settle, COUNT(settle), *n) && script(w, "COMMIT");
}

static bool work(struct work *w, struct bare *b, int64_t *renewals)
{
    int64_t n = 1;

    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (sqlite3_open_v2(b->where, &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        b->batch > BARE_BATCH_MAX ||
        !script(w, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                   "PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -131072;"
                   "PRAGMA foreign_keys = ON") ||
        !prepare(w, book, COUNT(book), w->book) || !prepare(w, settle, COUNT(settle), w->settle) ||
        !prepare(w, each, COUNT(each), w->each) || !prepare(w, (const char *[]){due}, 1, &w->due))
        return false;
    for (*renewals = 0; n > 0; *renewals += n) {
        if (!turn(w, b, &n)) return false;
        b->step(b->arg, *renewals + n);
    }
    return true;
}

bool bare_sqlite(struct bare *b, int64_t *renewals, int64_t *rows)
{
    struct work *w = memory_new(sizeof *w);

    w->next_id = INT64_C(1742000000000) << 22; /* as large as real ones */
    bool const good = work(w, b, renewals);
    if (!good) snprintf(b->why, sizeof b->why, "%s", sqlite3_errmsg(w->db));
    *rows = sqlite3_total_changes64(w->db);
    for (size_t i = 0; i < COUNT(book); i++) sqlite3_finalize(w->book[i]);
    for (size_t i = 0; i < COUNT(settle); i++) sqlite3_finalize(w->settle[i]);
    for (size_t i = 0; i < COUNT(each); i++) sqlite3_finalize(w->each[i]);
    sqlite3_finalize(w->due);
    sqlite3_close(w->db);
    memory_free(w);
    return good;
}
