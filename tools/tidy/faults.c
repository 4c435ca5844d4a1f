/* faults: their codes are part of the API - each unique, each named by the domain that raises it,
 * each with a sentence for people. SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "tidy.h"

struct code {
    const char *text, *path;
    int64_t line;
};

struct codes {
    struct code *at;
    size_t n, room;
};

/* { E_SOMETHING , "code" , "text" */
static bool is_fault(const struct token *t)
{
    return token_is(t, "{") && t[1].kind == TOKEN_NAME && starts_with(t[1].text, "E_") &&
           token_is(t + 2, ",") && t[3].kind == TOKEN_TEXT && token_is(t + 4, ",") &&
           t[5].kind == TOKEN_TEXT;
}

static bool is_spelt(const char *code)
{
    const char *dot = strchr(code, '.');

    if (!dot || dot == code || !dot[1]) return false;
    for (const char *p = code; *p; p++)
        if (p != dot && *p != '_' && !islower((unsigned char)*p) && !isdigit((unsigned char)*p))
            return false;
    return true;
}

static void check_prefix(struct tidy *t, const struct code *c)
{
    int64_t const layer = layer_of(t, c->path);
    char *word = arena_strdup(t->arena, c->text);

    word[strcspn(word, ".")] = 0;
    if (layer < 0 || layer == (int64_t)t->n_layers) return;
    const struct layer *l = &t->layers[layer];
    if (strcmp(word, l->name) != 0 && !word_in(l->codes, word))
        complain(t, c->path, c->line, "codes of %s may not begin with \"%s.\" (src/layers)",
                 l->name, word);
}

static void check_unique(struct tidy *t, const struct codes *seen, const struct code *c)
{
    for (size_t i = 0; i < seen->n; i++)
        if (strcmp(seen->at[i].text, c->text) == 0)
            complain(t, c->path, c->line, "the code %s is taken by %s:%lld", c->text,
                     seen->at[i].path, (long long)seen->at[i].line);
}

/* The text may be spelt in several pieces; the last one ends the sentence. */
static void check_sentence(struct tidy *t, const struct code *c, const struct token *text)
{
    const char *first = text->text;

    while (text[1].kind == TOKEN_TEXT) text++;
    if (islower((unsigned char)*first) || !ends_with(text->text, "."))
        complain(t, c->path, c->line, "the text of %s is no sentence", c->text);
}

static void check_fault(struct tidy *t, struct codes *seen, const struct source *s,
                        const struct token *open)
{
    struct code const c = {open[3].text, s->path, open[3].line};

    if (!is_spelt(c.text))
        complain(t, c.path, c.line, "%s is not spelt like \"plan.unknown\"", c.text);
    check_prefix(t, &c);
    check_unique(t, seen, &c);
    check_sentence(t, &c, &open[5]);
    seen->at = list_room(t->arena, seen->at, seen->n, &seen->room, sizeof *seen->at);
    seen->at[seen->n++] = c;
}

void check_faults(struct tidy *t)
{
    struct codes seen = {0};

    for (size_t i = 0; i < t->tree->n; i++) {
        const struct source *s = &t->tree->at[i];

        if (!starts_with(s->path, "src/") || is_test(s->path)) continue;
        for (size_t k = 0; k + 5 < s->n_tokens; k++)
            if (is_fault(&s->tokens[k])) check_fault(t, &seen, s, &s->tokens[k]);
    }
}
