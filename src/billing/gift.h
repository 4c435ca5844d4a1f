/* gift: gift cards - issuing, activating and redeeming them, and what a member has of them. A code
 * is shown once, when it is issued; stored is its keyed hash. Each card is worth its full amount
 * once, for ever, without fees (SPEC J-01, J-05). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "db/db.h"

enum gift_state {
    GIFT_INACTIVE, /* printed and not sold: worth nothing yet */
    GIFT_ACTIVE,
    GIFT_USED,
};
extern const struct names gift_states;

enum { GIFT_ISSUE_MAX = 1000 };
struct gift_issue {
    int64_t amount_minor, count;
    const char *currency;
    bool inactive; /* they are sold later: see gift_activate */
};
struct gift_card_made {
    const char *card, *code;
};
struct gift_issued {
    int64_t amount_minor;
    const char *currency;
    size_t n;
    struct gift_card_made *cards;
};
/* Makes cards; those that are active are owed from now on. Faults: GIFT_CURRENCY_UNKNOWN. */
enum status gift_issue(struct ctx *cx, const struct gift_issue *in,
                       struct gift_issued *out) MUST_CHECK;

struct gift_activate {
    const char *card;
};
struct gift_activated {
    const char *card, *currency;
    int64_t state, amount_minor;
};
/* Sells a card that was issued inactive; again is nothing. Faults: GIFT_CARD_UNKNOWN. */
enum status gift_activate(struct ctx *cx, const struct gift_activate *in,
                          struct gift_activated *out) MUST_CHECK;

/* What a typed code is, as those may know who must not see it in clear (SPEC J-10). */
enum gift_finding {
    GIFT_FOUND_UNKNOWN,
    GIFT_FOUND_INACTIVE,
    GIFT_FOUND_USED,
    GIFT_FOUND_CURRENCY, /* good, for accounts of another currency */
    GIFT_FOUND_GOOD,
};
extern const struct names gift_findings;

/* A code together with the account that it is for. */
struct gift_code {
    const char *member, *code;
    int64_t account_id;
};
struct gift_checked {
    int64_t finding, amount_minor;
    const char *card, *currency; /* "" when unknown */
    const char *redeemed_on;     /* local date; "" */
    bool by_this_member;
    const char *text, *warning;
};
/* Looks at a code outside any transaction and counts one that is unknown, inactive or used. Faults:
 * GIFT_TOO_MANY for everything once too many were wrong (SPEC J-12). */
enum status gift_look(struct ctx *cx, const struct gift_code *in,
                      struct gift_checked *out) MUST_CHECK;

struct gift_redeemed {
    const char *card, *currency;
    int64_t amount_minor, balance_minor;
    int64_t membership;                /* enum membership_state, afterwards */
    const char *pays_until, *short_on; /* dates; "" */
    int64_t short_minor;
    const char *warning;
};
/* Turns the whole of a card into credit. A payment that has failed is wanted again at once where
 * credit pays all of it (SPEC E-14). Faults: GIFT_REFUSED for an unknown, inactive or used code
 * alike, GIFT_CURRENCY, GIFT_PARTNER_BILLED, GIFT_NOT_NOW. */
enum status gift_redeem(struct ctx *cx, const struct catalog *c, const struct gift_code *in,
                        struct gift_redeemed *out) MUST_CHECK;
/* Says how things stand by now: what the open payment took is gone. */
enum status gift_tell(struct ctx *cx, const struct catalog *c, int64_t account_id,
                      struct gift_redeemed *out) MUST_CHECK;
/* Refuses what gift_redeem would refuse, and counts wrong codes. */
enum status gift_may_redeem(struct ctx *cx, const struct gift_code *in) MUST_CHECK;

struct gift_ask {
    const char *member;
    int64_t account_id;
};
struct gift_lot {
    const char *kind, *card; /* card: gft_… of a gift card; else "" */
    const char *came_on;
    int64_t amount_minor, left_minor;
};
struct gift_balance {
    int64_t balance_minor, short_minor;
    const char *currency, *pays_until, *short_on;
    size_t n;
    struct gift_lot *lots; /* in the order in which they are used up */
    const char *warning;
};
enum status gift_balance(struct ctx *cx, const struct catalog *c, const struct gift_ask *in,
                         struct gift_balance *out) MUST_CHECK;

extern const struct fault GIFT_CURRENCY_UNKNOWN, GIFT_CARD_UNKNOWN, GIFT_MISTYPED, GIFT_REFUSED,
    GIFT_CURRENCY, GIFT_PARTNER_BILLED, GIFT_NOT_NOW, GIFT_TOO_MANY;
