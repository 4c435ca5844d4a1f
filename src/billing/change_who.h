/* change_who: who asked for the changes that explain a charge (SPEC A-06). Billing's own.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/explain_rules.h"
#include "db/db.h"

/* Adds who changed the plan or bought the slot, from where and when, to the causes of a charge for
 * `plan` that was due on a local date. */
enum status change_who(struct ctx *cx, int64_t account_id, const char *plan, int64_t due_day,
                       struct causes *causes) MUST_CHECK;
