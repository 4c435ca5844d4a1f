/* catalog: checks, applies and lists catalogs. SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog.h"

#include <errno.h>
#include <string.h>

#include "base/calendar.h"
#include "cli/catalog_show.h"

static const struct fault FILE_CATALOG_UNREADABLE = {
    E_INTERNAL, "file.catalog_unreadable",
    "The file cannot be read; check its name and who may read it."};

/* The whole file, or standard input for "-"; one byte more than is allowed shows that it is longer.
 */
static enum status read_file(struct cli *cli, const char *path, char **text, size_t *n)
{
    CLEANUP(cli_close) FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");

    if (!f) return failf(&cli->err, &FILE_CATALOG_UNREADABLE, "%s: %s", path, strerror(errno));
    *text = arena_alloc(&cli->arena, CATALOG_BYTES_MAX + 2);
    *n = fread(*text, 1, CATALOG_BYTES_MAX + 1, f);
    if (ferror(f))
        return failf(&cli->err, &FILE_CATALOG_UNREADABLE, "%s: %s", path, strerror(errno));
    return OK;
}

static json_t *problems_json(const struct problems *p)
{
    json_t *all = json_array();

    for (size_t i = 0; i < p->n; i++)
        json_array_append_new(all, json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "file", p->file,
                                             "line", (json_int_t)p->at[i].line, "column",
                                             (json_int_t)p->at[i].column, "field", p->at[i].field,
                                             "code", p->at[i].code, "text", p->at[i].text));
    return all;
}

static int refuse(struct cli *cli, const struct problems *p)
{
    if (cli->json) {
        cli_print_json(json_pack("{s:s, s:I, s:o}", "file", p->file, "total", (json_int_t)p->total,
                                 "problems", problems_json(p)));
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < p->n; i++) fprintf(stderr, "%s\n", problem_text(p, i, &cli->arena));
    if (p->total > p->n) fprintf(stderr, "… and %zu more\n", p->total - p->n);
    fprintf(stderr, "foyer: the catalog has %zu problem%s; nothing was changed\n", p->total,
            p->total == 1 ? "" : "s");
    return EXIT_REFUSED;
}

static int run_check(struct cli *cli, int argc, char **argv)
{
    struct problems *p = arena_new(&cli->arena, struct problems);
    const struct catalog *c;
    const char *why = NULL;
    char *text;
    size_t n;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 1)
        return cli_usage(cli, &catalog_commands[0], why);
    enum status const st = read_file(cli, argv[0], &text, &n);
    if (st != OK) return cli_fail(cli, st);
    if (catalog_read(text, n, argv[0], &cli->arena, p, &c) != OK) return refuse(cli, p);
    if (cli->json)
        cli_print_json(json_pack("{s:s, s:i, s:[], s:I, s:I}", "file", argv[0], "total", 0,
                                 "problems", "plans", (json_int_t)c->n_plans, "countries",
                                 (json_int_t)c->n_countries));
    else
        printf("%s is sound: %zu plans, %zu countries\n", argv[0], c->n_plans, c->n_countries);
    return EXIT_DONE;
}

static int run_apply(struct cli *cli, int argc, char **argv)
{
    struct problems *p = arena_new(&cli->arena, struct problems);
    struct catalog_applied done = {0};
    enum status st = E_BUSY;
    const char *why = NULL;
    char *text;
    size_t n;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 1)
        return cli_usage(cli, &catalog_commands[1], why);
    NEED_DATABASE(cli);
    if ((st = read_file(cli, argv[0], &text, &n)) != OK) return cli_fail(cli, st);
    st = E_BUSY;
    for (int i = 0; i < 5 && st == E_BUSY; i++)
        st = catalog_apply(&cli->cx, text, n, argv[0], p, &done);
    if (st == E_INVALID && p->total > 0) return refuse(cli, p);
    if (st == OK && done.changed)
        st = cli_note(cli, "catalog apply",
                      json_pack("{s:{s:s}, s:{s:I}}", "in", "file", argv[0], "out", "version",
                                (json_int_t)done.version));
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(
            json_pack("{s:I, s:b}", "version", (json_int_t)done.version, "changed", done.changed));
    else if (done.changed)
        printf("catalog version %lld applied\n", (long long)done.version);
    else
        printf("unchanged: this is catalog version %lld already\n", (long long)done.version);
    return EXIT_DONE;
}

static int run_show(struct cli *cli, int argc, char **argv)
{
    const char *wanted = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"version", &wanted, NULL}
    };
    const struct catalog *c;
    const struct country *one = NULL;
    int64_t version = 0;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc > 1)
        return cli_usage(cli, &catalog_commands[2], why);
    if (wanted && (!int_parse(wanted, &version) || version < 1))
        return cli_usage(cli, &catalog_commands[2], "--version wants a number such as 3");
    NEED_DATABASE(cli);
    enum status const st = catalog_load(&cli->cx, version, &c);
    if (st != OK) return cli_fail(cli, st);
    if (argc == 1 && !(one = catalog_country_named(c, argv[0])))
        return cli_fail(cli, fail(&cli->err, &COUNTRY_UNKNOWN, argv[0]));
    if (cli->json)
        cli_print_json(one ? country_json(one) : catalog_json(c));
    else if (one)
        country_print(cli, c, one);
    else
        catalog_print(cli, c);
    return EXIT_DONE;
}

static int run_versions(struct cli *cli, int argc, char **argv)
{
    struct catalog_version *all;
    char at[INSTANT_TEXT];
    size_t n;

    (void)argv;
    if (argc) return cli_usage(cli, &catalog_commands[3], NULL);
    NEED_DATABASE(cli);
    enum status const st = catalog_versions(&cli->cx, 1000, &all, &n);
    if (st != OK) return cli_fail(cli, st);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        instant_text(all[i].applied_at, at);
        if (!cli->json)
            printf("%6lld  %s  %-12s %.16s\n", (long long)all[i].version, at, all[i].applied_by,
                   all[i].document_hash);
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:s, s:s}", "version",
                                        (json_int_t)all[i].version, "applied_at", at, "applied_by",
                                        all[i].applied_by, "document_hash", all[i].document_hash));
    }
    if (cli->json)
        cli_print_json(list);
    else
        json_decref(list);
    return EXIT_DONE;
}

/* clang-format off */
const struct command catalog_commands[] = {
    {"catalog check", "FILE",
     "Say everything that is wrong with a catalog file.", run_check},
    {"catalog apply", "FILE", "Make a catalog file the newest version.", run_apply},
    {"catalog show", "[--version N] [COUNTRY]",
     "Show a catalog, or one country of it.", run_show},
    {"catalog versions", "", "List the versions, the newest first.", run_versions},
    {0},
};
/* clang-format on */
