/* lane: queues of requests and the workers behind them. On SQLite there is one writer, and the
 * requests that wait for it while it commits are its next group: they share one transaction, one
 * part each, and one flush of the disk; none is answered before that.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>
#include <time.h>

#include "http/job.h"
#include "http/keeper.h"
#include "http/probe.h"

enum { GROUP_MAX = 64, REOPEN_MS = 500 };

int64_t job_clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void job_refuse(struct job *j, int status, const struct fault *f)
{
    struct arena *a = &j->arena;

    j->an = (struct http_answer){.status = status, .type = "application/problem+json"};
    j->an.body =
        arena_printf(a,
                     "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
                     "\"detail\":\"%s\",\"code\":\"%s\",\"request\":\"%s\"}\n",
                     http_phrase(status), status, f->text, f->code, j->rq.id ? j->rq.id : "");
    j->an.body_bytes = strlen(j->an.body);
    if (status == 503 || status == 429) http_answer_header(&j->an, "Retry-After", "1");
}

/* ---- hands ---- */

static void hand_try(struct hand *h, struct error *e)
{
    const struct serve_app *app = h->options->app;

    h->tried_at = job_clock_us() / 1000;
    if (db_open(h->options->db_url, &h->db, e) != OK) return;
    db_key_file(h->db, h->options->key_file);
    db_set_writer(h->db, h->writer);
    db_share_memory(h->db);
    if (db_check_version(h->db, e) == OK && (!app->join || app->join(app->arg, h, e) == OK)) return;
    db_close(h->db);
    h->db = NULL;
}

void hand_prepare(struct hand *h, const struct serve_options *o, struct metrics *m, int64_t writer)
{
    *h = (struct hand){.options = o, .metrics = m, .writer = writer & 1023};
}

void hand_open(struct hand *h, const struct serve_options *o, struct metrics *m, int64_t writer)
{
    struct error e = {0};

    hand_prepare(h, o, m, writer);
    if (o->db_url) hand_try(h, &e);
}

bool hand_ready(struct hand *h, struct error *e)
{
    if (!h->options->db_url) return true;
    if (!h->db && job_clock_us() / 1000 - h->tried_at >= REOPEN_MS) hand_try(h, e);
    if (!h->db) return false;
    return db_alive(h->db, e) == OK;
}

void hand_close(struct hand *h)
{
    const struct serve_app *app = h->options->app;

    if (h->db && app->leave) app->leave(app->arg, h);
    db_close(h->db);
    h->db = NULL;
}

static void refuse_gone(struct job *j)
{
    job_refuse(j, 503, &DB_GONE);
}

/* A database that went away in the middle of it is no fault of ours, and nothing was done: unless
 * the reply to a COMMIT was lost, which 504 says and a repeated call under the same key finds out.
 */
void hand_answer(struct hand *h, struct job *j)
{
    const struct serve_app *app = h->options->app;
    struct error e = {0};

    if (!hand_ready(h, &e)) {
        refuse_gone(j);
        return;
    }
    if (probe_is_ready(&j->rq))
        probe_ready(h, j);
    else
        app->answer(app->arg, h, &j->arena, &j->rq, &j->an, &j->err);
    if (j->an.status >= 500 && j->an.status != 504 && h->db && !db_connected(h->db)) refuse_gone(j);
    if (j->an.status >= 500) keeper_note(h->options, h->metrics, j->err.fault);
}

/* ---- queues ---- */

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, empty;
    struct job *first, **last;
    int64_t n, at_work, max;
    bool stopping;
    enum metric_gauge gauge;
};

struct worker {
    pthread_t thread;
    struct lanes *lanes;
    struct queue *queue;
    int64_t writer;
    bool groups;
};

struct lanes {
    const struct serve_options *options;
    struct metrics *metrics;
    void (*done)(struct job *j);
    void (*wrote)(void *arg);
    void *arg;
    struct queue queues[LANES];
    struct worker *workers;
    size_t n_workers;
};

static void queue_init(struct queue *q, int64_t max, enum metric_gauge gauge)
{
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->filled, NULL);
    pthread_cond_init(&q->empty, NULL);
    q->last = &q->first;
    q->max = max;
    q->gauge = gauge;
}

/* The lane that a request waits in: quick ones come here only where the database is another
 * machine's. */
static struct queue *queue_of(struct lanes *l, enum lane lane)
{
    return &l->queues[lane == LANE_QUICK ? LANE_READ : lane];
}

bool lanes_put(struct lanes *l, struct job *j)
{
    struct queue *q = queue_of(l, j->lane);

    j->next = NULL;
    j->queued_us = job_clock_us();
    pthread_mutex_lock(&q->lock);
    bool const room = q->n < q->max && !q->stopping;
    if (room) {
        *q->last = j;
        q->last = &j->next;
        q->n++;
        pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->lock);
    if (room) metric_move(l->metrics, q->gauge, 1);
    return room;
}

/* At most max of what waits; waits for the first. 0: it is over. */
static size_t take(struct lanes *l, struct queue *q, struct job **jobs, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&q->lock);
    while (!q->first && !q->stopping) pthread_cond_wait(&q->filled, &q->lock);
    while (q->first && n < max) {
        jobs[n] = q->first;
        q->first = jobs[n++]->next;
    }
    if (!q->first) q->last = &q->first;
    q->n -= (int64_t)n;
    q->at_work += (int64_t)n;
    pthread_mutex_unlock(&q->lock);
    metric_move(l->metrics, q->gauge, -(int64_t)n);
    return n;
}

static void finish(struct lanes *l, struct queue *q, struct job **jobs, size_t n)
{
    for (size_t i = 0; i < n; i++) l->done(jobs[i]);
    pthread_mutex_lock(&q->lock);
    q->at_work -= (int64_t)n;
    if (!q->n && !q->at_work) pthread_cond_broadcast(&q->empty);
    pthread_mutex_unlock(&q->lock);
}

static bool is_late(const struct lanes *l, const struct job *j)
{
    return job_clock_us() - j->queued_us > l->options->queue_ms * 1000;
}

static void refuse_late(struct job *j)
{
    job_refuse(j, 503, &HTTP_BUSY);
}

static void answer_alone(const struct lanes *l, struct hand *h, struct job *j)
{
    if (is_late(l, j))
        refuse_late(j);
    else
        hand_answer(h, j);
}

/* ---- groups ---- */

static void refuse_part(struct job *j, const struct error *why)
{
    bool const lasts = why->fault == &DB_FULL || why->fault == &DB_BUSY;

    job_refuse(j, 503, lasts ? why->fault : &DB_RACE);
    j->err = *why;
}

/* Everything of the group is in its transaction. Where that cannot be committed nothing of any of
 * them was done, and all may come again. */
static void answer_group(const struct lanes *l, struct hand *h, struct job **jobs, size_t n)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct error e = {0};
    struct ctx cx = {.db = h->db, .arena = &arena, .err = &e};
    enum status s = db_group_begin(&cx);

    for (size_t i = 0; i < n && s == OK; i++) answer_alone(l, h, jobs[i]);
    if (s == OK) s = db_group_commit(&cx);
    if (s != OK) keeper_note(l->options, l->metrics, e.fault);
    for (size_t i = 0; i < n && s != OK; i++) refuse_part(jobs[i], &e);
    metric_add(l->metrics, COUNT_GROUPS, 1);
    metric_add(l->metrics, COUNT_GROUP_JOBS, n);
}

/* Those that have waited too long wait for no group any more; what is left comes first. */
static size_t drop_late(struct worker *w, struct job **jobs, size_t n)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_late(w->lanes, jobs[i])) {
            jobs[left++] = jobs[i];
            continue;
        }
        refuse_late(jobs[i]);
        finish(w->lanes, w->queue, &jobs[i], 1);
    }
    return left;
}

static void answer_all(const struct worker *w, struct hand *h, struct job **jobs, size_t n)
{
    struct error e = {0};

    if (w->groups && n > 1 && hand_ready(h, &e))
        answer_group(w->lanes, h, jobs, n);
    else
        for (size_t i = 0; i < n; i++) answer_alone(w->lanes, h, jobs[i]);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct job *jobs[GROUP_MAX];
    struct hand hand;
    bool const writes = w->queue != &w->lanes->queues[LANE_READ];
    size_t n;

    hand_open(&hand, w->lanes->options, w->lanes->metrics, w->writer);
    while ((n = take(w->lanes, w->queue, jobs, w->groups ? GROUP_MAX : 1)) > 0) {
        n = drop_late(w, jobs, n);
        answer_all(w, &hand, jobs, n);
        if (writes && w->lanes->wrote) w->lanes->wrote(w->lanes->arg);
        finish(w->lanes, w->queue, jobs, n);
    }
    hand_close(&hand);
    return NULL;
}

static void add_workers(struct lanes *l, enum lane lane, int64_t n, bool groups)
{
    for (int64_t i = 0; i < n; i++) {
        struct worker *w = &l->workers[l->n_workers++];

        *w = (struct worker){.lanes = l,
                             .queue = &l->queues[lane],
                             .groups = groups,
                             .writer = (int64_t)l->n_workers};
    }
}

struct lanes *lanes_new(const struct serve_options *o, struct metrics *m,
                        void (*done)(struct job *), void (*wrote)(void *), void *arg)
{
    static const enum metric_gauge gauges[LANES] = {[LANE_READ] = GAUGE_QUEUE_READ,
                                                    [LANE_WRITE] = GAUGE_QUEUE_WRITE,
                                                    [LANE_OUTSIDE] = GAUGE_QUEUE_OUTSIDE};
    struct lanes *l = memory_new(sizeof *l);
    bool const lite = o->db_url && strncmp(o->db_url, "sqlite:", 7) == 0;
    int64_t const writers = lite ? 1 : o->writers;

    *l = (struct lanes){.options = o, .metrics = m, .done = done, .wrote = wrote, .arg = arg};
    l->workers = memory_new(sizeof *l->workers * (size_t)(o->readers + writers + o->outsiders));
    for (size_t i = 0; i < LANES; i++) queue_init(&l->queues[i], o->queue_max, gauges[i]);
    add_workers(l, LANE_READ, o->readers, false);
    add_workers(l, LANE_WRITE, writers, lite);
    add_workers(l, LANE_OUTSIDE, o->outsiders, false);
    for (size_t i = 0; i < l->n_workers; i++) {
        int const failed = pthread_create(&l->workers[i].thread, NULL, work, &l->workers[i]);
        assert(!failed);
    }
    return l;
}

static bool queue_drain(struct queue *q, const struct timespec *until)
{
    int late = 0;

    pthread_mutex_lock(&q->lock);
    while ((q->n || q->at_work) && !late) late = pthread_cond_timedwait(&q->empty, &q->lock, until);
    bool const drained = !q->n && !q->at_work;
    pthread_mutex_unlock(&q->lock);
    return drained;
}

bool lanes_drain(struct lanes *l, int64_t ms)
{
    struct timespec until;
    bool drained = true;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    for (size_t i = 0; i < LANES; i++) drained &= queue_drain(&l->queues[i], &until);
    return drained;
}

void lanes_free(struct lanes *l)
{
    if (!l) return;
    for (size_t i = 0; i < LANES; i++) {
        pthread_mutex_lock(&l->queues[i].lock);
        l->queues[i].stopping = true;
        pthread_cond_broadcast(&l->queues[i].filled);
        pthread_mutex_unlock(&l->queues[i].lock);
    }
    for (size_t i = 0; i < l->n_workers; i++) pthread_join(l->workers[i].thread, NULL);
    for (size_t i = 0; i < LANES; i++) {
        pthread_mutex_destroy(&l->queues[i].lock);
        pthread_cond_destroy(&l->queues[i].filled);
        pthread_cond_destroy(&l->queues[i].empty);
    }
    memory_free(l->workers);
    memory_free(l);
}
