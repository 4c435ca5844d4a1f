/* intake: takes over members who were billed elsewhere until now, a batch in one transaction. The
 * same batch again changes nothing, so an import that was killed is simply run again.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "db/db.h"
#include "payments/gateways/gateway.h"
#include "payments/intake_rules.h"

extern const struct fault MEMBER_DUPLICATE, MEMBER_DIFFERS;

enum intake_outcome {
    INTAKE_REJECTED,
    INTAKE_IMPORTED,
    INTAKE_UNCHANGED, /* imported before, with the same content */
    INTAKE_UPDATED,
    INTAKE_OUTCOMES,
};
extern const struct names intake_outcomes;

struct intake_result {
    enum intake_outcome outcome;
    struct error why; /* of a reject */
};

struct intake {
    struct intake_terms terms;
    struct gateway *gateway; /* tells what a token stands for; may be NULL when no row has one */
    bool test_clock;         /* a member of ours without a method gets tok_visa */
    bool update;             /* members whose content differs are changed, as far as is safe */
    bool dry_run;            /* only tell what would be done */
    bool look_first;         /* kept between batches: the last one held members we have already */
};

/* The row of somebody new. */
struct account_add_all_in intake_account(const struct newcomer *m, int64_t account_id, int64_t now);

/* Imports n rows, no external_id twice, and tells what became of each: active, everything before
 * the first charge paid (SPEC B-14), the next renewal due where newcomer_place says. Those whom a
 * partner bills are stored and never due (SPEC B-07). Methods are kept as the gateway describes
 * them (SPEC C-18), the first as the primary (C-01), the others as backups in order (C-11); each
 * must be accepted in the country.
 *
 * With `update` a member whose row has changed gets its new email, name, locale, region, time zone
 * (for the next period) and methods, where the row has a value; new methods are tried at once while
 * a payment is failed (B-09). Plan, country, dates and biller are no matter of an import:
 * MEMBER_DIFFERS. Who was erased is not brought back: MEMBER_ERASED.
 *
 * A failure is of the database or the gateway; nothing of the batch was done then. */
enum status intake_members(struct ctx *cx, struct intake *in, const struct intake_row *rows,
                           size_t n, struct intake_result *results) MUST_CHECK;
