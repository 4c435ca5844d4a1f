/* outbox: decisions that couriers carry out after the commit.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"
#include "outbox_sql.h"

/* Writes one message inside the open transaction. `topic` is named by who emits it
 * ("membership.grace_started"); the body is a JSON object of facts and references, no wording. It
 * happened at `at`. Takes over `body`. */
enum status outbox_put(struct ctx *cx, const char *topic, int64_t account_id, int64_t at,
                       json_t *body) MUST_CHECK;

/* The oldest messages that nobody has taken, at most max, in order of their ids and so per account
 * in order of what happened. From the commit of the caller's transaction on they are taken; what
 * becomes of them belongs into the same one. Ids are not in order of commits, so that a message may
 * come after one with a larger id, but none is ever passed over (docs/decisions/0026). */
enum status outbox_take(struct ctx *cx, int64_t max, struct outbox_row **rows,
                        size_t *n) MUST_CHECK;
