/* catalog_show: prices and taxes in force are those of today, by the clock of the database and the
 * zone of the country; one country shows its past and future too.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/catalog_show.h"

#include <string.h>

#include "base/calendar.h"
#include "base/money.h"

static const char *ended(int64_t until_day, char to[static DAY_TEXT])
{
    return until_day ? day_text(until_day, to) : "-";
}

/* "VAT 19 %", "GST 5 % + QST 9.975 %" */
static const char *rate_text(struct arena *a, int64_t ppm)
{
    char *s = arena_printf(a, "%lld.%04lld", (long long)(ppm / 10000), (long long)(ppm % 10000));
    size_t n = strlen(s);

    while (s[n - 1] == '0') s[--n] = '\0';
    if (s[n - 1] == '.') s[n - 1] = '\0';
    return s;
}

static int64_t today(struct cli *cli, const struct country *c)
{
    const struct zone *zone;
    struct error e;

    if (zone_find(c->zone_name, &zone, &e) != OK) return cli->cx.now / DAY_MS;
    return zone_day(zone, cli->cx.now);
}

/* --- for people --- */

static void print_plans(const struct catalog *c)
{
    char from[DAY_TEXT], closed[DAY_TEXT];

    printf("%-14s %-20s %-4s %7s %9s %10s %-8s %5s  %-10s %s\n", "plan", "name", "ads", "streams",
           "downloads", "resolution", "audio", "slots", "from", "closed");
    for (size_t i = 0; i < c->n_plans; i++) {
        const struct plan *p = &c->plans[i];

        printf("%-14s %-20s %-4s %7lld %9lld %5lld%5s %-8s %5lld  %-10s %s\n", p->code, p->name,
               p->ads ? "yes" : "no", (long long)p->streams, (long long)p->download_devices,
               (long long)p->resolution, p->hdr ? " HDR" : "", p->audio, (long long)p->slots,
               day_text(p->from_day, from), ended(p->closed_day, closed));
    }
}

static const char *taxes_text(struct cli *cli, const struct country *c)
{
    const struct tax *taxes[8];
    size_t const n = country_taxes(c, NULL, today(cli, c), taxes, COUNT(taxes));
    const char *text = n ? "" : "-";

    for (size_t i = 0; i < n; i++)
        text = arena_printf(&cli->arena, "%s%s%s %s %%", text, i ? " + " : "", taxes[i]->name,
                            rate_text(&cli->arena, taxes[i]->rate_ppm));
    return text;
}

/* The amount alone: the currency stands in a column of its own. */
static const char *price_now(struct cli *cli, const struct country *c, const char *plan)
{
    const struct price *p = country_price(c, plan, NULL, today(cli, c));
    char text[MONEY_TEXT];

    if (!p) return "-";
    money_text(p->amount_minor, c->currency, text);
    text[strcspn(text, " ")] = '\0';
    return arena_strdup(&cli->arena, text);
}

static void print_countries(struct cli *cli, const struct catalog *c)
{
    printf("\n%-2s %-16s %-3s %-10s %-20s", "", "country", "", "mode", "tax");
    for (size_t k = 0; k < c->n_plans; k++) printf(" %12s", c->plans[k].code);
    putchar('\n');
    for (size_t i = 0; i < c->n_countries; i++) {
        const struct country *one = &c->countries[i];

        printf("%-2s %-16s %-3s %-10s %-20s", one->code, one->name, one->currency,
               tax_modes.at[one->tax_mode], taxes_text(cli, one));
        for (size_t k = 0; k < c->n_plans; k++)
            printf(" %12s", price_now(cli, one, c->plans[k].code));
        putchar('\n');
    }
}

static void print_partners(const struct catalog *c)
{
    char closes[DAY_TEXT];

    if (c->n_partners)
        printf("\n%-20s %-24s %-10s %-14s %-10s %s\n", "partner", "name", "kind", "status",
               "closes", "slots");
    for (size_t i = 0; i < c->n_partners; i++) {
        const struct partner *p = &c->partners[i];

        printf("%-20s %-24s %-10s %-14s %-10s %s\n", p->code, p->name, partner_kinds.at[p->kind],
               partner_statuses.at[p->status], ended(p->closes_day, closes),
               p->slots ? "yes" : "no");
    }
}

void catalog_print(struct cli *cli, const struct catalog *c)
{
    printf("Catalog version %lld: %zu plans, %zu countries, %zu sellers\n\n", (long long)c->version,
           c->n_plans, c->n_countries, c->n_sellers);
    print_plans(c);
    print_countries(cli, c);
    print_partners(c);
}

static void print_prices(const struct country *c)
{
    char amount[MONEY_TEXT], from[DAY_TEXT], until[DAY_TEXT];

    printf("\n%-14s %-14s %16s  %-10s %s\n", "plan", "add-on", "price", "from", "until");
    for (size_t i = 0; i < c->n_prices; i++) {
        const struct price *p = &c->prices[i];

        printf("%-14s %-14s %16s  %-10s %s\n", p->plan, p->addon ? p->addon : "",
               money_text(p->amount_minor, c->currency, amount), day_text(p->from_day, from),
               ended(p->until_day, until));
    }
}

static void print_taxes(struct cli *cli, const struct country *c)
{
    char from[DAY_TEXT], until[DAY_TEXT];

    if (c->n_taxes) printf("\n%-16s %-6s %9s  %-10s %s\n", "tax", "region", "%", "from", "until");
    for (size_t i = 0; i < c->n_taxes; i++) {
        const struct tax *t = &c->taxes[i];

        printf("%-16s %-6s %9s  %-10s %-10s%s%s\n", t->name, t->region ? t->region : "",
               rate_text(&cli->arena, t->rate_ppm), day_text(t->from_day, from),
               ended(t->until_day, until), t->registered ? "" : "  off: not registered",
               t->replaces ? "  in place of the country's" : "");
    }
}

static void print_acceptance(const struct country *c)
{
    char from[DAY_TEXT], until[DAY_TEXT];

    printf("\n%-8s %-18s %-8s %-18s %-4s %-10s %s\n", "method", "brand", "funding", "operator", "",
           "from", "until");
    for (size_t i = 0; i < c->n_acceptances; i++) {
        const struct acceptance *r = &c->acceptances[i];

        printf("%-8s %-18s %-8s %-18s %-4s %-10s %s\n", method_kinds.at[r->kind],
               r->brand ? r->brand : "any", r->funding ? r->funding : "any",
               r->operator_              ? r->operator_
               : r->kind == KIND_CARRIER ? "any"
                                         : "",
               r->accepted ? "yes" : "no", r->from_day ? day_text(r->from_day, from) : "-",
               ended(r->until_day, until));
    }
}

static void print_setting(const char *name, int64_t value)
{
    if (value >= 0) printf("  %-18s %lld\n", name, (long long)value);
}

void country_print(struct cli *cli, const struct catalog *c, const struct country *one)
{
    const struct seller *s = catalog_seller(c, one->seller);
    const struct country_settings *set = &one->settings;

    printf("%s %s, catalog version %lld\n", one->code, one->name, (long long)c->version);
    printf("  currency           %s\n  time zone          %s\n  tax                %s\n",
           one->currency, one->zone_name, tax_modes.at[one->tax_mode]);
    printf("  seller             %s, %s\n", s->legal_name, s->tax_id);
    print_setting("withdrawal days", set->withdrawal_days);
    print_setting("refund of days to come", set->unserved_days);
    print_setting("grace days", set->grace_days);
    print_setting("hold limit days", set->hold_limit_days);
    print_setting("retention months", set->retention_months);
    print_setting("price notice days", set->price_notice_days);
    if (set->price_consent) puts("  a price rise needs consent");
    if (set->cancel_form) puts("  a cancellation form is required");
    if (set->consumer_body) printf("  consumer body      %s\n", set->consumer_body);
    if (set->source) printf("  source             %s\n", set->source);
    print_prices(one);
    print_taxes(cli, one);
    print_acceptance(one);
}

/* --- as JSON: dates as texts, absent ones null --- */

static json_t *day_json(int64_t day)
{
    char text[DAY_TEXT];

    return day ? json_string(day_text(day, text)) : json_null();
}

static json_t *plan_json(const struct plan *p)
{
    return json_pack("{s:s, s:s, s:b, s:I, s:I, s:I, s:b, s:s, s:I, s:o, s:o, s:o, s:o, s:s?}",
                     "code", p->code, "name", p->name, "ads", p->ads, "streams",
                     (json_int_t)p->streams, "download_devices", (json_int_t)p->download_devices,
                     "resolution", (json_int_t)p->resolution, "hdr", p->hdr, "audio", p->audio,
                     "slots", (json_int_t)p->slots, "from", day_json(p->from_day), "until",
                     day_json(p->until_day), "closed", day_json(p->closed_day), "retired",
                     day_json(p->retired_day), "retired_to", p->retired_to);
}

static json_t *price_json(const struct price *p)
{
    return json_pack("{s:s, s:s?, s:I, s:o, s:o}", "plan", p->plan, "addon", p->addon,
                     "amount_minor", (json_int_t)p->amount_minor, "from", day_json(p->from_day),
                     "until", day_json(p->until_day));
}

static json_t *tax_json(const struct tax *t)
{
    return json_pack("{s:s, s:s?, s:b, s:I, s:o, s:o, s:b}", "name", t->name, "region", t->region,
                     "replaces", t->replaces, "rate_ppm", (json_int_t)t->rate_ppm, "from",
                     day_json(t->from_day), "until", day_json(t->until_day), "registered",
                     t->registered);
}

static json_t *acceptance_json(const struct acceptance *r)
{
    return json_pack("{s:s, s:s?, s:s?, s:s?, s:b, s:o, s:o}", "kind", method_kinds.at[r->kind],
                     "brand", r->brand, "funding", r->funding, "operator", r->operator_, "accepted",
                     r->accepted, "from", day_json(r->from_day), "until", day_json(r->until_day));
}

static json_t *setting_json(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *settings_json(const struct country_settings *s)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:s, s:s?, s:s?, s:s?}", "withdrawal_days",
        setting_json(s->withdrawal_days), "unserved_days", setting_json(s->unserved_days),
        "grace_days", setting_json(s->grace_days), "hold_limit_days",
        setting_json(s->hold_limit_days), "retention_months", setting_json(s->retention_months),
        "price_notice_days", setting_json(s->price_notice_days), "price_consent", s->price_consent,
        "cancel_form", s->cancel_form, "change_policy", change_policies.at[s->change_policy],
        "consumer_body", s->consumer_body, "consumer_link", s->consumer_link, "source", s->source);
}

json_t *country_json(const struct country *c)
{
    json_t *prices = json_array(), *taxes = json_array(), *accepted = json_array();

    for (size_t i = 0; i < c->n_prices; i++)
        json_array_append_new(prices, price_json(&c->prices[i]));
    for (size_t i = 0; i < c->n_taxes; i++) json_array_append_new(taxes, tax_json(&c->taxes[i]));
    for (size_t i = 0; i < c->n_acceptances; i++)
        json_array_append_new(accepted, acceptance_json(&c->acceptances[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "code", c->code, "name",
                     c->name, "currency", c->currency, "zone", c->zone_name, "seller", c->seller,
                     "tax", tax_modes.at[c->tax_mode], "prices", prices, "taxes", taxes,
                     "acceptance", accepted, "settings", settings_json(&c->settings));
}

static json_t *seller_json(const struct seller *s)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", s->code, "legal_name", s->legal_name,
                     "tax_id", s->tax_id, "country", s->country, "address", s->address);
}

static json_t *labels_json(const struct label *all, size_t n)
{
    json_t *map = json_object();

    for (size_t i = 0; i < n; i++) json_object_set_new(map, all[i].code, json_string(all[i].name));
    return map;
}

static json_t *partner_json(const struct partner *p)
{
    json_t *routes = json_object(), *plans = json_array();

    for (size_t i = 0; i < ROUTES; i++)
        json_object_set_new(
            routes, biller_routes.at[i],
            json_pack("{s:s, s:s}", "text", p->routes[i].text, "link", p->routes[i].link));
    for (size_t i = 0; i < p->n_plans; i++) json_array_append_new(plans, json_string(p->plans[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:o}", "code", p->code, "name", p->name,
                     "kind", partner_kinds.at[p->kind], "status", partner_statuses.at[p->status],
                     "closes", day_json(p->closes_day), "slots", (int)p->slots, "plans", plans,
                     "routes", routes);
}

json_t *catalog_json(const struct catalog *c)
{
    json_t *sellers = json_array(), *plans = json_array(), *countries = json_array();
    json_t *partners = json_array();

    for (size_t i = 0; i < c->n_sellers; i++)
        json_array_append_new(sellers, seller_json(&c->sellers[i]));
    for (size_t i = 0; i < c->n_plans; i++) json_array_append_new(plans, plan_json(&c->plans[i]));
    for (size_t i = 0; i < c->n_countries; i++)
        json_array_append_new(countries, country_json(&c->countries[i]));
    for (size_t i = 0; i < c->n_partners; i++)
        json_array_append_new(partners, partner_json(&c->partners[i]));
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "version", (json_int_t)c->version, "sellers",
        sellers, "plans", plans, "brands", labels_json(c->brands, c->n_brands), "operators",
        labels_json(c->operators, c->n_operators), "partners", partners, "countries", countries);
}
