/* pair_test: golden 17 - two accounts of one payer, side by side only after both are proven.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/pair.h"

#include "payments/call_test.h"

static int64_t one, two;

static void join(void)
{
    life_open(&life, "2024-02-01");
    one = life_member(&life, "DE", "standard", "2024-01-10", "2024-02-01", "tok_visa");
    two = life_member(&life, "DE", "basic", "2024-01-20", "2024-02-01", "tok_mastercard");
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET email = 'one@example.com' WHERE account_id = %lld",
                         (long long)one));
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET email = 'Two@example.com' WHERE account_id = %lld",
                         (long long)two));
    life_run(&life, "2024-04-15");
}

static const char *code_sent(void)
{
    const char *code;

    says(owner_of(one), "account.link_begin", "{\"email\":\"two@Example.com\"}", "code");
    CHECK(told(two, "account.compare_code", "compare_code", &code) == 1);
    return code;
}

static const char *choice(const char *code, const char *keep)
{
    return arena_printf(&life.t.arena, "{\"code\":\"%s\",\"keep\":\"%s\"}", code, keep);
}

static void both_are_proven(void **state)
{
    struct actor unproven;

    (void)state;
    join();
    unproven = owner_of(one);
    unproven.proven = false;
    const char *code = code_sent();
    refused(unproven, "account.compare", json_of("code", code), "op.proof_needed");
    refused(owner_of(one), "account.compare", json_of("code", "00000000000000000000000000"),
            "contact.proof_unknown");
    refused(owner_of(two), "account.compare", json_of("code", code), "contact.proof_unknown");
    const char *text = says(owner_of(one), "account.compare", json_of("code", code), "one@example");
    CHECK(strstr(text, "Two@example.com") && strstr(text, "\"4242\"") && strstr(text, "1299"));
    CHECK(strstr(text, "\"amount_minor\":799") && strstr(text, "\"on\":\"2024-03-20\""));
    life.t.cx.now += 3600000; /* the code is too old */
    refused(owner_of(one), "account.compare", json_of("code", code), "contact.proof_unknown");
    life.t.cx.now -= 3600000;
    all_is_well();
}

/* Nobody learns whether an address has an account. */
static void tells_nothing(void **state)
{
    (void)state;
    join();
    const char *known =
        says(owner_of(one), "account.link_begin", "{\"email\":\"two@example.com\"}", "code");
    const char *unknown =
        says(owner_of(one), "account.link_begin", "{\"email\":\"three@example.com\"}", "code");
    CHECK(strcmp(known, unknown) == 0 && told(two, "account.compare_code", NULL, NULL) == 1);
    for (int i = 0; i < 3; i++)
        says(owner_of(one), "account.link_begin", "{\"email\":\"three@example.com\"}", "code");
    refused(owner_of(one), "account.link_begin", "{\"email\":\"two@example.com\"}",
            "billing.pair_tries");
    all_is_well();
}

/* Who has forgotten the other account's address finds it by its phone, or by name and card. */
static void found_in_other_ways(void **state)
{
    static const struct {
        const char *in;
        size_t sent; /* codes, in all */
    } ways[] = {
        {"{\"phone\":\"+4930123456\"}",                           1},
        {"{\"name\":\" zo\u00c9  EXAMPLE \",\"last4\":\"4444\"}", 2},
        {"{\"name\":\"Zo\u00eb Example\",\"last4\":\"4444\"}",    2}, /* another name */
        {"{\"name\":\"Zo\u00e9 Example\",\"last4\":\"4242\"}",    2}, /* her card, not theirs */
        {"{\"phone\":\"+4930123457\"}",                           2},
    };

    (void)state;
    join();
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET name = 'Zo\u00e9 Example' WHERE account_id = %lld",
                         (long long)two));
    says(owner_of(two), "contact.set", "{\"phone\":\"+4930123456\"}", "+4930123456");
    const char *first = NULL;
    for (size_t i = 0; i < COUNT(ways); i++) {
        const char *text = says(owner_of(one), "account.link_begin", ways[i].in, "code");

        if (!first) first = text;
        CHECK(strcmp(first, text) == 0);
        CHECK(told(two, "account.compare_code", NULL, NULL) == ways[i].sent);
    }
    all_is_well();
}

/* One way, and a whole one. */
static void one_way_at_a_time(void **state)
{
    static const struct {
        const char *in, *fault;
    } wrong[] = {
        {"{}",                                                   "billing.pair_way"     },
        {"{\"name\":\"Zoe\"}",                                   "billing.pair_way"     },
        {"{\"last4\":\"4444\"}",                                 "billing.pair_way"     },
        {"{\"email\":\"a@example.com\",\"phone\":\"+4930123\"}", "billing.pair_way"     },
        {"{\"email\":\"a@example.com\",\"last4\":\"4444\"}",     "billing.pair_way"     },
        {"{\"name\":\"Zoe\",\"last4\":\"44a4\"}",                "charge.match_last4"   },
        {"{\"phone\":\"030 123456\"}",                           "contact.phone_invalid"},
    };

    (void)state;
    join();
    for (size_t i = 0; i < COUNT(wrong); i++)
        refused(owner_of(one), "account.link_begin", wrong[i].in, wrong[i].fault);
    CHECK(told(two, "account.compare_code", NULL, NULL) == 0);
    all_is_well();
}

/* The newest charge of days that both paid for goes back at once, older ones are asked for. */
static void keeps_one(void **state)
{
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    (void)state;
    join();
    const char *code = code_sent();
    says(owner_of(one), "account.keep_one", choice(code, "this"), "\"amount_minor\":799");
    CHECK(life_look(&life, one).state == M_ACTIVE && life_look(&life, two).state == M_ENDING);
    refused(owner_of(one), "account.keep_one", choice(code, "this"), "contact.proof_unknown");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = two, .max = 10));
    int64_t left = 0;
    for (size_t i = 0; i < n; i++) {
        struct refund_left l;

        CHECK_OK(refund_left(&t->cx, two, c[i].charge_id, &l));
        left += l.total_minor > 0;
    }
    CHECK(n == 2 && left == 1);
    life_run(&life, "2024-06-01");
    CHECK(life_look(&life, two).state == M_CANCELED && life_look(&life, one).state == M_ACTIVE);
    all_is_well();
}

static void keeps_the_other(void **state)
{
    (void)state;
    join();
    says(owner_of(one), "account.keep_one", choice(code_sent(), "other"), "\"amount_minor\":1399");
    CHECK(life_look(&life, two).state == M_ACTIVE && life_look(&life, one).state == M_ENDING);
    all_is_well();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("H-08 golden 17: two accounts are shown side by side only after both are proven",
             both_are_proven),
        CASE("F-18 H-08 another account is found by its phone, or by name and card, and nobody "
             "learns it",
             found_in_other_ways),
        CASE("F-18 the other account is named in one way, and wholly", one_way_at_a_time),
        CASE("F-18 H-08 asking for a code tells nothing of other accounts, and is limited",
             tells_nothing),
        CASE("H-08 I-02 I-03 golden 17: one is kept, the other ends, the rule for duplicates runs",
             keeps_one),
        CASE("H-08 the other one can be kept", keeps_the_other),
    };
    return RUN_CASES("pair", cases);
}
