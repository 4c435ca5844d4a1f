/* catalog_rules: looks things up in a catalog in memory. Pure; prices and taxes are asked for at
 * every renewal, hence the binary searches. SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "catalog/catalog.h"

const struct names tax_modes = NAMES("inclusive", "exclusive");
const struct names method_kinds = NAMES("card", "wallet", "gift", "carrier");
const struct names fundings = NAMES("credit", "debit", "prepaid", "virtual", "none");
const struct names change_policies = NAMES("shift_anchor", "prorate_now", "new_price_next_date");

const struct fault PLAN_UNKNOWN = {
    E_NOT_FOUND, "plan.unknown",
    "The catalog has no such plan; `foyer catalog show` lists the plans."};
const struct fault COUNTRY_UNKNOWN = {
    E_NOT_FOUND, "country.unknown",
    "The catalog has no such country; `foyer catalog show` lists the countries."};
const struct fault METHOD_KIND_NOT_ACCEPTED = {
    E_INVALID, "method.kind_not_accepted",
    "This kind of payment method is not accepted in this country; choose another kind."};
const struct fault METHOD_BRAND_NOT_ACCEPTED = {
    E_INVALID, "method.brand_not_accepted",
    "Cards or wallets of this brand are not accepted in this country; choose another brand."};
const struct fault METHOD_FUNDING_NOT_ACCEPTED = {
    E_INVALID, "method.funding_not_accepted",
    "This type of card (credit, debit, prepaid or virtual) is not accepted in this country; "
    "choose a card of another type."};
const struct fault METHOD_OPERATOR_NOT_ACCEPTED = {
    E_INVALID, "method.operator_not_accepted",
    "This mobile operator is not a billing partner in this country; choose another method."};
const struct fault METHOD_GIFT_NOT_A_METHOD = {
    E_INVALID, "method.gift_not_a_method",
    "A gift card becomes account credit and cannot pay for a membership alone; redeem it, "
    "and choose a card or another method."};

/* Every table starts its rows with the code, so one search serves them all. */
static const void *find_code(const void *rows, size_t n, size_t size, const char *code)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t const middle = low + (high - low) / 2;
        const void *row = (const char *)rows + middle * size;
        const char *at;

        memcpy(&at, row, sizeof at);
        int const order = strcmp(code, at);
        if (order == 0) return row;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

_Static_assert(offsetof(struct seller, code) == 0 && offsetof(struct plan, code) == 0 &&
                   offsetof(struct country, code) == 0,
               "find_code reads the first member");

const struct seller *catalog_seller(const struct catalog *c, const char *code)
{
    return find_code(c->sellers, c->n_sellers, sizeof *c->sellers, code);
}

const struct plan *catalog_plan(const struct catalog *c, const char *code)
{
    return find_code(c->plans, c->n_plans, sizeof *c->plans, code);
}

const struct country *catalog_country(const struct catalog *c, const char *code)
{
    return find_code(c->countries, c->n_countries, sizeof *c->countries, code);
}

const struct plan *catalog_plan_named(const struct catalog *c, const char *text)
{
    for (size_t i = 0; i < c->n_plans; i++)
        if (text_equal_nocase(c->plans[i].code, text)) return &c->plans[i];
    for (size_t i = 0; i < c->n_plans; i++)
        if (text_equal_nocase(c->plans[i].name, text)) return &c->plans[i];
    return NULL;
}

/* Names that member lists really use for a country, beside the one of the catalog. */
static const struct {
    const char *name, *code;
} other_names[] = {
    {"Britain",                   "GB"},
    {"Cote d'Ivoire",             "CI"},
    {"Czech Republic",            "CZ"},
    {"Czechia",                   "CZ"},
    {"England",                   "GB"},
    {"Great Britain",             "GB"},
    {"Holland",                   "NL"},
    {"Hong Kong",                 "HK"},
    {"Hong Kong SAR",             "HK"},
    {"Ivory Coast",               "CI"},
    {"Korea",                     "KR"},
    {"Korea, Republic of",        "KR"},
    {"Moldova, Republic of",      "MD"},
    {"Northern Ireland",          "GB"},
    {"Republic of Ireland",       "IE"},
    {"Republic of Korea",         "KR"},
    {"Republic of Moldova",       "MD"},
    {"Russia",                    "RU"},
    {"Russian Federation",        "RU"},
    {"Scotland",                  "GB"},
    {"Slovak Republic",           "SK"},
    {"South Korea",               "KR"},
    {"Taiwan, Province of China", "TW"},
    {"The Netherlands",           "NL"},
    {"Turkey",                    "TR"},
    {"Turkiye",                   "TR"},
    {"Türkiye",                  "TR"},
    {"U.K.",                      "GB"},
    {"U.S.",                      "US"},
    {"U.S.A.",                    "US"},
    {"UAE",                       "AE"},
    {"UK",                        "GB"},
    {"United Kingdom",            "GB"},
    {"United States",             "US"},
    {"United States of America",  "US"},
    {"USA",                       "US"},
    {"Viet Nam",                  "VN"},
    {"Vietnam",                   "VN"},
    {"Wales",                     "GB"},
};

const struct country *catalog_country_named(const struct catalog *c, const char *text)
{
    for (size_t i = 0; i < c->n_countries; i++)
        if (text_equal_nocase(c->countries[i].code, text)) return &c->countries[i];
    for (size_t i = 0; i < c->n_countries; i++)
        if (text_equal_nocase(c->countries[i].name, text)) return &c->countries[i];
    for (size_t i = 0; i < COUNT(other_names); i++)
        if (text_equal_nocase(other_names[i].name, text))
            return catalog_country(c, other_names[i].code);
    return NULL;
}

static bool in_force(int64_t day, int64_t from_day, int64_t until_day)
{
    return from_day <= day && (until_day == DAY_NEVER || day < until_day);
}

static int order_text(const char *a, const char *b) /* NULL first */
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

/* The last row that starts on or before the day is the only one that can be in force: rows of one
 * plan and add-on never overlap. */
const struct price *country_price(const struct country *c, const char *plan, const char *addon,
                                  int64_t day)
{
    size_t low = 0, high = c->n_prices;

    while (low < high) {
        size_t const middle = low + (high - low) / 2;
        const struct price *p = &c->prices[middle];
        int order = strcmp(p->plan, plan);

        if (order == 0) order = order_text(p->addon, addon);
        if (order < 0 || (order == 0 && p->from_day <= day))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return NULL;
    const struct price *p = &c->prices[low - 1];
    if (strcmp(p->plan, plan) != 0 || order_text(p->addon, addon) != 0) return NULL;
    return in_force(day, p->from_day, p->until_day) ? p : NULL;
}

static size_t first_tax(const struct country *c, const char *region)
{
    size_t low = 0, high = c->n_taxes;

    while (low < high) {
        size_t const middle = low + (high - low) / 2;

        if (order_text(c->taxes[middle].region, region) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t take_taxes(const struct country *c, const char *region, int64_t day,
                         const struct tax **out, size_t max)
{
    size_t n = 0;

    for (size_t i = first_tax(c, region); i < c->n_taxes; i++) {
        const struct tax *t = &c->taxes[i];

        if (order_text(t->region, region) != 0) break;
        if (n < max && t->registered && in_force(day, t->from_day, t->until_day)) out[n++] = t;
    }
    return n;
}

size_t country_taxes(const struct country *c, const char *region, int64_t day,
                     const struct tax **out, size_t max)
{
    size_t const n = take_taxes(c, NULL, day, out, max);

    if (!region || !*region) return n;
    size_t const more = take_taxes(c, region, day, out + n, max - n);
    for (size_t i = n; i < n + more; i++)
        if (out[i]->replaces) return take_taxes(c, region, day, out, max);
    return n + more;
}

bool plan_open(const struct plan *p, int64_t day)
{
    return in_force(day, p->from_day, p->until_day) && (!p->closed_day || day < p->closed_day) &&
           (!p->retired_day || day < p->retired_day);
}

static bool matches(const char *column, const char *value)
{
    return !column || (value && strcmp(column, value) == 0);
}

static int columns_set(const struct acceptance *r)
{
    return (r->brand != NULL) + (r->funding != NULL) + (r->operator_ != NULL);
}

static bool decide(const struct country *c, const struct method_card *m, int64_t day)
{
    const struct acceptance *best = NULL;

    for (size_t i = 0; i < c->n_acceptances; i++) {
        const struct acceptance *r = &c->acceptances[i];

        if (r->kind != m->kind || !in_force(day, r->from_day, r->until_day)) continue;
        if (!matches(r->brand, m->brand) || !matches(r->operator_, m->operator_)) continue;
        if (!matches(r->funding, fundings.at[m->funding])) continue;
        int const more = best ? columns_set(r) - columns_set(best) : 1;
        if (more > 0 || (more == 0 && !r->accepted)) best = r;
    }
    return best && best->accepted;
}

static bool decide_other_funding(const struct country *c, struct method_card m, int64_t day)
{
    for (size_t i = 0; i < fundings.n; i++) {
        m.funding = (enum funding)i;
        if (decide(c, &m, day)) return true;
    }
    return false;
}

bool country_offers(const struct country *c, enum method_kind kind, int64_t day)
{
    if (kind == KIND_GIFT) return false;
    for (size_t i = 0; i < c->n_acceptances; i++) {
        const struct acceptance *r = &c->acceptances[i];

        if (r->kind == kind && r->accepted && in_force(day, r->from_day, r->until_day)) return true;
    }
    return false;
}

/* The narrowest thing that the member could change and be accepted is the reason given. */
const struct fault *country_accepts(const struct country *c, const struct method_card *m,
                                    int64_t day)
{
    assert((size_t)m->kind < method_kinds.n && (size_t)m->funding < fundings.n);
    if (m->kind == KIND_GIFT) return &METHOD_GIFT_NOT_A_METHOD;
    if (decide(c, m, day)) return NULL;
    if (!country_offers(c, m->kind, day)) return &METHOD_KIND_NOT_ACCEPTED;
    if (m->kind == KIND_CARRIER) return &METHOD_OPERATOR_NOT_ACCEPTED;
    if (decide_other_funding(c, *m, day)) return &METHOD_FUNDING_NOT_ACCEPTED;
    return &METHOD_BRAND_NOT_ACCEPTED;
}

void country_decline_checks(const struct country *c, const struct method_card *m, int64_t day,
                            struct decline_check out[static DECLINE_CHECKS])
{
    static const struct decline_check checks[DECLINE_CHECKS] = {
        {"method.accepted_here", NULL},
        {"method.details",       NULL},
        {"method.funds",         NULL},
        {"method.bank",          NULL},
    };

    memcpy(out, checks, sizeof checks);
    out[0].finding = country_accepts(c, m, day);
}
