/* price_rules: terms of prices. SPDX-License-Identifier: Apache-2.0 */
#include "billing/price_rules.h"

#include "base/sabotage.h"
const struct names price_consents = NAMES("not_needed", "asked", "given");

int64_t price_applies_day(const struct price_news *n)
{
    int64_t const told = n->today + (n->dearer ? n->notice_days : 0);

    return told > n->from_day ? told : n->from_day;
}

int64_t price_known_by(const struct price_terms *t, int64_t today, int64_t from_day)
{
    if (!t->known_day) return from_day - 1;
    return t->new_day && t->from_day <= today ? t->new_day : t->known_day;
}

bool price_is_known(const struct price_terms *now, const struct price_news *n)
{
    return price_known_by(now, n->today, n->from_day) >= n->from_day || now->new_day >= n->from_day;
}

struct price_terms price_announce(const struct price_terms *now, const struct price_news *n)
{
    int64_t const known = price_known_by(now, n->today, n->from_day);

    if (price_is_known(now, n)) return *now;
    if (n->dearer && n->consent && !SABOTAGE("consent_assumed"))
        return (struct price_terms){.known_day = known};
    return (struct price_terms){known, n->from_day, price_applies_day(n)};
}

struct price_terms price_agree(const struct price_terms *now, int64_t from_day, int64_t applies_day,
                               int64_t today)
{
    return (struct price_terms){price_known_by(now, today, from_day), from_day,
                                applies_day > today ? applies_day : today};
}
