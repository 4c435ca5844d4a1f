/* change_who: who asked for the changes that explain a charge (SPEC A-06). Billing's own.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/history.h"

/* Adds who changed the plan or bought the slot, from where and when, to the causes of a charge;
 * dates are those of the account's zone. */
enum status change_who(struct ctx *cx, const struct history *h, const struct charge_facts *f,
                       struct causes *causes) MUST_CHECK;
