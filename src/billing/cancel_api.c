/* cancel_api: the ops around cancelling. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/overview.h"
#include "http/op.h"

/* clang-format off */
static const struct field first_fields[] = {
    MEMBER_FIELD(struct cancel_first),
    BOOL_OPT(struct cancel_first, keep, "Skip it: forget the cancel that was begun."),
};
static const struct shape first_shape = SHAPE(cancel_first, first_fields);

static const struct field screen_fields[] = {
    TEXT(struct cancel_screen, member, 0, 0, "The membership's reference."),
    ENUM(struct cancel_screen, state, membership_states, "Nothing is cancelled yet."),
    TEXT(struct cancel_screen, unfinished_since, 0, 0, "Empty when it is kept."),
    TEXT(struct cancel_screen, last_day, 0, 0,
         "The final service date if it is finished now; empty when it is over at once."),
    INT(struct cancel_screen, slots, 0, 0, "Extra-member slots that end with it."),
    INT(struct cancel_screen, credit_minor, 0, 0, "Credit that is left."),
    TEXT(struct cancel_screen, currency, 0, 0, NULL),
    TEXT(struct cancel_screen, offer, 0, 0, "Instead of cancelling: `pause`; else empty."),
    BOOL(struct cancel_screen, others_may_restart,
         "Who knows the password could restart it: change it and sign out all devices."),
};
static const struct shape screen_shape = SHAPE(cancel_screen, screen_fields);

static const struct field ask_fields[] = {MEMBER_FIELD(struct cancel_ask)};
static const struct shape ask_shape = SHAPE(cancel_ask, ask_fields);

static const struct field proof_fields[] = {
    TEXT(struct cancel_proof, member, 0, 0, "The membership's reference."),
    ENUM(struct cancel_proof, state, membership_states, NULL),
    TEXT(struct cancel_proof, reference, 0, 0, "Of the cancel: cnl_…."),
    TEXT(struct cancel_proof, cancelled_at, 0, 0, NULL),
    TEXT(struct cancel_proof, last_day, 0, 0, "The final service date."),
};
static const struct shape proof_shape = SHAPE(cancel_proof, proof_fields);

static const struct field withdrawal_fields[] = {
    TEXT(struct withdrawal, member, 0, 0, "The membership's reference."),
    ENUM(struct withdrawal, state, membership_states, NULL),
    INT(struct withdrawal, amount_minor, 0, 0, "That goes back: the part not served."),
    INT(struct withdrawal, waits_minor, 0, 0,
        "The same of what a bank is taking back: it goes back by itself when that dispute has "
        "ended in our favour."),
    TEXT(struct withdrawal, currency, 0, 0, NULL),
};
static const struct shape withdrawal_shape = SHAPE(withdrawal, withdrawal_fields);

static const struct field undone_fields[] = {
    TEXT(struct cancel_undone, member, 0, 0, "The membership's reference."),
    ENUM(struct cancel_undone, state, membership_states, NULL),
    TEXT(struct cancel_undone, next_charge_on, 0, 0, NULL),
};
static const struct shape undone_shape = SHAPE(cancel_undone, undone_fields);
/* clang-format on */

OP_RUN_CATALOG(cancel_begin, struct cancel_first, struct cancel_screen)
OP_RUN(cancel_confirm, struct cancel_ask, struct cancel_proof)
OP_RUN_CATALOG(cancel_withdraw, struct cancel_ask, struct withdrawal)
OP_RUN_CATALOG(cancel_undo, struct cancel_ask, struct cancel_undone)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "membership.cancel_begin",
        .method = "POST",
        .path = "/accounts/{member}/membership/cancel/begin",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Show what cancelling means; nothing is cancelled before membership.cancel.",
        .in = &first_shape,
        .out = &screen_shape,
        .subject = ABOUT_MEMBER(struct cancel_first),
        .action = ACTION_CANCEL,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_PARTNER_BILLED),
        .writes = true,
        .run = run_cancel_begin,
    },
    {
        .id = "membership.undo_cancel",
        .method = "POST",
        .path = "/accounts/{member}/membership/cancel/undo",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Undo a cancel before its final date: same plan, method and billing day.",
        .in = &ask_shape,
        .out = &undone_shape,
        .subject = ABOUT_MEMBER(struct cancel_ask),
        .action = ACTION_UNDO_CANCEL,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_PARTNER_BILLED),
        .writes = true,
        .run = run_cancel_undo,
    },
    {
        .id = "membership.cancel_confirmation",
        .method = "POST",
        .path = "/accounts/{member}/membership/cancel/confirmation",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show a completed cancel and send its confirmation again.",
        .in = &ask_shape,
        .out = &proof_shape,
        .subject = ABOUT_MEMBER(struct cancel_ask),
        .action = ACTION_MEMBERSHIP_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_CANCELLED),
        .writes = true,
        .run = run_cancel_confirm,
    },
    {
        .id = "membership.withdraw",
        .method = "POST",
        .path = "/accounts/{member}/membership/withdraw",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Withdraw from the contract within the country's days: access ends, the part "
                   "not served goes back.",
        .in = &ask_shape,
        .out = &withdrawal_shape,
        .subject = ABOUT_MEMBER(struct cancel_ask),
        .action = ACTION_WITHDRAW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_NO_WITHDRAWAL,
                         &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED, &BILLING_PAYMENT_IN_FLIGHT),
        .writes = true,
        .run = run_cancel_withdraw,
    },
};
/* clang-format on */
const struct ops cancel_ops = {COUNT(ops), ops};
