/* news_test: calls of the payment provider count once, and wake whoever has not heard them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/news.h"

#include "payments/life_test.h"

enum { MINUTE_MS = 60000 };
static const int64_t WALL = 1700000000000;

static struct life life;

static void take(const char *id, int64_t wall)
{
    struct test_db *t = &life.t;

    CHECK_OK(news_take(&t->cx, id, wall));
}

static bool listens(const struct ear *ear, int64_t wall, int64_t *told)
{
    struct test_db *t = &life.t;
    bool is;

    CHECK_OK(news_wait(&t->cx, ear, wall, told, &is));
    return is;
}

static void counts_once(void **state)
{
    struct ear ear = {0};
    int64_t told;

    (void)state;
    life_open(&life, "2024-02-01");
    life.t.settings.payment_pull_seconds = 60;
    CHECK(listens(&ear, WALL, &told) && told == 0); /* it has just begun */
    ear.listened_at = WALL;
    CHECK(!listens(&ear, WALL + MINUTE_MS - 1, &told));
    CHECK(listens(&ear, WALL + MINUTE_MS, &told)); /* even if nobody calls */
    take("evt_1", WALL);
    CHECK(listens(&ear, WALL + 1, &told) && told == 1);
    ear.told = told;
    take("evt_1", WALL + 1);
    take("evt_1", WALL + 10 * MINUTE_MS);
    CHECK(!listens(&ear, WALL + 1, &told));
    take("evt_0", WALL + 2); /* in whatever order */
    CHECK(listens(&ear, WALL + 3, &told) && told == 2);
    life_close(&life);
}

/* No signature is good for so long. */
static void is_forgotten(void **state)
{
    struct ear const ear = {0};
    int64_t told;

    (void)state;
    life_open(&life, "2024-02-01");
    take("evt_1", WALL);
    take("evt_2", WALL + 21 * MINUTE_MS);
    take("evt_1", WALL + 21 * MINUTE_MS);
    take("evt_2", WALL + 21 * MINUTE_MS);
    (void)!listens(&ear, WALL, &told);
    CHECK(told == 3);
    life_close(&life);
}

/* A run that asks for no events leaves them where they are. */
static void deaf_runs_ask_nothing(void **state)
{
    struct test_db *t = &life.t;
    struct sandbox_sum *sums;
    struct world deaf;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_settles_in_60");
    deaf = life.world;
    deaf.deaf = true;
    CHECK_OK(payments_run(&t->cx, &deaf, life_day("2024-03-01") * DAY_MS));
    CHECK_OK(sandbox_captured(life.gateway, life_day("2024-03-01") * DAY_MS, &sums, &n, &t->arena,
                              &t->err));
    CHECK(n == 1 && sums[0].captured == 1);
    CHECK(life_look(&life, m).period_end_day == life_day("2024-03-31"));
    life_run(&life, "2024-03-02");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-11 a call counts once, whatever comes again", counts_once),
        CASE("B-11 calls are kept for as long as they could come again", is_forgotten),
        CASE("B-11 a run may leave the provider alone", deaf_runs_ask_nothing),
    };
    return RUN_CASES("news", cases);
}
