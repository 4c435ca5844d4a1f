/* lock: a takeover is reported, and until the case is solved nothing is charged, restarted or
 * changed in the account's name; the state stands beside it unchanged (SPEC 2.2, L-10). Cancelling
 * stays possible, and outcomes in doubt are still looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"

struct account_lock {
    const char *member;
    int64_t account_id;
    const char *report; /* what was reported, for who looks into it */
};
struct account_unlock {
    const char *member;
    int64_t account_id;
    const char *outcome; /* what came of the case (SPEC I-11) */
};
struct lock_view {
    const char *member;
    bool locked;
    const char *locked_since; /* RFC 3339; '' */
    int64_t state;            /* the membership's, which a lock leaves as it is */
    const char *work;         /* wrk_…: the case that is open; '' when none is */
};

/* Locks, and opens an urgent work item "account.takeover"; again is nothing new. Faults:
 * MEMBERSHIP_UNKNOWN. */
enum status account_lock(struct ctx *cx, const struct account_lock *in,
                         struct lock_view *out) MUST_CHECK;
/* Ends the lock and closes the case. Billing goes on as if the time had not passed: what fell due
 * is done now, but periods that were over are never billed (renewal_skip says account.locked), and
 * grace and hold are longer by the days of the lock. Faults: MEMBERSHIP_UNKNOWN,
 * ACCOUNT_NOT_LOCKED. */
enum status account_unlock(struct ctx *cx, const struct account_unlock *in,
                           struct lock_view *out) MUST_CHECK;

/* Whether a charge waits, unsent, for the end of a lock. */
enum status lock_keeps_wish(struct ctx *cx, const struct account *a, bool *keeps) MUST_CHECK;
