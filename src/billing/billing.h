/* billing: invoices, credit notes, the books, dunning - everything between a due date and the wish
 * to
 * charge somebody. Collecting is payments' matter. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "billing/billing_rules.h"
#include "db/lease.h"
#include "membership/membership.h"

/* The part of the work that one batch may take: accounts of a range of buckets, due on or before a
 * UTC day and before an instant. */
struct shift {
    const struct catalog *catalog;
    const struct machine *machine;
    const struct lease *lease;
    int64_t due_day;  /* UTC day */
    int64_t until_at; /* exclusive */
    bool test_clock;  /* each obligation happens at its own due time, else at cx->now */
    size_t max;       /* memberships in one batch */
};

/* Books the next period of at most max memberships whose renewal is due: invoice, charge and the
 * wish to collect it, in one durable commit. *done counts memberships moved on, skipped ones too.
 */
enum status billing_book_renewals(struct ctx *cx, const struct shift *s, size_t *done) MUST_CHECK;
/* Does every other step that is due (retry, reminder, end of grace, of hold, of a period, …) for at
 * most max memberships, in one commit. */
enum status billing_do_steps(struct ctx *cx, const struct shift *s, size_t *done) MUST_CHECK;

/* What became of one attempt; payments tells it inside its own transaction. */
struct settled {
    int64_t charge_id, account_id, attempt_no, at;
    int64_t amount_minor;
    const char *currency;
    bool renewal_first_try; /* nothing but the charge is concerned: no dunning, no hold */
};
/* Paid: books the money; ends grace or hold where there was one. */
enum status billing_captured(struct ctx *cx, const struct catalog *c, const struct settled *s,
                             size_t n) MUST_CHECK;
/* Every method failed for now: grace, hold or the next retry. `code` is the newest decline's;
 * `retry`: whether trying the same methods again later makes sense, and how soon. */
enum retry_advice { RETRY_NEVER, RETRY_ON_SCHEDULE, RETRY_SOON };
enum status billing_failed(struct ctx *cx, const struct catalog *c, const struct settled *s,
                           const char *code, enum retry_advice retry) MUST_CHECK;
/* The outcome is unknown: a look-up is due after look_up_minutes. */
enum status billing_unknown(struct ctx *cx, const struct settled *s) MUST_CHECK;

/* A usable method came or changed while a payment is failed: one attempt at once (SPEC B-09, E-08).
 * Does nothing in other states. */
enum status billing_try_now(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            int64_t method_id) MUST_CHECK;

/* Ends a membership at the owner's wish (SPEC F-05 to F-07, E-18): ENDING with access until the
 * paid period is over, or at once where nothing paid is left. */
enum status billing_cancel(struct ctx *cx, int64_t account_id, struct membership *out) MUST_CHECK;

/* Recognises the revenue served in a UTC month (year * 12 + month - 1) once its work is done; again
 * is nothing. Revenue is recognised of periods that are paid. */
enum status billing_recognise(struct ctx *cx, int64_t month) MUST_CHECK;

/* The next charge of a membership as billing will make it; *when is its local date. Faults:
 * MEMBERSHIP_UNKNOWN, BILLING_NO_NEXT_CHARGE, the RATE_ faults. */
enum status billing_preview(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            struct rated *out) MUST_CHECK;
extern const struct fault BILLING_NO_NEXT_CHARGE;
