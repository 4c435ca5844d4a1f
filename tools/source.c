/* source: reads a tree of files and cuts C into tokens, comments apart. It knows just enough of the
 * language to see names, texts, includes and the bodies of functions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool ends_with(const char *s, const char *suffix)
{
    size_t const n = strlen(s), m = strlen(suffix);

    return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool token_is(const struct token *t, const char *text)
{
    return (t->kind == TOKEN_NAME || t->kind == TOKEN_MARK) && strcmp(t->text, text) == 0;
}

bool word_in(const char *words, const char *word)
{
    size_t const n = strlen(word);

    if (!n) return false;
    for (const char *p = words; (p = strstr(p, word)); p++)
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0)) return true;
    return false;
}

static char *piece_next(struct arena *a, const char **at, const char *skip, const char *stop)
{
    const char *from = *at + strspn(*at, skip);
    size_t const n = strcspn(from, stop);

    if (!*from) return NULL;
    *at = from + n + (from[n] != 0);
    return arena_memdup(a, from, n);
}

char *word_next(struct arena *a, const char **at)
{
    return piece_next(a, at, " \t\n", " \t\n");
}

char *line_next(struct arena *a, const char **at)
{
    return piece_next(a, at, "", "\n");
}

char *markdown_cell(struct arena *a, const char *text)
{
    char *to = arena_alloc(a, 2 * strlen(text) + 1), *p = to;

    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == '"') continue;
        if (*text == '|') *p++ = '\\';
        *p++ = *text;
    }
    return to;
}

void *list_room(struct arena *a, void *at, size_t n, size_t *room, size_t item_size)
{
    if (n < *room) return at;
    *room = *room ? *room * 2 : 16;
    char *more = arena_alloc(a, *room * item_size);
    if (n) memcpy(more, at, n * item_size);
    return more;
}

/* ---- tokens ---- */

struct lexer {
    const char *p;
    int64_t line;
    bool fresh;     /* nothing but blanks and comments on this line so far */
    bool directive; /* inside a preprocessor line */
};

struct span {
    enum token_kind kind;
    bool directive;
    int64_t line;
    const char *from, *to;
};

static void step(struct lexer *l)
{
    if (*l->p == '\n') {
        l->line++;
        l->fresh = true;
        l->directive = false;
    }
    l->p++;
}

static void skip_blanks(struct lexer *l)
{
    for (;;) {
        if (l->p[0] == '\\' && l->p[1] == '\n') {
            l->line++;
            l->p += 2;
        } else if (isspace((unsigned char)*l->p)) {
            step(l);
        } else {
            return;
        }
    }
}

static void skip_to_end_of_line(struct lexer *l)
{
    while (*l->p && *l->p != '\n') l->p++;
}

static void lex_comment(struct lexer *l)
{
    if (l->p[1] == '/') {
        skip_to_end_of_line(l);
        return;
    }
    bool const directive = l->directive, fresh = l->fresh;
    l->p += 2;
    while (*l->p && !(l->p[0] == '*' && l->p[1] == '/')) step(l);
    if (*l->p) l->p += 2;
    l->directive = directive;
    l->fresh = fresh;
}

static void lex_quoted(struct lexer *l, struct span *s)
{
    char const quote = *l->p++;

    s->kind = quote == '"' ? TOKEN_TEXT : TOKEN_CHAR;
    s->from = l->p;
    while (*l->p && *l->p != quote && *l->p != '\n') {
        if (*l->p == '\\' && l->p[1] == '\n') l->line++;
        l->p += *l->p == '\\' && l->p[1] ? 2 : 1;
    }
    s->to = l->p;
    if (*l->p == quote) l->p++;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void lex_name_or_number(struct lexer *l, struct span *s)
{
    s->kind = isdigit((unsigned char)*l->p) ? TOKEN_NUMBER : TOKEN_NAME;
    while (is_word(*l->p) || (s->kind == TOKEN_NUMBER && *l->p == '.')) l->p++;
    s->to = l->p;
}

static void lex_mark(struct lexer *l, struct span *s)
{
    s->kind = TOKEN_MARK;
    l->p += l->p[0] == '-' && l->p[1] == '>' ? 2 : 1;
    s->to = l->p;
}

/* Stands at the `#`. An include becomes one token; of other directives the tokens are marked. */
static bool lex_directive(struct lexer *l, struct span *s)
{
    l->directive = true;
    l->p++;
    while (*l->p == ' ') l->p++;
    if (starts_with(l->p, "include")) {
        l->p += strlen("include");
        while (*l->p == ' ') l->p++;
        *s = (struct span){TOKEN_INCLUDE, true, l->line, l->p, l->p};
        while (*l->p && !isspace((unsigned char)*l->p)) l->p++;
        s->to = l->p;
        return true;
    }
    if (starts_with(l->p, "error") || starts_with(l->p, "pragma")) skip_to_end_of_line(l);
    return false;
}

static bool lex_next(struct lexer *l, struct span *s)
{
    for (;;) {
        skip_blanks(l);
        *s = (struct span){.directive = l->directive, .line = l->line, .from = l->p, .to = l->p};
        if (!*l->p) return false;
        if (l->p[0] == '/' && (l->p[1] == '*' || l->p[1] == '/')) {
            lex_comment(l);
            s->kind = TOKEN_COMMENT;
            s->to = l->p;
            return true;
        }
        if (*l->p != '#' || !l->fresh) break;
        l->fresh = false;
        if (lex_directive(l, s)) return true;
    }
    l->fresh = false;
    if (*l->p == '"' || *l->p == '\'')
        lex_quoted(l, s);
    else if (is_word(*l->p))
        lex_name_or_number(l, s);
    else
        lex_mark(l, s);
    return true;
}

static void put_token(struct arena *a, struct token *to, const struct span *s)
{
    *to = (struct token){.kind = s->kind,
                         .directive = s->directive,
                         .line = s->line,
                         .text = arena_memdup(a, s->from, (size_t)(s->to - s->from))};
}

static void tokenize(struct arena *a, struct source *s)
{
    struct lexer l = {.p = s->text, .line = 1, .fresh = true};
    struct span span;
    size_t n = 0, n_comments = 0;

    while (lex_next(&l, &span)) *(span.kind == TOKEN_COMMENT ? &n_comments : &n) += 1;
    s->tokens = arena_array(a, struct token, n + 1);
    s->comments = arena_array(a, struct token, n_comments + 1);
    l = (struct lexer){.p = s->text, .line = 1, .fresh = true};
    while (lex_next(&l, &span)) {
        if (span.kind == TOKEN_COMMENT)
            put_token(a, &s->comments[s->n_comments++], &span);
        else
            put_token(a, &s->tokens[s->n_tokens++], &span);
    }
    s->tokens[n].line = l.line;
    s->tokens[n].text = "";
}

/* ---- functions ---- */

static bool names_attribute(const char *name)
{
    for (const char *p = name; *p; p++)
        if (islower((unsigned char)*p)) return strcmp(name, "__attribute__") == 0;
    return true;
}

/* What has been seen of the declaration at hand, outside of any body. */
struct declaration {
    bool is_static, has_value;
    size_t name; /* index of the last name with a bracket behind it; 0 for none */
    int brackets;
};

static size_t closing_brace(const struct source *s, size_t open)
{
    int depth = 0;

    for (size_t i = open; i < s->n_tokens; i++) {
        if (s->tokens[i].directive) continue;
        depth += token_is(&s->tokens[i], "{") - token_is(&s->tokens[i], "}");
        if (depth == 0) return i;
    }
    return s->n_tokens;
}

static void declaration_read(struct declaration *d, const struct token *t, size_t i)
{
    if (t->kind == TOKEN_NAME && d->brackets == 0) {
        d->is_static |= token_is(t, "static");
        if (token_is(t + 1, "(") && !names_attribute(t->text)) d->name = i;
    }
    d->has_value |= token_is(t, "=") && d->brackets == 0;
    d->brackets += token_is(t, "(") - token_is(t, ")");
}

struct function *functions_of(struct arena *a, const struct source *s, size_t *n)
{
    struct function *list = NULL;
    struct declaration d = {0};
    size_t room = 0;

    *n = 0;
    for (size_t i = 0; i < s->n_tokens; i++) {
        const struct token *t = &s->tokens[i];

        if (t->directive) continue;
        declaration_read(&d, t, i);
        if (token_is(t, ";")) d = (struct declaration){0};
        if (!token_is(t, "{")) continue;
        size_t const close = closing_brace(s, i);
        if (d.name && !d.has_value) {
            list = list_room(a, list, *n, &room, sizeof *list);
            list[(*n)++] =
                (struct function){s, s->tokens[d.name].text, d.is_static, d.name, i, close};
            d = (struct declaration){0};
        }
        i = close;
    }
    return list;
}

/* ---- trees ---- */

void tree_add(struct tree *t, const char *path, const char *text, size_t size)
{
    t->at = list_room(t->arena, t->at, t->n, &t->room, sizeof *t->at);
    struct source *s = &t->at[t->n++];

    *s = (struct source){.path = arena_strdup(t->arena, path),
                         .text = arena_memdup(t->arena, text, size),
                         .size = size};
    if (ends_with(path, ".c") || ends_with(path, ".h")) tokenize(t->arena, s);
}

const struct source *tree_find(const struct tree *t, const char *path)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->at[i].path, path) == 0) return &t->at[i];
    return NULL;
}

static bool refuse(const char *path)
{
    perror(path);
    return false;
}

static bool read_file(struct tree *t, const char *file, const char *path, size_t size)
{
    FILE *f = fopen(file, "rb");

    if (!f) return refuse(file);
    char *text = arena_alloc(t->arena, size + 1);
    size_t const n = fread(text, 1, size, f);
    fclose(f);
    tree_add(t, path, text, n);
    return true;
}

static bool read_place(struct tree *t, const char *root, const char *path);

static bool read_folder(struct tree *t, const char *root, const char *path)
{
    DIR *folder = opendir(arena_printf(t->arena, "%s/%s", root, path));
    bool good = true;

    if (!folder) return refuse(path);
    for (struct dirent *e; good && (e = readdir(folder));)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "node_modules") != 0) /* not ours */
            good = read_place(t, root, arena_printf(t->arena, "%s/%s", path, e->d_name));
    closedir(folder);
    return good;
}

static bool read_place(struct tree *t, const char *root, const char *path)
{
    const char *file = arena_printf(t->arena, "%s/%s", root, path);
    struct stat st;

    if (stat(file, &st)) return true; /* Absent places are empty; so are dangling links. */
    if (S_ISDIR(st.st_mode)) return read_folder(t, root, path);
    return read_file(t, file, path, (size_t)st.st_size);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

bool tree_read(struct tree *t, const char *root, const char *const *places)
{
    for (; *places; places++)
        if (!read_place(t, root, *places)) return false;
    if (t->n) qsort(t->at, t->n, sizeof *t->at, by_path);
    return true;
}
