/* migrate: makes and updates databases. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "cli/cli.h"

static int run_migrate(struct cli *cli, int argc, char **argv)
{
    const char *date = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"test-clock", &date, NULL}
    };
    int64_t day = 0, applied = 0;
    enum status st;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, migrate_commands, why);
    if (date && !day_parse(date, &day))
        return cli_usage(cli, migrate_commands, "--test-clock wants a date such as 2024-01-31");
    if ((st = db_migrate(cli->db, cli->cx.now, &applied, &cli->err)) != OK)
        return cli_fail(cli, st);
    if (date && (st = clock_make_test(&cli->cx, day * DAY_MS)) != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(json_pack("{s:I}", "applied", (json_int_t)applied));
    else
        printf("%lld migration%s applied\n", (long long)applied, applied == 1 ? "" : "s");
    return EXIT_DONE;
}

/* clang-format off */
const struct command migrate_commands[] = {
    {"migrate", "[--test-clock DATE]", "Make or update the database.", UNMIGRATED, run_migrate},
    {0},
};
/* clang-format on */
