/* topics: which topics the sources write to the outbox, as far as they stand in a call that tells
 * one. Each must be a row of notify/event_rules.c. SPDX-License-Identifier: Apache-2.0 */
#include "topics.h"

#include <stdio.h>
#include <string.h>

#include "notify/event_rules.h"

/* Functions whose text argument is a topic. */
static bool tells(const char *function)
{
    return strcmp(function, "outbox_put") == 0 || strcmp(function, "decide") == 0 ||
           strstr(function, "tell") != NULL;
}

/* "word.word" */
static bool is_topic(const char *s)
{
    size_t const n = strspn(s, "abcdefghijklmnopqrstuvwxyz_");

    return n && s[n] == '.' && s[n + 1] &&
           !s[n + 1 + strspn(s + n + 1, "abcdefghijklmnopqrstuvwxyz_")];
}

/* The name before the innermost parenthesis that is open at a token. */
static const char *call_around(const struct source *s, size_t at)
{
    size_t depth = 0;

    while (at-- > 1) {
        const struct token *t = &s->tokens[at];

        if (token_is(t, ";") || token_is(t, "{") || token_is(t, "}")) return "";
        if (token_is(t, ")")) depth++;
        if (token_is(t, "(") && depth-- == 0)
            return s->tokens[at - 1].kind == TOKEN_NAME ? s->tokens[at - 1].text : "";
    }
    return "";
}

static bool is_told(const struct source *s, size_t i)
{
    bool const set =
        i > 2 && token_is(&s->tokens[i - 1], "=") && token_is(&s->tokens[i - 2], "topic");

    return set || tells(call_around(s, i));
}

int topics_check(const struct tree *t)
{
    int status = 0;

    for (size_t f = 0; f < t->n; f++) {
        const struct source *s = &t->at[f];

        if (!starts_with(s->path, "src/") || ends_with(s->path, "_test.c")) continue;
        for (size_t i = 0; i < s->n_tokens; i++) {
            const char *text = s->tokens[i].text;

            if (s->tokens[i].kind != TOKEN_TEXT || !is_topic(text) || !is_told(s, i)) continue;
            if (event_of_topic(text)) continue;
            printf("%s:%lld: %s is told, and src/notify/event_rules.c does not know it\n", s->path,
                   (long long)s->tokens[i].line, text);
            status = 1;
        }
    }
    return status;
}
