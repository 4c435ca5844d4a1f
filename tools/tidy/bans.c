/* bans: names that may not be used, or only in some places, and SQL, which lives in .sql files.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tidy.h"

#define HOUSE                                                                                      \
    "src/base/ src/db/ src/http/ src/web/ src/cli/ src/main.c tools/ tests/ *_test.c *_test.h "

struct ban {
    const char *names, *places, *instead;
};

/* clang-format off */
static const struct ban calls[] = {
    {"strcpy strcat strncpy strncat sprintf vsprintf gets stpcpy", "tools/sqlgen.c",
     "snprintf or the arena"},
    {"atoi atol atoll atof strtok alloca", "",
     "int_parse, words taken one by one, or the arena"},
    {"localtime gmtime ctime asctime mktime tmpnam mktemp", "",
     "base/calendar.h and base/zone.h"},
    {"malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf",
     "src/base/ src/db/ src/http/serve.c src/web/ tools/ tests/ *_test.c *_test.h",
     "the arena, or memory_new for what outlives a job"},
    {"time clock clock_gettime gettimeofday sleep usleep nanosleep", HOUSE,
     "cx->now"},
    {"rand srand random srandom drand48 getrandom getentropy randombytes_buf randombytes_uniform",
     HOUSE, "the random source of the context"},
    {"getenv setenv putenv system popen fork execl execlp execv execvp exit _exit",
     HOUSE "src/sim/", "a setting, or a fault"},
    {"printf fprintf vprintf vfprintf puts fputs putchar fputc putc perror fopen fdopen freopen "
     "fclose fread fwrite fgets fgetc getc getline getchar scanf fscanf tmpfile",
     HOUSE "src/sim/", "an answer; domain code neither reads nor writes files"},
};

static const struct ban names[] = {
    {"goto", "", "CLEANUP, or a function of its own"},
    {"float double", HOUSE "src/sim/", "integers: minor units, ppm"},
    {"FILE stdout stderr stdin", HOUSE "src/sim/", "an answer"},
};
/* clang-format on */

/* Statements are told by how they begin; people do not shout these words. */
static const char *const sql[] = {
    "SELECT ",       "INSERT INTO ", "INSERT OR ",    "UPDATE ",        "DELETE FROM ",
    "CREATE TABLE ", "DROP ",        "CREATE INDEX ", "CREATE UNIQUE ", "ALTER TABLE ",
    "PRAGMA ",       "WITH ",        "BEGIN",         "COMMIT",         "ROLLBACK",
};

static void check_name(struct tidy *t, const struct source *s, size_t i, const struct ban *list,
                       size_t n)
{
    const struct token *at = &s->tokens[i];

    for (size_t k = 0; k < n; k++)
        if (word_in(list[k].names, at->text) && !path_in(list[k].places, s->path))
            complain(t, s->path, at->line, "%s is banned here; use %s", at->text, list[k].instead);
}

static bool is_member(const struct source *s, size_t i)
{
    return i > 0 && (token_is(&s->tokens[i - 1], ".") || token_is(&s->tokens[i - 1], "->"));
}

static void check_purity(struct tidy *t, const struct source *s, const struct token *at)
{
    if (token_is(at, "ctx") || starts_with(at->text, "db_") || starts_with(at->text, "tx_"))
        complain(t, s->path, at->line, "rules are pure: %s may not be used here", at->text);
}

/* `typedef struct x { … } y;` and `typedef struct x y;`, but not function types. */
static void check_typedef(struct tidy *t, const struct source *s, size_t i)
{
    const struct token *at = &s->tokens[i];

    if (!token_is(at, "typedef") || !(token_is(at + 1, "struct") || token_is(at + 1, "union")))
        return;
    for (size_t k = i; k < s->n_tokens && !token_is(&s->tokens[k], ";"); k++) {
        if (token_is(&s->tokens[k], "(")) return;
        if (token_is(&s->tokens[k], "{")) break;
    }
    complain(t, s->path, at->line, "structs have no typedef; write struct");
}

static void check_sql(struct tidy *t, const struct source *s, const struct token *at)
{
    const char *text = at->text + strspn(at->text, " \\n");

    if (path_in("src/db/ src/cli/bench tools/ tests/ *_test.c *_test.h", s->path)) return;
    for (size_t k = 0; k < COUNT(sql); k++)
        if (starts_with(text, sql[k]))
            complain(t, s->path, at->line, "SQL belongs into a .sql file, as a named query");
}

static void check_token(struct tidy *t, const struct source *s, size_t i)
{
    const struct token *at = &s->tokens[i];

    if (at->kind == TOKEN_TEXT) check_sql(t, s, at);
    if (at->kind != TOKEN_NAME || is_member(s, i)) return;
    check_name(t, s, i, names, COUNT(names));
    if (token_is(at + 1, "(")) check_name(t, s, i, calls, COUNT(calls));
    if (path_in("*_rules.c *_rules.h", s->path)) check_purity(t, s, at);
    check_typedef(t, s, i);
}

void check_bans(struct tidy *t)
{
    for (size_t i = 0; i < t->tree->n; i++)
        for (size_t k = 0; k < t->tree->at[i].n_tokens; k++) check_token(t, &t->tree->at[i], k);
}
