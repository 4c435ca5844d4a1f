/* code: the check character is a polynomial over GF(32): every place has a weight of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/code.h"

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

static char check_of(const char *code, size_t n)
{
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++) sum = times_x(sum ^ value_of(code[i]));
    return alphabet[sum];
}

char *code_make(const unsigned char *random, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++) to[i] = alphabet[random[i] & 31];
    to[n] = check_of(to, n);
    to[n + 1] = '\0';
    return to;
}

static char plain(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L') return '1';
    return c == 'O' ? '0' : c;
}

bool code_read(const char *typed, size_t n, char *to)
{
    size_t k = 0;

    for (; *typed; typed++) {
        if (*typed == ' ' || *typed == '-') continue;
        if (k == n + 1 || value_of(plain(*typed)) == 32) return false;
        to[k++] = plain(*typed);
    }
    to[k] = '\0';
    return k == n + 1 && to[n] == check_of(to, n);
}

char *code_text(const char *code, char *to)
{
    size_t at = 0;

    for (size_t i = 0; code[i]; i++) {
        if (i && i % 4 == 0) to[at++] = '-';
        to[at++] = code[i];
    }
    to[at] = '\0';
    return to;
}
