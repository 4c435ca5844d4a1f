/* bench_run: one measured run of each side. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "bench_sql.h"
#include "cli/bench.h"
#include "payments/payments.h"

const struct fault BENCH_BARE = {E_INTERNAL, "bench.bare",
                                 "The bare loop failed; nothing was measured."};
const struct fault BENCH_UNEQUAL = {
    E_INTERNAL, "bench.unequal",
    "The run did not renew every member once, so its time says nothing."};

int64_t bench_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double bench_median(const double *list, int64_t n)
{
    double at[BENCH_PAIRS_MAX];

    memcpy(at, list, sizeof *at * (size_t)n);
    qsort(at, (size_t)n, sizeof *at, by_value);
    return (at[(n - 1) / 2] + at[n / 2]) / 2;
}

bool bench_number(const char *text, int64_t fallback, int64_t least, int64_t max, int64_t *out)
{
    *out = fallback;
    return !text || (int_parse(text, out) && *out >= least && *out <= max);
}

/* What is seen of a run while it goes on. */
struct watcher {
    struct progress bar;
    int64_t batch, begun_ns, *commits_ns;
    size_t n, room;
};

static void on_commit(void *arg, bool done)
{
    struct watcher *w = arg;

    if (!done) {
        w->begun_ns = bench_ns();
        return;
    }
    if (w->n == w->room) {
        w->room = w->room ? 2 * w->room : 1024;
        w->commits_ns = memory_grow(w->commits_ns, w->room * sizeof *w->commits_ns);
    }
    w->commits_ns[w->n++] = bench_ns() - w->begun_ns;
    int64_t const booked = (int64_t)w->n / 2 * w->batch; /* a batch commits twice */
    progress_step(&w->bar, booked < w->bar.total ? booked : w->bar.total);
}

static void on_step(void *arg, int64_t done)
{
    struct watcher *w = arg;

    progress_step(&w->bar, done);
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int64_t p99(struct watcher *w)
{
    if (w->n == 0) return 0;
    qsort(w->commits_ns, w->n, sizeof *w->commits_ns, by_size);
    return w->commits_ns[(w->n * 99 + 99) / 100 - 1];
}

/* The sandbox in memory, which forgets old keys as real providers do after a day: its store is the
 * provider's and must not be taken for memory of ours. */
struct provider {
    struct gateway gateway, *sandbox;
    size_t kept;
};
enum { KEYS_KEPT = 50000 };

static enum status charge(void *state, const struct gateway_charge *charges, size_t n,
                          struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct provider *p = state;

    if (p->kept + n > KEYS_KEPT) {
        gateway_close(p->sandbox);
        p->sandbox = NULL;
        TRY(sandbox_open("sqlite::memory:", &p->sandbox, e));
        p->kept = 0;
    }
    p->kept += n;
    return p->sandbox->charge(p->sandbox->state, charges, n, answers, a, e);
}

static enum status look_up(void *state, const struct gateway_question *questions, size_t n,
                           struct gateway_answer *answers, struct arena *a, struct error *e)
{
    const struct provider *p = state;

    return p->sandbox->look_up(p->sandbox->state, questions, n, answers, a, e);
}

static enum status events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e)
{
    const struct provider *p = state;

    return p->sandbox->events(p->sandbox->state, after, at, out, n, max, a, e);
}

static enum status provider_open(struct provider *p, struct error *e)
{
    TRY(sandbox_open("sqlite::memory:", &p->sandbox, e));
    p->gateway = (struct gateway){.name = p->sandbox->name,
                                  .state = p,
                                  .charge = charge,
                                  .look_up = look_up,
                                  .events = events};
    return OK;
}

static void provider_close(struct provider *p)
{
    gateway_close(p->sandbox);
}

static enum status changes(struct ctx *cx, int64_t *rows)
{
    struct bench_changes_row row;

    if (db_is_pg(cx->db)) return *rows = 0, OK; /* the server tells later */
    TRY(bench_changes(cx, &row, &DB_NO_ROW));
    *rows = row.changes;
    return OK;
}

static enum status measure(struct ctx *cx, const struct bench *b, struct watcher *w,
                           struct bench_result *r)
{
    CLEANUP(provider_close) struct provider provider = {0};
    struct world const world = {
        .machine = machine_this(), .gateway = &provider.gateway, .test_clock = true};
    int64_t rows_before;

    TRY(provider_open(&provider, cx->err));
    TRY(changes(cx, &rows_before));
    db_watch(cx->db, on_commit, w);
    int64_t const begun = bench_ns();
    TRY(payments_run(cx, &world, (BENCH_FIRST_DAY + b->days) * DAY_MS));
    r->ns = bench_ns() - begun;
    db_watch(cx->db, NULL, NULL);
    TRY(changes(cx, &r->rows));
    r->rows -= rows_before;
    r->commit_p99_ns = p99(w);
    return OK;
}

static enum status check(struct ctx *cx, const struct bench *b, struct bench_result *r)
{
    struct bench_captured_row row;

    TRY(bench_captured(cx, &row, &DB_NO_ROW));
    r->renewals = row.captured;
    return row.captured == b->members ? OK
                                      : failf(cx->err, &BENCH_UNEQUAL, "%lld of %lld",
                                              (long long)row.captured, (long long)b->members);
}

enum status bench_foyer(const struct bench *b, struct bench_result *r, struct error *e)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    CLEANUP(db_closep) struct db *db = NULL;
    struct settings settings = settings_default;
    struct watcher w = {.batch = b->batch};

    TRY(db_open(b->place.run, &db, e));
    settings.batch_size = b->batch;
    struct ctx cx = {.db = db,
                     .arena = &arena,
                     .err = e,
                     .now = BENCH_FIRST_DAY * DAY_MS,
                     .settings = &settings,
                     .actor = {.role = ROLE_SYSTEM}};
    progress_begin(&w.bar, b->cli, b->label, b->members);
    enum status st = measure(&cx, b, &w, r);
    progress_end(&w.bar);
    memory_free(w.commits_ns);
    if (st == OK) st = check(&cx, b, r);
    return st;
}

enum status bench_bare(const struct bench *b, struct bench_result *r, struct error *e)
{
    struct watcher w = {0};
    struct bare bare = {.where = b->place.pg ? b->place.run : b->place.run + strlen("sqlite:"),
                        .batch = b->batch,
                        .until_day = BENCH_FIRST_DAY + b->days,
                        .step = on_step,
                        .arg = &w};

    progress_begin(&w.bar, b->cli, b->label, b->members);
    int64_t const begun = bench_ns();
    bool const good =
        b->place.pg ? bare_pg(&bare, &r->renewals) : bare_sqlite(&bare, &r->renewals, &r->rows);
    r->ns = bench_ns() - begun;
    progress_end(&w.bar);
    if (!good) return failf(e, &BENCH_BARE, "%s", bare.why);
    return r->renewals == b->members ? OK
                                     : failf(e, &BENCH_UNEQUAL, "bare: %lld of %lld",
                                             (long long)r->renewals, (long long)b->members);
}
