/* settle: the parts of settling that payments which begin a term share. Billing's own.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/dunning.h"

/* The charge's attempt is answered: nothing more is wanted of it for now. */
enum status settle_unwant(struct ctx *cx, int64_t charge_id) MUST_CHECK;
/* Books the money. */
enum status settle_book(struct ctx *cx, const struct charge *c, const struct settled *s) MUST_CHECK;
/* Why there is a new term. */
struct term_begin {
    const char *term_cause;  /* joined, restarted, resumed, recovered */
    enum charge_cause cause; /* of the invoice */
    bool first;              /* the first term ever */
    int64_t at;
};
/* Invoices period 0 of a charge that has begun a term, as rated on the day of its attempt (*in);
 * the period starts on the local date of the payment. */
enum status settle_invoice(struct ctx *cx, const struct issuer *by, const struct trouble *t,
                           const struct charge *c, const struct term_begin *b, struct rate_in *in,
                           struct rated *r) MUST_CHECK;
/* Invoices it and begins the term: the anchor is the day of payment (SPEC B-02, E-16); what was
 * unpaid before is taken back. */
enum status settle_begin_term(struct ctx *cx, const struct issuer *by, struct trouble *t,
                              const struct charge *c, const struct term_begin *b) MUST_CHECK;
