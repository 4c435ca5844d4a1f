/* cancel_form_test: cancelling without signing in - the same answer for everybody, dated by its
 * receipt, confirmed to the account's own contact. SPDX-License-Identifier: Apache-2.0 */
#include "billing/cancel_form.h"

#include "account/work.h"
#include "payments/call_test.h"

static const char law[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "brands: {visa: Visa, mastercard: Mastercard}\n"
    "acceptance: {cards: [{kind: card, brand: [visa, mastercard]}]}\n"
    "partners:\n"
    "  north: {name: North Mobile, kind: carrier, payment: {text: Ask North},\n"
    "    cancel: {text: Ask North}, refund: {text: Ask North}}\n"
    "settings: {de: {cancel_form: true, source: the law}}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, settings: de,\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 12.99}]}\n"
    "  US: {name: United States, currency: USD, zone: America/New_York, seller: eu,\n"
    "    tax: exclusive, acceptance: cards,\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 15.49}]}\n";

static const char anna[] = "{\"email\":\"Anna@Example.com\",\"name\":\"anna example\"}";
static const char nobody[] = "{\"email\":\"nobody@example.com\",\"name\":\"anna example\"}";

static int64_t joins(const char *country, const char *token)
{
    life_open(&life, "2024-02-01");
    life_apply(&life, law);
    int64_t const m = life_member(&life, country, "standard", "2024-01-10", "2024-02-01", token);
    run_sql("UPDATE account SET email = 'anna@example.com', name = 'Anna Example'");
    return m;
}

static void fill_in(const char *in)
{
    says(visitor, "membership.cancel_form", in, "\"cfm_");
}

static const char *outcome(int64_t m)
{
    const char *what = "";

    told(m, "membership.cancel_form_received", "outcome", &what);
    return what;
}

static void is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) FAIL("\"%s\" is not \"%s\"", a, b);
}

static void cancels(void **state)
{
    int64_t const m = joins("DE", "tok_visa");
    const char *at, *last, *code;

    (void)state;
    life.t.cx.now += 36000000; /* ten o'clock */
    fill_in(anna);
    CHECK(life_look(&life, m).state == M_ACTIVE); /* an errand does it, so that no time is told */
    life_run(&life, "2024-02-02");
    CHECK(life_look(&life, m).state == M_ENDING);
    is(outcome(m), "canceled");
    told(m, "membership.cancel_form_received", "received_at", &at);
    told(m, "membership.cancel_form_received", "last_day", &last);
    told(m, "membership.cancel_form_received", "keep_code", &code);
    is(at, "2024-02-01T10:00:00.000Z");
    is(last, "2024-02-09");
    CHECK(strlen(code) == PROOF_CODE - 1 && told(m, "membership.ending", NULL, NULL) == 1);
    life_run(&life, "2024-04-01");
    CHECK(life_look(&life, m).state == M_CANCELED);
    all_is_well();
}

/* Who did not mean it stays, once, while access lasts. */
static void keeps(void **state)
{
    int64_t const m = joins("DE", "tok_visa");
    const char *code;

    (void)state;
    fill_in(anna);
    life_run(&life, "2024-02-02");
    told(m, "membership.cancel_form_received", "keep_code", &code);
    refused(visitor, "membership.keep", json_of("code", "00000000000000000000000000"),
            "contact.proof_unknown");
    says(visitor, "membership.keep", json_of("code", code), "\"active\"");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    refused(visitor, "membership.keep", json_of("code", code), "contact.proof_unknown");
    life_run(&life, "2024-02-20");
    CHECK(life_look(&life, m).k == 1);
    all_is_well();
}

static int statements;

static enum db_injury count_one(void *arg, enum db_moment moment)
{
    (void)arg;
    statements += moment == AT_STATEMENT;
    return UNHURT;
}

/* The answer differs in its reference alone, and costs the same. */
static void tells_nothing(void **state)
{
    static const char *const forms[] = {anna, nobody,
                                        "{\"email\":\"anna@example.com\",\"name\":\"Bert\"}",
                                        "{\"email\":\"anna@example.com\",\"name\":\"Anna Example\","
                                        "\"member\":\"another\"}"};
    int64_t const m = joins("DE", "tok_visa");
    const char *first = NULL;
    int cost = 0;

    (void)state;
    fill_in(nobody); /* makes what only the first form makes */
    db_injure(life.t.db, count_one, NULL);
    for (size_t i = 0; i < COUNT(forms); i++) {
        statements = 0;
        const char *text = says(visitor, "membership.cancel_form", forms[i], "\"cfm_");
        const char *rest = strstr(text, "\"received_at\"");

        if (i == 0) cost = statements, first = rest;
        CHECK(rest && strcmp(rest, first) == 0 && statements == cost);
    }
    db_injure(life.t.db, NULL, NULL);
    life_run(&life, "2024-02-02");
    CHECK(life_look(&life, m).state == M_ENDING);
    CHECK(told(m, "membership.cancel_form_received", NULL, NULL) == 1);
    CHECK(told(0, "membership.cancel_form_received", NULL, NULL) == 4);
    all_is_well();
}

/* What nobody's account answers to is a declaration too: a person looks at it. */
static void opens_a_case(void **state)
{
    struct work_list const in = {.state = "open", .kind = "membership.cancel_form"};
    struct test_db *t = &life.t;
    struct works_view list;

    (void)state;
    joins("DE", "tok_visa");
    fill_in(nobody);
    life_run(&life, "2024-02-02");
    CHECK_OK(work_list(&t->cx, &in, &list));
    CHECK(list.n == 1 && strstr(list.items[0].evidence, "nobody@example.com"));
    is(outcome(0), "person");
    all_is_well();
}

/* Each standing has its own way (SPEC DT-2). */
static void by_standing(void **state)
{
    int64_t m = joins("US", "tok_visa");

    (void)state;
    fill_in(anna); /* a country without the form: the contact is told how to cancel */
    life_run(&life, "2024-02-02");
    is(outcome(m), "sign_in");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    all_is_well();

    m = joins("DE", "tok_visa");
    run_sql("UPDATE membership SET biller = 'north', step = 'none', due_at = 0, due_day = 0");
    fill_in(anna);
    life_run(&life, "2024-02-02");
    is(outcome(m), "partner"); /* open until the partner's event (SPEC D-06) */
    CHECK(life_look(&life, m).state == M_ACTIVE);
    life_close(&life);

    m = joins("DE", "tok_insufficient_funds");
    life_run(&life, "2024-02-20"); /* grace is over */
    CHECK(life_look(&life, m).state == M_HOLD);
    fill_in(anna);
    life_run(&life, "2024-02-21");
    is(outcome(m), "canceled");
    CHECK(life_look(&life, m).state == M_CANCELED);
    fill_in(anna);
    life_run(&life, "2024-02-22");
    is(outcome(m), "ended");
    all_is_well();

    m = joins("DE", "tok_visa");
    run_sql("UPDATE account SET locked_at = 1");
    fill_in(anna);
    life_run(&life, "2024-02-02");
    is(outcome(m), "person");
    life_close(&life);
}

/* A renewal that is made after the receipt, on the same day, goes back. */
static void dated_by_receipt(void **state)
{
    int64_t const m = joins("DE", "tok_visa");
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    (void)state;
    life_run(&life, "2024-02-09");
    life.t.cx.now += 3600000; /* the renewal falls due at 23 o'clock UTC */
    fill_in(anna);
    life_run(&life, "2024-02-11");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 10));
    CHECK(life_look(&life, m).state == M_ENDING);
    for (size_t i = 0; i < n; i++) {
        struct refund_left left;

        CHECK_OK(refund_left(&t->cx, m, c[i].charge_id, &left));
        CHECK(left.total_minor == 0);
    }
    CHECK(n == 1);
    life_run(&life, "2024-05-01");
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 10));
    CHECK(n == 1);
    all_is_well();
}

static void is_limited(void **state)
{
    (void)state;
    joins("DE", "tok_visa");
    for (int64_t i = 0; i < life.t.settings.form_tries_network; i++) fill_in(nobody);
    refused(visitor, "membership.cancel_form", anna, "billing.form_tries");
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("F-25 DT-2 F-03 a form cancels from its receipt on, and is confirmed to the contact",
             cancels),
        CASE("F-25 the code of the confirmation undoes it, once", keeps),
        CASE("F-25 known and unknown are answered the same, by the same work", tells_nothing),
        CASE("F-25 a form that names nobody is looked at by a person", opens_a_case),
        CASE("F-25 DT-2 D-06 E-18 country, biller and standing decide what a form comes to",
             by_standing),
        CASE("F-25 F-07 what is charged after the receipt goes back", dated_by_receipt),
        CASE("F-25 forms are limited per network", is_limited),
    };
    return RUN_CASES("cancel_form", cases);
}
