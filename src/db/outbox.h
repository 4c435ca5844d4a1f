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
