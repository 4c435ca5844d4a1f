/* match_rules: letters and digits are all that banks keep of a name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/match_rules.h"

#include <string.h>

#include "catalog/catalog.h"

const struct names match_kinds = NAMES("none", "account", "partner");

/* Shorter ones would be found by chance. */
enum { NAME_MIN = 4, ROOM = 256 };

static size_t squeeze(const char *text, char to[static ROOM])
{
    size_t n = 0;

    for (; *text && n < ROOM - 1; text++) {
        char const c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) to[n++] = c;
    }
    to[n] = '\0';
    return n;
}

/* How many letters of a name stand in the descriptor in one piece; 0: not all. */
static size_t fit(const char *descriptor, const char *name)
{
    char word[ROOM];
    size_t const n = squeeze(name, word);

    return n >= NAME_MIN && strstr(descriptor, word) ? n : 0;
}

const struct partner *match_partner(const struct catalog *c, const char *descriptor)
{
    const struct partner *found = NULL;
    char line[ROOM];
    size_t best = 0;

    squeeze(descriptor, line);
    for (size_t i = 0; i < c->n_partners; i++) {
        size_t const by_name = fit(line, c->partners[i].name);
        size_t const by_code = fit(line, c->partners[i].code);
        size_t const n = by_name > by_code ? by_name : by_code;

        if (n > best) found = &c->partners[i], best = n;
    }
    return found;
}

bool match_last4(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789") == 4;
}
