/* webhook_send_test: the courier against a receiver that answers by script, and couriers that are
 * killed in the middle. SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/calendar.h"
#include "db/db_test.h"
#include "db/lease.h"
#include "notify/notify.h"

static const int64_t START = INT64_C(1772000000000);
static struct test_db world, *const t = &world;

/* ---- the machine, and a clock that the test may move on ---- */

static int64_t skipped;

static int64_t wall_ms(void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + skipped;
}

static const struct machine machine = {.wall_ms = wall_ms};

/* ---- the receiver ---- */

static struct receiver {
    pid_t pid;
    int port, in;
    char folder[64], log[96], ca[96];
    bool secure;
} receiver;

static void make_certificate(void)
{
    char command[512];

    snprintf(receiver.ca, sizeof receiver.ca, "%s/cert.pem", receiver.folder);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
             "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost "
             "-keyout %s/key.pem -out %s 2>/dev/null",
             receiver.folder, receiver.ca);
    CHECK(system(command) == 0);
}

static void run_receiver(const int *out, const int *in)
{
    char script[512], key[96];

    dup2(out[1], STDOUT_FILENO);
    dup2(in[0], STDIN_FILENO);
    close(in[1]);
    snprintf(script, sizeof script, "%s/tests/webhooks/receiver.py", getenv("SOURCE_ROOT"));
    snprintf(key, sizeof key, "%s/key.pem", receiver.folder);
    if (receiver.secure)
        execlp("python3", "python3", script, receiver.log, receiver.ca, key, (char *)NULL);
    execlp("python3", "python3", script, receiver.log, (char *)NULL);
    _exit(127);
}

static void receiver_start(bool secure)
{
    char port[16] = "";
    int out[2], in[2];

    snprintf(receiver.folder, sizeof receiver.folder, "/tmp/foyer-hooks.XXXXXX");
    CHECK(mkdtemp(receiver.folder));
    snprintf(receiver.log, sizeof receiver.log, "%s/log", receiver.folder);
    receiver.secure = secure;
    if (secure) make_certificate();
    CHECK(pipe(out) == 0 && pipe(in) == 0);
    receiver.pid = fork();
    CHECK(receiver.pid >= 0);
    if (receiver.pid == 0) run_receiver(out, in);
    close(out[1]);
    close(in[0]);
    receiver.in = in[1];
    CHECK(read(out[0], port, sizeof port - 1) > 1);
    close(out[0]);
    receiver.port = (int)strtol(port, NULL, 10);
    CHECK(receiver.port > 0);
}

static void receiver_stop(void)
{
    char command[128];

    close(receiver.in);
    kill(receiver.pid, SIGTERM);
    waitpid(receiver.pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", receiver.folder);
    CHECK(system(command) == 0);
}

/* What it has heard: an array of what it wrote, one object a request. */
static json_t *heard(void)
{
    json_t *all = json_array();
    FILE *f = fopen(receiver.log, "r");
    char line[8192];

    while (f && fgets(line, sizeof line, f)) json_array_append_new(all, json_loads(line, 0, NULL));
    if (f) fclose(f);
    return all;
}

static const char *text_of(const json_t *all, size_t i, const char *name)
{
    const char *s = json_string_value(json_object_get(json_array_get(all, i), name));

    return s ? s : "";
}

static size_t n_heard(void)
{
    CLEANUP(json_decrefp) json_t *all = heard();

    return json_array_size(all);
}

/* ---- the stage ---- */

static void set(const char *name, const char *value)
{
    CHECK_OK(settings_set(&t->cx, name, value));
    CHECK_OK(settings_load(&t->cx, &t->settings));
}

static void stage(bool secure)
{
    skipped = 0;
    test_db_open(t, START);
    receiver_start(secure);
    set("webhook_local_targets", "1");
    set("webhook_timeout_seconds", "1");
    if (secure) set("webhook_ca_file", receiver.ca);
}

static void strike(void)
{
    receiver_stop();
    test_db_close(t);
}

static const char *endpoint(const char *path)
{
    struct webhook_create in = {.note = "test"};
    struct webhook_keys keys;

    in.url = arena_printf(&t->arena, "%s://127.0.0.1:%d/%s", receiver.secure ? "https" : "http",
                          receiver.port, path);
    CHECK_OK(webhook_create(&t->cx, &in, &keys));
    return keys.endpoint;
}

static void happens(int64_t id, int64_t account)
{
    struct outbox_row const row = {id, account, "slot.paid", START + id, "{\"slot_no\":1}"};

    CHECK_OK(webhook_plan(&t->cx, &row, 1));
}

static int64_t work(void)
{
    struct webhook_done done;
    int64_t failed = 0;

    CHECK_OK(webhook_work(&t->cx, &machine, NULL, NULL, &done));
    for (size_t i = 0; i < done.why.n; i++) failed += done.why.at[i].n;
    CHECK(done.attempts == done.delivered + failed);
    return done.attempts;
}

static struct hook_view only(const char *of)
{
    struct hook_list const in = {.endpoint = of};
    struct hooks_view out;

    CHECK_OK(hook_list(&t->cx, &in, &out));
    CHECK(out.n == 1);
    return out.items[0];
}

static struct attempt_view newest(const char *of)
{
    struct hook_ref const ref = {only(of).delivery};
    struct hook_log log;

    CHECK_OK(hook_log(&t->cx, &ref, &log));
    CHECK(log.n > 0);
    return log.items[0];
}

static struct webhook_view look(const char *of)
{
    struct webhooks_view all;

    CHECK_OK(webhook_list(&t->cx, NULL, &all));
    for (size_t i = 0; i < all.n; i++)
        if (strcmp(all.items[i].endpoint, of) == 0) return all.items[i];
    FAIL("%s is not listed", of);
    return (struct webhook_view){0};
}

/* ---- what receivers get ---- */

static void delivers_over_tls(void **state)
{
    (void)state;
    stage(true);
    const char *e = endpoint("200");
    happens(1, 5);
    CHECK(work() == 1);
    struct hook_view const d = only(e);
    CHECK(d.state == HOOK_DELIVERED && d.attempts == 1 && *d.ended_at);
    struct attempt_view const a = newest(e);
    CHECK(a.http_status == 200 && a.result == ATTEMPT_DELIVERED && strcmp(a.answer, "ok ") == 0);
    CLEANUP(json_decrefp) json_t *all = heard();
    CHECK(json_array_size(all) == 1 && strcmp(text_of(all, 0, "webhook-id"), d.id) == 0);
    CHECK(strcmp(text_of(all, 0, "content-type"), "application/json") == 0);
    CHECK(strncmp(text_of(all, 0, "webhook-signature"), "v1,", 3) == 0);
    CHECK(strstr(text_of(all, 0, "webhook-signature"), " v1a,"));
    CHECK(strstr(text_of(all, 0, "body"), "\"type\":\"slot.paid\""));
    set("webhook_ca_file", "/etc/ssl/certs/ca-certificates.crt");
    happens(2, 5);
    CHECK(work() == 1); /* an unknown authority is nobody to talk to */
    CHECK(n_heard() == 1 && look(e).waiting == 1);
    strike();
}

static void tries_again(void **state)
{
    static const struct {
        const char *path;
        enum attempt_result result;
        int64_t http_status;
    } rows[] = {
        {"500-200",   ATTEMPT_REFUSED,    500},
        {"302-200",   ATTEMPT_REDIRECTED, 302},
        {"reset-200", ATTEMPT_BROKEN,     0  },
        {"hang-200",  ATTEMPT_TIMED_OUT,  0  },
        {"429:2-200", ATTEMPT_SLOWED,     429},
        {"502-200",   ATTEMPT_SLOWED,     502},
    };
    const char *endpoints[COUNT(rows)];

    (void)state;
    stage(false);
    for (size_t i = 0; i < COUNT(rows); i++) endpoints[i] = endpoint(rows[i].path);
    happens(1, 5);
    CHECK(work() == (int64_t)COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct attempt_view const a = newest(endpoints[i]);

        if (a.result != rows[i].result || a.http_status != rows[i].http_status)
            FAIL("%s: %s %lld", rows[i].path, attempt_results.at[a.result],
                 (long long)a.http_status);
        CHECK(only(endpoints[i]).state == HOOK_WAITING && *only(endpoints[i]).due_at);
        CHECK(*look(endpoints[i]).failing_since);
    }
    CHECK(work() == 0); /* not yet due */
    skipped += 61000;   /* all of them are tried again, those that wanted quiet too */
    CHECK(work() == (int64_t)COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(only(endpoints[i]).state == HOOK_DELIVERED && only(endpoints[i]).attempts == 2);
        CHECK(!*look(endpoints[i]).failing_since);
    }
    CLEANUP(json_decrefp) json_t *all = heard();
    for (size_t i = 0; i < json_array_size(all); i++)
        CHECK(!strstr(text_of(all, i, "path"), "followed"));
    CHECK(json_array_size(all) == 2 * COUNT(rows));
    strike();
}

static void gives_up(void **state)
{
    struct works_view works;

    (void)state;
    stage(false);
    const char *gone = endpoint("410");
    const char *dead = endpoint("500");
    happens(1, 5);
    for (int i = 0; i < 12; i++) {
        CHECK(work() == (i == 0) + (i < 10));
        skipped += 30 * 3600 * 1000;
        if (i == 8) CHECK(look(dead).state == ENDPOINT_ENABLED);
    }
    CHECK(look(gone).state == ENDPOINT_DISABLED && only(gone).attempts == 1);
    CHECK(strcmp(look(gone).disabled_why, "gone") == 0);
    CHECK(look(dead).state == ENDPOINT_DISABLED && only(dead).attempts == WEBHOOK_TRIES);
    CHECK(strcmp(look(dead).disabled_why, "failing") == 0);
    CHECK(only(dead).state == HOOK_GIVEN_UP);
    CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "webhook.disabled"}, &works));
    CHECK(works.n == 2 && strstr(works.items[0].evidence, "\"why\":\"failing\""));
    strike();
}

static void stays_outside(void **state)
{
    static const char *const targets[] = {"https://127.0.0.1:8443/",
                                          "https://[::1]:8443/",
                                          "https://localhost:8443/",
                                          "https://10.0.0.1/",
                                          "https://169.254.169.254/latest/meta-data/",
                                          "https://[::ffff:127.0.0.1]:8443/",
                                          "https://0x7f.1:8443/"};
    const char *endpoints[COUNT(targets)];

    (void)state;
    stage(true);
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct webhook_create const in = {.url = targets[i]};
        struct webhook_keys keys;

        CHECK_OK(webhook_create(&t->cx, &in, &keys));
        endpoints[i] = keys.endpoint;
    }
    const char *e = endpoint("200");
    set("webhook_local_targets", "0");
    happens(1, 5);
    CHECK(work() == (int64_t)COUNT(targets) + 1);
    for (size_t i = 0; i < COUNT(targets); i++)
        if (newest(endpoints[i]).result != ATTEMPT_NOT_PUBLIC) FAIL("%s was called", targets[i]);
    CHECK(newest(e).result == ATTEMPT_NOT_PUBLIC && n_heard() == 0);
    strike();
}

/* ---- order ---- */

static void keeps_an_accounts_order(void **state)
{
    (void)state;
    stage(false);
    endpoint("500-200");
    for (int64_t i = 0; i < 6; i++) happens(i + 1, 5 + i % 2);
    work();
    CHECK(n_heard() == 4); /* one account's three; the other's wait behind its first */
    skipped += 10000;
    work();
    skipped += 10000;
    work();
    CLEANUP(json_decrefp) json_t *all = heard();
    int64_t last[2] = {0};
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *body = text_of(all, i, "body");
        CLEANUP(json_decrefp) json_t *told = json_loads(body, 0, NULL);
        const char *at = json_string_value(json_object_get(told, "timestamp"));
        int64_t const ms = strtol(at + 20, NULL, 10); /* START ends in .000: the id */

        if (strcmp(text_of(all, i, "answer"), "200") != 0) continue;
        CHECK(ms > last[ms % 2]);
        last[ms % 2] = ms;
    }
    CHECK(last[0] == 6 && last[1] == 5);
    strike();
}

static void does_not_wait_for_others(void **state)
{
    (void)state;
    stage(false);
    endpoint("hang");
    const char *quick = endpoint("200");
    for (int64_t i = 1; i <= 100; i++) happens(i, i);
    int64_t const sent = work();
    CHECK(sent >= 100 + 4 && sent < 100 + 20); /* who does not answer is left alone for a while */
    CHECK(look(quick).waiting == 0);
    strike();
}

/* ---- kill -9 ---- */

enum { EVENTS = 40, ACCOUNTS = 4 };
static char shared[sizeof world.url];

/* Memory is nobody else's: what processes share is a file. Answers what was before. */
static struct db *on_file(void)
{
    struct db *before = t->db;
    int64_t applied;

    memcpy(shared, t->url, sizeof shared);
    if (t->schema[0]) return before;
    snprintf(shared, sizeof shared, "sqlite:%s/foyer.db", receiver.folder);
    CHECK_OK(db_open(shared, &t->db, &t->err));
    CHECK_OK(db_migrate(t->db, START, &applied, &t->err));
    t->cx.db = t->db;
    set("webhook_local_targets", "1");
    set("webhook_timeout_seconds", "1");
    return before;
}

static void off_file(struct db *before)
{
    if (t->db != before) db_close(t->db);
    t->cx.db = t->db = before;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* A courier in a process of its own, on the same database. */
static pid_t courier(void)
{
    pid_t const pid = fork();

    if (pid != 0) return pid;
    struct db *db;
    struct ctx cx = t->cx;

    if (db_open(shared, &db, &t->err) != OK) _exit(1);
    if (t->schema[0]) db_key_file(db, test_key_file());
    cx.db = db;
    for (;;) (void)!webhook_work(&cx, &machine, never, NULL, NULL);
}

static void check_told(void)
{
    CLEANUP(json_decrefp) json_t *all = heard();
    CLEANUP(json_decrefp) json_t *first = json_object();
    int64_t last[ACCOUNTS] = {0};

    for (size_t i = 0; i < json_array_size(all); i++) {
        CLEANUP(json_decrefp) json_t *told = json_loads(text_of(all, i, "body"), 0, NULL);
        const char *at = json_string_value(json_object_get(told, "timestamp"));
        int64_t const id = strtol(at + 20, NULL, 10);

        /* The same event has the same webhook-id, and no event comes first after a later one. */
        const char *key = arena_printf(&t->arena, "%lld", (long long)id);
        json_t *known = json_object_get(first, key);
        if (known) {
            CHECK(strcmp(json_string_value(known), text_of(all, i, "webhook-id")) == 0);
            continue;
        }
        json_object_set_new(first, key, json_string(text_of(all, i, "webhook-id")));
        CHECK(id > last[id % ACCOUNTS]);
        last[id % ACCOUNTS] = id;
    }
    CHECK(json_object_size(first) == EVENTS);
}

static void survives_kills(void **state)
{
    struct db *memory;

    (void)state;
    stage(false);
    memory = on_file();
    const char *e = endpoint("slow");
    for (int64_t i = 1; i <= EVENTS; i++) happens(i, 100 + i % ACCOUNTS);
    for (int round = 0; look(e).waiting > 0; round++) {
        int const ms = 450 + 70 * round; /* longer each time: slow machines get there too */
        struct timespec const while_it_works = {ms / 1000, ms % 1000 * 1000000};
        pid_t const pid = courier();

        CHECK(round < 100);
        nanosleep(&while_it_works, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        if (round == 0) CHECK(look(e).waiting > 0 && n_heard() > 0); /* in the middle */
        skipped += 4000;                                             /* its claims lapse */
    }
    check_told();
    off_file(memory);
    strike();
}

/* Two at once share the work and send nothing twice. */
static void shares_work(void **state)
{
    (void)state;
    stage(false);
    struct db *memory = on_file();
    const char *e = endpoint("200");
    for (int64_t i = 1; i <= EVENTS; i++) happens(i, i);
    pid_t const a = courier(), b = courier();
    for (int i = 0; i < 400 && look(e).waiting > 0; i++) {
        struct timespec const moment = {0, 50 * 1000000};

        nanosleep(&moment, NULL);
    }
    kill(a, SIGKILL);
    kill(b, SIGKILL);
    waitpid(a, NULL, 0);
    waitpid(b, NULL, 0);
    CHECK(look(e).waiting == 0 && n_heard() == EVENTS);
    off_file(memory);
    strike();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-13 an event arrives signed, over TLS that is checked", delivers_over_tls),
        CASE("what fails is tried again later, and no redirect is followed", tries_again),
        CASE("410 disables at once, days of failing do; the operator is told", gives_up),
        CASE("addresses that are not public are not called, whatever their name", stays_outside),
        CASE("an account's events arrive in order", keeps_an_accounts_order),
        CASE("a slow endpoint keeps no other waiting", does_not_wait_for_others),
        CASE("couriers killed at any moment: told at least once, in order, under one id",
             survives_kills),
        CASE("two couriers send nothing twice", shares_work),
    };
    return RUN_CASES("webhook_send", cases);
}
