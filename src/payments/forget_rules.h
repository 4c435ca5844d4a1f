/* forget_rules: the life of the wish that a payment provider forgets a token. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/gateway.h"

enum forget_state {
    FORGET_WANTED,
    FORGET_SENT, /* the provider may have it: nobody may add the token until it has answered */
    FORGET_IS_DONE,
};
extern const struct names forget_states;

struct forget_life {
    enum forget_state state;
    int64_t due_at; /* when the provider is asked next; once done: when the wish goes */
    int64_t tries;  /* calls in a row that had no answer */
};
/* What is said at `at`; waits of wait_ms double up to a day. Once it is done nothing changes. */
void forget_hear(struct forget_life *f, enum forget_outcome said, int64_t at, int64_t wait_ms);
