/* bench: `foyer bench renewals` - how fast a month of renewals is rated, booked, collected and
 * settled, beside the limit that the database sets, measured in the same run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

const struct fault BENCH_DIED = {E_INTERNAL, "bench.died",
                                 "A measuring process ended before it was done."};

enum { MEMBERS_MAX = 100000000, FIELD_TEXT = 64 };

/* --- a process for each run --- */

typedef enum status (*job_fn)(const struct bench *b, struct bench_result *r, struct error *e);

struct report { /* through the pipe; the fault is a constant, at the same address in the parent */
    enum status status;
    struct bench_result result;
    struct error err;
};

static volatile sig_atomic_t child;

static void pass_on(int signal_number)
{
    (void)signal_number;
    if (child > 0) kill((pid_t)child, SIGKILL);
}

static void work(const struct bench *b, job_fn job, int to)
{
    struct report r = {0};

    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    r.status = job(b, &r.result, &r.err);
    r.err.field = NULL;
    _exit(write(to, &r, sizeof r) == sizeof r ? 0 : 1);
}

static enum status run_apart(const struct bench *b, job_fn job, struct bench_result *out,
                             struct error *e)
{
    struct report r = {0};
    struct rusage used = {0};
    int ends[2];

    if (pipe(ends) != 0) return failf(e, &BENCH_DIED, "%s", strerror(errno));
    pid_t const pid = fork();
    if (pid == 0) work(b, job, ends[1]);
    child = (sig_atomic_t)pid;
    close(ends[1]);
    ssize_t n = -1;
    while (pid > 0 && (n = read(ends[0], &r, sizeof r)) < 0 && errno == EINTR) continue;
    close(ends[0]);
    while (pid > 0 && wait4(pid, NULL, 0, &used) < 0 && errno == EINTR) continue;
    child = 0;
    if (n != (ssize_t)sizeof r) return fail(e, &BENCH_DIED, NULL);
    *e = r.err;
    *out = r.result;
    out->peak_rss_kib = used.ru_maxrss;
    return r.status;
}

/* --- pairs --- */

struct pair {
    struct bench_result foyer, bare;
};

static enum status run_side(struct bench *b, job_fn job, struct bench_result *r, struct error *e)
{
    int64_t before = 0, after = 0, bytes;

    TRY(place_copy(&b->place, e));
    if (b->place.pg) TRY(schemas_rows(&b->place, &before, e));
    TRY(place_bytes(&b->place, &bytes, e));
    TRY(run_apart(b, job, r, e));
    r->bytes_before = bytes;
    if (b->place.pg) {
        TRY(schemas_rows(&b->place, &after, e));
        r->rows = after - before;
    }
    return place_bytes(&b->place, &r->bytes, e);
}

static enum status make_members(const struct bench *b, struct bench_result *r, struct error *e)
{
    (void)r;
    return bench_add_members(b, e);
}

struct outcome {
    struct pair pairs[BENCH_PAIRS_MAX];
    int64_t n, indexes;
    bool durable;
};

/* Who goes first alternates, so that neither side always finds what the other left behind. */
static enum status run_pairs(struct bench *b, struct outcome *o, struct error *e)
{
    struct bench_result ignored;

    snprintf(b->label, sizeof b->label, "making members");
    TRY(run_apart(b, make_members, &ignored, e));
    for (int64_t i = 0; i < o->n; i++)
        for (int64_t side = 0; side < 2; side++) {
            bool const bare = (i + side) % 2 == 1;

            snprintf(b->label, sizeof b->label, "pair %lld of %lld, %s", (long long)i + 1,
                     (long long)o->n, bare ? "bare loop" : "foyer");
            TRY(run_side(b, bare ? bench_bare : bench_foyer,
                         bare ? &o->pairs[i].bare : &o->pairs[i].foyer, e));
        }
    TRY(place_durable(&b->place, &o->durable, e));
    return place_indexes(&b->place, &o->indexes, e);
}

/* --- figures --- */

static double per_second(const struct bench_result *r)
{
    return r->ns ? (double)r->renewals * 1e9 / (double)r->ns : 0;
}

static double foyer_speed(const struct pair *p)
{
    return per_second(&p->foyer);
}
static double bare_speed(const struct pair *p)
{
    return per_second(&p->bare);
}
static double ratio(const struct pair *p)
{
    return per_second(&p->foyer) / per_second(&p->bare);
}
static double foyer_rows(const struct pair *p)
{
    return (double)p->foyer.rows / (double)p->foyer.renewals;
}
static double bare_rows(const struct pair *p)
{
    return (double)p->bare.rows / (double)p->bare.renewals;
}
static double commit_ms(const struct pair *p)
{
    return (double)p->foyer.commit_p99_ns / 1e6;
}
static double peak_rss(const struct pair *p)
{
    return (double)p->foyer.peak_rss_kib;
}
static double weight(const struct pair *p)
{
    return (double)p->foyer.bytes / (double)p->foyer.renewals;
}

static double growth(const struct pair *p)
{
    return (double)(p->foyer.bytes - p->foyer.bytes_before) / (double)p->foyer.renewals;
}

static double median(const struct outcome *o, double (*figure)(const struct pair *))
{
    double at[BENCH_PAIRS_MAX];

    for (int64_t i = 0; i < o->n; i++) at[i] = figure(&o->pairs[i]);
    return bench_median(at, o->n);
}

static const struct figure {
    const char *name, *meaning;
    double (*of)(const struct pair *);
    double unit; /* it is rounded to multiples of it */
} figures[] = {
    {"renewals_per_second", "rated, booked, collected and settled",   foyer_speed, 1    },
    {"bare_per_second",     "the bare loop beside it",                bare_speed,  1    },
    {"ratio",               "median of the pairs' ratios",            ratio,       0.001},
    {"rows_per_renewal",    "inserted, updated and deleted",          foyer_rows,  0.01 },
    {"bare_rows",           "the same of the bare loop",              bare_rows,   0.01 },
    {"commit_p99_ms",       "99 of 100 durable commits took less",    commit_ms,   0.001},
    {"peak_rss_kib",        "most memory that a run held",            peak_rss,    1    },
    {"bytes_per_member",    "on disk, after one month, with indexes", weight,      1    },
    {"bytes_per_renewal",   "of these, what the month has added",     growth,      1    },
};

static json_t *number(double value, double unit)
{
    double const steps = value / unit;
    json_int_t const whole = (json_int_t)(steps + 0.5);

    return unit >= 1 ? json_integer(whole) : json_real((double)whole / (1 / unit));
}

static void print_json(const struct bench *b, const struct outcome *o)
{
    json_t *j =
        json_pack("{s:I, s:s, s:s, s:I, s:I, s:b}", "members", (json_int_t)b->members, "db",
                  b->place.pg ? "postgresql" : "sqlite", "gateway", "sandbox", "batch_size",
                  (json_int_t)b->batch, "due_days", (json_int_t)b->days, "durable", o->durable);
    json_t *pairs = json_array();

    for (size_t f = 0; f < COUNT(figures); f++)
        json_object_set_new(j, figures[f].name, number(median(o, figures[f].of), figures[f].unit));
    json_object_set_new(j, "index_count", json_integer(o->indexes));
    for (int64_t i = 0; i < o->n; i++) {
        json_t *pair = json_object();

        for (size_t f = 0; f < COUNT(figures); f++)
            json_object_set_new(pair, figures[f].name,
                                number(figures[f].of(&o->pairs[i]), figures[f].unit));
        json_array_append_new(pairs, pair);
    }
    json_object_set_new(j, "pairs", pairs);
    cli_print_json(j);
}

static void print_table(const struct bench *b, const struct outcome *o)
{
    printf("%lld members on %s, %lld pair%s\n\n", (long long)b->members,
           b->place.pg ? "PostgreSQL" : "SQLite", (long long)o->n, o->n == 1 ? "" : "s");
    for (size_t f = 0; f < COUNT(figures); f++)
        printf("  %-20s %12.*f  %s\n", figures[f].name,
               figures[f].unit >= 1      ? 0
               : figures[f].unit > 0.005 ? 2
                                         : 3,
               median(o, figures[f].of), figures[f].meaning);
    printf("  %-20s %12lld  %s\n\n", "index_count", (long long)o->indexes,
           "indexes and primary keys of the tables written");
    for (int64_t i = 0; i < o->n; i++)
        printf("  pair %lld: %8.0f/s beside %8.0f/s, ratio %.3f\n", (long long)i + 1,
               foyer_speed(&o->pairs[i]), bare_speed(&o->pairs[i]), ratio(&o->pairs[i]));
}

/* --- the command --- */

static enum status bench_renewals(struct bench *b, struct outcome *o, struct error *e)
{
    struct sigaction const stop = {.sa_handler = pass_on};

    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    enum status st = place_make(&b->place, b->cli->db_url, e);
    if (st == OK) st = run_pairs(b, o, e);
    place_remove(&b->place);
    return st;
}

static int run_renewals(struct cli *cli, int argc, char **argv)
{
    const char *members = NULL, *pairs = NULL, *days = NULL, *batch = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"members", &members, NULL},
        {"pairs",   &pairs,   NULL},
        {"days",    &days,    NULL},
        {"batch",   &batch,   NULL},
    };
    struct bench b = {.cli = cli};
    static struct outcome o;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, bench_commands, why);
    if (!bench_number(members, 100000, 1, MEMBERS_MAX, &b.members) ||
        !bench_number(pairs, 5, 1, BENCH_PAIRS_MAX, &o.n) ||
        !bench_number(days, 1, 1, 28, &b.days) ||
        !bench_number(batch, settings_default.batch_size, 1, BARE_BATCH_MAX, &b.batch))
        return cli_usage(cli, bench_commands, "a number is missing or out of range");
    enum status const st = bench_renewals(&b, &o, &cli->err);
    if (st != OK) return cli_fail(cli, st);
    if (!o.durable)
        fprintf(stderr, "foyer: commits there do not survive a loss of power; the figures are of "
                        "memory, not of a disk\n");
    if (cli->json)
        print_json(&b, &o);
    else
        print_table(&b, &o);
    return EXIT_DONE;
}

/* clang-format off */
const struct command bench_commands[] = {
    {"bench renewals", "[--members N] [--pairs N] [--days N] [--batch N]",
     "Measure a month of renewals beside a bare loop.", run_renewals},
    {0},
};
/* clang-format on */
