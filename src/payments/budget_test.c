/* budget_test: the rule against a slow oracle, and the reading of declines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/budget.h"

#include <string.h>

#include "base/calendar.h"
#include "db/db_test.h"
#include "payments/budget_rules.h"

/* A small generator with a seed, so that a failure comes again. */
static int64_t draw(uint64_t *seed, int64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*seed >> 33) % (uint64_t)below);
}

static const int64_t HOUR = INT64_C(3600000);

static int64_t count_since(const int64_t *declines, size_t n, int64_t at)
{
    int64_t count = 0;

    for (size_t i = 0; i < n; i++) count += declines[i] > at;
    return count;
}

/* SPEC E-10, word by word. */
static bool is_open(const struct settings *s, const char *brand, const int64_t *declines, size_t n,
                    int64_t at)
{
    int64_t const day = count_since(declines, n, at - DAY_MS);
    int64_t const month = count_since(declines, n, at - 30 * DAY_MS);

    if (strcmp(brand, "mastercard") != 0) return month < s->max_attempts_card_30d;
    return day < s->max_attempts_mastercard_24h && month < s->max_attempts_mastercard_30d;
}

static void sort_newest_first(int64_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && v[k] > v[k - 1]; k--) {
            int64_t const was = v[k];

            v[k] = v[k - 1];
            v[k - 1] = was;
        }
}

/* Everything happens on the hour, so that the first open one is found by trying each. */
static void equals_oracle(void **state)
{
    static const char *const brands[] = {"mastercard", "visa"};

    (void)state;
    for (uint64_t run = 0, seed = 1; run < 3000; run++) {
        struct settings s = settings_default;
        int64_t declines[12], at = (draw(&seed, 1000) - 100) * HOUR;
        size_t const n = (size_t)draw(&seed, 13);
        const char *brand = brands[draw(&seed, 2)];
        int64_t const span = draw(&seed, 2) ? 30 : 800;
        int64_t open_at;

        s.max_attempts_card_30d = 1 + draw(&seed, 10);
        s.max_attempts_mastercard_24h = 1 + draw(&seed, 5);
        s.max_attempts_mastercard_30d = 1 + draw(&seed, 10);
        for (size_t i = 0; i < n; i++) declines[i] = draw(&seed, span) * HOUR;
        if (n && draw(&seed, 2)) /* close to an edge */
            at = declines[0] + (draw(&seed, 2) ? 1 : 30) * DAY_MS + (draw(&seed, 3) - 1) * HOUR;
        open_at = at;
        sort_newest_first(declines, n);
        while (!is_open(&s, brand, declines, n, open_at)) open_at += HOUR;
        if (budget_wait_until(&s, brand, declines, n, at) != (open_at == at ? 0 : open_at))
            FAIL("run %llu: not %lld", (unsigned long long)run, (long long)open_at);
    }
}

static void add(struct test_db *t, const char *fingerprint, int64_t at, int64_t charge_id)
{
    struct card_decline_add_in const rows[] = {
        {fingerprint, at, charge_id, 1},
        {fingerprint, at, charge_id, 1}
    };
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(card_decline_add(&t->cx, rows, 2, NULL));
    CHECK_OK(tx_commit(&tx));
}

static bool allows(struct test_db *t, const char *fingerprint, const char *brand, int64_t at,
                   int64_t *next_at)
{
    bool allowed;

    CHECK_OK(budget_allows(&t->cx, &(struct budget_ask){fingerprint, brand, at, NULL, 0}, &allowed,
                           next_at));
    return allowed;
}

static void holds_a_card_back(void **state)
{
    int64_t const start = INT64_C(1750000000000);
    struct test_db db, *t = &db;
    int64_t next;

    (void)state;
    test_db_open(t, start);
    for (int i = 0; i < 15; i++) {
        CHECK(allows(t, "card_a", "visa", start + i * HOUR, &next));
        add(t, "card_a", start + i * HOUR, i + 1);
        add(t, "card_a", start + i * HOUR, i + 1); /* told again: still one */
    }
    CHECK(!allows(t, "card_a", "visa", start + 15 * HOUR, &next));
    CHECK(next == start + 30 * DAY_MS);
    CHECK(!allows(t, "card_a", "visa", next - 1, &next) &&
          allows(t, "card_a", "visa", next, &next));
    CHECK(allows(t, "card_b", "visa", start + 15 * HOUR, &next)); /* another card */

    for (int i = 0; i < 10; i++) add(t, "card_m", start + i, 100 + i);
    CHECK(!allows(t, "card_m", "mastercard", start + 10, &next) && next == start + DAY_MS);
    CHECK(allows(t, "card_m", "visa", start + 10, &next));
    for (int day = 1; day < 4; day++)
        for (int i = 0; i < 9; i++) add(t, "card_m", start + day * DAY_MS + i, 200 + 10 * day + i);
    CHECK(!allows(t, "card_m", "mastercard", start + 6 * DAY_MS, &next)); /* 37 in 30 days */
    CHECK(next == start + 30 * DAY_MS + 2);
    t->settings.max_attempts_mastercard_30d = 5;
    CHECK(!allows(t, "card_m", "mastercard", start + 6 * DAY_MS, &next));
    CHECK(next == start + 33 * DAY_MS + 4);
    test_db_close(t);
}

/* What a retry schedule does to one card for a year never crosses a network's limit. */
static void never_crosses(void **state)
{
    static const struct {
        const char *brand;
        size_t day, month;
    } limits[] = {
        {"visa",       15, 15},
        {"mastercard", 10, 35},
    };
    struct test_db db, *t = &db;
    int64_t next;

    (void)state;
    for (size_t b = 0; b < COUNT(limits); b++) {
        int64_t tried[2000], at = DAY_MS;
        size_t n = 0;

        test_db_open(t, 0);
        for (uint64_t seed = 7; at < 120 * DAY_MS && n < 2000; at += 1 + draw(&seed, DAY_MS / 8)) {
            if (!allows(t, "card", limits[b].brand, at, &next)) continue;
            add(t, "card", at, (int64_t)n + 1);
            tried[n++] = at;
        }
        for (size_t k = limits[b].month; k < n; k++)
            CHECK(tried[k] - tried[k - limits[b].month] >= 30 * DAY_MS);
        for (size_t k = limits[b].day; k < n; k++)
            CHECK(tried[k] - tried[k - limits[b].day] >= DAY_MS);
        CHECK(n >= 4 * limits[b].month); /* and it is used up */
        test_db_close(t);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-10 the next allowed time equals that of a slow oracle", equals_oracle),
        CASE("E-10 a card is held back until enough declines have left the window",
             holds_a_card_back),
        CASE("E-10 no window is ever crossed", never_crosses),
    };
    return RUN_CASES("budget", cases);
}
