/* contact_rules: what an address looks like. Pure. SPDX-License-Identifier: Apache-2.0 */
#include "account/contact_rules.h"

#include <string.h>

enum { EMAIL_MAX = 254, LOCAL_MAX = 64 };

/* Stricter than RFC 5321: no quoted local parts, no address literals. */
bool email_is_valid(const char *s)
{
    static const char odd[] = "()<>[]:;\\,\" \x7f";
    const char *at = strchr(s, '@');
    size_t const n = strlen(s);

    if (!at || at == s || at - s > LOCAL_MAX || n > EMAIL_MAX || strchr(at + 1, '@')) return false;
    if (!at[1] || at[1] == '.' || at[1] == '-' || s[n - 1] == '.' || !strchr(at, '.')) return false;
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p < ' ' || strchr(odd, *p)) return false;
    return !strstr(s, "..");
}

bool phone_is_valid(const char *s)
{
    size_t const n = strlen(s);

    return n >= 8 && n <= 16 && s[0] == '+' && s[1] >= '1' && s[1] <= '9' &&
           strspn(s + 1, "0123456789") == n - 1;
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
