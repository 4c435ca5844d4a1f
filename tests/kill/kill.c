/* kill: kills real `foyer run` processes at random moments, runs two at once, and takes disk,
 * database and rights away from them; what is exported in the end must be the same to the byte as
 * after an undisturbed run. On SQLite or, with FOYER_TEST_DB, on PostgreSQL. FOYER_KILLS says how
 * often, FOYER_KILL_SEED chooses other moments. SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

enum { OTHER_USER = 65534 };

static struct stage stage;

static int set_up(void **state)
{
    (void)state;
    stage_open(&stage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stage_close(&stage);
    return 0;
}

/* A comparison proves nothing unless the run had trouble to go through. */
static void undisturbed(void **state)
{
    (void)state;
    CHECK(strstr(stage.wanted.charges, ",captured,") && strstr(stage.wanted.charges, ",credited,"));
    for (const char *attempts = "1234"; *attempts; attempts++) {
        char end[4] = {',', *attempts, '\n', '\0'};

        if (!strstr(stage.wanted.charges, end)) FAIL("nothing took %c attempts", *attempts);
    }
    CHECK(stage.duration_ms > 0);
}

/* Nothing says how often a run can be killed before it is done, hence several. */
static void killed(void **state)
{
    int64_t killed_n = 0;

    (void)state;
    for (int round = 0; killed_n < stage.kills; round++) {
        struct place place;

        CHECK(round < 100);
        stage_prepare(&stage, &place, NULL);
        for (bool done = false; !done;) {
            struct worker w;

            worker_start(&stage, &place, &w, NULL);
            if (killed_n < stage.kills) stage_pause(&stage, 2 * stage.duration_ms / 5 + 5);
            if (killed_n == stage.kills || worker_done(&w)) {
                worker_wait(&w, 0);
                done = true;
            } else {
                worker_kill(&w);
                killed_n++;
                stage_examine(&stage, &place);
            }
        }
        stage_compare(&stage, &place);
        place_drop(&stage, &place);
    }
    print_message("# killed %d times, seed %llu\n", (int)killed_n, (unsigned long long)stage.seed);
}

static void two_at_once(void **state)
{
    (void)state;
    for (int64_t times = stage.is_long ? 20 : 1; times > 0; times--) {
        struct place place;
        struct worker one, two;

        stage_prepare(&stage, &place, NULL);
        worker_start(&stage, &place, &one, NULL);
        stage_pause(&stage, stage.duration_ms / 4 + 1);
        worker_start(&stage, &place, &two, NULL);
        worker_wait(&one, 0);
        worker_wait(&two, 0);
        stage_compare(&stage, &place);
        place_drop(&stage, &place);
    }
}

/* One of two is killed again and again, and now and then the other one too. */
static void two_of_which_one_is_killed(void **state)
{
    int64_t const kills = stage.is_long ? 20 : 3;
    struct place place;
    struct worker one, two;

    (void)state;
    stage_prepare(&stage, &place, NULL);
    worker_start(&stage, &place, &one, NULL);
    for (int64_t i = 0; i < kills; i++) {
        worker_start(&stage, &place, &two, NULL);
        stage_pause(&stage, stage.duration_ms / 2 + 5);
        worker_kill(&two);
        if (i % 3 != 2) continue;
        worker_kill(&one);
        worker_start(&stage, &place, &one, NULL);
    }
    worker_wait(&one, 0);
    stage_compare(&stage, &place);
    place_drop(&stage, &place);
}

static void same_on_both(void **state)
{
    struct place place;
    struct worker w;

    (void)state;
    stage_prepare(&stage, &place, "sqlite");
    worker_start(&stage, &place, &w, NULL);
    worker_wait(&w, 0);
    stage_compare(&stage, &place);
    place_drop(&stage, &place);
}

/* What an operator does who stops the server, or a firewall that forgets a connection. */
static void connections_dropped(void **state)
{
    struct place place;
    bool done = false;

    (void)state;
    stage_prepare(&stage, &place, NULL);
    for (int drops = 0; !done; drops++) {
        struct worker w;

        worker_start(&stage, &place, &w, NULL);
        for (int i = 0; i < 2 && drops < 5; i++) {
            stage_pause(&stage, stage.duration_ms / 4 + 5);
            place_drop_connections(&stage, &place);
        }
        int const status = worker_end(&w);
        if (status != 0 && status != 3) FAIL("exit status %d: %s", status, w.said);
        if (status == 3) CHECK(strstr(w.said, "foyer: "));
        done = status == 0;
    }
    stage_compare(&stage, &place);
    place_drop(&stage, &place);
}

/* A limit on the length of files is a disk that is full, for who writes to it. */
static void disk_full(void **state)
{
    struct limits limits = {0};
    struct place place;
    struct worker w;

    (void)state;
    stage_prepare(&stage, &place, NULL);
    limits.file_bytes = place_bytes(&place) + 64 * 1024;
    for (int i = 0; i < 3; i++, limits.file_bytes += 200 * 1024) {
        worker_start(&stage, &place, &w, &limits);
        worker_wait(&w, 3);
        if (!strstr(w.said, "foyer: ")) FAIL("%s", w.said);
    }
    worker_start(&stage, &place, &w, NULL);
    worker_wait(&w, 0);
    stage_compare(&stage, &place);
    place_drop(&stage, &place);
}

static void read_only(void **state)
{
    struct limits const nobody = {.user = OTHER_USER};
    struct place place;
    struct worker w;

    (void)state;
    stage_prepare(&stage, &place, NULL);
    CHECK(chmod(place.path, 0444) == 0 && chmod(stage.folder, 0755) == 0);
    worker_start(&stage, &place, &w, geteuid() == 0 ? &nobody : NULL);
    worker_wait(&w, 3);
    if (!strstr(w.said, "db.read_only")) FAIL("%s", w.said);
    CHECK(chmod(place.path, 0644) == 0);
    worker_start(&stage, &place, &w, NULL);
    worker_wait(&w, 0);
    stage_compare(&stage, &place);
    place_drop(&stage, &place);
}

static void not_migrated(void **state)
{
    struct place place;
    struct worker w;

    (void)state;
    place_open(&stage, &place, NULL);
    worker_start(&stage, &place, &w, NULL);
    worker_wait(&w, stage.server ? 1 : 3);
    if (!strstr(w.said, "foyer migrate")) FAIL("%s", w.said);
    CHECK(stage.server || access(place.path, F_OK) != 0);
    place_drop(&stage, &place);
}

#define COMMON                                                                                     \
    CASE("B-17 a run of months goes through all kinds of failures", undisturbed),                  \
        CASE("B-11 B-17 killed at random moments and started again, it exports the same", killed), \
        CASE("B-11 B-17 two workers at once export the same", two_at_once),                        \
        CASE("B-11 B-17 two workers of which one is killed export the same",                       \
             two_of_which_one_is_killed),                                                          \
        CASE("a database that is not migrated is said", not_migrated)

int main(void)
{
    const struct CMUnitTest on_sqlite[] = {
        COMMON,
        CASE("B-17 a full disk is said, and changes nothing", disk_full),
        CASE("a read-only database is said", read_only),
    };
    const struct CMUnitTest on_postgresql[] = {
        COMMON,
        CASE("B-17 SQLite and PostgreSQL export the same", same_on_both),
        CASE("B-11 B-17 connections that drop change nothing", connections_dropped),
    };
    const char *server = getenv("FOYER_TEST_DB");

    if (server && *server)
        return cmocka_run_group_tests_name("kill", on_postgresql, set_up, tear_down);
    return cmocka_run_group_tests_name("kill", on_sqlite, set_up, tear_down);
}
