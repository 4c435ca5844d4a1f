/* takeover: undoes a restart that was not the owner's, with all its charges, in one transaction
 * (SPEC I-05, F-15). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"

struct undo_restart {
    const char *member;
    int64_t account_id;
    const char *report; /* what happened, for who looks into it */
};
enum undo_outcome {
    UNDO_DONE,
    UNDO_WAITS, /* a payment has no answer yet: the account is locked, and this can be repeated */
};
extern const struct names undo_outcomes;
struct undo_view {
    const char *member;
    int64_t outcome, state;
    bool locked;
    int64_t refunds, amount_minor; /* ordered now */
    int64_t waits_minor;           /* for the end of a dispute */
    const char *currency;
    const char *work; /* wrk_…: the case */
};

extern const struct fault UNDO_NO_RESTART, UNDO_TOO_LATE;

/* Whether the present terms go back to a restart, or one is pending, and whether it can still be
 * undone. */
struct restart_undo {
    bool restarted, recent;
};
enum status takeover_restart_of(struct ctx *cx, const struct membership *m,
                                struct restart_undo *out) MUST_CHECK;

/* One that is held back is stopped. Within undo_days of a restart: orders refunds of all that was
 * paid since, takes back what was not, ends the membership as it had ended, locks the account and
 * opens the case; couriers carry the refunds out. Faults: MEMBERSHIP_UNKNOWN, UNDO_NO_RESTART,
 * UNDO_TOO_LATE and those of refund_order. */
enum status billing_undo_restart(struct ctx *cx, const struct catalog *c,
                                 const struct undo_restart *in, struct undo_view *out) MUST_CHECK;

struct disown_restart {
    const char *code; /* from a letter about a restart */
};
/* The one click of such a letter, "this was not me" (SPEC F-15): whoever has read it need not be
 * signed in. Faults: PROOF_UNKNOWN and those of billing_undo_restart. */
enum status takeover_disown(struct ctx *cx, const struct catalog *c,
                            const struct disown_restart *in, struct undo_view *out) MUST_CHECK;
