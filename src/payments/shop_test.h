/* shop_test: a catalog of countries with a policy each, and owners who buy there.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "http/op.h"
#include "payments/ask_test.h"

/* Three countries, each with its own policy, zone and tax; prices and taxes change on the way. */
static const char shop[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  ads: {name: Ads, ads: true, streams: 2, downloads: 2, resolution: 1080, audio: stereo,\n"
    "    slots: 0, from: 2015-01-01}\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "  premium: {name: Premium, ads: false, streams: 4, downloads: 6, resolution: 2160, hdr: "
    "true,\n"
    "    audio: spatial, slots: 2, pausable: true, from: 2015-01-01}\n"
    "  basic: {name: Basic, ads: false, streams: 1, downloads: 1, resolution: 720, audio: stereo,\n"
    "    slots: 0, from: 2015-01-01, closed: 2020-01-01}\n"
    "brands: {visa: Visa, mastercard: Mastercard}\n"
    "acceptance: {cards: [{kind: card, brand: [visa, mastercard]}]}\n"
    "settings:\n"
    "  now: {change_policy: prorate_now, source: test}\n"
    "  shift: {change_policy: shift_anchor, source: test}\n"
    "  next: {change_policy: new_price_next_date, source: test}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, settings: now,\n"
    "    taxes: [{name: VAT, from: 2015-01-01, until: 2024-07-01, rate: 19},\n"
    "            {name: VAT, from: 2024-07-01, rate: 16}],\n"
    "    prices: [{plan: ads, from: 2015-01-01, amount: 4.99},\n"
    "             {plan: basic, from: 2015-01-01, amount: 7.99},\n"
    "             {plan: standard, from: 2015-01-01, until: 2024-04-20, amount: 12.99},\n"
    "             {plan: standard, from: 2024-04-20, amount: 13.99},\n"
    "             {plan: premium, from: 2015-01-01, amount: 17.99},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 4.99},\n"
    "             {plan: premium, addon: extra_member, from: 2015-01-01, until: 2024-05-10,\n"
    "              amount: 4.99},\n"
    "             {plan: premium, addon: extra_member, from: 2024-05-10, amount: 5.49}]}\n"
    "  US: {name: United States, currency: USD, zone: America/New_York, seller: eu,\n"
    "    tax: exclusive, acceptance: cards, settings: shift, plans: [standard, premium],\n"
    "    taxes: [{name: Sales tax, region: CA, from: 2015-01-01, rate: 7.25},\n"
    "            {name: City tax, region: CA, from: 2024-06-05, rate: 1}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 15.49},\n"
    "             {plan: premium, from: 2015-01-01, amount: 22.99},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 7.99}]}\n"
    "  JP: {name: Japan, currency: JPY, zone: Asia/Tokyo, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, settings: next, plans: [standard, premium],\n"
    "    taxes: [{name: Consumption tax, from: 2015-01-01, rate: 10}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 1490},\n"
    "             {plan: premium, from: 2015-01-01, amount: 1980},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 500},\n"
    "             {plan: premium, addon: extra_member, from: 2015-01-01, amount: 500}]}\n";

static struct life life;

static inline void open_shop(const char *today)
{
    life_open(&life, today);
    life_apply(&life, shop);
}

/* Calls an op as the owner, from a television; the caller owns the answer. */
static inline enum status call(int64_t account_id, const char *id, json_t *in, json_t **out)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    const struct op *op;
    enum status s;

    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = (struct actor){.role = ROLE_OWNER,
                                 .id = account_id,
                                 .surface = SURFACE_WEB,
                                 .proven = true,
                                 .device = "a television",
                                 .network = "192.0.2.7"};
    s = op_call(&t->cx, &w, op, in, out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    json_decref(in);
    return s;
}

static inline json_t *done(int64_t account_id, const char *id, json_t *in)
{
    struct test_db *t = &life.t;
    json_t *out = NULL;

    CHECK_OK(call(account_id, id, in, &out));
    return out;
}

static inline int64_t number(const json_t *row, const char *name)
{
    CHECK(json_object_get(row, name));
    return json_integer_value(json_object_get(row, name));
}

static inline bool says(const json_t *row, const char *name, const char *value)
{
    const char *is = json_string_value(json_object_get(row, name));

    CHECK(is);
    if (strcmp(is, value) != 0) print_error("%s is %s, not %s\n", name, is, value);
    return strcmp(is, value) == 0;
}

static inline json_t *to_plan(const char *plan)
{
    return json_pack("{s:s}", "plan", plan);
}
