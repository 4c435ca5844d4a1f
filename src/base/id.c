/* id: spells ids. Douglas Crockford's base 32 leaves out I, L, O and U, which people misread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <assert.h>
#include <string.h>

#include "base/luhn.h"

enum { PREFIX = 3, DIGITS = 13, LENGTH = PREFIX + 1 + DIGITS + 1, CHECK_VALUES = 37 };

/* The last five are check characters only. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

char *id_text(const char *prefix, int64_t id, char to[static ID_TEXT])
{
    uint64_t n = (uint64_t)id;

    assert(strlen(prefix) == PREFIX);
    memcpy(to, prefix, PREFIX);
    to[PREFIX] = '_';
    to[LENGTH - 1] = alphabet[n % CHECK_VALUES];
    to[LENGTH] = '\0';
    for (size_t i = LENGTH - 2; i > PREFIX; i--, n /= 32) to[i] = alphabet[n % 32];
    return to;
}

/* What a character stands for, or a value above all. */
static uint64_t value_of(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
    const char *const at = c ? strchr(alphabet, c) : NULL;

    return at ? (uint64_t)(at - alphabet) : CHECK_VALUES;
}

bool id_parse(const char *prefix, const char *s, int64_t *id)
{
    uint64_t n = 0;

    assert(strlen(prefix) == PREFIX);
    if (strlen(s) != LENGTH || strncmp(s, prefix, PREFIX) != 0 || s[PREFIX] != '_') return false;
    for (size_t i = PREFIX + 1; i < LENGTH - 1; i++) {
        uint64_t const digit = value_of(s[i]);

        if (digit >= 32 || n > UINT64_MAX / 32) return false;
        n = n * 32 + digit;
    }
    if (value_of(s[LENGTH - 1]) != n % CHECK_VALUES) return false;
    *id = (int64_t)n;
    return true;
}

/* A card's number has at least twelve digits: without ten of them in the middle there is none. */
bool id_like_card(int64_t id)
{
    uint64_t const n = (uint64_t)id;
    char text[ID_TEXT];

    for (int place = 2; place < DIGITS - 1; place++)
        if ((n >> 5 * (DIGITS - 1 - place) & 31) > 9) return false;
    return text_has_card_number(id_text("any", id, text));
}
