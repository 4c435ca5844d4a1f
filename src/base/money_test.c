/* money_test: rounding and sharing against counting, spelling against tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

/* The oracle counts up while the next half is reached. */
static int64_t rounded(int64_t n, int64_t d)
{
    int64_t q = 0;

    while (2 * (n < 0 ? -n : n) >= (2 * q + 1) * d) q++;
    return n < 0 ? -q : q;
}

static void all_small_parts_are_rounded(void **state)
{
    (void)state;
    for (int64_t amount = -40; amount <= 40; amount++)
        for (int64_t part = -40; part <= 40; part++)
            for (int64_t whole = 1; whole <= 40; whole++)
                CHECK(money_part(amount, part, whole) == rounded(amount * part, whole));
}

static void taxes_are_rounded(void **state)
{
    static const int64_t rates[] = {0,      1,      50000,  88750, 190000,
                                    200000, 255000, 999999, PPM,   3 * PPM};

    (void)state;
    for (size_t r = 0; r < COUNT(rates); r++)
        for (int64_t amount = -3000; amount <= 3000; amount++) {
            int64_t const tax = money_tax_within(amount, rates[r]);

            CHECK(money_rate(amount, rates[r]) == rounded(amount * rates[r], PPM));
            CHECK(tax == rounded(amount * rates[r], PPM + rates[r]));
            CHECK(tax == -money_tax_within(-amount, rates[r]));
            CHECK(amount < 0 || (tax >= 0 && tax <= amount));
        }
    CHECK(money_rate(1299, 190000) == 247);       /* 246.81 */
    CHECK(money_tax_within(1299, 190000) == 207); /* 207.40 */
    CHECK(money_rate(50, 10000) == 1);            /* 0.5 */
    CHECK(money_rate(-50, 10000) == -1);
    CHECK(money_rate(49, 10000) == 0);
    CHECK(money_rate(999, 88750) == 89); /* 88.66 */
}

static void large_amounts_keep_every_digit(void **state)
{
    (void)state;
    CHECK(money_part(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
    CHECK(money_part(INT64_MIN, INT64_MAX, INT64_MAX) == INT64_MIN);
    CHECK(money_part(INT64_MIN, 1, 1) == INT64_MIN);
    CHECK(money_part(INT64_MAX, 1, 2) == INT64_C(4611686018427387904));
    CHECK(money_part(INT64_MIN, 1, INT64_MAX) == -1);
    CHECK(money_part(1, 1, INT64_MAX) == 0);
    CHECK(money_part(0, INT64_MIN, 1) == 0);
    CHECK(money_rate(INT64_MAX, PPM) == INT64_MAX);
    CHECK(money_rate(INT64_MAX, 190000) == INT64_C(1752440687002407403));
    CHECK(money_tax_within(INT64_MAX, PPM) == INT64_C(4611686018427387904));
}

static void multiply_too_much(void)
{
    (void)money_part(INT64_MAX, 2, 1);
}
static void multiply_far_too_much(void)
{
    (void)money_part(INT64_MAX, INT64_MAX, 1);
}
static void negate_the_least(void)
{
    (void)money_part(INT64_MIN, -1, 1);
}
static void divide_by_nothing(void)
{
    (void)money_part(1, 1, 0);
}

static void share_by(int64_t a, int64_t b)
{
    int64_t const weights[] = {a, b};
    int64_t shares[2];

    money_allocate(100, weights, 2, shares);
}

static void share_by_nothing(void)
{
    share_by(0, 0);
}
static void share_by_less(void)
{
    share_by(2, -1);
}
static void share_by_too_much(void)
{
    share_by(INT64_MAX, 1);
}

static void ends_the_process(void (*call)(void))
{
    int how = 0;
    pid_t const child = fork();

    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        call();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    CHECK(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
}

static void overflow_is_never_silent(void **state)
{
    (void)state;
    ends_the_process(multiply_too_much);
    ends_the_process(multiply_far_too_much);
    ends_the_process(negate_the_least);
    ends_the_process(divide_by_nothing);
    ends_the_process(share_by_nothing);
    ends_the_process(share_by_less);
    ends_the_process(share_by_too_much);
}

/* The oracle hands out what is left one by one, each time looking for who is owed most. */
static void allocate_slowly(int64_t amount, const int64_t *weights, size_t n, int64_t *shares)
{
    int64_t sum = 0, left = amount < 0 ? -amount : amount, owed[4];

    for (size_t i = 0; i < n; i++) sum += weights[i];
    for (size_t i = 0; i < n; i++) {
        owed[i] = weights[i] * (amount < 0 ? -amount : amount);
        for (shares[i] = 0; owed[i] >= sum; owed[i] -= sum, left--) shares[i]++;
    }
    for (; left > 0; left--) {
        size_t most = 0;

        for (size_t i = 1; i < n; i++)
            if (owed[i] > owed[most]) most = i;
        shares[most]++;
        owed[most] = -1;
    }
    for (size_t i = 0; i < n && amount < 0; i++) shares[i] = -shares[i];
}

static void all_small_shares_equal_the_oracle(void **state)
{
    (void)state;
    for (int64_t code = 1; code < 6 * 6 * 6 * 6; code++)
        for (int64_t amount = -25; amount <= 25; amount++)
            for (size_t n = 1; n <= 4; n++) {
                int64_t const weights[] = {code % 6, code / 6 % 6, code / 36 % 6, code / 216};
                int64_t got[4] = {0}, want[4] = {0}, sum = 0;

                for (size_t i = 0; i < n; i++) sum += weights[i];
                if (sum == 0) continue;
                money_allocate(amount, weights, n, got);
                allocate_slowly(amount, weights, n, want);
                assert_memory_equal(got, want, sizeof got);
            }
}

static void large_shares_add_up(void **state)
{
    static const int64_t amounts[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, 999999999999999999, -1};
    static const int64_t weights[] = {INT64_MAX / 4, 1, 0, INT64_MAX / 3, 7, INT64_MAX / 5};

    (void)state;
    for (size_t a = 0; a < COUNT(amounts); a++) {
        int64_t shares[COUNT(weights)];
        uint64_t sum = 0;

        money_allocate(amounts[a], weights, COUNT(weights), shares);
        for (size_t i = 0; i < COUNT(weights); i++) {
            sum += (uint64_t)shares[i];
            CHECK(shares[i] == 0 || (shares[i] < 0) == (amounts[a] < 0));
        }
        CHECK((int64_t)sum == amounts[a]);
        CHECK(shares[2] == 0);
    }
}

/* ISO 4217's exponents other than 2. */
static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
static const char four[] = "CLF UYW";

static void currencies_have_their_exponents(void **state)
{
    size_t others = 0;

    (void)state;
    CHECK(currency_count() == 165);
    for (size_t i = 0; i < currency_count(); i++) {
        const struct currency *const c = currency_at(i);
        int const exponent = strstr(none, c->code)    ? 0
                             : strstr(three, c->code) ? 3
                             : strstr(four, c->code)  ? 4
                                                      : 2;

        CHECK(strlen(c->code) == 3 && strspn(c->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3);
        CHECK(i == 0 || strcmp(currency_at(i - 1)->code, c->code) < 0);
        CHECK(currency_find(c->code) == c && c->name[0]);
        if (c->exponent != exponent) FAIL("%s", c->code);
        others += exponent != 2;
    }
    CHECK(others == (sizeof none + sizeof three + sizeof four) / 4);
}

static void currencies_out_of_use_are_unknown(void **state)
{
    static const char *const gone[] = {"DEM", "HRK", "BGN",  "ANG", "CUC", "SLL",
                                       "ZWL", "XXX", "XTS",  "XAU", "XDR", "",
                                       "EU",  "eur", "EURO", "AAA", "ZZZ"};
    static const char *const come[] = {"EUR", "USD", "XCG", "ZWG", "SLE", "VED"};

    (void)state;
    for (size_t i = 0; i < COUNT(gone); i++) CHECK(!currency_find(gone[i]));
    for (size_t i = 0; i < COUNT(come); i++) CHECK(currency_find(come[i]));
}

static const struct spelling {
    int64_t amount;
    const char *currency, *text;
} spellings[] = {
    {1299,      "EUR", "12.99 EUR"                },
    {-1299,     "EUR", "-12.99 EUR"               },
    {5,         "EUR", "0.05 EUR"                 },
    {-5,        "EUR", "-0.05 EUR"                },
    {0,         "EUR", "0.00 EUR"                 },
    {1500,      "JPY", "1500 JPY"                 },
    {-250,      "BHD", "-0.250 BHD"               },
    {12345,     "CLF", "1.2345 CLF"               },
    {INT64_MAX, "EUR", "92233720368547758.07 EUR" },
    {INT64_MIN, "EUR", "-92233720368547758.08 EUR"},
    {INT64_MIN, "JPY", "-9223372036854775808 JPY" },
    {INT64_MIN, "BHD", "-9223372036854775.808 BHD"},
};

static void amounts_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const struct spelling *const s = &spellings[i];
        int64_t amount = 77;
        char text[MONEY_TEXT];

        assert_string_equal(money_text(s->amount, s->currency, text), s->text);
        *strchr(text, ' ') = '\0';
        CHECK(money_parse(text, s->currency, &amount) && amount == s->amount);
    }
}

static void amounts_of_unknown_currencies_have_no_point(void **state)
{
    int64_t amount = 77;
    char text[MONEY_TEXT];

    (void)state;
    assert_string_equal(money_text(-1299, "DEM", text), "-1299 minor DEM");
    assert_string_equal(money_text(INT64_MIN, "much longer", text),
                        "-9223372036854775808 minor much lon");
    CHECK(!money_parse("12.99", "DEM", &amount) && amount == 77);
}

static void all_currencies_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < currency_count(); i++)
        for (int64_t amount = -10101; amount <= 10101; amount += 37) {
            int64_t got = 0;
            char text[MONEY_TEXT];

            money_text(amount, currency_at(i)->code, text);
            *strchr(text, ' ') = '\0';
            CHECK(money_parse(text, currency_at(i)->code, &got) && got == amount);
        }
}

static const struct reading {
    const char *text, *currency;
    bool sound;
    int64_t amount;
} readings[] = {
    {"12",                    "EUR", true,  1200     },
    {"12.9",                  "EUR", true,  1290     },
    {"007.50",                "EUR", true,  750      },
    {"-0",                    "EUR", true,  0        },
    {"1.5",                   "BHD", true,  1500     },
    {"92233720368547758.07",  "EUR", true,  INT64_MAX},
    {"92233720368547758.08",  "EUR", false, 0        },
    {"-92233720368547758.09", "EUR", false, 0        },
    {"92233720368547759",     "EUR", false, 0        },
    {"99999999999999999999",  "JPY", false, 0        },
    {"184467440737095516.16", "EUR", false, 0        },
    {"12.990",                "EUR", false, 0        },
    {"1.0",                   "JPY", false, 0        },
    {"1.",                    "JPY", false, 0        },
    {"12.",                   "EUR", false, 0        },
    {".5",                    "EUR", false, 0        },
    {"",                      "EUR", false, 0        },
    {"-",                     "EUR", false, 0        },
    {"+1",                    "EUR", false, 0        },
    {"--1",                   "EUR", false, 0        },
    {" 1",                    "EUR", false, 0        },
    {"1 ",                    "EUR", false, 0        },
    {"1,50",                  "EUR", false, 0        },
    {"1e3",                   "EUR", false, 0        },
    {"0x1",                   "EUR", false, 0        },
    {"1.2.3",                 "EUR", false, 0        },
    {"1.-5",                  "EUR", false, 0        },
    {"12.99 EUR",             "EUR", false, 0        },
};

static void amounts_are_read_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(readings); i++) {
        const struct reading *const r = &readings[i];
        int64_t amount = 77;

        if (money_parse(r->text, r->currency, &amount) != r->sound) FAIL("'%s'", r->text);
        CHECK(amount == (r->sound ? r->amount : 77));
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("A-14 parts are rounded half away from zero", all_small_parts_are_rounded),
        CASE("A-14 taxes, added and inside, are rounded half away from zero", taxes_are_rounded),
        CASE("A-14 large amounts are rounded without overflow", large_amounts_keep_every_digit),
        CASE("overflow ends the process", overflow_is_never_silent),
        CASE("shares equal handing out the rest one by one", all_small_shares_equal_the_oracle),
        CASE("shares of large amounts add up", large_shares_add_up),
        CASE("every currency has its exponent", currencies_have_their_exponents),
        CASE("currencies out of use are unknown", currencies_out_of_use_are_unknown),
        CASE("amounts are written and read", amounts_are_written_and_read),
        CASE("an unknown currency is written in minor units",
             amounts_of_unknown_currencies_have_no_point),
        CASE("amounts of every currency come back", all_currencies_come_back),
        CASE("amounts are read exactly", amounts_are_read_exactly),
    };

    return RUN_CASES("money", cases);
}
