/* courier: carries out what was decided: makes messages and webhooks of the outbox, and sends them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "cli/cli.h"
#include "notify/notify.h"

enum { ROWS = 500, IDLE_MS = 300, TRIES = 20 };

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

/* ---- the outbox ---- */

static enum status take_some(struct ctx *cx, size_t *n)
{
    const struct catalog *catalog;

    arena_reset(cx->arena);
    TRY(catalog_load(cx, 0, &catalog));
    return notify_dispatch(cx, catalog, ROWS, n);
}

/* Everything that nobody has taken. */
static enum status take_all(struct ctx *cx, int64_t *taken)
{
    enum status s = OK;
    size_t n = ROWS;

    for (int tries = 0; n && tries < TRIES;) {
        s = take_some(cx, &n);
        if (s == OK)
            *taken += (int64_t)n;
        else if (s == E_BUSY)
            tries++;
        else
            break;
    }
    return s;
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

static enum status work(struct cli *cli)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct sender sender = {.cli = cli};
    struct ctx cx = cli->cx;
    enum status s = OK;
    pthread_t thread;
    int64_t taken = 0;

    cx.arena = &arena;
    if (pthread_create(&thread, NULL, run_sender, &sender) != 0)
        return failf(&cli->err, &DB_BROKEN, "no thread can be started");
    while (s == OK && !atomic_load(&stopping)) {
        struct clock_state clock;

        s = clock_read(&cx, machine_now(), &clock);
        cx.now = clock.now;
        if (s == OK) s = take_all(&cx, &taken);
        if (s == E_BUSY) s = OK;
        if (s == OK) machine_this()->pause(NULL, IDLE_MS);
    }
    atomic_store(&stopping, true);
    pthread_join(thread, NULL);
    arena_clear(&sender.arena);
    if (s == OK && sender.status != OK) cli->err = sender.err;
    return s == OK ? sender.status : s;
}

static enum status work_once(struct cli *cli, int64_t *taken, int64_t *sent)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct ctx cx = cli->cx;

    cx.arena = &arena;
    TRY(take_all(&cx, taken));
    return webhook_work(&cx, machine_this(), NULL, NULL, sent);
}

static int run_courier(struct cli *cli, int argc, char **argv)
{
    struct sigaction const stop = {.sa_handler = on_signal};
    const char *why = NULL;
    int64_t taken = 0, sent = 0;
    bool once = false;
    const struct cli_option options[] = {
        {"once", NULL, &once}
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, courier_commands, why);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    enum status const s = once ? work_once(cli, &taken, &sent) : work(cli);
    if (s != OK) return cli_fail(cli, s);
    if (once && cli->json)
        cli_print_json(
            json_pack("{s:I, s:I}", "taken", (json_int_t)taken, "webhooks", (json_int_t)sent));
    else if (once)
        printf("%lld messages taken, %lld webhooks sent\n", (long long)taken, (long long)sent);
    return EXIT_DONE;
}

/* clang-format off */
const struct command courier_commands[] = {
    {"courier", "[--once]", "Send what was decided: webhooks.", 0, run_courier},
    {0},
};
/* clang-format on */
