/* collect_test: what one round sends of a card that many members share, and what stops it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_parts.h"
#include "payments/life_test.h"

static struct life life;

enum { MEMBERS = 40 };

/* How often each was tried in its first days. */
static void try_all(const char *token, int64_t batch_size, int64_t attempts[MEMBERS])
{
    struct test_db *t = &life.t;
    int64_t members[MEMBERS];
    struct charge *rows;
    size_t n;

    life_open(&life, "2024-01-10");
    t->settings.batch_size = batch_size;
    for (size_t i = 0; i < MEMBERS; i++)
        members[i] = life_member(&life, "DE", "standard", "2023-06-15", "2024-01-10", token);
    life_run(&life, "2024-01-25");
    for (size_t i = 0; i < MEMBERS; i++) {
        CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = members[i], .max = 10));
        attempts[i] = 0;
        for (size_t k = 0; k < n; k++) attempts[i] += rows[k].attempts;
    }
    life_close(&life);
}

static void shares_a_budget(void **state)
{
    static const struct {
        const char *token;
        int64_t most;
    } cards[] = {
        {"tok_insufficient_funds@shared",            15     }, /* in 30 days */
        {"tok_insufficient_funds@mastercard@shared", 35     }, /* in 30 days, and 10 in 24 hours */
        {"tok_visa@shared",                          MEMBERS},
    };
    int64_t one[MEMBERS], many[MEMBERS];

    (void)state;
    for (size_t c = 0; c < COUNT(cards); c++) {
        int64_t sum = 0;

        try_all(cards[c].token, 1, one);
        try_all(cards[c].token, 2000, many);
        for (size_t i = 0; i < MEMBERS; i++) {
            CHECK(one[i] == many[i]);
            sum += many[i];
        }
        if (sum != cards[c].most) FAIL("%s: %lld attempts", cards[c].token, (long long)sum);
    }
}

static struct db *store(void)
{
    return ((struct sandbox *)life.gateway->state)->db;
}

/* While the store is broken nothing is said to be done, and once it is well nothing is lost. */
static void stops_at(const char *harm, const char *cure)
{
    struct test_db *t = &life.t;
    struct sandbox_sum *sums;
    size_t n;

    life_open(&life, "2024-01-10");
    for (size_t i = 0; i < MEMBERS; i++)
        life_member(&life, "DE", "standard", i % 2 ? "2023-06-15" : "2023-06-20", "2024-01-10",
                    i % 5 ? "tok_visa" : "tok_lost_reply");
    life_run(&life, "2024-01-18");
    CHECK_OK(db_script(store(), harm, &t->err));
    for (int i = 0; i < 2; i++) {
        CHECK(payments_run(&t->cx, &life.world, life_day("2024-03-01") * DAY_MS) == E_INTERNAL);
        CHECK(t->err.fault == &SANDBOX_STORE && *t->err.detail);
    }
    CHECK_OK(db_script(store(), cure, &t->err));
    life_run(&life, "2024-03-01");
    CHECK_OK(sandbox_captured(life.gateway, INT64_MAX, &sums, &n, &t->arena, &t->err));
    CHECK(n == 1 && sums->captured == (int64_t)2 * MEMBERS && sums->doubled == 0);
    life_close(&life);
}

static void stops_when_the_store_fails(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    stops_at("ALTER TABLE sandbox_charge RENAME TO away",
             "ALTER TABLE away RENAME TO sandbox_charge");
    if (!t->schema[0]) stops_at("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 100000");
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-10 a card of many members is tried as often in one batch as one after the other",
             shares_a_budget),
        CASE("B-11, B-17 a sandbox whose store fails stops the run, and nothing is lost",
             stops_when_the_store_fails),
    };
    return RUN_CASES("payments/collect", cases);
}
