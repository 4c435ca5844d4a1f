/* bench_members: a small catalog and the members whose renewals are measured, made in bulk by the
 * queries of production. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "bench_sql.h"
#include "cli/bench.h"
#include "membership/membership.h"
#include "payments/payments.h"

static const char catalog[] =
    "format: 1\n"
    "sellers:\n"
    "  europe: {legal_name: Example B.V., tax_id: EX-1, country: NL}\n"
    "  asia: {legal_name: Example K.K., tax_id: EX-2, country: JP}\n"
    "plans:\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, from: 2015-01-01}\n"
    "  premium: {name: Premium, ads: false, streams: 4, downloads: 6, resolution: 2160,\n"
    "    audio: spatial, slots: 2, from: 2015-01-01}\n"
    "brands: {visa: Visa}\n"
    "acceptance: {cards: [{kind: card, brand: visa}]}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: europe, tax: inclusive,\n"
    "    acceptance: cards, taxes: [{name: VAT, from: 2021-01-01, rate: 19}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 12.99},\n"
    "             {plan: premium, from: 2015-01-01, amount: 17.99}]}\n"
    "  GB: {name: United Kingdom, currency: GBP, zone: Europe/London, seller: europe,\n"
    "    tax: inclusive, acceptance: cards,\n"
    "    taxes: [{name: VAT, from: 2011-01-04, rate: 20}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 10.99},\n"
    "             {plan: premium, from: 2015-01-01, amount: 15.99}]}\n"
    "  JP: {name: Japan, currency: JPY, zone: Asia/Tokyo, seller: asia, tax: inclusive,\n"
    "    acceptance: cards, taxes: [{name: Consumption tax, from: 2019-10-01, rate: 10}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 1490},\n"
    "             {plan: premium, from: 2015-01-01, amount: 1980}]}\n"
    "  MX: {name: Mexico, currency: MXN, zone: America/Mexico_City, seller: europe,\n"
    "    tax: inclusive, acceptance: cards,\n"
    "    taxes: [{name: IVA, from: 2014-01-01, rate: 16}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 219},\n"
    "             {plan: premium, from: 2015-01-01, amount: 299}]}\n";

static const char *const countries[] = {"DE", "GB", "JP", "MX"};
static const char *const plans[] = {"standard", "standard", "premium"};

enum { BATCH = 5000, PAID_PERIODS = 14 };

struct rows {
    struct account_add_all_in *accounts;
    struct membership_add_all_in *memberships;
    struct term_add_all_in *terms;
    struct bench_method_add_all_in *methods;
};

static enum status add(struct ctx *cx, const struct bench *b, const struct catalog *c,
                       const struct rows *r, int64_t i, size_t at)
{
    const struct country *country = catalog_country(c, countries[i % (int64_t)COUNT(countries)]);
    int64_t const due_day = BENCH_FIRST_DAY + i % b->days;
    int64_t const anchor_day = day_add_months(due_day, -PAID_PERIODS);
    struct membership m = {0};
    const struct zone *z;
    int64_t id, method_id;

    TRY(db_id(cx, &id));
    TRY(db_id(cx, &method_id));
    TRY(zone_find(country->zone_name, &z, cx->err));
    membership_due(&m, STEP_RENEW, z, due_day);
    r->accounts[at] = (struct account_add_all_in){
        .account_id = id,
        .external_id = arena_printf(cx->arena, "member-%08lld", (long long)i),
        .email = arena_printf(cx->arena, "member%lld@example.com", (long long)i),
        .name = arena_printf(cx->arena, "Member %lld", (long long)i),
        .country = country->code,
        .region = "",
        .currency = country->currency,
        .zone = country->zone_name,
        .locale = "en",
        .joined_day = anchor_day,
        .import_hash = "",
        .created_at = cx->now};
    r->memberships[at] = (struct membership_add_all_in){
        .account_id = id,
        .plan = plans[i / 4 % (int64_t)COUNT(plans)],
        .biller = "direct",
        .state = M_ACTIVE,
        .term = 1,
        .anchor_day = anchor_day,
        .k = PAID_PERIODS - 1,
        .period_start_day = period_start_day(anchor_day, PAID_PERIODS - 1),
        .period_end_day = due_day,
        .step = m.step,
        .due_at = m.due_at,
        .due_day = m.due_day,
        .method_id = method_id};
    r->terms[at] =
        (struct term_add_all_in){id, 1, anchor_day, country->zone_name, cx->now, "imported"};
    r->methods[at] = (struct bench_method_add_all_in){
        .method_id = method_id,
        .account_id = id,
        .issuing_country = country->code,
        .gateway = "sandbox",
        .fingerprint = arena_printf(cx->arena, "%032llx", (unsigned long long)id * 2654435761U),
        .added_at = cx->now};
    return OK;
}

static enum status add_batch(struct ctx *cx, const struct bench *b, const struct catalog *c,
                             int64_t first, size_t n)
{
    struct rows const r = {arena_array(cx->arena, struct account_add_all_in, n),
                           arena_array(cx->arena, struct membership_add_all_in, n),
                           arena_array(cx->arena, struct term_add_all_in, n),
                           arena_array(cx->arena, struct bench_method_add_all_in, n)};
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    for (size_t i = 0; i < n; i++) TRY(add(cx, b, c, &r, first + (int64_t)i, i));
    TRY(account_add_all(cx, r.accounts, n, NULL));
    TRY(membership_add_all(cx, r.memberships, n, NULL));
    TRY(term_add_all(cx, r.terms, n, NULL));
    TRY(bench_method_add_all(cx, r.methods, n, NULL));
    return tx_commit(&tx);
}

static enum status add_all(struct ctx *cx, const struct bench *b, const struct catalog *c,
                           struct progress *bar)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct ctx batch = *cx;

    batch.arena = &arena;
    for (int64_t i = 0; i < b->members; i += BATCH) {
        int64_t const left = b->members - i;

        TRY(add_batch(&batch, b, c, i, (size_t)(left < BATCH ? left : BATCH)));
        arena_reset(&arena);
        progress_step(bar, i + BATCH < b->members ? i + BATCH : b->members);
    }
    return OK;
}

/* Joining once makes the rows of the leases, which then are no part of a run. */
static enum status make(struct ctx *cx, const struct bench *b, struct progress *bar)
{
    static struct problems problems;
    struct catalog_applied applied;
    const struct catalog *c;
    struct lease lease;
    int64_t ignored;

    TRY(db_migrate(cx->db, cx->now, &ignored, cx->err));
    TRY(clock_make_test(cx, cx->now));
    TRY(catalog_apply(cx, catalog, sizeof catalog - 1, "bench", &problems, &applied));
    TRY(catalog_load(cx, 0, &c));
    TRY(lease_join(cx, machine_this(), &lease));
    TRY(lease_leave(cx, &lease));
    return add_all(cx, b, c, bar);
}

enum status bench_add_members(const struct bench *b, struct error *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    CLEANUP(db_closep) struct db *db = NULL;
    struct progress bar;

    TRY(db_open(b->place.base, &db, e));
    struct ctx cx = {.db = db,
                     .arena = &arena,
                     .err = e,
                     .now = (BENCH_FIRST_DAY - 1) * DAY_MS,
                     .settings = &settings_default,
                     .actor = {.role = ROLE_SYSTEM}};
    progress_begin(&bar, b->cli, b->label, b->members);
    enum status const st = make(&cx, b, &bar);
    progress_end(&bar);
    return st;
}
