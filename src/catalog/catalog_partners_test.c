/* catalog_partners_test: who may bill in our place, and where members are sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog_test.h"

static struct arena arena;

static void routes_of_billers(void **state)
{
    static const struct {
        const char *biller, *says;
    } rows[] = {
        {"direct",       "Account > Membership & Billing > Manage payment info"},
        {"app_store",    "Settings > Apple ID > Subscriptions"                 },
        {"play_store",   "Play app: Subscriptions"                             },
        {"channels",     "Amazon account: Memberships & Subscriptions"         },
        {"rhein_mobile", "Contact your carrier"                                },
        {"long_gone",    "provider that bills you"                             },
    };
    const struct catalog *c = test_catalog(&arena);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct route const r = biller_route(c, rows[i].biller, ROUTE_PAYMENT);

        if (!strstr(r.text, rows[i].says)) FAIL("%s: %s", rows[i].biller, r.text);
        for (size_t k = 0; k < ROUTES; k++)
            CHECK(*biller_route(c, rows[i].biller, (enum biller_route)k).text);
    }
    arena_clear(&arena);
}

static void found_by_code_or_name(void **state)
{
    static const char *const spellings[] = {"app_store", "App Store", "APP_STORE", "app store"};
    const struct catalog *c = test_catalog(&arena);
    bool kinds[6] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const struct partner *p = catalog_partner_named(c, spellings[i]);

        CHECK(p && strcmp(p->code, "app_store") == 0);
    }
    CHECK(!catalog_partner_named(c, "direct") && !catalog_partner_named(c, ""));
    CHECK(!catalog_partner_named(c, "app") && !catalog_partner_named(c, "app_store_"));
    for (size_t i = 0; i < c->n_partners; i++) kinds[c->partners[i].kind] = true;
    for (size_t i = 0; i < COUNT(kinds); i++) CHECK(kinds[i]); /* each kind has an example */
    arena_clear(&arena);
}

static void wound_down(void **state)
{
    struct partner const open = {.status = PARTNER_OPEN}, old = {.status = PARTNER_EXISTING_ONLY},
                         closing = {.status = PARTNER_CLOSING, .closes_day = 100};

    (void)state;
    for (int64_t day = 98; day < 103; day++) {
        CHECK(partner_bills(&open, true, day) && partner_bills(&open, false, day));
        CHECK(!partner_bills(&old, true, day) && partner_bills(&old, false, day));
        CHECK(!partner_bills(&closing, true, day));
        CHECK(partner_bills(&closing, false, day) == (day < 100));
    }
}

static void what_they_sell(void **state)
{
    const struct catalog *c = test_catalog(&arena);
    const struct partner *bundle = catalog_partner(c, "harbour_bundle"),
                         *cable = catalog_partner(c, "delta_cable");

    (void)state;
    CHECK(partner_offers(bundle, "standard") && !partner_offers(bundle, "premium"));
    CHECK(partner_offers(cable, "premium") && !bundle->slots);
    arena_clear(&arena);
}

#define TO "payment: {text: x}, cancel: {text: x}, refund: {text: x}"

static void mistakes_are_found(void **state)
{
    static const struct {
        const char *code, *partners;
    } rows[] = {
        {"catalog.code",         "{direct: {name: A, kind: isp, " TO "}}"                },
        {"catalog.choice",       "{a: {name: A, kind: bank, " TO "}}"                    },
        {"catalog.key_missing",  "{a: {name: A, kind: isp, payment: {text: x}}}"         },
        {"catalog.period",       "{a: {name: A, kind: isp, status: closing, " TO "}}"    },
        {"catalog.period",       "{a: {name: A, kind: isp, closes: 2030-01-01, " TO "}}" },
        {"catalog.plan_unknown", "{a: {name: A, kind: isp, plans: [none], " TO "}}"      },
        {"catalog.name_twice",
         "{a: {name: A, kind: isp, " TO "}, b: {name: a, kind: isp, " TO "}}"            },
        {"catalog.link",         "{a: {name: A, kind: isp, payment: {text: x, link: 'http://a'}, "
                         "cancel: {text: x}, refund: {text: x}}}"},
    };
    static struct problems problems;
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);
    const char *at = strstr(example, "\npartners:\n"), *end = strstr(example, "\nplans:\n");

    (void)state;
    CHECK(at && end);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct catalog *c = NULL;
        const char *text = arena_printf(&arena, "%.*s\npartners: %s\n%s", (int)(at - example),
                                        example, rows[i].partners, end);

        CHECK(catalog_read(text, strlen(text), "f", &arena, &problems, &c) == E_INVALID);
        if (strcmp(problems.at[0].code, rows[i].code) != 0)
            FAIL("%s: %s", rows[i].partners, problem_text(&problems, 0, &arena));
        arena_clear(&arena);
    }
    free(example);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("D-02 D-04 each way to sign up has its place to change payment", routes_of_billers),
        CASE("D-01 a partner is found by code or name, one of each kind", found_by_code_or_name),
        CASE("D-12 partners are wound down by their status", wound_down),
        CASE("D-13 a partner sells its own plans alone", what_they_sell),
        CASE("D-01 D-12 mistakes in partner records are found", mistakes_are_found),
    };
    return RUN_CASES("catalog_partners", cases);
}
