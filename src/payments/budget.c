/* budget: reads a card's declines for the rules. SPDX-License-Identifier: Apache-2.0 */
#include "payments/budget.h"

#include <assert.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "payments/budget_rules.h"

static int newest_first(const void *a, const void *b)
{
    int64_t const x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x < y) - (x > y);
}

enum status budget_allows(struct ctx *cx, const struct budget_ask *ask, bool *allowed,
                          int64_t *next_at)
{
    int64_t declines[2 * BUDGET_OPEN_MAX];
    struct card_decline_row *rows;
    size_t n;

    assert(ask->n_open < BUDGET_OPEN_MAX);
    TRY(card_declines(cx, &rows, &n, .fingerprint = ask->fingerprint,
                      .since = ask->at - 30 * DAY_MS, .max = BUDGET_OPEN_MAX));
    for (size_t i = 0; i < n; i++) declines[i] = rows[i].declined_at;
    for (size_t i = 0; i < ask->n_open; i++) declines[n++] = ask->open[i];
    if (ask->n_open) qsort(declines, n, sizeof declines[0], newest_first);
    *next_at = budget_wait_until(cx->settings, ask->brand, declines, n, ask->at);
    *allowed = *next_at == 0 || SABOTAGE("no_budget");
    return OK;
}
