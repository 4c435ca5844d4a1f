/* chart: the report as bars. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "cli/cli.h"

/* Prints a report by month; `currency`, one of ISO 4217, NULL: that of the most members. */
void chart_print(const struct report *r, const char *currency);
