/* courier: carries out what was decided: messages to people, and webhooks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "cli/cli.h"
#include "notify/notify.h"

static atomic_bool stopping;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&stopping, true);
}

static bool is_stopping(void *arg)
{
    (void)arg;
    return atomic_load(&stopping);
}

/* ---- threads ---- */

/* Webhooks, on a connection of their own. */
struct sender {
    const struct cli *cli;
    struct arena arena;
    struct error err;
    enum status status;
};

static enum status send_webhooks(struct sender *s)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct ctx cx = s->cli->cx;

    cx.err = &s->err;
    cx.arena = &s->arena;
    TRY(db_open(s->cli->db_url, &db, &s->err));
    db_key_file(db, s->cli->key_file);
    cx.db = db;
    return webhook_work(&cx, machine_this(), is_stopping, NULL, NULL);
}

static void *run_sender(void *arg)
{
    struct sender *s = arg;

    s->status = send_webhooks(s);
    if (s->status != OK) atomic_store(&stopping, true);
    return NULL;
}

static enum status send_messages(struct cli *cli, struct couriers *couriers, bool keep_on,
                                 struct notify_done *done)
{
    struct notify_world const w = {.machine = machine_this(),
                                   .test_clock = cli->clock.is_test,
                                   .couriers = couriers,
                                   .keep_on = keep_on,
                                   .stop = is_stopping};

    return notify_work(&cli->cx, &w, done);
}

static enum status work(struct cli *cli, struct couriers *couriers)
{
    struct sender sender = {.cli = cli};
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_sender, &sender) != 0)
        return failf(&cli->err, &DB_BROKEN, "no thread can be started");
    enum status const s = send_messages(cli, couriers, true, NULL);
    atomic_store(&stopping, true);
    pthread_join(thread, NULL);
    arena_clear(&sender.arena);
    if (s == OK && sender.status != OK) cli->err = sender.err;
    return s == OK ? sender.status : s;
}

static enum status work_once(struct cli *cli, struct couriers *couriers, struct notify_done *done,
                             int64_t *hooks)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct ctx cx = cli->cx;

    cx.arena = &arena;
    TRY(send_messages(cli, couriers, false, done));
    return webhook_work(&cx, machine_this(), NULL, NULL, hooks);
}

static void tell(const struct cli *cli, const struct notify_done *d, int64_t hooks)
{
    if (cli->json)
        cli_print_json(json_pack("{s:I, s:I, s:I, s:I, s:I}", "taken", (json_int_t)d->dispatched,
                                 "sent", (json_int_t)d->sent, "failed", (json_int_t)d->failed,
                                 "dropped", (json_int_t)d->dropped, "webhooks", (json_int_t)hooks));
    else
        printf("%lld events taken; messages: %lld sent, %lld failed, %lld dropped; %lld webhooks"
               " sent\n",
               (long long)d->dispatched, (long long)d->sent, (long long)d->failed,
               (long long)d->dropped, (long long)hooks);
}

static int run_courier(struct cli *cli, int argc, char **argv)
{
    CLEANUP(couriers_close) struct couriers couriers = {0};
    struct sigaction const stop = {.sa_handler = on_signal};
    struct notify_done done = {0};
    const char *why = NULL;
    int64_t hooks = 0;
    bool once = false;
    const struct cli_option options[] = {
        {"once", NULL, &once}
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, courier_commands, why);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    enum status s = couriers_open(&cli->settings, &couriers, &cli->err);
    if (s == OK) s = once ? work_once(cli, &couriers, &done, &hooks) : work(cli, &couriers);
    if (s != OK) return cli_fail(cli, s);
    if (once) tell(cli, &done, hooks);
    return EXIT_DONE;
}

/* clang-format off */
const struct command courier_commands[] = {
    {"courier", "[--once]", "Send what was decided: messages to people, and webhooks.", 0,
     run_courier},
    {0},
};
/* clang-format on */
