/* billing_test: rating against slow arithmetic, and what a period has earned.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing_rules.h"

#include "base/calendar.h"
#include "base/test.h"
#include "membership/membership_rules.h"

static const struct plan plans[] = {
    {.code = "basic", .name = "Basic"}
};
static struct price prices[2];
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
                struct rate_in const in = {"basic", "XX", "", 19000, 5, true, false};
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
    struct rate_in const in = {"basic", "XX", "QC", 19000, 5, true, false};
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
        struct rate_in const in = {"basic", "XX", "", anchor, k, true, false};

        CHECK(rate_period(&catalog, &in, &out) == NULL && out.cause == expected[k]);
        CHECK(out.lines[0].effective_day == (k < 4 ? 1 : change));
    }
    struct rate_in const recovered = {"basic", "XX", "", anchor, 0, false, true};
    CHECK(rate_period(&catalog, &recovered, &out) == NULL && out.cause == CAUSE_RECOVERED);
    country.n_prices = 1;
}

static void missing_parts_are_named(void **state)
{
    struct rate_in in = {"basic", "YY", "", 19000, 0, true, false};
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
        CASE("A-15 what the catalog lacks is named", missing_parts_are_named),
        CASE("B-01 revenue is earned by the day and exactly once", earned_adds_up),
    };
    return RUN_CASES("billing", cases);
}
