/* life_test: a small service for tests - a catalog, a sandbox gateway, a test clock and members
 * whose
 * lives are run through. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/calendar.h"
#include "charge_sql.h"
#include "db/clock.h"
#include "db/db_test.h"
#include "dunning_sql.h"
#include "invoice_sql.h"
#include "method_sql.h"
#include "payments/payments.h"

static const char life_catalog[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  basic: {name: Basic, ads: false, streams: 1, downloads: 1, resolution: 720, audio: stereo,\n"
    "    slots: 0, from: 2015-01-01}\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "brands: {visa: Visa, mastercard: Mastercard}\n"
    "acceptance: {cards: [{kind: card, brand: [visa, mastercard]}]}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards,\n"
    "    taxes: [{name: VAT, from: 2015-01-01, until: 2020-07-01, rate: 19},\n"
    "            {name: VAT, from: 2020-07-01, until: 2021-01-01, rate: 16},\n"
    "            {name: VAT, from: 2021-01-01, rate: 19}],\n"
    "    prices: [{plan: basic, from: 2015-01-01, amount: 7.99},\n"
    "             {plan: standard, from: 2015-01-01, until: 2024-04-01, amount: 12.99},\n"
    "             {plan: standard, from: 2024-04-01, amount: 13.99}]}\n"
    "  US: {name: United States, currency: USD, zone: America/New_York, seller: eu,\n"
    "    tax: exclusive, acceptance: cards, plans: [standard],\n"
    "    taxes: [{name: Sales tax, region: CA, from: 2015-01-01, rate: 7.25}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 15.49}]}\n"
    "  JP: {name: Japan, currency: JPY, zone: Asia/Tokyo, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, plans: [standard],\n"
    "    taxes: [{name: Consumption tax, from: 2015-01-01, rate: 10}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 1490}]}\n";

struct life {
    struct test_db t;
    struct gateway *gateway;
    struct world world;
    const struct catalog *catalog;
    struct arena catalog_arena;
};

static inline int64_t life_day(const char *iso)
{
    int64_t day;

    CHECK(day_parse(iso, &day));
    return day;
}

static int64_t life_wall_ms(void *arg)
{
    return (void)arg, INT64_C(1700000000000);
}
static bool life_gone(void *arg, const char *p)
{
    return (void)arg, (void)p, false;
}
static void life_pause(void *arg UNUSED, int64_t ms UNUSED) {}
static const struct machine life_machine = {life_wall_ms, life_gone, life_pause, "test", NULL};

static inline void life_apply(struct life *l, const char *text)
{
    static struct problems problems;
    struct test_db *t = &l->t;
    struct catalog_applied done;
    struct ctx cx = t->cx;

    CHECK_OK(catalog_apply(&t->cx, text, strlen(text), "life", &problems, &done));
    cx.arena = &l->catalog_arena;
    CHECK_OK(catalog_load(&cx, 0, &l->catalog));
}

static inline void life_open(struct life *l, const char *today)
{
    struct test_db *t = &l->t;

    memset(l, 0, sizeof *l);
    test_db_open(t, life_day(today) * DAY_MS);
    CHECK_OK(clock_make_test(&t->cx, t->cx.now));
    life_apply(l, life_catalog);
    CHECK_OK(sandbox_open(t->url, &l->gateway, &t->err));
    l->world = (struct world){.machine = &life_machine, .gateway = l->gateway, .test_clock = true};
}

static inline void life_close(struct life *l)
{
    struct test_db *t = &l->t;
    char sql[128];

    gateway_close(l->gateway);
    snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %.60s_sandbox CASCADE", t->schema);
    if (t->schema[0]) CHECK_OK(db_script(t->db, sql, &t->err));
    arena_clear(&l->catalog_arena);
    test_db_close(&l->t);
}

static inline void life_method(struct life *l, int64_t account_id, int64_t rank, const char *token,
                               int64_t *id)
{
    struct test_db *t = &l->t;
    struct gateway_method m;
    char customer[24];

    snprintf(customer, sizeof customer, "m%lld", (long long)account_id);
    CHECK_OK(l->gateway->describe(l->gateway->state, token, customer, &m, &t->arena, &t->err));
    CHECK_OK(db_id(&t->cx, id));
    CHECK_OK(method_put(&t->cx, NULL, .method_id = *id, .account_id = account_id,
                        .method_rank = rank, .method_state = METHOD_USABLE, .method_kind = m.kind,
                        .brand = m.brand, .funding = m.funding, .last4 = m.last4,
                        .expiry_month = m.expiry_month, .issuing_country = m.issuing_country,
                        .operator= m.operator_, .gateway = l->gateway->name, .token = token,
                        .fingerprint = m.fingerprint));
}

/* A member who joined on `joined` and has paid everything before `as_of`; tokens separated by ';'.
 */
static inline int64_t life_member(struct life *l, const char *place, const char *plan,
                                  const char *joined, const char *as_of, const char *tokens)
{
    struct test_db *t = &l->t;
    const struct country *country;
    const struct zone *z;
    struct membership m = {.plan = plan, .biller = "direct", .state = M_ACTIVE, .term = 1};
    char code[3] = {place[0], place[1], 0}, *list = arena_strdup(&t->arena, tokens), *at;
    int64_t rank = 0, method;
    TX tx = {0};

    country = catalog_country(l->catalog, code);
    CHECK(country != NULL);
    CHECK_OK(zone_find(country->zone_name, &z, &t->err));
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(db_id(&t->cx, &m.account_id));
    struct account_add_all_in const account = {
        m.account_id,
        arena_printf(&t->arena, "m%lld", (long long)m.account_id),
        "",
        "",
        code,
        place[2] ? place + 3 : "",
        country->currency,
        country->zone_name,
        "en",
        life_day(joined),
        "",
        t->cx.now};
    CHECK_OK(account_add_all(&t->cx, &account, 1, NULL));
    while ((at = strsep(&list, ";")))
        if (*at) {
            life_method(l, m.account_id, rank, at, &method);
            if (rank++ == 0) m.method_id = method;
        }
    m.anchor_day = life_day(joined);
    m.k = period_on_or_after(m.anchor_day, life_day(as_of)) - 1;
    m.period_start_day = period_start_day(m.anchor_day, m.k < 0 ? 0 : m.k);
    m.period_end_day = period_start_day(m.anchor_day, m.k + 1);
    membership_due(&m, STEP_RENEW, z, m.period_end_day);
    CHECK_OK(membership_add(
        &t->cx, NULL, .account_id = m.account_id, .plan = plan, .biller = "direct",
        .state = m.state, .term = 1, .anchor_day = m.anchor_day, .k = m.k,
        .period_start_day = m.period_start_day, .period_end_day = m.period_end_day, .step = m.step,
        .due_at = m.due_at, .due_day = m.due_day, .method_id = m.method_id));
    CHECK_OK(term_add(&t->cx, NULL, .account_id = m.account_id, .term = 1,
                      .anchor_day = m.anchor_day, .zone = country->zone_name,
                      .started_at = t->cx.now, .term_cause = "imported", .lifted_plan = ""));
    CHECK_OK(tx_commit(&tx));
    return m.account_id;
}

/* Works through everything before a date; the clock stands there afterwards. */
static inline void life_run(struct life *l, const char *until)
{
    struct test_db *t = &l->t;
    struct clock_state clock;

    CHECK_OK(payments_run(&t->cx, &l->world, life_day(until) * DAY_MS));
    CHECK_OK(clock_read(&t->cx, 0, &clock));
    CHECK(clock.now == life_day(until) * DAY_MS);
    t->cx.now = clock.now;
}

static inline struct membership life_look(struct life *l, int64_t account_id)
{
    struct test_db *t = &l->t;
    struct membership m;

    CHECK_OK(membership_get(&t->cx, account_id, &m));
    return m;
}
