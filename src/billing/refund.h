/* refund: gives money of one charge back (SPEC I-04). Decided and booked in one transaction, with a
 * credit note; payments carries out what goes to a method. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/refund_rules.h"
#include "db/db.h"
#include "refund_sql.h" /* struct refund: the row */

struct issuer;

struct refund_order {
    int64_t account_id, charge_id;
    int64_t amount_minor; /* 0: all that is left */
    enum refund_to to;    /* what was paid with credit goes back to credit all the same */
    enum refund_circumstance circumstance;
    const char *rule; /* the stable name of the rule that decides it (SPEC I-02) */
    const char *key;  /* of this decision, unique in the account: again, it is the same refund */
    int64_t from_day, until_day; /* the local days it gives back; both 0: the whole period */
    int64_t at;                  /* when it is decided */
    const struct issuer *by;     /* NULL: by hand */
};

extern const struct fault REFUND_CHARGE_UNKNOWN, REFUND_NOT_PAID, REFUND_TOO_MUCH,
    REFUND_NOTHING_LEFT, REFUND_KEY_USED, REFUND_CHANGED, REFUND_DISPUTED;

/* Decides a refund inside the caller's transaction, or one of its own. *refund_id (may be NULL) is
 * its number; what was paid with credit may be a second one beside it. Faults: those above;
 * REFUND_CHANGED (E_BUSY) when another refund of the charge came first; CREDIT_CURRENCY when it
 * goes to credit and the account has moved to another currency. */
enum status refund_order(struct ctx *cx, const struct refund_order *o,
                         int64_t *refund_id) MUST_CHECK;

/* What may still be given back of a charge. */
struct refund_left {
    int64_t total_minor;  /* all of it */
    int64_t method_minor; /* of that, to the method that paid */
    bool disputed;        /* a bank is taking it back: nothing now */
    int64_t held_minor;   /* of what was paid, in that bank's hands meanwhile */
};
enum status refund_left(struct ctx *cx, int64_t account_id, int64_t charge_id,
                        struct refund_left *out) MUST_CHECK;

/* What the provider has told of a refund; payments tells it inside its own transaction. A refund
 * that is refused for good becomes credit. Again is nothing. */
struct refund_told {
    int64_t refund_id, account_id;
    enum refund_news news;
    const char *code, *ref; /* of a refusal; the provider's reference; "" */
    int64_t at, done_at;    /* done_at: when the money went back */
};
enum status refund_tell(struct ctx *cx, const struct refund_told *t) MUST_CHECK;
