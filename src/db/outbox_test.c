/* outbox_test: every message is taken once, whatever order ids and commits come in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"

#include "db/db_test.h"

static void put(struct test_db *t, int64_t account_id)
{
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(outbox_put(&t->cx, "test.happened", account_id, t->cx.now, json_object()));
    CHECK_OK(tx_commit(&tx));
}

static void put_row(struct test_db *t, const struct outbox_add_all_in *row)
{
    TX tx = {0};

    CHECK_OK(tx_begin_kind(&tx, &t->cx, TX_BATCH));
    CHECK_OK(outbox_add_all(&t->cx, row, 1, NULL));
    CHECK_OK(tx_commit(&tx));
}

static size_t take(struct test_db *t, int64_t max, struct outbox_row **rows, bool commit)
{
    TX tx = {0};
    size_t n;

    CHECK_OK(tx_begin_kind(&tx, &t->cx, TX_BATCH));
    CHECK_OK(outbox_take(&t->cx, max, rows, &n));
    if (commit) CHECK_OK(tx_commit(&tx));
    return n;
}

static void taken_once(void **state)
{
    struct test_db db, *t = &db;
    struct outbox_row *rows;

    (void)state;
    test_db_open(t, INT64_C(1700000000000));
    for (int64_t i = 1; i <= 5; i++) put(t, i);
    CHECK(take(t, 3, &rows, false) == 3); /* rolled back: not taken */
    CHECK(take(t, 3, &rows, true) == 3 && rows[0].account_id == 1 && rows[2].account_id == 3);
    CHECK(take(t, 9, &rows, true) == 2 && rows[0].account_id == 4);
    CHECK(take(t, 9, &rows, true) == 0);
    test_db_close(t);
}

/* What another writer began before and commits after us is smaller than what was taken already. */
static void late_ids_are_taken(void **state)
{
    struct test_db db, *t = &db;
    struct outbox_row *rows;

    (void)state;
    test_db_open(t, INT64_C(1700000000000));
    put(t, 1);
    CHECK(take(t, 9, &rows, true) == 1);
    int64_t const first = rows[0].outbox_id;
    struct outbox_add_all_in const late = {
        .outbox_id = first - 1000000, .account_id = 2, .topic = "t", .body = "{}"};
    put_row(t, &late);
    CHECK(take(t, 9, &rows, true) == 1);
    CHECK(rows[0].account_id == 2 && rows[0].outbox_id < first);
    test_db_close(t);
}

/* Two couriers at once: one of them takes the messages, the other is told to begin again. */
static void two_takers(void **state)
{
    struct test_db db, *t = &db;
    struct outbox_row *mine, *theirs;
    struct db *other;
    TX tx = {0};
    size_t n;

    (void)state;
    test_db_open(t, INT64_C(1700000000000));
    if (!db_is_pg(t->db)) return test_db_close(t); /* on SQLite one writes at a time */
    put(t, 1);
    CHECK_OK(db_open(t->url, &other, &t->err));
    struct ctx cx = t->cx;
    cx.db = other;
    CHECK_OK(tx_begin_kind(&tx, &cx, TX_BATCH));
    CHECK_OK(outbox_untaken(&cx, &theirs, &n, .max = 9));
    CHECK(n == 1 && take(t, 9, &mine, true) == 1);
    CHECK(outbox_take(&cx, 9, &theirs, &n) == E_BUSY);
    tx_end(&tx);
    db_close(other);
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-13 a message is taken once, and not by who rolls back", taken_once),
        CASE("Y-13 a message with a smaller id than those taken is not passed over",
             late_ids_are_taken),
        CASE("Y-13 of two couriers that take the same messages one begins again", two_takers),
    };
    return RUN_CASES("outbox", cases);
}
