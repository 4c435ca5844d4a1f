/* reach: how far credit goes, by the rating that bills (SPEC J-08), and what is paid from it at
 * once. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"

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

/* Credit came while a payment is failed: where it pays all that is open, that is wanted at once
 * (SPEC E-14), in the caller's transaction. Nothing in other states or while an attempt is in
 * flight. */
enum status reach_release(struct ctx *cx, const struct catalog *c, int64_t account_id) MUST_CHECK;
