/* conn: one connection - reads requests as they come in, has them answered, writes the answers, and
 * ends what takes too long. All of it runs on the thread of its loop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/conn.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/bufferevent_ssl.h>

#include "http/probe.h"

enum {
    SPARE_MAX = 256,
    LINGER_MS = 2000,
    GRACE_MS = 500, /* after which idle connections are closed when the server stops */
    BEAT_MS = 15000,
    STREAM_BEHIND_MAX = 262144, /* bytes that a stream may lag */
    READ_AHEAD_MAX = 65536,     /* bytes read of what follows a request */
};

static void run(struct conn *c);

void loop_tick(struct loop *l)
{
    l->now = job_clock_us() / 1000;
}

/* ---- jobs ---- */

void job_free(struct job *j)
{
    arena_clear(&j->arena);
    memory_free(j);
}

static struct job *job_take(struct conn *c)
{
    struct loop *l = c->loop;
    struct job *j = l->spare;

    if (j) {
        l->spare = j->next;
        l->n_spare--;
    } else {
        j = memory_new(sizeof *j);
    }
    *j = (struct job){.conn = c, .loop = l, .arena = j->arena};
    c->job = j;
    return j;
}

static void job_give(struct loop *l, struct job *j)
{
    if (l->n_spare == SPARE_MAX) {
        job_free(j);
        return;
    }
    arena_reset(&j->arena);
    j->next = l->spare;
    l->spare = j;
    l->n_spare++;
}

/* ---- the end of a connection ---- */

static void unlink_conn(struct conn *c)
{
    struct loop *l = c->loop;

    if (c->previous) c->previous->next = c->next;
    if (!c->previous) l->conns = c->next;
    if (c->next) c->next->previous = c->previous;
    l->n_conns--;
}

void conn_close(struct conn *c)
{
    struct loop *l = c->loop;
    struct metrics *m = l->serve->metrics;

    if (c->at == AT_END) return;
    if (c->at == AT_WORK) {
        c->job->conn = NULL; /* its answer will find nobody */
        metric_add(m, COUNT_CLIENTS_LEFT, 1);
    } else if (c->job) {
        job_give(l, c->job);
    }
    if (c->at == AT_STREAM) metric_move(m, GAUGE_STREAMS, -1);
    metric_move(m, GAUGE_CONNECTIONS, -1);
    door_leave(l->serve->door, c->peer);
    c->job = NULL;
    c->at = AT_END;
    bufferevent_disable(c->bev, EV_READ | EV_WRITE);
    bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
    unlink_conn(c);
    c->next = l->dead;
    l->dead = c;
}

void conn_bury(struct loop *l)
{
    for (struct conn *c = l->dead, *next; c; c = next) {
        next = c->next;
        if (c->ssl) SSL_shutdown(c->ssl);
        bufferevent_free(c->bev);
        if (c->body) evbuffer_free(c->body);
        memory_free(c);
    }
    l->dead = NULL;
}

/* Closing at once what still receives would take the answer away from the client with it. */
static void linger(struct conn *c)
{
    if (c->half_closed) {
        conn_close(c);
        return;
    }
    if (c->ssl)
        SSL_shutdown(c->ssl);
    else
        shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    c->at = AT_LINGER;
    c->deadline = c->loop->now + LINGER_MS;
}

/* ---- writing ---- */

static void wait_for_request(struct conn *c)
{
    struct serve *s = c->loop->serve;

    c->at = AT_HEAD;
    c->begun = false;
    c->searched = 0;
    c->deadline = c->loop->now + (c->loop->stopping ? GRACE_MS : s->options.idle_ms);
}

static void begin_stream(struct conn *c, int64_t account_id, const char *last_id)
{
    struct loop *l = c->loop;

    c->at = AT_STREAM;
    c->live = false;
    c->stream = ++l->streams;
    c->account_id = account_id;
    c->beat_at = l->now + BEAT_MS;
    /* Not all at once, when all came at once. */
    c->deadline = l->now + l->serve->options.stream_ms + (int64_t)(c->stream % 60) * 1000;
    metric_move(l->serve->metrics, GAUGE_STREAMS, 1);
    feed_join(l->serve->feed, l->number, c->stream, account_id, last_id);
}

static void note(const struct conn *c, const struct job *j)
{
    struct loop *l = c->loop;
    int64_t const us = job_clock_us() - j->came_us;
    struct log_line line;
    struct timespec t;

    metric_answer(l->serve->metrics, j->an.op, j->an.status, us);
    if (!l->serve->options.log) return;
    clock_gettime(CLOCK_REALTIME, &t);
    log_begin(&line, (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000, "request");
    log_text(&line, "id", j->rq.id);
    log_text(&line, "op", j->an.op);
    log_text(&line, "method", j->rq.method);
    log_int(&line, "status", j->an.status);
    log_int(&line, "ms", us / 1000);
    log_text(&line, "actor", j->an.actor);
    /* What succeeded may have met a fault on its way. */
    if (j->err.fault && j->an.status >= 400) log_text(&line, "fault", j->err.fault->code);
    if (j->err.fault && j->an.status >= 500 && *j->err.detail)
        log_text(&line, "detail", j->err.detail);
    log_finish(&line);
    if (l->log_n + line.n > LOG_ROOM) {
        log_write(l->serve->options.log, l->log, l->log_n);
        l->log_n = 0;
    }
    memcpy(l->log + l->log_n, line.text, line.n);
    l->log_n += line.n;
}

/* The answer has left us. */
static void written(struct conn *c)
{
    struct job *j = c->job;

    c->job = NULL;
    if (j->an.streams && !j->is_head && !c->loop->stopping)
        begin_stream(c, j->an.stream_account_id, http_header_of(&j->rq, "Last-Event-ID"));
    else if (c->keep_alive)
        wait_for_request(c);
    else
        linger(c);
    job_give(c->loop, j);
}

/* A small answer to a client that reads goes out at once, without a turn of the loop. True when
 * nothing is left to be written. */
static bool put(struct conn *c, struct iovec *v, int n)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)n};
    size_t sent = 0, all = 0;

    for (int i = 0; i < n; i++) all += v[i].iov_len;
    if (!c->ssl && evbuffer_get_length(out) == 0) {
        ssize_t const wrote = sendmsg(bufferevent_getfd(c->bev), &m, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (wrote > 0) sent = (size_t)wrote;
    }
    if (sent == all) return true;
    for (int i = 0; i < n; i++) {
        size_t const skip = sent < v[i].iov_len ? sent : v[i].iov_len;

        evbuffer_add(out, (char *)v[i].iov_base + skip, v[i].iov_len - skip);
        sent -= skip;
    }
    return false;
}

static void put_text(struct conn *c, const char *text)
{
    struct iovec v = {(void *)(uintptr_t)text, strlen(text)};

    put(c, &v, 1);
}

static const char *date_of(struct loop *l)
{
    if (l->now - l->dated >= 1000 || !l->dated) {
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        reply_date((int64_t)t.tv_sec * 1000, l->date);
        l->dated = l->now;
    }
    return l->date;
}

static void respond(struct conn *c)
{
    struct job *j = c->job;
    struct serve *s = c->loop->serve;
    char head[REPLY_HEAD_MAX];

    if (!j->an.status) { /* what answers wants it lost */
        c->at = AT_WRITE;
        conn_close(c);
        return;
    }
    if (c->loop->stopping || j->an.streams || c->requests >= s->options.requests_per_connection_max)
        c->keep_alive = false;
    struct reply const r = {
        .date = date_of(c->loop), .keep_alive = c->keep_alive, .secure = c->ssl != NULL};
    bool const no_body = j->is_head || j->an.streams || j->an.status == 204 || j->an.status == 304;
    struct iovec v[2] = {
        {head,   reply_head(j, &r, head)},
        {(void *)(uintptr_t)j->an.body, no_body ? 0 : j->an.body_bytes            },
    };
    note(c, j);
    c->at = AT_WRITE;
    c->deadline = c->loop->now + s->options.write_ms;
    if (put(c, v, v[1].iov_len ? 2 : 1)) written(c);
}

/* What follows a request that cannot be read is no request. */
static void refuse(struct conn *c, int status)
{
    struct job *j = c->job ? c->job : job_take(c);

    if (!j->rq.id)
        j->rq.id = arena_printf(&j->arena, "%016llx",
                                (unsigned long long)(c->loop->id_seed ^ c->loop->ids++));
    if (!j->came_us) j->came_us = job_clock_us();
    job_refuse(j, status, &HTTP_REFUSED);
    c->keep_alive = false;
    respond(c);
}

/* ---- answering ---- */

/* The last address that a trusted proxy wrote is the client's; what stands before it anybody can
 * have written. */
static const char *peer_of(const struct conn *c, struct job *j)
{
    const char *list = http_header_of(&j->rq, "X-Forwarded-For");
    struct in6_addr ignored;

    if (!list || !door_trusts(c->loop->serve->door, c->peer))
        return arena_strdup(&j->arena, c->peer);
    const char *last = strrchr(list, ',') ? strrchr(list, ',') + 1 : list;
    last += strspn(last, " \t");
    bool const is_address =
        inet_pton(AF_INET, last, &ignored) == 1 || inet_pton(AF_INET6, last, &ignored) == 1;
    return is_address ? last : arena_strdup(&j->arena, c->peer);
}

static const char *id_of(const struct conn *c, struct job *j)
{
    const char *theirs = http_header_of(&j->rq, "X-Request-Id");
    size_t const n = theirs ? strspn(theirs, "0123456789abcdefABCDEF-") : 0;

    if (theirs && n >= 8 && n <= 64 && !theirs[n] && door_trusts(c->loop->serve->door, c->peer))
        return theirs;
    return arena_printf(&j->arena, "%016llx",
                        (unsigned long long)(c->loop->id_seed ^ c->loop->ids++));
}

static void answer_now(struct conn *c)
{
    struct job *j = c->job;
    const struct serve_app *app = c->loop->serve->options.app;

    app->answer(app->arg, NULL, &j->arena, &j->rq, &j->an, &j->err);
}

static void begin_work(struct conn *c)
{
    c->at = AT_WORK;
    c->deadline = 0;
}

static void queue_quick(struct conn *c)
{
    struct loop *l = c->loop;
    struct job *j = c->job;

    begin_work(c);
    j->next = NULL;
    *l->last_quick = j;
    l->last_quick = &j->next;
}

/* What was read in a turn is answered when all of it has been: so the snapshot, which costs as much
 * as two queries, is one for all, and newer than whatever anybody had been told before they asked.
 * What follows on the same connections is read when its time is over. */
static void answer_quick(struct loop *l)
{
    struct job *jobs = l->quick;
    struct conn *answered = NULL;

    l->quick = NULL;
    l->last_quick = &l->quick;
    if (l->hand.db) db_reads_join(l->hand.db);
    for (struct job *j = jobs, *next; j; j = next) {
        struct conn *c = j->conn;

        next = j->next;
        if (!c) {
            job_give(l, j);
            continue;
        }
        hand_answer(&l->hand, j);
        respond(c);
        c->next_read = answered;
        answered = c;
    }
    if (l->hand.db) db_reads_part(l->hand.db);
    for (; answered; answered = answered->next_read) run(answered);
}

void conn_turn_end(struct loop *l)
{
    while (l->quick) answer_quick(l);
    if (l->log_n) log_write(l->serve->options.log, l->log, l->log_n);
    l->log_n = 0;
}

static void queue(struct conn *c)
{
    struct serve *s = c->loop->serve;
    struct job *j = c->job;

    begin_work(c);
    if (lanes_put(s->lanes, j)) return;
    metric_add(s->metrics, COUNT_QUEUE_FULL, 1);
    job_refuse(j, 503, &HTTP_BUSY);
    respond(c);
}

/* A whole request has come. */
static void dispatch(struct conn *c)
{
    struct serve *s = c->loop->serve;
    struct job *j = c->job;
    const struct serve_app *app = s->options.app;

    j->came_us = job_clock_us();
    j->rq.peer = peer_of(c, j);
    j->rq.id = id_of(c, j);
    c->requests++;
    if (probe_answer(s->metrics, j)) {
        respond(c);
        return;
    }
    j->lane = probe_is_ready(&j->rq) ? LANE_READ : app->lane(app->arg, &j->rq);
    if (!s->options.db_url) j->lane = LANE_NOW;
    if (j->lane == LANE_NOW) {
        answer_now(c);
        respond(c);
    } else if (j->lane == LANE_QUICK && s->lite) {
        queue_quick(c);
    } else {
        queue(c);
    }
}

void conn_answered(struct loop *l, struct job *j)
{
    struct conn *c = j->conn;

    if (!c) {
        job_give(l, j);
        return;
    }
    respond(c);
    run(c);
}

/* ---- reading ---- */

static struct evbuffer *input_of(const struct conn *c)
{
    return bufferevent_get_input(c->bev);
}

static void take_head(struct conn *c, const struct wire_head *h)
{
    struct serve *s = c->loop->serve;
    struct job *j = c->job;

    j->rq = (struct http_request){.method = h->method,
                                  .path = h->path,
                                  .query = h->query,
                                  .headers = h->headers,
                                  .n_headers = h->n_headers,
                                  .body = ""};
    j->is_head = strcmp(h->method, "HEAD") == 0;
    c->keep_alive = h->keep_alive;
    c->chunked = h->chunked;
    c->chunks = (struct wire_chunks){0};
    c->left = h->content_length;
    c->at = AT_BODY;
    c->deadline = c->loop->now + s->options.body_ms;
    if (c->left > READ_AHEAD_MAX)
        bufferevent_setwatermark(c->bev, EV_READ, 0, (size_t)s->options.body_bytes_max + 8192);
    if (h->expects_continue && (c->left || c->chunked))
        put_text(c, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* Empty lines before a request are forgiven, as RFC 9112 asks. */
static void skip_empty_lines(struct evbuffer *in)
{
    char two[2];

    while (evbuffer_copyout(in, two, 2) == 2 && two[0] == '\r' && two[1] == '\n')
        evbuffer_drain(in, 2);
}

/* These return true when the connection has come further and may come further yet. */
static bool read_head(struct conn *c)
{
    struct evbuffer *in = input_of(c);
    struct wire_head h;

    skip_empty_lines(in);
    size_t const n = evbuffer_get_length(in);
    size_t const looked_at = n < WIRE_HEAD_BYTES_MAX ? n : WIRE_HEAD_BYTES_MAX;
    if (!n) {
        if (c->half_closed) conn_close(c);
        return false;
    }
    if (!c->begun) c->deadline = c->loop->now + c->loop->serve->options.head_ms;
    c->begun = true;
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)looked_at);
    size_t const end = wire_head_end(bytes, looked_at, c->searched);
    c->searched = looked_at;
    if (!end && (bytes[0] < 'A' || bytes[0] > 'Z'))
        refuse(c, 400); /* no request begins like this */
    else if (!end && n >= WIRE_HEAD_BYTES_MAX)
        refuse(c, 431);
    else if (!end && c->half_closed)
        conn_close(c);
    if (!end) return false;
    struct job *j = job_take(c);
    int const refused = wire_read_head(&j->arena, bytes, end, &h);
    evbuffer_drain(in, end);
    if (refused || h.content_length > c->loop->serve->options.body_bytes_max) {
        refuse(c, refused ? refused : 413);
        return false;
    }
    take_head(c, &h);
    return true;
}

static void take_body(struct conn *c, struct evbuffer *from, size_t n)
{
    struct job *j = c->job;
    char *body = arena_alloc(&j->arena, n + 1);

    evbuffer_remove(from, body, n);
    j->rq.body = body;
    j->rq.body_bytes = n;
}

static bool read_chunks(struct conn *c)
{
    struct serve *s = c->loop->serve;
    struct evbuffer *in = input_of(c);
    size_t const n = evbuffer_get_length(in);
    struct evbuffer_iovec room;
    size_t used, wrote;

    if (!c->body) c->body = evbuffer_new();
    if (n == 0) return false;
    const char *bytes = (const char *)evbuffer_pullup(in, -1);
    evbuffer_reserve_space(c->body, (ev_ssize_t)n, &room, 1);
    int const refused = wire_read_chunks(&c->chunks, bytes, n, &used, room.iov_base, &wrote);
    room.iov_len = wrote;
    evbuffer_commit_space(c->body, &room, 1);
    evbuffer_drain(in, used);
    bool const large = evbuffer_get_length(c->body) > (size_t)s->options.body_bytes_max;
    if (refused || large) {
        refuse(c, refused ? refused : 413);
        return false;
    }
    if (c->chunks.at != CHUNKS_DONE) return false;
    take_body(c, c->body, evbuffer_get_length(c->body));
    evbuffer_free(c->body);
    c->body = NULL;
    return true;
}

static bool read_body(struct conn *c)
{
    struct evbuffer *in = input_of(c);
    bool whole = c->chunked ? read_chunks(c) : evbuffer_get_length(in) >= (size_t)c->left;

    if (!whole) {
        if (c->at == AT_BODY && c->half_closed) conn_close(c);
        return false;
    }
    if (!c->chunked && c->left) take_body(c, in, (size_t)c->left);
    bufferevent_setwatermark(c->bev, EV_READ, 0, READ_AHEAD_MAX);
    dispatch(c);
    return true;
}

static void run(struct conn *c)
{
    bool further = true;

    while (further && (c->at == AT_HEAD || c->at == AT_BODY))
        further = c->at == AT_HEAD ? read_head(c) : read_body(c);
}

/* ---- what libevent tells ---- */

static void on_read(struct bufferevent *bev, void *arg)
{
    struct conn *c = arg;

    loop_tick(c->loop);
    if (c->at == AT_LINGER || c->at == AT_STREAM)
        evbuffer_drain(bufferevent_get_input(bev), evbuffer_get_length(bufferevent_get_input(bev)));
    else
        run(c);
}

/* All that was to be written has been. */
static void on_write(struct bufferevent *bev, void *arg)
{
    struct conn *c = arg;

    (void)bev;
    loop_tick(c->loop);
    if (c->at != AT_WRITE) return;
    written(c);
    run(c);
}

/* A client that says that it sends no more still gets its answers: one that is gone is told apart
 * when they are written. */
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *c = arg;

    (void)bev;
    loop_tick(c->loop);
    if (what & BEV_EVENT_CONNECTED) return;
    bool const only_half = (what & BEV_EVENT_EOF) && !(what & BEV_EVENT_ERROR) && !c->ssl;
    if (!only_half || c->at == AT_STREAM || c->at == AT_LINGER) {
        conn_close(c);
        return;
    }
    c->half_closed = true;
    run(c);
}

void conn_accept(struct loop *l, int file, const char *peer)
{
    struct serve *s = l->serve;
    int const on = 1;

    if (!door_enter(s->door, peer)) {
        metric_add(s->metrics, COUNT_CONNECTIONS_DENIED, 1);
        evutil_closesocket(file);
        return;
    }
    struct conn *c = memory_new(sizeof *c);
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->loop = l;
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    c->ssl = s->tls ? SSL_new(s->tls) : NULL;
    c->bev = c->ssl ? bufferevent_openssl_socket_new(
                          l->base, file, c->ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
                    : bufferevent_socket_new(l->base, file, BEV_OPT_CLOSE_ON_FREE);
    assert(c->bev);
    c->next = l->conns;
    if (l->conns) l->conns->previous = c;
    l->conns = c;
    l->n_conns++;
    metric_add(s->metrics, COUNT_CONNECTIONS, 1);
    metric_move(s->metrics, GAUGE_CONNECTIONS, 1);
    wait_for_request(c);
    c->deadline = l->now + s->options.head_ms;
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, READ_AHEAD_MAX);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* ---- time ---- */

static void on_deadline(struct conn *c)
{
    metric_add(c->loop->serve->metrics, COUNT_DEADLINES, 1);
    if ((c->at == AT_HEAD && c->begun) || c->at == AT_BODY)
        refuse(c, 408);
    else
        conn_close(c);
}

static void beat(struct conn *c)
{
    char text[700];

    snprintf(text, sizeof text, ":\nid: %s\n\n", c->loop->feed_id);
    c->beat_at = c->loop->now + BEAT_MS;
    put_text(c, text);
}

void conn_sweep(struct loop *l)
{
    for (struct conn *c = l->conns, *next; c; c = next) {
        next = c->next;
        if (c->deadline && l->now >= c->deadline)
            on_deadline(c);
        else if (c->at == AT_STREAM && c->live && l->now >= c->beat_at)
            beat(c);
    }
}

void conn_settle(struct loop *l)
{
    for (struct conn *c = l->conns, *next; c; c = next) {
        next = c->next;
        if (c->at == AT_STREAM) conn_close(c);
        if (c->at == AT_HEAD && !c->begun) c->deadline = l->now + GRACE_MS;
    }
}

/* ---- events ---- */

/* A stream that does not take its events is ended: it comes again and says how far it got. */
static void tell(struct conn *c, const char *text)
{
    put_text(c, text);
    c->beat_at = c->loop->now + BEAT_MS;
    metric_add(c->loop->serve->metrics, COUNT_EVENTS, 1);
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) > STREAM_BEHIND_MAX) conn_close(c);
}

static bool hears(const struct conn *c, const struct letter *letter)
{
    if (c->at != AT_STREAM) return false;
    if (letter->kind == LETTER_JOINED) return c->stream == letter->stream;
    return c->live && (!c->account_id || c->account_id == letter->account_id);
}

void conn_letter(struct loop *l, const struct letter *letter)
{
    snprintf(l->feed_id, sizeof l->feed_id, "%s", letter->id);
    for (struct conn *c = l->conns, *next; c; c = next) {
        next = c->next;
        if (!hears(c, letter)) continue;
        if (letter->kind == LETTER_JOINED) c->live = true;
        tell(c, letter->kind == LETTER_EVENT && !c->account_id ? letter->full : letter->text);
    }
}
