/* dispute_api: the ops about charges that banks take back. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/dispute.h"
#include "http/op.h"

/* clang-format off */
static const struct field open_fields[] = {
    MEMBER_FIELD(struct dispute_open),
    TEXT(struct dispute_open, charge, 1, 40, "The charge (chg_…) or document (inv_…)."),
    TEXT_OPT(struct dispute_open, reason, 1, 200, "As the provider spells it."),
};
static const struct shape open_shape = SHAPE(dispute_open, open_fields);

static const struct field close_fields[] = {
    MEMBER_FIELD(struct dispute_close),
    TEXT(struct dispute_close, charge, 1, 40, "The charge (chg_…) or document (inv_…)."),
    ENUM(struct dispute_close, outcome, dispute_outcomes, "For us: won, or lost."),
};
static const struct shape close_shape = SHAPE(dispute_close, close_fields);

static const struct field view_fields[] = {
    TEXT(struct dispute_view, dispute, 0, 0, "dsp_…"),
    TEXT(struct dispute_view, charge, 0, 0, "chg_…"),
    ENUM(struct dispute_view, state, dispute_states, NULL),
    INT(struct dispute_view, amount_minor, 0, 0, "What the bank took: the part not given back."),
    TEXT(struct dispute_view, currency, 0, 0, NULL),
    TEXT(struct dispute_view, reason, 0, 0, NULL),
    TEXT(struct dispute_view, opened_at, 0, 0, NULL),
    TEXT(struct dispute_view, closed_at, 0, 0, "Empty while it is open."),
};
static const struct shape view_shape = SHAPE(dispute_view, view_fields);

OP_RUN(dispute_report, struct dispute_open, struct dispute_view)
OP_RUN(dispute_settle, struct dispute_close, struct dispute_view)

static const struct op ops[] = {
    {
        .id = "dispute.open",
        .method = "POST",
        .path = "/accounts/{member}/disputes",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Note that a bank takes a charge back; nothing is retried meanwhile.",
        .in = &open_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct dispute_open),
        .faults = FAULTS(&DISPUTE_CHARGE_UNKNOWN, &DISPUTE_NOT_PAID),
        .writes = true,
        .run = run_dispute_report,
    },
    {
        .id = "dispute.close",
        .method = "POST",
        .path = "/accounts/{member}/disputes/{charge}/close",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Note how a dispute ended: the money comes back, or a credit note is written.",
        .in = &close_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct dispute_close),
        .faults = FAULTS(&DISPUTE_CHARGE_UNKNOWN, &DISPUTE_UNKNOWN, &DISPUTE_OVER),
        .writes = true,
        .run = run_dispute_settle,
    },
};
/* clang-format on */
const struct ops dispute_ops = {COUNT(ops), ops};
