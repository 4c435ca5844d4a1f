/* budget_rules: rolling windows over a card's declines. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "policy/settings.h"

/* declines: times of a card's declined attempts, newest first. 0 when an attempt at `at` stays
 * within every window of the brand, else the first instant at which it will. A decline leaves a
 * window when it is as old as the window is long. */
int64_t budget_wait_until(const struct settings *s, const char *brand, const int64_t *declines,
                          size_t n, int64_t at);
