/* money: rounding, sharing and spelling amounts. Products are 128 bits wide and unsigned, so that
 * nothing overflows on the way; a result that does not fit is a bug and ends the process.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const struct fault CURRENCY_UNKNOWN = {
    E_INVALID,
    "currency.unknown",
    "This currency is not in use; give an ISO 4217 code such as EUR.",
};

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

static int64_t with_sign(bool minus, uint64_t n)
{
    assert(n <= (uint64_t)INT64_MAX + minus);
    return minus ? (int64_t)-n : (int64_t)n;
}

int64_t money_part(int64_t amount_minor, int64_t part, int64_t whole)
{
    assert(whole > 0);
    unsigned __int128 const n = (unsigned __int128)magnitude(amount_minor) * magnitude(part);
    uint64_t const d = (uint64_t)whole, rest = (uint64_t)(n % d);
    unsigned __int128 const q = n / d + (rest >= d - rest);

    assert(q <= UINT64_MAX);
    return with_sign((amount_minor < 0) != (part < 0), (uint64_t)q);
}

int64_t money_rate(int64_t amount_minor, int64_t rate_ppm)
{
    return money_part(amount_minor, rate_ppm, PPM);
}

int64_t money_tax_within(int64_t total_minor, int64_t rate_ppm)
{
    assert(rate_ppm >= 0 && rate_ppm <= INT64_MAX - PPM);
    return money_part(total_minor, rate_ppm, PPM + rate_ppm);
}

static uint64_t weights_sum(const int64_t *weights, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        assert(weights[i] >= 0 && (uint64_t)weights[i] <= INT64_MAX - sum);
        sum += (uint64_t)weights[i];
    }
    assert(sum > 0);
    return sum;
}

static uint64_t fraction(uint64_t amount, int64_t weight, uint64_t sum)
{
    return (uint64_t)((unsigned __int128)amount * (uint64_t)weight % sum);
}

/* The share whose fraction comes next after that of `last`, n or more at first: the largest, the
 * earlier of two equal ones. */
static size_t fraction_next(uint64_t amount, const int64_t *weights, size_t n, size_t last)
{
    uint64_t const sum = weights_sum(weights, n);
    uint64_t const bound = last < n ? fraction(amount, weights[last], sum) : UINT64_MAX;
    uint64_t best = 0;
    size_t found = n;

    for (size_t i = 0; i < n; i++) {
        uint64_t const f = fraction(amount, weights[i], sum);

        if ((f < bound || (f == bound && i > last)) && (found == n || f > best)) {
            best = f;
            found = i;
        }
    }
    return found;
}

void money_allocate(int64_t amount_minor, const int64_t *weights, size_t n, int64_t *shares)
{
    uint64_t const amount = magnitude(amount_minor), sum = weights_sum(weights, n);
    bool const minus = amount_minor < 0;
    uint64_t left = amount;

    for (size_t i = 0; i < n; i++) {
        uint64_t const share = (uint64_t)((unsigned __int128)amount * (uint64_t)weights[i] / sum);

        shares[i] = with_sign(minus, share);
        left -= share;
    }
    for (size_t i = n; left; left--) {
        i = fraction_next(amount, weights, n, i);
        assert(i < n);
        shares[i] += minus ? -1 : 1;
    }
}

static uint64_t power_of_ten(int exponent)
{
    uint64_t n = 1;

    while (exponent-- > 0) n *= 10;
    return n;
}

char *money_text(int64_t amount_minor, const char *currency, char to[static MONEY_TEXT])
{
    const struct currency *const c = currency_find(currency);
    uint64_t const n = magnitude(amount_minor);
    const char *const sign = amount_minor < 0 ? "-" : "";

    if (!c) { /* Where the point belongs is not known. */
        snprintf(to, MONEY_TEXT, "%s%ju minor %.8s", sign, (uintmax_t)n, currency);
    } else if (c->exponent == 0) {
        snprintf(to, MONEY_TEXT, "%s%ju %s", sign, (uintmax_t)n, c->code);
    } else {
        uint64_t const unit = power_of_ten(c->exponent);

        snprintf(to, MONEY_TEXT, "%s%ju.%0*ju %s", sign, (uintmax_t)(n / unit), c->exponent,
                 (uintmax_t)(n % unit), c->code);
    }
    return to;
}

static bool digit_add(uint64_t *n, char c)
{
    return !__builtin_mul_overflow(*n, 10, n) && !__builtin_add_overflow(*n, c - '0', n);
}

/* Reads digits into n and returns how many, or -1 when they are too many. */
static int digits_read(const char **s, uint64_t *n)
{
    int count = 0;

    for (; **s >= '0' && **s <= '9'; count++)
        if (!digit_add(n, *(*s)++)) return -1;
    return count;
}

bool money_parse(const char *s, const char *currency, int64_t *amount_minor)
{
    const struct currency *const c = currency_find(currency);
    bool const minus = *s == '-';
    uint64_t n = 0;
    int decimals = 0;

    if (!c) return false;
    if (minus) s++;
    if (digits_read(&s, &n) < 1) return false;
    if (*s == '.') {
        s++;
        decimals = digits_read(&s, &n);
        if (decimals < 1 || decimals > c->exponent) return false;
    }
    if (*s || __builtin_mul_overflow(n, power_of_ten(c->exponent - decimals), &n)) return false;
    if (n > (uint64_t)INT64_MAX + minus) return false;
    *amount_minor = with_sign(minus, n);
    return true;
}
