/* bench_load: one thread, epoll, and clients that know no more HTTP than they need.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/bench.h"

enum { ANSWER_MAX = 65536, SAMPLES_MAX = 4000000, CLIENTS_MAX = 4096, WAIT_MAX_NS = 100000000 };

struct client {
    int file;
    bool busy;
    int64_t due; /* when its request was, or is, to be sent */
    size_t n;
    char answer[ANSWER_MAX];
};

struct run {
    const struct load *load;
    struct loaded *out;
    struct client *clients;
    int64_t *samples, end, request_bytes;
    int poll;
};

static int dial(int64_t port, char why[static 160])
{
    struct sockaddr_in const to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int const on = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (s >= 0 && connect(s, (const struct sockaddr *)&to, sizeof to) == 0) {
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return s;
    }
    snprintf(why, 160, "connect: %s", strerror(errno));
    if (s >= 0) close(s);
    return -1;
}

static bool send_request(struct run *r, struct client *c)
{
    c->busy = true;
    c->n = 0;
    if (send(c->file, r->load->request, (size_t)r->request_bytes, MSG_NOSIGNAL) == r->request_bytes)
        return true;
    snprintf(r->out->why, sizeof r->out->why, "send: %s", strerror(errno));
    return false;
}

/* The length of the whole answer, 0 while that cannot be told. */
static size_t length_of(const struct client *c)
{
    const char *end = memmem(c->answer, c->n, "\r\n\r\n", 4);
    const char *length = end ? strcasestr(c->answer, "\r\ncontent-length: ") : NULL;

    if (!end || !length || length > end) return 0;
    return (size_t)(end - c->answer) + 4 + (size_t)strtoul(length + 18, NULL, 10);
}

static void note(struct run *r, struct client *c, int64_t now)
{
    if (r->out->answered < SAMPLES_MAX) r->samples[r->out->answered] = now - c->due;
    r->out->answered++;
    r->out->refused += c->answer[9] != '2';
    c->busy = false;
    /* At an even rate each client has its own times, so that all are spread over the second. */
    if (r->load->per_second > 0)
        c->due += (int64_t)(1e9 * (double)r->load->connections / r->load->per_second);
    else
        c->due = now;
}

static bool take_answer(struct run *r, struct client *c)
{
    ssize_t const n = recv(c->file, c->answer + c->n, ANSWER_MAX - 1 - c->n, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) {
        snprintf(r->out->why, sizeof r->out->why, "the connection was closed");
        return false;
    }
    c->n += (size_t)n;
    c->answer[c->n] = 0;
    size_t const whole = length_of(c);
    if (!whole || c->n < whole) return true;
    int64_t const now = bench_ns();
    r->out->answer_bytes = (int64_t)whole;
    note(r, c, now);
    return now >= r->end || r->load->per_second > 0 || send_request(r, c);
}

/* Sends what is due; says how long it is to the next, in ns. */
static bool send_due(struct run *r, int64_t *wait)
{
    int64_t const now = bench_ns();
    int64_t next = r->end;

    for (int64_t i = 0; i < r->load->connections; i++) {
        struct client *c = &r->clients[i];

        if (c->busy) continue;
        if (c->due <= now && now < r->end && !send_request(r, c)) return false;
        if (!c->busy && c->due < next) next = c->due;
    }
    *wait = next > now ? next - now : 0;
    return true;
}

static bool any_busy(const struct run *r)
{
    for (int64_t i = 0; i < r->load->connections; i++)
        if (r->clients[i].busy) return true;
    return false;
}

static bool work(struct run *r)
{
    struct epoll_event events[256];

    while (bench_ns() < r->end || any_busy(r)) {
        int64_t wait = WAIT_MAX_NS;

        if (r->load->per_second > 0 && !send_due(r, &wait)) return false;
        if (wait > WAIT_MAX_NS) wait = WAIT_MAX_NS;
        /* A client that spins would take the server's core. */
        struct timespec const pause = {.tv_nsec = wait};
        int const n = epoll_pwait2(r->poll, events, COUNT(events), &pause, NULL);
        for (int i = 0; i < n; i++)
            if (!take_answer(r, events[i].data.ptr)) return false;
    }
    return true;
}

static bool begin(struct run *r)
{
    int64_t const now = bench_ns();

    r->end = now + r->load->ns;
    for (int64_t i = 0; i < r->load->connections; i++) {
        struct client *c = &r->clients[i];
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

        c->file = dial(r->load->port, r->out->why);
        if (c->file < 0) return false;
        epoll_ctl(r->poll, EPOLL_CTL_ADD, c->file, &e);
        c->due = now;
        if (r->load->per_second > 0)
            c->due += (int64_t)(1e9 * (double)i / r->load->per_second);
        else if (!send_request(r, c))
            return false;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

bool load_run(const struct load *l, struct loaded *out)
{
    struct run r = {.load = l, .out = out, .request_bytes = (int64_t)strlen(l->request)};

    *out = (struct loaded){0};
    r.clients = memory_new(sizeof *r.clients * (size_t)l->connections);
    r.samples = memory_new(sizeof *r.samples * SAMPLES_MAX);
    r.poll = epoll_create1(EPOLL_CLOEXEC);
    int64_t const began = bench_ns();
    bool const good = begin(&r) && work(&r);
    out->ns = bench_ns() - began;
    size_t const n = (size_t)(out->answered < SAMPLES_MAX ? out->answered : SAMPLES_MAX);
    qsort(r.samples, n, sizeof *r.samples, by_value);
    if (n) out->p50_ns = r.samples[n / 2];
    if (n) out->p99_ns = r.samples[n * 99 / 100];
    for (int64_t i = 0; i < l->connections; i++)
        if (r.clients[i].file > 0) close(r.clients[i].file);
    close(r.poll);
    memory_free(r.clients);
    memory_free(r.samples);
    return good;
}

/* ---- streams ---- */

static int64_t rss_bytes(int64_t pid)
{
    char path[64], line[256];
    long long kib = 0;

    snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %lld", &kib) == 1) break;
    return (int64_t)kib * 1024;
}

static bool begin_stream(int file, const char *request, char why[static 160])
{
    char text[4096];
    size_t n = 0;

    if (send(file, request, strlen(request), MSG_NOSIGNAL) < 0) n = sizeof text;
    for (text[0] = 0; n < sizeof text - 1 && !strstr(text, "retry: ");) {
        ssize_t const more = recv(file, text + n, sizeof text - n - 1, 0);

        if (more <= 0) break;
        n += (size_t)more;
        text[n] = 0;
    }
    if (n < sizeof text && strstr(text, "retry: ")) return true;
    snprintf(why, 160, "a stream does not begin: %.80s", text);
    return false;
}

bool load_streams(int64_t port, const char *request, int64_t n, int64_t pid, int64_t *bytes_each,
                  char why[static 160])
{
    int files[CLIENTS_MAX];
    int64_t const before = rss_bytes(pid);
    int64_t opened = 0;
    bool good = n > 0 && n <= CLIENTS_MAX;

    for (; good && opened < n; opened += good) {
        files[opened] = dial(port, why);
        good = files[opened] >= 0;
        if (good && !begin_stream(files[opened], request, why)) {
            close(files[opened]);
            good = false;
        }
    }
    *bytes_each = n ? (rss_bytes(pid) - before) / n : 0;
    for (int64_t i = 0; i < opened; i++) close(files[i]);
    return good;
}
