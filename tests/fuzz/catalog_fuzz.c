/* catalog_fuzz: any bytes as a catalog document (libFuzzer). What is accepted must keep its
 * promises: sorted tables, sound periods, and look-ups that find every row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog.h"
#include "fuzz.h"

static void check_country(const struct catalog *c, const struct country *one)
{
    struct method_card const card = {KIND_CARD, "visa", FUNDING_CREDIT, NULL};
    const struct tax *taxes[4];

    promise(catalog_country(c, one->code) == one && catalog_seller(c, one->seller));
    for (size_t i = 0; i < one->n_prices; i++) {
        const struct price *p = &one->prices[i];

        promise(p->amount_minor >= 0 && (!p->until_day || p->until_day > p->from_day));
        promise(catalog_plan(c, p->plan));
        promise(country_price(one, p->plan, p->addon, p->from_day) == p);
        promise(country_price(one, p->plan, p->addon, p->from_day - 1) != p);
    }
    for (size_t i = 0; i < one->n_taxes; i++) {
        promise(one->taxes[i].rate_ppm >= 0 && one->taxes[i].rate_ppm <= PPM);
        promise(country_taxes(one, one->taxes[i].region, one->taxes[i].from_day, taxes, 4) <= 4);
    }
    if (!country_offers(one, KIND_CARD, 20000))
        promise(country_accepts(one, &card, 20000) == &METHOD_KIND_NOT_ACCEPTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct problems problems;
    CLEANUP(arena_clear) struct arena a = {0};
    const struct catalog *c = NULL;
    enum status const st = catalog_read((const char *)data, size, "fuzz", &a, &problems, &c);

    promise((st == OK) == (c != NULL) && (st == OK) == (problems.total == 0));
    for (size_t i = 0; i < problems.n; i++) promise(*problem_text(&problems, i, &a));
    for (size_t i = 0; c && i < c->n_countries; i++) check_country(c, &c->countries[i]);
    return 0;
}
