/* match_test: a line of a statement is matched by its kind alone, and a hit costs what a miss
 * costs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/match.h"

#include "payments/call_test.h"

static const char partners[] =
    "partners:\n"
    "  north: {name: North Mobile, kind: carrier, payment: {text: Ask North},\n"
    "    cancel: {text: Ask North}, refund: {text: Ask North}}\n";

/* Somebody who paid 12.99 EUR on 2024-02-10 with a card that ends in 4242. */
static int64_t pays(void)
{
    struct test_db *t = &life.t;

    life_open(&life, "2024-02-01");
    life_apply(&life, arena_printf(&t->arena, "%s%s", life_catalog, partners));
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-10", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-20");
    return m;
}

static const char *last4_of(int64_t m)
{
    struct test_db *t = &life.t;
    struct method *rows;
    size_t n;

    CHECK_OK(methods_of(&t->cx, &rows, &n, .account_id = m, .max = 1));
    CHECK(n == 1);
    return rows->last4;
}

static const char *line(const char *on, int64_t minor, const char *currency, const char *last4,
                        const char *words)
{
    return arena_printf(&life.t.arena,
                        "{\"on\":\"%s\",\"amount_minor\":%lld,\"currency\":\"%s\","
                        "\"last4\":\"%s\",\"descriptor\":\"%s\"}",
                        on, (long long)minor, currency, last4, words);
}

static void tells_the_kind(void **state)
{
    int64_t const m = pays();
    const char *last4 = last4_of(m), *other = strcmp(last4, "9999") ? "9999" : "9998", *charge;

    (void)state;
    says(visitor, "charge.match", line("2024-02-10", 1299, "EUR", last4, "FOYER"), "\"account\"");
    says(visitor, "charge.match", line("2024-02-14", 1299, "EUR", last4, "FOYER"), "\"account\"");
    CHECK(told(m, "charge.matched", "charge", &charge) == 2 && strncmp(charge, "chg_", 4) == 0);
    /* Every part must fit. */
    says(visitor, "charge.match", line("2024-02-10", 1298, "EUR", last4, "FOYER"), "\"none\"");
    says(visitor, "charge.match", line("2024-02-10", 1299, "USD", last4, "FOYER"), "\"none\"");
    says(visitor, "charge.match", line("2024-02-10", 1299, "EUR", other, "FOYER"), "\"none\"");
    says(visitor, "charge.match", line("2024-02-07", 1299, "EUR", last4, "FOYER"), "\"none\"");
    says(visitor, "charge.match", line("2024-02-19", 1299, "EUR", last4, "FOYER"), "\"none\"");
    says(visitor, "charge.match", line("2024-02-19", 1299, "EUR", last4, "NORTH*MOBILE 0800"),
         "\"partner\"");
    CHECK(told(m, "charge.matched", NULL, NULL) == 2);
    all_is_well();
}

/* Nobody learns whose it is: neither a name, nor an address, nor a reference is in the answer. */
static void tells_no_more(void **state)
{
    int64_t const m = pays();
    char member[ID_TEXT];

    (void)state;
    run_sql("UPDATE account SET email = 'anna@example.com', name = 'Anna Example'");
    const char *text = says(visitor, "charge.match",
                            line("2024-02-10", 1299, "EUR", last4_of(m), "FOYER"), "\"account\"");
    CHECK(!strstr(text, "anna") && !strstr(text, "Anna") && !strstr(text, "chg_"));
    CHECK(!strstr(text, id_text("mem", m, member)));
    all_is_well();
}

/* A card that was replaced is found by its old digits, and of two accounts none is told. */
static void follows_the_card(void **state)
{
    int64_t const m = pays();
    const char *old = last4_of(m);

    (void)state;
    run_sql(arena_printf(&life.t.arena,
                         "INSERT INTO method_event SELECT method_id, account_id, method_id, 1, "
                         "'added', last4, expiry_month, '', '', 'owner', account_id, 'web', '', '' "
                         "FROM method; UPDATE method SET last4 = '0001'"));
    says(visitor, "charge.match", line("2024-02-10", 1299, "EUR", old, "FOYER"), "\"account\"");
    CHECK(told(m, "charge.matched", NULL, NULL) == 1);
    int64_t const two =
        life_member(&life, "DE", "standard", "2024-01-21", "2024-02-20", "tok_visa");
    life_run(&life, "2024-02-25");
    run_sql("UPDATE method SET last4 = '0001'");
    says(visitor, "charge.match", line("2024-02-22", 1299, "EUR", "0001", "FOYER"), "\"account\"");
    CHECK(told(two, "charge.matched", NULL, NULL) == 1);
    run_sql("UPDATE charge SET captured_at = (SELECT MAX(captured_at) FROM charge)");
    says(visitor, "charge.match", line("2024-02-22", 1299, "EUR", "0001", "FOYER"), "\"account\"");
    CHECK(told(two, "charge.matched", NULL, NULL) == 1 &&
          told(m, "charge.matched", NULL, NULL) == 1);
    all_is_well();
}

/* Whoever may not ask the guide is sent where the policy sends them. */
static void leads_on(void **state)
{
    int64_t const m = pays();
    const char *miss = line("2024-02-10", 1, "EUR", last4_of(m), "FOYER");
    struct actor who = {.role = ROLE_PROFILE, .id = m, .surface = SURFACE_WEB};

    (void)state;
    says(visitor, "charge.match", miss, "\"next_step\":\"sign_in\"");
    says(who, "charge.match", miss, "\"next_step\":\"owner\"");
    who.role = ROLE_OWNER;
    says(who, "charge.match", miss, "\"next_step\":\"guide.unknown_charge\"");
    all_is_well();
}

/* One text for one account and for several: it must be true of both. */
static void promises_no_more(void **state)
{
    static const char only[] = "if it is the only one";
    int64_t const m = pays();
    const char *one = line("2024-02-10", 1299, "EUR", last4_of(m), "FOYER");

    (void)state;
    says(visitor, "charge.match", one, only);
    CHECK(told(m, "charge.matched", NULL, NULL) == 1);
    life_member(&life, "DE", "standard", "2024-01-21", "2024-02-20", "tok_visa");
    life_run(&life, "2024-02-25");
    run_sql("UPDATE method SET last4 = '0001'");
    run_sql("UPDATE charge SET captured_at = (SELECT MAX(captured_at) FROM charge)");
    says(visitor, "charge.match", line("2024-02-22", 1299, "EUR", "0001", "FOYER"), only);
    CHECK(told(m, "charge.matched", NULL, NULL) == 1);
    all_is_well();
}

static void is_limited(void **state)
{
    int64_t const m = pays();
    struct actor from = visitor;
    const char *last4 = last4_of(m);

    (void)state;
    for (int64_t i = 0; i < life.t.settings.match_tries_network; i++)
        says(visitor, "charge.match", line("2024-02-10", 1 + i, "EUR", last4, "X"), "\"none\"");
    refused(visitor, "charge.match", line("2024-02-10", 1299, "EUR", last4, "FOYER"),
            "charge.match_tries");
    from.network = "192.0.2.7"; /* another one, until the card has had its tries */
    for (int64_t i = life.t.settings.match_tries_network; i < life.t.settings.match_tries_card; i++)
        says(from, "charge.match", line("2024-02-10", 1 + i, "EUR", last4, "X"), "\"none\"");
    from.network = "192.0.2.8";
    refused(from, "charge.match", line("2024-02-10", 1299, "EUR", last4, "FOYER"),
            "charge.match_tries");
    life.t.cx.now += DAY_MS + 1;
    says(from, "charge.match", line("2024-02-10", 1299, "EUR", last4, "FOYER"), "\"account\"");
    life.t.cx.now -= DAY_MS + 1;
    life_close(&life);
}

static int statements;

static enum db_injury count_one(void *arg, enum db_moment moment)
{
    (void)arg;
    statements += moment == AT_STATEMENT;
    return UNHURT;
}

static int work_of(const char *in)
{
    statements = 0;
    says(visitor, "charge.match", in, "kind");
    return statements;
}

/* Whoever measures the time learns nothing: the same statements run, in the same number. */
static void costs_the_same(void **state)
{
    int64_t const m = pays();
    const char *last4 = last4_of(m);

    (void)state;
    work_of(line("2024-02-10", 1, "EUR", last4, "FOYER")); /* makes what only the first one makes */
    db_injure(life.t.db, count_one, NULL);
    int const hit = work_of(line("2024-02-10", 1299, "EUR", last4, "FOYER"));
    int const miss = work_of(line("2024-02-10", 1298, "EUR", last4, "FOYER"));
    int const partner = work_of(line("2024-02-10", 1298, "EUR", last4, "NORTH MOBILE"));
    CHECK(hit > 3 && hit == miss && hit == partner);
    db_injure(life.t.db, NULL, NULL);
    all_is_well();
}

static void refuses(void **state)
{
    int64_t const m = pays();
    struct actor const kid = {.role = ROLE_KIDS, .id = m, .surface = SURFACE_WEB};

    (void)state;
    refused(visitor, "charge.match", line("2024-02-30", 1299, "EUR", "4242", "FOYER"),
            "charge.match_date");
    refused(visitor, "charge.match", line("2024-02-10", 1299, "EUR", "42x2", "FOYER"),
            "charge.match_last4");
    refused(kid, "charge.match", line("2024-02-10", 1299, "EUR", "4242", "FOYER"),
            "op.not_allowed");
    all_is_well();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("H-06 X-10 a line of a statement is matched by date, amount, currency and digits",
             tells_the_kind),
        CASE("H-06 the answer tells nothing of whose charge it is", tells_no_more),
        CASE("H-06 C-22 the digits that a card had count too; of several accounts none is told",
             follows_the_card),
        CASE("H-06 H-05 X-01 the next step is one that whoever asks may take", leads_on),
        CASE("H-06 the answer promises details to the one account that fits alone",
             promises_no_more),
        CASE("H-06 look-ups are limited per network and card", is_limited),
        CASE("H-06 a hit and a miss do the same work", costs_the_same),
        CASE("H-06 X-07 C-18 what is no date, no digits, or a child's is refused", refuses),
    };
    return RUN_CASES("match", cases);
}
