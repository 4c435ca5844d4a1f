/* serve_test: the server with an app of the test's own: clients that leave while their job runs,
 * full queues, groups of writes, stopping, and streams that miss nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/serve.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "db/db_test.h"
#include "db/outbox.h"
#include "http/metric.h"

static struct test_db database;
static char folder[64], url[1100];
static struct serve *server;
static struct serve_options options;
static atomic_int begun, ended, gate_open;

static void pause_ms(int ms)
{
    struct timespec const t = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&t, NULL);
}

/* ---- the app ---- */

static enum lane lane_of(void *arg, const struct http_request *rq)
{
    (void)arg;
    if (strcmp(rq->path, "/write") == 0) return LANE_WRITE;
    if (strcmp(rq->path, "/slow") == 0 || strcmp(rq->path, "/events") == 0) return LANE_READ;
    return strcmp(rq->path, "/quick") == 0 ? LANE_QUICK : LANE_NOW;
}

static void say(struct http_answer *an, int status, const char *text)
{
    *an = (struct http_answer){
        .status = status, .type = "text/plain", .body = text, .body_bytes = strlen(text)};
}

static enum status put_event(struct ctx *cx, const char *topic, bool fails)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(outbox_put(cx, topic, 7, cx->now, json_object()));
    return fails ? fail(cx->err, &DB_TAKEN, NULL) : tx_commit(&tx);
}

/* How many events a reading transaction sees. */
static size_t count_events(struct ctx *cx)
{
    struct outbox_row *rows;
    size_t n = 0;
    TX tx = {0};

    CHECK(tx_begin_kind(&tx, cx, TX_READ) == OK);
    CHECK(outbox_after(cx, &rows, &n, .after = 0, .max = 10000) == OK);
    return n;
}

/* Waits for the gate, so that the test can leave, stop or fill the queue meanwhile. */
static void wait_for_gate(void)
{
    atomic_fetch_add(&begun, 1);
    while (!atomic_load(&gate_open)) pause_ms(1);
    atomic_fetch_add(&ended, 1);
}

static void answer(void *arg, struct hand *h, struct arena *a, const struct http_request *rq,
                   struct http_answer *an, struct error *e)
{
    struct ctx cx = {.arena = a, .err = e, .db = h ? h->db : NULL, .now = 1700000000000};

    (void)arg;
    if (strcmp(rq->path, "/events") == 0) {
        say(an, 200, "");
        an->type = "text/event-stream";
        an->streams = true;
        an->stream_account_id = strcmp(rq->query, "all") == 0 ? 0 : 7;
        return;
    }
    if (strcmp(rq->path, "/slow") == 0) wait_for_gate();
    if (strcmp(rq->path, "/write") == 0) {
        bool const fails = strcmp(rq->query, "fails") == 0;

        if (strcmp(rq->query, "waits") == 0) wait_for_gate();
        if (put_event(&cx, fails ? "test.refused" : "test.done", fails) != OK) {
            say(an, 409, "refused");
            return;
        }
    }
    if (strcmp(rq->query, "events") == 0) {
        say(an, 200, arena_printf(a, "there are %zu events", count_events(&cx)));
        return;
    }
    if (strcmp(rq->query, "warns") == 0) (void)!fail(e, &DB_TAKEN, NULL);
    say(an, 200, arena_printf(a, "%s %zu", rq->path, rq->body_bytes));
}

static const struct serve_app app = {.lane = lane_of, .answer = answer};

static void start(void)
{
    struct error e;

    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    atomic_store(&gate_open, 0);
    if (serve_start(&options, &server, &e) != OK) FAIL("%s %s", e.fault->code, e.detail);
}

static int stop(void)
{
    int const cut_off = (int)serve_stop(server);

    server = NULL;
    return cut_off;
}

/* ---- a client ---- */

static int dial(void)
{
    struct sockaddr_in const to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)serve_port(server)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval const patience = {10, 0};
    int const s = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(s >= 0 && connect(s, (const struct sockaddr *)&to, sizeof to) == 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return s;
}

static void ask(int s, const char *path, const char *header)
{
    char text[2048];
    int const n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, header);

    CHECK(send(s, text, (size_t)n, MSG_NOSIGNAL) == n);
}

/* Reads until the text stands there; what was read is in `got`. */
static char got[100000];
static bool hears(int s, const char *text)
{
    size_t n = 0;

    for (got[0] = 0; !strstr(got, text);) {
        ssize_t const more = recv(s, got + n, sizeof got - n - 1, 0);

        if (more <= 0) return false;
        n += (size_t)more;
        got[n] = 0;
    }
    return true;
}

static void wait_until(atomic_int *what, int n)
{
    for (int i = 0; i < 5000 && atomic_load(what) < n; i++) pause_ms(2);
    CHECK(atomic_load(what) >= n);
}

static int64_t count(enum metric_count what)
{
    return (int64_t)atomic_load(&serve_metrics(server)->counts[what]);
}

/* ---- the tests ---- */

static void lanes(void **state)
{
    (void)state;
    start();
    atomic_store(&gate_open, 1);
    int const s = dial();
    static const char *const paths[] = {"/now", "/quick", "/slow", "/write", "/quick", "/readyz"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        ask(s, paths[i], "");
        CHECK(hears(s, "\r\n\r\n") && strstr(got, "200 OK"));
    }
    close(s);
    CHECK(stop() == 0);
}

static void leaves(void **state)
{
    struct linger const abort_it = {1, 0};

    (void)state;
    for (int rudely = 0; rudely < 2; rudely++) {
        start();
        int s[4];
        for (int i = 0; i < 4; i++) ask(s[i] = dial(), "/slow", "");
        wait_until(&begun, 4);
        for (int i = 0; i < 4; i++) {
            if (rudely) setsockopt(s[i], SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
            close(s[i]);
        }
        for (int i = 0; rudely && i < 500 && count(COUNT_CLIENTS_LEFT) < 4; i++) pause_ms(2);
        if (rudely) CHECK(count(COUNT_CLIENTS_LEFT) == 4);
        atomic_store(&gate_open, 1);
        wait_until(&ended, 4);
        int const another = dial();
        ask(another, "/now", "");
        CHECK(hears(another, "/now 0"));
        close(another);
        CHECK(stop() == 0);
    }
}

static void full(void **state)
{
    (void)state;
    options.queue_max = 2;
    options.readers = 1;
    start();
    int s[4];
    ask(s[0] = dial(), "/slow", "");
    wait_until(&begun, 1);
    for (int i = 1; i < 4; i++) ask(s[i] = dial(), "/slow", "");
    int refused = 0;
    for (int i = 0; i < 500 && count(COUNT_QUEUE_FULL) < 1; i++) pause_ms(2);
    atomic_store(&gate_open, 1);
    for (int i = 0; i < 4; i++) {
        CHECK(hears(s[i], "\r\n\r\n"));
        if (!strstr(got, "503 ")) continue;
        CHECK(strstr(got, "Retry-After: 1"));
        refused++;
    }
    CHECK(refused == 1 && count(COUNT_QUEUE_FULL) == 1);
    for (int i = 0; i < 4; i++) close(s[i]);
    CHECK(stop() == 0);
    options.queue_max = serve_defaults.queue_max;
    options.readers = serve_defaults.readers;
}

static size_t stored(const char *topic)
{
    struct test_db *t = &database;
    struct outbox_row *rows;
    size_t n, found = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10000));
    for (size_t i = 0; i < n; i++) found += strcmp(rows[i].topic, topic) == 0;
    return found;
}

/* The writer holds one; those that come meanwhile are one group, of which every third is refused
 * and leaves nothing. None is answered before the commit: what was answered is there. */
static void groups(void **state)
{
    enum { N = 30 };
    size_t const before = stored("test.done");

    (void)state;
    start();
    int first, s[N];
    ask(first = dial(), "/write?waits", "");
    wait_until(&begun, 1);
    for (int i = 0; i < N; i++) ask(s[i] = dial(), i % 3 ? "/write" : "/write?fails", "");
    pause_ms(100);
    atomic_store(&gate_open, 1);
    CHECK(hears(first, "200 OK"));
    for (int i = 0; i < N; i++) CHECK(hears(s[i], i % 3 ? "200 OK" : "409 Conflict"));
    CHECK(stored("test.done") - before == 1 + N - N / 3 && stored("test.refused") == 0);
    if (!db_is_pg(database.db)) CHECK(count(COUNT_GROUPS) >= 1 && count(COUNT_GROUP_JOBS) > 10);
    for (int i = 0; i < N; i++) close(s[i]);
    close(first);
    CHECK(stop() == 0);
}

/* Quick reads of many clients share a snapshot: never one from before a write that whoever asks has
 * been told of, be the question in the same packet as that write. */
static void reads_see_what_was_told(void **state)
{
    enum { OTHERS = 16, ROUNDS = 150 };
    static const char both[] = "GET /write HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET /quick?events HTTP/1.1\r\nHost: a\r\n\r\n";
    size_t const before = stored("test.done");
    int s, other[OTHERS];

    (void)state;
    start();
    atomic_store(&gate_open, 1);
    s = dial();
    for (int i = 0; i < OTHERS; i++) other[i] = dial();
    for (size_t round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < OTHERS; i++) ask(other[i], "/quick?events", "");
        CHECK(send(s, both, sizeof both - 1, MSG_NOSIGNAL) == sizeof both - 1);
        CHECK(hears(s, " events"));
        size_t const seen = strtoull(strstr(got, "there are ") + 10, NULL, 10);
        if (seen < before + round) FAIL("%zu of %zu are seen", seen, before + round);
        for (int i = 0; i < OTHERS; i++) CHECK(hears(other[i], " events"));
    }
    for (int i = 0; i < OTHERS; i++) close(other[i]);
    close(s);
    CHECK(stop() == 0);
}

static void tells_faults_of_refusals(void **state)
{
    char path[80], text[4000] = "";
    struct log log;
    int s;

    (void)state;
    snprintf(path, sizeof path, "/tmp/foyer-serve-%ld.log", (long)getpid());
    CHECK(log_open(&log, path));
    options.log = &log;
    start();
    ask(s = dial(), "/quick?warns", "");
    CHECK(hears(s, "200 OK"));
    ask(s, "/write?fails", "");
    CHECK(hears(s, "409 Conflict"));
    close(s);
    CHECK(stop() == 0);
    options.log = NULL;
    log_close(&log);
    FILE *f = fopen(path, "r");
    CHECK(f && fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    CHECK(unlink(path) == 0);
    char *refused = strchr(text, '\n');
    CHECK(refused && strstr(refused, "\"status\":409") &&
          strstr(refused, "\"fault\":\"db.taken\""));
    *refused = 0;
    if (!strstr(text, "\"status\":200") || strstr(text, "fault")) FAIL("%s", text);
}

static void *stop_it(void *arg)
{
    *(int *)arg = stop();
    return NULL;
}

/* What was taken is answered, whatever it waits for; what comes after is not taken. */
static void stops(void **state)
{
    pthread_t stopper;
    int s[20], idle, cut_off = -1;

    (void)state;
    start();
    idle = dial();
    for (int i = 0; i < 20; i++) ask(s[i] = dial(), i % 2 ? "/slow" : "/write?waits", "");
    wait_until(&begun, 5);
    CHECK(pthread_create(&stopper, NULL, stop_it, &cut_off) == 0);
    pause_ms(300);
    atomic_store(&gate_open, 1);
    for (int i = 0; i < 20; i++)
        CHECK(hears(s[i], "\r\n\r\n") && strstr(got, "200 OK") && strstr(got, "Connection: close"));
    CHECK(recv(idle, got, sizeof got, 0) == 0);
    for (int i = 0; i < 20; i++) close(s[i]);
    close(idle);
    pthread_join(stopper, NULL);
    CHECK(cut_off == 0);
}

/* The newest id that was heard. */
static void newest_id(char id[600])
{
    for (char *at = got; (at = strstr(at, "id: ")); at++)
        snprintf(id, 600, "%.*s", (int)strcspn(at + 4, "\r\n"), at + 4);
}

static int times(const char *text)
{
    int n = 0;

    for (const char *at = got; (at = strstr(at, text)); at++) n++;
    return n;
}

static void write_events(int n)
{
    int const s = dial();

    for (int i = 0; i < n; i++) {
        ask(s, "/write", "");
        CHECK(hears(s, "200 OK"));
    }
    close(s);
}

static void streams(void **state)
{
    char header[700], id[600] = "";

    (void)state;
    start();
    int s = dial();
    ask(s, "/events", "");
    CHECK(hears(s, "retry: 2000"));
    write_events(1);
    CHECK(hears(s, "event: test.done") && !strstr(got, "facts"));
    newest_id(id);
    close(s);
    write_events(3);
    s = dial(); /* what was missed, once, and then what comes */
    snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", id);
    ask(s, "/events", header);
    CHECK(hears(s, "retry: 2000"));
    int events = times("event: test.done");
    write_events(1);
    pause_ms(1000);
    shutdown(s, SHUT_WR);
    got[0] = 0;
    for (size_t n = 0; n < sizeof got - 1;) {
        ssize_t const more = recv(s, got + n, sizeof got - n - 1, 0);
        if (more <= 0) break;
        n += (size_t)more;
        got[n] = 0;
    }
    events += times("event: test.done");
    if (events != 4) FAIL("%d events: %s", events, got);
    close(s);
    for (size_t i = 0; i < 2; i++) { /* none of ours, or of a database that was lost */
        static const char *const odd[] = {"nonsense", "7fffffffffe00000"};

        snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", odd[i]);
        ask(s = dial(), "/events?all", header);
        CHECK(hears(s, "event: reset"));
        if (i == 0) close(s);
    }
    write_events(1);
    CHECK(hears(s, "\"facts\":{}"));
    close(s);
    CHECK(stop() == 0);
}

static void refuses(void **state)
{
    struct serve *none = NULL;
    struct serve_options o = options;
    struct error e;

    (void)state;
    o.address = "0.0.0.0:0";
    CHECK(serve_start(&o, &none, &e) == E_INVALID && e.fault == &SERVE_OPEN_ADDRESS);
    for (size_t i = 0; i < 8; i++) { /* which no socket would ever tell of */
        static const char *const odd[] = {"nonsense",    "",      "localhost", "127.0.0.1:80",
                                          "127.0.0.1/8", "127.1", "::0001",    "[::1]"};

        o.trusted_proxy = odd[i];
        if (serve_check(&o, &e) == OK || e.fault != &SERVE_PROXY) FAIL("%s", odd[i]);
    }
    o.trusted_proxy = "192.0.2.1";
    CHECK(serve_check(&o, &e) == OK);
    o.trusted_proxy = "2001:db8::1";
    CHECK(serve_check(&o, &e) == OK);
    o.trusted_proxy = NULL;
    o.address = "nowhere";
    CHECK(serve_start(&o, &none, &e) == E_INVALID && e.fault == &SERVE_ADDRESS);
    o.address = "127.0.0.1:0";
    o.certificate = "/nonexistent.pem";
    CHECK(serve_start(&o, &none, &e) == E_INVALID && e.fault == &SERVE_TLS);
    CHECK(!none);
}

/* Several connections need a file; PostgreSQL's schema is one for all of them. */
static int set_up(void **state)
{
    struct test_db *t = &database;
    int64_t applied;

    (void)state;
    test_db_open(t, 1700000000000);
    snprintf(url, sizeof url, "%s", t->url);
    if (!db_is_pg(t->db)) {
        db_close(t->db);
        snprintf(folder, sizeof folder, "/tmp/foyer-serve-XXXXXX");
        CHECK(mkdtemp(folder));
        snprintf(url, sizeof url, "sqlite:%s/t.db", folder);
        CHECK_OK(db_open(url, &t->db, &t->err));
        CHECK_OK(db_migrate(t->db, 0, &applied, &t->err));
        t->cx.db = t->db;
    }
    options = serve_defaults;
    options.app = &app;
    options.db_url = url;
    options.address = "127.0.0.1:0";
    options.stop_ms = 20000;
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    test_db_close(&database);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return folder[0] ? system(command) : 0;
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("each lane answers", lanes),
        CASE("clients leave while their job runs", leaves),
        CASE("a full queue is answered 503, and when to come again", full),
        CASE("writes share a commit, and refused ones leave nothing", groups),
        CASE("a read sees what whoever asks was told of", reads_see_what_was_told),
        CASE("the log tells the fault of a refusal, and of nothing else", tells_faults_of_refusals),
        CASE("stopping answers all that was taken", stops),
        CASE("E-13 streams hear what happens, and what they missed", streams),
        CASE("an address that others reach needs TLS or a proxy", refuses),
    };
    return cmocka_run_group_tests_name("serve", cases, set_up, tear_down);
}
