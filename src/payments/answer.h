/* answer: what an answer of the gateway does to the charge it was asked for, whoever learned it:
 * the round that sent the attempt, or an event. Shared by collect.c and hear.c alone.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "collect_sql.h"
#include "payments/payments.h"

/* What happens to one wanted charge in this round. */
enum handling {
    SEND,    /* an attempt is decided: charge it */
    LOOK_UP, /* its outcome is in doubt: ask */
    CHOOSE,  /* no method is chosen, or the chosen one may not be used */
    COVERED, /* credit has paid it: there is nothing to charge */
    WAIT,    /* too many of its card are sent in this round: it stays wanted */
};

struct item {
    const struct wanted *w;
    enum handling handling;
    struct gateway_answer answer;
    int64_t at;       /* when its answer counts as given: of a capture, when it was made */
    int64_t known_at; /* when we learned of it */
};

struct round {
    struct ctx *cx;
    const struct world *world;
    const struct shift *shift;
    struct item *items;
    size_t n;
    /* written in bulk */
    struct attempt_put_all_in *attempts;
    struct receipt *receipts;
    size_t n_attempts, n_receipts;
};

/* Whether a method in that state, kept with that gateway, may be charged by this round's; with
 * check_budget also as its card network counts (SPEC E-12). */
enum status answer_may_charge(const struct round *r, int64_t state, const char *gateway,
                              const char *fingerprint, const char *brand, bool check_budget,
                              int64_t at, bool *out) MUST_CHECK;

/* By whom and in which series what this round settles is invoiced. */
struct issuer answer_issuer(const struct round *r);

/* Whether the answer says that the key was used with other particulars: it tells nothing of what
 * the first call came to. */
bool answer_is_mistaken(const struct gateway_answer *a);

/* Inside the caller's transaction: books what one item's answer says and decides what comes next.
 * What is written in bulk is added to r->attempts, which holds one for each item, and to
 * r->receipts, which holds one for each that was not in doubt; the caller writes them. */
enum status answer_settle(struct round *r, struct item *i) MUST_CHECK;
