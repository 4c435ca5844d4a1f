/* feed: the outbox as events for open streams. One thread reads what was committed, in the order of
 * commits of each writer, and tells the loops. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/job.h"

/* What the feed tells a loop, in the order in which it happened. */
struct letter {
    struct letter *next;
    enum { LETTER_EVENT, LETTER_JOINED } kind;
    int64_t account_id; /* EVENT: whom it concerns */
    uint64_t stream;    /* JOINED: which may hear events from now on */
    char *id;           /* where the feed stands, as Last-Event-ID says it */
    char *text;         /* for owners; JOINED: what was missed, already for that stream */
    char *full;         /* EVENT: for operators */
};
void letter_free(struct letter *l);

struct feed;
/* `post` hands a letter over to a loop, which frees it. */
struct feed *feed_new(const struct serve_options *o, struct metrics *m, int64_t n_loops,
                      void (*post)(void *arg, int64_t loop, struct letter *l), void *arg);
/* Asks that a stream be told what it missed and join. account_id 0: all accounts. */
void feed_join(struct feed *f, int64_t loop, uint64_t stream, int64_t account_id,
               const char *last_id);
void feed_nudge(struct feed *f); /* something was committed */
void feed_free(struct feed *f);
