/* checks: the list of checks, and what they share. SPDX-License-Identifier: Apache-2.0 */
#include "tidy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complain(struct tidy *t, const char *path, int64_t line, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->found = list_room(t->arena, t->found, t->n_found, &t->room, sizeof *t->found);
    t->found[t->n_found++] = (struct complaint){path, line, arena_strdup(t->arena, text)};
}

static void read_word(struct arena *a, struct layer *l, const char **list, const char *word)
{
    if (strcmp(word, "open") == 0)
        l->open = true;
    else
        *list = arena_printf(a, "%s%s%s", *list, **list ? " " : "", word);
}

static void read_layer(struct tidy *t, const char *line)
{
    struct layer *l = &t->layers[t->n_layers];
    const char **list = &l->name;

    *l = (struct layer){.name = "", .only_for = "", .codes = ""};
    for (char *word; (word = word_next(t->arena, &line));) {
        if (strcmp(word, "for") == 0)
            list = &l->only_for;
        else if (strcmp(word, "codes") == 0)
            list = &l->codes;
        else
            read_word(t->arena, l, list, word);
    }
    if (*l->name) t->n_layers++;
}

void layers_read(struct tidy *t)
{
    const struct source *s = tree_find(t->tree, "src/layers");
    const char *at = s ? s->text : "";

    if (!s) complain(t, "src/layers", 0, "is missing");
    t->layers = arena_array(t->arena, struct layer, strlen(at) + 1);
    for (char *line; (line = line_next(t->arena, &at));) {
        line[strcspn(line, "#")] = 0;
        read_layer(t, line);
    }
}

int64_t layer_of(const struct tidy *t, const char *path)
{
    if (strcmp(path, "src/main.c") == 0) return (int64_t)t->n_layers;
    if (!starts_with(path, "src/")) return -1;
    path += strlen("src/");
    for (size_t i = 0; i < t->n_layers; i++)
        if (starts_with(path, t->layers[i].name) && path[strlen(t->layers[i].name)] == '/')
            return (int64_t)i;
    return -1;
}

bool path_in(const char *words, const char *path)
{
    char word[80];
    int n = 0;

    for (; sscanf(words, " %79s%n", word, &n) == 1; words += n)
        if (word[0] == '*' ? ends_with(path, word + 1) : starts_with(path, word)) return true;
    return false;
}

bool is_code(const char *path)
{
    return ends_with(path, ".c") || ends_with(path, ".h");
}

bool is_source(const struct source *s)
{
    return is_code(s->path) ||
           path_in("*.sql *.sh *.awk *meson.build *meson_options.txt *.js *.css", s->path) ||
           starts_with(s->text, "#!");
}

bool is_test(const char *path)
{
    return path_in("tests/ *_test.c *_test.h", path);
}

static int by_place(const void *a, const void *b)
{
    const struct complaint *x = a, *y = b;
    int const order = strcmp(x->path, y->path);

    if (order || x->line != y->line) return order ? order : x->line < y->line ? -1 : 1;
    return strcmp(x->text, y->text);
}

void tidy_check(struct tidy *t)
{
    static void (*const checks[])(struct tidy *) = {
        check_includes, check_bans,   check_words,  check_sizes,
        check_faults,   check_proofs, check_owners, check_listed,
    };

    layers_read(t);
    for (size_t i = 0; i < COUNT(checks); i++) checks[i](t);
    if (t->n_found) qsort(t->found, t->n_found, sizeof *t->found, by_place);
}
