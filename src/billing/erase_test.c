/* erase_test: announcing, erasing early and in time, and what is left.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/erase.h"

#include "base/id.h"
#include "billing/lock.h"
#include "method_sql.h"
#include "payments/ask_test.h"

static struct life life;

/* What an op answers; it lives in the test's arena. */
static const char *ask(struct actor by, const char *member, const char *id, enum status *s)
{
    json_t *in = member ? json_pack("{s:s}", "member", member) : json_object();

    return life_ask(&life, by, id, in, s);
}

static struct actor owner(int64_t m)
{
    return life_proven(ROLE_OWNER, m);
}

static void done(int64_t m, const char *id, const char *says)
{
    enum status s;
    const char *text = ask(owner(m), NULL, id, &s);

    if (s != OK || !strstr(text, says)) FAIL("%s: %s", id, text);
}

static void refused(struct actor by, const char *id, const char *code)
{
    enum status s;
    const char *text = ask(by, NULL, id, &s);

    if (s == OK || !strstr(text, code)) FAIL("%s: %s", id, text);
}

static void run_sql(const char *sql, int64_t account_id)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, arena_printf(&t->arena, sql, (long long)account_id), &t->err));
}

/* A member with a name, an old consent and a new one, a case, and traces of a device. */
static int64_t joins(const char *tokens)
{
    struct test_db *t = &life.t;
    TX tx = {0};

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens);
    run_sql("UPDATE account SET external_id = 'anna-1', email = 'anna@example.com', name = 'Anna',"
            " import_hash = 'h' WHERE account_id = %lld",
            m);
    run_sql("INSERT INTO consent VALUES (71, %lld, '1', 0, 'web', 'import', 1)", m);
    run_sql("INSERT INTO consent VALUES (72, %lld, '2', 0, 'web', 'import', 20550)", m);
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(work_open(&t->cx,
                       &(struct work_open){.account_id = m,
                                           .kind = "dispute",
                                           .evidence = json_pack("{s:s}", "said", "Anna called.")},
                       NULL));
    CHECK_OK(tx_commit(&tx));
    return m;
}

/* On hold from 5 March 2024, over on 4 April: kept until 5 January 2025. */
static int64_t ends(void)
{
    int64_t const m = joins("tok_insufficient_funds");

    life_run(&life, "2024-04-10");
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK(life_look(&life, m).retention_until_day == life_day("2025-01-05"));
    run_sql("UPDATE membership_event SET device = 'TV', network = '192.0.2.1'"
            " WHERE account_id = %lld",
            m);
    return m;
}

static struct outbox_row *messages(size_t *n)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;

    CHECK_OK(outbox_after(&t->cx, &rows, n, .after = 0, .max = 1000));
    return rows;
}

static const struct outbox_row *message(const char *topic)
{
    size_t n;
    struct outbox_row const *rows = messages(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].topic, topic) == 0) return &rows[i];
    return NULL;
}

static bool is_found(const char *member)
{
    struct test_db *t = &life.t;
    struct account a;

    return account_find(&t->cx, member, &a) == OK;
}

static void check_gone(int64_t m)
{
    struct test_db *t = &life.t;
    struct membership_event_row *events;
    struct work_item *work;
    struct method *methods;
    struct account a;
    char name[ID_TEXT];
    size_t n;

    CHECK(life_look(&life, m).state == M_DELETED && life_look(&life, m).method_id == 0);
    CHECK(!is_found("anna-1") && !is_found(id_text("mem", m, name)));
    CHECK_OK(account_get(&t->cx, m, &a));
    CHECK(!*a.email && !*a.name && !*a.import_hash && a.erased_at != 0);
    CHECK_OK(methods_of(&t->cx, &methods, &n, .account_id = m, .max = 10));
    for (size_t i = 0; i < n; i++)
        CHECK(!*methods[i].token && !*methods[i].fingerprint && !*methods[i].last4);
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = m, .max = 100));
    for (size_t i = 0; i < n; i++) CHECK(!*events[i].device && !*events[i].network);
    CHECK_OK(work_newest(&t->cx, &work, &n, .before = INT64_MAX, .only_account = m,
                         .only_state = "", .only_kind = "", .max = 10));
    for (size_t i = 0; i < n; i++) CHECK(strcmp(work[i].evidence, "{}") == 0);
    struct outbox_row const *rows = messages(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].account_id == m && rows[i].happened_at < a.erased_at)
            CHECK(strcmp(rows[i].body, "{}") == 0);
}

/* Exports show no number of ours in place of a name: another run would give another one. */
static void exported_without_a_name(void)
{
    struct test_db *t = &life.t;
    struct charge_export row;
    bool more;
    SCAN scan = {0}, living = {0};

    CHECK_OK(
        charges_export_erased(&t->cx, &scan, .from_day = 0, .until_day = life_day("2100-01-01")));
    CHECK_OK(db_scan_next(&scan, &row, &more));
    CHECK(more);
    for (; more; (void)!db_scan_next(&scan, &row, &more))
        CHECK(strcmp(row.external_id, "erased") == 0);
    CHECK_OK(charges_export(&t->cx, &living, .after = "", .before = "", .from_day = 0,
                            .until_day = life_day("2100-01-01")));
    CHECK_OK(db_scan_next(&living, &row, &more));
    CHECK(!more);
}

/* By the reference alone, and nothing but what the books keep. */
static void read_by_staff(int64_t m)
{
    static const enum role roles_of_staff[] = {ROLE_AGENT, ROLE_SYSTEM};
    struct test_db *t = &life.t;
    struct charge *rows;
    char member[ID_TEXT], reference[ID_TEXT];
    enum status s;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = m, .max = 100));
    CHECK(rows[0].charge_state == CHARGE_CREDITED);
    id_text("mem", m, member);
    id_text("chg", rows[0].charge_id, reference);
    for (size_t i = 0; i < COUNT(roles_of_staff); i++) {
        struct actor const staff = life_proven(roles_of_staff[i], 7);
        const char *text = ask(staff, member, "charge.list", &s);
        CHECK(s == OK && strstr(text, "standard"));
        text = ask(staff, member, "membership.get", &s);
        CHECK(s == OK && strstr(text, "deleted") && !strstr(text, "anna"));
        text = life_ask(&life, staff, "receipt.pdf",
                        json_pack("{s:s, s:s}", "member", member, "reference", reference), &s);
        if (s != OK) FAIL("receipt.pdf: %s", text);
        text = ask(staff, "mem_nobody", "charge.list", &s);
        CHECK(s == E_NOT_FOUND && strstr(text, "account.unknown"));
        (void)ask(staff, member, "work.list", &s); /* what no policy allows */
        CHECK(s != OK && t->err.fault == &ACCOUNT_UNKNOWN);
    }
    (void)ask(life_proven(ROLE_OWNER, m), NULL, "charge.list", &s);
    CHECK(s != OK);
}

static void announced_then_erased(void **state)
{
    int64_t const m = ends();
    struct test_db *t = &life.t;
    struct charge *charges;
    struct consent *consents;
    size_t n, before;

    (void)state;
    CHECK_OK(charges_of(&t->cx, &charges, &before, .account_id = m, .max = 100));
    life_run(&life, "2024-12-05");
    CHECK(!message("account.erase_announced"));
    life_run(&life, "2024-12-07");
    struct outbox_row const *told = message("account.erase_announced");
    CHECK(told && strcmp(told->body, "{\"erase_on\":\"2025-01-05\"}") == 0);
    life_run(&life, "2025-01-04");
    CHECK(life_look(&life, m).state == M_CANCELED && is_found("anna-1"));
    life_run(&life, "2025-01-06");
    check_gone(m);
    CHECK(message("account.erased"));
    CHECK_OK(charges_of(&t->cx, &charges, &n, .account_id = m, .max = 100));
    CHECK(n == before && n > 0); /* the books stay */
    CHECK_OK(consent_list(&t->cx, m, &consents, &n));
    CHECK(n == 1 && consents->consent_id == 72); /* kept until 2026-04-07 */
    exported_without_a_name();
    read_by_staff(m);
    life_close(&life);
}

/* After an outage nobody is erased who was not told in time. */
static void never_unannounced(void **state)
{
    int64_t const m = ends();
    struct test_db *t = &life.t;

    (void)state;
    life.world.test_clock = false;
    t->cx.now = life_day("2025-06-01") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK(life_look(&life, m).retention_until_day == life_day("2025-07-01"));
    t->cx.now = life_day("2025-07-01") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    check_gone(m);
    life_close(&life);
}

static void a_new_account_is_needed(void **state)
{
    int64_t const m = ends();
    struct test_db *t = &life.t;
    struct account a;

    (void)state;
    life_run(&life, "2025-01-06");
    int64_t const again =
        life_member(&life, "DE", "standard", "2025-01-06", "2025-01-06", "tok_visa");
    run_sql("UPDATE account SET external_id = 'anna-1' WHERE account_id = %lld", again);
    CHECK_OK(account_find(&t->cx, "anna-1", &a));
    CHECK(a.account_id == again && again != m);
    life_run(&life, "2025-03-01");
    CHECK(life_look(&life, again).state == M_ACTIVE && life_look(&life, m).state == M_DELETED);
    life_close(&life);
}

static void the_rest_goes_later(void **state)
{
    int64_t const m = ends();
    struct test_db *t = &life.t;
    struct membership_event_row *events;
    struct consent *consents;
    size_t n;

    (void)state;
    life_run(&life, "2026-04-06");
    CHECK_OK(consent_list(&t->cx, m, &consents, &n));
    CHECK(n == 1);
    life_run(&life, "2026-04-09");
    CHECK_OK(consent_list(&t->cx, m, &consents, &n));
    CHECK(n == 0 && life_look(&life, m).step == STEP_PURGE);
    life_run(&life, "2034-03-05");
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = m, .max = 100));
    CHECK(n > 0);
    life_run(&life, "2034-03-08");
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = m, .max = 100));
    CHECK(n == 0 && life_look(&life, m).step == STEP_NONE);
    life_close(&life);
}

static void early_at_the_periods_end(void **state)
{
    int64_t const m = joins("tok_visa");

    (void)state;
    life_run(&life, "2024-03-10");
    refused(owner(m), "account.delete", "policy.cancel_first");
    refused(owner(m), "account.undo_delete", "policy.no_deletion");
    done(m, "membership.cancel", "\"ending\"");
    refused((struct actor){.role = ROLE_OWNER, .id = m}, "account.delete", "op.proof_needed");
    done(m, "account.delete", "\"erase_on\":\"2024-03-31\"");
    done(m, "account.delete", "\"erase_on\":\"2024-03-31\"");
    life_run(&life, "2024-03-30");
    CHECK(life_look(&life, m).state == M_ENDING && is_found("anna-1"));
    life_run(&life, "2024-04-01");
    check_gone(m);
    life_close(&life);
}

static void early_and_undone(void **state)
{
    int64_t const m = joins("tok_visa");

    (void)state;
    life_run(&life, "2024-03-10");
    done(m, "membership.cancel", "\"ending\"");
    done(m, "account.delete", "\"erase_on\":\"2024-03-31\"");
    done(m, "account.undo_delete", "\"erase_on\":\"\"");
    life_run(&life, "2024-06-01");
    CHECK(life_look(&life, m).state == M_CANCELED && is_found("anna-1"));
    done(m, "account.delete", "\"erase_on\":\"2024-06-15\",\"kept_until\":\"2025-01-31\"");
    done(m, "membership.get", "\"kept_until\":\"2024-06-15\""); /* what is deleted is not kept */
    life_run(&life, "2024-06-10");
    done(m, "account.undo_delete", "\"erase_on\":\"\",\"kept_until\":\"2025-01-31\"");
    done(m, "membership.get", "\"kept_until\":\"2025-01-31\"");
    life_run(&life, "2025-01-10");
    CHECK(life_look(&life, m).step == STEP_ERASE && is_found("anna-1"));
    done(m, "account.delete", "\"erase_on\":\"2025-01-24\"");
    life_run(&life, "2025-01-25");
    check_gone(m);
    life_close(&life);
}

static void who_stays_is_not_deleted(void **state)
{
    int64_t const m = joins("tok_visa");
    struct test_db *t = &life.t;
    struct membership row;
    struct account a;
    TX tx = {0};

    (void)state;
    life_run(&life, "2024-03-10");
    done(m, "membership.cancel", "\"ending\"");
    done(m, "account.delete", "2024-03-31");
    CHECK_OK(tx_begin(&tx, &t->cx));
    row = life_look(&life, m);
    CHECK_OK(membership_move(&t->cx, &row, MEV_UNDO_CANCEL, t->cx.now, "", NULL));
    CHECK_OK(account_get(&t->cx, m, &a));
    CHECK(a.delete_on_day == 0);
    CHECK_OK(tx_commit(&tx));
    life_close(&life);
}

static void a_lock_keeps_the_data(void **state)
{
    int64_t const m = ends();
    struct test_db *t = &life.t;
    struct lock_view view;

    (void)state;
    CHECK_OK(account_lock(&t->cx, &(struct account_lock){NULL, m, "Not me."}, &view));
    refused(owner(m), "account.delete", "policy.locked");
    life_run(&life, "2025-06-01");
    CHECK(life_look(&life, m).state == M_CANCELED && !message("account.erase_announced"));
    CHECK_OK(account_unlock(&t->cx, &(struct account_unlock){NULL, m, "Solved."}, &view));
    life_run(&life, "2025-06-30");
    CHECK(life_look(&life, m).state == M_CANCELED && message("account.erase_announced"));
    life_run(&life, "2025-07-02");
    check_gone(m);
    life_close(&life);
}

static void money_on_its_way_comes_first(void **state)
{
    int64_t const m = ends();

    (void)state;
    life_run(&life, "2025-01-04");
    run_sql("UPDATE charge SET charge_state = 'unknown' WHERE account_id = %lld AND k = 1", m);
    life_run(&life, "2025-01-08");
    CHECK(life_look(&life, m).state == M_CANCELED);
    run_sql("UPDATE charge SET charge_state = 'credited' WHERE account_id = %lld AND k = 1", m);
    life_run(&life, "2025-01-10");
    check_gone(m);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-06 E-22 everything personal goes on the announced date; the books stay",
             announced_then_erased),
        CASE("E-22 nobody is erased who was not told in time", never_unannounced),
        CASE("E-22 afterwards a new account is needed", a_new_account_is_needed),
        CASE("E-22 B-16 what is kept longer goes later", the_rest_goes_later),
        CASE("F-20 a cancelled member's deletion runs at the end of the period",
             early_at_the_periods_end),
        CASE("F-20 early deletion can be undone until it runs", early_and_undone),
        CASE("F-20 whoever undoes the cancel is not deleted", who_stays_is_not_deleted),
        CASE("E-22 L-10 while locked nothing is deleted", a_lock_keeps_the_data),
        CASE("E-22 money on its way comes before erasure", money_on_its_way_comes_first),
    };
    return RUN_CASES("erase", cases);
}
