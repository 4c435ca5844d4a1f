/* serve: `foyer serve` answers requests and does the chores; `foyer work` does the chores alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/serve.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli/chore.h"
#include "cli/confined.h"
#include "cli/desk.h"
#include "cli/limits.h"
#include "http/metric.h"

static const struct fault SERVE_LOG = {E_INTERNAL, "serve.log",
                                       "The log cannot be written there; see --log."};

static void say(const struct log *log, const char *event, const char *address, int64_t port)
{
    struct log_line line;

    log_begin(&line, machine_now(), event);
    log_text(&line, "address", address);
    if (port) log_int(&line, "port", port);
    log_finish(&line);
    log_write(log, line.text, line.n);
}

/* Blocked in all threads, so that they come to us alone. */
static void await_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static void wait_for(const sigset_t *set)
{
    int got;

    while (sigwait(set, &got) != 0) continue;
}

static void note_failure(void *arg, const struct fault *why)
{
    serve_note_failure(arg, why);
}

struct serving {
    const struct serve_options *options;
    bool no_work, unconfined;
};

static enum status serve_until_told(struct cli *cli, const struct serving *how)
{
    const struct serve_options *o = how->options;
    const char *const reads[] = {o->certificate, o->key};
    struct crew *crew = NULL;
    struct serve *s;
    sigset_t set;

    await_signals(&set);
    machine_this(); /* its name is made once, before there are threads */
    if (!how->unconfined) TRY(cli_confine(cli, o->log, reads, COUNT(reads)));
    TRY(serve_start(o, &s, &cli->err));
    say(o->log, "listening", o->address, serve_port(s));
    if (!how->no_work) crew = crew_start(cli, o->log, note_failure, s);
    wait_for(&set);
    say(o->log, "stopping", NULL, 0);
    crew_stop(crew);
    int64_t const cut_off = serve_stop(s);
    say(o->log, cut_off ? "stopped, and cut requests off" : "stopped", NULL, 0);
    return OK;
}

int cli_check_listen(struct cli *cli, const struct command *c, const struct serve_options *o)
{
    enum status const st = serve_check(o, &cli->err);

    if (st == OK) return EXIT_DONE;
    return cli->err.fault == &SERVE_ADDRESS ? cli_usage(cli, c, SERVE_ADDRESS.text)
                                            : cli_fail(cli, st);
}

static bool read_count(const char *text, int64_t max, int64_t *out)
{
    return !text || (int_parse(text, out) && *out >= 1 && *out <= max);
}

static enum status open_log(struct cli *cli, const char *path, struct log *log)
{
    if (log_open(log, path ? path : "-")) return OK;
    return failf(&cli->err, &SERVE_LOG, "%s: %s", path, strerror(errno));
}

static int run_serve(struct cli *cli, int argc, char **argv)
{
    const char *log_path = NULL, *workers = NULL, *loops = NULL, *limits = NULL, *why = NULL;
    struct serve_app const app = desk_app(cli);
    struct serve_options o = serve_defaults;
    struct serving how = {.options = &o};
    struct log log;
    const struct cli_option options[] = {
        {"listen",        &o.address,       NULL           },
        {"certificate",   &o.certificate,   NULL           },
        {"key",           &o.key,           NULL           },
        {"trusted-proxy", &o.trusted_proxy, NULL           },
        {"log",           &log_path,        NULL           },
        {"workers",       &workers,         NULL           },
        {"loops",         &loops,           NULL           },
        {"limits",        &limits,          NULL           },
        {"no-work",       NULL,             &how.no_work   },
        {"unconfined",    NULL,             &how.unconfined},
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, serve_commands, why);
    if (!read_count(workers, 256, &o.writers))
        return cli_usage(cli, serve_commands, "--workers is a number from 1 to 256");
    if (!read_count(loops, 64, &o.loops))
        return cli_usage(cli, serve_commands, "--loops is a number from 1 to 64");
    if (!limits_read(limits, &cli->arena, &o))
        return cli_usage(cli, serve_commands,
                         "--limits is NAME=NUMBER,...; the manual page has the names");
    int const refused = cli_check_listen(cli, serve_commands, &o);
    if (refused) return refused;
    NEED_DATABASE(cli);
    if (workers) o.readers = o.writers;
    o.app = &app;
    o.db_url = cli->db_url;
    o.key_file = cli->key_file;
    o.log = &log;
    enum status st = open_log(cli, log_path, &log);
    if (st == OK) st = serve_until_told(cli, &how);
    log_close(&log);
    return st == OK ? EXIT_DONE : cli_fail(cli, st);
}

static int run_work(struct cli *cli, int argc, char **argv)
{
    const char *log_path = NULL, *why = NULL;
    bool unconfined = false;
    const struct cli_option options[] = {
        {"log",        &log_path, NULL       },
        {"unconfined", NULL,      &unconfined},
    };
    struct log log;
    sigset_t set;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, serve_commands + 1, why);
    NEED_DATABASE(cli);
    enum status st = open_log(cli, log_path, &log);
    if (st != OK) return cli_fail(cli, st);
    await_signals(&set);
    machine_this(); /* its name is made once, before there are threads */
    if (!unconfined) st = cli_confine(cli, &log, NULL, 0);
    if (st != OK) return cli_fail(cli, st);
    struct crew *crew = crew_start(cli, &log, NULL, NULL);
    say(&log, "working", NULL, 0);
    wait_for(&set);
    crew_stop(crew);
    say(&log, "stopped", NULL, 0);
    log_close(&log);
    return EXIT_DONE;
}

/* clang-format off */
const struct command serve_commands[] = {
    {"serve", "[--listen ADDRESS:PORT] [--certificate FILE --key FILE] [--trusted-proxy ADDRESS] "
              "[--log FILE|-] [--workers N] [--loops N] [--limits LIST] [--no-work] [--unconfined]",
     "Answer requests over HTTP, and bill what is due.", run_serve},
    {"work", "[--log FILE|-] [--unconfined]", "Bill what is due, until told to stop.", run_work},
    {0},
};
/* clang-format on */
