/* sizes: how long lines, functions and files may be. What is longer today may stay as long as it
 * is: its size stands in tools/tidy.ratchet, and may only shrink.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tidy.h"

enum { LINE_MAX_ = 100, FUNCTION_MAX = 70, FILE_MAX = 800, HEADER_MAX = 200 };

/* The exception for a thing ("src/x.c lines", "src/x.c function f"), or 0. Its line in the file,
 * for complaints, is written beside. */
static int64_t exception(struct tidy *t, const char *thing, int64_t *line)
{
    const struct source *s = tree_find(t->tree, "tools/tidy.ratchet");
    const char *at = s ? s->text : "";
    int64_t size = 0;

    *line = 0;
    for (char *row; (row = line_next(t->arena, &at));) {
        ++*line;
        if (starts_with(row, thing) && row[strlen(thing)] == ' ' &&
            int_parse(row + strlen(thing) + 1, &size))
            return size;
    }
    return 0;
}

static void check_size(struct tidy *t, const char *path, int64_t line, const char *what,
                       int64_t size, int64_t limit)
{
    const char *thing = arena_printf(t->arena, "%s %s", path, what);
    int64_t row;
    int64_t const allowed = exception(t, thing, &row);

    if (size > limit && size > allowed)
        complain(t, path, line, "%s: %lld lines are more than %lld", what, (long long)size,
                 (long long)(allowed ? allowed : limit));
    else if (size < allowed && size > limit)
        complain(t, "tools/tidy.ratchet", row, "has shrunk; write: %s %lld", thing,
                 (long long)size);
    else if (size < allowed)
        complain(t, "tools/tidy.ratchet", row, "has shrunk; take it out: %s", thing);
}

static int64_t columns(const char *line)
{
    int64_t n = 0;

    for (; *line; line++) n += (*line & 0xC0) != 0x80; /* UTF-8: what continues does not count. */
    return n;
}

static void check_line(struct tidy *t, const struct source *s, int64_t number, const char *line)
{
    size_t const n = strlen(line);

    if (columns(line) > LINE_MAX_)
        complain(t, s->path, number, "the line has %lld columns, more than %d",
                 (long long)columns(line), LINE_MAX_);
    if (strchr(line, '\t') || strchr(line, '\r'))
        complain(t, s->path, number, "tabs and carriage returns are not used");
    if (n && line[n - 1] == ' ') complain(t, s->path, number, "blanks at the end of the line");
}

static int64_t check_all_lines(struct tidy *t, const struct source *s)
{
    const char *at = s->text;
    int64_t number = 0;

    for (char *line; (line = line_next(t->arena, &at));) check_line(t, s, ++number, line);
    if (s->size && s->text[s->size - 1] != '\n')
        complain(t, s->path, number, "the last line does not end");
    if (strlen(s->text) != s->size) complain(t, s->path, number, "holds a NUL byte");
    return number;
}

static void check_functions(struct tidy *t, const struct source *s)
{
    size_t n;
    const struct function *list = functions_of(t->arena, s, &n);

    for (size_t i = 0; i < n; i++) {
        int64_t const from = s->tokens[list[i].name_token].line;
        int64_t const to = s->tokens[list[i].close_token].line;

        check_size(t, s->path, from, arena_printf(t->arena, "function %s", list[i].name),
                   to - from + 1, FUNCTION_MAX);
    }
}

/* Exceptions for what is gone would hide the next one of that name. */
static void check_exceptions(struct tidy *t)
{
    const struct source *s = tree_find(t->tree, "tools/tidy.ratchet");
    const char *at = s ? s->text : "";
    int64_t number = 0;

    for (char *row; (row = line_next(t->arena, &at));) {
        const char *rest = row;
        const char *path = word_next(t->arena, &rest);

        number++;
        if (path && path[0] != '#' && !tree_find(t->tree, path))
            complain(t, "tools/tidy.ratchet", number, "there is no %s", path);
    }
}

void check_sizes(struct tidy *t)
{
    check_exceptions(t);
    for (size_t i = 0; i < t->tree->n; i++) {
        const struct source *s = &t->tree->at[i];

        if (!is_source(s)) continue;
        int64_t const lines = check_all_lines(t, s);
        check_size(t, s->path, 0, "lines", lines, ends_with(s->path, ".h") ? HEADER_MAX : FILE_MAX);
        check_functions(t, s);
        if (ends_with(s->path, ".h") && !strstr(s->text, "\n#pragma once\n"))
            complain(t, s->path, 0, "headers have #pragma once");
    }
}
