/* quote: what a payment that begins a term was rated with. Its answer may come when the member has
 * chosen otherwise, moved, or been told of another price; the invoice is of what was asked for
 * (SPEC ). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"
#include "db/db.h"

/* Keeps `in` for the charge, in place of what its attempt before was rated with. */
enum status quote_keep(struct ctx *cx, int64_t account_id, int64_t charge_id,
                       const struct rate_in *in) MUST_CHECK;
/* Fills plan, place, slots and prices of *in; anchor and reason are the caller's. */
enum status quote_load(struct ctx *cx, int64_t charge_id, struct rate_in *in) MUST_CHECK;
/* The charge is invoiced: its lines say the same. Of one that is never paid the quote stays, so
 * that it can be explained. */
enum status quote_drop(struct ctx *cx, int64_t account_id, int64_t charge_id) MUST_CHECK;
