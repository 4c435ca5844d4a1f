/* retire_test: a shop whose plans are retired, and what tests of that ask of its members.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "billing/explain.h"
#include "billing/lock.h"
#include "billing/retire.h"
#include "db/outbox.h"
#include "http/op.h"
#include "payments/life_test.h"
#include "retire_sql.h"

/* `old` goes to standard, `mini` goes without a plan in its place. */
static const char shop[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  basic: {name: Basic, ads: false, streams: 1, downloads: 1, resolution: 720, audio: stereo,\n"
    "    slots: 0, from: 2015-01-01}\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "  premium: {name: Premium, ads: false, streams: 4, downloads: 6, resolution: 2160,\n"
    "    audio: stereo, slots: 2, pausable: true, from: 2015-01-01}\n"
    "  old: {name: Old, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 2, pausable: true, from: 2015-01-01%s}\n"
    "  mini: {name: Mini, ads: false, streams: 1, downloads: 1, resolution: 480, audio: stereo,\n"
    "    slots: 0, pausable: true, from: 2015-01-01%s}\n"
    "brands: {visa: Visa, mastercard: Mastercard}\n"
    "acceptance: {cards: [{kind: card, brand: [visa, mastercard]}]}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards,\n"
    "    taxes: [{name: VAT, from: 2015-01-01, rate: 19}],\n"
    "    prices: [{plan: basic, from: 2015-01-01, amount: 7.99},\n"
    "             {plan: standard, from: 2015-01-01, amount: 12.99},\n"
    "             {plan: premium, from: 2015-01-01, amount: 17.99},\n"
    "             {plan: old, from: 2015-01-01, amount: 9.99},\n"
    "             {plan: mini, from: 2015-01-01, amount: 5.99},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 4.99},\n"
    "             {plan: old, addon: extra_member, from: 2015-01-01, amount: 4.99}]}\n";

static struct life life;

/* Both plans are retired on a date; NULL: not. */
static inline void apply(const char *retired)
{
    struct test_db *t = &life.t;
    char text[8192];
    const char *old = "", *mini = "";

    if (retired) {
        old = arena_printf(&t->arena, ", closed: 2020-01-01, retired: %s, retired_to: standard",
                           retired);
        mini = arena_printf(&t->arena, ", closed: 2020-01-01, retired: %s", retired);
    }
    snprintf(text, sizeof text, shop, old, mini);
    life_apply(&life, text);
}

static inline void open_shop(const char *today, const char *retired)
{
    life_open(&life, today);
    apply(retired);
}

static inline int64_t join(const char *plan, const char *joined, const char *as_of)
{
    return life_member(&life, "DE", plan, joined, as_of, "tok_visa");
}

static inline size_t charges(int64_t account_id, struct charge **rows)
{
    struct test_db *t = &life.t;
    size_t n;

    CHECK_OK(charges_of(&t->cx, rows, &n, .account_id = account_id, .max = 1000));
    return n;
}

static inline void check_charge(int64_t account_id, const char *day, int64_t amount_minor)
{
    struct charge *rows;
    size_t const n = charges(account_id, &rows);
    int64_t amount = -1;

    for (size_t i = 0; i < n; i++)
        if (rows[i].due_on_day == life_day(day)) amount = rows[i].amount_minor;
    if (amount != amount_minor)
        FAIL("%s: charged %lld, not %lld", day, (long long)amount, (long long)amount_minor);
}

static inline int64_t previewed(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct rated r;

    CHECK_OK(billing_preview(&t->cx, life.catalog, account_id, &r));
    return r.total_minor;
}

/* The answer is borrowed until the next call. */
static inline enum status call_as(struct actor actor, const char *id, json_t *in,
                                  const json_t **out)
{
    static json_t *answer;
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    const struct op *op;
    enum status s;

    json_decref(answer);
    answer = NULL;
    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = actor;
    s = op_call(&t->cx, &w, op, in, &answer);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    json_decref(in);
    *out = answer;
    return s;
}

/* Calls an op as the owner on the web. */
static inline enum status call(int64_t account_id, const char *id, json_t *in, const json_t **out)
{
    struct actor const owner = {.role = ROLE_OWNER, .id = account_id, .surface = SURFACE_WEB};

    return call_as(owner, id, in, out);
}

static inline const char *word(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static inline void lock(int64_t account_id)
{
    struct test_db *t = &life.t;
    const json_t *out;

    CHECK_OK(call(account_id, "account.lock", json_pack("{s:s}", "report", "not me"), &out));
}

static inline void unlock(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct lock_view view;

    CHECK_OK(account_unlock(&t->cx, &(struct account_unlock){NULL, account_id, "Solved."}, &view));
}
