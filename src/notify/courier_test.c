/* courier_test: deliveries against a real mail server and a provider of texts and push messages on
 * loopback, and couriers that crash. SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/calendar.h"
#include "courier_sql.h"
#include "notify/notify_test.h"

/* ---- the servers ---- */

static struct {
    pid_t pid;
    int smtp, plain, http;
    char folder[64];
} servers;

static void put(const char *name, const char *text)
{
    char path[200];

    snprintf(path, sizeof path, "%s/%s", servers.folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    fputs(text, f);
    fclose(f);
}

static void start_servers(void)
{
    char text[600];
    int out[2];

    snprintf(servers.folder, sizeof servers.folder, "/tmp/foyer-notify-XXXXXX");
    CHECK(mkdtemp(servers.folder) != NULL && pipe(out) == 0);
    snprintf(text, sizeof text,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
             "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost "
             "-keyout %s/key.pem -out %s/cert.pem 2>/dev/null",
             servers.folder, servers.folder);
    CHECK(system(text) == 0);
    put("mail.password", "secret of the mail server\n");
    put("text.token", "token of texts\n");
    put("push.key", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n");
    put("log", "");
    servers.pid = fork();
    CHECK(servers.pid >= 0);
    if (servers.pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        CHECK(freopen("/dev/null", "w", stderr) != NULL);
        snprintf(text, sizeof text, "%s/tests/notify/servers.py", getenv("SOURCE_ROOT"));
        execl("/usr/bin/python3", "python3", text, servers.folder, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    CHECK(f && fscanf(f, "%d %d %d", &servers.smtp, &servers.plain, &servers.http) == 3);
    fclose(f);
}

static void stop_servers(void)
{
    char command[200];

    kill(servers.pid, SIGKILL);
    waitpid(servers.pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", servers.folder);
    CHECK(system(command) == 0);
}

/* What arrived since the last time, as JSON objects in an array. */
static json_t *arrived(void)
{
    static char line[1 << 17];
    json_t *all = json_array();
    char path[200];

    snprintf(path, sizeof path, "%s/log", servers.folder);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    while (fgets(line, sizeof line, f)) json_array_append_new(all, json_loads(line, 0, NULL));
    fclose(f);
    put("log", "");
    return all;
}

static const char *said(const json_t *all, size_t i, const char *name)
{
    const char *s = json_string_value(json_object_get(json_array_get(all, i), name));

    return s ? s : "";
}

/* ---- the courier ---- */

static bool process_is_gone;
static int64_t wall_now = INT64_C(1700000000000);

static int64_t wall_ms(void *arg)
{
    (void)arg;
    return wall_now;
}

static bool gone(void *arg, const char *process)
{
    (void)arg, (void)process;
    return process_is_gone;
}

static const struct machine machine = {wall_ms, gone, life_pause, "courier", NULL};

static void set_up(void)
{
    struct settings *s = &life.t.settings;
    struct arena *a = &life.catalog_arena;

    s->mail_url = arena_printf(a, "smtp://127.0.0.1:%d", servers.smtp);
    s->mail_user = "foyer";
    s->mail_password_file = arena_printf(a, "%s/mail.password", servers.folder);
    s->mail_ca_file = arena_printf(a, "%s/cert.pem", servers.folder);
    s->mail_timeout_seconds = 1;
    s->text_url = arena_printf(a, "http://127.0.0.1:%d", servers.http);
    s->text_account = "AC1";
    s->text_token_file = arena_printf(a, "%s/text.token", servers.folder);
    s->text_from = "+15550100";
    s->push_url = arena_printf(a, "http://127.0.0.1:%d/push", servers.http);
    s->push_secret_file = arena_printf(a, "%s/push.key", servers.folder);
}

static struct notify_done work_with(struct couriers *c, bool test_clock)
{
    struct test_db *t = &life.t;
    struct notify_world const w = {.machine = &machine, .test_clock = test_clock, .couriers = c};
    struct notify_done done;

    CHECK_OK(notify_work(&t->cx, &w, &done));
    return done;
}

static struct notify_done work(void)
{
    CLEANUP(couriers_close) struct couriers c = {0};
    struct test_db *t = &life.t;

    CHECK_OK(couriers_open(&t->settings, &c, &t->err));
    return work_with(&c, true);
}

static int64_t begin(void)
{
    life_open(&life, "2024-02-01");
    set_up();
    return reader("2024-01-31", "2024-02-01", "tok_visa");
}

static void address(int64_t m, const char *email)
{
    char text[200];

    snprintf(text, sizeof text, "UPDATE account SET email = '%s'", email);
    sql(text, m);
}

static void has_phone(int64_t m, const char *phone)
{
    char text[300];

    snprintf(text, sizeof text,
             "INSERT INTO contact SELECT account_id, '%s', 1, 1, 1, -1, -1, 0, '', 0, ''"
             " FROM account",
             phone);
    sql(text, m);
}

static const char *state_of(int64_t m, const char *kind, enum channel channel)
{
    const struct message_view *v = newest(m, kind);

    for (size_t i = 0; v && i < v->n_deliveries; i++)
        if (v->deliveries[i].channel == (int64_t)channel)
            return delivery_states.at[v->deliveries[i].state];
    return "none";
}

#define IS(text, wanted) CHECK(strcmp((text), (wanted)) == 0)

/* ---- mail ---- */

static void mail_arrives(void **state)
{
    int64_t const m = begin();

    (void)state;
    sql("UPDATE account SET locale = 'de', name = 'Zoë \"Z\" Groß'", m);
    emit(m, "method.added", life.t.cx.now, "{\"brand\":\"visa\",\"last4\":\"4242\"}");
    emit(m, "pause.withdrawn", life.t.cx.now, "{}");
    struct notify_done const done = work();
    CHECK(done.dispatched == 2 && done.sent == 2 && done.failed == 0);
    json_t *all = arrived();
    CHECK(json_array_size(all) == 2);
    IS(said(all, 0, "kind"), "mail");
    CHECK(json_is_true(json_object_get(json_array_get(all, 0), "tls")));
    IS(said(all, 0, "user"), "foyer");
    IS(said(all, 0, "from"), "account@example.com");
    IS(said(all, 0, "subject"), "Eine Zahlungsart wurde hinzugefügt");
    IS(said(all, 0, "auto"), "auto-generated");
    CHECK(strstr(said(all, 0, "text"), "Hallo Zoë \"Z\" Groß,"));
    CHECK(strstr(said(all, 0, "html"), "Hallo Zoë &quot;Z&quot; Groß,"));
    CHECK(strstr(said(all, 0, "text"), newest(m, "method.added")->reference));
    for (size_t i = 0; i < 2; i++) {
        const json_t *mail = json_array_get(all, i);

        CHECK(json_integer_value(json_object_get(mail, "defects")) == 0);
        CHECK(json_integer_value(json_object_get(mail, "long")) <= 78);
    }
    /* One connection carried both. */
    CHECK(json_equal(json_object_get(json_array_get(all, 0), "connection"),
                     json_object_get(json_array_get(all, 1), "connection")));
    IS(state_of(m, "method.added", CHANNEL_EMAIL), "sent");
    json_decref(all);
    CHECK(work().sent == 0); /* once */
    life_close(&life);
}

static void put_off_and_sent_later(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();

    (void)state;
    address(m, "later@example.com");
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    CHECK(work().sent == 0);
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "retrying");
    CHECK(work().sent == 0); /* not before its time */
    address(m, "anna@example.com");
    sql("UPDATE delivery SET address = 'anna@example.com'", m);
    CHECK_OK(clock_advance(&t->cx, t->cx.now + 60000));
    CHECK(work().sent == 1);
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "sent");
    json_decref(arrived());
    life_close(&life);
}

static void given_up_at_last(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();

    (void)state;
    t->settings.message_attempts_max = 3;
    address(m, "later@example.com");
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    for (int i = 0; i < 3; i++) {
        work();
        t->cx.now += 3600000;
        CHECK_OK(clock_advance(&t->cx, t->cx.now));
    }
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "failed");
    json_decref(arrived());
    life_close(&life);
}

static void bounces_are_shown_and_go_elsewhere(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();
    struct contact_view v;

    (void)state;
    address(m, "nobody@example.com");
    has_phone(m, "+15550142");
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    struct notify_done const done = work();
    CHECK(done.failed == 1 && done.sent == 1);
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "bounced");
    IS(state_of(m, "pause.withdrawn", CHANNEL_TEXT), "sent");
    CHECK(!list(m).email_reachable);
    struct contact_ask const ask = {.account_id = m};
    CHECK_OK(contact_get(&t->cx, &ask, &v));
    CHECK(!v.email_reachable && *v.email_failed_at && v.phone_reachable);
    struct contact_set const in = {
        .account_id = m, .email = "nobody@example.com", .texts = -1, .push = -1};
    CHECK_OK(contact_set(&t->cx, &in, &v)); /* the owner says that it is right */
    CHECK(v.email_reachable);
    address(m, "content@example.com"); /* the mail is refused, not the address */
    emit(m, "method.added", t->cx.now, "{}");
    work();
    IS(state_of(m, "method.added", CHANNEL_EMAIL), "failed");
    CHECK(list(m).email_reachable);
    json_decref(arrived());
    life_close(&life);
}

static void servers_that_hang_or_die(void **state)
{
    int64_t const m = begin();

    (void)state;
    address(m, "hang@example.com");
    emit(m, "pause.withdrawn", life.t.cx.now, "{}");
    work();
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "retrying");
    address(m, "dies@example.com");
    emit(m, "method.added", life.t.cx.now, "{}");
    work();
    IS(state_of(m, "method.added", CHANNEL_EMAIL), "retrying");
    CHECK(list(m).email_reachable);
    life.t.settings.mail_password_file = life.t.settings.text_token_file; /* the wrong one */
    address(m, "anna@example.com");
    emit(m, "method.removed", life.t.cx.now, "{}");
    work();
    IS(state_of(m, "method.removed", CHANNEL_EMAIL), "retrying"); /* our fault, not the address's */
    json_t *all = arrived();
    for (size_t i = 0; i < json_array_size(all); i++) CHECK(*said(all, i, "subject") == 0);
    json_decref(all);
    life_close(&life);
}

/* Whoever sends once is told why something did not go, and where to look: here at mail_plain. */
static void reasons_are_told(void **state)
{
    static const struct {
        bool to_plain, plain, refuses;
        const char *why; /* NULL: sent */
    } rows[] = {
        {true,  false, false, "TLS is not offered there: see mail_plain"        },
        {true,  false, true,  "TLS is refused there (454 4.7.0): see mail_plain"},
        {true,  true,  false, NULL                                              },
        {false, true,  false, "530: it wants TLS; set mail_plain to 0"          },
    };
    int64_t const m = begin();
    struct settings *s = &life.t.settings;

    (void)state;
    s->mail_user = "";
    for (size_t i = 0; i < COUNT(rows); i++) {
        s->mail_url = arena_printf(&life.catalog_arena, "smtp://127.0.0.1:%d",
                                   rows[i].to_plain ? servers.plain : servers.smtp);
        s->mail_plain = rows[i].plain;
        if (rows[i].refuses) put("refuse", "");
        if (!rows[i].refuses) unlink(arena_printf(&life.t.arena, "%s/refuse", servers.folder));
        sql("DELETE FROM delivery", m);
        emit(m, "pause.withdrawn", life.t.cx.now, "{}");
        struct notify_done const done = work();
        if (!rows[i].why) {
            CHECK(done.sent == 1 && done.put_off == 0 && done.why.n == 0);
            continue;
        }
        CHECK(done.sent == 0 && done.put_off == 1 && done.failed == 0 && done.why.n == 1);
        CHECK(done.why.at[0].n == 1 && done.why.at[0].again == 1);
        IS(done.why.at[0].way, "email");
        if (!strstr(done.why.at[0].why, rows[i].why)) FAIL("%zu: %s", i, done.why.at[0].why);
    }
    json_decref(arrived());
    life_close(&life);
}

/* ---- texts and push ---- */

static void texts_and_push(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();
    struct message_reported reported;

    (void)state;
    has_phone(m, "+15550142");
    emit(m, "method.added", t->cx.now, "{\"brand\":\"visa\",\"last4\":\"4242\"}");
    CHECK(work().sent == 3);
    json_t *all = arrived();
    CHECK(json_array_size(all) == 3);
    const json_t *form = json_object_get(json_array_get(all, 1), "form");
    IS(json_string_value(json_object_get(form, "To")), "+15550142");
    IS(json_string_value(json_object_get(form, "From")), "+15550100");
    const char *body = json_string_value(json_object_get(form, "Body"));
    CHECK(strstr(body, "Foyer: A payment method was added. Not you?"));
    CHECK(strstr(body, newest(m, "method.added")->reference) && strlen(body) <= 160);
    const json_t *push = json_object_get(json_array_get(all, 2), "body");
    IS(json_string_value(json_object_get(push, "body")), "A payment method was added");
    const json_t *headers = json_object_get(json_array_get(all, 2), "headers");
    CHECK(strncmp(json_string_value(json_object_get(headers, "webhook-signature")), "v1,", 3) == 0);
    json_decref(all);
    struct message_report in = {"SM15550142", "delivered", ""};
    CHECK_OK(message_report(&t->cx, &in, &reported));
    CHECK(reported.known && strcmp(reported.state, "arrived") == 0);
    in.status = "undelivered"; /* too late: it has arrived */
    CHECK_OK(message_report(&t->cx, &in, &reported));
    IS(reported.state, "arrived");
    in.provider_ref = "SMnobody";
    CHECK_OK(message_report(&t->cx, &in, &reported));
    CHECK(!reported.known);
    life_close(&life);
}

static void texts_that_fail(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();
    struct message_reported reported;

    (void)state;
    has_phone(m, "+15550151");
    emit(m, "method.added", t->cx.now, "{}");
    work();
    IS(state_of(m, "method.added", CHANNEL_TEXT), "bounced");
    CHECK(!list(m).phone_reachable);
    sql("UPDATE contact SET phone = '+15550152', phone_failed_at = 0", m);
    emit(m, "method.removed", t->cx.now, "{}");
    work();
    IS(state_of(m, "method.removed", CHANNEL_TEXT), "retrying");
    sql("UPDATE contact SET phone = '+15550153'", m);
    emit(m, "method.updated", t->cx.now, "{}");
    work();
    IS(state_of(m, "method.updated", CHANNEL_TEXT), "sent");
    struct message_report const in = {"SM15550153", "undelivered", "30005"};
    CHECK_OK(message_report(&t->cx, &in, &reported));
    IS(reported.state, "bounced");
    CHECK(!list(m).phone_reachable);
    json_decref(arrived());
    life_close(&life);
}

/* ---- a capture instead of servers ---- */

static struct {
    char tokens[64][64];
    size_t n;
    bool crash; /* the process dies between the sending and the mark */
} capture;

static enum db_injury crash(void *arg, enum db_moment moment)
{
    (void)arg;
    return moment == AT_COMMIT ? CRASH_BEFORE : UNHURT;
}

static void capture_send(void *state, const struct outgoing *o, struct carried *out)
{
    (void)state;
    snprintf(capture.tokens[capture.n++ % 64], 64, "%s", o->token);
    if (capture.crash) db_injure(life.t.db, crash, NULL);
    out->outcome = OUTCOME_ACCEPTED;
}

static void no_close(void *state)
{
    (void)state;
}

static struct couriers captured(void)
{
    capture.n = 0;
    capture.crash = false;
    return (struct couriers){{{capture_send, no_close, &capture}}};
}

static void a_crash_sends_the_same_again(void **state)
{
    struct test_db *t = &life.t;
    struct couriers c = captured();
    struct notify_world const w = {.machine = &machine, .test_clock = true, .couriers = &c};
    int64_t const m = begin();

    (void)state;
    process_is_gone = false;
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    capture.crash = true;
    CHECK(notify_work(&t->cx, &w, NULL) != OK && capture.n == 1);
    db_injure(t->db, NULL, NULL);
    db_revive(t->db);
    capture.crash = false;
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "wanted");
    CHECK(work_with(&c, true).sent == 0); /* somebody else may still be sending it */
    process_is_gone = true;
    CHECK(work_with(&c, true).sent == 1 && capture.n == 2);
    IS(capture.tokens[0], capture.tokens[1]);
    CHECK(work_with(&c, true).sent == 0 && capture.n == 2);
    process_is_gone = false;
    emit(m, "method.added", t->cx.now, "{}");
    capture.crash = true;
    CHECK(notify_work(&t->cx, &w, NULL) != OK && capture.n == 3);
    db_injure(t->db, NULL, NULL);
    db_revive(t->db);
    capture.crash = false;
    wall_now += 200000; /* the claim of a courier on another machine lapses */
    CHECK(work_with(&c, true).sent == 1 && capture.n == 4);
    IS(capture.tokens[2], capture.tokens[3]);
    life_close(&life);
}

/* A courier that was too slow does not undo what another has stored. */
static void claims_are_fenced(void **state)
{
    struct test_db *t = &life.t;
    struct couriers c = captured();
    int64_t const m = begin(), old = wall_now;
    struct delivery_due *rows;
    int64_t stored;
    size_t n;

    (void)state;
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    dispatch_all();
    CHECK_OK(deliveries_due(&t->cx, &rows, &n, .now = t->cx.now, .wall = wall_now,
                            .channel = CHANNEL_EMAIL, .max = 9));
    CHECK(n == 1);
    wall_now += 1;
    CHECK(work_with(&c, true).sent == 1);
    CHECK_OK(delivery_mark(&t->cx, &stored, .delivery_state = DELIVERY_FAILED, .due_at = 0,
                           .attempts = 1, .done_at = 1, .provider_ref = "", .code = "",
                           .message_id = rows[0].message_id, .channel = CHANNEL_EMAIL, .place = 1,
                           .claim = rows[0].claim));
    CHECK(stored == 0);
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "sent");
    wall_now = old;
    life_close(&life);
}

static void stale_or_untrue(void **state)
{
    struct test_db *t = &life.t;
    struct couriers c = captured();
    int64_t const m = begin();

    (void)state;
    emit(m, "membership.held", t->cx.now - 3600000, "{}"); /* but the member is active */
    emit(m, "pause.withdrawn", t->cx.now - 8 * DAY_MS, "{}");
    emit(m, "method.added", t->cx.now - 8 * DAY_MS, "{}");
    CHECK_OK(clock_advance(&t->cx, t->cx.now + DAY_MS));
    struct notify_done const done = work_with(&c, false); /* by a clock that nobody moved on */
    CHECK(done.dropped == 2 && done.sent == 1);
    IS(state_of(m, "membership.held", CHANNEL_EMAIL), "dropped");
    IS(state_of(m, "pause.withdrawn", CHANNEL_EMAIL), "stale");
    IS(state_of(m, "method.added", CHANNEL_EMAIL), "sent");
    CHECK(list(m).n == 3); /* listed all the same */
    emit(m, "pause.withdrawn", t->cx.now - 8 * DAY_MS, "{}");
    CHECK(work_with(&c, true).sent == 1); /* on a test clock it goes out at its own time */
    life_close(&life);
}

/* Quiet hours hold the letter; what its owner does meanwhile decides whether it still says what is
 * so. With credit a membership that ends may be charged once more. */
static void overtaken_by_a_cancel(void **state)
{
    static const struct {
        const char *change, *state;
        int64_t sent;
    } cases[] = {
        {"UPDATE membership SET plan = plan",                                     "sent",    1},
        {"UPDATE membership SET state = 'ending', end_day = period_end_day",      "dropped", 0},
        {"UPDATE membership SET state = 'ending', end_day = period_end_day + 31", "sent",    1},
        {"UPDATE membership SET state = 'canceled'",                              "dropped", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct couriers c = captured();
        int64_t const m = begin();
        struct test_db *t = &life.t;

        emit(m, "plan.retiring", t->cx.now, "{\"plan\":\"standard\",\"last_day\":\"2030-01-01\"}");
        dispatch_all();
        CHECK(strstr(newest(m, "plan.retiring")->text, "Your next charge"));
        sql(cases[i].change, m);
        CHECK_OK(clock_advance(&t->cx, t->cx.now + DAY_MS));
        CHECK(work_with(&c, true).sent == cases[i].sent);
        IS(state_of(m, "plan.retiring", CHANNEL_EMAIL), cases[i].state);
        life_close(&life);
    }
}

static void security_goes_first(void **state)
{
    struct couriers c = captured();
    int64_t const m = begin(), at = life.t.cx.now;

    (void)state;
    emit(m, "billing.refunded", at - 3 * 3600000 - 9 * 3600000, "{}");
    emit(m, "pause.withdrawn", at, "{}");
    emit(m, "method.added", at, "{}");
    CHECK(work_with(&c, true).sent == 3);
    char code[REFERENCE];
    static const char *const order[] = {"method.added", "pause.withdrawn", "billing.refunded"};
    for (size_t i = 0; i < 3; i++) {
        const char *reference = newest(m, order[i])->reference;

        snprintf(code, sizeof code, "%.4s%.4s%.4s", reference, reference + 5, reference + 10);
        CHECK(strncmp(capture.tokens[i], code, 12) == 0);
    }
    life_close(&life);
}

/* Who tries Foyer out reads mail in a folder; the same mail twice is one file. */
static void into_a_folder(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = begin();
    char path[300];
    size_t files = 0;

    (void)state;
    snprintf(path, sizeof path, "maildir:%s/mails", servers.folder);
    t->settings.mail_url = path;
    t->settings.text_url = t->settings.push_url = "";
    emit(m, "pause.withdrawn", t->cx.now, "{}");
    emit(m, "method.added", t->cx.now, "{}");
    CHECK(work().sent == 2);
    sql("UPDATE delivery SET delivery_state = 'wanted', due_at = 1", m);
    CHECK(work().sent == 2);
    DIR *d = opendir(arena_printf(&t->arena, "%s/mails/new", servers.folder));
    CHECK(d != NULL);
    for (struct dirent *e; (e = readdir(d));) files += e->d_name[0] != '.';
    closedir(d);
    CHECK(files == 2);
    life_close(&life);
}

static void wrong_settings_are_refused(void **state)
{
    struct couriers c;
    struct test_db *t = &life.t;

    (void)state;
    begin();
    t->settings.mail_url = "http://127.0.0.1/";
    CHECK_FAULT(couriers_open(&t->settings, &c, &t->err), &OUT_URL);
    couriers_close(&c);
    set_up();
    t->settings.text_token_file = "/nonexistent/token";
    CHECK_FAULT(couriers_open(&t->settings, &c, &t->err), &OUT_SECRET);
    couriers_close(&c);
    t->settings = settings_default;
    CHECK_OK(couriers_open(&t->settings, &c, &t->err));
    for (size_t i = 0; i < CHANNELS; i++) CHECK(!c.by[i].state); /* nothing leaves */
    couriers_close(&c);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-01 Y-12 mail goes out by SMTP with STARTTLS, credentials and its reference",
             mail_arrives),
        CASE("Y-14 mail that is put off goes out later", put_off_and_sent_later),
        CASE("Y-14 mail that is put off for ever is given up", given_up_at_last),
        CASE("Y-14 a bounce is shown to the owner, and a text goes out instead",
             bounces_are_shown_and_go_elsewhere),
        CASE("Y-14 servers that hang, die or refuse us cost only time", servers_that_hang_or_die),
        CASE("Y-14 whoever sends is told why mail did not go", reasons_are_told),
        CASE("Y-01 texts and push messages go to their providers", texts_and_push),
        CASE("Y-14 numbers that cannot get texts are shown", texts_that_fail),
        CASE("Y-13 after a crash the same message goes out again, under the same id",
             a_crash_sends_the_same_again),
        CASE("Y-13 a courier that was too slow changes nothing", claims_are_fenced),
        CASE("Y-13 what is stale or no longer true is dropped, and listed", stale_or_untrue),
        CASE("Y-13 A-10 a letter of the next charge is dropped when a cancel has overtaken it",
             overtaken_by_a_cancel),
        CASE("Y-13 Y-15 security goes before answers, and those before routine",
             security_goes_first),
        CASE("Y-01 mail can go into a folder", into_a_folder),
        CASE("Y-01 wrong settings are refused, and without settings nothing leaves",
             wrong_settings_are_refused),
    };
    start_servers();
    int const failed = RUN_CASES("courier", cases);
    stop_servers();
    return failed;
}
