/* run: works through everything that is due. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "cli/cli.h"
#include "db/audit_sign.h"
#include "http/op_key.h"
#include "payments/payments.h"

struct bar {
    struct progress progress;
    int64_t first_day;
};

static void on_day(void *arg, int64_t day)
{
    struct bar *bar = arg;

    if (!bar->first_day) bar->first_day = day;
    progress_step(&bar->progress, day - bar->first_day + 1);
}

static enum status work(struct cli *cli, int64_t until_at)
{
    CLEANUP(gateway_closep) struct gateway *gateway = NULL;
    struct bar bar = {0};
    int64_t signs;
    struct world world = {.machine = machine_this(),
                          .test_clock = cli->clock.is_test,
                          .progress = on_day,
                          .progress_arg = &bar};

    TRY(gateway_open_for(cli->settings.payment_gateway, cli->db_url, cli->clock.is_test, &gateway,
                         &cli->err));
    world.gateway = gateway;
    progress_begin(&bar.progress, cli, "billing", (until_at - cli->clock.now) / DAY_MS);
    enum status const st = payments_run(&cli->cx, &world, until_at);
    progress_end(&bar.progress);
    TRY(st);
    TRY(audit_sign(&cli->cx, &signs));
    return op_keys_forget(&cli->cx);
}

static int run_run(struct cli *cli, int argc, char **argv)
{
    const char *until = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"until", &until, NULL}
    };
    char text[INSTANT_TEXT];
    int64_t day = 0;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, run_commands, why);
    if (until && !day_parse(until, &day))
        return cli_usage(cli, run_commands, "--until wants a date such as 2026-01-31");
    NEED_DATABASE(cli);
    int64_t until_at = cli->clock.now + 1;
    if (cli->clock.is_test && !until)
        return cli_usage(cli, run_commands, "a test clock needs --until DATE");
    if (until && (cli->clock.is_test || day * DAY_MS < until_at)) until_at = day * DAY_MS;
    enum status const st = work(cli, until_at);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(json_pack("{s:s}", "done_until", instant_text(until_at, text)));
    else
        printf("everything due before %s is done\n", instant_text(until_at, text));
    return EXIT_DONE;
}

const struct command run_commands[] = {
    {"run",                           "[--until DATE]", "Bill everything that is due.", run_run},
    {0},
};
