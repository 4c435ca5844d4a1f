/* db_test: transactions, ids, leases and clocks on both databases.
 * SPDX-License-Identifier: Apache-2.0 */
#include "db/db_test.h"

#include <signal.h>
#include <sys/resource.h>

#include "base/id.h"
#include "base/luhn.h"
#include "billing/billing_rules.h"
#include "charge_sql.h"
#include "clock_sql.h"
#include "db/clock.h"
#include "db/lease.h"
#include "db/outbox.h"

static void commits_and_rolls_back(void **state)
{
    struct test_db db, *t = &db;
    struct outbox_row *rows;
    size_t n;

    (void)state;
    test_db_open(t, 1000);
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(outbox_put(&t->cx, "test.lost", 1, 5, json_object()));
    }
    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10));
    CHECK(n == 0);
    {
        TX outer = {0};
        CHECK_OK(tx_begin(&outer, &t->cx));
        {
            TX inner = {0};
            CHECK_OK(tx_begin(&inner, &t->cx));
            CHECK_OK(outbox_put(&t->cx, "test.kept", 7, 5, json_pack("{s:i}", "a", 1)));
            CHECK_OK(tx_commit(&inner));
        }
        CHECK_OK(tx_commit(&outer));
    }
    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10));
    CHECK(n == 1 && rows[0].account_id == 7 && strcmp(rows[0].body, "{\"a\":1}") == 0);
    test_db_close(t);
}

static void inner_rollback_dooms(void **state)
{
    struct test_db db, *t = &db;

    (void)state;
    test_db_open(t, 1000);
    TX outer = {0};
    CHECK_OK(tx_begin(&outer, &t->cx));
    {
        TX inner = {0};
        CHECK_OK(tx_begin(&inner, &t->cx));
    }
    CHECK(tx_commit(&outer) == E_INTERNAL);
    tx_end(&outer);
    test_db_close(t);
}

enum { MANY = 10000 };

static void bulk_and_scan(void **state)
{
    struct test_db db, *t = &db;
    struct outbox_add_all_in *rows = calloc(MANY, sizeof *rows);
    int64_t changed, seen = 0, last = 0;
    bool more = true;

    (void)state;
    test_db_open(t, 1000);
    TX tx = {0};
    CHECK_OK(tx_begin_kind(&tx, &t->cx, TX_BATCH));
    for (size_t i = 0; i < MANY; i++) {
        rows[i] = (struct outbox_add_all_in){
            .account_id = (int64_t)i, .topic = "t\xc3\xa9'\"\\,{}", .body = ""};
        CHECK_OK(db_id(&t->cx, &rows[i].outbox_id));
        CHECK(rows[i].outbox_id > last); /* time-ordered, unique */
        last = rows[i].outbox_id;
    }
    CHECK_OK(outbox_add_all(&t->cx, rows, MANY, &changed));
    CHECK(changed == MANY);
    CHECK_OK(tx_commit(&tx));
    {
        SCAN scan = {0};
        struct outbox_row row;

        CHECK_OK(outbox_scan(&t->cx, &scan, .after = 0));
        for (;;) {
            CHECK_OK(db_scan_next(&scan, &row, &more));
            if (!more) break;
            CHECK(row.account_id == seen++ && strcmp(row.topic, "t\xc3\xa9'\"\\,{}") == 0);
        }
    }
    CHECK(seen == MANY);
    free(rows);
    test_db_close(t);
}

enum { SOME = 100 };

static enum status add_charges(struct test_db *t, int64_t first, size_t n)
{
    struct charge_add_all_in rows[SOME];
    TX tx = {0};

    for (size_t i = 0; i < n; i++)
        rows[i] = (struct charge_add_all_in){.charge_id = first + (int64_t)i,
                                             .account_id = first + (int64_t)i,
                                             .k = -1,
                                             .kind = CHARGE_SLOT,
                                             .currency = i % 2 ? "EUR" : "",
                                             .wanted_at = INT64_C(1) << 50};
    TRY(tx_begin_kind(&tx, &t->cx, TX_BATCH));
    TRY(charge_add_all(&t->cx, rows, n, NULL));
    return tx_commit(&tx);
}

/* Few and many rows go different ways to PostgreSQL. */
static void bulk_of_constants(void **state)
{
    static const struct fault none = {E_NOT_FOUND, "test.none", ""};
    struct test_db db, *t = &db;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(add_charges(t, 1, 2));
    CHECK_OK(add_charges(t, 1001, SOME));
    for (int64_t id = 2; id < 2000; id += 1000) {
        struct charge c;

        CHECK_OK(charge_by_id(&t->cx, &c, &none, .charge_id = id));
        CHECK(c.account_id == id && c.k == -1 && c.kind == CHARGE_SLOT);
        CHECK(strcmp(c.currency, "EUR") == 0 && strcmp(c.code, "") == 0);
        CHECK(c.charge_state == CHARGE_WANTED && c.recovered_by == RECOVERED_NOT);
        CHECK(c.wanted_at == INT64_C(1) << 50 && c.attempt_at == c.wanted_at && c.captured_at == 0);
    }
    CHECK(add_charges(t, 1100, SOME) == E_CONFLICT && t->err.fault == &DB_TAKEN);
    CHECK(add_charges(t, 1100, 2) == E_CONFLICT);
    CHECK_OK(add_charges(t, 2000, SOME));
    test_db_close(t);
}

static void ids_survive_restart(void **state)
{
    struct test_db db, *t = &db;
    int64_t a, b;

    (void)state;
    test_db_open(t, 1000);
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(db_id(&t->cx, &a));
        CHECK_OK(tx_commit(&tx));
    }
    t->cx.now = 10; /* a clock that went back gives no id twice */
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(db_id(&t->cx, &b));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK(b > a && a >= db_id_floor(1000));
    test_db_close(t);
}

static int64_t id_of_writer(struct test_db *t, int64_t writer, int64_t other)
{
    int64_t id;
    TX tx = {0};

    db_set_writer(t->db, writer);
    CHECK_OK(db_follow_ids(&t->cx));
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(db_id_after(&t->cx, other, &id));
    CHECK_OK(tx_commit(&tx));
    return id;
}

/* A clock that stands still, and whoever comes later with a smaller number. */
static void ids_follow_other_writers(void **state)
{
    static const int64_t writers[] = {900, 5, 1023, 0, 0, 1023, 7};
    struct test_db db, *t = &db;
    int64_t last = 0;

    (void)state;
    test_db_open(t, 1000);
    for (size_t i = 0; i < COUNT(writers); i++) {
        int64_t const id = id_of_writer(t, writers[i], 0);

        CHECK(id > last && (id >> 11 & 1023) == writers[i] && id < db_id_floor(1010));
        last = id;
    }
    int64_t const far = db_id_floor(5000) | 1023 << 11 | 2047; /* of a machine that is ahead */
    CHECK(id_of_writer(t, 3, far) == (db_id_floor(5001) | 3 << 11));
    test_db_close(t);
}

/* SPEC C-18: a text that could be a card's number is refused wherever it is given. */
static void ids_are_no_card_numbers(void **state)
{
    struct test_db db, *t = &db;
    int64_t now = INT64_C(1700000000000), alike = 0;

    (void)state;
    while (!id_like_card(db_id_floor(now) | 2)) now++;
    test_db_open(t, now);
    db_set_writer(t->db, 0);
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        for (int i = 0; i < 5000; i++) {
            char text[ID_TEXT];
            int64_t id;

            CHECK_OK(db_id(&t->cx, &id));
            CHECK(!text_has_card_number(id_text("slt", id, text)));
            alike += id_like_card(id + 1);
        }
        CHECK_OK(tx_commit(&tx));
    }
    CHECK(alike > 0);
    test_db_close(t);
}

/* Years far ahead, more ids than fit into one ms, and the end. */
static void ids_last_a_century(void **state)
{
    static const int64_t end = INT64_C(1) << 42;
    int64_t const times[] = {0, INT64_C(2199023255552) /* 2039-09-07 */, end - 3};
    struct test_db db, *t = &db;
    int64_t id, last = 0;

    (void)state;
    test_db_open(t, 0);
    db_set_writer(t->db, 1023);
    for (size_t i = 0; i < COUNT(times); i++) {
        TX tx = {0};
        t->cx.now = times[i];
        CHECK_OK(tx_begin(&tx, &t->cx));
        for (int k = 0; k < 5000; k++, last = id) {
            CHECK_OK(db_id(&t->cx, &id));
            CHECK(id > last && id >= db_id_floor(times[i]) && id < db_id_floor(times[i] + 3));
            CHECK((id >> 11 & 1023) == 1023);
        }
        CHECK_OK(tx_commit(&tx));
    }
    t->cx.now = end;
    TX tx = {0};
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK(db_id(&t->cx, &id) == E_CONFLICT && t->err.fault == &DB_CLOCK_LATE);
    CHECK(db_id_floor(INT64_MAX) == INT64_MAX && db_id_floor(-1) == 0);
    tx_end(&tx);
    test_db_close(t);
}

static void keeps_passwords(void **state)
{
    static const char *const urls[] = {
        "postgresql://u:secret@[::1/x", "postgresql://u:secret%zz@h/x",
        "postgresql://u:se@secret@h/x", "postgresql://u:secret@h/x?y=z",
        "postgresqI://u:secret@h/x"};

    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct error e = {0};
        struct db *db;

        CHECK(db_open(urls[i], &db, &e) == E_INVALID && e.fault == &DB_URL);
        CHECK(!strstr(e.detail, "secret"));
    }
}

static int64_t wall = 1000000;
static int64_t wall_ms(void *arg)
{
    return (void)arg, wall;
}
static bool gone(void *arg, const char *process)
{
    return strcmp(process, arg) == 0;
}

static void shares_buckets(void **state)
{
    struct test_db db, *t = &db;
    struct machine m = {.wall_ms = wall_ms, .process_gone = gone, .process = "one", .arg = "dead"};
    struct lease one, two, three;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(lease_join(&t->cx, &m, &one));
    CHECK(one.first == 0 && one.last == 255);
    m.process = "dead";
    CHECK_OK(lease_join(&t->cx, &m, &two));
    CHECK(two.last < two.first); /* nothing is free yet */
    m.process = "one";
    m.arg = "nobody";
    CHECK_OK(lease_renew(&t->cx, &m, &one));
    CHECK(one.first == 0 && one.last == 127);
    CHECK_OK(lease_renew(&t->cx, &m, &two));
    CHECK(two.first == 128 && two.last == 255);
    m.process = "three";
    m.arg = "dead"; /* the second is found dead: a third takes over at once */
    CHECK_OK(lease_join(&t->cx, &m, &three));
    CHECK(three.first == 128 && three.last == 255);
    {
        TX tx = {0};
        CHECK_OK(tx_begin_kind(&tx, &t->cx, TX_BATCH));
        CHECK(lease_check(&t->cx, &m, &two) == E_BUSY); /* fenced off */
    }
    wall += 60000; /* the first says nothing for a minute: the third gets all */
    m.process = "one";
    CHECK(lease_renew(&t->cx, &m, &one) == OK);
    CHECK_OK(lease_leave(&t->cx, &three));
    CHECK_OK(lease_renew(&t->cx, &m, &one));
    CHECK(one.first == 0 && one.last == 255);
    test_db_close(t);
}

static void test_clock(void **state)
{
    struct test_db db, *t = &db;
    struct clock_state c;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(clock_read(&t->cx, 77, &c));
    CHECK(!c.is_test && c.now == 77);
    CHECK_OK(clock_make_test(&t->cx, 5000));
    CHECK_OK(clock_make_test(&t->cx, 5000));
    CHECK(clock_make_test(&t->cx, 6000) == E_CONFLICT);
    CHECK_OK(clock_advance(&t->cx, 9000));
    CHECK_OK(clock_advance(&t->cx, 8000)); /* never back */
    CHECK_OK(clock_read(&t->cx, 77, &c));
    CHECK(c.is_test && c.now == 9000);
    test_db_close(t);
}

static void real_clock_stays(void **state)
{
    struct test_db db, *t = &db;
    struct clock_state c;
    int64_t id;

    (void)state;
    test_db_open(t, 1000);
    {
        TX tx = {0};

        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(db_id(&t->cx, &id));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK(clock_make_test(&t->cx, 5000) == E_CONFLICT && t->err.fault == &CLOCK_FIXED);
    CHECK_OK(clock_read(&t->cx, 77, &c));
    CHECK(!c.is_test && c.now == 77);
    test_db_close(t);
}

static enum db_injury injury_at_commit(void *arg, enum db_moment moment)
{
    return moment == AT_COMMIT ? *(enum db_injury *)arg : UNHURT;
}

static void injuries(void **state)
{
    static const struct {
        enum db_injury injury;
        enum status status;
        bool kept;
    } cases[] = {
        {LOSE_RACE,    E_BUSY,     false},
        {DISK_FULL,    E_INTERNAL, false},
        {DROP,         E_BUSY,     false},
        {LOSE_REPLY,   E_UNKNOWN,  true },
        {CRASH_BEFORE, E_INTERNAL, false},
        {CRASH_AFTER,  E_INTERNAL, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_db db, *t = &db;
        enum db_injury injury = cases[i].injury;
        struct outbox_row *rows;
        size_t n;

        test_db_open(t, 1000);
        db_injure(t->db, injury_at_commit, &injury);
        {
            TX tx = {0};
            CHECK_OK(tx_begin(&tx, &t->cx));
            CHECK_OK(outbox_put(&t->cx, "x", 1, 1, json_object()));
            CHECK(tx_commit(&tx) == cases[i].status);
        }
        CHECK(db_crashed(t->db) == (injury == CRASH_BEFORE || injury == CRASH_AFTER));
        db_revive(t->db);
        injury = UNHURT;
        CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10));
        CHECK(n == (cases[i].kept ? 1 : 0));
        test_db_close(t);
    }
}

static void drop_schema(const char *url, const char *schema)
{
    struct test_db other = {0}, *t = &other;
    char sql[160];

    snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema);
    CHECK_OK(db_open(url, &t->db, &t->err));
    CHECK_OK(db_script(t->db, sql, &t->err));
    db_close(t->db);
}

static void opens_beside(void **state)
{
    static const char tables[] = "CREATE TABLE IF NOT EXISTS outbox_beside (a INTEGER NOT NULL)";
    struct test_db db, *t = &db;
    char schema[128];
    struct db *first, *second;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(db_open_beside(t->url, "twin", tables, &first, &t->err));
    CHECK_OK(db_open_beside(t->url, "twin", tables, &second, &t->err));
    CHECK_OK(db_script(first, "INSERT INTO outbox_beside VALUES (1)", &t->err));
    CHECK(db_script(t->db, "INSERT INTO outbox_beside VALUES (1)", &t->err) != OK);
    db_close(first);
    db_close(second);
    CHECK(snprintf(schema, sizeof schema, "%.60s_twin", t->schema) < (int)sizeof schema);
    if (t->schema[0]) drop_schema(t->url, schema);
    CHECK(db_open_beside("mysql:x", "twin", tables, &first, &t->err) == E_INVALID);
    test_db_close(t);
}

/* ---- a group whose disk is full ---- */

static void limit_files(rlim_t bytes)
{
    struct rlimit r;

    CHECK(getrlimit(RLIMIT_FSIZE, &r) == 0);
    r.rlim_cur = bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
}

static enum status put_bytes(struct ctx *cx, size_t n)
{
    char *text = arena_alloc(cx->arena, n + 1);
    TX tx = {0};

    memset(text, 'x', n);
    TRY(tx_begin(&tx, cx));
    TRY(outbox_put(cx, "x", 1, 1, json_pack("{s:s}", "text", text)));
    return tx_commit(&tx);
}

static size_t messages(struct ctx *cx)
{
    struct outbox_row *rows;
    size_t n = 0;

    CHECK(outbox_after(cx, &rows, &n, .after = 0, .max = 10) == OK);
    return n;
}

/* A part that does not fit into memory goes to the disk before its time; where there is no room the
 * whole group is gone, and nothing that comes after may be taken for a part of it. */
static void group_without_room(void **state)
{
    struct test_db db, *t = &db;
    char folder[] = "/tmp/foyer-db-XXXXXX", url[80], command[128];
    struct db *file;
    int64_t applied;

    (void)state;
    test_db_open(t, 1000);
    CHECK(mkdtemp(folder) && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    snprintf(url, sizeof url, "sqlite:%s/t.db", folder);
    CHECK_OK(db_open(url, &file, &t->err));
    CHECK_OK(db_migrate(file, 1000, &applied, &t->err));
    CHECK_OK(db_script(file, "PRAGMA cache_size = 10; PRAGMA wal_checkpoint(TRUNCATE)", &t->err));
    struct ctx cx = t->cx;
    cx.db = file;
    CHECK_OK(db_group_begin(&cx));
    CHECK_OK(put_bytes(&cx, 10));
    limit_files(1 << 18);
    CHECK_FAULT(put_bytes(&cx, 1 << 20), &DB_FULL);
    limit_files(RLIM_INFINITY);
    CHECK_FAULT(put_bytes(&cx, 10), &DB_FULL);
    CHECK_FAULT(db_group_commit(&cx), &DB_FULL);
    CHECK(messages(&cx) == 0);
    CHECK_OK(db_group_begin(&cx)); /* the next one works again */
    CHECK_OK(put_bytes(&cx, 10));
    CHECK_OK(db_group_commit(&cx));
    CHECK(messages(&cx) == 1);
    db_close(file);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    CHECK(system(command) == 0);
    test_db_close(t);
}

/* ---- a connection that the server ends ---- */

/* Returns when it is gone. */
static void end_connection(struct test_db *t, const char *name)
{
    char sql[400];

    snprintf(sql, sizeof sql,
             "DO $$ BEGIN"
             " PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
             " WHERE application_name = '%s'; END $$",
             name);
    CHECK_OK(db_script(t->db, sql, &t->err));
}

/* Whatever is asked first on a broken connection is answered on a new one; a transaction that it
 * broke does nothing more, whoever goes on in it. */
static void connection_ends(void **state)
{
    struct test_db db, *t = &db;
    char url[1200], name[80];
    struct db *other;
    int64_t id;

    (void)state;
    test_db_open(t, 1000);
    if (!t->schema[0]) { /* an SQLite file has no connection that could end */
        test_db_close(t);
        return;
    }
    snprintf(name, sizeof name, "ends_%.60s", t->schema);
    snprintf(url, sizeof url, "%s&application_name=%s", t->url, name);
    CHECK_OK(db_open(url, &other, &t->err));
    struct ctx cx = t->cx;
    cx.db = other;
    CHECK(messages(&cx) == 0);
    end_connection(t, name);
    CHECK(messages(&cx) == 0);
    end_connection(t, name);
    {
        TX tx = {0};

        CHECK_OK(tx_begin(&tx, &cx));
        CHECK_OK(outbox_put(&cx, "x", 1, 1, json_object()));
        end_connection(t, name);
        CHECK(db_id(&cx, &id) == OK || !db_connected(other));
        CHECK(outbox_put(&cx, "y", 1, 1, json_object()) == E_BUSY);
        {
            TX inner = {0};

            CHECK_OK(tx_begin(&inner, &cx));
            CHECK(outbox_put(&cx, "z", 1, 1, json_object()) == E_BUSY);
        }
        CHECK(tx_commit(&tx) != OK);
    }
    CHECK(messages(&cx) == 0 && db_connected(other));
    {
        TX tx = {0};

        CHECK_OK(tx_begin(&tx, &cx));
        CHECK_OK(outbox_put(&cx, "x", 1, 1, json_object()));
        end_connection(t, name);
        CHECK(tx_commit(&tx) != OK);
    }
    CHECK(messages(&cx) == 0);
    db_close(other);
    test_db_close(t);
}

/* The server's own time limit, or whoever runs it, may end a statement: a try that may be repeated,
 * on a connection that still serves. */
static void statement_cancelled(void **state)
{
    struct test_db db, *t = &db;

    (void)state;
    test_db_open(t, 1000);
    if (!t->schema[0]) { /* nobody cancels a statement of SQLite */
        test_db_close(t);
        return;
    }
    CHECK_OK(db_script(t->db, "SET statement_timeout = 1", &t->err));
    CHECK_FAULT(db_script(t->db, "SELECT pg_sleep(60)", &t->err), &DB_RACE);
    CHECK_OK(db_script(t->db, "SET statement_timeout = 0", &t->err));
    CHECK(messages(&t->cx) == 0);
    test_db_close(t);
}

static void names(void **state)
{
    struct test_db db, *t = &db;
    char folder[] = "/tmp/foyer-db-XXXXXX", url[1200], command[128];
    struct db *one, *two;
    bool held = false;

    (void)state;
    test_db_open(t, 1000);
    CHECK(mkdtemp(folder));
    snprintf(url, sizeof url, "sqlite:%s/t.db", folder);
    CHECK_OK(db_open(t->schema[0] ? t->url : url, &one, &t->err));
    CHECK_OK(db_open(t->schema[0] ? t->url : url, &two, &t->err));
    CHECK(db_hold(one, 7, &held, &t->err) == OK && held);
    CHECK(db_hold(two, 7, &held, &t->err) == OK && !held);
    CHECK(db_hold(two, -8, &held, &t->err) == OK && held);
    db_let_go(one, 7);
    CHECK(db_hold(two, 7, &held, &t->err) == OK && held);
    CHECK(db_hold(one, -8, &held, &t->err) == OK && !held);
    db_close(two); /* lets go of all */
    for (int i = 0; i < 500 && !held; i++) {
        usleep(2000);
        CHECK_OK(db_hold(one, -8, &held, &t->err));
    }
    CHECK(held && db_hold(one, 7, &held, &t->err) == OK && held);
    db_close(one);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    CHECK(system(command) == 0);
    test_db_close(t);
}

static void settings_roundtrip(void **state)
{
    struct test_db db, *t = &db;
    struct settings s;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(settings_set(&t->cx, "grace_days", "0"));
    CHECK(settings_set(&t->cx, "grace_days", "28") == E_INVALID);
    CHECK(settings_set(&t->cx, "retry_schedule_days", "3,1") == E_INVALID);
    CHECK(settings_set(&t->cx, "no_such", "1") == E_NOT_FOUND);
    CHECK_OK(settings_load(&t->cx, &s));
    CHECK(s.grace_days == 0 && s.retention_months == 10);
    CHECK(days_at(s.retry_schedule_days, 6) == 21 && days_at(s.retry_schedule_days, 7) == -1);
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("a transaction commits whole or not at all, also when joined", commits_and_rolls_back),
        CASE("a scope left without commit dooms the transaction around it", inner_rollback_dooms),
        CASE("bulk inserts and scans carry any text and ten thousand rows", bulk_and_scan),
        CASE("bulk inserts carry constants, and a clash undoes them all", bulk_of_constants),
        CASE("ids are ordered and never used again", ids_survive_restart),
        CASE("ids follow those of every writer before", ids_follow_other_writers),
        CASE("C-18 no id looks like a card's number", ids_are_no_card_numbers),
        CASE("ids last until 2109, and then say so", ids_last_a_century),
        CASE("a URL that cannot be read is refused without its password", keeps_passwords),
        CASE("workers share the buckets and a fenced one cannot commit", shares_buckets),
        CASE("a test clock moves forward only", test_clock),
        CASE("a database with data keeps the machine's clock", real_clock_stays),
        CASE("B-11 every injury of a commit is told apart", injuries),
        CASE("a group that a full disk has undone takes nothing more", group_without_room),
        CASE("a connection that the server ends costs a transaction and no more", connection_ends),
        CASE("a statement that the server cancels may be tried again", statement_cancelled),
        CASE("one connection holds a name, and lets go of it when it ends", names),
        CASE("a store beside a database shares nothing with it", opens_beside),
        CASE("settings are checked and stored", settings_roundtrip),
    };
    return RUN_CASES("db", cases);
}
