/* budget: the card networks' limits on declined attempts per card (SPEC E-10).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "budget_sql.h" /* card_decline_add: counts a decline */

/* Whether one more attempt on a card stays within its network's rolling windows at `at`; when not,
 * *next_at is when it will again. Brands: "mastercard" has its own windows, all others share one.
 */
enum status budget_allows(struct ctx *cx, const char *fingerprint, const char *brand, int64_t at,
                          bool *allowed, int64_t *next_at) MUST_CHECK;
