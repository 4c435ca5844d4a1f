/* refund_rules: the words of refunds and the life of one between the decision and the provider's
 * last word. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum refund_to { REFUND_TO_METHOD, REFUND_TO_CREDIT };
extern const struct names refund_targets;

/* Why money is given back. */
enum refund_circumstance {
    REFUND_UNAUTHORIZED,
    REFUND_DUPLICATE_ACCOUNT,
    REFUND_BILLING_ERROR,
    REFUND_AFTER_CANCEL, /* charged after the owner had cancelled */
    REFUND_WITHDRAWAL,   /* the right of withdrawal (SPEC F-24) */
    REFUND_SERVICE_FAILURE,
    REFUND_GOODWILL,
    REFUND_NOT_USED,
    REFUND_TAKEOVER,     /* a restart that was not the owner's (SPEC I-05) */
    REFUND_LATE_CAPTURE, /* paid after the wait for the payment had ended (SPEC 2.2) */
};
extern const struct names refund_circumstances;

enum refund_state {
    REFUND_WANTED,  /* decided; sending it, again too, is safe under its key */
    REFUND_UNKNOWN, /* the provider has it or may have it: it is looked up */
    REFUND_DONE,
    REFUND_FAILED, /* refused for good: the money is given as credit */
};
extern const struct names refund_states;

/* What a provider has said about a refund. */
enum refund_news {
    REFUND_NEWS_DONE,
    REFUND_NEWS_REFUSED,
    REFUND_NEWS_PENDING,
    REFUND_NEWS_NO_REPLY,
    REFUND_NEWS_NEVER_SEEN, /* look-up only: sending it is safe */
    REFUND_NEWS_LATER,      /* not processed */
};

struct refund_life {
    enum refund_state state;
    int64_t due_at; /* when the provider is asked next; 0: never again */
    int64_t tries;  /* calls in a row that settled nothing */
};

/* What is said at `at`; waits of wait_ms double up to a day. News of what is over changes nothing.
 */
void refund_live(struct refund_life *r, enum refund_news news, int64_t at, int64_t wait_ms);
