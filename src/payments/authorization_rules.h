/* authorization_rules: the life of a temporary authorization (SPEC B-10). Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/gateway.h"

enum authorization_state {
    AUTH_UNKNOWN, /* asked for, or given back, without an answer */
    AUTH_HELD,
    AUTH_VOIDED,
    AUTH_REFUSED,
};
extern const struct names authorization_states;

struct authorization_life {
    enum authorization_state state;
    const char *code;    /* of a refusal; "" */
    int64_t void_due_at; /* from then on it is voided, not asked for */
    int64_t due_at;      /* when the gateway is asked next; 0: never again */
    int64_t tries;       /* calls in a row that had no answer */
    int64_t ended_at;    /* voided or refused; 0: not yet */
};

/* A bank is asked for one with cards and wallets alone. */
bool authorization_fits(enum method_kind kind);
/* One unit of the currency, which every bank takes: 1.00 EUR, 1 JPY. */
int64_t authorization_amount(const char *currency);
/* What the next call is for: to give it back, else to ask for it. */
bool authorization_voids(const struct authorization_life *a, int64_t at);
/* What the gateway has said at `at`. What has no answer is asked again after wait_ms, doubled each
 * time up to a day; and an authorization is never left alone before it has ended. */
void authorization_hear(struct authorization_life *a, const struct authorization_answer *said,
                        int64_t at, int64_t wait_ms);
