/* proof: reads the ids of requirements out of the names of tests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proof.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct proofs {
    struct arena *arena;
    struct proof *at;
    size_t n, room;
};

static bool is_id(const char *s)
{
    return isupper((unsigned char)s[0]) && s[1] == '-' && isdigit((unsigned char)s[2]) &&
           isdigit((unsigned char)s[3]) && !isalnum((unsigned char)s[4]);
}

const char *requirement_next(const char *text, char id[static REQUIREMENT_ID])
{
    for (const char *p = text; *p; p++) {
        if (!is_id(p) || (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == '-'))) continue;
        memcpy(id, p, REQUIREMENT_ID - 1);
        id[REQUIREMENT_ID - 1] = 0;
        return p + REQUIREMENT_ID - 1;
    }
    return NULL;
}

bool requirement_known(const struct tree *t, const char *id)
{
    const struct source *s = tree_find(t, "docs/requirements.txt");
    const char *at = s ? s->text : "";
    size_t const n = strlen(id);

    for (; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, id, n) == 0 && at[n] == ' ') return true;
    return false;
}

/* Ids stand at the beginning of a name, with blanks or commas between them. */
static void read_name(struct proofs *p, const char *name, const char *path, int64_t line)
{
    for (const char *at = name; is_id(at); at += strspn(at, " ,")) {
        struct proof proof = {.name = name, .path = path, .line = line};

        at = requirement_next(at, proof.id);
        p->at = list_room(p->arena, p->at, p->n, &p->room, sizeof *p->at);
        p->at[p->n++] = proof;
    }
}

static void read_unit_test(struct proofs *p, const struct source *s)
{
    for (size_t i = 0; i + 2 < s->n_tokens; i++)
        if (token_is(&s->tokens[i], "CASE") && token_is(&s->tokens[i + 1], "(") &&
            s->tokens[i + 2].kind == TOKEN_TEXT)
            read_name(p, s->tokens[i + 2].text, s->path, s->tokens[i + 2].line);
}

static void read_script(struct proofs *p, const struct source *s)
{
    const char *at = s->text;
    int64_t number = 1;

    for (char *line; (line = line_next(p->arena, &at)); number++)
        for (char *c = line; (c = strpbrk(c, "\"'")); c++)
            if (is_id(c + 1)) {
                char const quote[] = {*c, 0};
                size_t const n = strcspn(c + 1, quote);

                read_name(p, arena_memdup(p->arena, c + 1, n), s->path, number);
                c += n;
            }
}

static int by_id(const void *a, const void *b)
{
    const struct proof *x = a, *y = b;
    int order = strcmp(x->id, y->id);

    if (!order) order = strcmp(x->path, y->path);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

struct proof *proofs_of(const struct tree *t, size_t *n)
{
    struct proofs p = {.arena = t->arena};

    for (size_t i = 0; i < t->n; i++) {
        const struct source *s = &t->at[i];

        if (s->n_tokens && (ends_with(s->path, "_test.c") || starts_with(s->path, "tests/")))
            read_unit_test(&p, s);
        else if (starts_with(s->path, "tests/") &&
                 (starts_with(s->text, "#!") || ends_with(s->path, ".js")))
            read_script(&p, s);
    }
    if (p.n) qsort(p.at, p.n, sizeof *p.at, by_id);
    *n = p.n;
    return p.at;
}
