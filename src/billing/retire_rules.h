/* retire_rules: from when a plan that is retired counts no more for one member, and what takes its
 * place (SPEC A-10). Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"

/* So many days before the notice must be given it is: a worker that stands still for a while costs
 * nobody a period. */
enum { RETIRE_EARLY_DAYS = 7 };

/* Whether the catalog has the plan no more for a period that starts on that day. */
bool retire_is_over(const struct catalog *c, const char *plan, int64_t start_day);
/* How long before a retirement its members are told in a country (NULL: the installation). */
int64_t retire_notice_days(const struct settings *s, const struct country *c);
/* The longest of all. */
int64_t retire_notice_widest(const struct settings *s, const struct catalog *c);
/* No period of the member's starts with the plan on this date or later: never before the notice is
 * over, as with prices (SPEC A-08). */
int64_t retire_applies_day(int64_t retired_day, int64_t told_day, int64_t notice_days);

/* Whether a member of the country can have the plan from that day on, at the prices of price_day:
 * one that new members can take. */
bool retire_offers(const struct country *c, const struct plan *p, int64_t day, int64_t price_day);
/* What a member gets without a choice: where the catalog moves the plan to, past those that are
 * retired by then as well; NULL: the membership ends. */
const struct plan *retire_default(const struct catalog *c, const struct country *country,
                                  const struct plan *p, int64_t day, int64_t price_day);
