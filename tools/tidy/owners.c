/* owners: whose row is it? A query that the op of a member can reach filters by account_id, when a
 * table it touches has that column. What is reachable is read from the calls in the sources, so a
 * call through a pointer goes unseen. A query that may rightly see any account says why in its
 * header: `-- any account: REASON`. SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tidy.h"

#define MEMBER_ROLES "ROLE_OWNER ROLE_PROFILE ROLE_KIDS ROLE_EXTRA"

struct query {
    const char *name, *path, *text; /* text: plain words, see plain() */
    int64_t line;
    bool any_account, seen;
};

struct owners {
    struct tidy *tidy;
    const char *owned; /* words: the tables that have an account_id */
    struct query *queries;
    struct function *functions;
    bool *visited; /* of functions */
    size_t n_queries, queries_room, n_functions, functions_room;
};

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_:.", c));
}

static char *put_blank(char *p, const char *from)
{
    if (p > from && p[-1] != ' ') *p++ = ' ';
    return p;
}

/* SQL as words in small letters with single blanks between them, `=` one of them, no comments. */
static char *plain(struct arena *a, const char *sql)
{
    char *to = arena_alloc(a, 3 * strlen(sql) + 2), *p = to;

    while (*sql) {
        if (sql[0] == '-' && sql[1] == '-') sql += strcspn(sql, "\n");
        if (in_word(*sql)) {
            *p++ = (char)tolower((unsigned char)*sql);
        } else {
            p = put_blank(p, to);
            if (*sql == '=') {
                *p++ = '=';
                p = put_blank(p, to);
            }
        }
        sql += *sql != 0;
    }
    return to;
}

/* ---- what there is ---- */

static void read_tables(struct owners *o, const struct source *s)
{
    struct arena *a = o->tidy->arena;
    const char *at = plain(a, s->text), *table = "";

    for (char *word, *before = ""; (word = word_next(a, &at)); before = word) {
        if (strcmp(before, "table") == 0) table = word;
        if (strcmp(word, "account_id") == 0 && !word_in(o->owned, table))
            o->owned = arena_printf(a, "%s %s", o->owned, table);
    }
}

static void add_query(struct owners *o, struct query q)
{
    o->queries = list_room(o->tidy->arena, o->queries, o->n_queries, &o->queries_room, sizeof q);
    o->queries[o->n_queries++] = q;
}

/* A header is `-- NAME :CARD …`; comments and the statement follow until the next header. */
static void read_queries(struct owners *o, const struct source *s)
{
    struct arena *a = o->tidy->arena;
    struct query *q = NULL;
    const char *at = s->text;
    int64_t number = 1;

    for (char *line; (line = line_next(a, &at)); number++) {
        char name[80], card[16];

        if (sscanf(line, "-- %79[a-z0-9_] :%15[a-z]", name, card) == 2) {
            add_query(o, (struct query){arena_strdup(a, name), s->path, "", number, false, false});
            q = &o->queries[o->n_queries - 1];
        } else if (q && starts_with(line, "-- any account: ")) {
            q->any_account = true;
        } else if (q) {
            q->text = arena_printf(a, "%s%s ", q->text, plain(a, line));
        }
    }
}

static void read_functions(struct owners *o, const struct source *s)
{
    size_t n;
    const struct function *list = functions_of(o->tidy->arena, s, &n);

    for (size_t i = 0; i < n; i++) {
        o->functions = list_room(o->tidy->arena, o->functions, o->n_functions, &o->functions_room,
                                 sizeof *list);
        o->functions[o->n_functions++] = list[i];
    }
}

static void read_tree(struct owners *o)
{
    for (size_t i = 0; i < o->tidy->tree->n; i++) {
        const struct source *s = &o->tidy->tree->at[i];

        if (starts_with(s->path, "migrations/") && ends_with(s->path, ".sql")) read_tables(o, s);
        if (!starts_with(s->path, "src/") || is_test(s->path)) continue;
        if (ends_with(s->path, ".sql")) read_queries(o, s);
        read_functions(o, s);
    }
    o->visited = arena_array(o->tidy->arena, bool, o->n_functions + 1);
}

/* ---- what is reachable ---- */

static bool touches_owned(const struct owners *o, const struct query *q)
{
    struct arena *a = o->tidy->arena;
    const char *at = q->text;

    for (char *word, *before = ""; (word = word_next(a, &at)); before = word)
        if (word_in("from join into update", before) && word_in(o->owned, word)) return true;
    return false;
}

/* An insert stores the column; everything else compares it with a parameter. */
static bool filters(const struct query *q)
{
    if (starts_with(q->text + strspn(q->text, " "), "insert")) return strstr(q->text, "account_id");
    return strstr(q->text, "account_id = :") || strstr(q->text, "account_id = excluded");
}

static void check_query(struct owners *o, const char *name, const char *op)
{
    for (size_t i = 0; i < o->n_queries; i++) {
        struct query *q = &o->queries[i];

        if (q->seen || strcmp(q->name, name) != 0) continue;
        q->seen = true;
        if (!q->any_account && touches_owned(o, q) && !filters(q))
            complain(o->tidy, q->path, q->line,
                     "%s is reached by members (%s) and does not filter by account_id", name, op);
    }
}

/* A static function is known in its own file only. */
static void visit(struct owners *o, const char *name, const struct source *from, const char *op)
{
    check_query(o, name, op);
    for (size_t i = 0; i < o->n_functions; i++) {
        const struct function *f = &o->functions[i];

        if (o->visited[i] || strcmp(f->name, name) != 0 || (f->is_static && f->source != from))
            continue;
        o->visited[i] = true;
        for (size_t k = f->open_token; k < f->close_token; k++)
            if (f->source->tokens[k].kind == TOKEN_NAME)
                visit(o, f->source->tokens[k].text, f->source, op);
    }
}

static bool is_field(const struct token *t, const char *name)
{
    return token_is(t, ".") && token_is(t + 1, name) && token_is(t + 2, "=");
}

/* One row of a table of ops: from its `.role = …` on, as far as its brace goes. */
static void visit_row(struct owners *o, const struct source *s, size_t role)
{
    bool member = false;
    int depth = 0;

    for (size_t i = role + 3; !token_is(&s->tokens[i], ",") && i < s->n_tokens; i++)
        member |= s->tokens[i].kind == TOKEN_NAME && word_in(MEMBER_ROLES, s->tokens[i].text);
    for (size_t i = role; member && depth >= 0 && i + 3 < s->n_tokens; i++) {
        const char *run = s->tokens[i + 3].text;

        depth += token_is(&s->tokens[i], "{") - token_is(&s->tokens[i], "}");
        if (is_field(&s->tokens[i], "run"))
            visit(o, run + (starts_with(run, "run_") ? strlen("run_") : 0), s, run);
    }
}

void check_owners(struct tidy *t)
{
    struct owners o = {.tidy = t, .owned = ""};

    read_tree(&o);
    for (size_t i = 0; i < t->tree->n; i++) {
        const struct source *s = &t->tree->at[i];

        if (!ends_with(s->path, "_api.c")) continue;
        for (size_t k = 0; k + 3 < s->n_tokens; k++)
            if (is_field(&s->tokens[k], "role")) visit_row(&o, s, k);
    }
}
