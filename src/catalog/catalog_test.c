/* catalog_test: versions on a database, look-ups against a slow oracle, and what the example
 * catalog promises. SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog_test.h"

#include "db/db_test.h"

static struct arena arena;
static const struct catalog *catalog;

/* --- versions --- */

static const char small[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans: {one: {name: One, ads: false, streams: 1, downloads: 0, resolution: 720,\n"
    "  audio: stereo, slots: 0, from: 2015-01-01}}\n"
    "acceptance: {none: []}\n"
    "countries: {BH: {name: Bahrain, currency: BHD, zone: Asia/Bahrain, seller: eu,\n"
    "  tax: inclusive, acceptance: none, prices: [{plan: one, from: 2015-01-01, amount: "
    "1.250}]}}\n";

static enum status apply(struct test_db *t, const char *text, struct catalog_applied *out)
{
    static struct problems problems;

    return catalog_apply(&t->cx, text, strlen(text), "f.yaml", &problems, out);
}

static void versions_are_kept(void **state)
{
    struct test_db db, *t = &db;
    struct catalog_applied done;
    struct catalog_version *all;
    const struct catalog *c;
    char changed[sizeof small];
    size_t n;

    (void)state;
    snprintf(changed, sizeof changed, "%s", small);
    *strstr(changed, "1.250") = '2';
    test_db_open(t, 1000);
    CHECK(catalog_load(&t->cx, 0, &c) == E_CONFLICT && t->err.fault == &CATALOG_NONE);
    CHECK_OK(apply(t, small, &done));
    CHECK(done.version == 1 && done.changed);
    CHECK_OK(apply(t, small, &done));
    CHECK(done.version == 1 && !done.changed);
    t->cx.now = 2000;
    t->cx.actor = (struct actor){.role = ROLE_AGENT, .id = 7};
    CHECK_OK(apply(t, changed, &done));
    CHECK(done.version == 2 && done.changed);
    CHECK_OK(apply(t, small, &done)); /* back again: a new version, nothing is rewritten */
    CHECK(done.version == 3 && done.changed);
    CHECK_OK(catalog_versions(&t->cx, 10, &all, &n));
    CHECK(n == 3 && all[0].version == 3 && all[2].version == 1 && all[2].applied_at == 1000);
    CHECK(strcmp(all[1].applied_by, "agent:7") == 0 && strcmp(all[2].applied_by, "system") == 0);
    CHECK(strcmp(all[0].document_hash, all[2].document_hash) == 0 && all[1].applied_at == 2000);
    for (int64_t version = 0; version <= 3; version++) {
        CHECK_OK(catalog_load(&t->cx, version, &c));
        CHECK(c->version == (version ? version : 3));
        CHECK(strcmp(c->document, version == 2 ? changed : small) == 0);
        const struct price *p =
            country_price(catalog_country(c, "BH"), "one", NULL, test_day("2024-03-01"));
        CHECK(p && p->amount_minor == (version == 2 ? 2250 : 1250));
    }
    CHECK(catalog_load(&t->cx, 4, &c) == E_NOT_FOUND && t->err.fault == &CATALOG_VERSION_UNKNOWN);
    test_db_close(t);
}

static void versions_are_read_once(void **state)
{
    enum { MANY = 30 };
    struct test_db db, *t = &db;
    struct arena other = {0};
    struct catalog_applied done;
    const struct catalog *first, *again;
    char changed[sizeof small];

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(apply(t, small, &done));
    CHECK_OK(catalog_load(&t->cx, 1, &first));
    struct ctx cx = t->cx;
    cx.arena = &other;
    for (int i = 1; i <= MANY; i++) {
        snprintf(changed, sizeof changed, "%s", small);
        strstr(changed, "1.250")[2] = (char)('0' + i % 10);
        CHECK_OK(apply(t, changed, &done));
        arena_reset(&other);
        CHECK_OK(catalog_load(&cx, 0, &again));
        CHECK(again->version == done.version && strcmp(again->document, changed) == 0);
        CHECK_OK(catalog_load(&cx, 1, &again));
        CHECK(again == first && strcmp(first->document, small) == 0);
    }
    arena_clear(&other);
    test_db_close(t);
}

static void mistakes_change_nothing(void **state)
{
    struct test_db db, *t = &db;
    struct catalog_applied done = {0};
    struct catalog_version *all;
    char wrong[sizeof small];
    size_t n;

    (void)state;
    test_db_open(t, 1000);
    CHECK_OK(apply(t, small, &done));
    snprintf(wrong, sizeof wrong, "%s", small);
    memcpy(strstr(wrong, "BHD"), "EUR", 3); /* which has no third decimal */
    CHECK(apply(t, wrong, &done) == E_INVALID && t->err.fault == &CATALOG_INVALID);
    CHECK(strstr(t->err.detail, "f.yaml:7:") &&
          strstr(t->err.detail, "countries.BH.prices[0].amount"));
    CHECK_OK(catalog_versions(&t->cx, 10, &all, &n));
    CHECK(n == 1 && done.version == 1);
    test_db_close(t);
}

/* --- the example --- */

static void example_has_the_plans(void **state)
{
    static const struct {
        const char *code, *name;
        bool ads;
        int64_t streams, downloads, resolution, slots;
    } plans[] = {
        {"standard_ads", "Standard with ads", true,  2, 2, 1080, 0},
        {"basic",        "Basic",             false, 1, 1, 720,  0},
        {"standard",     "Standard",          false, 2, 2, 1080, 1},
        {"premium",      "Premium",           false, 4, 6, 2160, 2},
    };

    (void)state;
    CHECK(catalog->n_plans == COUNT(plans) && catalog->n_countries >= 60);
    for (size_t i = 0; i < COUNT(plans); i++) {
        const struct plan *p = catalog_plan(catalog, plans[i].code);

        CHECK(p && strcmp(p->name, plans[i].name) == 0 && p->ads == plans[i].ads);
        CHECK(p->streams == plans[i].streams && p->download_devices == plans[i].downloads);
        CHECK(p->resolution == plans[i].resolution && p->slots == plans[i].slots);
        CHECK(p->hdr == (p->resolution == 2160));
    }
}

static void example_prices_every_day(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalog->n_countries; i++)
        for (size_t k = 0; k < catalog->n_plans; k++)
            for (int64_t day = test_day("2015-01-01"); day < test_day("2030-01-01"); day += 13) {
                const struct country *c = &catalog->countries[i];
                const struct plan *p = &catalog->plans[k];
                const struct price *price = country_price(c, p->code, NULL, day);

                CHECK(price && price->amount_minor > 0 && catalog_seller(catalog, c->seller));
                /* One catalog answers who may have extra members and what a slot costs. */
                CHECK(!country_price(c, p->code, "extra_member", day) == (p->slots == 0));
            }
}

static void closed_plans(void **state)
{
    const struct plan *basic = catalog_plan(catalog, "basic");
    const struct plan *ads = catalog_plan(catalog, "standard_ads");
    struct plan const retired = {.from_day = 10, .closed_day = 20, .retired_day = 30};

    (void)state;
    CHECK(plan_open(basic, basic->closed_day - 1) && !plan_open(basic, basic->closed_day));
    CHECK(!plan_open(ads, ads->from_day - 1) && plan_open(ads, ads->from_day));
    CHECK(!plan_open(&retired, 9) && plan_open(&retired, 10) && plan_open(&retired, 19));
    CHECK(!plan_open(&retired, 20) && !plan_open(&retired, 30));
}

static int64_t rate(const char *country, const char *region, const char *date)
{
    const struct tax *taxes[8];
    int64_t sum = 0;
    size_t const n = country_taxes(catalog_country(catalog, country), region, test_day(date), taxes,
                                   COUNT(taxes));

    for (size_t i = 0; i < n; i++) sum += taxes[i]->rate_ppm;
    return sum;
}

static void taxes_of_the_day(void **state)
{
    static const struct {
        const char *country, *region, *date;
        int64_t rate_ppm;
    } steps[] = {
        {"DE", NULL, "2020-06-30", 190000},
        {"DE", NULL, "2020-07-01", 160000},
        {"DE", NULL, "2020-12-31", 160000},
        {"DE", NULL, "2021-01-01", 190000},
        {"EE", NULL, "2023-12-31", 200000},
        {"EE", NULL, "2024-01-01", 220000},
        {"EE", NULL, "2025-07-01", 240000},
        {"CH", "",   "2023-12-31", 77000 },
        {"CH", "ZH", "2024-01-01", 81000 },
        {"SG", NULL, "2023-01-01", 80000 },
        {"SG", NULL, "2022-12-31", 70000 },
        {"FI", NULL, "2024-09-01", 255000},
        {"CA", NULL, "2024-03-01", 50000 },
        {"CA", "QC", "2024-03-01", 149750},
        {"CA", "NS", "2025-03-31", 150000},
        {"CA", "NS", "2025-04-01", 140000},
        {"CA", "AB", "2024-03-01", 50000 },
        {"ES", NULL, "2024-03-01", 210000},
        {"ES", "GC", "2024-03-01", 70000 },
        {"ES", "CE", "2024-03-01", 0     },
        {"US", NULL, "2024-03-01", 0     },
        {"US", "CA", "2024-03-01", 0     },
        {"HK", NULL, "2024-03-01", 0     },
        {"DE", NULL, "2014-12-31", 0     },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        int64_t const is = rate(steps[i].country, steps[i].region, steps[i].date);

        if (is != steps[i].rate_ppm)
            print_error("%s %s: %lld\n", steps[i].country, steps[i].date, (long long)is);
        CHECK(is == steps[i].rate_ppm);
    }
    CHECK(catalog_country(catalog, "US")->n_taxes > 40); /* on file, off until registered */
    CHECK(catalog_country(catalog, "US")->tax_mode == TAX_EXCLUSIVE);
    CHECK(catalog_country(catalog, "CA")->tax_mode == TAX_EXCLUSIVE);
    CHECK(catalog_country(catalog, "DE")->tax_mode == TAX_INCLUSIVE);
}

static void registration_turns_a_tax_on(void **state)
{
    struct tax const taxes[] = {
        {"GST",       NULL, false, 50000, 0, 0, true },
        {"Sales tax", "CA", false, 82500, 0, 0, true },
        {"Sales tax", "NY", false, 40000, 0, 0, false},
        {"Levy",      "TX", true,  10000, 0, 0, true },
        {"Levy",      "VT", true,  10000, 0, 0, false},
    };
    struct country const c = {.n_taxes = COUNT(taxes), .taxes = taxes};
    const struct tax *out[2];

    (void)state;
    CHECK(country_taxes(&c, "CA", 5, out, 2) == 2 && out[0] == &taxes[0] && out[1] == &taxes[1]);
    CHECK(country_taxes(&c, "CA", 5, out, 1) == 1 && out[0] == &taxes[0]);
    CHECK(country_taxes(&c, "NY", 5, out, 2) == 1);
    CHECK(country_taxes(&c, "TX", 5, out, 2) == 1 && out[0] == &taxes[3]);
    CHECK(country_taxes(&c, "VT", 5, out, 2) == 1 && out[0] == &taxes[0]);
}

/* --- look-ups --- */

static const struct price *slow_price(const struct country *c, const char *plan, const char *addon,
                                      int64_t day)
{
    for (size_t i = 0; i < c->n_prices; i++) {
        const struct price *p = &c->prices[i];

        if (strcmp(p->plan, plan) == 0 && !p->addon == !addon && p->from_day <= day &&
            (!p->until_day || day < p->until_day))
            return p;
    }
    return NULL;
}

static void prices_match_the_oracle(void **state)
{
    static const char *const plans[] = {"", "basic", "premium", "standard", "standard_ads", "zz"};
    static const char *const addons[] = {NULL, "extra_member"};

    (void)state;
    for (size_t i = 0; i < catalog->n_countries; i++)
        for (size_t p = 0; p < COUNT(plans); p++)
            for (size_t a = 0; a < COUNT(addons); a++)
                for (int64_t day = 16000; day < 21000; day += 7) {
                    const struct country *c = &catalog->countries[i];

                    CHECK(country_price(c, plans[p], addons[a], day) ==
                          slow_price(c, plans[p], addons[a], day));
                }
}

static void price_edges_match_the_oracle(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalog->n_countries; i++)
        for (size_t k = 0; k < catalog->countries[i].n_prices; k++)
            for (int64_t off = -1; off <= 1; off++) {
                const struct country *c = &catalog->countries[i];
                const struct price *p = &c->prices[k];

                CHECK(country_price(c, p->plan, p->addon, p->from_day + off) ==
                      slow_price(c, p->plan, p->addon, p->from_day + off));
                CHECK(country_price(c, p->plan, p->addon, p->until_day + off) ==
                      slow_price(c, p->plan, p->addon, p->until_day + off));
            }
}

static void people_name_things(void **state)
{
    static const char *const countries[][2] = {
        {"de",              "DE"},
        {"GERMANY",         "DE"},
        {"United States",   "US"},
        {"usa",             "US"},
        {"UK",              "GB"},
        {"south korea",     "KR"},
        {"Czech Republic",  "CZ"},
        {"Türkiye",        "TR"},
        {"The Netherlands", "NL"},
        {"no",              "NO"},
        {"Norway",          "NO"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(countries); i++) {
        const struct country *c = catalog_country_named(catalog, countries[i][0]);
        CHECK(c && c == catalog_country(catalog, countries[i][1]));
    }
    CHECK(!catalog_country_named(catalog, "Atlantis") && !catalog_country_named(catalog, ""));
    CHECK(!catalog_country(catalog, "de"));
    CHECK(catalog_plan_named(catalog, "standard WITH ads") ==
          catalog_plan(catalog, "standard_ads"));
    CHECK(catalog_plan_named(catalog, "PREMIUM") == catalog_plan(catalog, "premium"));
    CHECK(!catalog_plan_named(catalog, "Gold") && !catalog_plan(catalog, "Premium"));
    for (size_t i = 0; i < catalog->n_countries; i++)
        CHECK(catalog_country(catalog, catalog->countries[i].code) == &catalog->countries[i]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("A-15 each applied catalog is a version of its own and stays", versions_are_kept),
        CASE("A-15 a version of the catalog is read once, and let go when nobody has it",
             versions_are_read_once),
        CASE("A-15 a catalog with mistakes changes nothing", mistakes_change_nothing),
        CASE("A-01 the example has the plans with their limits", example_has_the_plans),
        CASE("A-01, A-16 the example prices every plan on every day, and slots where there are any",
             example_prices_every_day),
        CASE("A-10 a plan is closed to new members from its day on", closed_plans),
        CASE("A-14 taxes are those of the day and the region", taxes_of_the_day),
        CASE("A-14 a tax is collected where the operator is registered",
             registration_turns_a_tax_on),
        CASE("A-16 a price is what a slow search finds", prices_match_the_oracle),
        CASE("A-16 a price begins and ends on its day", price_edges_match_the_oracle),
        CASE("A-16 plans and countries are found by code and by name", people_name_things),
    };

    catalog = test_catalog(&arena);
    int const failed = RUN_CASES("catalog", cases);
    arena_clear(&arena);
    return failed;
}
