/* retire_rules: dates and places of retirements. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire_rules.h"

bool retire_is_over(const struct catalog *c, const char *plan, int64_t start_day)
{
    const struct plan *p = catalog_plan(c, plan);

    return p && p->retired_day && start_day >= p->retired_day;
}

int64_t retire_notice_days(const struct settings *s, const struct country *c)
{
    int64_t const own = c ? c->settings.price_notice_days : -1;

    return own >= 0 ? own : s->price_notice_days;
}

int64_t retire_notice_widest(const struct settings *s, const struct catalog *c)
{
    int64_t widest = s->price_notice_days;

    for (size_t i = 0; i < c->n_countries; i++) {
        int64_t const days = retire_notice_days(s, &c->countries[i]);

        if (days > widest) widest = days;
    }
    return widest;
}

int64_t retire_applies_day(int64_t retired_day, int64_t told_day, int64_t notice_days)
{
    int64_t const over = told_day + notice_days;

    return over > retired_day ? over : retired_day;
}

bool retire_offers(const struct country *c, const struct plan *p, int64_t day, int64_t price_day)
{
    return plan_open(p, day) && country_price(c, p->code, NULL, price_day);
}

const struct plan *retire_default(const struct catalog *c, const struct country *country,
                                  const struct plan *p, int64_t day, int64_t price_day)
{
    for (size_t i = 0; i < c->n_plans && p && p->retired_to; i++) {
        p = catalog_plan(c, p->retired_to);
        if (!p || (p->until_day && day >= p->until_day)) return NULL;
        if (!p->retired_day || day < p->retired_day)
            return country_price(country, p->code, NULL, price_day) ? p : NULL;
    }
    return NULL;
}
