/* delivery_rules: what becomes of a delivery, when it may go out and when it is tried again. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/fsm.h"
#include "base/zone.h"
#include "notify/kind_rules.h"

enum delivery_state {
    DELIVERY_WANTED,
    DELIVERY_RETRYING, /* put off by the provider, or it was not reached */
    DELIVERY_SENT,     /* a provider has accepted it */
    DELIVERY_ARRIVED,  /* and says that it arrived (text messages) */
    DELIVERY_BOUNCED,  /* the address does not exist, or refuses everything (SPEC Y-14) */
    DELIVERY_FAILED,   /* given up after many attempts, or the provider refuses the message */
    DELIVERY_STALE,    /* too late: nobody wants it any more (SPEC Y-13) */
    DELIVERY_DROPPED,  /* not true any more, or no longer agreed to */
};
extern const struct names delivery_states;

enum delivery_event {
    DEL_ACCEPTED,
    DEL_PUT_OFF,
    DEL_REFUSED,
    DEL_GIVEN_UP,
    DEL_LATE,
    DEL_UNTRUE,
    DEL_REPORTED, /* the provider: it arrived */
};
extern const struct names delivery_events;

enum delivery_effect {
    EFFECT_UNREACHABLE = 1, /* the contact is shown as not reachable */
    EFFECT_ELSEWHERE = 2,   /* another channel is tried where that is allowed */
};
extern const struct fsm delivery_fsm;

/* The wait after the n-th failed attempt, n from 1: a minute, growing to half a day. */
int64_t delivery_wait_ms(int64_t attempts);

/* The first minute at or after `at` that lies outside the quiet hours of a person in a zone: local
 * minutes of the day from `quiet_from` up to, not including, `quiet_until`, over midnight where
 * that is smaller; none where both are the same. */
int64_t quiet_over_at(const struct zone *z, int64_t quiet_from, int64_t quiet_until, int64_t at);
