/* desk: gives each thread that answers its catalog, settings, clock and gateway, and calls the API.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/desk.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "account/account.h"
#include "catalog/catalog.h"
#include "http/api.h"
#include "http/route.h"
#include "notify/notify.h"
#include "payments/payments.h"

/* What was looked up is looked up again after so long. */
enum { FRESH_MS = 500 };

struct desk {
    struct arena catalog_arena, settings_arena;
    const struct catalog *catalog;
    struct settings settings;
    struct clock_state clock;
    struct gateway *gateway; /* NULL until an op asks for it */
    int64_t looked_at;
    uint64_t answered; /* requests, whatever came of them */
};

/* A catalog that was applied since counts from the next request. */
static enum status refresh_catalog(struct desk *d, struct ctx *cx)
{
    struct ctx own = *cx;
    struct catalog_version *newest;
    size_t n;

    TRY(catalog_versions(cx, 1, &newest, &n));
    if (d->catalog && n && d->catalog->version == newest->version) return OK;
    d->catalog = NULL;
    arena_reset(&d->catalog_arena);
    own.arena = &d->catalog_arena;
    return catalog_load(&own, 0, &d->catalog);
}

/* A test clock that a read sees in its own transaction need not be asked for before. */
static bool tells_time(const struct desk *d, enum api_lane lane)
{
    return d->clock.is_test && lane == API_READ;
}

static enum status tell_time(struct ctx *cx)
{
    struct clock_state clock;

    TRY(clock_read(cx, machine_now(), &clock));
    cx->now = clock.now;
    return OK;
}

static enum status refresh(const struct cli *cli, struct desk *d, struct ctx *cx,
                           enum api_lane lane)
{
    int64_t const now = machine_now();
    bool const fresh = d->looked_at && now - d->looked_at < FRESH_MS;

    if (fresh && tells_time(d, lane)) return OK;
    if (fresh && !d->clock.is_test) {
        d->clock.now = now;
        return OK;
    }
    TRY(clock_read(cx, now, &d->clock));
    if (fresh) return OK;
    TRY(refresh_catalog(d, cx));
    arena_reset(&d->settings_arena);
    struct cli lookup = {.given = cli->given};
    lookup.cx = *cx;
    lookup.cx.arena = &d->settings_arena;
    TRY(cli_settings(&lookup, &d->settings));
    d->looked_at = now;
    return OK;
}

/* ---- what is quick ---- */

/* Reads that have shown to take less are answered on the loop thread: to hand them over to another
 * and back would take longer. */
enum { QUICK_US = 250, OPS_MAX = 512, SHARE = 8 };
/* To ask for a thread's time is a call into the kernel: one request of so many is measured. A
 * prime, so that clients who ask in turn hide nothing. */
enum { MEASURE_EVERY = 7 };

/* By op; what a read has cost of its thread's time, the newest most of all. The ids are constants,
 * so that their addresses tell them apart. */
static struct cost {
    _Atomic(const char *) id;
    atomic_int_fast64_t us; /* 0: not known yet */
} costs[OPS_MAX];

static struct cost *cost_of(const char *id)
{
    size_t at = (uintptr_t)id / 8 % OPS_MAX;

    for (size_t i = 0; i < OPS_MAX; i++, at = (at + 1) % OPS_MAX) {
        const char *there = NULL;

        if (atomic_compare_exchange_strong(&costs[at].id, &there, id) || there == id)
            return &costs[at];
    }
    return &costs[0];
}

static int64_t thread_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void learn(const char *id, int64_t us)
{
    struct cost *c = cost_of(id);
    int64_t const before = atomic_load_explicit(&c->us, memory_order_relaxed);

    atomic_store_explicit(&c->us, before ? before + (us - before) / SHARE : us + 1,
                          memory_order_relaxed);
}

/* What is read in somebody's name, or takes a proof, may be written down, and that waits for the
 * disk. */
static bool is_quick(const struct http_request *rq)
{
    struct op_route r;

    if (http_header_of(rq, "Foyer-Actor")) return false;
    route_find(rq->method, rq->path, &r);
    if (!r.op || r.op->proof) return false;
    int64_t const us = atomic_load_explicit(&cost_of(r.op->id)->us, memory_order_relaxed);
    return us && us <= QUICK_US;
}

static enum status join(void *arg, struct hand *h, struct error *e)
{
    (void)arg, (void)e;
    if (!h->own) h->own = memory_new(sizeof(struct desk));
    return OK;
}

static void leave(void *arg, struct hand *h)
{
    struct desk *d = h->own;

    (void)arg;
    gateway_close(d->gateway);
    arena_clear(&d->catalog_arena);
    arena_clear(&d->settings_arena);
    memory_free(d);
    h->own = NULL;
}

static enum lane lane_of(void *arg, const struct http_request *rq)
{
    static const enum lane lanes[] = {[API_AT_ONCE] = LANE_NOW,
                                      [API_READ] = LANE_READ,
                                      [API_WRITE] = LANE_WRITE,
                                      [API_OUTSIDE] = LANE_OUTSIDE};
    enum lane const lane = lanes[api_lane(rq)];

    (void)arg;
    return lane == LANE_READ && is_quick(rq) ? LANE_QUICK : lane;
}

static enum status prepare(const struct cli *cli, struct desk *d, struct ctx *cx,
                           enum api_lane lane)
{
    TRY(refresh(cli, d, cx, lane));
    cx->now = d->clock.now;
    cx->settings = &d->settings;
    return lane == API_OUTSIDE && !d->gateway
               ? gateway_open_for(d->settings.payment_gateway, cli->db_url, d->clock.is_test,
                                  &d->gateway, cx->err)
               : OK;
}

static void answer(void *arg, struct hand *h, struct arena *a, const struct http_request *rq,
                   struct http_answer *an, struct error *e)
{
    const struct cli *cli = arg;
    struct ctx cx = {.arena = a, .err = e};

    if (!h) {
        api_answer(&cx, NULL, rq, an);
        return;
    }
    struct desk *d = h->own;
    cx.db = h->db;
    enum api_lane const lane = api_lane(rq);
    if (prepare(cli, d, &cx, lane) != OK) {
        http_problem(a, rq, e, an);
        return;
    }
    struct world const world = {
        .machine = machine_this(), .gateway = d->gateway, .test_clock = d->clock.is_test};
    struct op_world const w = {.catalog = d->catalog,
                               .world = &world,
                               .find_member = account_number,
                               .find_erased = account_erased,
                               .tell_time = tells_time(d, lane) ? tell_time : NULL,
                               .give_way = machine_give_way};
    bool const measure = d->answered++ % MEASURE_EVERY == 0;
    int64_t const began = measure ? thread_us() : 0;
    api_answer(&cx, &w, rq, an);
    if (measure && an->op && an->status == 200) learn(an->op, thread_us() - began);
}

struct serve_app desk_app(struct cli *cli)
{
    machine_this(); /* its name is made once, before there are threads */
    return (struct serve_app){.arg = cli,
                              .lane = lane_of,
                              .join = join,
                              .leave = leave,
                              .answer = answer,
                              .facts = event_facts};
}
