/* delivery_rules: the table of moves, waits and quiet hours. SPDX-License-Identifier: Apache-2.0 */
#include "notify/delivery_rules.h"

#include "base/calendar.h"

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440 };

const struct names delivery_states =
    NAMES("wanted", "retrying", "sent", "arrived", "bounced", "failed", "stale", "dropped");
const struct names delivery_events =
    NAMES("accepted", "put_off", "refused", "given_up", "late", "untrue", "reported");

/* clang-format off */
static const struct move moves[] = {
    /* from             event         to                 effects */
    {DELIVERY_WANTED,   DEL_ACCEPTED, DELIVERY_SENT,     0},
    {DELIVERY_WANTED,   DEL_PUT_OFF,  DELIVERY_RETRYING, 0},
    {DELIVERY_WANTED,   DEL_REFUSED,  DELIVERY_BOUNCED,  EFFECT_UNREACHABLE | EFFECT_ELSEWHERE},
    {DELIVERY_WANTED,   DEL_GIVEN_UP, DELIVERY_FAILED,   EFFECT_ELSEWHERE},
    {DELIVERY_WANTED,   DEL_LATE,     DELIVERY_STALE,    0},
    {DELIVERY_WANTED,   DEL_UNTRUE,   DELIVERY_DROPPED,  0},
    {DELIVERY_RETRYING, DEL_ACCEPTED, DELIVERY_SENT,     0},
    {DELIVERY_RETRYING, DEL_PUT_OFF,  DELIVERY_RETRYING, 0},
    {DELIVERY_RETRYING, DEL_REFUSED,  DELIVERY_BOUNCED,  EFFECT_UNREACHABLE | EFFECT_ELSEWHERE},
    {DELIVERY_RETRYING, DEL_GIVEN_UP, DELIVERY_FAILED,   EFFECT_ELSEWHERE},
    {DELIVERY_RETRYING, DEL_LATE,     DELIVERY_STALE,    0},
    {DELIVERY_RETRYING, DEL_UNTRUE,   DELIVERY_DROPPED,  0},
    {DELIVERY_SENT,     DEL_REPORTED, DELIVERY_ARRIVED,  0},
    {DELIVERY_SENT,     DEL_REFUSED,  DELIVERY_BOUNCED,  EFFECT_UNREACHABLE | EFFECT_ELSEWHERE},
    {DELIVERY_SENT,     DEL_GIVEN_UP, DELIVERY_FAILED,   EFFECT_ELSEWHERE},
};
/* clang-format on */
const struct fsm delivery_fsm = {"delivery", &delivery_states, &delivery_events, moves,
                                 COUNT(moves)};

int64_t delivery_wait_ms(int64_t attempts)
{
    static const int64_t minutes[] = {1, 5, 15, 60, 180, 360, 720};
    int64_t const last = COUNT(minutes) - 1, i = attempts - 1;

    return minutes[i < 0 ? 0 : i > last ? last : i] * MINUTE_MS;
}

static int64_t local_minute(const struct zone *z, int64_t at)
{
    int64_t const local = at + zone_offset_seconds(z, at) * 1000;

    return (local - divide_down(local, DAY_MS) * DAY_MS) / MINUTE_MS;
}

static bool is_quiet(int64_t minute, int64_t from, int64_t until)
{
    return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

/* Where clocks are changed on the way, minute by minute: the hour may be missing, or come twice. */
static int64_t walk(const struct zone *z, int64_t from, int64_t until, int64_t at)
{
    while (is_quiet(local_minute(z, at), from, until)) at += MINUTE_MS;
    return at;
}

int64_t quiet_over_at(const struct zone *z, int64_t quiet_from, int64_t quiet_until, int64_t at)
{
    int64_t const minute = local_minute(z, at), offset = zone_offset_seconds(z, at);

    if (quiet_from == quiet_until || !is_quiet(minute, quiet_from, quiet_until)) return at;
    int64_t const left = (quiet_until - minute + DAY_MINUTES) % DAY_MINUTES;
    int64_t const begun =
        at - (at + offset * 1000 - divide_down(at + offset * 1000, MINUTE_MS) * MINUTE_MS);
    int64_t const over = begun + left * MINUTE_MS;
    return zone_offset_seconds(z, over) == offset ? over : walk(z, quiet_from, quiet_until, begun);
}
