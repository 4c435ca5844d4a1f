/* run: works through everything that is due, day by day: books renewals, collects them, does the
 * other steps, listens to the gateway, and recognises revenue at the ends of months. All state is
 * in the database, so it may be killed anywhere, and run twice at once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/calendar.h"
#include "db/clock.h"
#include "payments/authorization.h"
#include "payments/forget.h"
#include "payments/inbox.h"
#include "payments/repay.h"

enum {
    RERUNS_MAX = 50, /* races lost in a row before it says so */
    RENEW_MS = 2000, /* how often it says that it is alive */
    WAIT_MS = 50,
};

struct run {
    struct ctx cx;
    const struct world *world;
    int64_t until_at;
    struct lease lease;
    struct arena arena, catalog_arena;
    const struct catalog *catalog;
    int64_t catalog_version, renewed_at;
    int64_t retire_version, retire_month; /* for which members of retired plans were looked for */
};

const struct fault PAYMENTS_STOPPED = {
    E_BUSY, "payments.stopped",
    "It was told to stop, and did; what is due is done by the next run."};

typedef enum status (*batch_fn)(struct run *r, const struct shift *s, size_t *done);

static enum status renew(struct run *r)
{
    const struct machine *m = r->world->machine;
    enum status st = lease_renew(&r->cx, m, &r->lease);

    if (st == E_BUSY && r->cx.err->fault == &LEASE_LOST) st = lease_join(&r->cx, m, &r->lease);
    if (st == OK) r->renewed_at = m->wall_ms(m->arg);
    return st;
}

/* Runs one batch and reruns it when it loses a race. A lost COMMIT reply needs nothing else: what
 * was done is stored, and what is due is asked for anew. */
static enum status insist(struct run *r, batch_fn batch, const struct shift *s, size_t *done)
{
    enum status st;

    for (int i = 0; i < RERUNS_MAX; i++) {
        *done = 0;
        arena_reset(&r->arena);
        st = batch(r, s, done);
        if (st == E_UNKNOWN) return *done = 1, OK;
        if (st != E_BUSY) return st;
        if (i > 2) r->world->machine->pause(r->world->machine->arg, WAIT_MS);
        enum status const alive = renew(r);
        if (alive != OK && alive != E_BUSY && alive != E_UNKNOWN) return alive;
    }
    return st;
}

static enum status book(struct run *r, const struct shift *s, size_t *done)
{
    return billing_book_renewals(&r->cx, s, done);
}

static enum status step(struct run *r, const struct shift *s, size_t *done)
{
    return billing_do_steps(&r->cx, s, done);
}

static enum status collect_once(struct run *r, const struct shift *s, size_t *done)
{
    return payments_collect(&r->cx, r->world, s, done);
}

static enum status listen(struct run *r, const struct shift *s, size_t *done)
{
    if (r->world->deaf) return OK;
    return payments_take_events(&r->cx, r->world, s, done);
}

static enum status run_errands(struct run *r, const struct shift *s, size_t *done)
{
    return billing_do_errands(&r->cx, s, done);
}

static enum status authorize(struct run *r, const struct shift *s, size_t *done)
{
    return authorization_work(&r->cx, r->world, s, done);
}

static enum status repay(struct run *r, const struct shift *s, size_t *done)
{
    return repay_work(&r->cx, r->world, s, done);
}

static enum status forget(struct run *r, const struct shift *s, size_t *done)
{
    return forget_work(&r->cx, r->world, s, done);
}

/* The first UTC day on which anything is due; 0: none. */
static enum status first_due(struct run *r, const struct lease *l, int64_t *day)
{
    int64_t other;

    TRY(billing_first_due(&r->cx, l, 1, r->until_at, day));
    TRY(authorization_first_due(&r->cx, l, r->until_at, &other));
    if (other && (!*day || other < *day)) *day = other;
    TRY(repay_first_due(&r->cx, l, r->until_at, &other));
    if (other && (!*day || other < *day)) *day = other;
    TRY(forget_first_due(&r->cx, l, r->until_at, &other));
    if (other && (!*day || other < *day)) *day = other;
    TRY(billing_first_errand(&r->cx, l, r->until_at, &other));
    if (other && (!*day || other < *day)) *day = other;
    return OK;
}

static enum status collect(struct run *r, const struct shift *s)
{
    size_t done;

    do TRY(insist(r, collect_once, s, &done));
    while (done);
    return OK;
}

/* A catalog that was applied since counts from the next batch. */
static enum status refresh_catalog(struct run *r)
{
    struct ctx cx = r->cx;
    struct catalog_version *newest;
    size_t n;

    TRY(catalog_versions(&r->cx, 1, &newest, &n));
    if (r->catalog && n && r->catalog_version == newest->version) return OK;
    arena_reset(&r->catalog_arena);
    cx.arena = &r->catalog_arena;
    TRY(catalog_load(&cx, 0, &r->catalog));
    r->catalog_version = r->catalog->version;
    return OK;
}

static enum status keep_alive(struct run *r)
{
    const struct machine *m = r->world->machine;

    if (r->world->stopping && atomic_load(r->world->stopping))
        return fail(r->cx.err, &PAYMENTS_STOPPED, NULL);
    if (m->wall_ms(m->arg) - r->renewed_at < RENEW_MS) return OK;
    enum status const st = renew(r);
    return st == E_BUSY || st == E_UNKNOWN ? OK : st;
}

/* What the gateway told before this day comes before what is due on it, whoever worked on the days
 * before: so the order of a member's events never depends on which worker does what. */
static enum status hear_the_past(struct run *r, const struct shift *day)
{
    struct shift past = *day;
    size_t heard;

    past.until_at = day->due_day * DAY_MS;
    do TRY(insist(r, listen, &past, &heard));
    while (heard);
    return OK;
}

/* Everything of one UTC day, until nothing moves any more. What an attempt is answered comes before
 * what is due later on the same day, so that grace never ends while a payment is on its way. The
 * other steps wait for the last renewal: looking for them passes over every renewal that is due. */
static enum status work_day(struct run *r, struct shift *s)
{
    size_t booked, stepped, ran, heard, asked, repaid, forgotten;

    TRY(collect(r, s));
    TRY(hear_the_past(r, s));
    do {
        TRY(keep_alive(r));
        if (r->lease.first > r->lease.last) return OK;
        TRY(collect(r, s));
        stepped = ran = heard = asked = repaid = forgotten = 0;
        TRY(insist(r, book, s, &booked));
        if (!booked) TRY(insist(r, step, s, &stepped));
        if (!booked) TRY(insist(r, run_errands, s, &ran));
        if (!booked && !stepped && !ran) TRY(insist(r, listen, s, &heard));
        if (!booked && !stepped && !ran) TRY(insist(r, authorize, s, &asked));
        if (!booked && !stepped && !ran) TRY(insist(r, repay, s, &repaid));
        if (!booked && !stepped && !ran) TRY(insist(r, forget, s, &forgotten));
    } while (booked || stepped || ran || heard || asked || repaid || forgotten);
    return OK;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Before *at nothing is due, and before *settled_at nothing is on its way or told and not heard, of
 * any worker's. One snapshot: what another collects between two looks would be seen by neither. */
static enum status done_until(struct run *r, int64_t *at, int64_t *settled_at)
{
    int64_t day, told_at;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &r->cx, TX_READ));
    TRY(first_due(r, NULL, &day));
    *at = day ? least(day * DAY_MS, r->until_at) : r->until_at;
    TRY(billing_collected_until(&r->cx, *at, settled_at));
    TRY(inbox_first(&r->cx, r->world->gateway, &told_at));
    if (told_at) *settled_at = least(*settled_at, told_at);
    return tx_commit(&tx);
}

/* What is told of others waits in the inbox from then on; *n counts what had not been read. */
static enum status read_until(struct run *r, int64_t at, size_t *n)
{
    size_t more = 1;

    for (*n = 0; !r->world->deaf && more; *n += more)
        TRY(inbox_read(&r->cx, r->world->gateway, at - 1, (size_t)r->cx.settings->batch_size,
                       &more));
    return OK;
}

static enum status close_until(struct run *r, int64_t at, int64_t settled_at)
{
    int64_t closed, closed_now;
    struct ctx cx = r->cx;
    struct settings const widest =
        r->catalog ? settings_widest(cx.settings, r->catalog) : *cx.settings;

    cx.settings = &widest; /* how late an invoice may still be paid, anywhere */
    TRY(billing_closed_until(&cx, &closed));
    TRY(billing_recognise_until(&cx, settled_at));
    TRY(billing_closed_until(&cx, &closed_now));
    if (closed_now > closed) TRY(billing_find_unused(&cx, at)); /* one pass over all, each month */
    return r->world->test_clock ? clock_advance(&r->cx, at) : OK;
}

/* *done is not 0 when it is to be tried again: what had been told and not been read comes first. */
static enum status close_months(struct run *r, const struct shift *s, size_t *done)
{
    int64_t at, read_at, settled_at;

    (void)s;
    TRY(done_until(r, &read_at, &settled_at));
    TRY(read_until(r, read_at, done));
    if (*done) return OK;
    TRY(done_until(r, &at, &settled_at)); /* another one may have read meanwhile */
    return close_until(r, at, least(settled_at, read_at));
}

/* As databases have kept it from the first: one more than month_of. */
static int64_t month_searched(int64_t day)
{
    return month_of(day) + 1;
}

static enum status find_retiring_once(struct run *r, const struct shift *s, size_t *done)
{
    int64_t const day_at = s->due_day * DAY_MS;

    (void)done;
    return retire_find(&r->cx, r->catalog, month_searched(s->due_day),
                       least(day_at, s->until_at - 1));
}

/* A look at all members, when a month begins and when a catalog is new. */
static enum status find_retiring(struct run *r, const struct shift *s)
{
    int64_t const month = month_searched(s->due_day);
    size_t done;

    if (r->retire_version == r->catalog_version && r->retire_month == month) return OK;
    TRY(insist(r, find_retiring_once, s, &done));
    r->retire_version = r->catalog_version;
    r->retire_month = month;
    return OK;
}

static enum status end_month(struct run *r, const struct shift *day)
{
    size_t again;

    do {
        TRY(hear_the_past(r, day));
        TRY(insist(r, close_months, day, &again));
    } while (again);
    return OK;
}

static enum status work_days(struct run *r)
{
    struct shift s = {
        .machine = r->world->machine, .lease = &r->lease, .test_clock = r->world->test_clock};
    int64_t day, last = 0;

    s.max = (size_t)r->cx.settings->batch_size;
    for (;;) {
        arena_reset(&r->arena);
        TRY(refresh_catalog(r));
        TRY(first_due(r, &r->lease, &day));
        bool const over = !day;
        s.catalog = r->catalog;
        s.due_day = over ? r->until_at / DAY_MS : day;
        s.until_at = over ? r->until_at : least((day + 1) * DAY_MS, r->until_at);
        if (last && month_of(s.due_day) != month_of(last)) TRY(end_month(r, &s));
        TRY(find_retiring(r, &s));
        TRY(work_day(r, &s));
        if (r->world->progress) r->world->progress(r->world->progress_arg, s.due_day);
        last = s.due_day;
        TRY(first_due(r, &r->lease, &day));
        if (over && !day) return OK; /* what was heard last may have made work due */
    }
}

/* Others may still be at work, or die at it: their part becomes ours then. */
static enum status work_until_all_is_done(struct run *r)
{
    int64_t day;

    for (;;) {
        if (r->lease.first <= r->lease.last) TRY(work_days(r));
        TRY(first_due(r, NULL, &day));
        bool const ours = r->lease.first == 0 && r->lease.last == BUCKETS - 1;
        if (ours || !day) return OK;
        r->world->machine->pause(r->world->machine->arg, WAIT_MS);
        enum status const st = renew(r);
        if (st != OK && st != E_BUSY && st != E_UNKNOWN) return st;
    }
}

static enum status work(struct run *r)
{
    size_t again;

    do {
        TRY(work_until_all_is_done(r));
        TRY(insist(r, close_months, NULL, &again));
    } while (again);
    return OK;
}

static enum status join(struct run *r)
{
    enum status st = E_BUSY;

    for (int i = 0; i < RERUNS_MAX && (st == E_BUSY || st == E_UNKNOWN); i++)
        st = lease_join(&r->cx, r->world->machine, &r->lease);
    r->renewed_at = r->world->machine->wall_ms(r->world->machine->arg);
    return st;
}

enum status payments_run(struct ctx *cx, const struct world *w, int64_t until_at)
{
    struct run r = {.cx = *cx, .world = w, .until_at = until_at};
    enum status st;

    TRY(gateway_check_clock(w->gateway, w->test_clock, cx->err));
    if (w->test_clock) r.cx.now = until_at;
    r.cx.arena = &r.arena;
    st = join(&r);
    if (st == OK) st = work(&r);
    struct error ignored = {0};
    if (st != OK) r.cx.err = &ignored; /* the reason must survive our leaving */
    if (r.lease.worker_id) (void)!lease_leave(&r.cx, &r.lease);
    arena_clear(&r.arena);
    arena_clear(&r.catalog_arena);
    return st;
}

enum status payments_collect_account(struct ctx *cx, const struct world *w, const struct catalog *c,
                                     int64_t account_id)
{
    struct shift const s = {.catalog = c,
                            .machine = w->machine,
                            .only_account = account_id,
                            .test_clock = w->test_clock,
                            .max = BUCKETS};
    enum status st = OK;
    size_t done = 1;

    TRY(gateway_check_clock(w->gateway, w->test_clock, cx->err));
    /* After a lost race or reply what is stored is asked for anew. */
    for (int lost = 0; lost < RERUNS_MAX && (st != OK || done); lost += st != OK) {
        st = payments_collect(cx, w, &s, &done);
        if (st != OK && st != E_BUSY && st != E_UNKNOWN) break;
    }
    return st;
}
