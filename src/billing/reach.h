/* reach: how far credit goes, by the rating that bills (SPEC J-08), and what is paid from it at
 * once. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "billing/dunning.h"
#include "billing/errand.h"

struct reach {
    int64_t balance_minor;
    int64_t until_day; /* the last day that credit pays in whole periods (SPEC F-10); 0: none */
    int64_t
        short_day; /* when the first charge falls due that it does not cover; 0: none is known */
    int64_t short_minor; /* what is missing then */
};
/* For a membership whose next charge is planned; else the balance alone. */
enum status reach_of(struct ctx *cx, const struct catalog *c, int64_t account_id,
                     struct reach *out) MUST_CHECK;

/* What credit pays of the next charge; of one that is unpaid in grace it has paid some already. */
enum status reach_next(struct ctx *cx, const struct trouble *t, const struct rated *next,
                       int64_t *credit_minor) MUST_CHECK;

/* The first day that credit does not pay any more when it pays whole periods from a first one on;
 * 0: not even that one. */
int64_t reach_end_day(const struct catalog *c, const struct rate_in *first, int64_t credit_minor);

/* Credit came while a payment is failed: where it pays all that is open, that is wanted at once
 * (SPEC E-14), in the caller's transaction. Nothing in other states or while an attempt is in
 * flight. */
enum status reach_release(struct ctx *cx, const struct catalog *c, int64_t account_id) MUST_CHECK;

/* The errand: looks at the next charge gift_low_notice_days before it falls due and tells the owner
 * when credit will not cover it (SPEC J-09); then at the one after, while there is credit. */
enum status reach_watch(struct ctx *cx, const struct catalog *c, const struct errand *e,
                        int64_t at) MUST_CHECK;
/* Credit has come, or a term has begun with some: watches it from now on. */
enum status reach_watch_from(struct ctx *cx, int64_t account_id, int64_t at) MUST_CHECK;
