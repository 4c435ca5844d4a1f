/* metric: what the server counts, as Prometheus reads it. Every thread may count at any time.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>

#include "base/base.h"

enum metric_gauge {
    GAUGE_CONNECTIONS,
    GAUGE_STREAMS,
    GAUGE_QUEUE_READ,
    GAUGE_QUEUE_WRITE,
    GAUGE_QUEUE_OUTSIDE,
    GAUGE_DATABASE_FULL, /* 1: writes fail for want of room */
    GAUGE_DATABASE_BUSY, /* 1: writes wait in vain for somebody else */
    GAUGES,
};
enum metric_count {
    COUNT_CONNECTIONS,        /* accepted */
    COUNT_CONNECTIONS_DENIED, /* over a limit */
    COUNT_CLIENTS_LEFT,       /* before their answer */
    COUNT_DEADLINES,          /* connections ended by one */
    COUNT_QUEUE_FULL,
    COUNT_GROUPS,     /* commits that held the jobs of a group */
    COUNT_GROUP_JOBS, /* and how many jobs they held */
    COUNT_EVENTS,     /* sent to streams */
    COUNT_CHORES_FAILED,
    COUNTS,
};
enum { METRIC_OPS_MAX = 512, METRIC_BUCKETS = 12 };

struct metric_op {
    _Atomic(const char *) id;
    atomic_uint_fast64_t by_class[6]; /* of statuses: [2] is 2xx */
    atomic_uint_fast64_t buckets[METRIC_BUCKETS], sum_us;
};

struct metrics {
    atomic_int_fast64_t gauges[GAUGES];
    atomic_uint_fast64_t counts[COUNTS];
    struct metric_op ops[METRIC_OPS_MAX];
    int64_t began_at; /* Unix ms */
};

void metric_add(struct metrics *m, enum metric_count what, uint64_t n);
void metric_move(struct metrics *m, enum metric_gauge what, int64_t by);
void metric_set(struct metrics *m, enum metric_gauge what, int64_t to);
int64_t metric_get(const struct metrics *m, enum metric_gauge what);
/* A request was answered. `op` lives as long as the process; NULL: it reached none. */
void metric_answer(struct metrics *m, const char *op, int status, int64_t us);
/* Everything in Prometheus' text format. */
char *metrics_text(const struct metrics *m, struct arena *a);
