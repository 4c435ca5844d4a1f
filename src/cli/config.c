/* config: shows and changes settings. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "settings_sql.h"

enum { ROWS_MAX = 1000 };

/* Where the value that counts here comes from; '' when it is as it ships. */
static const char *source_of(const struct cli *cli, const char *name,
                             const struct setting_row *rows, size_t n)
{
    for (size_t i = cli->given.n_settings; i-- > 0;)
        if (strcmp(cli->given.settings[i].name, name) == 0) return cli->given.settings[i].from;
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].setting, name) == 0) return "database";
    return "";
}

static const char *value_of(struct cli *cli, const struct settings *s, const struct field *f)
{
    const char *at = (const char *)s + f->offset;

    if (f->type == F_TEXT) return *(const char *const *)(const void *)at;
    return arena_printf(&cli->arena, "%lld", (long long)*(const int64_t *)(const void *)at);
}

static int run_show(struct cli *cli, int argc, char **argv)
{
    static const struct table_column columns[] = {
        {"SETTING", false},
        {"VALUE",   false},
        {"FROM",    false},
        {"MEANING", false}
    };
    struct setting_row *rows;
    struct table t;
    size_t n;

    (void)argv;
    if (argc) return cli_usage(cli, &config_commands[0], "no arguments, please");
    NEED_DATABASE(cli);
    struct settings const shown = settings_shown(&cli->settings, &cli->arena);
    enum status const st = settings_all(&cli->cx, &rows, &n, .max = ROWS_MAX);
    if (st != OK) return cli_fail(cli, st);
    json_t *from = json_object();
    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < settings_shape.n_fields; i++) {
        const struct field *f = &settings_shape.fields[i];
        const char *source = source_of(cli, f->name, rows, n);

        if (*source) json_object_set_new(from, f->name, json_string(source));
        table_text(&t, f->name);
        table_text(&t, value_of(cli, &shown, f));
        table_text(&t, source);
        table_text(&t, f->doc);
    }
    if (cli->json) {
        cli_print_json(json_pack("{s:o, s:o}", "settings", shape_write(&settings_shape, &shown),
                                 "from", from));
        return EXIT_DONE;
    }
    json_decref(from);
    table_print(&t, stdout);
    return EXIT_DONE;
}

static enum status set(struct cli *cli, const char *name, const char *value)
{
    TX tx = {0};

    TRY(tx_begin(&tx, &cli->cx));
    TRY(settings_set(&cli->cx, name, value));
    TRY(cli_note(cli, "config set",
                 json_pack("{s:{s:s, s:s}}", "in", "name", name, "value",
                           setting_shown(value, &cli->arena))));
    return tx_commit(&tx);
}

static int run_set(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 2)
        return cli_usage(cli, &config_commands[1], why);
    NEED_DATABASE(cli);
    enum status const st = set(cli, argv[0], argv[1]);
    if (st != OK) return cli_fail(cli, st);
    const char *source = source_of(cli, argv[0], NULL, 0);
    if (*source)
        fprintf(stderr, "foyer: stored; where %s counts, it still says otherwise\n", source);
    if (cli->json)
        cli_print_json(
            json_pack("{s:s, s:s}", "name", argv[0], "value", setting_shown(argv[1], &cli->arena)));
    return EXIT_DONE;
}

/* clang-format off */
const struct command config_commands[] = {
    {"config show", "",
     "Show every setting: its value, where that is from, its meaning.", run_show},
    {"config set", "NAME VALUE", "Change a setting.", run_set},
    {0},
};
/* clang-format on */
