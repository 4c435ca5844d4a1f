/* settings_check: schemes, words and domains. SPDX-License-Identifier: Apache-2.0 */
#include "policy/settings_check.h"

#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 5 };

/* clang-format off */
/* A list of these words; else one of them, or what goes on from one that ends with ':' or '/'. */
static const struct rule {
    const char *name;
    bool list;
    const char *words[WORDS_MAX];
} rules[] = {
    {"service_site", false, {"https://", "http://"}},
    {"mail_url", false, {"smtp://", "smtps://", "maildir:"}},
    {"text_url", false, {"https://", "http://", "maildir:"}},
    {"text_callback_url", false, {"https://", "http://"}},
    {"push_url", false, {"https://", "http://", "maildir:"}},
    {"payment_gateway", false, {"sandbox", "https://", "http://"}},
    {"pausable_methods", true, {"card", "wallet", "gift", "carrier"}},
    {"billing_day_methods", true, {"card", "wallet", "gift", "carrier"}},
};
/* clang-format on */

static bool is_one(const struct rule *r, const char *text, size_t n)
{
    for (size_t i = 0; i < WORDS_MAX && r->words[i]; i++) {
        size_t const length = strlen(r->words[i]);
        bool const begins = !r->list && strchr(":/", r->words[i][length - 1]);

        if (strncmp(text, r->words[i], length) == 0 && (begins ? n > length : n == length))
            return true;
    }
    return false;
}

static bool are_listed(const struct rule *r, const char *list)
{
    for (;;) {
        size_t const n = strcspn(list, ",");

        if (!is_one(r, list, n)) return false;
        if (!list[n]) return true;
        list += n + 1;
    }
}

bool setting_fits(const char *name, const char *value)
{
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (strcmp(rules[i].name, name) != 0 || !*value) continue;
        return rules[i].list ? are_listed(&rules[i], value)
                             : is_one(&rules[i], value, strlen(value));
    }
    return true;
}

static bool is_within(const char *host, const char *domain, size_t n)
{
    size_t const length = strlen(host);

    if (!n || length < n || strncasecmp(host + length - n, domain, n) != 0) return false;
    return length == n || host[length - n - 1] == '.';
}

bool settings_sender_is_ours(const struct settings *s)
{
    const char *at = strrchr(s->mail_from, '@'), *list = s->service_domains;

    for (; at && *list; list += *list == ',') {
        list += strspn(list, " ");
        size_t const n = strcspn(list, ",");

        if (is_within(at + 1, list, n)) return true;
        list += n;
    }
    return false;
}
