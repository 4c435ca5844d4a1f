/* billing_test: rating against slow arithmetic, and what a period has earned.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing_rules.h"

#include "base/calendar.h"
#include "base/test.h"
#include "membership/membership_rules.h"

static const struct plan plans[] = {
    {.code = "basic", .name = "Basic"}
};
static struct price prices[3];
static struct tax tax_rows[3];
static struct country country = {.code = "XX",
                                 .name = "Example",
                                 .currency = "EUR",
                                 .seller = "s",
                                 .zone_name = "UTC",
                                 .prices = prices,
                                 .taxes = tax_rows};
static struct catalog const catalog = {
    .version = 3, .n_plans = 1, .n_countries = 1, .plans = plans, .countries = &country};

/* Rounds half away from zero by looking for the nearest multiple. */
static int64_t slow_divide(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return 2 * (a - q * b) >= b ? q + 1 : q;
}

static void amounts_add_up(void **state)
{
    static const int64_t rates[] = {0, 1, 50000, 72500, 190000, 255000, 999999};

    (void)state;
    prices[0] = (struct price){.plan = "basic", .from_day = 1};
    tax_rows[0] = (struct tax){.name = "VAT", .from_day = 1, .registered = true};
    country.n_prices = country.n_taxes = 1;
    for (int mode = TAX_INCLUSIVE; mode <= TAX_EXCLUSIVE; mode++)
        for (size_t r = 0; r < COUNT(rates); r++)
            for (int64_t price = 0; price < 3000; price += 7) {
                struct rate_in const in = {.plan = "basic",
                                           .country = "XX",
                                           .region = "",
                                           .anchor_day = 19000,
                                           .k = 5,
                                           .first = true};
                struct rated out;
                int64_t lines = 0, tax;

                country.tax_mode = (enum tax_mode)mode;
                prices[0].amount_minor = price;
                tax_rows[0].rate_ppm = rates[r];
                CHECK(rate_period(&catalog, &in, &out) == NULL);
                tax = mode == TAX_EXCLUSIVE ? slow_divide(price * rates[r], PPM)
                                            : slow_divide(price * rates[r], PPM + rates[r]);
                CHECK(out.tax_minor == tax && out.net_minor + out.tax_minor == out.total_minor);
                CHECK((mode == TAX_EXCLUSIVE ? out.net_minor : out.total_minor) == price);
                for (size_t i = 0; i < out.n_lines; i++) lines += out.lines[i].amount_minor;
                CHECK(lines == out.total_minor);
            }
}

static void several_taxes_share(void **state)
{
    struct rate_in const in = {.plan = "basic",
                               .country = "XX",
                               .region = "QC",
                               .anchor_day = 19000,
                               .k = 5,
                               .first = true};
    struct rated out;

    (void)state;
    country.n_taxes = 2;
    prices[0].amount_minor = 1000;
    tax_rows[0] = (struct tax){.name = "GST", .rate_ppm = 50000, .from_day = 1, .registered = true};
    tax_rows[1] = (struct tax){
        .name = "QST", .region = "QC", .rate_ppm = 99750, .from_day = 1, .registered = true};
    country.tax_mode = TAX_EXCLUSIVE;
    CHECK(rate_period(&catalog, &in, &out) == NULL);
    CHECK(out.n_lines == 3 && out.lines[1].amount_minor == 50 && out.lines[2].amount_minor == 100);
    country.tax_mode = TAX_INCLUSIVE;
    CHECK(rate_period(&catalog, &in, &out) == NULL);
    CHECK(out.tax_minor == money_tax_within(1000, 149750));
    CHECK(out.lines[1].amount_minor + out.lines[2].amount_minor == out.tax_minor);
    country.n_taxes = 1;
}

static void causes(void **state)
{
    int64_t const anchor = day_of(2024, 1, 31), change = day_of(2024, 5, 1);
    static const enum charge_cause expected[] = {CAUSE_FIRST,        CAUSE_MISSING_DAY,
                                                 CAUSE_RENEWAL,      CAUSE_MISSING_DAY,
                                                 CAUSE_PRICE_CHANGE, CAUSE_MISSING_DAY};
    struct rated out;

    (void)state;
    country.n_prices = 2;
    prices[0] = (struct price){"basic", NULL, 799, 1, change};
    prices[1] = (struct price){"basic", NULL, 899, change, 0};
    for (int64_t k = 0; k < (int64_t)COUNT(expected); k++) {
        struct rate_in const in = {.plan = "basic",
                                   .country = "XX",
                                   .region = "",
                                   .anchor_day = anchor,
                                   .k = k,
                                   .first = true};

        CHECK(rate_period(&catalog, &in, &out) == NULL && out.cause == expected[k]);
        CHECK(out.lines[0].effective_day == (k < 4 ? 1 : change));
    }
    struct rate_in const recovered = {.plan = "basic",
                                      .country = "XX",
                                      .region = "",
                                      .anchor_day = anchor,
                                      .k = 0,
                                      .recovered = true};
    CHECK(rate_period(&catalog, &recovered, &out) == NULL && out.cause == CAUSE_RECOVERED);
    country.n_prices = 1;
}

/* Slots are lines of their own; tax is rounded once for all lines together. */
static void slots_are_lines(void **state)
{
    (void)state;
    country.n_prices = 2;
    country.n_taxes = 1;
    tax_rows[0] = (struct tax){.name = "VAT", .from_day = 1, .registered = true};
    for (int64_t i = 0; i < 4000; i++) {
        int64_t const price = 1 + i * 37 % 2500, slot = 1 + i * 53 % 900, rate = i * 7919 % 300000;
        int64_t const slots = i % 8;
        int64_t const n = (slots & 1) + (slots >> 1 & 1) + (slots >> 2), list = price + n * slot;
        struct rate_in const in = {.plan = "basic",
                                   .country = "XX",
                                   .region = "",
                                   .anchor_day = 19000,
                                   .k = 5,
                                   .slots = slots,
                                   .slots_before = slots & 1};
        struct rated out;
        int64_t sum = 0;

        country.tax_mode = i % 2 ? TAX_EXCLUSIVE : TAX_INCLUSIVE;
        prices[0] = (struct price){"basic", NULL, price, 1, 0};
        prices[1] = (struct price){"basic", ADDON_SLOT, slot, 1, 0};
        tax_rows[0].rate_ppm = rate;
        CHECK(rate_period(&catalog, &in, &out) == NULL && out.n_lines == (size_t)(2 + n));
        int64_t const tax =
            i % 2 ? slow_divide(list * rate, PPM) : slow_divide(list * rate, PPM + rate);
        CHECK(out.tax_minor == tax && out.total_minor == (i % 2 ? list + tax : list));
        for (size_t l = 0; l < out.n_lines; l++) sum += out.lines[l].amount_minor;
        CHECK(sum == out.total_minor);
        int64_t seen = 0;
        for (int64_t l = 1; l <= n; l++) {
            int64_t const no = slot_of_item(out.lines[l].item);

            CHECK(out.lines[l].kind == LINE_SLOT && out.lines[l].unit_minor == slot);
            CHECK(out.lines[l].cause == (no == 1 ? CAUSE_RENEWAL : CAUSE_SLOT_ADDED));
            seen |= INT64_C(1) << (no - 1);
        }
        CHECK(seen == slots);
        CHECK(out.cause == (slots & ~INT64_C(1) ? CAUSE_SLOT_ADDED : CAUSE_RENEWAL));
    }
    country.n_prices = 1;
}

/* SPEC A-08: whatever the catalog says, a member pays the prices that were announced in time. */
static void prices_wait_for_their_notice(void **state)
{
    struct rate_in in = {.plan = "basic", .country = "XX", .region = "", .anchor_day = 19000};
    struct rated out;

    (void)state;
    country.n_prices = 2;
    country.n_taxes = 0;
    prices[0] = (struct price){"basic", NULL, 799, 1, 19100};
    prices[1] = (struct price){"basic", NULL, 899, 19100, 0};
    for (in.k = 0; in.k < 12; in.k++) {
        int64_t const day = period_start_day(in.anchor_day, in.k);

        in.prices = (struct price_terms){0};
        CHECK(!rate_period(&catalog, &in, &out) && out.net_minor == (day < 19100 ? 799 : 899));
        in.prices = (struct price_terms){.known_day = 19050};
        CHECK(!rate_period(&catalog, &in, &out) && out.net_minor == 799);
        in.prices = (struct price_terms){19050, 19100, 19200};
        CHECK(!rate_period(&catalog, &in, &out) && out.net_minor == (day < 19200 ? 799 : 899));
        bool const first = day >= 19200 && period_start_day(in.anchor_day, in.k - 1) < 19200;
        CHECK((out.cause == CAUSE_PRICE_CHANGE) == first);
    }
    country.n_prices = country.n_taxes = 1;
}

static void missing_parts_are_named(void **state)
{
    struct rate_in in = {
        .plan = "basic", .country = "YY", .region = "", .anchor_day = 19000, .k = 0, .first = true};
    struct rated out;

    (void)state;
    CHECK(rate_period(&catalog, &in, &out) == &RATE_NO_COUNTRY);
    in.country = "XX";
    in.plan = "gold";
    CHECK(rate_period(&catalog, &in, &out) == &RATE_NO_PLAN);
    in.plan = "basic";
    in.anchor_day = -40; /* before the price's first day */
    CHECK(rate_period(&catalog, &in, &out) == &RATE_NO_PRICE);
}

static void earned_adds_up(void **state)
{
    (void)state;
    for (int64_t net = 0; net < 2000; net += 13)
        for (int64_t length = 28; length <= 31; length++) {
            int64_t sum = 0, last = 0;

            for (int64_t day = 90; day <= 140; day++) {
                int64_t const earned = earned_minor(net, 100, 100 + length, day);

                CHECK(earned >= last && earned <= net);
                sum += earned - last;
                last = earned;
            }
            CHECK(sum == net);
        }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-14 B-14 net, tax and lines add up, rounded once", amounts_add_up),
        CASE("A-14 several taxes are lines of their own that add up", several_taxes_share),
        CASE("B-03 B-05 each period stores its cause", causes),
        CASE("O-19, B-06 slots are lines of their own, taxed together", slots_are_lines),
        CASE("A-08 a price waits for its notice", prices_wait_for_their_notice),
        CASE("A-15 what the catalog lacks is named", missing_parts_are_named),
        CASE("B-01 revenue is earned by the day and exactly once", earned_adds_up),
    };
    return RUN_CASES("billing", cases);
}
