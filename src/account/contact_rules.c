/* contact_rules: what an address looks like. Pure. SPDX-License-Identifier: Apache-2.0 */
#include "account/contact_rules.h"

#include <string.h>

enum { EMAIL_MAX = 254, LOCAL_MAX = 64, LABEL_MAX = 63 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/* Blanks, signs that nobody sees and those that turn the direction of writing, in UTF-8: U+0080 to
 * U+00A0, U+2000 to U+207F, U+3000 and U+FEFF. */
static bool is_unseen(const char *s)
{
    const unsigned char *c = (const unsigned char *)s;

    return (c[0] == 0xc2 && c[1] <= 0xa0) || (c[0] == 0xe2 && (c[1] == 0x80 || c[1] == 0x81)) ||
           (c[0] == 0xe3 && c[1] == 0x80 && c[2] == 0x80) ||
           (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf);
}

/* Letters, digits and hyphens inside, or letters of other scripts. */
static bool is_label(const char *s, size_t n)
{
    if (n == 0 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-') return false;
    for (size_t i = 0; i < n; i++)
        if (!is_alnum(s[i]) && s[i] != '-' && (unsigned char)s[i] < 0x80) return false;
    return true;
}

/* Two labels at least, of which the last is no number: that would be an address of the network. */
static bool is_domain(const char *s)
{
    size_t labels = 0;
    bool is_number = true;

    for (;; s++) {
        size_t const n = strcspn(s, ".");

        if (!is_label(s, n)) return false;
        labels++;
        is_number = strspn(s, "0123456789") == n;
        s += n;
        if (!*s) return labels >= 2 && !is_number;
    }
}

/* Stricter than RFC 5321: no quoted local parts, no address literals. */
bool email_is_valid(const char *s)
{
    static const char odd[] = "()<>[]:;\\,\" \x7f";
    const char *at = strchr(s, '@');

    if (!at || at == s || at - s > LOCAL_MAX || strlen(s) > EMAIL_MAX) return false;
    if (*s == '.' || at[-1] == '.' || strstr(s, "..")) return false;
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p < ' ' || strchr(odd, *p) || is_unseen(p)) return false;
    return is_domain(at + 1);
}

bool hour_read(const char *s, int64_t *minute)
{
    if (strlen(s) != 5 || s[2] != ':') return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (s[i] < '0' || s[i] > '9')) return false;
    int64_t const hours = (s[0] - '0') * 10 + s[1] - '0', minutes = (s[3] - '0') * 10 + s[4] - '0';
    if (hours > 23 || minutes > 59) return false;
    *minute = hours * 60 + minutes;
    return true;
}

bool locale_is_plausible(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t const language = strspn(s, letters);

    if (language < 2 || language > 3 || strlen(s) > 35) return false;
    for (const char *p = s + language; *p;) {
        size_t const n = *p == '-' ? strspn(p + 1, letters) : 0;

        if (n < 2 || n > 8) return false;
        p += n + 1;
    }
    return true;
}
