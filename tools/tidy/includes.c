/* includes: who may include whom. The order of the layers is src/layers; inside a domain the rules
 * are pure, and some libraries belong to one place. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tidy.h"

/* Headers of the system that only some places may include, and what others do instead. */
/* clang-format off */
static const struct {
    const char *headers, *places, *instead;
} reserved[] = {
    {"sqlite3.h libpq-fe.h", "src/db/ src/cli/bench tools/ tests/", "db/db.h"},
    {"curl/", "src/notify/ src/payments/gateways/", "what a courier has stored"},
    {"event.h event2/", "src/http/conn src/http/serve.c src/cli/bench", "http/serve.h"},
    {"pthread.h threads.h", "src/base/ src/db/ src/http/ src/cli/ src/sim/ src/main.c tests/",
     "nothing: use cases run on one thread"},
    {"time.h sys/time.h sys/random.h",
     "src/base/ src/db/ src/http/ src/cli/ tools/ tests/ *_test.c", "cx->now"},
    {"math.h fenv.h", "src/base/ src/cli/ src/sim/ tests/ *_test.c", "base/money.h"},
    {"unistd.h fcntl.h sys/stat.h dirent.h",
     "src/base/ src/db/ src/http/ src/cli/ src/sim/ src/main.c src/notify/outgoing.c tools/ tests/ "
     "*_test.c",
     "what the caller has read"},
};
/* clang-format on */

/* The same file name in every domain means the same kind of file. */
static bool is_rules(const char *path)
{
    return path_in("*_rules.c *_rules.h", path);
}

static void check_system(struct tidy *t, const struct source *s, const struct token *i)
{
    for (size_t k = 0; k < COUNT(reserved); k++)
        if (path_in(reserved[k].headers, i->text + 1) && !path_in(reserved[k].places, s->path))
            complain(t, s->path, i->line, "%s does not belong here; use %s", i->text,
                     reserved[k].instead);
}

/* Layers that are reserved "for X": files named *_X.c, and the layer X itself. */
static bool is_served(const struct tidy *t, const struct layer *to, const char *path)
{
    struct arena *a = t->arena;
    const char *at = to->only_for;

    if (!*at) return true;
    for (char *word; (word = word_next(a, &at));)
        if (ends_with(path, arena_printf(a, "_%s.c", word)) ||
            starts_with(path, arena_printf(a, "src/%s/", word)))
            return true;
    return false;
}

static bool is_face(struct arena *a, const struct layer *to, const char *header)
{
    return to->open || strcmp(header, arena_printf(a, "%s/%s.h", to->name, to->name)) == 0;
}

static void check_purity(struct tidy *t, const struct source *s, const struct token *i,
                         const char *header)
{
    if (path_in("db/ http/ web/ *_sql.h", header))
        complain(t, s->path, i->line, "rules are pure: %s may not be included here", i->text);
}

static void check_own(struct tidy *t, const struct source *s, const struct token *i, int64_t to)
{
    int64_t const from = layer_of(t, s->path);
    const struct layer *layer = &t->layers[to];
    char *header = arena_strdup(t->arena, i->text + 1);

    header[strcspn(header, "\"")] = 0;
    if (is_rules(s->path)) check_purity(t, s, i, header);
    if (from == to || from == (int64_t)t->n_layers) return;
    if (from < to)
        complain(t, s->path, i->line, "%s may not include %s, which stands above it (src/layers)",
                 t->layers[from].name, layer->name);
    else if (!is_served(t, layer, s->path))
        complain(t, s->path, i->line, "only files of these kinds may include %s: %s (src/layers)",
                 layer->name, layer->only_for);
    else if (!is_face(t->arena, layer, header) && !(is_rules(s->path) && is_rules(header)))
        complain(t, s->path, i->line, "%s may only be included through its face, %s/%s.h",
                 layer->name, layer->name, layer->name);
}

/* The layer of a header. Those without a folder are generated: noun_sql.h stands beside noun.sql.
 */
static int64_t layer_of_header(const struct tidy *t, const char *header)
{
    size_t const noun = strcspn(header, ".") - strlen("_sql");

    if (strchr(header, '/') || !strstr(header, "_sql.h"))
        return layer_of(t, arena_printf(t->arena, "src/%s", header));
    const char *file = arena_printf(t->arena, "/%.*s.sql", (int)noun, header);
    for (size_t i = 0; i < t->tree->n; i++)
        if (ends_with(t->tree->at[i].path, file)) return layer_of(t, t->tree->at[i].path);
    return -1;
}

static void check_quoted(struct tidy *t, const struct source *s, const struct token *i)
{
    int64_t const to = layer_of_header(t, i->text + 1);

    if (to >= 0)
        check_own(t, s, i, to);
    else if (strchr(i->text, '/'))
        complain(t, s->path, i->line, "%s is in no layer of src/layers", i->text);
}

static void check_file(struct tidy *t, const struct source *s)
{
    bool const layered = starts_with(s->path, "src/") && !is_test(s->path);

    if (layered && layer_of(t, s->path) < 0)
        complain(t, s->path, 0, "its folder is missing in src/layers");
    for (size_t i = 0; i < s->n_tokens; i++) {
        if (s->tokens[i].kind != TOKEN_INCLUDE) continue;
        if (s->tokens[i].text[0] == '<')
            check_system(t, s, &s->tokens[i]);
        else if (layered && layer_of(t, s->path) >= 0)
            check_quoted(t, s, &s->tokens[i]);
    }
}

void check_includes(struct tidy *t)
{
    for (size_t i = 0; i < t->tree->n; i++)
        if (is_code(t->tree->at[i].path)) check_file(t, &t->tree->at[i]);
}
