/* sandbox: `foyer sandbox` serves the scripted payment provider and its card form, from an origin
 * of
 * its own. SPDX-License-Identifier: Apache-2.0 */
#include "cli/sandbox.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/embedded.h"
#include "cli/cli.h"

extern const struct embedded sandbox_form[];

enum { ORIGIN_MAX = 200 };

static enum lane at_once(void *arg, const struct http_request *rq)
{
    (void)arg, (void)rq;
    return LANE_NOW;
}

/* ---- the card form ---- */

static const char *form_file(const char *name)
{
    for (size_t i = 0; sandbox_form[i].name; i++)
        if (strcmp(sandbox_form[i].name, name) == 0) return sandbox_form[i].text;
    return "";
}

static bool is_listed(const char *origins, const char *origin)
{
    size_t const n = strlen(origin);

    for (const char *s = origins ? origins : ""; *s && n; s += strcspn(s, ","), s += *s == ',')
        if (strcspn(s, ",") == n && strncmp(s, origin, n) == 0) return true;
    return false;
}

/* "origin=https%3A%2F%2Fshop.example.com", and nothing beside it. */
static const char *origin_of(struct arena *a, const char *query)
{
    static const char name[] = "origin=";
    char *to = arena_alloc(a, ORIGIN_MAX + 1);
    size_t n = 0;

    if (strncmp(query, name, sizeof name - 1) != 0) return "";
    for (const char *s = query + sizeof name - 1; *s && *s != '&' && n < ORIGIN_MAX; s++) {
        if (strncmp(s, "%3A", 3) == 0 || strncmp(s, "%3a", 3) == 0)
            to[n++] = ':', s += 2;
        else if (strncmp(s, "%2F", 3) == 0 || strncmp(s, "%2f", 3) == 0)
            to[n++] = '/', s += 2;
        else
            to[n++] = *s;
    }
    return to;
}

static void say(struct http_answer *an, int status, const char *type, const char *body)
{
    *an = (struct http_answer){
        .status = status, .type = type, .body = body, .body_bytes = strlen(body)};
}

/* Only who is listed may embed it; to that page alone it tells the token. */
static void say_form(const struct sandbox_desk *d, struct arena *a, const struct http_request *rq,
                     struct http_answer *an)
{
    const char *origin = origin_of(a, rq->query), *page = form_file("card.html");
    const char *place = strstr(page, "data-origin=\"@ORIGIN@\"");
    bool const embedded = *origin != 0;

    if (embedded && !is_listed(d->origins, origin)) {
        say(an, 403, "text/plain; charset=utf-8", "This origin may not embed the card form.\n");
        return;
    }
    say(an, 200, "text/html; charset=utf-8",
        arena_printf(a, "%.*sdata-origin=\"%s\"%s", (int)(place - page), page, origin,
                     place + strlen("data-origin=\"@ORIGIN@\"")));
    http_answer_header(an, "Content-Security-Policy",
                       arena_printf(a,
                                    "default-src 'none'; script-src 'self'; style-src 'self'; "
                                    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                    "frame-ancestors %s",
                                    embedded ? origin : "'none'"));
}

/* ---- calls ---- */

static void say_call(const struct sandbox_desk *d, struct arena *a, const struct http_request *rq,
                     struct http_answer *an)
{
    struct sandbox_request const in = {
        .method = rq->method,
        .path = rq->path,
        .body = rq->body,
        .authorization = http_header_of(rq, "Authorization"),
        .api_key = d->api_key,
        .now = machine_now(),
    };
    struct sandbox_reply out;

    sandbox_serve(d->gateway, &in, a, &out);
    if (d->teller && out.at > 0) teller_heard(d->teller, out.at);
    say(an, out.status, "application/json", out.body);
}

static void answer(void *arg, struct hand *h, struct arena *a, const struct http_request *rq,
                   struct http_answer *an, struct error *e)
{
    static const struct {
        const char *path, *name, *type;
    } files[] = {
        {"/card.css", "card.css", "text/css; charset=utf-8"       },
        {"/card.js",  "card.js",  "text/javascript; charset=utf-8"},
    };
    const struct sandbox_desk *d = arg;

    (void)h, (void)e;
    for (size_t i = 0; i < COUNT(files); i++)
        if (strcmp(rq->path, files[i].path) == 0) {
            say(an, 200, files[i].type, form_file(files[i].name));
            return;
        }
    if (strcmp(rq->path, "/card") == 0)
        say_form(d, a, rq, an);
    else if (strcmp(rq->path, "/healthz") == 0)
        say(an, 200, "text/plain; charset=utf-8", "ok\n");
    else
        say_call(d, a, rq, an);
}

struct serve_app sandbox_app(struct sandbox_desk *d)
{
    return (struct serve_app){.arg = d, .lane = at_once, .answer = answer};
}

/* ---- calling back ---- */

struct calling {
    struct teller *teller;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
};

static void *call_back(void *arg)
{
    struct calling *c = arg;

    pthread_mutex_lock(&c->lock);
    while (!c->stopping) {
        struct timespec until;

        pthread_mutex_unlock(&c->lock);
        int64_t const at = machine_now() + teller_turn(c->teller);
        until = (struct timespec){at / 1000, at % 1000 * 1000000};
        pthread_mutex_lock(&c->lock);
        if (!c->stopping) pthread_cond_timedwait(&c->stop, &c->lock, &until);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static void begin_calling(struct calling *c)
{
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->stop, NULL);
    int const failed_to = pthread_create(&c->thread, NULL, call_back, c);
    assert(!failed_to);
}

static void end_calling(struct calling *c)
{
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->stop);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->stop);
    pthread_mutex_destroy(&c->lock);
}

/* ---- the command ---- */

static enum status serve_until_told(struct cli *cli, const struct serve_options *o,
                                    struct teller *teller)
{
    struct calling calling = {.teller = teller};
    struct serve *s;
    sigset_t set;
    int got;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    TRY(serve_start(o, &s, &cli->err));
    if (cli->json)
        cli_print_json(json_pack("{s:I}", "port", (json_int_t)serve_port(s)));
    else
        printf("listening on port %lld\n", (long long)serve_port(s));
    fflush(stdout);
    if (teller) begin_calling(&calling);
    while (sigwait(&set, &got) != 0) continue;
    if (teller) end_calling(&calling);
    serve_stop(s);
    return OK;
}

static int run_sandbox(struct cli *cli, int argc, char **argv)
{
    struct sandbox_desk desk = {0};
    struct serve_app const app = sandbox_app(&desk);
    struct serve_options o = serve_defaults;
    struct teller_options calls = {.db_url = cli->db_url, .now = machine_now};
    const char *listen = "127.0.0.1:8090", *why = NULL;
    const struct cli_option options[] = {
        {"listen",          &listen,            NULL},
        {"key",             &desk.api_key,      NULL},
        {"callback-url",    &calls.url,         NULL},
        {"callback-secret", &calls.secret_file, NULL},
        {"allow-origin",    &desk.origins,      NULL},
        {"certificate",     &o.certificate,     NULL},
        {"private-key",     &o.key,             NULL},
        {"trusted-proxy",   &o.trusted_proxy,   NULL},
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, sandbox_commands, why);
    if (!calls.url != !calls.secret_file)
        return cli_usage(cli, sandbox_commands, "--callback-url and --callback-secret go together");
    o.address = listen;
    int const refused = cli_check_listen(cli, sandbox_commands, &o);
    if (refused) return refused;
    CLEANUP(gateway_closep) struct gateway *gateway = NULL;
    enum status s = sandbox_open(cli->db_url, &gateway, &cli->err);
    desk.gateway = gateway;
    o.app = &app;
    o.db_url = NULL;
    o.loops = 1;
    if (s == OK && calls.url) s = teller_open(&calls, &desk.teller, &cli->err);
    if (s == OK) s = serve_until_told(cli, &o, desk.teller);
    teller_close(desk.teller);
    return s == OK ? EXIT_DONE : cli_fail(cli, s);
}

/* clang-format off */
const struct command sandbox_commands[] = {
    {"sandbox", "[--listen ADDRESS:PORT] [--key KEY] [--allow-origin ORIGIN,...] "
     "[--certificate FILE --private-key FILE] [--trusted-proxy ADDRESS] "
     "[--callback-url URL --callback-secret FILE]",
     "Serve the scripted payment provider and its card form.", run_sandbox},
    {0},
};
/* clang-format on */
