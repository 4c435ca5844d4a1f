/* migrate: makes and updates databases. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "cli/cli.h"
#include "db/audit.h"
#include "db/secret.h"

/* A database of one file gets its key beside it. For PostgreSQL there is no such place, and whoever
 * sets it up learns so now and not with the first member. */
static enum status need_key_file(struct cli *cli)
{
    bool const nowhere = db_is_pg(cli->db) && !master_path(cli->db, &cli->arena);

    return nowhere ? fail(&cli->err, &MASTER_FILE_NEEDED, NULL) : OK;
}

/* Seals what lay open before there was a master key, and writes the change down. */
static enum status settle(struct cli *cli, int64_t applied)
{
    struct ctx *cx = &cli->cx;
    struct audit_note const n = {0, AUDIT_CHANGE, "migrate"};
    TX tx = {0};

    TRY(clock_read(cx, cx->now, &cli->clock));
    cx->now = cli->clock.now;
    TRY(tx_begin(&tx, cx));
    TRY(master_load(cx, NULL));
    TRY(secrets_rewrap(cx));
    if (applied) TRY(audit_add(cx, &n, json_pack("{s:I}", "applied", (json_int_t)applied)));
    return tx_commit(&tx);
}

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
    if (date && !clock_test_fits(day))
        return cli_fail(cli, failf(&cli->err, &CLOCK_RANGE, "%s", date));
    int const opened = cli_open(cli, UNMIGRATED);
    if (opened != EXIT_DONE) return opened;
    if ((st = need_key_file(cli)) != OK) return cli_fail(cli, st);
    if ((st = db_migrate(cli->db, cli->cx.now, &applied, &cli->err)) != OK)
        return cli_fail(cli, st);
    if (date && (st = clock_make_test(&cli->cx, day * DAY_MS)) != OK) return cli_fail(cli, st);
    if ((st = settle(cli, applied)) != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(json_pack("{s:I}", "applied", (json_int_t)applied));
    else
        printf("%lld migration%s applied\n", (long long)applied, applied == 1 ? "" : "s");
    return EXIT_DONE;
}

/* clang-format off */
const struct command migrate_commands[] = {
    {"migrate", "[--test-clock DATE]", "Make or update the database.", run_migrate},
    {0},
};
/* clang-format on */
