/* gateway_test: every gateway opened on an empty store, and what it says that it is able to.
 * Whatever it claims is tried. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <string.h>

#include "base/calendar.h"
#include "cli/sandbox.h"
#include "db/db_test.h"
#include "payments/gateways/gateway.h"

enum {
    REMEMBERS = 1, /* keeps the first answer to a key; look-ups find it */
    DECLINES = 2,
    LOSES = 4, /* can be made to lose requests and replies */
    CALLS_BACK = 8,
    SURVIVES = 16, /* what it remembers outlives it */
    FORGETS = 32,  /* tokens that it is told to */
};

/* How to make each gateway do what it claims: a token, or a charge's own words. */
static const struct subject {
    const char *name;
    unsigned can;
} subjects[] = {
    {"sandbox", REMEMBERS | DECLINES | LOSES | CALLS_BACK | SURVIVES | FORGETS},
    {"http",    REMEMBERS | DECLINES | LOSES | CALLS_BACK | FORGETS           }, /* elsewhere */
    {"null",    0                                                             },
};

static const int64_t START = INT64_C(1750000000000); /* 2025-06-15T15:06:40Z */
static const int64_t HOUR = INT64_C(3600000);

struct rig {
    struct test_db db;
    const struct subject *subject;
    struct gateway *g;
    struct arena *a;
    struct error *e;
    char url[64]; /* of the sandbox elsewhere; "" */
    struct sandbox_desk desk;
    struct serve_app app;
    struct serve *serve;
};

static inline void rig_serve(struct rig *r)
{
    struct test_db *t = &r->db;
    struct serve_options o = serve_defaults;

    CHECK_OK(sandbox_open(t->url, &r->desk.gateway, r->e));
    r->desk.api_key = "sk_test";
    r->app = sandbox_app(&r->desk);
    o.app = &r->app;
    o.db_url = NULL;
    o.address = "127.0.0.1:0";
    o.loops = 1;
    o.connections_per_address_max = 1000;
    CHECK_OK(serve_start(&o, &r->serve, r->e));
    snprintf(r->url, sizeof r->url, "http://sk_test@127.0.0.1:%d", (int)serve_port(r->serve));
}

static inline void rig_open(struct rig *r, const struct subject *s)
{
    struct test_db *t = &r->db;

    test_db_open(t, START);
    r->subject = s;
    r->a = &t->arena;
    r->e = &t->err;
    if (strcmp(s->name, "http") == 0) rig_serve(r);
    CHECK_OK(gateway_open(*r->url ? r->url : s->name, t->url, &r->g, r->e));
    CHECK(strcmp(r->g->name, *r->url ? "sandbox" : s->name) == 0);
}

static inline void rig_close(struct rig *r)
{
    struct test_db *t = &r->db;
    char sql[160];

    gateway_close(r->g);
    if (r->serve) serve_stop(r->serve);
    gateway_close(r->desk.gateway);
    snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %.60s_sandbox CASCADE", t->schema);
    if (t->schema[0]) CHECK_OK(db_script(t->db, sql, r->e));
    test_db_close(t);
}

/* Runs a test with every gateway that is able to do what it needs. */
static inline void with_each(unsigned needs, void (*test)(struct rig *r))
{
    for (size_t i = 0; i < COUNT(subjects); i++) {
        struct rig r = {0};

        if ((subjects[i].can & needs) != needs) continue;
        rig_open(&r, &subjects[i]);
        test(&r);
        rig_close(&r);
    }
}

#define CHECK_SENT(call)                                                                           \
    do {                                                                                           \
        struct test_db *t = &r->db;                                                                \
        CHECK_OK(call);                                                                            \
    } while (0)

static inline struct gateway_answer send(struct rig *r, const char *token, const char *key,
                                         int64_t at)
{
    struct gateway_charge const c = {key, token, "EUR", "FOYER", 1299, at};
    struct gateway_answer answer;

    CHECK_SENT(r->g->charge(r->g->state, &c, 1, &answer, r->a, r->e));
    return answer;
}

static inline struct gateway_answer look(struct rig *r, const char *key, int64_t at)
{
    struct gateway_question const question = {key, at};
    struct gateway_answer answer;

    CHECK_SENT(r->g->look_up(r->g->state, &question, 1, &answer, r->a, r->e));
    return answer;
}

static inline size_t read_events(struct rig *r, int64_t after, int64_t at,
                                 struct gateway_event **out)
{
    size_t n;

    CHECK_SENT(r->g->events(r->g->state, after, at, out, &n, 1000, r->a, r->e));
    return n;
}

static inline bool declined(struct gateway_answer a, const char *code)
{
    return a.outcome == GATEWAY_DECLINED && strcmp(a.code, code) == 0 && a.captured_at == 0;
}

static inline bool captured(struct gateway_answer a, int64_t at)
{
    return a.outcome == GATEWAY_CAPTURED && !*a.code && !*a.advice && a.captured_at == at &&
           a.declined_at == 0;
}

#define KEY(term, k, attempt) "mem_TEST/" #term "/" #k "/renewal/0/" #attempt
