/* catalog_value_test: what a catalog document may not say, and how it is told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog_test.h"

static const char sound[] = /* its line numbers stand in the table below */
    "format: 1\n"
    "sellers:\n"
    "  eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}\n"
    "plans:\n"
    "  basic: {name: Basic, ads: false, streams: 1, downloads: 1, resolution: 720,\n"
    "          audio: stereo, slots: 0, from: 2015-01-01}\n"
    "  top: {name: Top, ads: false, streams: 4, downloads: 6, resolution: 2160,\n"
    "        audio: spatial, slots: 2, from: 2015-01-01}\n"
    "brands: {visa: Visa, paypal: PayPal}\n"
    "operators: {rhein: Rhein Mobile}\n"
    "acceptance:\n"
    "  usual:\n"
    "    - {kind: card, brand: visa, funding: [credit, debit]}\n"
    "    - {kind: carrier, operator: rhein}\n"
    "settings:\n"
    "  law: {withdrawal_days: 14, source: Directive}\n"
    "countries:\n"
    "  DE:\n"
    "    name: Germany\n"
    "    currency: EUR\n"
    "    zone: Europe/Berlin\n"
    "    seller: eu\n"
    "    tax: inclusive\n"
    "    acceptance: usual\n"
    "    settings: law\n"
    "    taxes:\n"
    "      - {name: VAT, rate: 19, from: 2015-01-01, until: 2020-07-01}\n"
    "      - {name: VAT, rate: 16, from: 2020-07-01}\n"
    "    prices:\n"
    "      - {plan: basic, amount: 7.99, from: 2015-01-01, until: 2020-01-01}\n"
    "      - {plan: basic, amount: 8.99, from: 2020-01-01}\n"
    "      - {plan: top, amount: 17.99, from: 2015-01-01}\n"
    "      - {plan: top, addon: extra_member, amount: 4.99, from: 2015-01-01}\n";

/* `before` (once in the document) becomes `after`, and that alone is wrong. */
struct mistake {
    const char *name, *before, *after;
    size_t line;
    const char *field, *code;
};

/* clang-format off */
static const struct mistake mistakes[] = {
    {"a missing price", "      - {plan: top, amount: 17.99, from: 2015-01-01}\n", "",
     29, "countries.DE.prices", "catalog.price_missing"},
    {"a price with a hole", "from: 2020-01-01}", "from: 2020-01-02}",
     31, "countries.DE.prices[1].from", "catalog.price_missing"},
    {"a price that ends", "17.99, from: 2015-01-01", "17.99, from: 2015-01-01, until: 2021-01-01",
     29, "countries.DE.prices", "catalog.price_missing"},
    {"overlapping prices", "until: 2020-01-01", "until: 2020-01-02",
     31, "countries.DE.prices[1].from", "catalog.price_overlaps"},
    {"overlapping taxes", "until: 2020-07-01", "until: 2020-07-02",
     28, "countries.DE.taxes[1].from", "catalog.tax_overlaps"},
    {"two endless taxes", ", until: 2020-07-01", "",
     28, "countries.DE.taxes[1].from", "catalog.tax_overlaps"},
    {"a negative amount", "17.99", "-17.99",
     32, "countries.DE.prices[2].amount", "catalog.amount_negative"},
    {"an amount of nothing", "17.99", "0.00",
     32, "countries.DE.prices[2].amount", "catalog.amount_zero"},
    {"too many decimals", "17.99", "17.995",
     32, "countries.DE.prices[2].amount", "catalog.amount_decimals"},
    {"decimals of a currency without", "currency: EUR", "currency: JPY",
     30, "countries.DE.prices[0].amount", "catalog.amount_decimals"},
    {"an amount with a comma", "17.99", "\"17,99\"",
     32, "countries.DE.prices[2].amount", "catalog.amount"},
    {"an amount with an exponent", "17.99", "1e2",
     32, "countries.DE.prices[2].amount", "catalog.amount"},
    {"an amount beyond 64 bits", "17.99", "99999999999999999999.00",
     32, "countries.DE.prices[2].amount", "catalog.amount_large"},
    {"an amount that is a list", "17.99", "[1]",
     32, "countries.DE.prices[2].amount", "catalog.type"},
    {"an unknown currency", "currency: EUR", "currency: EUX",
     20, "countries.DE.currency", "catalog.currency_unknown"},
    {"a currency in small letters", "currency: EUR", "currency: eur",
     20, "countries.DE.currency", "catalog.currency_unknown"},
    {"an unknown zone", "Europe/Berlin", "Europe/Berln",
     21, "countries.DE.zone", "catalog.zone_unknown"},
    {"a zone out of its directory", "Europe/Berlin", "../../../etc/passwd",
     21, "countries.DE.zone", "catalog.zone_unknown"},
    {"an unknown country", "  DE:", "  DD:",
     18, "countries.DD", "catalog.country_unknown"},
    {"an unknown seller", "seller: eu", "seller: us",
     22, "countries.DE.seller", "catalog.seller_unknown"},
    {"a seller in an unknown country", "country: NL", "country: Netherlands",
     3, "sellers.eu.country", "catalog.country_unknown"},
    {"a price of an unknown plan", "{plan: top, addon", "{plan: topp, addon",
     33, "countries.DE.prices[3].plan", "catalog.plan_unknown"},
    {"an unknown add-on", "addon: extra_member", "addon: popcorn",
     33, "countries.DE.prices[3].addon", "catalog.addon_unknown"},
    {"an add-on of a plan without slots", "{plan: top, addon", "{plan: basic, addon",
     33, "countries.DE.prices[3].addon", "catalog.addon_slots"},
    {"a price of a plan not sold", "    prices:\n", "    plans: [top]\n    prices:\n",
     31, "countries.DE.prices[0].plan", "catalog.plan_not_sold"},
    {"a date that does not exist", "17.99, from: 2015-01-01", "17.99, from: 2015-02-29",
     32, "countries.DE.prices[2].from", "catalog.date"},
    {"a date of another form", "17.99, from: 2015-01-01", "17.99, from: 1.1.2015",
     32, "countries.DE.prices[2].from", "catalog.date"},
    {"a period that ends before it begins", "until: 2020-07-01", "until: 2014-07-01",
     27, "countries.DE.taxes[0].until", "catalog.period"},
    {"a period without a day", "until: 2020-07-01", "until: 2015-01-01",
     27, "countries.DE.taxes[0].until", "catalog.period"},
    {"a funding that no card has", "[credit, debit]", "[credit, none]",
     13, "acceptance.usual[0].funding[1]", "catalog.accept_unknown"},
    {"a rate over 100 %", "rate: 19", "rate: 101",
     27, "countries.DE.taxes[0].rate", "catalog.rate"},
    {"a rate with five decimals", "rate: 19", "rate: 19.00001",
     27, "countries.DE.taxes[0].rate", "catalog.rate"},
    {"a negative rate", "rate: 19", "rate: -19",
     27, "countries.DE.taxes[0].rate", "catalog.rate"},
    {"a region by name", "name: VAT, rate: 19", "name: VAT, region: Bavaria, rate: 19",
     27, "countries.DE.taxes[0].region", "catalog.text"},
    {"an unknown key", "    tax: inclusive", "    taxs: inclusive\n    tax: inclusive",
     23, "countries.DE.taxs", "catalog.key_unknown"},
    {"a key twice", "    tax: inclusive", "    tax: inclusive\n    tax: exclusive",
     24, "countries.DE.tax", "catalog.key_twice"},
    {"a country twice", "  DE:\n    name: Germany\n", "  DE: {}\n  DE:\n    name: Germany\n",
     19, "countries.DE", "catalog.key_twice"},
    {"a missing key", "    seller: eu\n", "",
     18, "countries.DE.seller", "catalog.key_missing"},
    {"a choice that is none", "tax: inclusive", "tax: included",
     23, "countries.DE.tax", "catalog.choice"},
    {"yes for true", "ads: false, streams: 4", "ads: no, streams: 4",
     7, "plans.top.ads", "catalog.boolean"},
    {"no stream at all", "streams: 4", "streams: 0",
     7, "plans.top.streams", "catalog.range"},
    {"a number with letters", "streams: 4", "streams: four",
     7, "plans.top.streams", "catalog.number"},
    {"two plans of one name", "name: Top", "name: BASIC",
     7, "plans.top.name", "catalog.name_twice"},
    {"a gift card as a method", "kind: carrier, operator: rhein", "kind: gift",
     14, "acceptance.usual[1].kind", "catalog.accept_row"},
    {"carrier billing without operator", ", operator: rhein", "",
     14, "acceptance.usual[1].operator", "catalog.accept_row"},
    {"an unknown operator", "operator: rhein", "operator: rhine",
     14, "acceptance.usual[1].operator", "catalog.accept_unknown"},
    {"an unknown brand", "brand: visa", "brand: viza",
     13, "acceptance.usual[0].brand", "catalog.accept_unknown"},
    {"an unknown funding", "[credit, debit]", "[credit, charge]",
     13, "acceptance.usual[0].funding[1]", "catalog.accept_unknown"},
    {"a row twice", "acceptance: usual", "acceptance: [usual, usual]",
     24, "countries.DE.acceptance", "catalog.accept_overlaps"},
    {"an unknown list", "acceptance: usual", "acceptance: [unusual]",
     24, "countries.DE.acceptance[0]", "catalog.list_unknown"},
    {"an unknown group", "settings: law", "settings: [law, lore]",
     25, "countries.DE.settings[1]", "catalog.list_unknown"},
    {"a setting without a source", ", source: Directive", "",
     16, "settings.law.source", "catalog.key_missing"},
    {"a format of the future", "format: 1", "format: 2",
     1, "format", "catalog.range"},
    {"an anchor", "acceptance: usual", "acceptance: &a usual",
     24, "", "catalog.anchor"},
    {"an alias", "settings: law", "settings: *law",
     25, "", "catalog.anchor"},
    {"a tag", "settings: law", "settings: !!str law",
     25, "", "catalog.anchor"},
    {"a second document", "countries:\n", "---\ncountries:\n",
     17, "", "catalog.document"},
    {"a control character", "Example B.V.", "\"Exa\\emple\"",
     3, "", "catalog.text"},
    {"null as a text", "name: Germany", "name: ~",
     19, "countries.DE.name", "catalog.null"},
    {"null as a word", "legal_name: Example B.V.", "legal_name: null",
     3, "sellers.eu.legal_name", "catalog.null"},
    {"a tab as indentation", "    seller: eu", "\tseller: eu",
     22, "", "catalog.yaml"},
    {"bytes that are not UTF-8", "name: Germany", "name: G\xe9rmany",
     19, "", "catalog.encoding"},
    {"nesting", "settings: law", "settings: [[[[[[[[[[law]]]]]]]]]]",
     25, "", "catalog.too_deep"},
};
/* clang-format on */

static char *replaced(const char *before, const char *after)
{
    const char *at = strstr(sound, before);
    size_t const room = sizeof sound + strlen(after);
    char *text = calloc(1, room);

    CHECK(at && !strstr(at + 1, before));
    snprintf(text, room, "%.*s%s%s", (int)(at - sound), sound, after, at + strlen(before));
    return text;
}

static bool has_problem(const struct problems *p, const struct mistake *m)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].line == m->line && strcmp(p->at[i].field, m->field) == 0 &&
            strcmp(p->at[i].code, m->code) == 0)
            return true;
    return false;
}

/* Whether it shows at several places: a currency's decimals, a plan's prices, … */
static bool repeats(const struct mistake *m)
{
    return strstr(m->after, "JPY") || strstr(m->after, "plans: [top]") || strstr(m->after, "{}") ||
           strstr(m->after, "usual, usual");
}

static void each_mistake_is_refused(void **state)
{
    static struct problems p;

    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        CLEANUP(arena_clear) struct arena a = {0};
        const struct mistake *m = &mistakes[i];
        const struct catalog *c = NULL;
        char *text = replaced(m->before, m->after);
        enum status const st = catalog_read(text, strlen(text), "f.yaml", &a, &p, &c);

        free(text);
        bool const good =
            st == E_INVALID && !c && has_problem(&p, m) && (p.total == 1 || repeats(m));
        for (size_t k = 0; !good && k < p.n; k++)
            print_error("%s: %s\n", m->name, problem_text(&p, k, &a));
        CHECK(good);
    }
}

static void the_sound_one_is_read(void **state)
{
    static struct problems p;
    CLEANUP(arena_clear) struct arena a = {0};
    const struct catalog *c = NULL;

    (void)state;
    CHECK(catalog_read(sound, sizeof sound - 1, "f.yaml", &a, &p, &c) == OK && p.total == 0);
    CHECK(c->version == 0 && strcmp(c->document, sound) == 0);
    const struct plan *top = catalog_plan(c, "top");
    CHECK(top && strcmp(top->name, "Top") == 0 && !top->ads && top->streams == 4);
    CHECK(top->download_devices == 6 && top->resolution == 2160 && top->slots == 2);
    CHECK(strcmp(top->audio, "spatial") == 0 && top->from_day == test_day("2015-01-01"));
    CHECK(top->until_day == DAY_NEVER && top->closed_day == 0 && top->retired_day == 0);
    const struct country *de = catalog_country(c, "DE");
    CHECK(de && strcmp(de->currency, "EUR") == 0 && de->tax_mode == TAX_INCLUSIVE);
    CHECK(strcmp(de->zone_name, "Europe/Berlin") == 0 && strcmp(de->seller, "eu") == 0);
    CHECK(de->settings.withdrawal_days == 14 && de->settings.grace_days == -1);
    CHECK(strcmp(de->settings.source, "Directive") == 0);
    const struct price *price = country_price(de, "basic", NULL, test_day("2019-12-31"));
    CHECK(price && price->amount_minor == 799 && price->until_day == test_day("2020-01-01"));
    CHECK(country_price(de, "basic", NULL, test_day("2020-01-01"))->amount_minor == 899);
    CHECK(country_price(de, "top", "extra_member", test_day("2020-01-01"))->amount_minor == 499);
    CHECK(!country_price(de, "basic", "extra_member", test_day("2020-01-01")));
    CHECK(!country_price(de, "basic", NULL, test_day("2014-12-31")));
    CHECK(!country_price(de, "basix", NULL, test_day("2020-01-01")));
}

static void all_problems_are_listed(void **state)
{
    static struct problems p;
    CLEANUP(arena_clear) struct arena a = {0};
    const struct catalog *c = NULL;
    char text[8000] = "format: 1\nsellers: {}\nplans: {}\ncountries:\n";

    (void)state;
    for (int i = 0; i < 150; i++) {
        size_t const n = strlen(text);
        snprintf(text + n, sizeof text - n, "  C%d: {}\n", i);
    }
    CHECK(catalog_read(text, strlen(text), "f.yaml", &a, &p, &c) == E_INVALID && !c);
    CHECK(p.n == PROBLEMS_MAX && p.total > 600);
    for (size_t i = 1; i < p.n; i++) CHECK(p.at[i - 1].line <= p.at[i].line);
    const char *first = problem_text(&p, 0, &a);
    CHECK(strncmp(first, "f.yaml:5:3: countries.C0: ", 26) == 0);
}

/* As files of members may begin; and a name may well be called null. */
static void marks_and_quotes_are_read(void **state)
{
    static const char mark[] = "\xef\xbb\xbf";
    CLEANUP(arena_clear) struct arena a = {0};
    const struct catalog *c = NULL;
    char *text = replaced("name: Germany", "name: 'null'");
    char *marked = arena_printf(&a, "%s%s", mark, text);
    static struct problems p;

    (void)state;
    CHECK(catalog_read(marked, strlen(marked), "f.yaml", &a, &p, &c) == OK && p.total == 0);
    CHECK(strcmp(catalog_country(c, "DE")->name, "null") == 0);
    CHECK(catalog_read(mark, strlen(mark), "f.yaml", &a, &p, &c) == E_INVALID);
    CHECK(strcmp(p.at[0].code, "catalog.empty") == 0);
    free(text);
}

static void sizes_are_bounded(void **state)
{
    static struct problems p;
    CLEANUP(arena_clear) struct arena a = {0};
    const struct catalog *c = NULL;
    size_t const n = CATALOG_BYTES_MAX + 1;
    char *text = malloc(n);

    (void)state;
    memset(text, '#', n);
    CHECK(catalog_read(text, n, "f.yaml", &a, &p, &c) == E_INVALID);
    CHECK(strcmp(p.at[0].code, "catalog.too_large") == 0);
    for (size_t i = 0; i + 1 < n; i += 2) memcpy(text + i, "- ", 2);
    CHECK(catalog_read(text, n - 1, "f.yaml", &a, &p, &c) == E_INVALID && p.total == 1);
    for (size_t i = 0; i + 1 < n; i += 2) memcpy(text + i, "a,", 2);
    memcpy(text, "[ ", 2);
    CHECK(catalog_read(text, n - 1, "f.yaml", &a, &p, &c) == E_INVALID && p.total == 1);
    CHECK(strcmp(p.at[0].code, "catalog.too_large") == 0);
    CHECK(catalog_read("", 0, "f.yaml", &a, &p, &c) == E_INVALID);
    CHECK(catalog_read("a: \0b", 5, "f.yaml", &a, &p, &c) == E_INVALID && !c);
    free(text);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("A-01 every attribute of a plan and a country is read as written",
             the_sound_one_is_read),
        CASE("A-01 a mistake is refused with its line, field and code", each_mistake_is_refused),
        CASE("A-01 all mistakes are listed, in order of line", all_problems_are_listed),
        CASE("A-01 a byte-order mark and a quoted null are read", marks_and_quotes_are_read),
        CASE("A-01 huge, deep and empty documents are refused", sizes_are_bounded),
    };

    return RUN_CASES("catalog_value", cases);
}
