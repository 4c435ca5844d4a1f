/* viewing_test: members who do not watch are asked, and end without an answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "playback/viewing.h"

#include "db/outbox.h"
#include "payments/life_test.h"

static struct life life;
static int64_t watcher; /* watches in every month, so that viewing is known of */

static int64_t joins(void)
{
    life_open(&life, "2021-01-02");
    watcher = life_member(&life, "DE", "standard", "2021-01-01", "2021-01-02", "tok_visa-w");
    return life_member(&life, "DE", "standard", "2021-01-01", "2021-01-02", "tok_visa");
}

static void watches(int64_t m)
{
    struct test_db *t = &life.t;
    struct viewing_view v;

    CHECK_OK(playback_seen(&t->cx, &(struct playback_seen){NULL, m}, &v));
    CHECK(*v.last_seen_at);
}

static void confirms(int64_t m)
{
    struct test_db *t = &life.t;
    struct viewing_view v;

    CHECK_OK(membership_confirm_use(&t->cx, &(struct playback_seen){NULL, m}, &v));
    CHECK(*v.confirmed_at);
}

/* Month by month, with somebody who watches. */
static void live(const char *until)
{
    char day[DAY_TEXT];

    for (int64_t d = life.t.cx.now / DAY_MS + 28; d < life_day(until); d += 28) {
        life_run(&life, day_text(d, day));
        watches(watcher);
        arena_reset(&life.t.arena);
    }
    life_run(&life, until);
}

static size_t questions(int64_t m)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, asked = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10000));
    for (size_t i = 0; i < n; i++)
        asked += rows[i].account_id == m && strcmp(rows[i].topic, "membership.use_question") == 0;
    return asked;
}

static void never_watched(void **state)
{
    int64_t const m = joins();

    (void)state;
    live("2022-01-25");
    CHECK(questions(m) == 0);
    live("2022-03-05");
    CHECK(questions(m) == 1 && life_look(&life, m).state == M_ACTIVE);
    live("2022-05-10");
    CHECK(questions(m) == 1 && life_look(&life, m).state == M_CANCELED);
    CHECK(life_look(&life, watcher).state == M_ACTIVE && questions(watcher) == 0);
    life_close(&life);
}

static void an_answer_keeps(void **state)
{
    int64_t const m = joins();

    (void)state;
    live("2022-03-05");
    CHECK(questions(m) == 1);
    confirms(m);
    live("2023-02-01");
    CHECK(life_look(&life, m).state == M_ACTIVE && questions(m) == 1);
    live("2023-05-05"); /* a year after the answer it is asked again */
    CHECK(questions(m) == 2);
    watches(m);
    live("2023-09-01");
    CHECK(life_look(&life, m).state == M_ACTIVE && questions(m) == 2);
    life_close(&life);
}

static void stopped_watching(void **state)
{
    int64_t const m = joins();

    (void)state;
    watches(m);
    live("2022-12-25");
    CHECK(questions(m) == 0);
    live("2023-03-05");
    CHECK(questions(m) == 1);
    live("2023-05-10");
    CHECK(life_look(&life, m).state == M_CANCELED);
    life_close(&life);
}

/* A service that tells of no viewing, or has just begun to, asks nobody. */
static void nothing_is_known(void **state)
{
    int64_t const m = joins();

    (void)state;
    life_run(&life, "2022-06-05");
    CHECK(questions(m) == 0);
    watches(watcher);
    life_run(&life, "2023-05-25");
    CHECK(questions(m) == 0 && life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-15 who has never watched for a year is asked, and ends without an answer",
             never_watched),
        CASE("B-15 an answer, or watching, keeps the membership", an_answer_keeps),
        CASE("B-15 who stopped watching is asked after two years", stopped_watching),
        CASE("B-15 nobody is asked while nothing is known of viewing", nothing_is_known),
    };
    return RUN_CASES("viewing", cases);
}
