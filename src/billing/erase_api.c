/* erase_api: the ops of early deletion. SPDX-License-Identifier: Apache-2.0 */
#include "billing/erase.h"
#include "http/op.h"

/* clang-format off */
static const struct field delete_fields[] = {MEMBER_FIELD(struct account_delete)};
static const struct shape delete_shape = SHAPE(account_delete, delete_fields);

static const struct field view_fields[] = {
    TEXT(struct deletion_view, member, 0, 0, "The account's reference."),
    ENUM(struct deletion_view, state, membership_states, NULL),
    TEXT(struct deletion_view, erase_on, 0, 0,
         "Local date on which everything personal is deleted for good; it can be undone until "
         "then. Empty when no early deletion is decided."),
    TEXT(struct deletion_view, kept_until, 0, 0,
         "Until when all is kept otherwise; empty before the membership has ended."),
};
static const struct shape view_shape = SHAPE(deletion_view, view_fields);
/* clang-format on */

OP_RUN(account_delete, struct account_delete, struct deletion_view)
OP_RUN(account_undo_delete, struct account_delete, struct deletion_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "account.delete",
        .method = "POST",
        .path = "/accounts/{member}/delete",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Have everything personal deleted early, when the cancelled membership is over.",
        .in = &delete_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct account_delete),
        .action = ACTION_DELETE,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &ACCOUNT_LOCKED, &ACCOUNT_NOT_ENDED),
        .writes = true,
        .proof = true,
        .run = run_account_delete,
    },
    {
        .id = "account.undo_delete",
        .method = "POST",
        .path = "/accounts/{member}/undo-delete",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Take an early deletion back before it has run.",
        .in = &delete_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct account_delete),
        .action = ACTION_UNDO_DELETE,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &ACCOUNT_NO_DELETION),
        .writes = true,
        .run = run_account_undo_delete,
    },
};
/* clang-format on */
const struct ops erase_ops = {COUNT(ops), ops};
