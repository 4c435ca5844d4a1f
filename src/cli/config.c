/* config: shows and changes settings. SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

static void print_setting(const struct field *f, const struct settings *s)
{
    const char *at = (const char *)s + f->offset;

    if (f->type == F_INT)
        printf("%-28s %-18lld %s\n", f->name, (long long)*(const int64_t *)(const void *)at,
               f->doc);
    else
        printf("%-28s %-18s %s\n", f->name, *(const char *const *)(const void *)at, f->doc);
}

static int run_show(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    if (argc) return cli_usage(cli, &config_commands[0], "no arguments, please");
    if (cli->json) {
        cli_print_json(shape_write(&settings_shape, &cli->settings));
        return EXIT_DONE;
    }
    for (size_t i = 0; i < settings_shape.n_fields; i++)
        print_setting(&settings_shape.fields[i], &cli->settings);
    return EXIT_DONE;
}

static int run_set(struct cli *cli, int argc, char **argv)
{
    if (argc != 2) return cli_usage(cli, &config_commands[1], NULL);
    enum status const st = settings_set(&cli->cx, argv[0], argv[1]);
    return st == OK ? EXIT_DONE : cli_fail(cli, st);
}

/* clang-format off */
const struct command config_commands[] = {
    {"config show", "", "Show every setting with its value and meaning.", 0, run_show},
    {"config set", "NAME VALUE", "Change a setting.", 0, run_set},
    {0},
};
/* clang-format on */
