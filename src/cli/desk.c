/* desk: gives each thread that answers its catalog, settings, clock and gateway, and calls the API.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/desk.h"

#include "account/account.h"
#include "catalog/catalog.h"
#include "http/api.h"
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

static enum status refresh(const struct cli *cli, struct desk *d, struct ctx *cx)
{
    int64_t const now = machine_now();

    if (d->looked_at && now - d->looked_at < FRESH_MS && !d->clock.is_test) {
        d->clock.now = now;
        return OK;
    }
    TRY(clock_read(cx, now, &d->clock));
    if (d->looked_at && now - d->looked_at < FRESH_MS) return OK;
    TRY(refresh_catalog(d, cx));
    arena_reset(&d->settings_arena);
    struct cli lookup = {.given = cli->given};
    lookup.cx = *cx;
    lookup.cx.arena = &d->settings_arena;
    TRY(cli_settings(&lookup, &d->settings));
    d->looked_at = now;
    return OK;
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

    (void)arg;
    return lanes[api_lane(rq)];
}

static enum status prepare(const struct cli *cli, struct desk *d, struct ctx *cx, bool outside)
{
    TRY(refresh(cli, d, cx));
    cx->now = d->clock.now;
    cx->settings = &d->settings;
    return outside && !d->gateway ? gateway_open_for(d->settings.payment_gateway, cli->db_url,
                                                     d->clock.is_test, &d->gateway, cx->err)
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
    if (prepare(cli, d, &cx, api_lane(rq) == API_OUTSIDE) != OK) {
        http_problem(a, rq, e, an);
        return;
    }
    struct world const world = {
        .machine = machine_this(), .gateway = d->gateway, .test_clock = d->clock.is_test};
    struct op_world const w = {
        .catalog = d->catalog, .world = &world, .find_member = account_number};
    api_answer(&cx, &w, rq, an);
}

struct serve_app desk_app(struct cli *cli)
{
    machine_this(); /* its name is made once, before there are threads */
    return (struct serve_app){
        .arg = cli, .lane = lane_of, .join = join, .leave = leave, .answer = answer};
}
