/* words: what a file says about itself - its first comment, its licence, no notes to finish it
 * later, and the ids of requirements it cites. SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "../proof.h"
#include "tidy.h"

#define LICENCE "SPDX-License-Identifier: Apache-2.0"

static const char *stem(struct arena *a, const char *path)
{
    char *name = arena_strdup(a, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);

    name[strcspn(name, ".")] = 0;
    return name;
}

static void check_first_comment(struct tidy *t, const struct source *s)
{
    const char *opening = arena_printf(t->arena, "/* %s: ", stem(t->arena, s->path));

    if (!starts_with(s->text, opening))
        complain(t, s->path, 1, "begins with a comment that says what it is for: \"%s…\"", opening);
    else if (!strstr(s->comments[0].text, LICENCE))
        complain(t, s->path, 1, "the first comment ends with " LICENCE);
}

/* The lines at the top that begin with the mark of a comment. */
static void check_first_lines(struct tidy *t, const struct source *s, const char *mark)
{
    const char *at = s->text;

    for (char *line; (line = line_next(t->arena, &at)) && starts_with(line, mark);)
        if (strstr(line, LICENCE)) return;
    complain(t, s->path, 1, "the comment at the top ends with " LICENCE);
}

static void check_licence(struct tidy *t, const struct source *s)
{
    if (is_code(s->path))
        check_first_comment(t, s);
    else if (path_in("*.js *.css", s->path))
        check_first_lines(t, s, "/*");
    else
        check_first_lines(t, s, ends_with(s->path, ".sql") ? "--" : "#");
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void check_unfinished(struct tidy *t, const struct source *s, int64_t line, const char *text)
{
    static const char *const words[] = {"TODO", "FIXME", "XXX", "HACK"};

    for (size_t i = 0; i < COUNT(words); i++) {
        const char *at = strstr(text, words[i]);

        if (at && (at == text || !is_word_byte(at[-1])) && !is_word_byte(at[strlen(words[i])]))
            complain(t, s->path, line, "finish it, or open an issue: no %s", words[i]);
    }
}

static void check_cited(struct tidy *t, const struct source *s, const struct token *comment)
{
    const char *at = strstr(comment->text, "SPEC ");

    for (char id[REQUIREMENT_ID]; at && (at = requirement_next(at, id));)
        if (!requirement_known(t->tree, id))
            complain(t, s->path, comment->line, "SPEC %s is not in docs/requirements.txt", id);
}

static void check_lines(struct tidy *t, const struct source *s)
{
    const char *at = s->text;
    int64_t number = 0;

    for (char *line; (line = line_next(t->arena, &at));) check_unfinished(t, s, ++number, line);
}

void check_words(struct tidy *t)
{
    for (size_t i = 0; i < t->tree->n; i++) {
        const struct source *s = &t->tree->at[i];

        if (!is_source(s)) continue;
        check_licence(t, s);
        if (!is_code(s->path)) check_lines(t, s);
        for (size_t k = 0; k < s->n_comments; k++) {
            check_unfinished(t, s, s->comments[k].line, s->comments[k].text);
            check_cited(t, s, &s->comments[k]);
        }
    }
}

/* Tests may only bear the ids of requirements that exist. */
void check_proofs(struct tidy *t)
{
    size_t n;
    const struct proof *list = proofs_of(t->tree, &n);

    for (size_t i = 0; i < n; i++)
        if (!requirement_known(t->tree, list[i].id))
            complain(t, list[i].path, list[i].line, "%s is not in docs/requirements.txt",
                     list[i].id);
}
