/* api_test: requests by hand - what a test of the API has beside a small service: a key that may do
 * everything, and the answer of its newest request. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "http/api.h"
#include "http/key.h"
#include "http/openapi.h"
#include "http/route.h"
#include "payments/life_test.h"

enum { ASK_HEADERS_MAX = 8 };

struct asked {
    const char *method, *target, *body; /* the target with its query */
    struct http_header headers[ASK_HEADERS_MAX];
};

struct desk {
    struct life life;
    const char *key; /* "Bearer fky_…" of the key that desk_ask sends where none is given */
    struct http_answer answer;
};

static inline const char *desk_key(struct desk *d, const char *scopes, const char *acts_as)
{
    struct test_db *t = &d->life.t;
    struct key_create const in = {.name = "a test", .scopes = scopes, .roles = acts_as};
    struct key_made made;

    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    CHECK_OK(key_create(&t->cx, &in, &made));
    return arena_printf(&d->life.catalog_arena, "Bearer %s", made.secret);
}

static inline void desk_open(struct desk *d, const char *today)
{
    life_open(&d->life, today);
    d->key = desk_key(d, "*, key.*", "visitor,owner,profile,kids,extra,agent,system");
}

static inline void desk_close(struct desk *d)
{
    life_close(&d->life);
}

/* Whatever is refused is refused with one of the faults that OpenAPI lists for the op. */
static inline void desk_check_fault(const struct op *op, const struct fault *f)
{
    const struct fault *listed[OPENAPI_FAULTS_MAX];
    size_t const n = openapi_faults(op, listed);

    for (size_t i = 0; i < n; i++)
        if (listed[i] == f) return;
    FAIL("%s: refused with %s, which OpenAPI does not list", op->id, f->code);
}

/* Asks; "" as the value of Authorization sends none. Returns the status. */
static inline int desk_ask(struct desk *d, const struct asked *q)
{
    struct test_db *t = &d->life.t;
    struct op_world const w = {
        .catalog = d->life.catalog, .world = &d->life.world, .find_member = account_number};
    struct http_header headers[ASK_HEADERS_MAX + 2];
    const char *const mark = strchr(q->target, '?');
    struct http_request rq = {
        .method = q->method,
        .path = mark ? arena_memdup(&t->arena, q->target, (size_t)(mark - q->target)) : q->target,
        .query = mark ? mark + 1 : "",
        .headers = headers,
        .body = q->body ? q->body : "",
        .body_bytes = q->body ? strlen(q->body) : 0,
        .peer = "192.0.2.7",
        .id = "req-1"};
    bool keyed = false, typed = false;

    for (size_t i = 0; i < ASK_HEADERS_MAX && q->headers[i].name; i++) {
        bool const is_key = strcmp(q->headers[i].name, "Authorization") == 0;

        keyed |= is_key;
        typed |= strcmp(q->headers[i].name, "Content-Type") == 0;
        if (!is_key || *q->headers[i].value) headers[rq.n_headers++] = q->headers[i];
    }
    if (!keyed) headers[rq.n_headers++] = (struct http_header){"authorization", d->key};
    if (!typed && q->body)
        headers[rq.n_headers++] = (struct http_header){"Content-Type", "application/json"};
    t->cx.call_key = NULL;
    api_answer(&t->cx, &w, &rq, &d->answer);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    struct op_route r;
    route_find(rq.method, rq.path, &r);
    if (r.op && d->answer.status >= 400) desk_check_fault(r.op, t->err.fault);
    return d->answer.status;
}

static inline const char *desk_header(const struct desk *d, const char *name)
{
    for (size_t i = 0; i < d->answer.n_headers; i++)
        if (strcmp(d->answer.headers[i].name, name) == 0) return d->answer.headers[i].value;
    return "";
}
