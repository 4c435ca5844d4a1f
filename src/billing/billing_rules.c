/* billing_rules: rating one period. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing_rules.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"

const struct names charge_kinds = NAMES("renewal", "slot", "change");
const struct names charge_states =
    NAMES("wanted", "unknown", "captured", "failed", "credited", "canceled");
const struct names recoveries = NAMES("not", "backup", "retry", "member");
const struct names invoice_documents = NAMES("invoice", "credit_note");
const struct names charge_causes =
    NAMES("renewal", "first", "missing_day", "price_change", "tax_change", "recovered", "restarted",
          "resumed", "unpaid", "plan_change", "slot_added", "slot_removed", "anchor_shift",
          "refund", "dispute", "day_moved", "hold_unpaid");
const struct names line_kinds = NAMES("plan", "tax", "slot");

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

int64_t price_day(const struct price_terms *p, int64_t start_day)
{
    int64_t const told = p->new_day && start_day >= p->from_day ? p->new_day : p->known_day;

    return p->known_day && told < start_day ? told : start_day;
}

/* clang-format off */
static const char *const slot_items[SLOTS_MAX] = {
    ADDON_SLOT "_1", ADDON_SLOT "_2", ADDON_SLOT "_3", ADDON_SLOT "_4", ADDON_SLOT "_5",
    ADDON_SLOT "_6", ADDON_SLOT "_7", ADDON_SLOT "_8", ADDON_SLOT "_9", ADDON_SLOT "_10",
    ADDON_SLOT "_11", ADDON_SLOT "_12", ADDON_SLOT "_13", ADDON_SLOT "_14", ADDON_SLOT "_15",
    ADDON_SLOT "_16", ADDON_SLOT "_17", ADDON_SLOT "_18", ADDON_SLOT "_19", ADDON_SLOT "_20",
};
/* clang-format on */

const char *slot_item(int64_t slot_no)
{
    assert(slot_no >= 1 && slot_no <= SLOTS_MAX);
    return slot_items[slot_no - 1];
}

int64_t slot_of_item(const char *item)
{
    for (int64_t no = 1; no <= SLOTS_MAX; no++)
        if (strcmp(item, slot_items[no - 1]) == 0) return no;
    return 0;
}

struct before { /* what held in the period before */
    bool price_changed, tax_changed, plan_changed;
};

static bool plan_changed(const struct rate_in *in)
{
    return in->plan_before && strcmp(in->plan_before, in->plan) != 0;
}

static struct before compare(const struct country *c, const struct rate_in *in,
                             const struct price *price, int64_t rate_ppm)
{
    const struct tax *taxes[TAXES_MAX];
    struct before b = {.plan_changed = plan_changed(in)};

    if (in->k == 0) return b;
    int64_t const day = period_start_day(in->anchor_day, in->k - 1);
    const struct price *old = country_price(c, in->plan, NULL, price_day(&in->prices, day));
    b.price_changed = !b.plan_changed && old && old->amount_minor != price->amount_minor;
    b.tax_changed =
        total_rate(taxes, country_taxes(c, in->region, day, taxes, TAXES_MAX)) != rate_ppm;
    return b;
}

static enum charge_cause cause_of(const struct rate_in *in, const struct before *b, int64_t start)
{
    if (in->recovered) return CAUSE_RECOVERED;
    if (in->shifted) return CAUSE_ANCHOR_SHIFT;
    if (in->first && in->k == 0) return CAUSE_FIRST;
    if (b->plan_changed) return CAUSE_PLAN_CHANGE;
    if (in->slots & ~in->slots_before) return CAUSE_SLOT_ADDED;
    if (in->slots_before & ~in->slots) return CAUSE_SLOT_REMOVED;
    if (b->price_changed) return CAUSE_PRICE_CHANGE;
    if (b->tax_changed) return CAUSE_TAX_CHANGE;
    if (civil_of(start).day != civil_of(in->anchor_day).day) return CAUSE_MISSING_DAY;
    return CAUSE_RENEWAL;
}

static enum charge_cause plan_line_cause(const struct before *b, enum charge_cause cause)
{
    if (b->plan_changed) return CAUSE_PLAN_CHANGE;
    if (b->price_changed) return CAUSE_PRICE_CHANGE;
    return cause == CAUSE_TAX_CHANGE || cause == CAUSE_SLOT_ADDED || cause == CAUSE_SLOT_REMOVED
               ? CAUSE_RENEWAL
               : cause;
}

/* Slots that the catalog has no price for cost nothing: their lack must not stop a renewal. */
static void add_slots(const struct country *c, const struct rate_in *in, int64_t day,
                      struct rated *out)
{
    const struct price *price = in->slots ? country_price(c, in->plan, ADDON_SLOT, day) : NULL;

    for (int64_t no = 1; price && no <= SLOTS_MAX; no++)
        if (in->slots >> (no - 1) & 1)
            add_line(out, (struct rated_line){
                              LINE_SLOT, slot_item(no),
                              in->slots_before >> (no - 1) & 1 ? CAUSE_RENEWAL : CAUSE_SLOT_ADDED,
                              price->amount_minor, 0, price->from_day, price->amount_minor});
}

/* Turns list amounts with tax inside into net ones; what a line gives back stays as it is. */
static void take_out_tax(struct rated *out)
{
    int64_t lists[LINES_MAX], nets[LINES_MAX], net_minor = out->net_minor;

    for (size_t i = 0; i < out->n_lines; i++) {
        lists[i] = out->lines[i].amount_minor;
        if (lists[i] >= 0) continue;
        net_minor -= lists[i];
        lists[i] = 0;
    }
    money_allocate(net_minor, lists, out->n_lines, nets);
    for (size_t i = 0; i < out->n_lines; i++)
        if (out->lines[i].amount_minor >= 0) out->lines[i].amount_minor = nets[i];
}

/* Adds the taxes to lines of list amounts, which become net; one rounding for all. */
static void add_taxes(const struct country *country, const struct tax *const *taxes, size_t n,
                      enum charge_cause cause, struct rated *out)
{
    int64_t amounts[TAXES_MAX] = {0}, list_minor = 0;

    for (size_t i = 0; i < out->n_lines; i++) list_minor += out->lines[i].amount_minor;
    tax_amounts(country->tax_mode, list_minor, taxes, n, amounts);
    for (size_t i = 0; i < n; i++) out->tax_minor += amounts[i];
    out->net_minor = list_minor - (country->tax_mode == TAX_INCLUSIVE ? out->tax_minor : 0);
    out->total_minor = out->net_minor + out->tax_minor;
    if (country->tax_mode == TAX_INCLUSIVE && list_minor > 0) take_out_tax(out);
    for (size_t i = 0; i < n; i++)
        add_line(out, (struct rated_line){LINE_TAX, taxes[i]->name, cause,
                                          country->tax_mode == TAX_INCLUSIVE ? out->total_minor
                                                                             : out->net_minor,
                                          taxes[i]->rate_ppm, taxes[i]->from_day, amounts[i]});
}

const struct fault *rate_period(const struct catalog *c, const struct rate_in *in,
                                struct rated *out)
{
    const struct country *country = catalog_country(c, in->country);
    int64_t const start = period_start_day(in->anchor_day, in->k);
    int64_t const day = price_day(&in->prices, start);
    const struct tax *taxes[TAXES_MAX];

    if (!country) return &RATE_NO_COUNTRY;
    if (!catalog_plan(c, in->plan)) return &RATE_NO_PLAN;
    const struct price *price = country_price(country, in->plan, NULL, day);
    if (!price) return &RATE_NO_PRICE;
    int64_t const tax_day = SABOTAGE("tax_of_joining") ? in->anchor_day : start;
    size_t const n = country_taxes(country, in->region, tax_day, taxes, TAXES_MAX);
    struct before const before = compare(country, in, price, total_rate(taxes, n));

    *out = (struct rated){.country = country,
                          .plan = in->plan,
                          .region = in->region,
                          .currency = country->currency,
                          .start_day = start,
                          .end_day = period_start_day(in->anchor_day, in->k + 1),
                          .cause = cause_of(in, &before, start)};
    add_line(out,
             (struct rated_line){LINE_PLAN, in->plan, plan_line_cause(&before, out->cause),
                                 price->amount_minor, 0, price->from_day, price->amount_minor});
    add_slots(country, in, day, out);
    add_taxes(country, taxes, n, before.tax_changed ? CAUSE_TAX_CHANGE : CAUSE_RENEWAL, out);
    return NULL;
}

const struct fault *rate_part(const struct catalog *c, const struct part *in, struct rated *out)
{
    const struct country *country = catalog_country(c, in->country);
    const struct tax *taxes[TAXES_MAX];

    if (!country) return &RATE_NO_COUNTRY;
    size_t const n = country_taxes(country, in->region, in->start_day, taxes, TAXES_MAX);
    *out = (struct rated){.country = country,
                          .plan = in->plan,
                          .region = in->region,
                          .currency = country->currency,
                          .start_day = in->start_day,
                          .end_day = in->end_day,
                          .cause = in->cause};
    for (size_t i = 0; i < in->n; i++) add_line(out, in->lines[i]);
    add_taxes(country, taxes, n, in->cause, out);
    return NULL;
}

static void overlay(int64_t *value, int64_t own)
{
    if (own >= 0) *value = own;
}

struct settings settings_in(const struct settings *s, const struct country *c)
{
    struct settings in = *s;

    if (!c) return in;
    overlay(&in.grace_days, c->settings.grace_days);
    overlay(&in.hold_limit_days, c->settings.hold_limit_days);
    overlay(&in.retention_months, c->settings.retention_months);
    return in;
}

struct settings settings_widest(const struct settings *s, const struct catalog *c)
{
    struct settings widest = *s;

    for (size_t i = 0; i < c->n_countries; i++) {
        struct settings const in = settings_in(s, &c->countries[i]);

        if (in.grace_days > widest.grace_days) widest.grace_days = in.grace_days;
        if (in.hold_limit_days > widest.hold_limit_days)
            widest.hold_limit_days = in.hold_limit_days;
    }
    return widest;
}

int64_t period_after_lock(int64_t anchor_day, int64_t next, int64_t unlock_day)
{
    int64_t const begun = unlock_day ? period_on_or_after(anchor_day, unlock_day + 1) - 1 : next;

    return begun > next ? begun : next;
}

int64_t period_after_outage(const struct settings *s, int64_t anchor_day, int64_t next,
                            int64_t today)
{
    if (s->bill_missed_periods) return next;
    int64_t const begun = period_on_or_after(anchor_day, today + 1) - 1;
    return begun > next ? begun : next;
}

int64_t earned_minor(int64_t net_minor, int64_t start_day, int64_t end_day, int64_t day)
{
    if (day <= start_day) return 0;
    if (day >= end_day) return net_minor;
    return net_minor * (day - start_day) / (end_day - start_day);
}
