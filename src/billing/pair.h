/* pair: two accounts of one payer, side by side after both are proven, so that one can be kept and
 * the other ended (SPEC H-08, I-03). The caller is the owner of one with a fresh proof; of the
 * other
 * it brings the code that was sent to that account's contacts. SPDX-License-Identifier: Apache-2.0
 */
#pragma once
#include "base/shape.h"
#include "catalog/catalog.h"
#include "db/db.h"

extern const struct fault PAIR_TRIES, PAIR_WAY;

struct pair_begin {
    const char *member;
    int64_t account_id;
    /* Of the other account one of these three; the rest is NULL (SPEC F-18). */
    const char *email, *phone;
    const char *name, *last4; /* a name, and the last digits of a payment card */
    const char *locale;       /* of the text; NULL: the account's */
};
struct pair_sent {
    const char *text; /* the same whether there is such an account */
};
/* Sends the other account's contacts a code, where one account alone is meant; who asks learns
 * nothing of it. Faults: PAIR_WAY, MATCH_LAST4, CONTACT_PHONE_INVALID, PAIR_TRIES. */
enum status pair_begin(struct ctx *cx, const struct pair_begin *in,
                       struct pair_sent *out) MUST_CHECK;

struct pair_ask {
    const char *member;
    int64_t account_id;
    const char *code;
};
struct pair_side {
    const char *account; /* this, other */
    const char *member, *email, *plan, *biller, *joined_on, *next_charge_on;
    int64_t state;
};
struct pair_charge_view {
    const char *account, *charge, *on, *currency, *last4;
    int64_t amount_minor;
};
struct pair_view {
    const struct pair_side *sides;
    size_t n_sides;
    const struct pair_charge_view *charges; /* of both, the newest first */
    size_t n_charges;
};
/* Faults: PROOF_UNKNOWN. */
enum status pair_compare(struct ctx *cx, const struct pair_ask *in,
                         struct pair_view *out) MUST_CHECK;

enum pair_keep { KEEP_THIS, KEEP_OTHER };
extern const struct names pair_keeps;
struct pair_choice {
    const char *member;
    int64_t account_id;
    const char *code;
    int64_t keep;
};
struct pair_done {
    const char *kept, *ended; /* mem_… */
    int64_t state;            /* of the one that ends */
    int64_t refunds, amount_minor;
    int64_t waits_minor; /* of a charge that a bank is taking back: for the end of that dispute */
    const char *currency;
    int64_t asked; /* older double charges that a person looks at, with a target time (SPEC I-03) */
};
/* Ends the account that is not kept, as its owner would. Of its charges for days that the other one
 * paid for too the newest goes back by the rule for duplicates, older ones are asked for. Faults:
 * PROOF_UNKNOWN, ACCOUNT_LOCKED and those of billing_cancel. */
enum status pair_choose(struct ctx *cx, const struct catalog *c, const struct pair_choice *in,
                        struct pair_done *out) MUST_CHECK;
