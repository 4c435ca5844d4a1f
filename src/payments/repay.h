/* repay: carries out refunds at the gateway that took the money (SPEC I-04), outside any
 * transaction, under a key that stays the same however often a refund is sent.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/payments.h"

/* Sends what is wanted and looks up what is unknown, at most s->max refunds of s->due_day; *done
 * counts them. */
enum status repay_work(struct ctx *cx, const struct world *w, const struct shift *s,
                       size_t *done) MUST_CHECK;
/* As billing_first_due from day 1 on. */
enum status repay_first_due(struct ctx *cx, const struct lease *l, int64_t until_at,
                            int64_t *day) MUST_CHECK;
/* What the provider tells of a refund by itself, inside the caller's transaction. */
enum status repay_hear(struct ctx *cx, const struct gateway_event *e, int64_t at) MUST_CHECK;
/* "mem_…/rfd_…/refund": false when it is no such key. */
bool repay_key_read(const char *key, int64_t *account_id, int64_t *refund_id);
