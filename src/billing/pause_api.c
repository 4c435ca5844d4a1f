/* pause_api: the ops of pauses. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "http/op.h"

/* clang-format off */
static const struct field do_fields[] = {MEMBER_FIELD(struct pause_do)};
static const struct shape do_shape = SHAPE(pause_do, do_fields);

static const struct field view_fields[] = {
    TEXT(struct pause_view, member, 0, 0, "The membership's reference."),
    ENUM(struct pause_view, state, membership_states, NULL),
    INT(struct pause_view, months, 0, 0, "Of the pause in all."),
    TEXT(struct pause_view, pause_on, 0, 0, "The first local date without access."),
    TEXT(struct pause_view, resume_on, 0, 0, "The local date on which charging restarts."),
    INT(struct pause_view, amount_minor, 0, 0, "Of that charge, by today's prices."),
    TEXT(struct pause_view, currency, 0, 0, NULL),
};
static const struct shape view_shape = SHAPE(pause_view, view_fields);
/* clang-format on */

OP_RUN_CATALOG(pause_decide, struct pause_do, struct pause_view)
OP_RUN_CATALOG(pause_extend, struct pause_do, struct pause_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "membership.pause",
        .method = "POST",
        .path = "/accounts/{member}/membership/pause",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Pause a membership from the end of its paid period on.",
        .in = &do_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct pause_do),
        .action = ACTION_PAUSE,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED,
                         &PAUSE_PLAN, &PAUSE_METHOD, &PAUSE_PAYMENT_PROBLEM, &PAUSE_ALREADY,
                         &MEMBERSHIP_NOT_NOW, &BILLING_PAYMENT_IN_FLIGHT),
        .writes = true,
        .run = run_pause_decide,
    },
    {
        .id = "membership.extend_pause",
        .method = "POST",
        .path = "/accounts/{member}/membership/pause/extend",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Make a pause longer, up to the limit.",
        .in = &do_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct pause_do),
        .action = ACTION_EXTEND_PAUSE,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED,
                         &PAUSE_NONE, &PAUSE_LIMIT),
        .writes = true,
        .run = run_pause_extend,
    },
};
/* clang-format on */
const struct ops pause_ops = {COUNT(ops), ops};
