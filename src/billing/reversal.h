/* reversal: a credit note for a part of a paid invoice. It takes revenue back over the days it
 * names, as an invoice earns it over its own, so that later months come out right by themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"
#include "db/db.h"
#include "reversal_sql.h" /* struct reversal_base: a paid invoice */

struct reversal {
    const struct reversal_base *invoice;
    int64_t before_minor; /* of its total, taken back by earlier reversals */
    int64_t amount_minor; /* above 0, with tax; no more than is left */
    enum charge_cause cause;
    int64_t from_day, until_day; /* the days it takes back; both 0: the whole period */
    const char *book;            /* what it is owed to: BOOK_REFUNDS, BOOK_DISPUTES */
    int64_t series, at;
};

/* Writes it with its lines, number and entries, inside the caller's transaction. Tax is taken back
 * in proportion, the last part takes the remainder, so that all parts add up to the invoice. */
enum status reversal_add(struct ctx *cx, const struct reversal *r,
                         int64_t *credit_note_id) MUST_CHECK;
