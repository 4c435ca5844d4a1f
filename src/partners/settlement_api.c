/* settlement_api: the ops of partners' statements. SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"
#include "http/op.h"
#include "partners/partners.h"
#include "partners/settlement.h"

/* clang-format off */
static const struct field tell_fields[] = {
    TEXT(struct settlement_tell, partner, 1, 40, "Its code in the catalog."),
    TEXT(struct settlement_tell, month, 7, 7, "The statement's, like 2024-02."),
    TEXT(struct settlement_tell, line, 1, 80, "The partner's own number, once per statement."),
    TEXT_OPT(struct settlement_tell, reference, 1, 120, "Of an event that the partner told."),
    TEXT_OPT(struct settlement_tell, member, 1, 200, "External id or mem_…."),
    TEXT(struct settlement_tell, period_start, 10, 10, "Of the period that is paid."),
    INT(struct settlement_tell, amount_minor, -INT64_C(1000000000000), INT64_C(1000000000000),
        "What the partner pays us; below 0 it takes a payment back."),
    TEXT(struct settlement_tell, currency, 3, 3, "ISO 4217."),
};
static const struct shape tell_shape = SHAPE(settlement_tell, tell_fields);

static const struct field answer_fields[] = {
    TEXT(struct settlement_answer, line, 0, 0, "stl_…"),
    ENUM(struct settlement_answer, finding, settlement_findings, "What it was found to be."),
    BOOL(struct settlement_answer, known, "It was told before; nothing was done now."),
    TEXT(struct settlement_answer, member, 0, 0, "mem_…; '' when nobody was found."),
    INT(struct settlement_answer, amount_minor, 0, 0, NULL),
    INT(struct settlement_answer, expected_minor, 0, 0, "The partner's share of the plan's price."),
    TEXT(struct settlement_answer, currency, 0, 0, NULL),
    TEXT(struct settlement_answer, work, 0, 0, "wrk_…: what a person must look at; ''."),
};
static const struct shape answer_shape = SHAPE(settlement_answer, answer_fields);

static const struct field ask_fields[] = {
    TEXT(struct settlement_ask, partner, 1, 40, "Its code in the catalog."),
    TEXT(struct settlement_ask, month, 7, 7, "The statement's, like 2024-02."),
};
static const struct shape ask_shape = SHAPE(settlement_ask, ask_fields);

static const struct field closed_fields[] = {
    TEXT(struct settlement_closed, partner, 0, 0, NULL),
    TEXT(struct settlement_closed, month, 0, 0, NULL),
    INT(struct settlement_closed, missing, 0, 0, "Periods without a line, found by this call."),
    BOOL(struct settlement_closed, more, "There may be more: call it again."),
};
static const struct shape closed_shape = SHAPE(settlement_closed, closed_fields);

static const struct field sum_fields[] = {
    ENUM(struct settlement_sum, finding, settlement_findings, NULL),
    TEXT(struct settlement_sum, currency, 0, 0, NULL),
    INT(struct settlement_sum, lines, 0, 0, NULL),
    INT(struct settlement_sum, amount_minor, 0, 0, "Paid by the partner."),
    INT(struct settlement_sum, expected_minor, 0, 0, "Owed by it."),
};
static const struct shape sum_shape = SHAPE(settlement_sum, sum_fields);

static const struct field view_fields[] = {
    TEXT(struct settlement_view, partner, 0, 0, NULL),
    TEXT(struct settlement_view, month, 0, 0, NULL),
    TEXT(struct settlement_view, closed_at, 0, 0, "'' while lines may come."),
    INT(struct settlement_view, mismatches, 0, 0, "Lines that a person must look at, or has."),
    LIST(struct settlement_view, sums, n, sum_shape, "By finding and currency."),
};
static const struct shape view_shape = SHAPE(settlement_view, view_fields);

OP_RUN_CATALOG(settlement_tell, struct settlement_tell, struct settlement_answer)
OP_RUN_CATALOG(settlement_close, struct settlement_ask, struct settlement_closed)
OP_RUN_CATALOG(settlement_reconcile, struct settlement_ask, struct settlement_view)

static const struct op ops[] = {
    {
        .id = "partner.settlement",
        .method = "POST",
        .path = "/partners/{partner}/settlements/{month}/lines",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Take a line of a partner's monthly statement, and say what it is found to be.",
        .in = &tell_shape,
        .out = &answer_shape,
        .faults = FAULTS(&PARTNER_UNKNOWN, &PARTNER_DATE, &SETTLEMENT_MONTH, &SETTLEMENT_WHOSE,
                         &SETTLEMENT_LINE_REUSED, &CURRENCY_UNKNOWN),
        .writes = true,
        .run = run_settlement_tell,
    },
    {
        .id = "partner.settlement_close",
        .method = "POST",
        .path = "/partners/{partner}/settlements/{month}/close",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Say that a statement has been told whole: find the periods it lacks.",
        .in = &ask_shape,
        .out = &closed_shape,
        .faults = FAULTS(&PARTNER_UNKNOWN, &SETTLEMENT_MONTH),
        .writes = true,
        .run = run_settlement_close,
    },
    {
        .id = "partner.reconciliation",
        .method = "GET",
        .path = "/partners/{partner}/settlements/{month}",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show how a partner's month reconciles: what fits, and what does not.",
        .in = &ask_shape,
        .out = &view_shape,
        .faults = FAULTS(&PARTNER_UNKNOWN, &SETTLEMENT_MONTH),
        .run = run_settlement_reconcile,
    },
};
/* clang-format on */
const struct ops settlement_ops = {COUNT(ops), ops};
