/* throttle: how often somebody may guess or try in a day - by account, device, network or card. The
 * count belongs to the whole system, never to one flow. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

struct throttle {
    const char *what;  /* what is tried: "gift", "match" */
    const char *scope; /* who is counted: account, agent, device, network, card */
    const char *who;   /* which one */
    int64_t max;       /* in a day */
};

/* *over: one of the n has had its tries. */
enum status throttle_over(struct ctx *cx, const struct throttle *t, size_t n,
                          bool *over) MUST_CHECK;
/* One more try of all n, in the caller's transaction; forgets those that are a day old. */
enum status throttle_count(struct ctx *cx, const struct throttle *t, size_t n) MUST_CHECK;
