/* memory_test: reading transactions that share a snapshot, and what they read only once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "core_sql.h"
#include "db/db_test.h"
#include "db/driver.h"
#include "db/outbox.h"

/* A file of its own with two connections to it. */
struct pair {
    struct test_db t;
    char folder[32];
    struct db *db[2];
    struct ctx cx[2];
};

static void open_pair(struct pair *p)
{
    struct test_db *t = &p->t;
    char url[80];
    int64_t applied;

    test_db_open(t, 1000);
    snprintf(p->folder, sizeof p->folder, "/tmp/foyer-memory-XXXXXX");
    CHECK(mkdtemp(p->folder) != NULL);
    snprintf(url, sizeof url, "sqlite:%s/t.db", p->folder);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(db_open(url, &p->db[i], &t->err));
        if (i == 0) CHECK_OK(db_migrate(p->db[0], 1000, &applied, &t->err));
        p->cx[i] = t->cx;
        p->cx[i].db = p->db[i];
    }
}

static void close_pair(struct pair *p)
{
    char command[80];

    for (int i = 0; i < 2; i++) db_close(p->db[i]);
    snprintf(command, sizeof command, "rm -r '%s'", p->folder);
    CHECK(system(command) == 0);
    test_db_close(&p->t);
}

/* The newest number, as a transaction that only reads sees it. */
static int64_t newest(struct pair *p)
{
    struct test_db *t = &p->t;
    struct migration_newest_row row;
    TX tx = {0};

    CHECK_OK(tx_begin_kind(&tx, &p->cx[0], TX_READ));
    CHECK_OK(migration_newest(&p->cx[0], &row, &DB_NO_ROW));
    return row.newest;
}

static void add(struct pair *p, int connection, int64_t number)
{
    struct test_db *t = &p->t;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &p->cx[connection]));
    CHECK_OK(
        migration_add(&p->cx[connection], NULL, .number = number, .name = "one", .applied_at = 1));
    CHECK_OK(tx_commit(&tx));
}

static void share_until_they_part(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p);
    int64_t const first = newest(&p);
    add(&p, 1, 9000);
    CHECK(newest(&p) == 9000); /* not joined */
    db_reads_join(p.db[0]);
    CHECK(newest(&p) == 9000);
    add(&p, 1, 9001);
    CHECK(newest(&p) == 9000 && first < 9000);
    db_reads_part(p.db[0]);
    CHECK(newest(&p) == 9001);
    add(&p, 1, 9002);
    CHECK(newest(&p) == 9002); /* joined no more */
    close_pair(&p);
}

static void end_with_whatever_comes_between(void **state)
{
    struct pair p;
    struct test_db *t = &p.t;
    struct migration_newest_row row;

    (void)state;
    open_pair(&p);
    db_reads_join(p.db[0]);
    (void)newest(&p);
    add(&p, 1, 9000);
    add(&p, 0, 9001); /* a writer sees what others have written */
    CHECK(newest(&p) == 9001);
    add(&p, 1, 9002);
    CHECK(newest(&p) == 9001);
    CHECK_OK(migration_newest(&p.cx[0], &row, &DB_NO_ROW)); /* a statement of its own */
    CHECK(row.newest == 9002 && newest(&p) == 9002);
    add(&p, 1, 9003);
    CHECK_OK(db_script(p.db[0], "SELECT 1", &t->err));
    CHECK(newest(&p) == 9003);
    close_pair(&p);
}

/* Statements that reach the database. */
static enum db_injury count(void *arg, enum db_moment moment)
{
    int *n = arg;

    *n += moment == AT_STATEMENT;
    return UNHURT;
}

static void read_no_row_twice(void **state)
{
    struct pair p;
    struct test_db *t = &p.t;
    int n = 0;

    (void)state;
    open_pair(&p);
    db_injure(p.db[0], count, &n);
    for (int times = 1; times <= 2; times++) {
        struct migration_newest_row row;
        TX tx = {0};

        CHECK_OK(tx_begin_kind(&tx, &p.cx[0], TX_READ));
        db_remember(&p.cx[0]);
        CHECK_OK(migration_newest(&p.cx[0], &row, &DB_NO_ROW));
        CHECK_OK(migration_newest(&p.cx[0], &row, &DB_NO_ROW));
        CHECK(n == times);
    }
    db_injure(p.db[0], NULL, NULL);
    close_pair(&p);
}

/* The topic of the only message, read for all that share the snapshot; each keeps its own copy. */
static const char *topic(struct pair *p, struct arena *a)
{
    struct test_db *t = &p->t;
    struct ctx cx = p->cx[0];
    struct outbox_row *rows;
    size_t n;
    TX tx = {0};

    cx.arena = a;
    CHECK_OK(tx_begin_kind(&tx, &cx, TX_READ));
    db_remember_for_all(&cx);
    CHECK_OK(outbox_after(&cx, &rows, &n, .after = 0, .max = 10));
    CHECK(n == 1);
    return rows[0].topic;
}

static void share_what_all_ask(void **state)
{
    struct pair p;
    struct test_db *t = &p.t;
    struct arena arenas[3] = {0};
    int n = 0;
    TX tx = {0};

    (void)state;
    open_pair(&p);
    CHECK_OK(tx_begin(&tx, &p.cx[1]));
    CHECK_OK(outbox_put(&p.cx[1], "account.erased", 1, 5, json_object()));
    CHECK_OK(tx_commit(&tx));
    db_injure(p.db[0], count, &n);
    db_reads_join(p.db[0]);
    (void)topic(&p, &arenas[0]);
    arena_clear(&arenas[0]); /* what it was read into is gone before the next asks */
    const char *second = topic(&p, &arenas[1]);
    CHECK(n == 1);
    db_reads_part(p.db[0]);
    db_reads_join(p.db[0]); /* the next one writes over what the last remembered */
    (void)newest(&p);
    memset(arena_alloc(&p.db[0]->snapshot_arena, 4000), 'x', 4000);
    CHECK(strcmp(second, "account.erased") == 0);
    db_reads_part(p.db[0]);
    n = 1;
    CHECK(strcmp(topic(&p, &arenas[2]), "account.erased") == 0 && n == 2);
    (void)topic(&p, &arenas[2]); /* nobody shares any more */
    CHECK(n == 3);
    db_injure(p.db[0], NULL, NULL);
    for (size_t i = 0; i < COUNT(arenas); i++) arena_clear(&arenas[i]);
    close_pair(&p);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("reads that are joined see one snapshot until they part", share_until_they_part),
        CASE("whatever else is done in between ends the snapshot", end_with_whatever_comes_between),
        CASE("a reading transaction reads no row twice", read_no_row_twice),
        CASE("what every request asks is read once for a snapshot", share_what_all_ask),
    };
    return RUN_CASES("memory", cases);
}
