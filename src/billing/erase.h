/* erase: the end of the retention time. It is announced, and on the announced date everything
 * personal goes for good; invoices, receipts, the books and consents that must be kept stay behind,
 * reachable by no member's name (SPEC E-06, E-22, F-20).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/dunning.h"

/* Sets what comes next for a membership that has just ended: the announcement, or the deletion that
 * the owner has asked for. Never before `at`. */
void erase_plan(struct trouble *t, int64_t at);
/* STEP_WARN_ERASE: says when everything will be deleted, at least retention_notice_days ahead. */
enum status erase_announce(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
/* STEP_ERASE: erases, and moves to DELETED. Waits a day while money is on its way. */
enum status erase_now(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
/* The messages of all accounts that were erased between two instants, both inclusive. */
enum status erase_messages(struct ctx *cx, int64_t first_at, int64_t last_at) MUST_CHECK;
/* STEP_PURGE: deletes what was kept for books_keep_years and consent_keep_years. */
enum status erase_rest(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;

struct account_delete {
    const char *member;
    int64_t account_id;
};
struct deletion_view {
    const char *member;
    int64_t state;
    const char *erase_on;   /* local date on which everything goes; '' when it is not decided */
    const char *kept_until; /* the end of the retention time; '' before the membership's end */
};

/* Early deletion (SPEC F-20): at the end of the paid period, or, when that is over, after
 * delete_wait_days. Again answers the same. Faults: MEMBERSHIP_UNKNOWN, ACCOUNT_LOCKED,
 * ACCOUNT_NOT_ENDED. */
enum status account_delete(struct ctx *cx, const struct account_delete *in,
                           struct deletion_view *out) MUST_CHECK;
/* Takes it back, as a restart and an undone cancel do. Faults: MEMBERSHIP_UNKNOWN,
 * ACCOUNT_NO_DELETION. */
enum status account_undo_delete(struct ctx *cx, const struct account_delete *in,
                                struct deletion_view *out) MUST_CHECK;
