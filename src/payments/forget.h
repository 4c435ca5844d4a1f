/* forget: makes gateways forget the tokens of methods that were removed (SPEC C-18, F-21). The wish
 * is stored where the method is removed, and carried out outside any transaction, at least once. A
 * token that is on any method in use is never forgotten. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/forget_rules.h"
#include "payments/payments.h"

/* Inside the caller's transaction: the method is gone. */
enum status forget_want(struct ctx *cx, int64_t account_id, int64_t method_id) MUST_CHECK;

/* Before a gateway is asked what a token stands for: *seen tells its last forgetting, 0 when there
 * was none. Faults: METHOD_TOKEN_UNKNOWN while it is being forgotten. */
enum status forget_look(struct ctx *cx, const char *gateway, const char *token,
                        int64_t *seen) MUST_CHECK;
/* Inside the transaction that puts a token on a method: withdraws the wish. Faults:
 * METHOD_TOKEN_UNKNOWN when it was sent since forget_look: what the gateway said then may be
 * outdated. */
enum status forget_spare(struct ctx *cx, const char *gateway, const char *token,
                         int64_t seen) MUST_CHECK;

/* Asks the gateways, at most s->max wishes of s->due_day; *done counts them. */
enum status forget_work(struct ctx *cx, const struct world *w, const struct shift *s,
                        size_t *done) MUST_CHECK;
/* As billing_first_due from day 1 on. */
enum status forget_first_due(struct ctx *cx, const struct lease *l, int64_t until_at,
                             int64_t *day) MUST_CHECK;
