/* authorization: stores, asks, stores what was answered. SPDX-License-Identifier: Apache-2.0 */
#include "payments/authorization.h"

#include <string.h>

#include "authorization_sql.h"
#include "base/calendar.h"
#include "base/id.h"

static int64_t wait_ms(const struct ctx *cx)
{
    return cx->settings->look_up_minutes * 60000;
}

enum status authorization_want(struct ctx *cx, const struct account *a, int64_t method_id)
{
    int64_t const due_at = cx->now + wait_ms(cx);
    const struct zone *z;

    TRY(zone_find(a->zone, &z, cx->err));
    int64_t const gone_day = zone_day(z, cx->now) + cx->settings->auth_void_days;
    return authorization_add(cx, NULL, .method_id = method_id, .account_id = a->account_id,
                             .amount_minor = authorization_amount(a->currency),
                             .currency = a->currency, .made_at = cx->now,
                             .void_due_at = zone_day_start(z, gone_day), .due_at = due_at,
                             .due_day = divide_down(due_at, DAY_MS));
}

enum status authorization_release(struct ctx *cx, int64_t account_id, int64_t method_id)
{
    return authorization_hurry(cx, NULL, .method_id = method_id, .account_id = account_id,
                               .void_due_at = cx->now, .due_day = divide_down(cx->now, DAY_MS));
}

static const char *key_of(struct arena *a, const struct authorization *t)
{
    char member[ID_TEXT], method[ID_TEXT];

    return arena_printf(a, "%s/%s/authorization", id_text("mem", t->account_id, member),
                        id_text("mth", t->method_id, method));
}

static struct authorization_life life_of(const struct authorization *t)
{
    return (struct authorization_life){
        .state = (enum authorization_state)t->authorization_state,
        .code = t->code,
        .void_due_at = t->void_due_at,
        .due_at = t->due_at,
        .tries = t->tries,
        .ended_at = t->ended_at,
    };
}

/* A gateway that cannot be reached, or is not the method's, has done nothing. */
static enum status call(struct ctx *cx, const struct world *w, const struct authorization *t,
                        int64_t at, struct authorization_answer *out)
{
    struct authorization_life const life = life_of(t);
    struct gateway *g = w->gateway;
    enum status st;

    *out = (struct authorization_answer){AUTHORIZATION_LATER, ""};
    if (strcmp(t->gateway, g->name) != 0) return OK;
    if (authorization_voids(&life, at)) {
        st = g->void_authorization(g->state, key_of(cx->arena, t), at, out, cx->arena, cx->err);
    } else {
        struct gateway_authorization const in = {key_of(cx->arena, t), t->token, t->currency,
                                                 t->amount_minor, at};
        st = g->authorize(g->state, &in, out, cx->arena, cx->err);
    }
    if (st != E_UPSTREAM) return st;
    *out = (struct authorization_answer){AUTHORIZATION_LATER, ""};
    return OK;
}

/* Reads the row anew: somebody else may have asked meanwhile. */
static enum status settle(struct ctx *cx, const struct authorization *asked,
                          const struct authorization_answer *said, int64_t at)
{
    struct authorization *t;
    size_t n;

    TRY(authorization_of(cx, &t, &n, .method_id = asked->method_id, .account_id = asked->account_id,
                         .max = 1));
    if (n == 0) return OK;
    struct authorization_life life = life_of(t);
    authorization_hear(&life, said, at, wait_ms(cx));
    return authorization_store(cx, NULL, .method_id = t->method_id, .account_id = t->account_id,
                               .authorization_state = life.state, .code = life.code,
                               .due_at = life.due_at, .due_day = divide_down(life.due_at, DAY_MS),
                               .tries = life.tries, .ended_at = life.ended_at);
}

static enum status settle_alone(struct ctx *cx, const struct authorization *asked,
                                const struct authorization_answer *said)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(settle(cx, asked, said, cx->now));
    return tx_commit(&tx);
}

enum status authorization_ask(struct ctx *cx, const struct world *w, int64_t account_id,
                              int64_t method_id)
{
    enum { TRIES = 5 };
    struct authorization_answer said;
    struct authorization *t;
    enum status st = E_BUSY;
    size_t n;

    TRY(authorization_of(cx, &t, &n, .method_id = method_id, .account_id = account_id, .max = 1));
    if (n == 0 || t->authorization_state != AUTH_UNKNOWN) return OK;
    TRY(call(cx, w, t, cx->now, &said));
    for (int i = 0; i < TRIES && st == E_BUSY; i++) st = settle_alone(cx, t, &said);
    return st == E_BUSY || st == E_UNKNOWN ? OK : st; /* the worker asks under the same key */
}

enum status authorization_refusal(struct ctx *cx, int64_t account_id, int64_t method_id,
                                  const char **code)
{
    struct authorization *t;
    size_t n;

    TRY(authorization_of(cx, &t, &n, .method_id = method_id, .account_id = account_id, .max = 1));
    *code = n == 0 || t->authorization_state != AUTH_REFUSED ? ""
            : *t->code                                       ? t->code
                                                             : "generic_decline";
    return OK;
}

static enum status settle_all(struct ctx *cx, const struct world *w, const struct shift *s,
                              const struct authorization *rows,
                              const struct authorization_answer *said, size_t n)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(lease_check(cx, s->machine, s->lease));
    for (size_t i = 0; i < n; i++)
        TRY(settle(cx, &rows[i], &said[i], w->test_clock ? rows[i].due_at : cx->now));
    return tx_commit(&tx);
}

enum status authorization_work(struct ctx *cx, const struct world *w, const struct shift *s,
                               size_t *done)
{
    struct authorization *rows;
    size_t n;

    *done = 0;
    TRY(authorizations_due(cx, &rows, &n, .due_day = s->due_day, .until_at = s->until_at,
                           .first = s->lease->first, .last = s->lease->last,
                           .max = (int64_t)s->max));
    if (n == 0) return OK;
    struct authorization_answer *said = arena_array(cx->arena, struct authorization_answer, n);
    for (size_t i = 0; i < n; i++)
        TRY(call(cx, w, &rows[i], w->test_clock ? rows[i].due_at : cx->now, &said[i]));
    TRY(settle_all(cx, w, s, rows, said, n));
    *done = n;
    return OK;
}

enum status authorization_first_due(struct ctx *cx, const struct lease *l, int64_t until_at,
                                    int64_t *day)
{
    struct authorization_first_due_row *rows;
    size_t n;

    TRY(authorization_first_due_of(cx, &rows, &n, .from_day = 1, .until_at = until_at,
                                   .first = l ? l->first : 0, .last = l ? l->last : BUCKETS - 1,
                                   .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}
