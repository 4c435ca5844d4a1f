/* billing: invoices, credit notes, the books, dunning - everything between a due date and the wish
 * to
 * charge somebody. Collecting is payments' matter. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "billing/biller.h"
#include "billing/billing_rules.h"
#include "billing/cancel.h"
#include "billing/change.h"
#include "billing/charge_list.h"
#include "billing/dispute.h"
#include "billing/erased.h"
#include "billing/explain.h"
#include "billing/gift.h"
#include "billing/held.h"
#include "billing/move.h"
#include "billing/overview.h"
#include "billing/pause.h"
#include "billing/receipt.h"
#include "billing/refund.h"
#include "billing/report.h"
#include "billing/retire.h"
#include "billing/slot.h"
#include "billing/temporary.h"
#include "db/lease.h"
#include "export_sql.h"
#include "membership/membership.h"

/* The part of the work that one batch may take: accounts of a range of buckets, due on or before a
 * UTC day and before an instant. */
struct shift {
    const struct catalog *catalog;
    const struct machine *machine;
    const struct lease *lease; /* NULL: one account by hand, beside the workers */
    int64_t only_account;      /* with no lease: whose; else 0 */
    int64_t due_day;           /* UTC day */
    int64_t until_at;          /* exclusive */
    bool test_clock;           /* each obligation happens at its own due time, else at cx->now */
    size_t max;                /* memberships in one batch */
};

/* Books the next period of at most max memberships whose renewal is due: invoice, charge and the
 * wish to collect it, in one durable commit. *done counts memberships moved on, skipped ones too.
 */
enum status billing_book_renewals(struct ctx *cx, const struct shift *s, size_t *done) MUST_CHECK;
/* Does every other step that is due (retry, reminder, end of grace, of hold, of a period, …) for at
 * most max memberships, in one commit. */
enum status billing_do_steps(struct ctx *cx, const struct shift *s, size_t *done) MUST_CHECK;

/* Who issues documents: the catalog that prices come from and the worker's number series. */
struct issuer {
    const struct catalog *catalog;
    int64_t series;
};
enum { SERIES_BY_HAND = BUCKETS }; /* of documents that no worker issues */

/* Runs the errands that are due, at most max of them, in one commit. */
enum status billing_do_errands(struct ctx *cx, const struct shift *s, size_t *done) MUST_CHECK;
/* The first UTC day on which an errand is due before an instant; 0: none. Of a lease's range, or of
 * everybody when l is NULL. */
enum status billing_first_errand(struct ctx *cx, const struct lease *l, int64_t until_at,
                                 int64_t *day) MUST_CHECK;

/* A charge as it was read before its attempt was sent. Where another worker has answered it since,
 * what is told of it is late, and refused with E_BUSY: all is read anew. */
struct charge_seen {
    int64_t state, attempts;
};

/* What became of one attempt; payments tells it inside its own transaction. `at` is when: the time
 * of the capture, of the decline's answer, or of the doubt. */
struct settled {
    int64_t charge_id, account_id, at;
    int64_t attempts; /* begun so far, this one included */
    int64_t known_at; /* when we learned of it: after a lost reply later than `at` */
    struct charge_seen seen;
};
/* A plain renewal that was paid at the first try, with what its receipt says. */
struct receipt {
    struct settled settled;
    int64_t amount_minor, credit_minor, next_day, next_minor;
    const char *currency, *next_currency;
};
/* Paid at the first try: books the money and writes the receipts, all in bulk. */
enum status billing_captured_all(struct ctx *cx, const struct receipt *r, size_t n) MUST_CHECK;
/* Paid after trouble: also ends grace or hold (SPEC E-16). */
enum status billing_captured(struct ctx *cx, const struct issuer *by,
                             const struct settled *s) MUST_CHECK;
/* Every method failed for now: grace, hold or the wait for the next retry. `code` is the newest
 * decline's; soon: a technical failure that is worth a quick retry. */
enum status billing_failed(struct ctx *cx, const struct issuer *by, const struct settled *s,
                           const char *code, bool soon) MUST_CHECK;
/* The code where there are methods and none may be used; and why nothing was even tried. */
#define METHOD_UNUSABLE "method.unusable"
#define HELD_BY_DISPUTE "dispute"
/* The outcome is unknown: nothing but look-ups happens until it is known. */
enum status billing_unknown(struct ctx *cx, const struct issuer *by,
                            const struct settled *s) MUST_CHECK;

/* Whether a charge is what is left of a start, restart or resume that fell back: its payment is in
 * doubt, and should it come after all, it goes back by itself (SPEC 2.2). Or of a purchase in a
 * membership that has been paused or has ended since, which is not charged (SPEC F-07). */
bool billing_given_up(enum membership_state state, int64_t term, enum charge_kind kind,
                      int64_t charge_term);

/* Decides the next attempt of a charge in the round that is being settled: which method, and that
 * it is the `attempts`-th. Credit that has come meanwhile pays first; where it pays all there is no
 * attempt. */
struct intent {
    int64_t charge_id, account_id, method_id, attempts, at;
    enum recovery recovery; /* what its success would be */
    struct charge_seen seen;
};
enum status billing_intend(struct ctx *cx, const struct intent *i) MUST_CHECK;

/* A usable method came or changed while a payment is failed: one attempt at once (SPEC B-09, E-08).
 * Does nothing in other states. */
enum status billing_try_now(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            int64_t method_id) MUST_CHECK;

/* Ends a membership at the owner's wish (SPEC F-05 to F-07, E-18): ENDING with access until the
 * paid period is over, or at once where nothing paid is left. */
enum status billing_cancel(struct ctx *cx, const struct catalog *c, int64_t account_id,
                           struct membership *out) MUST_CHECK;

/* Makes a membership that has none of its periods PENDING (SPEC 2.2). Faults:
 * MEMBERSHIP_NOT_NOW, BILLING_PAYMENT_IN_FLIGHT, the RATE_ faults. */
enum status billing_start(struct ctx *cx, const struct catalog *c, int64_t account_id) MUST_CHECK;
/* Takes up a membership that was cancelled, with another plan unless it is NULL; all contacts learn
 * of it (SPEC F-12 to F-15). A plan that is retired is nobody's any more (SPEC A-10). Faults
 * beside those: MEMBERSHIP_RETENTION_OVER, RETIRE_PLAN_OVER, MEMBERSHIP_PROOF_NEEDED,
 * MEMBERSHIP_PARTNER_BILLED. */
enum status billing_restart(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            const char *plan) MUST_CHECK;
extern const struct fault RETIRE_PLAN_OVER;
/* Before the end of an ENDING membership: it goes on as before, with the same anchor. Faults:
 * MEMBERSHIP_NOT_NOW, MEMBERSHIP_PARTNER_BILLED. */
enum status billing_undo_cancel(struct ctx *cx, const struct catalog *c,
                                int64_t account_id) MUST_CHECK;

/* The same with the choice of SPEC F-10. With credit the periods go on for as long as it pays them
 * whole; no method is charged. Faults beside those: MEMBERSHIP_NO_CREDIT when it pays not even the
 * next one. */
enum cancel_until { UNTIL_PERIOD_END, UNTIL_CREDIT };
extern const struct names cancel_untils;
enum status billing_cancel_until(struct ctx *cx, const struct catalog *c, int64_t account_id,
                                 enum cancel_until until, struct membership *out) MUST_CHECK;
/* Plans to ask, at `at`, every member who pays and has not watched for the set time (SPEC B-15). */
enum status billing_find_unused(struct ctx *cx, int64_t at) MUST_CHECK;
/* The member watches, or says that it stays: nothing is asked any more. */
enum status billing_is_used(struct ctx *cx, int64_t account_id) MUST_CHECK;

/* Recognises the revenue served in a UTC month (year * 12 + month - 1) once its work is done; again
 * is nothing. Revenue is recognised of periods that are paid. */
enum status billing_recognise(struct ctx *cx, int64_t month) MUST_CHECK;
/* The same for every month that has ended by an instant before which everything is done, and
 * nothing is on its way. */
enum status billing_recognise_until(struct ctx *cx, int64_t done_until_at) MUST_CHECK;
/* Of an instant before which nothing is due: before when nothing is being collected, either. Asked
 * in the snapshot that said so: what is collected now may be due again next. */
enum status billing_collected_until(struct ctx *cx, int64_t at, int64_t *until_at) MUST_CHECK;
/* The end of the newest month that is closed; 0: none is. */
enum status billing_closed_until(struct ctx *cx, int64_t *at) MUST_CHECK;

/* The next charge of a membership as billing will make it; on hold without a retry to come, as it
 * would be if it were paid today. Faults: MEMBERSHIP_UNKNOWN, BILLING_NO_NEXT_CHARGE, the RATE_
 * faults. */
enum status billing_preview(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            struct rated *out) MUST_CHECK;
extern const struct fault BILLING_NO_METHOD, BILLING_NO_RETRY, BILLING_DISPUTED;
/* Why that charge, of what is unpaid, does not come by itself; *why is NULL where it does: a retry
 * or an answer is to come, and there is something to charge for what credit leaves to a method. */
enum status billing_waits(struct ctx *cx, const struct membership *m, int64_t method_minor,
                          const struct fault **why) MUST_CHECK;
/* How long a membership lasts if nothing is paid any more: when the next charge is tried, and the
 * first local date without access; 0: no charge is planned, or there is no access to lose. */
enum status billing_unpaid_until(struct ctx *cx, const struct catalog *c, int64_t account_id,
                                 int64_t *charge_day, int64_t *until_day) MUST_CHECK;
extern const struct fault BILLING_NO_NEXT_CHARGE, BILLING_PAYMENT_IN_FLIGHT;

/* The first UTC day, from_day (above 0) or later, on which anything is due before an instant; 0:
 * none. Of a lease's range, or of everybody when l is NULL. */
enum status billing_first_due(struct ctx *cx, const struct lease *l, int64_t from_day,
                              int64_t until_at, int64_t *day) MUST_CHECK;
