/* cover_test: credit pays before any method does. SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"
#include "payments/life_test.h"

static struct life life;

static void give(int64_t account_id, int64_t minor)
{
    struct test_db *t = &life.t;
    struct account account;

    CHECK_OK(account_get(&t->cx, account_id, &account));
    struct credit_move const m = {.account_id = account_id,
                                  .kind = CREDIT_REDEEM,
                                  .amount_minor = minor,
                                  .currency = account.currency};
    CHECK_OK(credit_post(&t->cx, &m, NULL));
}

static int64_t left(int64_t account_id)
{
    struct test_db *t = &life.t;
    int64_t minor = -1;

    CHECK_OK(credit_balance(&t->cx, account_id, &minor));
    return minor;
}

static struct charge *charges(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = account_id, .max = 1000));
    return rows;
}

static void check_split(const struct charge *c, enum charge_state state, int64_t credit_minor,
                        int64_t amount_minor, int64_t attempts)
{
    if (c->charge_state != state || c->credit_minor != credit_minor ||
        c->amount_minor != amount_minor || c->attempts != attempts)
        FAIL("charge %lld: %s, credit %lld, method %lld, %lld attempts", (long long)c->k,
             charge_states.at[c->charge_state], (long long)c->credit_minor,
             (long long)c->amount_minor, (long long)c->attempts);
}

/* 25.00 of credit and 13.99 a month: one month by credit, one by both, one by card. */
static void before_methods(void **state)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *books;
    size_t n;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_visa");
    int64_t const other =
        life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_visa");
    give(m, 2500);
    life_run(&life, "2024-08-01");
    struct charge *c = charges(m, &n);
    CHECK(n == 3);
    check_split(&c[0], CHARGE_CAPTURED, 1399, 0, 0);
    check_split(&c[1], CHARGE_CAPTURED, 1101, 298, 1);
    check_split(&c[2], CHARGE_CAPTURED, 0, 1399, 1);
    CHECK(c[0].method_id == 0 && c[0].captured_at == c[0].wanted_at);
    CHECK(left(m) == 0 && life_look(&life, m).has_credit == 0);
    c = charges(other, &n);
    check_split(&c[0], CHARGE_CAPTURED, 0, 1399, 1);
    CHECK_OK(trial_balance(&t->cx, &books, &n, .max = 100));
    for (size_t i = 0; i < n; i++) {
        int64_t const is = books[i].debit_minor - books[i].credit_minor;

        if (strcmp(books[i].book, "receivable") == 0 || strcmp(books[i].book, "member_credit") == 0)
            CHECK(is == 0);
        if (strcmp(books[i].book, "revenue") == 0) CHECK(is < 0); /* paid by credit counts */
    }
    life_close(&life);
}

/* Nothing is left of the method's part, so nothing is asked of it. */
static void no_method_is_needed(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_stolen_card");
    int64_t const none = life_member(&life, "JP", "standard", "2024-04-10", "2024-05-01", "");
    give(m, 2798);
    give(none, 1490);
    life_run(&life, "2024-07-01");
    struct charge *c = charges(m, &n);
    CHECK(n == 2 && life_look(&life, m).state == M_ACTIVE && left(m) == 0);
    check_split(&c[1], CHARGE_CAPTURED, 1399, 0, 0);
    c = charges(none, &n);
    check_split(&c[0], CHARGE_CAPTURED, 1490, 0, 0);
    check_split(&c[1], CHARGE_FAILED, 0, 1490, 0);
    CHECK(life_look(&life, none).state == M_HOLD);
    life_close(&life);
}

/* In grace what credit has paid stays paid; the next retry takes what has come since, and when the
 * invoice is taken back all of it comes back. */
static void failed_and_given_back(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const cured =
        life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_insufficient_funds");
    int64_t const lost =
        life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_insufficient_funds");
    give(cured, 500);
    give(lost, 500);
    life_run(&life, "2024-05-11");
    struct charge *c = charges(cured, &n);
    check_split(&c[0], CHARGE_FAILED, 500, 899, 2);
    CHECK(life_look(&life, cured).state == M_GRACE && left(cured) == 0);
    give(cured, 1000);
    life_run(&life, "2024-05-13");
    c = charges(cured, &n);
    check_split(&c[0], CHARGE_CAPTURED, 1399, 0, 2);
    CHECK(life_look(&life, cured).state == M_ACTIVE && left(cured) == 101);
    life_run(&life, "2024-07-20");
    c = charges(lost, &n);
    CHECK(life_look(&life, lost).state == M_CANCELED && c[0].charge_state == CHARGE_CREDITED);
    CHECK(c[1].charge_state == CHARGE_CANCELED && c[1].credit_minor == 0);
    CHECK(left(lost) == 500 && life_look(&life, lost).has_credit == 1);
    life_close(&life);
}

/* On hold a retry that credit pays begins the new term on its day. */
static void on_hold(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-04-10", "2024-05-01", "tok_insufficient_funds");
    give(m, 100);
    life_run(&life, "2024-05-16");
    CHECK(life_look(&life, m).state == M_HOLD);
    give(m, 1400);
    life_run(&life, "2024-05-19");
    struct membership const now = life_look(&life, m);
    struct charge *c = charges(m, &n);
    CHECK(now.state == M_ACTIVE && now.term == 2 && now.anchor_day == c[1].due_on_day);
    CHECK(c[0].charge_state == CHARGE_CREDITED);
    check_split(&c[1], CHARGE_CAPTURED, 1399, 0, 0);
    CHECK(left(m) == 101);
    life_close(&life);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* The oracle: a purse of single minor units. Each month takes them one by one. */
static void against_a_purse(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 8; round++) {
        int64_t purse = 0, in = 0, by_card = 0;
        char until[DAY_TEXT];
        size_t seen = 0, n;

        life_open(&life, "2024-05-01");
        int64_t const m = life_member(&life, "DE", "basic", "2024-04-10", "2024-05-01", "tok_visa");
        for (int64_t day = life_day("2024-05-02"); day < life_day("2024-11-01"); day += 5) {
            if (next(&seed) % 5 == 0) {
                int64_t const card = 1 + (int64_t)(next(&seed) % 2400);

                give(m, card);
                purse += card;
                in += card;
            }
            life_run(&life, day_text(day, until));
            struct charge *c = charges(m, &n);
            for (; seen < n; seen++) {
                int64_t owed = 799, credit = 0;

                while (owed > 0 && purse > 0) owed--, purse--, credit++;
                check_split(&c[seen], CHARGE_CAPTURED, credit, owed, owed > 0);
                by_card += owed;
            }
            CHECK(left(m) == purse);
        }
        CHECK(seen == 6 && in - purse + by_card == 6 * 799);
        life_close(&life);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("J-03 credit pays before any method, which pays the rest", before_methods),
        CASE("J-03 what credit pays whole needs no method", no_method_is_needed),
        CASE("J-03, E-20 what credit paid of an unpaid invoice comes back", failed_and_given_back),
        CASE("J-03, E-16 credit that covers a retry on hold begins a new term", on_hold),
        CASE("J-03, J-04 months take from credit what a purse of coins says", against_a_purse),
    };
    return RUN_CASES("cover", cases);
}
