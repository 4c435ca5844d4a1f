/* promise: what a rule gives back. Of a charge that a bank is taking back it waits until that
 * dispute has ended, as a remedy that is kept (SPEC F-24, I-05, I-06).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/dispute.h"
#include "billing/refund.h"

/* What came of the refunds that a rule gives; summed up from one to the next. */
struct given {
    int64_t refunds, amount_minor; /* ordered now */
    int64_t waits_minor;           /* for the end of a dispute */
};

/* Inside the caller's transaction: gives back at most o->amount_minor, 0 for all that is left.
 * Nothing left is no fault. Faults: those of refund_order but REFUND_DISPUTED. */
enum status promise_refund(struct ctx *cx, const struct refund_order *o,
                           struct given *sum) MUST_CHECK;

/* The dispute has ended, inside the transaction that stores it: what was promised of its charge
 * goes back, less what the bank has given back. */
enum status promise_keep(struct ctx *cx, const struct dispute *d,
                         const struct dispute_ending *e) MUST_CHECK;
