/* lease: joining, sharing and fencing. SPDX-License-Identifier: Apache-2.0 */
#include "db/lease.h"

#include <string.h>

#include "base/sabotage.h"
#include "lease_sql.h"

const struct fault LEASE_LOST = {E_BUSY, "lease.lost",
                                 "Another worker has taken over; this batch was not booked."};

enum { LEASE_MS = 10000 };

static bool is_over(const struct machine *m, const struct worker_row *w)
{
    return w->alive_until <= m->wall_ms(m->arg) || m->process_gone(m->arg, w->process);
}

/* Forgets workers whose time is over or whose process is gone, and frees their buckets. A process
 * that joins is at work nowhere else: what bears its name is a former try whose COMMIT reply was
 * lost. */
static enum status bury(struct ctx *cx, const struct machine *m, bool joining)
{
    struct worker_row *rows;
    size_t n;

    TRY(workers_all(cx, &rows, &n, .max = BUCKETS));
    for (size_t i = 0; i < n; i++) {
        bool const former = joining && strcmp(rows[i].process, m->process) == 0;

        if (!former && !is_over(m, &rows[i])) continue;
        TRY(buckets_free(cx, NULL, .worker_id = rows[i].worker_id));
        TRY(worker_remove(cx, NULL, .worker_id = rows[i].worker_id));
    }
    return OK;
}

static void find_range(struct lease *l)
{
    int64_t start = 0;

    l->first = 0;
    l->last = -1;
    for (int64_t b = 0; b <= BUCKETS; b++) {
        if (b < BUCKETS && l->held[b]) continue;
        if (b - start > l->last - l->first + 1) {
            l->first = start;
            l->last = b - 1;
        }
        start = b + 1;
    }
}

/* Each of n workers, in order of their numbers, is due one n-th of the buckets, contiguously. */
static enum status share(struct ctx *cx, struct lease *l)
{
    struct worker_row *workers;
    struct bucket_row *buckets;
    size_t n, n_buckets, mine = 0;

    TRY(workers_all(cx, &workers, &n, .max = BUCKETS));
    while (mine < n && workers[mine].worker_id != l->worker_id) mine++;
    if (mine == n) return fail(cx->err, &LEASE_LOST, NULL);
    int64_t const first = (int64_t)(BUCKETS * mine / n), end = (int64_t)(BUCKETS * (mine + 1) / n);
    TRY(buckets_release(cx, NULL, .worker_id = l->worker_id, .first = first, .last = end - 1));
    TRY(buckets_take(cx, NULL, .worker_id = l->worker_id, .first = first, .last = end - 1));
    TRY(buckets_of(cx, &buckets, &n_buckets, .worker_id = l->worker_id, .max = BUCKETS));
    for (size_t b = 0; b < BUCKETS; b++) l->held[b] = false;
    for (size_t i = 0; i < n_buckets; i++) l->held[buckets[i].bucket] = true;
    find_range(l);
    return OK;
}

static enum status add_buckets(struct ctx *cx)
{
    struct bucket_add_in rows[BUCKETS];

    for (int64_t b = 0; b < BUCKETS; b++) rows[b].bucket = b;
    return bucket_add(cx, rows, BUCKETS, NULL);
}

enum status lease_join(struct ctx *cx, const struct machine *m, struct lease *l)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    *l = (struct lease){.last = -1};
    TRY(db_id(cx, &l->worker_id));
    TRY(bury(cx, m, true));
    TRY(add_buckets(cx));
    TRY(worker_add(cx, NULL, .worker_id = l->worker_id, .process = m->process,
                   .alive_until = m->wall_ms(m->arg) + LEASE_MS));
    TRY(share(cx, l));
    return tx_commit(&tx);
}

enum status lease_renew(struct ctx *cx, const struct machine *m, struct lease *l)
{
    TX tx = {0};
    int64_t alive;

    TRY(tx_begin(&tx, cx));
    TRY(worker_alive(cx, &alive, .worker_id = l->worker_id,
                     .alive_until = m->wall_ms(m->arg) + LEASE_MS));
    if (!alive) return fail(cx->err, &LEASE_LOST, NULL);
    TRY(bury(cx, m, false));
    TRY(share(cx, l));
    return tx_commit(&tx);
}

/* Buckets are only ever taken from a worker together with its row, so that row stands for them all.
 */
enum status lease_check(struct ctx *cx, const struct machine *m, const struct lease *l)
{
    int64_t alive;

    TRY(worker_alive(cx, &alive, .worker_id = l->worker_id,
                     .alive_until = m->wall_ms(m->arg) + LEASE_MS));
    return alive || SABOTAGE("no_fence") ? OK : fail(cx->err, &LEASE_LOST, NULL);
}

enum status lease_leave(struct ctx *cx, struct lease *l)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(buckets_free(cx, NULL, .worker_id = l->worker_id));
    TRY(worker_remove(cx, NULL, .worker_id = l->worker_id));
    *l = (struct lease){.last = -1};
    return tx_commit(&tx);
}
