/* takeover_api: the op that undoes a restart. SPDX-License-Identifier: Apache-2.0 */
#include "billing/takeover.h"
#include "http/op.h"

/* clang-format off */
static const struct field undo_fields[] = {
    MEMBER_FIELD(struct undo_restart),
    TEXT(struct undo_restart, report, 1, 2000, "What happened, for who looks into it."),
};
static const struct shape undo_shape = SHAPE(undo_restart, undo_fields);

static const struct field view_fields[] = {
    TEXT(struct undo_view, member, 0, 0, "The membership's reference."),
    ENUM(struct undo_view, outcome, undo_outcomes,
         "waiting: a payment has no answer yet; the account is locked, ask again."),
    ENUM(struct undo_view, state, membership_states, "Of the membership now."),
    BOOL(struct undo_view, locked, "Whether nothing is charged, restarted or changed now."),
    INT(struct undo_view, refunds, 0, 0, "How many charges go back."),
    INT(struct undo_view, amount_minor, 0, 0, "What goes back."),
    INT(struct undo_view, waits_minor, 0, 0,
        "The same of what a bank is taking back: it goes back by itself when that dispute has "
        "ended in our favour."),
    TEXT(struct undo_view, currency, 0, 0, NULL),
    TEXT(struct undo_view, work, 0, 0, "wrk_…: the case."),
};
static const struct shape view_shape = SHAPE(undo_view, view_fields);

static const struct field disown_fields[] = {
    TEXT(struct disown_restart, code, 20, 40, "From the letter about the restart."),
};
static const struct shape disown_shape = SHAPE(disown_restart, disown_fields);

OP_RUN_CATALOG(takeover_disown, struct disown_restart, struct undo_view)
OP_RUN_CATALOG(billing_undo_restart, struct undo_restart, struct undo_view)

static const struct op ops[] = {
    {
        .id = "membership.undo_restart",
        .method = "POST",
        .path = "/accounts/{member}/membership/undo-restart",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Undo a restart that was not the owner's: all its charges go back.",
        .in = &undo_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct undo_restart),
        .action = ACTION_UNDO_RESTART,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &UNDO_NO_RESTART, &UNDO_TOO_LATE, &REFUND_CHANGED),
        .writes = true,
        .run = run_billing_undo_restart,
    },
    {
        .id = "membership.disown_restart",
        .method = "POST",
        .path = "/memberships/disown-restart",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_EXTRA),
        .summary = "Say with the code of a letter that a restart was not the owner's: it is "
                   "stopped or undone, and the account locked.",
        .in = &disown_shape,
        .out = &view_shape,
        .action = ACTION_TAKEOVER_REPORT,
        .faults = FAULTS(&PROOF_UNKNOWN, &MEMBERSHIP_UNKNOWN, &UNDO_NO_RESTART, &UNDO_TOO_LATE,
                         &REFUND_CHANGED),
        .writes = true,
        .run = run_takeover_disown,
    },
};
/* clang-format on */
const struct ops takeover_ops = {COUNT(ops), ops};
