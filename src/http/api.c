/* api: routing, whom a key lets act, inputs from path, query and body, and answers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/api.h"

#include <string.h>
#include <strings.h>

#include "http/callback.h"
#include "http/caller.h"
#include "http/input.h"
#include "http/key.h"
#include "http/openapi.h"
#include "http/place.h"
#include "http/route.h"

#define OPENAPI_PATH "/openapi.json"
#define EVENTS_PATH  "/v1/events"

/* What keys and scopes see of the stream of events, which is no op: it has no answer to describe.
 */
static const struct op event_stream = {.id = "event.stream",
                                       .method = "GET",
                                       .path = "/events",
                                       .role = MAY(ROLE_SYSTEM) | MAY(ROLE_OWNER)};

/* A request on its way. */
struct job {
    struct ctx *cx;
    const struct op_world *w;
    const struct http_request *rq;
    struct http_answer *an;
    struct op_route route;
    struct key_grant grant;
    const struct callback *callback; /* a provider's; NULL: an op's */
};

/* ---- before any op ---- */

static bool is_description(const struct http_request *rq)
{
    return strcmp(rq->path, OPENAPI_PATH) == 0;
}

static bool is_events(const struct http_request *rq)
{
    return strcmp(rq->path, EVENTS_PATH) == 0;
}

static bool is_get(const struct http_request *rq)
{
    return strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;
}

/* What Accept may say, ends with NULL: answers are one, the stream of events is another. */
static const char *const json_ranges[] = {"*/*", "application/*", "application/json",
                                          "application/problem+json", NULL};
static const char *const event_ranges[] = {"*/*", "text/*", "text/event-stream", NULL};

/* Whether one range of Accept, such as "text/html;q=0.8", takes what we have. */
static bool takes(const char *range, size_t n, const char *const *ranges)
{
    const char *semicolon = memchr(range, ';', n);
    const char *q = semicolon ? memmem(semicolon, n - (size_t)(semicolon - range), "q=0", 3) : NULL;
    size_t length = semicolon ? (size_t)(semicolon - range) : n;

    while (length && range[length - 1] == ' ') length--;
    if (q && strspn(q + 3, ".0") == strcspn(q + 3, ", ")) return false; /* weight 0: never */
    for (size_t i = 0; ranges[i]; i++)
        if (strlen(ranges[i]) == length && strncasecmp(range, ranges[i], length) == 0) return true;
    return false;
}

static bool is_acceptable(const struct http_request *rq)
{
    const char *const *ranges = is_events(rq) ? event_ranges : json_ranges;
    const char *at = http_header_of(rq, "Accept");

    if (!at || !*at) return true;
    while (*at) {
        at += strspn(at, ", \t");
        size_t const n = strcspn(at, ",");

        if (takes(at, n, ranges)) return true;
        at += n;
    }
    return false;
}

static void answer_text(struct http_answer *an, const char *type, const char *text)
{
    an->status = 200;
    an->type = type;
    an->body = text;
    an->body_bytes = strlen(text);
}

static enum status describe(struct job *j)
{
    if (!is_get(j->rq)) {
        j->route.allow = "GET, HEAD";
        return fail(j->cx->err, &HTTP_METHOD, NULL);
    }
    answer_text(j->an, "application/json", openapi_text());
    http_answer_header(j->an, "Cache-Control", "max-age=300");
    return OK;
}

/* Whoever reads the first of two headers and whoever reads the last would see two requests. */
static enum status refuse_doubles(const struct job *j)
{
    static const char *const single[] = {"Authorization",   "Content-Type", "Content-Encoding",
                                         "Idempotency-Key", "Foyer-Actor",  "Foyer-Surface",
                                         "Foyer-Proof",     "Foyer-Device", "Foyer-Network",
                                         "Foyer-Country",   "Last-Event-ID"};

    for (size_t i = 0; i < COUNT(single); i++) {
        size_t n = 0;

        for (size_t h = 0; h < j->rq->n_headers; h++)
            n += strcasecmp(j->rq->headers[h].name, single[i]) == 0;
        if (n > 1) return fail(j->cx->err, &HTTP_TWICE, single[i]);
    }
    return OK;
}

/* Providers bear no key, and get no answer but a status. */
static enum status receive_callback(struct job *j)
{
    j->route.allow = "POST";
    if (strcmp(j->rq->method, "POST") != 0) return fail(j->cx->err, &HTTP_METHOD, NULL);
    return callback_answer(j->cx, j->w, j->callback, j->rq, j->an);
}

/* What can be said without a key. *done: it was the whole answer. */
static enum status receive(struct job *j, bool *done)
{
    *done = true;
    if (j->callback) return receive_callback(j);
    if (is_description(j->rq)) return describe(j);
    if (!j->route.allow) return fail(j->cx->err, &HTTP_UNKNOWN, NULL);
    if (strcmp(j->rq->method, "OPTIONS") == 0) {
        j->an->status = 204;
        http_answer_header(j->an, "Allow", j->route.allow);
        return OK;
    }
    if (!j->route.op) return fail(j->cx->err, &HTTP_METHOD, NULL);
    *done = false;
    TRY(refuse_doubles(j));
    if (!is_acceptable(j->rq)) return fail(j->cx->err, &HTTP_NOT_ACCEPTABLE, NULL);
    return is_events(j->rq) && *j->rq->query ? fail(j->cx->err, &INPUT_UNKNOWN, NULL) : OK;
}

/* ---- who asks ---- */

/* The client's own words for what caller_read calls by its fields. */
static const struct {
    const char *field, *header;
} headers[] = {
    {"as",      "Foyer-Actor"  },
    {"surface", "Foyer-Surface"},
    {"proof",   "Foyer-Proof"  },
    {"device",  "Foyer-Device" },
    {"network", "Foyer-Network"},
    {"country", "Foyer-Country"},
};

static enum status read_caller(struct job *j)
{
    const struct http_request *rq = j->rq;
    struct ctx *cx = j->cx;
    struct caller c = {
        .as = http_header_of(rq, "Foyer-Actor"),
        .surface = http_header_of(rq, "Foyer-Surface"),
        .proof = http_header_of(rq, "Foyer-Proof"),
        .device = http_header_of(rq, "Foyer-Device"),
        .network = http_header_of(rq, "Foyer-Network"),
        .country = http_header_of(rq, "Foyer-Country"),
    };
    enum status const s = caller_read(cx, j->w, &c, &cx->actor);

    for (size_t i = 0; s != OK && cx->err->field && i < COUNT(headers); i++)
        if (strcmp(headers[i].field, cx->err->field) == 0) cx->err->field = headers[i].header;
    TRY(s);
    /* The key's own system is where the request comes from; people are somewhere behind it. */
    if (cx->actor.role == ROLE_SYSTEM && !c.network) cx->actor.network = rq->peer;
    cx->actor.via = j->grant.key_id;
    return OK;
}

static enum status authorize(struct job *j)
{
    struct ctx *cx = j->cx;

    cx->actor = (struct actor){.role = ROLE_SYSTEM};
    cx->request_id = j->rq->id;
    TRY(key_check(cx, http_header_of(j->rq, "Authorization"), &j->grant));
    if (db_is_reading(cx->db)) db_remember(cx);
    if (!key_covers(j->grant.scopes, j->route.op)) return fail(cx->err, &KEY_NOT_IN_SCOPE, NULL);
    TRY(read_caller(j));
    if (!(j->grant.roles & MAY(cx->actor.role)))
        return fail(cx->err, &KEY_NOT_AS_THEM, "Foyer-Actor");
    return OK;
}

/* ---- the op ---- */

/* RFC 8288: where the next page is, for ops that have pages. */
static void link_next(struct job *j, const char *next)
{
    struct arena *a = j->cx->arena;

    if (!next || !*next || !is_get(j->rq)) return;
    const char *query = input_query_with(a, j->rq->query, "before", next);
    http_answer_header(j->an, "Link", arena_printf(a, "<%s?%s>; rel=\"next\"", j->rq->path, query));
}

/* What is no place is said at once: whoever believes to go on from it would miss what lies between.
 * One that is too far back, or ahead of us, is the feed's to tell. */
static enum status check_place(const struct job *j)
{
    const char *text = http_header_of(j->rq, "Last-Event-ID");
    struct place *p = arena_new(j->cx->arena, struct place);
    int64_t floor;

    if (!text || place_read(text, p, &floor)) return OK;
    return fail(j->cx->err, &HTTP_PLACE, "Last-Event-ID");
}

/* Owners hear what happens to their account, the operator's own key of all accounts. */
static enum status begin_events(struct job *j)
{
    struct ctx *cx = j->cx;

    TRY(authorize(j));
    if (!(event_stream.role & MAY(cx->actor.role))) return fail(cx->err, &OP_NOT_ALLOWED, NULL);
    TRY(check_place(j));
    j->an->status = 200;
    j->an->type = "text/event-stream";
    j->an->streams = true;
    j->an->stream_account_id = cx->actor.role == ROLE_SYSTEM ? 0 : cx->actor.id;
    return OK;
}

static enum status call(struct job *j)
{
    CLEANUP(json_decrefp) json_t *in = json_object();
    struct ctx *cx = j->cx;
    struct op_text out;

    TRY(authorize(j));
    TRY(input_read(cx, j->rq, &j->route, in));
    cx->call_key = http_header_of(j->rq, "Idempotency-Key");
    TRY(op_call_text(cx, j->w, j->route.op, in, &out));
    answer_text(j->an, "application/json", out.text);
    http_answer_header(j->an, "Cache-Control", "no-store");
    link_next(j, out.next);
    return OK;
}

/* Key and op of a read see one snapshot in one transaction. */
static enum status call_reading(struct job *j)
{
    TX tx = {0};

    if (j->route.op->writes) return call(j);
    TRY(tx_begin_kind(&tx, j->cx, TX_READ));
    db_remember_for_all(j->cx); /* the time, and who asks */
    if (j->w->tell_time) TRY(j->w->tell_time(j->cx));
    return j->route.op == &event_stream ? begin_events(j) : call(j);
}

static void refuse(struct job *j)
{
    const struct fault *f = j->cx->err->fault;

    http_problem(j->cx->arena, j->rq, j->cx->err, j->an);
    if (j->an->status == 405) http_answer_header(j->an, "Allow", j->route.allow);
    if (j->an->status == 401)
        http_answer_header(j->an, "WWW-Authenticate",
                           f == &KEY_MISSING ? "Bearer realm=\"foyer\""
                                             : "Bearer realm=\"foyer\", error=\"invalid_token\"");
}

static void find_route(struct job *j)
{
    route_find(j->rq->method, j->rq->path, &j->route);
    j->callback = callback_find(j->rq->path);
    if (!is_events(j->rq)) return;
    j->route.allow = "GET, HEAD, OPTIONS";
    j->route.op = is_get(j->rq) ? &event_stream : NULL;
}

enum api_lane api_lane(const struct http_request *rq)
{
    struct op_route r;

    if (callback_find(rq->path)) return strcmp(rq->method, "POST") == 0 ? API_WRITE : API_AT_ONCE;
    if (is_events(rq)) return is_get(rq) ? API_READ : API_AT_ONCE;
    if (is_description(rq) || !is_acceptable(rq)) return API_AT_ONCE;
    route_find(rq->method, rq->path, &r);
    if (!r.op) return API_AT_ONCE;
    if (r.op->ask || r.op->after) return API_OUTSIDE;
    return r.op->writes ? API_WRITE : API_READ;
}

void api_answer(struct ctx *cx, const struct op_world *w, const struct http_request *rq,
                struct http_answer *an)
{
    struct job j = {.cx = cx, .w = w, .rq = rq, .an = an};
    bool done;

    *an = (struct http_answer){0};
    *cx->err = (struct error){0};
    cx->due = NULL;
    find_route(&j);
    enum status s = receive(&j, &done);
    if (s == OK && !done) s = call_reading(&j);
    struct error const why = *cx->err;
    enum status const recorded = op_record(cx);
    if (s == OK)
        s = recorded;
    else
        *cx->err = why;
    if (s != OK) refuse(&j);
    if (j.route.op) an->op = j.route.op->id;
    if (j.callback) an->op = j.callback->id;
    if (j.grant.key_id) an->actor = roles.at[cx->actor.role];
    if (j.grant.used_is_old) key_note_use(cx, &j.grant);
}
