/* budget: reads a card's declines for the rules. SPDX-License-Identifier: Apache-2.0 */
#include "payments/budget.h"

#include "base/calendar.h"
#include "base/sabotage.h"
#include "payments/budget_rules.h"

enum { DECLINES_MAX = 64 }; /* above the largest window */

enum status budget_allows(struct ctx *cx, const char *fingerprint, const char *brand, int64_t at,
                          bool *allowed, int64_t *next_at)
{
    int64_t declines[DECLINES_MAX];
    struct card_decline_row *rows;
    size_t n;

    TRY(card_declines(cx, &rows, &n, .fingerprint = fingerprint, .since = at - 30 * DAY_MS,
                      .max = DECLINES_MAX));
    for (size_t i = 0; i < n; i++) declines[i] = rows[i].declined_at;
    *next_at = budget_wait_until(cx->settings, brand, declines, n, at);
    *allowed = *next_at == 0 || SABOTAGE("no_budget");
    return OK;
}
