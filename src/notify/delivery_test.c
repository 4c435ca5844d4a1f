/* delivery_test: the table of moves, the waits, and quiet hours beside a slow oracle.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/delivery_rules.h"

#include <string.h>

#include "base/calendar.h"
#include "base/test.h"

static void the_table_is_sound(void **state)
{
    (void)state;
    CHECK(fsm_defect(&delivery_fsm) == NULL);
    /* Whatever is over stays over, but for what a provider reports of what it had accepted. */
    for (unsigned e = 0; e < delivery_events.n; e++)
        for (unsigned s = DELIVERY_ARRIVED; s < delivery_states.n; s++)
            CHECK(fsm_move(&delivery_fsm, s, e) == NULL);
    CHECK(fsm_move(&delivery_fsm, DELIVERY_SENT, DEL_ACCEPTED) == NULL); /* not twice */
    CHECK(fsm_move(&delivery_fsm, DELIVERY_WANTED, DEL_REFUSED)->effects ==
          (EFFECT_UNREACHABLE | EFFECT_ELSEWHERE));
}

static void waits_grow(void **state)
{
    (void)state;
    CHECK(delivery_wait_ms(1) == 60000);
    for (int64_t n = 1; n < 30; n++) CHECK(delivery_wait_ms(n) <= delivery_wait_ms(n + 1));
    CHECK(delivery_wait_ms(100) == 12 * 3600000);
}

static const struct zone *zone(const char *name)
{
    struct error e;
    const struct zone *z;

    CHECK(zone_find(name, &z, &e) == OK);
    return z;
}

/* What a person sees on the wall, minute by minute. */
static bool is_quiet(const struct zone *z, int64_t from, int64_t until, int64_t at)
{
    int64_t const local = at + zone_offset_seconds(z, at) * 1000;
    int64_t const minute = ((local % DAY_MS + DAY_MS) % DAY_MS) / 60000;

    for (int64_t m = from; m != until; m = (m + 1) % 1440)
        if (m == minute) return true;
    return false;
}

static int64_t oracle(const struct zone *z, int64_t from, int64_t until, int64_t at)
{
    int64_t const local = at + zone_offset_seconds(z, at) * 1000;

    if (!is_quiet(z, from, until, at)) return at;
    at -= (local % 60000 + 60000) % 60000;
    while (is_quiet(z, from, until, at)) at += 60000;
    return at;
}

static void as_the_clock_on_the_wall(void **state)
{
    static const char *const zones[] = {"UTC",          "Europe/Berlin",       "America/New_York",
                                        "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns",
                                        "Asia/Tokyo"};
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const struct zone *z = zone(zones[(seed >> 33) % COUNT(zones)]);
        int64_t const from = (int64_t)(seed >> 20) % 1440, hours = (int64_t)(seed >> 12) % 700;
        int64_t const until = (from + (i % 10 ? hours : 0)) % 1440;
        int64_t at = INT64_C(1700000000000) + (int64_t)(seed >> 25) % (2 * 365 * DAY_MS);
        /* every third near a change of clocks: 2024-03-31 01:00 and 2024-10-27 01:00 UTC */
        if (i % 3 == 0)
            at = INT64_C(1711846800000) + (i % 2) * INT64_C(18144000000) - 8 * 3600000 +
                 (int64_t)(seed >> 30) % (12 * 3600000);
        int64_t const is = quiet_over_at(z, from, until, at), wanted = oracle(z, from, until, at);
        if (is != wanted)
            FAIL("%s, %lld to %lld, at %lld: %lld, not %lld", zone_name(z), (long long)from,
                 (long long)until, (long long)at, (long long)is, (long long)wanted);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-13 Y-14 the moves of a delivery are a sound table", the_table_is_sound),
        CASE("Y-14 the waits between attempts grow to half a day", waits_grow),
        CASE("Y-15 quiet hours are those of the clock on the person's wall",
             as_the_clock_on_the_wall),
    };
    return RUN_CASES("delivery", cases);
}
