/* key: the master key. SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "db/vault.h"

static int run_rotate(struct cli *cli, int argc, char **argv)
{
    int64_t keys;

    (void)argv;
    if (argc) return cli_usage(cli, key_commands, "no arguments, please");
    NEED_DATABASE(cli);
    const char *path = master_path(cli->db, &cli->arena);
    enum status st = vault_rotate(&cli->cx, &keys);
    if (st == OK)
        st = cli_note(cli, "key rotate", json_pack("{s:{s:I}}", "out", "keys", (json_int_t)keys));
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(json_pack("{s:I, s:s?}", "keys", (json_int_t)keys, "file", path));
    else
        printf("%lld keys of accounts are wrapped by a new master key, in %s\n"
               "Copy it to where you keep it; with the old one only older files of keys open.\n",
               (long long)keys, path ? path : "");
    return EXIT_DONE;
}

/* clang-format off */
const struct command key_commands[] = {
    {"key rotate", "", "Make a new master key, and wrap every other key with it.", run_rotate},
    {0},
};
/* clang-format on */
