/* promise_test: what is owed of a charge that a bank is taking back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/promise.h"

#include "billing/cancel.h"
#include "catalog/catalog_test.h"
#include "payments/life_test.h"
#include "remedy_sql.h"

static struct life life;

/* A German who pays 12.99 on 2024-02-05 and may withdraw for 14 days; a bank takes it back. */
static int64_t disputes(int64_t *charge_id)
{
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    life_open(&life, "2024-02-01");
    char *text = arena_strdup(&t->arena, life_catalog);
    char *countries = strstr(text, "countries:"), *germany = strstr(text, "acceptance: cards,\n");
    *countries = *germany = '\0';
    life_apply(&life, arena_printf(&t->arena,
                                   "%ssettings: {de: {withdrawal_days: 14, source: the law}}\n"
                                   "c%ssettings: de, a%s",
                                   text, countries + 1, germany + 1));
    int64_t const m = life_member(&life, "DE", "standard", "2024-02-05", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-06");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 9));
    CHECK(n == 1);
    *charge_id = c->charge_id;
    struct dispute_opening const opening = {m, *charge_id, "", t->cx.now};
    CHECK_OK(dispute_begin(&t->cx, &opening, NULL));
    return m;
}

static void end(int64_t m, int64_t charge_id, bool won)
{
    struct test_db *t = &life.t;
    struct dispute_ending const e = {m, charge_id, won, t->cx.now, NULL};

    CHECK_OK(dispute_end(&t->cx, &e));
}

/* How many refunds there are, and the newest one. */
static size_t refunds(int64_t m, struct refund *newest)
{
    struct test_db *t = &life.t;
    struct refund *rows;
    size_t n;

    CHECK_OK(refunds_of(&t->cx, &rows, &n, .account_id = m, .max = 99));
    if (n) *newest = rows[n - 1];
    return n;
}

static void promised(const struct refund_order *o, struct given *sum)
{
    struct test_db *t = &life.t;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(promise_refund(&t->cx, o, sum));
    CHECK_OK(tx_commit(&tx));
}

static void withdrawal_waits(void **state)
{
    struct test_db *t = &life.t;
    struct withdrawal w;
    struct refund r;
    int64_t charge_id;

    (void)state;
    for (int won = 0; won < 2; won++) {
        int64_t const m = disputes(&charge_id);
        struct cancel_ask const ask = {.account_id = m};

        CHECK_OK(cancel_withdraw(&t->cx, life.catalog, &ask, &w));
        CHECK(w.state == M_CANCELED && w.amount_minor == 0);
        CHECK(w.waits_minor == 1299 - 1299 / 29); /* a day is served */
        life_run(&life, "2024-02-20");
        CHECK(refunds(m, &r) == 0);
        end(m, charge_id, won);
        end(m, charge_id, won); /* again is nothing */
        life_run(&life, "2024-04-01");
        CHECK(refunds(m, &r) == (won ? 1 : 0));
        if (won) CHECK(r.amount_minor == w.waits_minor && r.refund_state == REFUND_DONE);
        if (won) CHECK(r.circumstance == REFUND_WITHDRAWAL && r.refund_to == REFUND_TO_METHOD);
        life_close(&life);
    }
}

/* Several rules together promise no more than is left, and a bank's money counts as given. */
static void never_more_than_is_left(void **state)
{
    struct test_db *t = &life.t;
    struct refund r;
    int64_t charge_id;

    (void)state;
    for (int won = 0; won < 2; won++) {
        int64_t const m = disputes(&charge_id);
        struct given sum = {0};
        struct refund_order o = {.account_id = m,
                                 .charge_id = charge_id,
                                 .amount_minor = 500,
                                 .circumstance = REFUND_WITHDRAWAL,
                                 .rule = "withdrawal",
                                 .key = "one",
                                 .at = t->cx.now};

        promised(&o, &sum);
        CHECK(sum.waits_minor == 500 && sum.refunds == 0);
        o.circumstance = REFUND_TAKEOVER, o.rule = "takeover", o.amount_minor = 0;
        promised(&o, &sum);
        CHECK(sum.waits_minor == 1299);
        promised(&o, &sum);
        CHECK(sum.waits_minor == 1299 && sum.amount_minor == 0);
        end(m, charge_id, won);
        CHECK(refunds(m, &r) == (won ? 2 : 0));
        if (won) CHECK(r.amount_minor == 799 && r.circumstance == REFUND_TAKEOVER);
        o.key = "two";
        promised(&o, &sum); /* nothing is left */
        CHECK(sum.waits_minor == 1299 && sum.amount_minor == 0);
        life_close(&life);
    }
}

static void without_a_dispute(void **state)
{
    struct test_db *t = &life.t;
    struct given sum = {0};
    struct refund r;
    int64_t charge_id;

    (void)state;
    int64_t const m = disputes(&charge_id);
    struct refund_order const o = {.account_id = m,
                                   .charge_id = charge_id,
                                   .amount_minor = 5000,
                                   .circumstance = REFUND_AFTER_CANCEL,
                                   .rule = "after_cancel",
                                   .key = "one",
                                   .at = t->cx.now};
    end(m, charge_id, true);
    CHECK(refunds(m, &r) == 0);
    promised(&o, &sum);
    CHECK(sum.refunds == 1 && sum.amount_minor == 1299 && sum.waits_minor == 0);
    CHECK(refunds(m, &r) == 1 && r.amount_minor == 1299);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("F-24, I-06 what a withdrawal gives back waits for the end of a dispute",
             withdrawal_waits),
        CASE("I-04, I-06 what is promised of a disputed charge is never more than is left",
             never_more_than_is_left),
        CASE("I-06 what no bank takes back is given back at once", without_a_dispute),
    };
    return RUN_CASES("promise", cases);
}
