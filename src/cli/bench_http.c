/* bench_http: `foyer bench http` - how many reads a second the server answers beside a bare evhttp
 * handler in the same run, how long they take at half that load, and what an open stream of events
 * weighs. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench.h"
#include "cli/bench_load.h"
#include "http/key.h"

const struct fault BENCH_HTTP = {E_INTERNAL, "bench.http",
                                 "The server or its client failed while it was measured."};

enum { CONNECTIONS = 64, MEMBERS = 1000, STREAMS = 2000, LOOP_MS = 20, WARM_NS = 300000000 };

#define MEMBER "/v1/accounts/member-00000001"
/* The reads that apps ask for most. */
static const struct read_op {
    const char *op, *path;
} reads[] = {
    {"membership.get", MEMBER "/membership"  },
    {"charge.list",    MEMBER "/charges"     },
    {"method.list",    MEMBER "/methods"     },
    {"preview.next",   MEMBER "/preview/next"},
    {"plan.list",      "/v1/plans?country=DE"},
    {"banner.list",    MEMBER "/banners"     },
};
enum { READS = COUNT(reads) };

/* Of one op: pairs of runs in turn, ours and the bare handler's. */
struct figures {
    double ratio[BENCH_PAIRS_MAX], ours[BENCH_PAIRS_MAX], bare[BENCH_PAIRS_MAX];
    double p99_ms[BENCH_PAIRS_MAX], bare_p99_ms[BENCH_PAIRS_MAX]; /* at half of what ours does */
};

struct meter {
    struct bench bench;
    struct error *e;
    int64_t pairs, ns, streams;
    struct progress bar; /* pairs */
    const char *secret;
    char log[700], request[600];
    struct figures of[READS];
    int64_t bytes_per_stream;
};

struct peer {
    pid_t pid;
    int64_t port;
};

static void peer_end(struct peer *p)
{
    if (p->pid <= 0) return;
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    p->pid = 0;
}

static void pause_ms(int64_t ms)
{
    machine_this()->pause(NULL, ms);
}

static enum status start_bare(struct meter *m, size_t body_bytes, struct peer *p)
{
    int ends[2];

    if (pipe(ends) != 0) return failf(m->e, &BENCH_HTTP, "%s", strerror(errno));
    p->pid = fork();
    if (p->pid == 0) bare_http(ends[1], body_bytes);
    close(ends[1]);
    bool const good = p->pid > 0 && read(ends[0], &p->port, sizeof p->port) == sizeof p->port;
    close(ends[0]);
    return good ? OK : failf(m->e, &BENCH_HTTP, "the bare handler does not start");
}

/* The log says where it listens, once it does. */
static bool find_port(const char *path, int64_t *port)
{
    char line[2048];
    CLEANUP(cli_close) FILE *f = fopen(path, "r");

    while (f && fgets(line, sizeof line, f)) {
        const char *at = strstr(line, "\"listening\"") ? strstr(line, "\"port\":") : NULL;

        if (at) *port = strtoll(at + 7, NULL, 10);
        if (at) return *port > 0;
    }
    return false;
}

static enum status start_ours(struct meter *m, struct peer *p)
{
    static const char limits[] = "connections_per_address_max=8000,"
                                 "requests_per_connection_max=1000000000";
    const char *key_file = m->bench.cli->key_file;

    unlink(m->log);
    p->pid = fork();
    if (p->pid == 0) {
        if (key_file) setenv("FOYER_KEY_FILE", key_file, 1);
        execl("/proc/self/exe", "foyer", "--db", m->bench.place.run, "serve", "--listen",
              "127.0.0.1:0", "--no-work", "--log", m->log, "--limits", limits, (char *)NULL);
        _exit(1);
    }
    for (int i = 0; i < 500; i++, pause_ms(LOOP_MS))
        if (find_port(m->log, &p->port)) return OK;
    return failf(m->e, &BENCH_HTTP, "the server does not start");
}

static enum status load_it(struct meter *m, int64_t port, double per_second, struct loaded *out)
{
    struct load const l = {.port = port,
                           .connections = CONNECTIONS,
                           .request = m->request,
                           .ns = m->ns,
                           .per_second = per_second};

    if (!load_run(&l, out)) return failf(m->e, &BENCH_HTTP, "%s", out->why);
    if (out->refused)
        return failf(m->e, &BENCH_HTTP, "%lld times %.*s is refused", (long long)out->refused,
                     (int)strcspn(m->request, "\r"), m->request);
    return OK;
}

static double per_second(const struct loaded *l)
{
    return l->ns ? (double)l->answered * 1e9 / (double)l->ns : 0;
}

/* The first run of an op warms it and tells how long its answers are. */
static enum status learn_size(struct meter *m, int64_t port, size_t *body_bytes)
{
    enum { HEAD = 400 }; /* evhttp's head is shorter than ours: the body of the bare one makes up */
    struct meter short_one = *m;
    struct loaded l;

    short_one.ns = m->ns < WARM_NS ? m->ns : WARM_NS;
    TRY(load_it(&short_one, port, 0, &l));
    *body_bytes = l.answer_bytes > HEAD ? (size_t)l.answer_bytes - HEAD : 1;
    return OK;
}

static enum status measure_pair(struct meter *m, struct figures *f, int64_t i, int64_t ours,
                                int64_t bare)
{
    struct loaded of_ours, of_bare;

    if (i % 2) TRY(load_it(m, ours, 0, &of_ours));
    TRY(load_it(m, bare, 0, &of_bare));
    if (i % 2 == 0) TRY(load_it(m, ours, 0, &of_ours));
    f->ours[i] = per_second(&of_ours);
    f->bare[i] = per_second(&of_bare);
    f->ratio[i] = f->ours[i] / f->bare[i];
    TRY(load_it(m, ours, f->ours[i] / 2, &of_ours));
    TRY(load_it(m, bare, f->ours[i] / 2, &of_bare));
    f->p99_ms[i] = (double)of_ours.p99_ns / 1e6;
    f->bare_p99_ms[i] = (double)of_bare.p99_ns / 1e6;
    return OK;
}

static void set_request(struct meter *m, const char *path)
{
    snprintf(m->request, sizeof m->request,
             "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path,
             m->secret);
}

static enum status measure_op(struct meter *m, size_t op, int64_t port)
{
    CLEANUP(peer_end) struct peer bare = {0};
    size_t body_bytes = 0;

    set_request(m, reads[op].path);
    TRY(learn_size(m, port, &body_bytes));
    TRY(start_bare(m, body_bytes, &bare));
    for (int64_t i = 0; i < m->pairs; i++) TRY(measure_pair(m, &m->of[op], i, port, bare.port));
    return OK;
}

static enum status measure(struct meter *m)
{
    CLEANUP(peer_end) struct peer ours = {0};
    char why[160] = "";

    TRY(start_ours(m, &ours));
    for (size_t op = 0; op < READS; op++) TRY(measure_op(m, op, ours.port));
    set_request(m, "/v1/events");
    if (m->streams &&
        !load_streams(ours.port, m->request, m->streams, ours.pid, &m->bytes_per_stream, why))
        return failf(m->e, &BENCH_HTTP, "%s", why);
    return OK;
}

/* ---- the service that is measured ---- */

static enum status make_key(struct meter *m, struct arena *a, const char **secret)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct key_create const in = {.name = "bench", .scopes = "*", .roles = "system"};
    struct key_made made;

    TRY(db_open(m->bench.place.run, &db, m->e));
    db_key_file(db, m->bench.cli->key_file);
    struct ctx cx = {.db = db,
                     .arena = a,
                     .err = m->e,
                     .now = (BENCH_FIRST_DAY - 1) * 86400000,
                     .settings = &settings_default,
                     .actor = {.role = ROLE_SYSTEM}};
    TRY(key_create(&cx, &in, &made));
    *secret = made.secret;
    return OK;
}

/* Members who have been billed once. */
static enum status prepare(struct meter *m, struct arena *a)
{
    struct bench_result billed;

    snprintf(m->bench.label, sizeof m->bench.label, "making members");
    TRY(bench_add_members(&m->bench, m->e));
    TRY(place_copy(&m->bench.place, m->e));
    snprintf(m->bench.label, sizeof m->bench.label, "billing them");
    TRY(bench_foyer(&m->bench, &billed, m->e));
    TRY(make_key(m, a, &m->secret));
    const char *folder = m->bench.place.pg ? "/tmp" : m->bench.place.folder;
    snprintf(m->log, sizeof m->log, "%s/foyer-bench-%ld.log", folder, (long)getpid());
    return OK;
}

static enum status bench_http(struct meter *m, const char *db_url, struct arena *a)
{
    enum status st = place_make(&m->bench.place, db_url, m->e);

    if (st == OK) st = prepare(m, a);
    progress_begin(&m->bar, m->bench.cli, "measuring reads", m->pairs * READS);
    if (st == OK) st = measure(m);
    progress_end(&m->bar);
    unlink(m->log);
    place_remove(&m->bench.place);
    return st;
}

/* ---- the command ---- */

/* The op that comes closest to what is too slow. */
static size_t slowest(const struct meter *m)
{
    size_t least = 0;

    for (size_t op = 1; op < READS; op++)
        if (bench_median(m->of[op].ratio, m->pairs) < bench_median(m->of[least].ratio, m->pairs))
            least = op;
    return least;
}

static json_t *op_figures(const struct meter *m, size_t op)
{
    const struct figures *f = &m->of[op];

    return json_pack("{s:s, s:f, s:I, s:I, s:f, s:f}", "op", reads[op].op, "ratio",
                     bench_median(f->ratio, m->pairs), "requests_per_second",
                     (json_int_t)bench_median(f->ours, m->pairs), "bare_per_second",
                     (json_int_t)bench_median(f->bare, m->pairs), "p99_half_load_ms",
                     bench_median(f->p99_ms, m->pairs), "bare_p99_ms",
                     bench_median(f->bare_p99_ms, m->pairs));
}

static double worst_p99(const struct meter *m)
{
    double worst = 0;

    for (size_t op = 0; op < READS; op++) {
        double const it = bench_median(m->of[op].p99_ms, m->pairs);

        if (it > worst) worst = it;
    }
    return worst;
}

static void print_json(const struct meter *m)
{
    json_t *ops = json_array();

    for (size_t op = 0; op < READS; op++) json_array_append_new(ops, op_figures(m, op));
    cli_print_json(json_pack("{s:s, s:i, s:f, s:s, s:f, s:o, s:I, s:I}", "db",
                             m->bench.place.pg ? "postgresql" : "sqlite", "connections",
                             CONNECTIONS, "ratio", bench_median(m->of[slowest(m)].ratio, m->pairs),
                             "slowest", reads[slowest(m)].op, "p99_half_load_ms", worst_p99(m),
                             "ops", ops, "streams", (json_int_t)m->streams, "bytes_per_stream",
                             (json_int_t)m->bytes_per_stream));
}

static void print_figures(const struct cli *cli, const struct meter *m)
{
    if (cli->json) {
        print_json(m);
        return;
    }
    printf("%d connections; ratio beside a bare evhttp handler that answers as much; p99 at half "
           "of ours\n\n  %-16s %6s %10s %10s %9s %9s\n",
           CONNECTIONS, "op", "ratio", "ours/s", "bare/s", "p99 ms", "bare ms");
    for (size_t op = 0; op < READS; op++) {
        const struct figures *f = &m->of[op];

        printf("  %-16s %6.3f %10.0f %10.0f %9.3f %9.3f\n", reads[op].op,
               bench_median(f->ratio, m->pairs), bench_median(f->ours, m->pairs),
               bench_median(f->bare, m->pairs), bench_median(f->p99_ms, m->pairs),
               bench_median(f->bare_p99_ms, m->pairs));
    }
    if (m->streams)
        printf("\n  %lld bytes for each of %lld open streams of events\n",
               (long long)m->bytes_per_stream, (long long)m->streams);
}

static int run_http(struct cli *cli, int argc, char **argv)
{
    const char *pairs = NULL, *ms = NULL, *streams = NULL, *why = NULL;
    static struct meter m;
    const struct cli_option options[] = {
        {"pairs",   &pairs,   NULL},
        {"ms",      &ms,      NULL},
        {"streams", &streams, NULL},
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, bench_http_commands, why);
    m = (struct meter){
        .bench = {.cli = cli, .members = MEMBERS, .days = 1, .batch = settings_default.batch_size},
        .e = &cli->err
    };
    if (!bench_number(pairs, 5, 1, BENCH_PAIRS_MAX, &m.pairs) ||
        !bench_number(ms, 2000, 10, 600000, &m.ns) ||
        !bench_number(streams, STREAMS, 0, 4000, &m.streams))
        return cli_usage(cli, bench_http_commands, "a number is missing or out of range");
    m.ns *= 1000000;
    struct rlimit files = {0};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    enum status const st = bench_http(&m, cli->db_url, &cli->arena);
    if (st != OK) return cli_fail(cli, st);
    print_figures(cli, &m);
    return EXIT_DONE;
}

/* clang-format off */
const struct command bench_http_commands[] = {
    {"bench http", "[--pairs N] [--ms N] [--streams N]",
     "Measure reads over HTTP beside a bare handler.", run_http},
    {0},
};
/* clang-format on */
