/* inbox: what the gateway tells by itself, on its way to the worker who holds the account's bucket.
 * On a test clock workers stand on different days: one of them reads what the other must not know
 * yet. So the list is read once for all, and each takes what was told of its accounts by its own
 * day (docs/decisions/0044). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/payments.h"

struct inbox_event {
    struct gateway_event told;
    int64_t account_id;
};

/* Whom an event is about. */
bool inbox_account_of(const struct gateway_event *e, int64_t *account_id);

/* Stores the next events of the gateway's list, at most max of those that are delivered by `at`; *n
 * counts them, and those that another worker has stored meanwhile. Faults: as gateway.events. */
enum status inbox_read(struct ctx *cx, const struct gateway *g, int64_t at, size_t max,
                       size_t *n) MUST_CHECK;

/* What was told of the shift's accounts before its end, at most s->max, oldest first. */
enum status inbox_look(struct ctx *cx, const struct gateway *g, const struct shift *s,
                       struct inbox_event **events, size_t *n) MUST_CHECK;
/* When the oldest of what waits was told, whomever it is about; 0: nothing waits. */
enum status inbox_first(struct ctx *cx, const struct gateway *g, int64_t *told_at) MUST_CHECK;
/* Inside the transaction that acts on them: they are told to nobody else. */
enum status inbox_take(struct ctx *cx, const struct gateway *g, const struct inbox_event *events,
                       size_t n) MUST_CHECK;
