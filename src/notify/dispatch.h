/* dispatch: makes messages and their deliveries of what the outbox holds.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "db/db.h"

enum { REFERENCE_RANDOM = 11, REFERENCE = 13, REFERENCE_TEXT = 16 }; /* see base/code.h */

/* Takes at most max rows that nobody has taken and stores what they become, in one transaction.
 * *done counts them: 0 when there were none. Faults: E_BUSY, when another courier took them. */
enum status notify_dispatch(struct ctx *cx, const struct catalog *c, size_t max,
                            size_t *done) MUST_CHECK;
