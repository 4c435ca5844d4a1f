/* plan: reads the catalog. SPDX-License-Identifier: Apache-2.0 */
#include "billing/plan.h"

#include "base/calendar.h"

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static bool is_there(const struct plan *p, int64_t day)
{
    return day >= p->from_day && (!p->until_day || day < p->until_day) &&
           (!p->retired_day || day < p->retired_day);
}

static struct offer offer_of(struct ctx *cx, const struct country *country, const struct plan *p,
                             const struct price *price, int64_t day)
{
    const struct price *slot = country_price(country, p->code, ADDON_SLOT, day);

    return (struct offer){
        .plan = p->code,
        .name = p->name,
        .audio = p->audio,
        .ads = p->ads,
        .hdr = p->hdr,
        .streams = p->streams,
        .download_devices = p->download_devices,
        .resolution = p->resolution,
        .slots = slot ? p->slots : 0,
        .price_minor = price->amount_minor,
        .slot_price_minor = slot ? slot->amount_minor : 0,
        .open = plan_open(p, day),
        .closed_on = date(cx, p->closed_day),
        .retired_on = date(cx, p->retired_day),
        .retired_to = p->retired_to ? p->retired_to : "",
    };
}

enum status plan_list(struct ctx *cx, const struct catalog *c, const struct plan_list *in,
                      struct offers *out)
{
    const struct country *country = catalog_country_named(c, in->country);
    const struct zone *zone;

    if (!country) return fail(cx->err, &COUNTRY_UNKNOWN, "country");
    TRY(zone_find(country->zone_name, &zone, cx->err));
    int64_t const day = zone_day(zone, cx->now);
    *out = (struct offers){
        .country = country->code, .currency = country->currency, .tax_mode = country->tax_mode};
    out->plans = arena_array(cx->arena, struct offer, c->n_plans);
    for (size_t i = 0; i < c->n_plans; i++) {
        const struct price *price = country_price(country, c->plans[i].code, NULL, day);

        if (price && is_there(&c->plans[i], day))
            out->plans[out->n_plans++] = offer_of(cx, country, &c->plans[i], price, day);
    }
    return OK;
}
