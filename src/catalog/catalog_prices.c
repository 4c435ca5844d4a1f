/* catalog_prices: reads the prices and taxes of one country of a catalog document, and checks that
 * no two periods overlap and that no plan is without a price.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "catalog/catalog_parts.h"

static const int64_t AMOUNT_MAX = INT64_C(1000000000000);

static bool wrong_amount(struct draft *d, const struct node *n, const char *code, const char *text)
{
    problem_at(&d->r, n, NULL, code, "\"%s\" %s", node_shown(&d->r, n->text), text);
    return false;
}

static bool read_amount(struct draft *d, const struct node *n, const struct currency *cur,
                        int64_t *minor)
{
    if (!node_is(&d->r, n, NODE_TEXT)) return false;
    const char *s = n->text;
    bool const negative = *s == '-';
    size_t const whole = strspn(s += negative, "0123456789");
    size_t const decimals = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;

    if (whole == 0 || s[whole + (decimals ? decimals + 1 : 0)] != '\0')
        return wrong_amount(d, n, "catalog.amount", "is not an amount; write it like 12.99.");
    if (negative)
        return wrong_amount(d, n, "catalog.amount_negative", "is below zero; a price cannot be.");
    if (decimals > (size_t)cur->exponent) {
        problem_at(&d->r, n, NULL, "catalog.amount_decimals",
                   "\"%s\" has %zu decimals, but %s has only %d.", node_shown(&d->r, s), decimals,
                   cur->code, cur->exponent);
        return false;
    }
    if (!money_parse(s, cur->code, minor) || *minor > AMOUNT_MAX)
        return wrong_amount(d, n, "catalog.amount_large", "is too large for a price.");
    if (*minor == 0)
        return wrong_amount(d, n, "catalog.amount_zero",
                            "is nothing, which no gateway can charge; a price is above zero.");
    return true;
}

struct price_row {
    struct price price;
    const struct node *amount, *at;
};

static const struct key price_keys[] = {
    {"plan",   KEY_CODE, offsetof(struct price_row, price.plan),      true,  0, 0, NULL},
    {"addon",  KEY_CODE, offsetof(struct price_row, price.addon),     false, 0, 0, NULL},
    {"amount", KEY_NODE, offsetof(struct price_row, amount),          true,  0, 0, NULL},
    {"from",   KEY_DAY,  offsetof(struct price_row, price.from_day),  true,  0, 0, NULL},
    {"until",  KEY_DAY,  offsetof(struct price_row, price.until_day), false, 0, 0, NULL},
};

static bool plan_fits(struct draft *d, const struct node *at, const struct price *p)
{
    const struct plan *plan = catalog_plan(d->c, p->plan);

    if (!plan) {
        problem_at(&d->r, node_get(at, "plan"), NULL, "catalog.plan_unknown",
                   "There is no plan \"%s\" under plans.", p->plan);
        return false;
    }
    if (p->addon && strcmp(p->addon, "extra_member") != 0) {
        problem_at(&d->r, node_get(at, "addon"), NULL, "catalog.addon_unknown",
                   "There is no add-on \"%s\"; the one there is is extra_member.", p->addon);
        return false;
    }
    if (p->addon && plan->slots == 0) {
        problem_at(&d->r, node_get(at, "addon"), NULL, "catalog.addon_slots",
                   "The plan %s has no extra-member slots, so it cannot have a price for one.",
                   p->plan);
        return false;
    }
    return true;
}

static bool read_price(struct draft *d, const struct country *c, const struct node *n,
                       struct price_row *row)
{
    const struct currency *cur = c->currency ? currency_find(c->currency) : NULL;

    *row = (struct price_row){.at = n};
    bool good = node_bind(&d->r, n, price_keys, COUNT(price_keys), row);
    if (row->amount && cur)
        good = read_amount(d, row->amount, cur, &row->price.amount_minor) && good;
    if (!good) return false;
    good = plan_fits(d, n, &row->price);
    return period_valid(d, n, row->price.from_day, row->price.until_day) && good;
}

static int series_order(const struct price *a, const struct price *b)
{
    int const order = strcmp(a->plan, b->plan);

    return order ? order : text_order(a->addon, b->addon);
}

static int price_order(const void *a, const void *b)
{
    const struct price *x = a, *y = b; /* the first member of a row */
    int const order = series_order(x, y);

    return order ? order : (x->from_day > y->from_day) - (x->from_day < y->from_day);
}

_Static_assert(offsetof(struct price_row, price) == 0, "price_order reads the first member");

static const char *what(struct draft *d, const struct price *p)
{
    return p->addon ? arena_printf(d->r.scratch, "%s of plan %s", p->addon, p->plan)
                    : arena_printf(d->r.scratch, "plan %s", p->plan);
}

/* Neighbours of one series: neither an overlap nor, for a plan, a hole. */
static void check_neighbours(struct draft *d, const struct price_row *before,
                             const struct price_row *row)
{
    const struct price *a = &before->price, *b = &row->price;
    char from[DAY_TEXT], until[DAY_TEXT];

    if (series_order(a, b) != 0) return;
    day_text(b->from_day, from);
    if (period_overlaps(a->from_day, a->until_day, b->from_day, b->until_day))
        problem_at(
            &d->r, node_get(row->at, "from"), NULL, "catalog.price_overlaps",
            "The %s has two prices on %s; end the one of line %zu (until) where this begins.",
            what(d, b), from, before->at->line);
    else if (!b->addon && a->until_day < b->from_day)
        problem_at(&d->r, node_get(row->at, "from"), NULL, "catalog.price_missing",
                   "The %s has no price from %s to %s.", what(d, b), day_text(a->until_day, until),
                   from);
}

/* The last price of a plan has no end: who has the plan pays for it until nobody does. */
static void check_sold(struct draft *d, const struct country *c, const struct plan *p,
                       const struct node *prices)
{
    const struct price *last = NULL;
    char until[DAY_TEXT];

    for (size_t i = 0; i < c->n_prices; i++)
        if (!c->prices[i].addon && strcmp(c->prices[i].plan, p->code) == 0) last = &c->prices[i];
    if (!last) {
        problem_at(&d->r, prices, NULL, "catalog.price_missing",
                   "The plan %s has no price here; add one, or leave it out of `plans`.", p->code);
        return;
    }
    if (last->until_day)
        problem_at(&d->r, prices, NULL, "catalog.price_missing",
                   "The plan %s has no price from %s on; leave its last one open, for those who "
                   "have the plan by then.",
                   p->code, day_text(last->until_day, until));
}

static void check_unsold(struct draft *d, const struct price_row *row)
{
    problem_at(&d->r, node_get(row->at, "plan"), NULL, "catalog.plan_not_sold",
               "The plan %s has a price but is not in this country's `plans`.", row->price.plan);
}

/* Marks which plans are sold: those listed, or all of them; false when the list is wrong. */
static bool read_sold(struct draft *d, const struct node *list, bool *sold)
{
    bool good = true;

    for (size_t i = 0; !list && i < d->c->n_plans; i++) sold[i] = true;
    if (!list) return true;
    if (!node_is(&d->r, list, NODE_LIST)) return false;
    for (const struct node *n = list->first; n; n = n->next) {
        const struct plan *p = n->kind == NODE_TEXT ? catalog_plan(d->c, n->text) : NULL;

        if (p)
            sold[p - d->c->plans] = true;
        else if (node_is(&d->r, n, NODE_TEXT))
            problem_at(&d->r, n, NULL, "catalog.plan_unknown",
                       "There is no plan \"%s\" under plans.", node_shown(&d->r, n->text));
        good = good && p;
    }
    return good;
}

static size_t read_rows(struct draft *d, const struct country *c, const struct node *prices,
                        struct price_row *rows)
{
    size_t n = 0;

    for (const struct node *part = prices->first; part; part = part->next)
        if (read_price(d, c, part, &rows[n])) n++;
    return n;
}

void prices_read(struct draft *d, struct country *c, const struct node *prices,
                 const struct node *plans_sold, const struct node *at)
{
    bool *sold = arena_array(d->r.scratch, bool, d->c->n_plans + 1);

    if (!prices || !node_is(&d->r, prices, NODE_LIST) || !size_valid(d, prices, ENTRIES_MAX))
        return;
    struct price_row *rows = arena_array(d->r.scratch, struct price_row, prices->n + 1);
    size_t const n = read_rows(d, c, prices, rows);
    bool const complete = read_sold(d, plans_sold, sold) && n == prices->n;

    qsort(rows, n, sizeof *rows, price_order);
    struct price *kept = arena_array(d->r.keep, struct price, n + 1);
    for (size_t i = 0; i < n; i++) {
        kept[i] = rows[i].price;
        if (i > 0) check_neighbours(d, &rows[i - 1], &rows[i]);
    }
    c->prices = kept;
    c->n_prices = n;
    if (!complete) return; /* What is missing would only repeat what is wrong. */
    for (size_t i = 0; i < d->c->n_plans; i++)
        if (sold[i]) check_sold(d, c, &d->c->plans[i], prices->n ? prices : at);
    for (size_t i = 0; i < n; i++)
        if (!sold[catalog_plan(d->c, rows[i].price.plan) - d->c->plans]) check_unsold(d, &rows[i]);
}

/* --- taxes --- */

struct tax_row {
    struct tax tax;
    const struct node *at;
};

static const struct key tax_keys[] = {
    {"name",       KEY_TEXT, offsetof(struct tax_row, tax.name),       true,  1, 40, NULL},
    {"region",     KEY_TEXT, offsetof(struct tax_row, tax.region),     false, 1, 3,  NULL},
    {"replaces",   KEY_BOOL, offsetof(struct tax_row, tax.replaces),   false, 0, 0,  NULL},
    {"rate",       KEY_RATE, offsetof(struct tax_row, tax.rate_ppm),   true,  0, 0,  NULL},
    {"from",       KEY_DAY,  offsetof(struct tax_row, tax.from_day),   true,  0, 0,  NULL},
    {"until",      KEY_DAY,  offsetof(struct tax_row, tax.until_day),  false, 0, 0,  NULL},
    {"registered", KEY_BOOL, offsetof(struct tax_row, tax.registered), false, 0, 0,  NULL},
};

static bool region_fits(struct draft *d, const struct node *at, const struct tax *t)
{
    const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    if (t->region && t->region[strspn(t->region, letters)] != '\0') {
        problem_at(&d->r, node_get(at, "region"), NULL, "catalog.region",
                   "\"%s\" is not a region: write the last part of its ISO 3166-2 code, like CA.",
                   t->region);
        return false;
    }
    if (!t->region && t->replaces) {
        problem_at(&d->r, node_get(at, "replaces"), NULL, "catalog.region",
                   "Only a tax of a region can replace those of the country; add `region`.");
        return false;
    }
    return true;
}

static bool read_tax(struct draft *d, const struct node *n, struct tax_row *row)
{
    *row = (struct tax_row){.tax = {.registered = true}, .at = n};
    if (!node_bind(&d->r, n, tax_keys, COUNT(tax_keys), row)) return false;
    bool const good = region_fits(d, n, &row->tax);
    return period_valid(d, n, row->tax.from_day, row->tax.until_day) && good;
}

static int tax_series_order(const struct tax *a, const struct tax *b)
{
    int const order = text_order(a->region, b->region);

    return order ? order : strcmp(a->name, b->name);
}

static int tax_order(const void *a, const void *b)
{
    const struct tax *x = a, *y = b;
    int const order = tax_series_order(x, y);

    return order ? order : (x->from_day > y->from_day) - (x->from_day < y->from_day);
}

_Static_assert(offsetof(struct tax_row, tax) == 0, "tax_order reads the first member");

static void check_taxes(struct draft *d, const struct tax_row *before, const struct tax_row *row)
{
    const struct tax *a = &before->tax, *b = &row->tax;
    char from[DAY_TEXT];

    if (tax_series_order(a, b) != 0) return;
    if (period_overlaps(a->from_day, a->until_day, b->from_day, b->until_day))
        problem_at(&d->r, node_get(row->at, "from"), NULL, "catalog.tax_overlaps",
                   "%s has two rates on %s; end the one of line %zu (until) where this begins.",
                   b->name, day_text(b->from_day, from), before->at->line);
}

void taxes_read(struct draft *d, struct country *c, const struct node *taxes)
{
    size_t n = 0;

    if (!taxes || !node_is(&d->r, taxes, NODE_LIST) || !size_valid(d, taxes, ENTRIES_MAX)) return;
    struct tax_row *rows = arena_array(d->r.scratch, struct tax_row, taxes->n + 1);
    for (const struct node *part = taxes->first; part; part = part->next)
        if (read_tax(d, part, &rows[n])) n++;
    qsort(rows, n, sizeof *rows, tax_order);
    struct tax *kept = arena_array(d->r.keep, struct tax, n + 1);
    for (size_t i = 0; i < n; i++) {
        kept[i] = rows[i].tax;
        if (i > 0) check_taxes(d, &rows[i - 1], &rows[i]);
    }
    c->taxes = kept;
    c->n_taxes = n;
}
