/* conn: what the loops of the server are made of. serve.c starts and stops them, conn.c reads
 * requests and writes answers; both speak to libevent, and nobody else does.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>

#include "http/door.h"
#include "http/feed.h"
#include "http/job.h"
#include "http/reply.h"
#include "http/wire.h"

enum { LOG_ROOM = 32768 };

/* What a connection waits for. */
enum conn_at {
    AT_HEAD,   /* the head of a request; its first byte too */
    AT_BODY,   /* the rest of its body */
    AT_WORK,   /* a worker's answer */
    AT_WRITE,  /* the client, to take the answer */
    AT_STREAM, /* events */
    AT_LINGER, /* the client, to see that we are done: what it still sends is thrown away */
    AT_END,
};

struct conn {
    struct conn *next, *previous;
    struct loop *loop;
    struct bufferevent *bev;
    SSL *ssl;               /* NULL: plain */
    struct job *job;        /* the request being read, worked on or answered */
    struct conn *next_read; /* of those whose answers went out together */
    struct evbuffer *body;  /* of a chunked request, taken apart */
    struct wire_chunks chunks;
    enum conn_at at;
    bool keep_alive, chunked, half_closed, begun;
    bool live;                   /* AT_STREAM: has been told what it missed */
    int64_t deadline;            /* ms of the loop's clock; 0: none */
    int64_t requests, left;      /* left: bytes of the body */
    size_t searched;             /* bytes in which the head does not end */
    uint64_t stream;             /* its number */
    int64_t account_id, beat_at; /* of a stream */
    char peer[WIRE_HOST_TEXT];
};

struct loop {
    struct serve *serve;
    int64_t number;
    pthread_t thread;
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *sweep, *wake;
    int wake_file;
    struct conn *conns, *dead;
    int64_t n_conns;
    struct job *spare;
    int64_t n_spare;
    int64_t now; /* ms, when libevent last told us something */
    bool stopping;

    struct hand hand;                /* for what is answered here */
    struct job *quick, **last_quick; /* has come in, in this turn */

    char date[REPLY_DATE];
    int64_t dated;
    uint64_t id_seed, ids, streams;
    char feed_id[600];
    char log[LOG_ROOM];
    size_t log_n;

    pthread_mutex_t lock; /* of what others leave here */
    struct job *done, **last_done;
    struct letter *letters, **last_letter;
    bool ended;
};

struct serve {
    struct serve_options options;
    struct metrics *metrics;
    struct door *door;
    struct lanes *lanes;
    struct feed *feed;
    struct keeper *keeper;
    SSL_CTX *tls;
    bool lite;
    int64_t port, n_loops;
    atomic_bool stopping, cut;
    atomic_int_fast64_t cut_off; /* requests */
    pthread_mutex_t lock;
    pthread_cond_t loop_ended;
    int64_t n_ended;
    struct loop *loops;
};

void loop_tick(struct loop *l); /* reads the clock */
/* A client has come. */
void conn_accept(struct loop *l, int file, const char *peer);
/* Its job is answered; frees the job where the client has left. */
void conn_answered(struct loop *l, struct job *j);
void conn_letter(struct loop *l, const struct letter *letter);
void conn_sweep(struct loop *l); /* ends what is late */
void conn_close(struct conn *c); /* freed when the turn is over */
void conn_settle(
    struct loop *l);            /* the server stops: idle connections get a moment, streams none */
void conn_bury(struct loop *l); /* frees the dead */
void conn_turn_end(struct loop *l); /* answers what is quick, and writes the log */
void job_free(struct job *j);
