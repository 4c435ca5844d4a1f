/* gift_rules: the check character is a polynomial over GF(32): every place has a weight of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/gift_rules.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times x in GF(32), modulo x^5 + x^2 + 1. */
static unsigned times_x(unsigned v)
{
    return v & 16 ? (v << 1 ^ 37U) : v << 1;
}

static unsigned value_of(char c)
{
    const char *const at = c ? strchr(alphabet, c) : NULL;

    return at ? (unsigned)(at - alphabet) : 32;
}

static char check_of(const char *code)
{
    unsigned sum = 0;

    for (size_t i = 0; i < GIFT_RANDOM; i++) sum = times_x(sum ^ value_of(code[i]));
    return alphabet[sum];
}

char *gift_code_make(const unsigned char random[static GIFT_RANDOM], char to[static GIFT_CODE])
{
    for (size_t i = 0; i < GIFT_RANDOM; i++) to[i] = alphabet[random[i] & 31];
    to[GIFT_RANDOM] = check_of(to);
    to[GIFT_CODE - 1] = '\0';
    return to;
}

static char plain(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L') return '1';
    return c == 'O' ? '0' : c;
}

bool gift_code_read(const char *typed, char to[static GIFT_CODE])
{
    size_t n = 0;

    for (; *typed; typed++) {
        if (*typed == ' ' || *typed == '-') continue;
        if (n == GIFT_CODE - 1 || value_of(plain(*typed)) == 32) return false;
        to[n++] = plain(*typed);
    }
    to[n] = '\0';
    return n == GIFT_CODE - 1 && to[GIFT_RANDOM] == check_of(to);
}

char *gift_code_text(const char *code, char to[static GIFT_CODE_TEXT])
{
    size_t at = 0;

    for (size_t i = 0; i < GIFT_CODE - 1; i++) {
        if (i && i % 4 == 0) to[at++] = '-';
        to[at++] = code[i];
    }
    to[at] = '\0';
    return to;
}
