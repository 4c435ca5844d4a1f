/* key_text: spelling and scopes. SPDX-License-Identifier: Apache-2.0 */
#include "http/key_text.h"

#include <string.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const char prefix[] = "fky_";

enum { PREFIX = sizeof prefix - 1, CHECK_MODULUS = 1021 }; /* a prime below 32 * 32 */

static unsigned value_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (unsigned)(at - alphabet) : 32;
}

/* Differs when one digit is another or two neighbours change places. */
static unsigned check_of(const char digits[static KEY_DIGITS])
{
    unsigned sum = 0;

    for (size_t i = 0; i < KEY_DIGITS; i++) sum = (sum * 37 + value_of(digits[i])) % CHECK_MODULUS;
    return sum;
}

char *key_spell(const unsigned char random[static KEY_RANDOM], char to[static KEY_TEXT])
{
    char *digits = to + PREFIX;

    memcpy(to, prefix, PREFIX);
    for (size_t i = 0; i < KEY_DIGITS; i++) {
        size_t const bit = 5 * i, byte = bit / 8;
        unsigned const low = byte + 1 < KEY_RANDOM ? random[byte + 1] : 0;

        digits[i] = alphabet[(((unsigned)random[byte] << 8 | low) >> (11 - bit % 8)) & 31];
    }
    digits[KEY_DIGITS] = alphabet[check_of(digits) / 32];
    digits[KEY_DIGITS + 1] = alphabet[check_of(digits) % 32];
    digits[KEY_DIGITS + 2] = 0;
    return to;
}

bool key_is_spelt(const char *s)
{
    if (strlen(s) != KEY_TEXT - 1 || strncmp(s, prefix, PREFIX) != 0) return false;
    const char *digits = s + PREFIX;
    for (size_t i = 0; digits[i]; i++)
        if (value_of(digits[i]) == 32) return false;
    return value_of(digits[KEY_DIGITS]) * 32 + value_of(digits[KEY_DIGITS + 1]) == check_of(digits);
}

bool scope_next(const char **scopes, const char **at, size_t *n)
{
    *at = *scopes + strspn(*scopes, ", ");
    *n = strcspn(*at, ", ");
    *scopes = *at + *n;
    return *n > 0;
}

static bool is(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(text, word, n) == 0;
}

bool scope_covers(const char *pattern, size_t n, const char *op_id, bool writes)
{
    const char *colon = memchr(pattern, ':', n);
    size_t const id_n = colon ? (size_t)(colon - pattern) : n;

    if (colon && !is(colon, n - id_n, writes ? ":write" : ":read")) return false;
    if (is(pattern, id_n, "*")) return strncmp(op_id, "key.", 4) != 0;
    if (id_n > 2 && memcmp(pattern + id_n - 2, ".*", 2) == 0)
        return strncmp(op_id, pattern, id_n - 1) == 0;
    return is(pattern, id_n, op_id);
}

bool scopes_cover(const char *scopes, const char *op_id, bool writes)
{
    const char *at;
    size_t n;

    while (scope_next(&scopes, &at, &n))
        if (scope_covers(at, n, op_id, writes)) return true;
    return false;
}
