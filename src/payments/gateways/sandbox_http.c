/* sandbox_http: the sandbox as a provider elsewhere, called over HTTP. A payment is sent once, on a
 * connection of its own: what becomes of it when no reply comes only a look-up tells.
 * SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <string.h>

#include "base/shape.h"
#include "payments/gateways/gateway_calls.h"
#include "payments/gateways/sandbox.h"
#include "payments/gateways/sandbox_service.h"

enum { REPLY_MAX = 8 << 20, CONNECT_MS = 5000, TOTAL_MS = 30000 };

struct remote {
    CURL *h;
    char *url, *authorization;
    struct curl_slist *headers;
};

/* One call, and what came back. */
struct exchange {
    struct arena *a;
    char *reply;
    size_t n, room;
    long status;
    json_t *json; /* of the reply; NULL: there was none */
    bool sent;    /* perhaps: it may have arrived */
};

static size_t take(char *bytes, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;

    if (x->n + size * n > REPLY_MAX) return 0;
    if (x->n + size * n > x->room) {
        x->room = 2 * (x->n + size * n);
        x->reply = memory_grow(x->reply, x->room);
    }
    memcpy(x->reply + x->n, bytes, size * n);
    x->n += size * n;
    return size * n;
}

static void end(struct exchange *x)
{
    json_decref(x->json);
    memory_free(x->reply);
}

static bool never_left(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION;
}

/* Posts `in`, which it takes over. E_UPSTREAM when nothing was sent; OK with x->json NULL when no
 * reply came. */
static enum status post(struct remote *r, const char *path, json_t *in, struct exchange *x,
                        struct error *e)
{
    CLEANUP(json_decrefp) json_t *owned = in;
    char *body = json_text(x->a, owned, JSON_COMPACT);

    curl_easy_setopt(r->h, CURLOPT_URL, arena_printf(x->a, "%s%s", r->url, path));
    curl_easy_setopt(r->h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    curl_easy_setopt(r->h, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(r->h, CURLOPT_WRITEDATA, x);
    CURLcode const code = curl_easy_perform(r->h);
    if (never_left(code)) return failf(e, &GATEWAY_UNREACHABLE, "%s", curl_easy_strerror(code));
    x->sent = true;
    if (code != CURLE_OK) return OK;
    curl_easy_getinfo(r->h, CURLINFO_RESPONSE_CODE, &x->status);
    x->json = json_loadb(x->reply ? x->reply : "", x->n, JSON_REJECT_DUPLICATES, NULL);
    return OK;
}
#define EXCHANGE(a_) CLEANUP(end) struct exchange x = {.a = (a_)}

/* A refusal before anything was done: the provider is busy, or does not know us. */
static enum status refused(const struct exchange *x, struct error *e)
{
    const char *code =
        json_string_value(json_object_get(json_object_get(x->json, "error"), "code"));
    static const struct fault *const known[] = {&METHOD_TOKEN_UNKNOWN, &METHOD_REFUSED,
                                                &METHOD_IS_NUMBER};

    if (!x->json || !code) return OK;
    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(known[i]->code, code) == 0) return fail(e, known[i], "token");
    return failf(e, &GATEWAY_UNREACHABLE, "HTTP %ld, %.80s", x->status, code);
}

/* ---- the calls of struct gateway ---- */

static struct gateway_answer silent(void)
{
    return (struct gateway_answer){
        .outcome = GATEWAY_NO_REPLY, .code = "", .advice = "", .ref = ""};
}

static enum status ask(struct remote *r, const char *path, json_t *in, struct gateway_answer *out,
                       struct arena *a, struct error *e)
{
    EXCHANGE(a);

    TRY(post(r, path, in, &x, e));
    TRY(refused(&x, e));
    if (!x.json || !sandbox_answer_read(a, x.json, out)) *out = silent();
    return OK;
}

static enum status charge(void *state, const struct gateway_charge *c, size_t n,
                          struct gateway_answer *answers, struct arena *a, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        enum status const s =
            ask(state, "/v1/charges",
                json_pack("{s:s, s:s, s:s, s:s?, s:I, s:I}", "key", c[i].key, "token", c[i].token,
                          "currency", c[i].currency, "descriptor", c[i].descriptor, "amount_minor",
                          (json_int_t)c[i].amount_minor, "at", (json_int_t)c[i].at),
                &answers[i], a, e);

        if (s != OK && i == 0) return s;
        /* Those before were sent; this one was not, and may be sent again. */
        if (s != OK) {
            answers[i] = silent();
            answers[i].outcome = GATEWAY_LATER;
        }
    }
    return OK;
}

static json_t *question(const struct gateway_question *q)
{
    return json_pack("{s:s, s:I}", "key", q->key, "at", (json_int_t)q->at);
}

static enum status look_up(void *state, const struct gateway_question *questions, size_t n,
                           struct gateway_answer *answers, struct arena *a, struct error *e)
{
    for (size_t i = 0; i < n; i++)
        TRY(ask(state, "/v1/charges/look_up", question(&questions[i]), &answers[i], a, e));
    return OK;
}

static enum status ask_hold(struct remote *r, const char *path, json_t *in,
                            struct authorization_answer *out, struct arena *a, struct error *e)
{
    EXCHANGE(a);

    TRY(post(r, path, in, &x, e));
    TRY(refused(&x, e));
    const char *outcome = json_string_value(json_object_get(x.json, "outcome"));
    const char *code = json_string_value(json_object_get(x.json, "code"));
    int64_t const at = outcome ? name_find(&authorization_outcomes, outcome) : -1;
    *out = (struct authorization_answer){at < 0 ? AUTHORIZATION_NO_REPLY
                                                : (enum authorization_outcome)at,
                                         arena_strdup(a, code ? code : "")};
    return OK;
}

static enum status authorize(void *state, const struct gateway_authorization *in,
                             struct authorization_answer *out, struct arena *a, struct error *e)
{
    return ask_hold(state, "/v1/authorizations",
                    json_pack("{s:s, s:s, s:s, s:I, s:I}", "key", in->key, "token", in->token,
                              "currency", in->currency, "amount_minor",
                              (json_int_t)in->amount_minor, "at", (json_int_t)in->at),
                    out, a, e);
}

static enum status void_authorization(void *state, const char *key, int64_t at,
                                      struct authorization_answer *out, struct arena *a,
                                      struct error *e)
{
    struct gateway_question const q = {key, at};

    return ask_hold(state, "/v1/authorizations/void", question(&q), out, a, e);
}

static enum status refund(void *state, const struct gateway_refund *in, struct gateway_answer *out,
                          struct arena *a, struct error *e)
{
    return ask(state, "/v1/refunds",
               json_pack("{s:s, s:s, s:s?, s:s, s:I, s:I}", "key", in->key, "charge_key",
                         in->charge_key, "charge_ref", in->charge_ref, "currency", in->currency,
                         "amount_minor", (json_int_t)in->amount_minor, "at", (json_int_t)in->at),
               out, a, e);
}

static enum status look_up_refund(void *state, const struct gateway_question *q,
                                  struct gateway_answer *out, struct arena *a, struct error *e)
{
    return ask(state, "/v1/refunds/look_up", question(q), out, a, e);
}

static enum status read_method(struct exchange *x, struct gateway_method *out, struct error *e)
{
    TRY(refused(x, e));
    return x->json && sandbox_method_read(x->a, x->json, out)
               ? OK
               : failf(e, &GATEWAY_UNREACHABLE, "no reply");
}

static enum status describe(void *state, const char *token, const char *customer,
                            struct gateway_method *out, struct arena *a, struct error *e)
{
    EXCHANGE(a);

    if (gateway_is_number(token)) return fail(e, &METHOD_IS_NUMBER, "token");
    TRY(post(state, "/v1/methods/describe",
             json_pack("{s:s, s:s}", "token", token, "customer", customer), &x, e));
    return read_method(&x, out, e);
}

static enum status update(void *state, const struct gateway_update *in, const char **token,
                          struct gateway_method *out, struct arena *a, struct error *e)
{
    EXCHANGE(a);

    if (gateway_is_number(in->token)) return fail(e, &METHOD_IS_NUMBER, "token");
    TRY(post(state, "/v1/methods/update",
             json_pack("{s:s, s:s, s:I, s:s}", "token", in->token, "customer", in->customer,
                       "expiry_month", (json_int_t)in->expiry_month, "postal_code",
                       in->postal_code),
             &x, e));
    TRY(read_method(&x, out, e));
    const char *now = json_string_value(json_object_get(x.json, "token"));
    *token = arena_strdup(a, now ? now : in->token);
    return OK;
}

static enum status forget(void *state, const char *token, int64_t at, enum forget_outcome *out,
                          struct error *e)
{
    CLEANUP(arena_clear) struct arena scratch = {0};
    EXCHANGE(&scratch);

    TRY(post(state, "/v1/methods/forget",
             json_pack("{s:s, s:I}", "token", token, "at", (json_int_t)at), &x, e));
    TRY(refused(&x, e));
    const char *outcome = json_string_value(json_object_get(x.json, "outcome"));
    int64_t const said = outcome ? name_find(&forget_outcomes, outcome) : -1;
    *out = said < 0 ? FORGET_NO_REPLY : (enum forget_outcome)said;
    return OK;
}

static enum status events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e)
{
    EXCHANGE(a);

    TRY(post(state, "/v1/events",
             json_pack("{s:I, s:I, s:I}", "after", (json_int_t)after, "at", (json_int_t)at, "max",
                       (json_int_t)max),
             &x, e));
    TRY(refused(&x, e));
    const json_t *list = json_object_get(x.json, "events");
    if (!list) return failf(e, &GATEWAY_UNREACHABLE, "no reply");
    *n = json_array_size(list);
    *out = arena_array(a, struct gateway_event, *n + 1);
    for (size_t i = 0; i < *n; i++)
        if (!sandbox_event_read(a, json_array_get(list, i), &(*out)[i]))
            return failf(e, &GATEWAY_UNREACHABLE, "an event that cannot be read");
    return OK;
}

/* ---- */

static void close_remote(void *state)
{
    struct remote *r = state;

    curl_easy_cleanup(r->h);
    curl_slist_free_all(r->headers);
    memory_free(r->url);
    memory_free(r->authorization);
    memory_free(r);
}

static char *copy(const char *before, const char *text, size_t n)
{
    size_t const at = strlen(before);
    char *to = memory_new(at + n + 1);

    memcpy(to, before, at);
    memcpy(to + at, text, n);
    return to;
}

/* "https://KEY@host:port" */
static struct remote *make(const char *url)
{
    struct remote *r = memory_new(sizeof *r);
    size_t const scheme = (size_t)(strstr(url, "://") + 3 - url);
    size_t const host = strcspn(url + scheme, "/");
    const char *key_end = memchr(url + scheme, '@', host);
    size_t const length = strlen(url);
    size_t const slash = length && url[length - 1] == '/';

    r->h = curl_easy_init();
    if (key_end) {
        char *prefix = copy("", url, scheme);

        r->authorization =
            copy("Authorization: Bearer ", url + scheme, (size_t)(key_end - url) - scheme);
        r->url = copy(prefix, key_end + 1, length - slash - (size_t)(key_end + 1 - url));
        memory_free(prefix);
        r->headers = curl_slist_append(r->headers, r->authorization);
    } else {
        r->url = copy("", url, length - slash);
    }
    r->headers = curl_slist_append(r->headers, "Content-Type: application/json");
    r->headers = curl_slist_append(r->headers, "Expect:");
    return r;
}

enum status sandbox_http_open(const char *url, struct gateway **out, struct error *e)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct remote *r = make(url);
    if (!r->h) {
        close_remote(r);
        return failf(e, &GATEWAY_UNREACHABLE, "no memory");
    }
    curl_easy_setopt(r->h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(r->h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(r->h, CURLOPT_PROXY, "");
    curl_easy_setopt(r->h, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(r->h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(r->h, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
    curl_easy_setopt(r->h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(r->h, CURLOPT_HTTPHEADER, r->headers);
    struct gateway *g = memory_new(sizeof *g);
    *g = (struct gateway){.name = "sandbox", .state = r, GATEWAY_CALLS, .close = close_remote};
    *out = g;
    return OK;
}
