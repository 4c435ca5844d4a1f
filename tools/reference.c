/* reference: writes docs/faults.md from the faults of the sources, docs/permissions.md and
 * docs/openapi.json from the rows of ops, docs/options.md from the decision tables, docs/events.md
 * from the table of events, docs/settings.md from the shapes of settings and limits, and
 * docs/metrics.md from what /metrics prints. Topics of the outbox that the table of events does not
 * know are faults too.
 *
 *     reference --write ROOT
 *     reference --check ROOT      exit status 1 when a page is stale
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/limits.h"
#include "http/http.h"
#include "http/metric.h"
#include "http/op.h"
#include "http/openapi.h"
#include "http/wire.h"
#include "notify/event_rules.h"
#include "policy/settings.h"
#include "source.h"
#include "topics.h"

/* ---- faults ---- */

struct listed {
    const char *code, *class, *text, *path;
};

struct faults {
    struct listed *at;
    size_t n, room;
};

/* { E_SOMETHING , "code" , "text" "more text" } */
static bool is_fault(const struct token *t)
{
    return token_is(t, "{") && t[1].kind == TOKEN_NAME && starts_with(t[1].text, "E_") &&
           token_is(t + 2, ",") && t[3].kind == TOKEN_TEXT && token_is(t + 4, ",") &&
           t[5].kind == TOKEN_TEXT;
}

static void add_fault(struct arena *a, struct faults *all, const struct source *s,
                      const struct token *open)
{
    char *text = arena_strdup(a, "");

    for (const struct token *t = open + 5; t->kind == TOKEN_TEXT; t++)
        text = arena_printf(a, "%s%s", text, t->text);
    all->at = list_room(a, all->at, all->n, &all->room, sizeof *all->at);
    all->at[all->n++] =
        (struct listed){open[3].text, open[1].text, markdown_cell(a, text), s->path};
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->code, ((const struct listed *)b)->code);
}

static int status_of(const char *code, const char *class)
{
    static const struct {
        const char *name;
        enum status status;
    } classes[] = {
        {"E_INVALID",   E_INVALID  },
        {"E_DENIED",    E_DENIED   },
        {"E_NOT_FOUND", E_NOT_FOUND},
        {"E_CONFLICT",  E_CONFLICT },
        {"E_LIMIT",     E_LIMIT    },
        {"E_BUSY",      E_BUSY     },
        {"E_UNKNOWN",   E_UNKNOWN  },
        {"E_UPSTREAM",  E_UPSTREAM },
    };

    if (http_own_status(code)) return http_own_status(code);
    for (size_t i = 0; i < COUNT(classes); i++)
        if (strcmp(classes[i].name, class) == 0) return op_http_status(classes[i].status);
    return op_http_status(E_INTERNAL);
}

static char *faults_page(const struct tree *t)
{
    struct arena *a = t->arena;
    struct faults all = {0};
    char *page = arena_strdup(
        a,
        "# Faults\n\n"
        "Every way in which Foyer says no. Written by `ninja -C build docs` from the sources; do "
        "not edit. Codes are stable;\nsentences may get better. The number is the HTTP status; "
        "`foyer` itself ends with 1 below 500 and with 3 from there\non.\n\n"
        "| code | HTTP | what it says | raised in |\n|---|--:|---|---|\n");

    for (size_t i = 0; i < t->n; i++) {
        const struct source *s = &t->at[i];

        if (!ends_with(s->path, ".c") || ends_with(s->path, "_test.c")) continue;
        for (size_t k = 0; k + 5 < s->n_tokens; k++)
            if (is_fault(&s->tokens[k])) add_fault(a, &all, s, &s->tokens[k]);
    }
    qsort(all.at, all.n, sizeof *all.at, by_code);
    for (size_t i = 0; i < all.n; i++)
        page = arena_printf(a, "%s| `%s` | %d | %s | `%s` |\n", page, all.at[i].code,
                            status_of(all.at[i].code, all.at[i].class), all.at[i].text,
                            all.at[i].path);
    return page;
}

/* ---- permissions ---- */

static char *add_row(struct arena *a, char *page, const struct op *op)
{
    page = arena_printf(a, "%s| `%s` |", page, op->id);
    for (size_t r = 0; r < roles.n; r++)
        page = arena_printf(a, "%s %s |", page, op->role & MAY(r) ? "yes" : "");
    return arena_printf(a, "%s %s |\n", page, op->writes ? "yes" : "");
}

static char *add_inputs(struct arena *a, char *page, const struct shape *in)
{
    static const char *const types[] = {"number", "text", "word", "true or false", "list"};

    for (size_t i = 0; i < in->n_fields; i++) {
        const struct field *f = &in->fields[i];

        page = arena_printf(a, "%s- `%s` (%s%s): %s\n", page, f->name, types[f->type],
                            f->flags & OPTIONAL ? ", may be left out" : "", f->doc ? f->doc : "");
    }
    return page;
}

static char *add_op(struct arena *a, char *page, const struct op *op)
{
    page = arena_printf(a, "%s\n## %s\n\n%s\n\n", page, op->id, op->summary);
    page = add_inputs(a, page, op->in);
    if (op->proof) page = arena_printf(a, "%s\nPeople need a fresh proof of who they are.\n", page);
    if (op->action)
        page = arena_printf(a, "%s\nAn option of an account: `%s` in [options.md](options.md).\n",
                            page, option_abouts[op->action].id);
    if (!op->faults) return page;
    page = arena_printf(a, "%s\nIts own faults:", page);
    for (size_t i = 0; op->faults[i]; i++)
        page = arena_printf(a, "%s%s `%s`", page, i ? "," : "", op->faults[i]->code);
    return arena_printf(a, "%s.\n", page);
}

typedef char *add_fn(struct arena *a, char *page, const struct op *op);

static char *for_each_op(struct arena *a, char *page, add_fn *add)
{
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) page = add(a, page, &op_tables[t]->at[i]);
    return page;
}

static char *permissions_page(struct arena *a)
{
    char *page = arena_strdup(
        a,
        "# Permissions\n\n"
        "Who may do what. Written by `ninja -C build docs` from the rows of ops; do not edit. An "
        "owner reaches the own account\nonly. What each fault means stands in "
        "[faults.md](faults.md); every op can also answer with those that begin with\n`op.` and "
        "`input.`.\n\n| op |");

    for (size_t r = 0; r < roles.n; r++) page = arena_printf(a, "%s %s |", page, roles.at[r]);
    page = arena_printf(a, "%s changes something |\n|---|", page);
    for (size_t r = 0; r <= roles.n; r++) page = arena_printf(a, "%s---|", page);
    page = for_each_op(a, arena_printf(a, "%s\n", page), add_row);
    return for_each_op(a, page, add_op);
}

/* ---- options ---- */

static char *set_text(struct arena *a, unsigned set, const struct names *names)
{
    char *text = arena_strdup(a, set ? "" : "any");

    for (unsigned i = 0; i < names->n; i++)
        if (set & 1U << i) text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", names->at[i]);
    return text;
}

static const char *billers_text(struct arena *a, unsigned set)
{
    unsigned const partners = (1U << biller_kinds.n) - 2;

    return set == partners ? "a partner" : set_text(a, set, &biller_kinds);
}

/* What must hold, and what must not. */
static const char *facts_text(struct arena *a, const struct option_rule *r)
{
    char *text = arena_strdup(a, r->if_locked ? "locked" : "");

    for (unsigned f = 0; f < FACTS; f++)
        if ((r->with | r->without) & FACT(f))
            text = arena_printf(a, "%s%s%s%s", text, *text ? ", " : "",
                                r->without & FACT(f) ? "not " : "", option_facts.at[f]);
    return text;
}

static char *add_rule(struct arena *a, char *page, const struct option_rule *r)
{
    return arena_printf(a, "%s| %s | %s | %s | %s | %s | %s | %s | `%s` | %s |\n", page,
                        set_text(a, r->roles, &roles), billers_text(a, r->billers),
                        set_text(a, r->standings, &standings), set_text(a, r->surfaces, &surfaces),
                        facts_text(a, r), option_results.at[r->result],
                        markdown_cell(a, r->why->fault.text),
                        r->why->fault.code + strlen("policy."), option_places.at[r->why->place]);
}

static char *add_ops_of(struct arena *a, char *page, enum option_action action)
{
    const char *before = "Ops: ";

    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            if (op_tables[t]->at[i].action != action) continue;
            page = arena_printf(a, "%s%s`%s`", page, before, op_tables[t]->at[i].id);
            before = ", ";
        }
    return *before == ',' ? arena_printf(a, "%s.\n\n", page) : page;
}

static char *options_page(struct arena *a)
{
    char *page = arena_strdup(
        a,
        "# Options\n\n"
        "What can be done with an account, by whom, where, and why not. Written by `ninja -C build "
        "docs` from the decision\ntables that the program runs; do not edit. Of each table the "
        "first "
        "row that matches decides. The code is that of the\nfault, after `policy.`, with which the "
        "action's ops answer whom they take. A role that an op does not take (`permissions.md`)\n"
        "is answered `op.not_allowed` before the table is asked; its row, with the reason and the "
        "place to go, is told by\n`policy.options`. Where no surface is named, as by the "
        "operator's own systems, the rules of the web count.\n`foyer call policy.options` shows "
        "all of them for a member.\n");

    for (enum option_action i = ACTION_NONE + 1; i < ACTIONS; i++) {
        const struct option_about *about = &option_abouts[i];

        page = arena_printf(a, "%s\n## %s\n\n%s (%s).\n\n", page, about->id, about->text,
                            about->source);
        page = add_ops_of(a, page, i);
        page = arena_printf(a,
                            "%s| who | billed by | standing | where | when | result | what is said "
                            "| code | place |\n|---|---|---|---|---|---|---|---|---|\n",
                            page);
        for (size_t k = 0; k < OPTION_TABLES_MAX; k++)
            for (size_t n = 0; n < about->tables[k].n; n++)
                page = add_rule(a, page, &about->tables[k].at[n]);
    }
    return page;
}

/* ---- */

/* ---- metrics ---- */

static const char metrics_head[] = "# Metrics and logs\n\n"
                                   "What `/metrics` tells Prometheus, and what the lines of the "
                                   "log hold. Written by `ninja -C build "
                                   "docs` from what the server prints; do not edit.\n\n| metric | "
                                   "kind | what it is |\n|---|---|---|\n";

static const char metrics_tail[] =
    "\n## When to be woken\n\n"
    "| expression | because |\n|---|---|\n"
    "| `up == 0`, or `/readyz` is not 200 for a minute | nobody is answered, or the database is "
    "gone |\n"
    "| `foyer_database_full == 1` | writes are refused for want of room, and go on by themselves "
    "when there is some |\n"
    "| `foyer_database_busy == 1` for a minute | somebody else holds SQLite's file: writes are "
    "refused until they let it go |\n"
    "| `rate(foyer_chores_failed_total[10m]) > 0` for half an hour | billing or couriers stand "
    "still: "
    "the log says why |\n"
    "| `sum(rate(foyer_http_requests_total{status=\"5xx\"}[5m]))` above 1 in 100 of all | "
    "something "
    "behind us fails |\n"
    "| `rate(foyer_queue_full_total[5m]) > 0` | more comes than can be answered: members are told "
    "to "
    "come again |\n"
    "| `histogram_quantile(0.99, sum by (le) "
    "(rate(foyer_http_request_duration_seconds_bucket[5m])))` "
    "above a second | slow for members, before anything is full |\n"
    "| `rate(foyer_http_connections_denied_total[5m])` far above its usual | a flood, or a limit "
    "that "
    "is too small |\n\n"
    "`foyer doctor`, each night, finds what no counter shows: overdue work, books that do not "
    "balance.\n\n"
    "## The log\n\n"
    "One line of JSON for each thing, to `--log FILE` or standard output. `at` (RFC 3339) and "
    "`event` "
    "are in all; names, addresses, queries, bodies and secrets in none.\n\n"
    "| event | further names |\n|---|---|\n"
    "| `request` | `id` (also in the answer, the problem and the audit), `op`, `method`, `status`, "
    "`ms`, `actor` (the role); of a refusal `fault`, and `detail` where the fault is ours |\n"
    "| `listening`, `working` | `address`, `port` |\n"
    "| `confined` | `landlock` (the kernel's version of it, 0: none), `seccomp` |\n"
    "| `not delivered` | `way` (email, text, push), `why` (the provider's code, or what went "
    "wrong), "
    "`messages`, `again` (how many of them are tried again) |\n"
    "| `chore failed` | `chore`, `fault`, `detail`; it is tried again |\n"
    "| `stopping`, `stopped`, `stopped, and cut requests off` | the last means that `stop_ms` was "
    "too "
    "short for what had been taken |\n\n"
    "Faults are listed in [faults.md](faults.md).\n";

/* A line `# HELP NAME WORDS` and the next, `# TYPE NAME KIND`, as a row. */
static const char *metric_row(struct arena *a, const char *help, size_t n, const char *type)
{
    const char *name = help + strlen("# HELP "), *words = memchr(name, ' ', n);
    const char *kind = type + strlen("# TYPE ") + (words - name) + 1;

    return arena_printf(a, "| `%.*s` | %.*s | %.*s |\n", (int)(words - name), name,
                        (int)strcspn(kind, "\n"), kind, (int)strcspn(words + 1, "\n"), words + 1);
}

static const char *metrics_page(struct arena *a)
{
    struct metrics *m = memory_new(sizeof *m);
    const char *page = metrics_head;

    metric_answer(m, "membership.get", 200, 1000);
    for (const char *line = metrics_text(m, a), *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end) end++;
        if (starts_with(line, "# HELP "))
            page = arena_printf(a, "%s%s", page, metric_row(a, line, (size_t)(end - line), end));
    }
    memory_free(m);
    return arena_printf(a, "%s%s", page, metrics_tail);
}

/* ---- settings and limits ---- */

static const char *const settings_head =
    "# Settings and limits\n\n"
    "What an operator may set, with what ships. Written by `ninja -C build docs` from the sources; "
    "do not edit.\n\n"
    "## Settings\n\n"
    "`foyer config set NAME VALUE` stores one in the database. The file of `--config` (under "
    "`settings`) counts over that, and the environment (`FOYER_SET_GRACE_DAYS=3`) over both; "
    "`foyer config show` tells what counts, and where it is from. Of a text the range is that of "
    "its length in bytes.\n\n"
    "| setting | ships as | range | meaning |\n|---|---|---|---|\n";
static const char *const limits_head =
    "\n## Limits of the server\n\n"
    "`foyer serve --limits NAME=NUMBER,…` changes them; names that end in `_ms` are deadlines in "
    "milliseconds, each for the whole of what it names.\n\n"
    "| limit | ships as | range | meaning |\n|---|---|---|---|\n";
static const char *const fixed_head = "\nThese are fixed:\n\n"
                                      "| of a request | at most | else |\n|---|---|---|\n";

static const char *default_of(struct arena *a, const struct field *f, const void *defaults)
{
    const char *at = (const char *)defaults + f->offset;

    if (f->type != F_TEXT)
        return arena_printf(a, "%lld", (long long)*(const int64_t *)(const void *)at);
    const char *text = *(const char *const *)(const void *)at;
    return *text ? arena_printf(a, "`%s`", text) : "";
}

static const char *shape_rows(struct arena *a, const struct shape *sh, const void *defaults)
{
    const char *rows = "";

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];

        rows =
            arena_printf(a, "%s| `%s` | %s | %lld to %lld | %s |\n", rows, f->name,
                         default_of(a, f, defaults), (long long)f->min, (long long)f->max, f->doc);
    }
    return rows;
}

static const char *fixed_rows(struct arena *a)
{
    return arena_printf(a,
                        "| head | %d bytes | 431 |\n| headers | %d | 431 |\n"
                        "| target | %d bytes | 414 |\n| line of a chunk | %d bytes | 400 |\n",
                        WIRE_HEAD_BYTES_MAX, WIRE_HEADERS_MAX, WIRE_TARGET_MAX,
                        WIRE_CHUNK_LINE_MAX);
}

static const char *settings_page(struct arena *a)
{
    return arena_printf(a, "%s%s%s%s%s%s", settings_head,
                        shape_rows(a, &settings_shape, &settings_default), limits_head,
                        shape_rows(a, &limits_shape, &serve_defaults), fixed_head, fixed_rows(a));
}

static int write_page(struct arena *a, const char *root, const char *name, const char *text)
{
    const char *path = arena_printf(a, "%s/%s", root, name);
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f)) {
        perror(path);
        return 2;
    }
    return 0;
}

static int check_page(const struct tree *t, const char *name, const char *text)
{
    const struct source *old = tree_find(t, name);

    if (old && strcmp(old->text, text) == 0) return 0;
    printf("%s is stale: run `ninja -C build docs` and commit it\n", name);
    return 1;
}

static const char *openapi_page(struct arena *a)
{
    CLEANUP(json_decrefp) json_t *doc = openapi_json();

    return arena_printf(a, "%s\n", json_text(a, doc, JSON_PRESERVE_ORDER | JSON_INDENT(2)));
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        "docs/faults.md", "docs/permissions.md", "docs/options.md", "docs/openapi.json",
        "docs/events.md", "docs/metrics.md",     "docs/settings.md"};
    const char *const places[] = {"src",    names[0], names[1], names[2], names[3],
                                  names[4], names[5], names[6], NULL};
    bool const write = argc == 3 && strcmp(argv[1], "--write") == 0;
    CLEANUP(arena_clear) struct arena arena = {0};
    struct tree tree = {.arena = &arena};
    int worst = 0;

    if (argc != 3 || (!write && strcmp(argv[1], "--check") != 0)) {
        fprintf(stderr, "usage: reference --write|--check ROOT\n");
        return 2;
    }
    if (!tree_read(&tree, argv[2], places)) return 2;
    const char *const pages[] = {
        faults_page(&tree),  permissions_page(&arena), options_page(&arena), openapi_page(&arena),
        events_page(&arena), metrics_page(&arena),     settings_page(&arena)};
    for (size_t i = 0; i < COUNT(pages); i++) {
        int const status = write ? write_page(&arena, argv[2], names[i], pages[i])
                                 : check_page(&tree, names[i], pages[i]);

        if (status > worst) worst = status;
    }
    int const topics = topics_check(&tree);
    return worst > topics ? worst : topics;
}
