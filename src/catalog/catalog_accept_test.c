/* catalog_accept_test: which methods a country accepts, and why not. What the example catalog
 * accepts stands, country by country, in tests/golden/acceptance.txt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog_test.h"
#include "policy/settings_check.h"

static struct arena arena;
static const struct catalog *catalog;
static int64_t day; /* of the golden file */
static char *golden;

static const struct country *country(const char *code)
{
    const struct country *c = catalog_country(catalog, code);

    CHECK(c);
    return c;
}

static const struct fault *card(const char *code, const char *brand, enum funding funding)
{
    struct method_card const m = {KIND_CARD, brand, funding, NULL};

    return country_accepts(country(code), &m, day);
}

static const struct fault *carrier(const char *code, const char *operator_)
{
    struct method_card const m = {KIND_CARRIER, NULL, FUNDING_NONE, operator_};

    return country_accepts(country(code), &m, day);
}

static const struct fault *wallet(const char *code, const char *brand)
{
    struct method_card const m = {KIND_WALLET, brand, FUNDING_NONE, NULL};

    return country_accepts(country(code), &m, day);
}

static void brands_differ(void **state)
{
    (void)state;
    CHECK(!card("US", "discover", FUNDING_CREDIT));
    CHECK(card("DE", "discover", FUNDING_CREDIT) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(!card("BR", "elo", FUNDING_DEBIT));
    CHECK(card("AR", "elo", FUNDING_DEBIT) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(card("US", "no such brand", FUNDING_CREDIT) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(card("US", NULL, FUNDING_CREDIT) == &METHOD_BRAND_NOT_ACCEPTED);
    for (size_t i = 0; i < catalog->n_countries; i++)
        for (enum funding f = FUNDING_CREDIT; f <= FUNDING_DEBIT; f++)
            CHECK(!card(catalog->countries[i].code, "visa", f));
}

static void wallets_differ(void **state)
{
    size_t offered = 0;

    (void)state;
    CHECK(!wallet("DE", "paypal") && country_offers(country("DE"), KIND_WALLET, day));
    CHECK(wallet("IN", "paypal") == &METHOD_KIND_NOT_ACCEPTED);
    CHECK(!country_offers(country("IN"), KIND_WALLET, day));
    CHECK(wallet("DE", "other") == &METHOD_BRAND_NOT_ACCEPTED);
    for (size_t i = 0; i < catalog->n_countries; i++)
        offered += country_offers(&catalog->countries[i], KIND_WALLET, day);
    CHECK(offered > catalog->n_countries / 2 && offered < catalog->n_countries);
}

/* Each kind is decided by its own columns, whatever stands in the others. */
static void kinds_have_rules(void **state)
{
    static const struct acceptance rows[] = {
        {KIND_CARD,    "visa",   "credit", NULL,    true, 0, 0},
        {KIND_WALLET,  "paypal", NULL,     NULL,    true, 0, 0},
        {KIND_CARRIER, NULL,     NULL,     "rhein", true, 0, 0},
    };
    struct country const c = {.n_acceptances = COUNT(rows), .acceptances = rows};
    struct method_card m = {KIND_CARD, "visa", FUNDING_CREDIT, "rhein"};

    (void)state;
    for (size_t i = 0; i < method_kinds.n; i++)
        CHECK(setting_fits("pausable_methods", method_kinds.at[i]));
    CHECK(method_kinds.n == 4 && name_find(&method_kinds, "gift") == KIND_GIFT);
    CHECK(name_find(&method_kinds, "card") == KIND_CARD);
    CHECK(name_find(&method_kinds, "wallet") == KIND_WALLET);
    CHECK(name_find(&method_kinds, "carrier") == KIND_CARRIER);
    CHECK(!country_accepts(&c, &m, day));
    m.kind = KIND_CARRIER;
    CHECK(!country_accepts(&c, &m, day));
    m.kind = KIND_WALLET;
    CHECK(country_accepts(&c, &m, day) == &METHOD_BRAND_NOT_ACCEPTED);
    m.brand = "paypal";
    CHECK(!country_accepts(&c, &m, day));
    m.kind = KIND_CARD;
    CHECK(country_accepts(&c, &m, day) == &METHOD_BRAND_NOT_ACCEPTED);
    m.kind = KIND_GIFT;
    CHECK(country_accepts(&c, &m, day) == &METHOD_GIFT_NOT_A_METHOD);
}

static void gifts_are_credit(void **state)
{
    struct method_card const gift = {KIND_GIFT, NULL, FUNDING_NONE, NULL};

    (void)state;
    for (size_t i = 0; i < catalog->n_countries; i++) {
        const struct country *c = &catalog->countries[i];

        CHECK(country_accepts(c, &gift, day) == &METHOD_GIFT_NOT_A_METHOD);
        CHECK(!country_offers(c, KIND_GIFT, day));
    }
}

static void fundings_differ(void **state)
{
    (void)state;
    CHECK(!card("US", "visa", FUNDING_PREPAID) && !card("US", "visa", FUNDING_VIRTUAL));
    CHECK(!card("DE", "visa", FUNDING_PREPAID));
    CHECK(card("DE", "visa", FUNDING_VIRTUAL) == &METHOD_FUNDING_NOT_ACCEPTED);
    CHECK(card("JP", "visa", FUNDING_PREPAID) == &METHOD_FUNDING_NOT_ACCEPTED);
    /* The brand is the truer reason where no card of it would do. */
    CHECK(card("JP", "elo", FUNDING_PREPAID) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(card("DE", "maestro", FUNDING_CREDIT) == &METHOD_FUNDING_NOT_ACCEPTED);
}

static void operators_are_listed(void **state)
{
    (void)state;
    CHECK(!carrier("DE", "rhein_de"));
    CHECK(carrier("DE", "thames_gb") == &METHOD_OPERATOR_NOT_ACCEPTED);
    CHECK(carrier("DE", NULL) == &METHOD_OPERATOR_NOT_ACCEPTED);
    CHECK(carrier("US", "rhein_de") == &METHOD_KIND_NOT_ACCEPTED);
    CHECK(country_offers(country("DE"), KIND_CARRIER, day));
    CHECK(!country_offers(country("US"), KIND_CARRIER, day));
}

static void acceptance_is_checked_first(void **state)
{
    struct method_card m = {KIND_CARD, "discover", FUNDING_CREDIT, NULL};
    struct decline_check checks[DECLINE_CHECKS];

    (void)state;
    country_decline_checks(country("FR"), &m, day, checks);
    CHECK(strcmp(checks[0].code, "method.accepted_here") == 0);
    CHECK(checks[0].finding == &METHOD_BRAND_NOT_ACCEPTED);
    m.brand = "visa";
    country_decline_checks(country("FR"), &m, day, checks);
    CHECK(strcmp(checks[0].code, "method.accepted_here") == 0 && !checks[0].finding);
    for (size_t i = 0; i < DECLINE_CHECKS; i++) {
        CHECK(i == 0 || !checks[i].finding);
        for (size_t k = 0; k < i; k++) CHECK(strcmp(checks[i].code, checks[k].code) != 0);
    }
}

static void rows_have_dates(void **state)
{
    struct method_card const amex = {KIND_CARD, "amex", FUNDING_CREDIT, NULL};
    struct method_card const rupay = {KIND_CARD, "rupay", FUNDING_DEBIT, NULL};
    const struct country *in = country("IN");

    (void)state;
    CHECK(!country_accepts(in, &amex, test_day("2021-04-30")));
    CHECK(country_accepts(in, &amex, test_day("2021-05-01")) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(country_accepts(in, &rupay, test_day("2022-05-31")) == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(!country_accepts(in, &rupay, test_day("2022-06-01")));
}

/* The most specific row decides; of two equally specific ones the refusal. */
static void specific_rows_win(void **state)
{
    const struct acceptance rows[] = {
        {KIND_CARD, NULL,   NULL,      NULL, true,  0,   0  },
        {KIND_CARD, NULL,   "prepaid", NULL, false, 0,   0  },
        {KIND_CARD, "jcb",  NULL,      NULL, false, 0,   0  },
        {KIND_CARD, "visa", NULL,      NULL, true,  0,   0  },
        {KIND_CARD, "visa", "virtual", NULL, false, 100, 200},
        {KIND_CARD, "elo",  "prepaid", NULL, true,  0,   0  },
    };
    struct country const c = {.n_acceptances = COUNT(rows), .acceptances = rows};
    const struct {
        const char *brand;
        enum funding funding;
        int64_t day;
        const struct fault *reason;
    } steps[] = {
        {"amex", FUNDING_CREDIT,  150, NULL                        },
        {"amex", FUNDING_PREPAID, 150, &METHOD_FUNDING_NOT_ACCEPTED},
        {"visa", FUNDING_PREPAID, 150, &METHOD_FUNDING_NOT_ACCEPTED},
        {"visa", FUNDING_VIRTUAL, 99,  NULL                        },
        {"visa", FUNDING_VIRTUAL, 100, &METHOD_FUNDING_NOT_ACCEPTED},
        {"visa", FUNDING_VIRTUAL, 200, NULL                        },
        {"jcb",  FUNDING_CREDIT,  150, &METHOD_BRAND_NOT_ACCEPTED  },
        {"jcb",  FUNDING_PREPAID, 150, &METHOD_BRAND_NOT_ACCEPTED  },
        {"elo",  FUNDING_PREPAID, 150, NULL                        },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct method_card const m = {KIND_CARD, steps[i].brand, steps[i].funding, NULL};

        CHECK(country_accepts(&c, &m, steps[i].day) == steps[i].reason);
    }
}

/* Every kind x brand x funding x operator that the country accepts, in a fixed order. */
static const char *accepted_line(const struct country *c)
{
    const char *line = c->code;

    for (size_t b = 0; b < catalog->n_brands; b++)
        for (size_t f = 0; f < fundings.n; f++) {
            struct method_card const m = {KIND_CARD, catalog->brands[b].code, (enum funding)f,
                                          NULL};
            if (!country_accepts(c, &m, day))
                line = arena_printf(&arena, "%s %s/%s", line, m.brand, fundings.at[f]);
        }
    for (size_t b = 0; b < catalog->n_brands; b++) {
        struct method_card const m = {KIND_WALLET, catalog->brands[b].code, FUNDING_NONE, NULL};
        if (!country_accepts(c, &m, day))
            line = arena_printf(&arena, "%s wallet:%s", line, m.brand);
    }
    for (size_t o = 0; o < catalog->n_operators; o++) {
        struct method_card const m = {KIND_CARRIER, NULL, FUNDING_NONE, catalog->operators[o].code};
        if (!country_accepts(c, &m, day))
            line = arena_printf(&arena, "%s carrier:%s", line, m.operator_);
    }
    return line;
}

static void country_is_as_written(void **state)
{
    const struct country *c = *state;
    const char *line = accepted_line(c);
    size_t const n = strlen(line);

    for (const char *at = golden; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, line, n) == 0 && at[n] == '\n') return;
    print_error("tests/golden/acceptance.txt lacks this line:\n%s\n", line);
    CHECK(false);
}

static void golden_has_no_more(void **state)
{
    size_t lines = 0;

    (void)state;
    for (const char *at = golden; *at; at++) lines += *at == '\n' && at[1] != '#' && at[1];
    CHECK(lines == catalog->n_countries);
}

/* One test per country beside the others; their names are made, and tools read those of CASE. */
static struct CMUnitTest *with_countries(const struct CMUnitTest *cases, size_t n)
{
    struct CMUnitTest *all = arena_array(&arena, struct CMUnitTest, n + catalog->n_countries);

    memcpy(all, cases, n * sizeof *cases);
    for (size_t i = 0; i < catalog->n_countries; i++) {
        const struct country *c = &catalog->countries[i];

        all[n + i].name = arena_printf(&arena, "C-20 acceptance in %s", c->name);
        all[n + i].test_func = country_is_as_written;
        all[n + i].initial_state = (void *)c;
    }
    return all;
}

int main(void)
{
    size_t n;
    const struct CMUnitTest cases[] = {
        CASE("C-02 each kind of method is accepted by rules of its own", kinds_have_rules),
        CASE("C-03 card brands are accepted or refused per country", brands_differ),
        CASE("C-04 a wallet is offered only where the table allows it", wallets_differ),
        CASE("C-05 a gift card is never a method", gifts_are_credit),
        CASE("C-06 prepaid and virtual cards are refused with that reason", fundings_differ),
        CASE("C-07 carrier billing is for listed operators only", operators_are_listed),
        CASE("C-08 the first check of a decline is acceptance", acceptance_is_checked_first),
        CASE("C-20 rows of the table have dates", rows_have_dates),
        CASE("C-03, C-06, C-20 the most specific row decides", specific_rows_win),
        CASE("C-20 each country of the example has its line of accepted methods",
             golden_has_no_more),
    };

    catalog = test_catalog(&arena);
    day = test_day("2024-03-01");
    golden = test_file("tests/golden/acceptance.txt", &n);
    int const failed =
        _cmocka_run_group_tests("catalog_accept", with_countries(cases, COUNT(cases)),
                                COUNT(cases) + catalog->n_countries, NULL, NULL);
    free(golden);
    arena_clear(&arena);
    return failed;
}
