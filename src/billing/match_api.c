/* match_api: the op that tells what a line of a statement is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/match.h"
#include "http/op.h"

/* clang-format off */
static const struct field match_fields[] = {
    TEXT(struct charge_match, on, 10, 10, "The date on the statement: 2026-01-31."),
    INT(struct charge_match, amount_minor, 1, INT64_C(1000000000000), "Exactly as it says there."),
    TEXT(struct charge_match, currency, 3, 3, "ISO 4217."),
    TEXT(struct charge_match, last4, 4, 4, "The last four digits of the card's number."),
    TEXT(struct charge_match, descriptor, 1, 100, "The words on the statement."),
    TEXT_OPT(struct charge_match, locale, 2, 35, "Of the answer's text."),
};
static const struct shape match_shape = SHAPE(charge_match, match_fields);

static const struct field answer_fields[] = {
    ENUM(struct match_answer, kind, match_kinds,
         "account: one that can be recovered; partner: one that bills for us; else none."),
    TEXT(struct match_answer, text, 0, 0, "The same in words."),
    TEXT(struct match_answer, next_step, 0, 0, "Where to go on."),
};
static const struct shape answer_shape = SHAPE(match_answer, answer_fields);

OP_RUN_CATALOG(charge_match, struct charge_match, struct match_answer)

static const struct op ops[] = {
    {
        .id = "charge.match",
        .method = "POST",
        .path = "/charges/match",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_EXTRA) |
                MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Say what kind of charge a line of a bank statement is; details go to the "
                   "account's own contact.",
        .in = &match_shape,
        .out = &answer_shape,
        .action = ACTION_CHARGE_MATCH,
        .faults = FAULTS(&MATCH_DATE, &MATCH_LAST4, &MATCH_TRIES),
        .writes = true,
        .run = run_charge_match,
    },
};
/* clang-format on */
const struct ops match_ops = {COUNT(ops), ops};
