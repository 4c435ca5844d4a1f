/* inbox_test: what a provider tells reaches each worker when its own day has come.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/inbox.h"

#include "payments/life_test.h"

static struct life life;

static struct charge newest(int64_t m)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = m, .max = 10));
    CHECK(n == 1);
    return rows[0];
}

static size_t take(const struct lease *l, int64_t until_at)
{
    struct test_db *t = &life.t;
    struct shift const s = {.catalog = life.catalog,
                            .machine = life.world.machine,
                            .lease = l,
                            .until_at = until_at,
                            .test_clock = true,
                            .max = 100};
    size_t done;

    CHECK_OK(payments_take_events(&t->cx, &life.world, &s, &done));
    return done;
}

/* A member whose renewal is in doubt, and two workers: one has its bucket, the other one others. */
static int64_t doubt(const char *token, struct lease *mine, struct lease *other)
{
    struct test_db *t = &life.t;

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", token);
    life.world.deaf = true;
    life_run(&life, "2024-02-29");
    life.world.deaf = false;
    CHECK(newest(m).charge_state == CHARGE_UNKNOWN);
    CHECK_OK(lease_join(&t->cx, life.world.machine, mine));
    *other = *mine;
    mine->first = mine->last = m & (BUCKETS - 1);
    other->first = other->last = (m + 1) & (BUCKETS - 1);
    return m;
}

static void nobody_hears_the_future(void **state)
{
    int64_t const early = life_day("2024-02-29") * DAY_MS, late = life_day("2024-03-29") * DAY_MS;
    struct lease mine, other;

    (void)state;
    int64_t const m = doubt("tok_slow_capture", &mine, &other);
    CHECK(take(&other, late) > 0); /* the list has been read to its end */
    CHECK(take(&mine, early) == 0);
    CHECK(newest(m).charge_state == CHARGE_UNKNOWN);
    CHECK(take(&mine, late) > 0);
    CHECK(newest(m).charge_state == CHARGE_CAPTURED);
    CHECK(take(&mine, late) == 0 && take(&other, late) == 0);
    life_close(&life);
}

static size_t waiting(const struct lease *l, int64_t until_at)
{
    struct shift const s = {.lease = l, .until_at = until_at, .max = 100};
    struct test_db *t = &life.t;
    struct inbox_event *events;
    size_t n;

    CHECK_OK(inbox_look(&t->cx, life.world.gateway, &s, &events, &n));
    for (size_t i = 1; i < n; i++)
        CHECK(events[i - 1].told.deliver_at <= events[i].told.deliver_at);
    return n;
}

/* Each telling waits once, in the order of the telling; duplicates are tellings of their own. */
static void each_waits_once(void **state)
{
    int64_t const late = life_day("2024-03-29") * DAY_MS;
    struct test_db *t = &life.t;
    struct lease mine, other;
    size_t n;

    (void)state;
    doubt("tok_unordered_callbacks", &mine, &other);
    CHECK_OK(inbox_read(&t->cx, life.world.gateway, late, 1, &n));
    CHECK(n == 1 && waiting(&mine, late + 1) == 1);
    CHECK_OK(inbox_read(&t->cx, life.world.gateway, late, 100, &n));
    CHECK(n >= 1 && waiting(&mine, late + 1) == n + 1);
    CHECK_OK(inbox_read(&t->cx, life.world.gateway, late, 100, &n));
    CHECK(n == 0 && waiting(&other, late + 1) == 0);
    life_close(&life);
}

/* A provider whose first answers to those who ask for the end of the run are empty. */
static struct {
    enum status (*events)(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e);
    int64_t end_at;
    size_t silent, asked;
} tired;

static enum status tired_events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                                size_t *n, size_t max, struct arena *a, struct error *e)
{
    if (at == tired.end_at && tired.asked++ < tired.silent) {
        *out = NULL;
        *n = 0;
        return OK;
    }
    return tired.events(state, after, at, out, n, max, a, e);
}

/* Whoever reads last, as the closing of a month may: nothing that was read is left to a later run.
 */
static void what_is_read_is_heard(void **state)
{
    size_t most = 0;

    (void)state;
    for (size_t silent = 0; silent <= most; silent++) {
        struct test_db *t = &life.t;
        int64_t told_at;

        life_open(&life, "2024-02-01");
        tired.events = life.gateway->events;
        tired.end_at = life_day("2024-03-10") * DAY_MS - 1;
        tired.silent = silent;
        tired.asked = 0;
        life.gateway->events = tired_events;
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_late_callback");
        life_run(&life, "2024-03-10");
        CHECK_OK(inbox_first(&t->cx, life.gateway, &told_at));
        CHECK(told_at == 0 && tired.asked > 1);
        if (silent == 0) most = tired.asked;
        life_close(&life);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-17 no worker hears what is told after its own day", nobody_hears_the_future),
        CASE("B-17 what a run has read is heard in it", what_is_read_is_heard),
        CASE("B-11 what is told waits once, in its order", each_waits_once),
    };
    return RUN_CASES("inbox", cases);
}
