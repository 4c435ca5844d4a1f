/* chart: the report as bars. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "cli/cli.h"

/* Prints a report by month; `currency` NULL: that of the most members. False when there is no such
 * currency. */
bool chart_print(const struct report *r, const char *currency);
