/* forget: stores wishes, claims, asks, stores what was answered.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/forget.h"

#include <string.h>

#include "base/calendar.h"
#include "forget_sql.h"

enum status forget_want(struct ctx *cx, int64_t account_id, int64_t method_id)
{
    return token_forget_add(cx, NULL, .method_id = method_id, .account_id = account_id,
                            .at = cx->now, .due_day = divide_down(cx->now, DAY_MS));
}

enum status forget_look(struct ctx *cx, const char *gateway, const char *token, int64_t *seen)
{
    enum { ALL = 1000 };
    struct token_forget_of_row *rows;
    size_t n;

    TRY(token_forgets_of(cx, &rows, &n, .token = token, .gateway = gateway, .max = ALL));
    *seen = n ? rows[0].sent_no : 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].forget_state == FORGET_SENT)
            return fail(cx->err, &METHOD_TOKEN_UNKNOWN, "token");
    return OK;
}

enum status forget_spare(struct ctx *cx, const char *gateway, const char *token, int64_t seen)
{
    int64_t now;

    TRY(forget_look(cx, gateway, token, &now));
    if (now != seen) return fail(cx->err, &METHOD_TOKEN_UNKNOWN, "token");
    return token_forget_spare(cx, NULL, .token = token, .gateway = gateway);
}

/* ---- the worker ---- */

/* Decides what becomes of a wish; *ask: the gateway is asked. */
static enum status claim(struct ctx *cx, const struct token_forget *f, bool *ask)
{
    struct token_user *users;
    int64_t no;
    size_t n;

    TRY(token_users(cx, &users, &n, .token = f->token, .gateway = f->gateway, .max = 1));
    *ask = !n && f->forget_state != FORGET_IS_DONE;
    if (!*ask)
        return token_forget_drop(cx, NULL, .method_id = f->method_id, .account_id = f->account_id);
    TRY(db_id(cx, &no));
    return token_forget_send(cx, NULL, .sent_no = no, .method_id = f->method_id,
                             .account_id = f->account_id);
}

static enum status load_due(struct ctx *cx, const struct shift *s, struct token_forget **rows,
                            size_t *n)
{
    return token_forgets_due(cx, rows, n, .due_day = s->due_day, .until_at = s->until_at,
                             .first = s->lease->first, .last = s->lease->last,
                             .max = (int64_t)s->max);
}

/* Serialisable: of somebody who adds the token at this moment and us, one begins again. The rows
 * are read anew inside, for whoever has added one has withdrawn the wish. */
static enum status claim_all(struct ctx *cx, const struct shift *s, struct token_forget **rows,
                             bool **ask, size_t *n)
{
    TX tx = {0};

    TRY(load_due(cx, s, rows, n));
    if (*n == 0) return OK;
    TRY(tx_begin(&tx, cx));
    TRY(lease_check(cx, s->machine, s->lease));
    TRY(load_due(cx, s, rows, n));
    *ask = arena_array(cx->arena, bool, *n + 1);
    for (size_t i = 0; i < *n; i++) TRY(claim(cx, &(*rows)[i], &(*ask)[i]));
    return tx_commit(&tx);
}

/* A gateway that cannot be reached, or is not the token's, has done nothing. */
static enum status call(struct ctx *cx, const struct world *w, const struct token_forget *f,
                        int64_t at, enum forget_outcome *out)
{
    struct gateway *g = w->gateway;

    *out = FORGET_LATER;
    if (strcmp(f->gateway, g->name) != 0) return OK;
    enum status const st = g->forget(g->state, f->token, at, out, cx->err);
    if (st == E_UPSTREAM) *out = FORGET_LATER;
    return st == E_UPSTREAM ? OK : st;
}

/* Reads the row anew: another worker may have asked meanwhile. */
static enum status settle(struct ctx *cx, const struct token_forget *asked,
                          enum forget_outcome said, int64_t at)
{
    struct token_forget *f;
    size_t n;

    TRY(token_forget_by_method(cx, &f, &n, .method_id = asked->method_id,
                               .account_id = asked->account_id, .max = 1));
    if (n == 0) return OK;
    struct forget_life life = {(enum forget_state)f->forget_state, f->due_at, f->tries};
    forget_hear(&life, said, at, cx->settings->look_up_minutes * 60000);
    return token_forget_store(cx, NULL, .method_id = f->method_id, .account_id = f->account_id,
                              .forget_state = life.state, .due_at = life.due_at,
                              .due_day = divide_down(life.due_at, DAY_MS), .tries = life.tries);
}

static enum status settle_all(struct ctx *cx, const struct world *w, const struct shift *s,
                              const struct token_forget *rows, const bool *ask,
                              const enum forget_outcome *said, size_t n)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(lease_check(cx, s->machine, s->lease));
    for (size_t i = 0; i < n; i++)
        if (ask[i]) TRY(settle(cx, &rows[i], said[i], w->test_clock ? rows[i].due_at : cx->now));
    return tx_commit(&tx);
}

enum status forget_work(struct ctx *cx, const struct world *w, const struct shift *s, size_t *done)
{
    struct token_forget *rows;
    bool *ask;
    size_t n;

    *done = 0;
    TRY(claim_all(cx, s, &rows, &ask, &n));
    if (n == 0) return OK;
    enum forget_outcome *said = arena_array(cx->arena, enum forget_outcome, n);
    for (size_t i = 0; i < n; i++)
        if (ask[i]) TRY(call(cx, w, &rows[i], w->test_clock ? rows[i].due_at : cx->now, &said[i]));
    TRY(settle_all(cx, w, s, rows, ask, said, n));
    *done = n;
    return OK;
}

enum status forget_first_due(struct ctx *cx, const struct lease *l, int64_t until_at, int64_t *day)
{
    struct token_forget_first_due_row *rows;
    size_t n;

    TRY(token_forget_first_due_of(cx, &rows, &n, .from_day = 1, .until_at = until_at,
                                  .first = l ? l->first : 0, .last = l ? l->last : BUCKETS - 1,
                                  .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}
