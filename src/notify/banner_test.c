/* banner_test: what stands above every screen, and that none leads to card entry in an app.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/notify_test.h"

static struct banners_view look(int64_t m, enum role role, enum surface surface,
                                enum standing standing)
{
    struct option_case const is = {
        .standing = standing, .surface = surface, .role = role, .facts = FACT(FACT_PROVEN)};
    struct banner_ask const in = {.account_id = m};
    struct test_db *t = &life.t;
    struct banners_view v;

    CHECK_OK(banner_list(&t->cx, life.catalog, &in, &is, &v));
    return v;
}

static const struct banner_view *find(const struct banners_view *v, const char *code)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->banners[i].code, code) == 0) return &v->banners[i];
    return NULL;
}

static void failed_payments(void **state)
{
    static const enum surface apps[] = {SURFACE_APP, SURFACE_TV};

    (void)state;
    life_open(&life, "2024-01-15");
    int64_t const m = reader("2023-12-20", "2024-01-15", "tok_insufficient_funds");
    CHECK(look(m, ROLE_OWNER, SURFACE_WEB, STANDING_GOOD).n == 0);
    life_run(&life, "2024-01-21");
    struct banners_view v = look(m, ROLE_OWNER, SURFACE_WEB, STANDING_GRACE);
    const struct banner_view *b = find(&v, "grace");
    CHECK(b && strcmp(b->until, "2024-01-25") == 0 && strstr(b->text, "January 25, 2024"));
    CHECK(strcmp(b->action, "change_payment") == 0 || *b->action);
    for (size_t i = 0; i < COUNT(apps); i++) {
        v = look(m, ROLE_OWNER, apps[i], STANDING_GRACE);
        b = find(&v, "grace");
        CHECK(b && strcmp(b->place, "web") == 0); /* E-04: it leads to the web */
        CHECK(!strstr(b->text, "card"));
        v = look(m, ROLE_PROFILE, apps[i], STANDING_GRACE);
        b = find(&v, "grace");
        CHECK(b && strcmp(b->place, "web") != 0 && strstr(b->text, "account holder"));
    }
    life_run(&life, "2024-01-27");
    v = look(m, ROLE_OWNER, SURFACE_WEB, STANDING_HOLD);
    CHECK(find(&v, "hold") && !find(&v, "grace"));
    life_close(&life);
}

static void everything_else(void **state)
{
    struct banners_view v;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    sql("UPDATE membership SET cancel_started_at = 1706745600000", m);
    sql("UPDATE account SET locked_at = 1", m);
    sql("INSERT INTO contact SELECT account_id, '', 0, 0, 0, -1, -1, 5, '550', 0, '' FROM account",
        m);
    v = look(m, ROLE_OWNER, SURFACE_WEB, STANDING_GOOD);
    CHECK(v.n == 3 && strcmp(v.banners[0].code, "locked") == 0);
    CHECK(find(&v, "cancel_unfinished") && find(&v, "unreachable"));
    CHECK(look(m, ROLE_PROFILE, SURFACE_TV, STANDING_GOOD).n == 0); /* the owner's alone */
    sql("UPDATE membership SET cancel_started_at = 0, state = 'ending', end_day = 19782", m);
    v = look(m, ROLE_PROFILE, SURFACE_TV, STANDING_ENDING);
    CHECK(v.n == 1 && find(&v, "ending"));
    life_close(&life);
}

/* Of a partner's member there is no payment method to change. */
static void partner_holds(void **state)
{
    static const char partner[] = "partners:\n  north: {name: North Mobile, kind: carrier, "
                                  "payment: {text: In the settings of your line},\n"
                                  "    cancel: {text: Ask North}, refund: {text: Ask North}}\n";
    struct option_case is = {.biller = BILLER_CARRIER,
                             .standing = STANDING_HOLD,
                             .surface = SURFACE_WEB,
                             .role = ROLE_OWNER};
    struct test_db *t = &life.t;
    struct banners_view v;

    (void)state;
    life_open(&life, "2024-02-01");
    life_apply(&life, arena_printf(&t->arena, "%s%s", life_catalog, partner));
    struct banner_ask const in = {.account_id = reader("2024-01-31", "2024-02-01", "tok_visa")};
    sql("UPDATE membership SET biller = 'north', state = 'hold', step = 'none', due_at = 0, "
        "due_day = 0",
        in.account_id);
    CHECK_OK(banner_list(&t->cx, life.catalog, &in, &is, &v));
    const struct banner_view *b = find(&v, "hold");
    CHECK(b && strstr(b->text, "North Mobile") && strstr(b->text, "In the settings of your line"));
    CHECK(!strstr(b->text, "payment method"));
    CHECK(strcmp(b->action, "") == 0 && strcmp(b->place, "partner_payment") == 0);
    is.role = ROLE_PROFILE;
    CHECK_OK(banner_list(&t->cx, life.catalog, &in, &is, &v));
    CHECK(find(&v, "hold") && !strstr(find(&v, "hold")->text, "North"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-04 Y-02 X-03 a failed payment shows a banner everywhere, which leads to the web",
             failed_payments),
        CASE("D-16 E-04 DT-1 a hold by a partner names the partner and where to pay there",
             partner_holds),
        CASE("F-02 Y-14 banners tell of an unfinished cancel and of mail that comes back",
             everything_else),
    };
    return RUN_CASES("banner", cases);
}
