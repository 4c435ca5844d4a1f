/* serve: starts and stops the loops of the server. SPDX-License-Identifier: Apache-2.0 */
#include "http/serve.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/conn.h"
#include "http/keeper.h"
#include "http/tls.h"

const struct fault SERVE_ADDRESS = {
    E_INVALID, "serve.address",
    "An address to listen on is ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080."};
const struct fault SERVE_PROXY = {
    E_INVALID, "serve.proxy",
    "A trusted proxy is named by the address that it comes from, such as 127.0.0.1 or ::1."};
const struct fault SERVE_LISTEN = {
    E_INTERNAL, "serve.listen",
    "Nothing can listen on that address; see whether it is this machine's, and taken."};
const struct fault SERVE_OPEN_ADDRESS = {
    E_INVALID, "serve.open_address",
    "Others can reach that address: give --certificate and --key, or name the proxy in front with "
    "--trusted-proxy."};
const struct fault SERVE_TLS = {
    E_INVALID, "serve.tls", "The certificate or its key cannot be used; give both as PEM files."};

const struct serve_options serve_defaults = {
    .address = "127.0.0.1:8080",
    .loops = 2,
    .readers = 4,
    .writers = 8,
    .outsiders = 4,
    .queue_max = 1024,
    .connections_max = 8192,
    .connections_per_address_max = 512,
    .requests_per_connection_max = 1000,
    .body_bytes_max = 262144,
    .idle_ms = 60000,
    .head_ms = 10000,
    .body_ms = 30000,
    .write_ms = 30000,
    .queue_ms = 10000,
    .stop_ms = 30000,
    .stream_ms = 3600000,
};

enum { SWEEP_MS = 200, BACKLOG = 1024, REST_MS = 100 };

/* ---- what other threads leave at a loop ---- */

static void wake(struct loop *l)
{
    uint64_t const one = 1;

    while (write(l->wake_file, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static void leave_job(struct job *j)
{
    struct loop *l = j->loop;

    j->next = NULL;
    pthread_mutex_lock(&l->lock);
    bool const first = !l->done && !l->letters;
    *l->last_done = j;
    l->last_done = &j->next;
    pthread_mutex_unlock(&l->lock);
    if (first) wake(l);
}

static void leave_letter(void *arg, int64_t loop, struct letter *letter)
{
    struct serve *s = arg;
    struct loop *l = &s->loops[loop];

    pthread_mutex_lock(&l->lock);
    bool const first = !l->done && !l->letters;
    *l->last_letter = letter;
    l->last_letter = &letter->next;
    pthread_mutex_unlock(&l->lock);
    if (first) wake(l);
}

static void take_what_was_left(struct loop *l, struct job **jobs, struct letter **letters)
{
    pthread_mutex_lock(&l->lock);
    *jobs = l->done;
    *letters = l->letters;
    l->done = NULL;
    l->letters = NULL;
    l->last_done = &l->done;
    l->last_letter = &l->letters;
    pthread_mutex_unlock(&l->lock);
}

static void on_wake(evutil_socket_t file, short what, void *arg)
{
    struct loop *l = arg;
    struct job *jobs;
    struct letter *letters;
    uint64_t n;

    (void)what;
    loop_tick(l);
    while (read(file, &n, sizeof n) < 0 && errno == EINTR) continue;
    take_what_was_left(l, &jobs, &letters);
    for (struct job *next; jobs; jobs = next) {
        next = jobs->next;
        conn_answered(l, jobs);
    }
    for (struct letter *next; letters; letters = next) {
        next = letters->next;
        conn_letter(l, letters);
        letter_free(letters);
    }
}

/* ---- listening ---- */

static void peer_text(const struct sockaddr *a, char to[static WIRE_HOST_TEXT])
{
    const void *at = a->sa_family == AF_INET
                         ? (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr
                         : &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;

    if (!inet_ntop(a->sa_family, at, to, WIRE_HOST_TEXT)) snprintf(to, WIRE_HOST_TEXT, "unknown");
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t file, struct sockaddr *a,
                      int n, void *arg)
{
    char peer[WIRE_HOST_TEXT];

    (void)listener, (void)n;
    loop_tick(arg);
    peer_text(a, peer);
    conn_accept(arg, file, peer);
}

static void on_rested(evutil_socket_t file, short what, void *arg)
{
    struct loop *l = arg;

    (void)file, (void)what;
    if (l->listener) evconnlistener_enable(l->listener);
}

/* Without a free file descriptor the same connection would be offered again and again. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct loop *l = arg;
    struct timeval const rest = {0, REST_MS * 1000};

    evconnlistener_disable(listener);
    event_base_once(l->base, -1, EV_TIMEOUT, on_rested, l, &rest);
}

/* The first socket is bound as if it were to be the only one, so that a port which another process
 * listens on is refused: the kernel would share connections out among both. */
static int bind_socket(const struct addrinfo *a, bool shared)
{
    int const on = 1, file = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (file < 0) return -1;
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) setsockopt(file, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(file, a->ai_addr, a->ai_addrlen) == 0) {
        /* Its port is ours now, and the next of our sockets may join it. */
        setsockopt(file, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (listen(file, BACKLOG) == 0) return file;
    }
    close(file);
    return -1;
}

static int64_t port_of(int file)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;

    getsockname(file, (struct sockaddr *)&a, &n);
    return ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port
                                        : ((struct sockaddr_in6 *)&a)->sin6_port);
}

static void free_addresses(struct addrinfo **a)
{
    if (*a) freeaddrinfo(*a);
}

/* One socket for each loop, all on one port: the kernel shares connections out among them. */
static enum status listen_all(struct serve *s, const char *host, struct error *e)
{
    struct addrinfo const hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    CLEANUP(free_addresses) struct addrinfo *a = NULL;
    char port[8];

    for (int64_t i = 0; i < s->n_loops; i++) {
        snprintf(port, sizeof port, "%d", (int)s->port);
        free_addresses(&a);
        a = NULL;
        if (getaddrinfo(host, port, &hints, &a) != 0) return fail(e, &SERVE_ADDRESS, "listen");
        int const file = bind_socket(a, i > 0);
        if (file < 0) return failf(e, &SERVE_LISTEN, "%s:%s: %s", host, port, strerror(errno));
        s->port = port_of(file);
        s->loops[i].listener =
            evconnlistener_new(s->loops[i].base, on_accept, &s->loops[i],
                               LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, file);
        assert(s->loops[i].listener);
        evconnlistener_set_error_cb(s->loops[i].listener, on_accept_error);
    }
    return OK;
}

/* ---- a loop's thread ---- */

/* Whoever is in the kernel's line has been told that we are there. */
static void accept_the_rest(struct loop *l)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    char peer[WIRE_HOST_TEXT];
    int file;

    if (!l->listener) return;
    while ((file = accept4(evconnlistener_get_fd(l->listener), (struct sockaddr *)&a, &n,
                           SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        peer_text((struct sockaddr *)&a, peer);
        conn_accept(l, file, peer);
        n = sizeof a;
    }
    evconnlistener_free(l->listener);
    l->listener = NULL;
}

static void on_sweep(evutil_socket_t file, short what, void *arg)
{
    struct loop *l = arg;

    (void)file, (void)what;
    loop_tick(l);
    conn_sweep(l);
    if (!l->stopping && atomic_load(&l->serve->stopping)) {
        l->stopping = true;
        accept_the_rest(l);
        conn_settle(l);
    }
}

static void cut(struct loop *l)
{
    for (struct conn *c = l->conns, *next; c; c = next) {
        next = c->next;
        if (c->at == AT_WORK || c->at == AT_WRITE) atomic_fetch_add(&l->serve->cut_off, 1);
        conn_close(c);
    }
}

static void turn(struct loop *l)
{
    event_base_loop(l->base, EVLOOP_ONCE);
    conn_turn_end(l);
    if (atomic_load(&l->serve->cut)) cut(l);
    conn_bury(l);
}

static void *run(void *arg)
{
    struct loop *l = arg;
    struct serve *s = l->serve;

    if (s->lite) hand_open(&l->hand, &s->options, s->metrics, 0);
    while (!l->stopping || l->n_conns) turn(l);
    if (s->lite) hand_close(&l->hand);
    pthread_mutex_lock(&s->lock);
    s->n_ended++;
    pthread_cond_signal(&s->loop_ended);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void loop_prepare(struct serve *s, struct loop *l, int64_t number)
{
    struct timeval const each = {0, SWEEP_MS * 1000};

    l->serve = s;
    l->number = number;
    l->base = event_base_new();
    l->wake_file = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert(l->base && l->wake_file >= 0);
    l->last_done = &l->done;
    l->last_letter = &l->letters;
    l->last_quick = &l->quick;
    pthread_mutex_init(&l->lock, NULL);
    while (getrandom(&l->id_seed, sizeof l->id_seed, 0) < 0 && errno == EINTR) continue;
    l->sweep = event_new(l->base, -1, EV_PERSIST, on_sweep, l);
    l->wake = event_new(l->base, l->wake_file, EV_READ | EV_PERSIST, on_wake, l);
    event_add(l->sweep, &each);
    event_add(l->wake, NULL);
}

static void loop_free(struct loop *l)
{
    struct job *jobs, *spare = l->spare;
    struct letter *letters;

    take_what_was_left(l, &jobs, &letters);
    for (struct job *next; jobs; jobs = next) next = jobs->next, job_free(jobs);
    for (struct job *next; spare; spare = next) next = spare->next, job_free(spare);
    for (struct letter *next; letters; letters = next) next = letters->next, letter_free(letters);
    if (l->listener) evconnlistener_free(l->listener);
    event_free(l->sweep);
    event_free(l->wake);
    event_base_free(l->base);
    close(l->wake_file);
    pthread_mutex_destroy(&l->lock);
}

/* ---- the whole ---- */

static void wrote(void *arg)
{
    serve_nudge(arg);
}

void serve_nudge(struct serve *s)
{
    if (s->feed) feed_nudge(s->feed);
}

int64_t serve_port(const struct serve *s)
{
    return s->port;
}

struct metrics *serve_metrics(struct serve *s)
{
    return s->metrics;
}

void serve_note_failure(struct serve *s, const struct fault *why)
{
    metric_add(s->metrics, COUNT_CHORES_FAILED, 1);
    keeper_note(&s->options, s->metrics, why);
}

static void serve_free(struct serve *s)
{
    for (int64_t i = 0; i < s->n_loops; i++) loop_free(&s->loops[i]);
    SSL_CTX_free(s->tls);
    door_free(s->door);
    memory_free(s->loops);
    memory_free(s->metrics);
    memory_free(s);
}

static void allow_files(int64_t n)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= (rlim_t)n + 100) return;
    r.rlim_cur = r.rlim_max < (rlim_t)n + 100 ? r.rlim_max : (rlim_t)n + 100;
    (void)setrlimit(RLIMIT_NOFILE, &r);
}

/* As a socket tells of whoever connects: no name, no port, in the one usual spelling. */
static bool is_peer(const char *text)
{
    char usual[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    int const family = strchr(text, ':') ? AF_INET6 : AF_INET;

    return inet_pton(family, text, bytes) == 1 && inet_ntop(family, bytes, usual, sizeof usual) &&
           strcmp(usual, text) == 0;
}

static enum status check_address(const struct serve_options *o, char host[static WIRE_HOST_TEXT],
                                 int64_t *port, struct error *e)
{
    if (!wire_read_address(o->address, host, port)) return fail(e, &SERVE_ADDRESS, "listen");
    if (o->trusted_proxy && !is_peer(o->trusted_proxy))
        return fail(e, &SERVE_PROXY, "trusted-proxy");
    if (!wire_is_loopback(host) && !o->certificate && !o->trusted_proxy)
        return fail(e, &SERVE_OPEN_ADDRESS, "listen");
    return !o->certificate == !o->key ? OK : fail(e, &SERVE_TLS, "key");
}

enum status serve_check(const struct serve_options *o, struct error *e)
{
    char host[WIRE_HOST_TEXT];
    int64_t port;

    return check_address(o, host, &port, e);
}

static void start_threads(struct serve *s)
{
    s->lanes = lanes_new(&s->options, s->metrics, leave_job, wrote, s);
    if (s->options.db_url) s->feed = feed_new(&s->options, s->metrics, s->n_loops, leave_letter, s);
    if (s->options.db_url) s->keeper = keeper_new(&s->options, s->metrics);
    for (int64_t i = 0; i < s->n_loops; i++) {
        int const failed = pthread_create(&s->loops[i].thread, NULL, run, &s->loops[i]);
        assert(!failed);
    }
}

enum status serve_start(const struct serve_options *o, struct serve **out, struct error *e)
{
    char host[WIRE_HOST_TEXT];
    int64_t port;
    SSL_CTX *tls = NULL;
    struct timespec t;

    TRY(check_address(o, host, &port, e));
    if (o->certificate) TRY(tls_open(o->certificate, o->key, &tls, e));
    struct serve *s = memory_new(sizeof *s);
    *s = (struct serve){.options = *o, .tls = tls, .port = port, .n_loops = o->loops};
    s->lite = o->db_url && strncmp(o->db_url, "sqlite:", 7) == 0;
    s->metrics = memory_new(sizeof *s->metrics);
    clock_gettime(CLOCK_REALTIME, &t);
    s->metrics->began_at = (int64_t)t.tv_sec * 1000;
    s->door = door_new(o->connections_max, o->connections_per_address_max, o->trusted_proxy);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->loop_ended, NULL);
    allow_files(o->connections_max);
    s->loops = memory_new(sizeof *s->loops * (size_t)s->n_loops);
    for (int64_t i = 0; i < s->n_loops; i++) loop_prepare(s, &s->loops[i], i);
    enum status const st = listen_all(s, host, e);
    if (st != OK) {
        serve_free(s);
        return st;
    }
    start_threads(s);
    *out = s;
    return OK;
}

/* Waits for the loops, at most so long; false when one is still at it. */
static bool wait_for_loops(struct serve *s, int64_t ms)
{
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000 + 1;
    pthread_mutex_lock(&s->lock);
    while (s->n_ended < s->n_loops && !late)
        late = pthread_cond_timedwait(&s->loop_ended, &s->lock, &until);
    bool const all = s->n_ended == s->n_loops;
    pthread_mutex_unlock(&s->lock);
    return all;
}

/* A worker that is still at it when the time is over may hold anything: then the process ends
 * without giving its memory back. */
int64_t serve_stop(struct serve *s)
{
    atomic_store(&s->stopping, true);
    if (!wait_for_loops(s, s->options.stop_ms)) atomic_store(&s->cut, true);
    for (int64_t i = 0; i < s->n_loops; i++) pthread_join(s->loops[i].thread, NULL);
    int64_t const cut_off = atomic_load(&s->cut_off);
    if (!lanes_drain(s->lanes, atomic_load(&s->cut) ? 0 : s->options.stop_ms)) return cut_off;
    lanes_free(s->lanes);
    feed_free(s->feed);
    keeper_free(s->keeper);
    serve_free(s);
    return cut_off;
}
