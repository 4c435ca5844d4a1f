/* courier: carries out what was decided: messages to people, and webhooks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "cli/cli.h"
#include "cli/table.h"
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

static enum status send_messages(struct cli *cli, struct couriers *couriers)
{
    struct notify_world const w = {.machine = machine_this(),
                                   .test_clock = cli->clock.is_test,
                                   .couriers = couriers,
                                   .keep_on = true,
                                   .stop = is_stopping};

    return notify_work(&cli->cx, &w, NULL);
}

static enum status work(struct cli *cli, struct couriers *couriers)
{
    struct sender sender = {.cli = cli};
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_sender, &sender) != 0)
        return failf(&cli->err, &DB_BROKEN, "no thread can be started");
    enum status const s = send_messages(cli, couriers);
    atomic_store(&stopping, true);
    pthread_join(thread, NULL);
    arena_clear(&sender.arena);
    if (s == OK && sender.status != OK) cli->err = sender.err;
    return s == OK ? sender.status : s;
}

/* ---- once ---- */

struct errands {
    struct notify_done messages;
    struct webhook_done webhooks;
    const char *ways; /* that messages can leave by */
};

static void on_step(void *arg, int64_t handled)
{
    progress_step(arg, handled);
}

static enum status work_once(struct cli *cli, struct couriers *couriers, struct errands *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct progress progress;
    struct notify_world const w = {.machine = machine_this(),
                                   .test_clock = cli->clock.is_test,
                                   .couriers = couriers,
                                   .step = on_step,
                                   .arg = &progress};
    struct ctx cx = cli->cx;

    cx.arena = &arena;
    progress_begin(&progress, cli, "sending", 0);
    enum status s = notify_work(&cx, &w, &e->messages);
    if (s == OK) s = webhook_work(&cx, machine_this(), NULL, NULL, &e->webhooks);
    progress_end(&progress);
    return s;
}

static const char *ways_of(struct cli *cli, const struct couriers *couriers)
{
    const char *ways = "";

    for (enum channel c = 0; c < CHANNELS; c++)
        if (couriers->by[c].state)
            ways = arena_printf(&cli->arena, "%s%s%s", ways, *ways ? ", " : "", channels.at[c]);
    return ways;
}

static int64_t failed_of(const struct errands *e)
{
    return e->messages.failed + e->messages.put_off + e->webhooks.attempts - e->webhooks.delivered;
}

static json_t *reasons_json(const struct errands *e)
{
    const struct tally *const both[] = {&e->messages.why, &e->webhooks.why};
    json_t *list = json_array();

    for (size_t t = 0; t < COUNT(both); t++)
        for (size_t i = 0; i < both[t]->n; i++) {
            const struct tally_row *r = &both[t]->at[i];

            json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s}", "way", r->way, "failed",
                                                  (json_int_t)r->n, "tried_again",
                                                  (json_int_t)r->again, "why", r->why));
        }
    return list;
}

static void print_reasons(struct cli *cli, const struct errands *e)
{
    static const struct table_column columns[] = {
        {"WAY",         false},
        {"FAILED",      true },
        {"TRIED AGAIN", true },
        {"WHY",         false}
    };
    const struct tally *const both[] = {&e->messages.why, &e->webhooks.why};
    struct table t;

    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t k = 0; k < COUNT(both); k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            const struct tally_row *r = &both[k]->at[i];

            table_text(&t, r->way);
            table_int(&t, r->n);
            table_int(&t, r->again);
            table_text(&t, r->why);
        }
    table_print(&t, stdout);
}

static void tell(struct cli *cli, const struct errands *e)
{
    const struct notify_done *m = &e->messages;
    const struct webhook_done *w = &e->webhooks;
    int64_t const lost = w->attempts - w->delivered;

    if (cli->json) {
        cli_print_json(json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "taken",
                                 (json_int_t)m->dispatched, "ways", e->ways, "sent",
                                 (json_int_t)m->sent, "failed", (json_int_t)m->failed, "put_off",
                                 (json_int_t)m->put_off, "dropped", (json_int_t)m->dropped,
                                 "webhooks", (json_int_t)w->delivered, "webhooks_failed",
                                 (json_int_t)lost, "reasons", reasons_json(e)));
        return;
    }
    printf("%lld events taken\n", (long long)m->dispatched);
    printf("messages: %lld sent, %lld failed, %lld put off, %lld dropped\n", (long long)m->sent,
           (long long)m->failed, (long long)m->put_off, (long long)m->dropped);
    printf("webhooks: %lld sent, %lld failed\n", (long long)w->delivered, (long long)lost);
    if (!*e->ways) printf("no message leaves: mail_url, text_url and push_url are empty\n");
    if (failed_of(e)) print_reasons(cli, e);
}

static int run_courier(struct cli *cli, int argc, char **argv)
{
    CLEANUP(couriers_close) struct couriers couriers = {0};
    struct sigaction const stop = {.sa_handler = on_signal};
    struct errands errands = {0};
    const char *why = NULL;
    bool once = false;
    const struct cli_option options[] = {
        {"once", NULL, &once}
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, courier_commands, why);
    NEED_DATABASE(cli);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    enum status s = couriers_open(&cli->settings, &couriers, &cli->err);
    if (s == OK) s = once ? work_once(cli, &couriers, &errands) : work(cli, &couriers);
    if (s != OK) return cli_fail(cli, s);
    errands.ways = ways_of(cli, &couriers);
    if (once) tell(cli, &errands);
    return failed_of(&errands) ? EXIT_REFUSED : EXIT_DONE;
}

/* clang-format off */
const struct command courier_commands[] = {
    {"courier", "[--once]", "Send what was decided: messages to people, and webhooks.",
     run_courier},
    {0},
};
/* clang-format on */
