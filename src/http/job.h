/* job: a request on its way to its answer, and the lanes it takes: bounded queues, each with
 * threads that work them off. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <pthread.h>

#include "http/metric.h"
#include "http/serve.h"

/* Whoever works on a job sees the request, the answer and the arena. Its connection is the loop
 * thread's alone: a client that leaves takes its pointer out of the job, and the answer finds
 * nobody. */
struct job {
    struct job *next;
    struct conn *conn; /* NULL: the client has left */
    struct loop *loop;
    struct arena arena;
    struct http_request rq;
    struct http_answer an;
    struct error err;
    enum lane lane;
    bool is_head;
    int64_t came_us, queued_us; /* of a clock that only moves forward */
};

int64_t job_clock_us(void);
/* Refuses with a problem of this status, whatever the fault's own; 503 and 429 say when to come
 * again. The fault's texts hold nothing that JSON would escape. */
void job_refuse(struct job *j, int status, const struct fault *f);

/* What answers: opens the database if need be, answers, and makes of a lost database a 503. */
void hand_open(struct hand *h, const struct serve_options *o, struct metrics *m, int64_t writer);
/* The same, but opens nothing before the hand is wanted. */
void hand_prepare(struct hand *h, const struct serve_options *o, struct metrics *m, int64_t writer);
void hand_close(struct hand *h);
bool hand_ready(struct hand *h, struct error *e);
void hand_answer(struct hand *h, struct job *j);

struct lanes;
struct lanes *lanes_new(const struct serve_options *o, struct metrics *m,
                        void (*done)(struct job *j), void (*wrote)(void *arg), void *arg);
/* False: the lane is full. */
bool lanes_put(struct lanes *l, struct job *j);
/* Waits until everything that was put is done, at most so long; false when it was not. */
bool lanes_drain(struct lanes *l, int64_t ms);
void lanes_free(struct lanes *l); /* ends the threads */
