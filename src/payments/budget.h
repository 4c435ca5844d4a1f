/* budget: the card networks' limits on declined attempts per card (SPEC E-10).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "budget_sql.h" /* card_decline_add: counts a decline */

/* An attempt on a card. Brands: "mastercard" has its own windows, all others share one. */
struct budget_ask {
    const char *fingerprint, *brand;
    int64_t at;
    const int64_t *open; /* when others on the same card were begun whose answers are not known */
    size_t n_open;       /* below BUDGET_OPEN_MAX, which is above every window */
};
enum { BUDGET_OPEN_MAX = 64 };

/* Whether the attempt stays within the network's rolling windows, even if all open ones are
 * declined; when not, *next_at is when it will again. */
enum status budget_allows(struct ctx *cx, const struct budget_ask *ask, bool *allowed,
                          int64_t *next_at) MUST_CHECK;
