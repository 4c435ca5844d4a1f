/* money: ISO 4217 currencies and the only arithmetic that rounds. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

extern const struct fault CURRENCY_UNKNOWN;

/* ISO 4217: JPY has exponent 0, EUR 2, BHD 3. Debian's iso-codes has no exponents, hence ours. */
struct currency {
    char code[4];
    int exponent;
    const char *name;
};
const struct currency *currency_find(const char *code); /* NULL when not in use */
size_t currency_count(void);
const struct currency *currency_at(size_t i); /* in order of code */

#define PPM INT64_C(1000000)

/* amount * rate_ppm / 1,000,000, rounded half away from zero. */
int64_t money_rate(int64_t amount_minor, int64_t rate_ppm);
/* The tax inside a tax-inclusive total: total * rate / (1 + rate), rounded half away from zero. */
int64_t money_tax_within(int64_t total_minor, int64_t rate_ppm);
/* amount * part / whole, rounded half away from zero; whole > 0. Never overflows silently. */
int64_t money_part(int64_t amount_minor, int64_t part, int64_t whole);
/* Splits amount into n shares by weights that sum to exactly amount; remainders go to the largest
 * fractions, the earlier first. At least one weight is positive, none negative. */
void money_allocate(int64_t amount_minor, const int64_t *weights, size_t n, int64_t *shares);

enum { MONEY_TEXT = 40 };
/* "12.99 EUR", "1500 JPY", "-0.250 BHD": plain, unlocalised, for logs, tables and tests. */
char *money_text(int64_t amount_minor, const char *currency, char to[static MONEY_TEXT]);
/* Reads "12.99" by the currency's exponent; refuses more decimals, signs other than '-', spaces. */
bool money_parse(const char *s, const char *currency, int64_t *amount_minor);
