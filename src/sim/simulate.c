/* simulate: the command that runs the simulator. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "cli/cli.h"
#include "sim/sim.h"

struct wish {
    struct sim_options options;
    int64_t count;
    bool everywhere, json;
};

struct tally {
    int64_t failed, charges, crashes, injuries, started_at;
    json_t *failures;
};

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    return !text || (int_parse(text, out) && *out >= least && *out <= most);
}

static void tell_failure(const struct wish *w, const struct sim_report *r, struct tally *t)
{
    const struct sim_options *o = &w->options;
    char rerun[160];

    snprintf(rerun, sizeof rerun, "foyer simulate --seed %lld --members %lld --months %lld%s",
             (long long)o->seed, (long long)o->members, (long long)o->months,
             w->everywhere ? " --everywhere" : " --trace");
    if (w->json)
        json_array_append_new(t->failures, json_pack("{s:I, s:s, s:s}", "seed", (json_int_t)o->seed,
                                                     "reason", r->reason, "rerun", rerun));
    else
        printf("seed %lld failed: %s\n  again: %s\n", (long long)o->seed, r->reason, rerun);
    fflush(stdout);
}

static void run_seed(const struct wish *w, struct tally *t)
{
    struct sim_report r;

    if (w->everywhere)
        sim_everywhere(&w->options, &r);
    else
        sim_seed(&w->options, &r);
    t->failed += r.failed;
    t->charges += r.charges;
    t->crashes += r.crashes;
    t->injuries += r.injuries;
    if (r.failed) tell_failure(w, &r, t);
}

static int finish(const struct wish *w, struct tally *t)
{
    int64_t const ms = machine_now() - t->started_at;

    if (w->json)
        cli_print_json(json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "seeds", (json_int_t)w->count,
            "members", (json_int_t)w->options.members, "months", (json_int_t)w->options.months,
            "failed", (json_int_t)t->failed, "charges", (json_int_t)t->charges, "crashes",
            (json_int_t)t->crashes, "injuries", (json_int_t)t->injuries, "elapsed_ms",
            (json_int_t)ms, "failures", t->failures));
    else
        printf("simulate: %lld seeds, %lld members, %lld months: %lld failed, %lld charges, "
               "%lld crashes, %lld injuries, %lld.%lld s\n",
               (long long)w->count, (long long)w->options.members, (long long)w->options.months,
               (long long)t->failed, (long long)t->charges, (long long)t->crashes,
               (long long)t->injuries, (long long)(ms / 1000), (long long)(ms % 1000 / 100));
    return t->failed ? EXIT_REFUSED : EXIT_DONE;
}

static int simulate(struct cli *cli, struct wish *w)
{
    struct tally t = {.started_at = machine_now()};
    int64_t const first = w->options.seed;
    struct progress p;

    if (w->json) t.failures = json_array();
    progress_begin(&p, cli, "simulating", w->count);
    for (int64_t i = 0; i < w->count; i++) {
        w->options.seed = first + i;
        run_seed(w, &t);
        progress_step(&p, i + 1);
    }
    progress_end(&p);
    return finish(w, &t);
}

static int run_simulate(struct cli *cli, int argc, char **argv)
{
    struct wish w = {
        .options = {.seed = 1, .members = 200, .months = 24},
          .count = 1, .json = cli->json
    };
    const char *seed = NULL, *count = NULL, *members = NULL, *months = NULL, *why = NULL;
    const char *at = NULL, *kind = NULL;
    int64_t crash_kind = 0;
#ifdef FOYER_SABOTAGE
    const char *sabotage = NULL;
#endif
    const struct cli_option options[] = {
        {"seed",       &seed,     NULL              },
        {"count",      &count,    NULL              },
        {"members",    &members,  NULL              },
        {"months",     &months,   NULL              },
        {"crash-at",   &at,       NULL              },
        {"crash-kind", &kind,     NULL              },
        {"trace",      NULL,      &w.options.trace  },
#ifdef FOYER_SABOTAGE
        {"sabotage",   &sabotage, NULL              },
#endif
        {"examine",    NULL,      &w.options.examine},
        {"everywhere", NULL,      &w.everywhere     },
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, simulate_commands, why);
    if (!read_number(seed, 0, INT64_MAX / 2, &w.options.seed) ||
        !read_number(count, 1, 1000000000, &w.count) ||
        !read_number(members, 1, 100000, &w.options.members) ||
        !read_number(months, 1, 600, &w.options.months) ||
        !read_number(at, 0, INT64_MAX / 2, &w.options.crash_point) ||
        !read_number(kind, 0, SIM_CRASH_KINDS - 1, &crash_kind))
        return cli_usage(cli, simulate_commands, "a number is missing or out of range");
#ifdef FOYER_SABOTAGE
    sabotage_choose(sabotage);
#endif
    w.options.crash_kind = (int)crash_kind;
    w.options.calm = at && !w.options.crash_point;
    return simulate(cli, &w);
}

/* clang-format off */
const struct command simulate_commands[] = {
    {"simulate",
     "[--seed N] [--count K] [--members M] [--months T] [--everywhere] [--trace] [--crash-at N]",
     "Bill simulated years with failures of all kinds and audit them.", run_simulate},
    {0},
};
/* clang-format on */
