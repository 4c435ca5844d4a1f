/* redeem_api: the ops of gift cards. A code is told once, when it is issued, and never again;
 * agents learn of a code what it is worth and not more (SPEC J-10).
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "payments/payments.h"

/* clang-format off */
static const struct field issue_fields[] = {
    INT(struct gift_issue, amount_minor, 1, 100000000, "What each card is worth."),
    TEXT(struct gift_issue, currency, 3, 3, "ISO 4217."),
    INT_OPT(struct gift_issue, count, 1, GIFT_ISSUE_MAX, "How many; 1 when left out."),
    BOOL_OPT(struct gift_issue, inactive, "They are sold later: gift.activate makes one good."),
};
static const struct shape issue_shape = SHAPE(gift_issue, issue_fields);

static const struct field made_fields[] = {
    TEXT(struct gift_card_made, card, 0, 0, "The card's reference, gft_…; it redeems nothing."),
    TEXT_SECRET(struct gift_card_made, code, 0, 0,
         "Told this once and stored nowhere: empty when the same call is repeated under its key."),
};
static const struct shape made_shape = SHAPE(gift_card_made, made_fields);
static const struct field issued_fields[] = {
    INT(struct gift_issued, amount_minor, 0, 0, NULL),
    TEXT(struct gift_issued, currency, 0, 0, NULL),
    LIST(struct gift_issued, cards, n, made_shape, NULL),
};
static const struct shape issued_shape = SHAPE(gift_issued, issued_fields);

static const struct field activate_fields[] = {
    TEXT(struct gift_activate, card, 1, 40, "Which one: gft_… of gift.issue."),
};
static const struct shape activate_shape = SHAPE(gift_activate, activate_fields);
static const struct field activated_fields[] = {
    TEXT(struct gift_activated, card, 0, 0, NULL),
    ENUM(struct gift_activated, state, gift_states, NULL),
    INT(struct gift_activated, amount_minor, 0, 0, NULL),
    TEXT(struct gift_activated, currency, 0, 0, NULL),
};
static const struct shape activated_shape = SHAPE(gift_activated, activated_fields);

static const struct field code_fields[] = {
    MEMBER_FIELD(struct gift_code),
    TEXT_SECRET(struct gift_code, code, 1, 60,
                "As it stands on the card; spaces and dashes are ignored."),
};
static const struct shape code_shape = SHAPE(gift_code, code_fields);

static const struct field redeemed_fields[] = {
    TEXT(struct gift_redeemed, card, 0, 0, "The card's reference."),
    INT(struct gift_redeemed, amount_minor, 0, 0, "What it was worth: all of it is credit now."),
    INT(struct gift_redeemed, balance_minor, 0, 0,
        "All credit, less what a failed payment took of it."),
    TEXT(struct gift_redeemed, currency, 0, 0, NULL),
    TEXT(struct gift_redeemed, pays_until, 0, 0,
         "The last day that credit pays in whole periods; empty when it pays none."),
    TEXT(struct gift_redeemed, short_on, 0, 0,
         "When the first charge falls due that credit does not cover; empty when none is planned."),
    INT(struct gift_redeemed, short_minor, 0, 0, "What a method is asked for then."),
    ENUM(struct gift_redeemed, membership, membership_states, "The membership's state afterwards."),
    TEXT(struct gift_redeemed, warning, 0, 0, NULL),
};
static const struct shape redeemed_shape = SHAPE(gift_redeemed, redeemed_fields);

static const struct field ask_fields[] = {MEMBER_FIELD(struct gift_ask)};
static const struct shape ask_shape = SHAPE(gift_ask, ask_fields);
static const struct field lot_fields[] = {
    TEXT(struct gift_lot, kind, 0, 0, "issue, redeem, adjust or refund_to_credit."),
    TEXT(struct gift_lot, card, 0, 0, "The gift card's reference; empty for other credit."),
    TEXT(struct gift_lot, came_on, 0, 0, NULL),
    INT(struct gift_lot, amount_minor, 0, 0, NULL),
    INT(struct gift_lot, left_minor, 0, 0, NULL),
};
static const struct shape lot_shape = SHAPE(gift_lot, lot_fields);
static const struct field balance_fields[] = {
    INT(struct gift_balance, balance_minor, 0, 0, NULL),
    TEXT(struct gift_balance, currency, 0, 0, NULL),
    TEXT(struct gift_balance, pays_until, 0, 0,
         "The last day that credit pays in whole periods; empty when it pays none."),
    TEXT(struct gift_balance, short_on, 0, 0,
         "When the first charge falls due that credit does not cover; empty when none is planned."),
    INT(struct gift_balance, short_minor, 0, 0, "What a method is asked for then."),
    LIST(struct gift_balance, lots, n, lot_shape, "In the order in which they are used up."),
    TEXT(struct gift_balance, warning, 0, 0, NULL),
};
static const struct shape balance_shape = SHAPE(gift_balance, balance_fields);

static const struct field checked_fields[] = {
    ENUM(struct gift_checked, finding, gift_findings, NULL),
    TEXT(struct gift_checked, text, 0, 0, "The same in words, with the way out."),
    TEXT(struct gift_checked, card, 0, 0, "The card's reference; empty when unknown."),
    INT(struct gift_checked, amount_minor, 0, 0, NULL),
    TEXT(struct gift_checked, currency, 0, 0, NULL),
    TEXT(struct gift_checked, redeemed_on, 0, 0, "Of a used card."),
    BOOL(struct gift_checked, by_this_member, "The used card was redeemed on this account."),
    TEXT(struct gift_checked, warning, 0, 0, NULL),
};
static const struct shape checked_shape = SHAPE(gift_checked, checked_fields);
/* clang-format on */

OP_RUN(gift_issue, struct gift_issue, struct gift_issued)
OP_RUN(gift_activate, struct gift_activate, struct gift_activated)
OP_RUN_CATALOG(gift_redeem, struct gift_code, struct gift_redeemed)
OP_RUN_CATALOG(gift_balance, struct gift_ask, struct gift_balance)
OP_RUN(gift_look, struct gift_code, struct gift_checked)

/* A wrong code is counted, which must not be undone with the call that it refuses. */
static enum status refuse_wrong(struct ctx *cx, const struct op_world *w UNUSED, void *in)
{
    return gift_may_redeem(cx, in);
}

static enum status pay_open(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    int64_t const account_id = ((const struct gift_code *)in)->account_id;
    struct membership m;

    TRY(membership_get(cx, account_id, &m));
    if (m.state != M_GRACE && m.state != M_HOLD) return OK;
    TRY(payments_collect_account(cx, w->world, w->catalog, account_id));
    return gift_tell(cx, w->catalog, account_id, out);
}

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "gift.issue",
        .method = "POST",
        .path = "/gifts",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Make gift cards; their codes are told in this answer and never again.",
        .in = &issue_shape,
        .out = &issued_shape,
        .faults = FAULTS(&GIFT_CURRENCY_UNKNOWN),
        .writes = true,
        .told_once = "code",
        .run = run_gift_issue,
    },
    {
        .id = "gift.activate",
        .method = "POST",
        .path = "/gifts/{card}/activation",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Sell a gift card that was issued inactive.",
        .in = &activate_shape,
        .out = &activated_shape,
        .faults = FAULTS(&GIFT_CARD_UNKNOWN),
        .writes = true,
        .run = run_gift_activate,
    },
    {
        .id = "gift.redeem",
        .method = "POST",
        .path = "/accounts/{member}/gifts",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Turn a gift card into credit; a failed payment that it covers is paid at once.",
        .in = &code_shape,
        .out = &redeemed_shape,
        .subject = ABOUT_MEMBER(struct gift_code),
        .action = ACTION_GIFT_REDEEM,
        .faults = FAULTS(&GIFT_MISTYPED, &GIFT_REFUSED, &GIFT_CURRENCY, &GIFT_PARTNER_BILLED,
                         &GIFT_NOT_NOW, &GIFT_TOO_MANY, &ACCOUNT_LOCKED),
        .writes = true,
        .ask = refuse_wrong,
        .run = run_gift_redeem,
        .after = pay_open,
    },
    {
        .id = "gift.balance",
        .method = "GET",
        .path = "/accounts/{member}/gifts",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show the credit, until when it pays, and what it is made of.",
        .in = &ask_shape,
        .out = &balance_shape,
        .subject = ABOUT_MEMBER(struct gift_ask),
        .action = ACTION_CREDIT_VIEW,
        .run = run_gift_balance,
    },
    {
        .id = "gift.check",
        .method = "POST",
        .path = "/accounts/{member}/gifts/check",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Say what is wrong with a gift code, for somebody who cannot redeem it.",
        .in = &code_shape,
        .out = &checked_shape,
        .subject = ABOUT_MEMBER(struct gift_code),
        .faults = FAULTS(&GIFT_MISTYPED, &GIFT_TOO_MANY),
        .writes = true,
        .run = run_gift_look,
    },
};
/* clang-format on */
const struct ops gift_ops = {COUNT(ops), ops};
