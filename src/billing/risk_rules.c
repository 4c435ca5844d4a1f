/* risk_rules: the table. SPDX-License-Identifier: Apache-2.0 */
#include "billing/risk_rules.h"

const struct names risks =
    NAMES("new_country", "new_device", "method_added", "unlocked", "refused_tries");

/* By the default setting three points are high: a new device with a new card is what most who come
 * back have, and is not; the same from another country is. */
/* clang-format off */
static const struct risk_rule rules[] = {
    {RISK_NEW_COUNTRY,  2, "It comes from a country that this account was never used from."},
    {RISK_NEW_DEVICE,   1, "It comes from a device that this account was never used on."},
    {RISK_METHOD_ADDED, 1, "A payment method was added just before."},
    {RISK_UNLOCKED,     2, "A takeover of this account was looked into until just before."},
    {RISK_REFUSED,      2, "Somebody who may not has tried to restart it just before."},
};
/* clang-format on */

const struct risk_rule *risk_rules(size_t *n)
{
    *n = COUNT(rules);
    return rules;
}

int64_t risk_points(unsigned set)
{
    int64_t points = 0;

    for (size_t i = 0; i < COUNT(rules); i++)
        if (set & RISK(rules[i].risk)) points += rules[i].points;
    return points;
}
