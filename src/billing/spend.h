/* spend: credit pays before any method does (SPEC J-03, J-04). An invoice stays whole: a charge
 * keeps beside what credit paid of it (credit_minor) the rest that a method is to pay
 * (amount_minor). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/credit.h"
#include "charge_sql.h"
#include "spend_sql.h"

/* What a batch of renewals takes from credit. */
struct spending {
    const struct credit_left *left; /* of the members in the batch who have credit */
    size_t n_left, n;
    struct credit_add_all_in *entries;
    struct ledger_entry_add_all_in *journal;
    struct credit_mark_all_in *marks;
};
/* Reads the balances of the members of `due` who have credit: one query, and none where nobody has.
 * `in` says which members are due. */
enum status spending_begin(struct ctx *cx, struct spending *s, const struct credit_left_due_in *in,
                           size_t due, bool anybody) MUST_CHECK;
/* How much of an invoice the member's credit pays; 0 for credit in another currency. */
enum status spending_add(struct ctx *cx, struct spending *s, const struct credit_move *invoice,
                         int64_t *paid_minor) MUST_CHECK;
enum status spending_write(struct ctx *cx, const struct spending *s) MUST_CHECK;

/* The same for one charge that is about to be tried: moves what credit can pay from *c's amount to
 * its credit and stores both. */
enum status spend_take(struct ctx *cx, struct charge *c, int64_t at) MUST_CHECK;
/* Gives back what a charge took, because its invoice is taken back or was never made. */
enum status spend_give_back(struct ctx *cx, int64_t account_id, int64_t charge_id,
                            int64_t at) MUST_CHECK;
/* The same for a charge that failed and is not invoiced: all of it is for a method again. */
enum status spend_undo(struct ctx *cx, struct charge *c, int64_t at) MUST_CHECK;
