/* remedy_api: the ops that ask for refunds and decide on them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/remedy.h"
#include "http/op.h"
#include "policy/reasons_rules.h"

/* clang-format off */
static const struct field ask_fields[] = {
    MEMBER_FIELD(struct remedy_ask),
    TEXT_OPT(struct remedy_ask, charge, 1, 40,
             "The charge (chg_…) or document (inv_…); left out only where a partner bills."),
    ENUM(struct remedy_ask, circumstance, refund_circumstances, "Why."),
    INT_OPT(struct remedy_ask, amount_minor, 1, 1000000000000, "Left out: what the rule gives."),
    {"to", F_ENUM, offsetof(struct remedy_ask, to), OPTIONAL, 0, 0, &refund_targets,
     "method (the one that paid; also when left out) or credit.", NULL, 0},
    {"wanted", F_ENUM, offsetof(struct remedy_ask, wanted), OPTIONAL, 0, 0, &remedy_wanteds,
     "What should come of it.", NULL, 0},
    TEXT_OPT(struct remedy_ask, note, 1, 2000, "For the record."),
};
static const struct shape ask_shape = SHAPE(remedy_ask, ask_fields);

static const struct field approve_fields[] = {
    MEMBER_FIELD(struct remedy_approve),
    TEXT(struct remedy_approve, remedy, 1, 40, "Which request: rem_…."),
    BOOL_OPT(struct remedy_approve, decline, "Refuse it instead."),
};
static const struct shape approve_shape = SHAPE(remedy_approve, approve_fields);

static const struct field view_fields[] = {
    TEXT(struct remedy_view, remedy, 0, 0, "rem_…: this decision."),
    TEXT(struct remedy_view, charge, 0, 0, "chg_…"),
    TEXT(struct remedy_view, refund, 0, 0, "rfd_…; '' while none is ordered."),
    TEXT(struct remedy_view, work, 0, 0, "wrk_…; '' when no person has to look at it."),
    ENUM(struct remedy_view, outcome, remedy_outcomes, "What came of it."),
    ENUM(struct remedy_view, circumstance, refund_circumstances, NULL),
    INT(struct remedy_view, amount_minor, 0, 0, "Given back, or to be expected."),
    ENUM(struct remedy_view, to, refund_targets, NULL),
    TEXT(struct remedy_view, currency, 0, 0, NULL),
    TEXT(struct remedy_view, rule, 0, 0, "The rule that was applied."),
    TEXT(struct remedy_view, reason, 0, 0, "It in one plain sentence."),
    TEXT(struct remedy_view, target_by, 0, 0, "When a person answers what is urgent; ''."),
    TEXT(struct remedy_view, link, 0, 0, "Where a partner is asked; ''."),
    TEXT(struct remedy_view, consumer_body, 0, 0,
         "Whom members of the country can turn to while it is open; ''."),
    TEXT(struct remedy_view, consumer_link, 0, 0, "Where that is; ''."),
};
static const struct shape view_shape = SHAPE(remedy_view, view_fields);

OP_RUN_CATALOG(remedy_give, struct remedy_ask, struct remedy_view)
OP_RUN_CATALOG(remedy_request, struct remedy_ask, struct remedy_view)
OP_RUN(remedy_approve, struct remedy_approve, struct remedy_view)

static const struct op ops[] = {
    {
        .id = "charge.refund",
        .method = "POST",
        .path = "/accounts/{member}/refunds",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Give a charge back, as far as the rule for the circumstance allows.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct remedy_ask),
        .action = ACTION_REFUND,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &REMEDY_CHARGE_MISSING, &REMEDY_ABOVE_RULE,
                         &REFUND_CHARGE_UNKNOWN, &REFUND_NOT_PAID, &REFUND_TOO_MUCH,
                         &REFUND_NOTHING_LEFT, &REFUND_DISPUTED, &REFUND_CHANGED, &CREDIT_CURRENCY),
        .writes = true,
        .run = run_remedy_give,
    },
    {
        .id = "refund.ask",
        .method = "POST",
        .path = "/accounts/{member}/refunds/ask",
        .role = MAY(ROLE_OWNER),
        .summary = "Ask for a charge to be given back; a person decides, soon where it is urgent.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct remedy_ask),
        .action = ACTION_REFUND_ASK,
        .tells = &WHY_PARTNER_REFUND,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &REMEDY_CHARGE_MISSING, &REMEDY_ABOVE_RULE,
                         &REFUND_CHARGE_UNKNOWN, &REFUND_NOT_PAID, &REFUND_TOO_MUCH,
                         &REFUND_NOTHING_LEFT, &REFUND_DISPUTED),
        .writes = true,
        .run = run_remedy_request,
    },
    {
        .id = "refund.approve",
        .method = "POST",
        .path = "/accounts/{member}/refunds/{remedy}/approve",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Approve, or decline, a refund that another agent asked for.",
        .in = &approve_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct remedy_approve),
        .action = ACTION_REFUND,
        .faults = FAULTS(&REMEDY_UNKNOWN, &REMEDY_NOT_WAITING, &REMEDY_SAME_PERSON,
                         &REFUND_NOT_PAID, &REFUND_TOO_MUCH, &REFUND_NOTHING_LEFT,
                         &REFUND_DISPUTED, &REFUND_CHANGED,
                         &CREDIT_CURRENCY),
        .writes = true,
        .run = run_remedy_approve,
    },
};
/* clang-format on */
const struct ops remedy_ops = {COUNT(ops), ops};
