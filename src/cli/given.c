/* given: reads a configuration file and the environment. SPDX-License-Identifier: Apache-2.0 */
#include "cli/given.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/node.h"
#include "cli/cli.h"

const struct fault SETTING_FILE_UNREADABLE = {
    E_INTERNAL, "setting.file_unreadable",
    "The configuration file cannot be read; check --config and FOYER_CONFIG."};
const struct fault SETTING_FILE_INVALID = {
    E_INVALID, "setting.file_invalid",
    "The configuration file has mistakes; mend them and start again."};

enum { GIVEN_MAX = 400, FILE_BYTES_MAX = 256 * 1024 };

struct reading {
    struct reader r;
    struct arena *arena;
    struct given *out;
    struct setting_given *settings;
    struct given_option *options;
};

static void take_setting(struct reading *g, const char *name, const char *value, const char *from)
{
    if (g->out->n_settings < GIVEN_MAX)
        g->settings[g->out->n_settings++] = (struct setting_given){name, value, from};
}

/* The maps of a command's options and of settings hold single values alone. */
static void take_map(struct reading *g, const struct node *map)
{
    bool const settings = strcmp(map->key, "settings") == 0;

    if (!node_is(&g->r, map, NODE_MAP)) return;
    for (size_t i = 0; i < map->n; i++) {
        const struct node *at = map->by_key[i];

        if (!node_is(&g->r, at, NODE_TEXT)) continue;
        const char *value = arena_strdup(g->arena, at->text);
        const char *name = arena_strdup(g->arena, at->key);
        const char *from = arena_printf(g->arena, "%s:%zu", g->r.problems->file, at->line);
        if (settings)
            take_setting(g, name, value, from);
        else if (g->out->n_options < GIVEN_MAX)
            g->options[g->out->n_options++] =
                (struct given_option){arena_strdup(g->arena, map->key), name, value, from};
    }
}

static void take_root(struct reading *g, const struct node *root)
{
    for (size_t i = 0; i < root->n; i++) {
        const struct node *at = root->by_key[i];

        if (strcmp(at->key, "database") != 0)
            take_map(g, at);
        else if (node_is(&g->r, at, NODE_TEXT))
            g->out->database = arena_strdup(g->arena, at->text);
    }
}

static enum status take_file(struct reading *g, const char *file, struct error *e)
{
    CLEANUP(arena_clear) struct arena scratch = {0};
    struct problems *p = arena_new(g->arena, struct problems);
    char *text = arena_alloc(&scratch, FILE_BYTES_MAX + 1);
    CLEANUP(cli_close) FILE *f = fopen(file, "rb");

    if (!f) return failf(e, &SETTING_FILE_UNREADABLE, "%s: %s", file, strerror(errno));
    size_t const n = fread(text, 1, FILE_BYTES_MAX + 1, f);
    if (ferror(f)) return failf(e, &SETTING_FILE_UNREADABLE, "%s: %s", file, strerror(errno));
    if (n > FILE_BYTES_MAX)
        return failf(e, &SETTING_FILE_INVALID, "%s: it is larger than 256 KiB", file);
    *p = (struct problems){.file = file, .arena = g->arena};
    g->r = (struct reader){"setting", g->arena, &scratch, p};
    const struct node *root = node_read(&g->r, text, n);
    if (root) take_root(g, root);
    problems_sort(p);
    return p->total ? failf(e, &SETTING_FILE_INVALID, "%s", problem_text(p, 0, g->arena)) : OK;
}

static void take_environment(struct reading *g, char *const *environment)
{
    size_t const n = strlen(GIVEN_PREFIX);

    for (; *environment; environment++) {
        const char *equals = strchr(*environment, '=');

        if (strncmp(*environment, GIVEN_PREFIX, n) != 0 || !equals) continue;
        const char *from = arena_memdup(g->arena, *environment, (size_t)(equals - *environment));
        char *name = arena_strdup(g->arena, from + n);
        for (char *c = name; *c; c++) *c = (char)tolower((unsigned char)*c);
        take_setting(g, name, equals + 1, from);
    }
}

enum status given_read(const char *file, char *const *environment, struct given *out,
                       struct arena *a, struct error *e)
{
    struct reading g = {.arena = a,
                        .out = out,
                        .settings = arena_array(a, struct setting_given, GIVEN_MAX),
                        .options = arena_array(a, struct given_option, GIVEN_MAX)};
    struct settings checked = settings_default;

    *out = (struct given){.settings = g.settings, .options = g.options};
    if (file) TRY(take_file(&g, file, e));
    take_environment(&g, environment);
    return settings_overlay(out->settings, out->n_settings, &checked, a, e);
}

/* `true` and `false` are flags: there, or not. */
static char *argument(const struct given_option *o, struct arena *a)
{
    if (strcmp(o->value, "false") == 0) return NULL;
    if (strcmp(o->value, "true") == 0) return arena_printf(a, "--%s", o->name);
    return arena_printf(a, "--%s=%s", o->name, o->value);
}

char **given_arguments(const struct given *g, const char *command, int *argc, char **argv,
                       struct arena *a)
{
    char **all = arena_array(a, char *, (size_t)*argc + g->n_options + 1);
    int n = 0;

    for (size_t i = 0; i < g->n_options; i++) {
        if (strcmp(g->options[i].command, command) != 0) continue;
        char *one = argument(&g->options[i], a);
        if (one) all[n++] = one;
    }
    for (int i = 0; i < *argc; i++) all[n++] = argv[i];
    *argc = n;
    return all;
}
