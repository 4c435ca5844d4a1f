/* budget_rules: the networks' windows as a table. SPDX-License-Identifier: Apache-2.0 */
#include "payments/budget_rules.h"

#include <string.h>

#include "base/calendar.h"

/* The newest `max` declines fill a window: the oldest of them has to leave it first. */
static int64_t window_wait(const int64_t *declines, size_t n, int64_t max, int64_t length_ms,
                           int64_t at)
{
    if (n < (size_t)max) return 0;
    int64_t const free_at = declines[max - 1] + length_ms;
    return free_at > at ? free_at : 0;
}

int64_t budget_wait_until(const struct settings *s, const char *brand, const int64_t *declines,
                          size_t n, int64_t at)
{
    if (strcmp(brand, "mastercard") != 0)
        return window_wait(declines, n, s->max_attempts_card_30d, 30 * DAY_MS, at);
    int64_t const day = window_wait(declines, n, s->max_attempts_mastercard_24h, DAY_MS, at);
    int64_t const month = window_wait(declines, n, s->max_attempts_mastercard_30d, 30 * DAY_MS, at);
    return day > month ? day : month;
}
