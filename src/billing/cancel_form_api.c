/* cancel_form_api: the ops of the form for cancelling without signing in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/cancel_form.h"
#include "http/op.h"

/* clang-format off */
static const struct field form_fields[] = {
    TEXT(struct cancel_form_in, email, 3, 254, "As the account has it."),
    TEXT(struct cancel_form_in, name, 1, 200, "As the account has it."),
    TEXT_OPT(struct cancel_form_in, member, 1, 200, "The member's reference, if it is known."),
    {"ground", F_ENUM, offsetof(struct cancel_form_in, ground), OPTIONAL, 0, 0, &form_grounds,
     "Ordinary, which is the default, or for cause.", NULL, 0},
    TEXT_OPT(struct cancel_form_in, because, 1, 2000, "The cause."),
    TEXT_OPT(struct cancel_form_in, locale, 2, 35, "Of the answer's text."),
};
static const struct shape form_shape = SHAPE(cancel_form_in, form_fields);

static const struct field receipt_fields[] = {
    TEXT(struct cancel_receipt, reference, 0, 0, "Of the declaration: cfm_…."),
    TEXT(struct cancel_receipt, received_at, 0, 0, "From this instant it counts."),
    TEXT(struct cancel_receipt, text, 0, 0, "The same whether there is such a member."),
};
static const struct shape receipt_shape = SHAPE(cancel_receipt, receipt_fields);

static const struct field keep_fields[] = {
    TEXT(struct cancel_keep, code, 20, 40, "From the confirmation."),
};
static const struct shape keep_shape = SHAPE(cancel_keep, keep_fields);

static const struct field kept_fields[] = {
    TEXT(struct cancel_undone, member, 0, 0, "The membership's reference."),
    ENUM(struct cancel_undone, state, membership_states, NULL),
    TEXT(struct cancel_undone, next_charge_on, 0, 0, "Empty while a payment is open."),
};
static const struct shape kept_shape = SHAPE(cancel_undone, kept_fields);

OP_RUN(cancel_form_take, struct cancel_form_in, struct cancel_receipt)
OP_RUN_CATALOG(cancel_form_keep, struct cancel_keep, struct cancel_undone)

static const struct op ops[] = {
    {
        .id = "membership.cancel_form",
        .method = "POST",
        .path = "/memberships/cancel",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_EXTRA),
        .summary = "Cancel without signing in, where the member's country asks for it: taken at "
                   "once, confirmed to the account's own contact.",
        .in = &form_shape,
        .out = &receipt_shape,
        .action = ACTION_CANCEL_FORM,
        .faults = FAULTS(&FORM_TRIES),
        .writes = true,
        .run = run_cancel_form_take,
    },
    {
        .id = "membership.keep",
        .method = "POST",
        .path = "/memberships/keep",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_EXTRA),
        .summary = "Undo a cancel that came by the form, with the code from its confirmation.",
        .in = &keep_shape,
        .out = &kept_shape,
        .action = ACTION_CANCEL_FORM,
        .faults = FAULTS(&PROOF_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_PARTNER_BILLED),
        .writes = true,
        .run = run_cancel_form_keep,
    },
};
/* clang-format on */
const struct ops cancel_form_ops = {COUNT(ops), ops};
