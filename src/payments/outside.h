/* outside: what happens to a method without its owner: the card network replaces it, the bank
 * closes it or takes the mandate back (SPEC C-16, C-22). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/payments.h"

/* Whether an event of a gateway is of this kind. */
bool outside_is(enum gateway_event_kind kind);
/* Takes one, inside the caller's transaction, at `at`: again it does nothing. The method keeps its
 * place; what can no longer be charged is blocked, and the next backup leads. The owner is told,
 * and warned where nothing is left to charge. */
enum status outside_hear(struct ctx *cx, const char *gateway, int64_t account_id,
                         const struct gateway_event *e, int64_t at) MUST_CHECK;

/* A card that will have expired before the next charge: told once, when the last charge before that
 * is paid. It may be charged all the same (SPEC H-10). */
struct outside_expiry {
    int64_t account_id, method_id, expiry_month, charged_day, next_day, at;
};
enum status outside_expires(struct ctx *cx, const struct outside_expiry *x) MUST_CHECK;
