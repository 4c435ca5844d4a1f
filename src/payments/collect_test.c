/* collect_test: what one round sends of a card that many members share.
 * SPDX-License-Identifier: Apache-2.0 */
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

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-10 a card of many members is tried as often in one batch as one after the other",
             shares_a_budget),
    };
    return RUN_CASES("payments/collect", cases);
}
