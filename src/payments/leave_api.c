/* leave_api: the op that cancels. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "payments/leave.h"
#include "policy/reasons_rules.h"

/* clang-format off */
static const struct field leave_fields[] = {
    MEMBER_FIELD(struct leave),
    {"until", F_ENUM, offsetof(struct leave, until), OPTIONAL, 0, 0, &cancel_untils,
     "End with the paid period, which is the default, or when credit is used up.", NULL, 0},
    BOOL_OPT(struct leave, remove_methods, "Remove the stored payment methods at once, too."),
};
static const struct shape leave_shape = SHAPE(leave, leave_fields);
/* clang-format on */

OP_RUN_CATALOG(leave, struct leave, struct overview)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "membership.cancel",
        .method = "POST",
        .path = "/accounts/{member}/membership/cancel",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "End a membership when its paid period is over, at once when nothing is paid; "
                   "of one that a partner bills, keep the wish open and tell where to cancel.",
        .in = &leave_shape,
        .out = &overview_shape,
        .subject = ABOUT_MEMBER(struct leave),
        .action = ACTION_CANCEL,
        .tells = &WHY_PARTNER_CANCEL,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_NO_CREDIT,
                         &BILLING_PAYMENT_IN_FLIGHT, &METHOD_PARTNER_BILLED),
        .writes = true,
        .run = run_leave,
    },
};
/* clang-format on */
const struct ops leave_ops = {COUNT(ops), ops};
