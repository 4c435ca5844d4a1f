/* sandbox: the scripted provider, what it has done, and what the simulator may do to its calls.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/gateway.h"

/* Its store fails; calls that meet that have done nothing. */
extern const struct fault SANDBOX_STORE;

/* The scripted provider; its tokens are told in docs/sandbox.md. Its store is `PATH-sandbox` beside
 * a SQLite database, memory beside `:memory:`, the schema `foyer_sandbox` (or SCHEMA_sandbox where
 * the URL sets a search_path) in PostgreSQL; always on a connection of its own. */
enum status sandbox_open(const char *db_url, struct gateway **out, struct error *e) MUST_CHECK;

/* The same provider elsewhere: `foyer sandbox --listen` at "http://KEY@127.0.0.1:8090". Its name is
 * "sandbox" too, for it knows the same tokens. */
enum status sandbox_http_open(const char *url, struct gateway **out, struct error *e) MUST_CHECK;

/* What the sandbox has captured and given back by `at`, for reconciliation: a row per currency, in
 * their order. */
struct sandbox_sum {
    const char *currency;
    int64_t captured, amount_minor;
    int64_t
        doubled; /* captures beyond the first of a (member, term, k, kind, subject); never any */
    int64_t refunds, refunded_minor;
};
enum status sandbox_captured(struct gateway *g, int64_t at, struct sandbox_sum **out, size_t *n,
                             struct arena *a, struct error *e) MUST_CHECK;

/* --- what the simulator may do to a call of the sandbox --- */
enum gateway_moment {
    GATEWAY_ON_CHARGE, /* asked once for every charge of a call, in order */
    GATEWAY_ON_CALL,   /* once for a whole call of charge */
    GATEWAY_ON_LOOK_UP,
    GATEWAY_ON_EVENTS,
    GATEWAY_ON_DESCRIBE,
    GATEWAY_ON_AUTHORIZE,
    GATEWAY_ON_VOID,
    GATEWAY_ON_REFUND,
    GATEWAY_ON_REFUND_LOOK_UP,
    GATEWAY_ON_FORGET,
};
enum gateway_injury {
    GATEWAY_UNHURT,
    GATEWAY_LOSE_REPLY,    /* processed, but the answer is GATEWAY_NO_REPLY */
    GATEWAY_LOSE_REQUEST,  /* GATEWAY_NO_REPLY, and it never arrived */
    GATEWAY_LIMIT_RATE,    /* GATEWAY_LATER: not processed */
    GATEWAY_CUT_OFF,       /* not ON_CHARGE: GATEWAY_UNREACHABLE, nothing was sent */
    GATEWAY_CRASH_BEFORE,  /* GATEWAY_CRASHED: the caller is gone; of charges those before are done
                            */
    GATEWAY_CRASH_AFTER,   /* the same when the provider has processed this one too */
    GATEWAY_REPEAT_EVENTS, /* ON_EVENTS: each event comes twice */
    GATEWAY_DELAY_EVENTS,  /* ON_EVENTS: none comes this time */
};
/* Asks before every call; an injury that does not fit its moment does nothing. NULL stops it. */
void sandbox_injure(struct gateway *g,
                    enum gateway_injury (*ask)(void *arg, enum gateway_moment moment), void *arg);
