/* pair_api: the ops about two accounts of one payer. SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"
#include "billing/billing.h"
#include "billing/match.h"
#include "billing/pair.h"
#include "http/op.h"

/* clang-format off */
static const struct field begin_fields[] = {
    MEMBER_FIELD(struct pair_begin),
    TEXT_OPT(struct pair_begin, email, 3, 254, "The other account's address."),
    TEXT_PHONE_OPT(struct pair_begin, phone, 3, 16, "Or its phone number: +4930123456."),
    TEXT_OPT(struct pair_begin, name, 1, 200, "Or the name of whose it is, with last4."),
    TEXT_OPT(struct pair_begin, last4, 4, 4, "The last four digits of its payment card."),
    TEXT_OPT(struct pair_begin, locale, 2, 35, "Of the answer's text."),
};
static const struct shape begin_shape = SHAPE(pair_begin, begin_fields);
static const struct field sent_fields[] = {
    TEXT(struct pair_sent, text, 0, 0, "The same whether there is such an account."),
};
static const struct shape sent_shape = SHAPE(pair_sent, sent_fields);

static const struct field ask_fields[] = {
    MEMBER_FIELD(struct pair_ask),
    TEXT(struct pair_ask, code, 20, 40, "That went to the other account's contacts."),
};
static const struct shape ask_shape = SHAPE(pair_ask, ask_fields);
static const struct field side_fields[] = {
    TEXT(struct pair_side, account, 0, 0, "this or other."),
    TEXT(struct pair_side, member, 0, 0, "mem_…"),
    TEXT(struct pair_side, email, 0, 0, NULL),
    TEXT(struct pair_side, plan, 0, 0, NULL),
    TEXT(struct pair_side, biller, 0, 0, NULL),
    TEXT(struct pair_side, joined_on, 0, 0, NULL),
    TEXT(struct pair_side, next_charge_on, 0, 0, "Empty when none is planned."),
    ENUM(struct pair_side, state, membership_states, NULL),
};
static const struct shape side_shape = SHAPE(pair_side, side_fields);
static const struct field charge_fields[] = {
    TEXT(struct pair_charge_view, account, 0, 0, "this or other."),
    TEXT(struct pair_charge_view, charge, 0, 0, "chg_…"),
    TEXT(struct pair_charge_view, on, 0, 0, "When it was paid."),
    TEXT(struct pair_charge_view, currency, 0, 0, NULL),
    TEXT(struct pair_charge_view, last4, 0, 0, "Of the card; empty where there is none."),
    INT(struct pair_charge_view, amount_minor, 0, 0, NULL),
};
static const struct shape charge_shape = SHAPE(pair_charge_view, charge_fields);
static const struct field view_fields[] = {
    LIST(struct pair_view, sides, n_sides, side_shape, "Both accounts."),
    LIST(struct pair_view, charges, n_charges, charge_shape, "Of both, the newest first."),
};
static const struct shape view_shape = SHAPE(pair_view, view_fields);

static const struct field choice_fields[] = {
    MEMBER_FIELD(struct pair_choice),
    TEXT(struct pair_choice, code, 20, 40, "That went to the other account's contacts."),
    ENUM(struct pair_choice, keep, pair_keeps, "Which one goes on."),
};
static const struct shape choice_shape = SHAPE(pair_choice, choice_fields);
static const struct field done_fields[] = {
    TEXT(struct pair_done, kept, 0, 0, "mem_…"),
    TEXT(struct pair_done, ended, 0, 0, "mem_…"),
    ENUM(struct pair_done, state, membership_states, "Of the one that ends."),
    INT(struct pair_done, refunds, 0, 0, "Charges that go back now."),
    INT(struct pair_done, amount_minor, 0, 0, "What goes back now."),
    INT(struct pair_done, waits_minor, 0, 0,
        "The same of what a bank is taking back: it goes back by itself when that dispute has "
        "ended in our favour."),
    TEXT(struct pair_done, currency, 0, 0, NULL),
    INT(struct pair_done, asked, 0, 0, "Older double charges that a person looks at."),
};
static const struct shape done_shape = SHAPE(pair_done, done_fields);

OP_RUN(pair_begin, struct pair_begin, struct pair_sent)
OP_RUN(pair_compare, struct pair_ask, struct pair_view)
OP_RUN_CATALOG(pair_choose, struct pair_choice, struct pair_done)

static const struct op ops[] = {
    {
        .id = "account.link_begin",
        .method = "POST",
        .path = "/accounts/{member}/link",
        .role = MAY(ROLE_OWNER),
        .summary = "Send a code to the contacts of another account of the same person.",
        .in = &begin_shape,
        .out = &sent_shape,
        .subject = ABOUT_MEMBER(struct pair_begin),
        .action = ACTION_CHARGES_VIEW,
        .proof = true,
        .faults = FAULTS(&PAIR_WAY, &MATCH_LAST4, &CONTACT_PHONE_INVALID, &PAIR_TRIES),
        .writes = true,
        .run = run_pair_begin,
    },
    {
        .id = "account.compare",
        .method = "POST",
        .path = "/accounts/{member}/compare",
        .role = MAY(ROLE_OWNER),
        .summary = "Show two accounts side by side: addresses, dates, amounts, last digits.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct pair_ask),
        .action = ACTION_CHARGES_VIEW,
        .proof = true,
        .faults = FAULTS(&PROOF_UNKNOWN, &MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_pair_compare,
    },
    {
        .id = "account.keep_one",
        .method = "POST",
        .path = "/accounts/{member}/keep-one",
        .role = MAY(ROLE_OWNER),
        .summary = "Keep one of two accounts and end the other; what was paid twice goes back.",
        .in = &choice_shape,
        .out = &done_shape,
        .subject = ABOUT_MEMBER(struct pair_choice),
        .action = ACTION_CHARGES_VIEW,
        .proof = true,
        .faults = FAULTS(&PROOF_UNKNOWN, &ACCOUNT_LOCKED, &MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW,
                         &BILLING_PAYMENT_IN_FLIGHT, &REFUND_CHANGED),
        .writes = true,
        .run = run_pair_choose,
    },
};
/* clang-format on */
const struct ops pair_ops = {COUNT(ops), ops};
