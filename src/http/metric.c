/* metric: counts, and writes what was counted. SPDX-License-Identifier: Apache-2.0 */
#include "http/metric.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

/* Upper ends of the histogram's buckets; the last has none. */
static const int64_t ends_us[METRIC_BUCKETS - 1] = {250,   500,    1000,   2500,    5000,   10000,
                                                    25000, 100000, 250000, 1000000, 5000000};

/* clang-format off */
static const struct {
    const char *name, *help;
} gauges[] = {
    [GAUGE_CONNECTIONS] = {"foyer_http_connections", "Connections that are open."},
    [GAUGE_STREAMS] = {"foyer_http_streams", "Event streams that are open."},
    [GAUGE_QUEUE_READ] = {"foyer_queue_read_jobs", "Requests that wait for a reading worker."},
    [GAUGE_QUEUE_WRITE] = {"foyer_queue_write_jobs", "Requests that wait for a writing worker."},
    [GAUGE_QUEUE_OUTSIDE] = {"foyer_queue_outside_jobs",
     "Requests that wait for a worker that asks gateways."},
    [GAUGE_DATABASE_FULL] = {"foyer_database_full",
     "1 while writes fail for want of room, else 0."},
    [GAUGE_DATABASE_BUSY] = {"foyer_database_busy",
     "1 while somebody else keeps the database from being written to, else 0."},
};
static const struct {
    const char *name, *help;
} counts[] = {
    [COUNT_CONNECTIONS] = {"foyer_http_connections_accepted_total", "Connections accepted."},
    [COUNT_CONNECTIONS_DENIED] = {"foyer_http_connections_denied_total",
     "Connections closed at once, over a limit."},
    [COUNT_CLIENTS_LEFT] = {"foyer_http_clients_left_total",
     "Clients that left before their answer."},
    [COUNT_DEADLINES] = {"foyer_http_deadlines_total", "Connections that a deadline ended."},
    [COUNT_QUEUE_FULL] = {"foyer_queue_full_total", "Requests refused because a queue was full."},
    [COUNT_GROUPS] = {"foyer_write_groups_total", "Commits of grouped writes."},
    [COUNT_GROUP_JOBS] = {"foyer_write_group_jobs_total", "Requests that such commits held."},
    [COUNT_EVENTS] = {"foyer_http_events_total", "Events sent to streams."},
    [COUNT_CHORES_FAILED] = {"foyer_chores_failed_total", "Background work that failed."},
};
/* clang-format on */

void metric_add(struct metrics *m, enum metric_count what, uint64_t n)
{
    atomic_fetch_add_explicit(&m->counts[what], n, memory_order_relaxed);
}

void metric_move(struct metrics *m, enum metric_gauge what, int64_t by)
{
    atomic_fetch_add_explicit(&m->gauges[what], by, memory_order_relaxed);
}

void metric_set(struct metrics *m, enum metric_gauge what, int64_t to)
{
    atomic_store_explicit(&m->gauges[what], to, memory_order_relaxed);
}

int64_t metric_get(const struct metrics *m, enum metric_gauge what)
{
    return atomic_load_explicit(&m->gauges[what], memory_order_relaxed);
}

/* The place of an op, taken without a lock: whoever comes second finds it filled. */
static struct metric_op *op_of(struct metrics *m, const char *id)
{
    uint32_t const hash = hash_text(id);

    for (size_t i = 0; i < METRIC_OPS_MAX; i++) {
        struct metric_op *o = &m->ops[(hash + i) % METRIC_OPS_MAX];
        const char *there = NULL;

        if (atomic_compare_exchange_strong(&o->id, &there, id) || strcmp(there, id) == 0) return o;
    }
    return &m->ops[0];
}

void metric_answer(struct metrics *m, const char *op, int status, int64_t us)
{
    struct metric_op *o = op_of(m, op ? op : "none");
    size_t bucket = 0;

    while (bucket < METRIC_BUCKETS - 1 && us > ends_us[bucket]) bucket++;
    atomic_fetch_add_explicit(&o->by_class[status / 100 % 6], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&o->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&o->sum_us, (uint64_t)us, memory_order_relaxed);
}

static uint64_t value(const atomic_uint_fast64_t *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

static void write_requests(const struct metrics *m, FILE *f)
{
    fprintf(f, "# HELP foyer_http_requests_total Requests answered, by op and class of status.\n"
               "# TYPE foyer_http_requests_total counter\n");
    for (size_t i = 0; i < METRIC_OPS_MAX; i++) {
        const struct metric_op *o = &m->ops[i];
        const char *id = atomic_load(&o->id);

        for (size_t k = 1; id && k < COUNT(o->by_class); k++)
            if (value(&o->by_class[k]))
                fprintf(f, "foyer_http_requests_total{op=\"%s\",status=\"%zuxx\"} %llu\n", id, k,
                        (unsigned long long)value(&o->by_class[k]));
    }
}

static void write_durations(const struct metrics *m, FILE *f)
{
    static const char name[] = "foyer_http_request_duration_seconds";

    fprintf(f, "# HELP %s From a request's last byte to its answer.\n# TYPE %s histogram\n", name,
            name);
    for (size_t i = 0; i < METRIC_OPS_MAX; i++) {
        const struct metric_op *o = &m->ops[i];
        const char *id = atomic_load(&o->id);
        uint64_t n = 0;

        for (size_t k = 0; id && k < METRIC_BUCKETS - 1; k++) {
            n += value(&o->buckets[k]);
            fprintf(f, "%s_bucket{op=\"%s\",le=\"%g\"} %llu\n", name, id, (double)ends_us[k] / 1e6,
                    (unsigned long long)n);
        }
        if (!id) continue;
        n += value(&o->buckets[METRIC_BUCKETS - 1]);
        fprintf(f, "%s_bucket{op=\"%s\",le=\"+Inf\"} %llu\n%s_sum{op=\"%s\"} %g\n", name, id,
                (unsigned long long)n, name, id, (double)value(&o->sum_us) / 1e6);
        fprintf(f, "%s_count{op=\"%s\"} %llu\n", name, id, (unsigned long long)n);
    }
}

static void write_plain(const struct metrics *m, FILE *f)
{
    for (size_t i = 0; i < GAUGES; i++)
        fprintf(f, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", gauges[i].name, gauges[i].help,
                gauges[i].name, gauges[i].name,
                (long long)atomic_load_explicit(&m->gauges[i], memory_order_relaxed));
    for (size_t i = 0; i < COUNTS; i++)
        fprintf(f, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", counts[i].name, counts[i].help,
                counts[i].name, counts[i].name, (unsigned long long)value(&m->counts[i]));
}

char *metrics_text(const struct metrics *m, struct arena *a)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f) return arena_strdup(a, "");
    fprintf(f,
            "# HELP foyer_build_info The version that runs.\n# TYPE foyer_build_info gauge\n"
            "foyer_build_info{version=\"%s\"} 1\n"
            "# HELP foyer_start_time_seconds When the server began.\n"
            "# TYPE foyer_start_time_seconds gauge\nfoyer_start_time_seconds %lld\n",
            FOYER_VERSION, (long long)(m->began_at / 1000));
    write_plain(m, f);
    write_requests(m, f);
    write_durations(m, f);
    fclose(f);
    char *copy = arena_memdup(a, text, n);
    memory_free(text);
    return copy;
}
