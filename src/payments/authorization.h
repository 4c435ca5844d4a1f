/* authorization: makes a temporary authorization when a method is added, and voids it after
 * auth_void_days (SPEC B-10). The wish is stored before the gateway is asked, and the gateway is
 * never asked inside a transaction. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/authorization_rules.h"
#include "payments/payments.h"

/* Inside the caller's transaction: decides one for a method that has just been added. It is gone
 * when the local date auth_void_days after today's begins. */
enum status authorization_want(struct ctx *cx, const struct account *a,
                               int64_t method_id) MUST_CHECK;
/* Inside the caller's transaction: the method is gone, so what it holds is voided at once. Nothing
 * when it holds nothing. */
enum status authorization_release(struct ctx *cx, int64_t account_id, int64_t method_id) MUST_CHECK;
/* Asks the gateway for what authorization_want has decided, outside any transaction. Whatever
 * stops it here, the worker asks again. */
enum status authorization_ask(struct ctx *cx, const struct world *w, int64_t account_id,
                              int64_t method_id) MUST_CHECK;
/* Why the bank has refused it; "" when it has not. */
enum status authorization_refusal(struct ctx *cx, int64_t account_id, int64_t method_id,
                                  const char **code) MUST_CHECK;
/* Asks again for what had no answer, and voids what has had its time, at most s->max of s->due_day;
 * *done counts them. */
enum status authorization_work(struct ctx *cx, const struct world *w, const struct shift *s,
                               size_t *done) MUST_CHECK;
/* As billing_first_due from day 1 on. */
enum status authorization_first_due(struct ctx *cx, const struct lease *l, int64_t until_at,
                                    int64_t *day) MUST_CHECK;
