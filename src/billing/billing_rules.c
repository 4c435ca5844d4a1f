/* billing_rules: rating one period. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing_rules.h"

#include <assert.h>

#include "base/calendar.h"
#include "base/sabotage.h"

const struct names charge_kinds = NAMES("renewal", "slot", "change");
const struct names charge_states =
    NAMES("wanted", "unknown", "captured", "failed", "credited", "canceled");
const struct names recoveries = NAMES("not", "backup", "retry", "member");
const struct names invoice_documents = NAMES("invoice", "credit_note");
const struct names charge_causes =
    NAMES("renewal", "first", "missing_day", "price_change", "tax_change", "recovered", "unpaid");
const struct names line_kinds = NAMES("plan", "tax");

const struct fault RATE_NO_COUNTRY = {
    E_CONFLICT, "rate.no_country",
    "The catalog does not sell in the member's country; add it and apply the catalog."};
const struct fault RATE_NO_PLAN = {
    E_CONFLICT, "rate.no_plan",
    "The catalog lacks the member's plan; add it and apply the catalog."};
const struct fault RATE_NO_PRICE = {
    E_CONFLICT, "rate.no_price",
    "The plan has no price in the member's country on that day; add one and apply the catalog."};

static int64_t total_rate(const struct tax *const *taxes, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) sum += taxes[i]->rate_ppm;
    return sum;
}

/* Inclusive: the taxes inside the list price, rounded once as a whole and shared by their rates.
 * Exclusive: each rate on the list price, rounded once. */
static void tax_amounts(enum tax_mode mode, int64_t price_minor, const struct tax *const *taxes,
                        size_t n, int64_t *amounts)
{
    int64_t rates[TAXES_MAX];

    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        rates[i] = taxes[i]->rate_ppm;
        amounts[i] = mode == TAX_EXCLUSIVE ? money_rate(price_minor, rates[i]) : 0;
    }
    if (mode == TAX_INCLUSIVE && total_rate(taxes, n) > 0)
        money_allocate(money_tax_within(price_minor, total_rate(taxes, n)), rates, n, amounts);
}

static void add_line(struct rated *out, struct rated_line line)
{
    assert(out->n_lines < LINES_MAX);
    out->lines[out->n_lines++] = line;
}

struct before { /* what held in the period before */
    bool price_changed, tax_changed;
};

static struct before compare(const struct country *c, const struct rate_in *in,
                             const struct price *price, int64_t rate_ppm)
{
    const struct tax *taxes[TAXES_MAX];
    struct before b = {false, false};

    if (in->k == 0) return b;
    int64_t const day = period_start_day(in->anchor_day, in->k - 1);
    const struct price *old = country_price(c, in->plan, NULL, day);
    b.price_changed = old && old->amount_minor != price->amount_minor;
    b.tax_changed =
        total_rate(taxes, country_taxes(c, in->region, day, taxes, TAXES_MAX)) != rate_ppm;
    return b;
}

static enum charge_cause cause_of(const struct rate_in *in, const struct before *b, int64_t start)
{
    if (in->recovered) return CAUSE_RECOVERED;
    if (in->first && in->k == 0) return CAUSE_FIRST;
    if (b->price_changed) return CAUSE_PRICE_CHANGE;
    if (b->tax_changed) return CAUSE_TAX_CHANGE;
    if (civil_of(start).day != civil_of(in->anchor_day).day) return CAUSE_MISSING_DAY;
    return CAUSE_RENEWAL;
}

const struct fault *rate_period(const struct catalog *c, const struct rate_in *in,
                                struct rated *out)
{
    const struct country *country = catalog_country(c, in->country);
    int64_t const start = period_start_day(in->anchor_day, in->k);
    const struct tax *taxes[TAXES_MAX];
    int64_t amounts[TAXES_MAX] = {0};

    if (!country) return &RATE_NO_COUNTRY;
    if (!catalog_plan(c, in->plan)) return &RATE_NO_PLAN;
    const struct price *price = country_price(country, in->plan, NULL, start);
    if (!price) return &RATE_NO_PRICE;
    int64_t const tax_day = SABOTAGE("tax_of_joining") ? in->anchor_day : start;
    size_t const n = country_taxes(country, in->region, tax_day, taxes, TAXES_MAX);
    struct before const before = compare(country, in, price, total_rate(taxes, n));
    tax_amounts(country->tax_mode, price->amount_minor, taxes, n, amounts);

    *out = (struct rated){.country = country,
                          .plan = in->plan,
                          .region = in->region,
                          .currency = country->currency,
                          .start_day = start,
                          .end_day = period_start_day(in->anchor_day, in->k + 1),
                          .cause = cause_of(in, &before, start)};
    for (size_t i = 0; i < n; i++) out->tax_minor += amounts[i];
    out->net_minor =
        price->amount_minor - (country->tax_mode == TAX_INCLUSIVE ? out->tax_minor : 0);
    out->total_minor = out->net_minor + out->tax_minor;
    add_line(out, (struct rated_line){LINE_PLAN, in->plan,
                                      before.price_changed             ? CAUSE_PRICE_CHANGE
                                      : out->cause == CAUSE_TAX_CHANGE ? CAUSE_RENEWAL
                                                                       : out->cause,
                                      price->amount_minor, 0, price->from_day, out->net_minor});
    for (size_t i = 0; i < n; i++)
        add_line(out, (struct rated_line){LINE_TAX, taxes[i]->name,
                                          before.tax_changed ? CAUSE_TAX_CHANGE : CAUSE_RENEWAL,
                                          country->tax_mode == TAX_INCLUSIVE ? out->total_minor
                                                                             : out->net_minor,
                                          taxes[i]->rate_ppm, taxes[i]->from_day, amounts[i]});
    return NULL;
}

int64_t earned_minor(int64_t net_minor, int64_t start_day, int64_t end_day, int64_t day)
{
    if (day <= start_day) return 0;
    if (day >= end_day) return net_minor;
    return net_minor * (day - start_day) / (end_day - start_day);
}
