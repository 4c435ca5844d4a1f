/* serve: HTTP over sockets. Loop threads read requests and write answers; workers, which have a
 * database connection each, make the answers. What an answer says is the app's business.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/log.h"
#include "db/db.h"
#include "http/http.h"

struct metrics;

/* Where a request is answered. */
enum lane {
    LANE_NOW,     /* on the loop thread, without a database */
    LANE_QUICK,   /* on the loop thread where the database is SQLite: reads a row or two */
    LANE_READ,    /* by a reading worker */
    LANE_WRITE,   /* by a writing worker; on SQLite many share one commit */
    LANE_OUTSIDE, /* by a worker that may wait for gateways meanwhile */
    LANES,
};

/* A thread that answers, and what it keeps from one request to the next. */
struct hand {
    const struct serve_options *options;
    struct metrics *metrics;
    struct db *db; /* NULL: it cannot be reached at present */
    void *own;     /* the app's */
    int64_t tried_at;
    int64_t writer; /* its number as a maker of ids */
};

struct serve_app {
    void *arg;
    enum lane (*lane)(void *arg, const struct http_request *rq);
    /* Makes what a hand keeps; its database is open. May be NULL, as may `leave`. */
    enum status (*join)(void *arg, struct hand *h, struct error *e);
    void (*leave)(void *arg, struct hand *h);
    /* Answers. `h` is NULL in LANE_NOW. The fault of a refusal is in *e, for the log. */
    void (*answer)(void *arg, struct hand *h, struct arena *a, const struct http_request *rq,
                   struct http_answer *an, struct error *e);
    /* What streams of all accounts hear of a message's facts, JSON in the arena; NULL: nothing. */
    const char *(*facts)(struct arena *a, const char *topic, const char *body);
};

struct serve_options {
    const struct serve_app *app;
    const char *db_url;   /* NULL: without a database, every lane is LANE_NOW */
    const char *key_file; /* of the master key; NULL: see db_key_file */
    const char *address;  /* of --listen, "127.0.0.1:8080"; port 0 takes any that is free */
    const char *certificate, *key; /* PEM files of its own TLS; NULL: none */
    const char *trusted_proxy;     /* its X-Forwarded-For is believed; NULL: nobody's */
    const struct log *log;         /* NULL: no lines */
    int64_t loops, readers, writers, outsiders; /* threads; writers count on PostgreSQL only */
    int64_t queue_max;                          /* requests that wait for one kind of worker */
    int64_t connections_max, connections_per_address_max;
    int64_t requests_per_connection_max;
    int64_t body_bytes_max;
    int64_t idle_ms, head_ms, body_ms, write_ms; /* deadlines, each for the whole of it */
    int64_t queue_ms;                            /* a request that waited longer is refused */
    int64_t stop_ms;                             /* on stopping, for what was taken */
    int64_t stream_ms; /* event streams end after it, and come again with their key checked anew */
};
extern const struct serve_options serve_defaults;

extern const struct fault SERVE_ADDRESS, SERVE_PROXY, SERVE_LISTEN, SERVE_OPEN_ADDRESS, SERVE_TLS;

struct serve;

/* Whether the address can be listened on as it is written, before anything is done. Faults:
 * SERVE_ADDRESS, SERVE_PROXY, SERVE_OPEN_ADDRESS, SERVE_TLS for one of certificate and key alone.
 */
enum status serve_check(const struct serve_options *o, struct error *e) MUST_CHECK;
/* Binds and starts the threads. Faults: SERVE_ADDRESS, SERVE_PROXY, SERVE_LISTEN, SERVE_TLS;
 * SERVE_OPEN_ADDRESS for an address that others reach, without TLS or a named proxy. */
enum status serve_start(const struct serve_options *o, struct serve **out,
                        struct error *e) MUST_CHECK;
int64_t serve_port(const struct serve *s);
struct metrics *serve_metrics(struct serve *s);
/* Background work failed for this reason. */
void serve_note_failure(struct serve *s, const struct fault *why);
/* Tells the event streams to look for new events at once. */
void serve_nudge(struct serve *s);
/* Takes no more, finishes and answers what was taken, and ends the threads. Returns how many
 * requests were cut off because stop_ms was over. */
int64_t serve_stop(struct serve *s);
