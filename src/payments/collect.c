/* collect: sends wanted charges to the gateway, outside any transaction, and settles the answers in
 * one. The intent - which method, which attempt - is stored before the call, so that a crash at any
 * point sends the same attempt again under the same key (SPEC B-11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/sabotage.h"
#include "payments/answer.h"
#include "payments/budget.h"

static enum status sort_item(const struct round *r, struct item *i)
{
    bool ok = false;

    /* A worker's clock is that of its turn: what a member has begun since is not older. */
    bool const later = r->world->test_clock || r->cx->now < i->w->attempt_at;
    i->at = i->known_at = later ? i->w->attempt_at : r->cx->now;
    i->handling = CHOOSE;
    if (i->w->charge_state == CHARGE_UNKNOWN) {
        i->handling = LOOK_UP;
    } else if (i->w->amount_minor == 0) {
        i->handling = COVERED;
    } else if (i->w->method_id) {
        TRY(answer_may_charge(r, i->w->method_state, i->w->gateway, i->w->fingerprint, i->w->brand,
                              i->w->declined_before, i->at, &ok));
        if (ok) i->handling = SEND;
    }
    return OK;
}

/* By card, and of one card in their order. */
static int by_card(const void *a, const void *b)
{
    const struct item *const x = *(struct item *const *)a, *const y = *(struct item *const *)b;
    int const order = strcmp(x->w->fingerprint, y->w->fingerprint);

    return order ? order : (x > y) - (x < y);
}

/* What is sent in one round may all be declined: no more of a card goes out than if each waited for
 * the answer to the one before (SPEC E-10), so that the size of a batch makes no difference. */
static enum status hold_back(struct round *r)
{
    struct item **sent = arena_array(r->cx->arena, struct item *, r->n);
    int64_t open[BUDGET_OPEN_MAX], next_at;
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        if (r->items[i].handling == SEND && *r->items[i].w->fingerprint) sent[n++] = &r->items[i];
    qsort(sent, n, sizeof *sent, by_card);
    for (size_t i = 0, n_open = 0; i < n; i++) {
        struct item *item = sent[i];
        bool const same = i && strcmp(sent[i - 1]->w->fingerprint, item->w->fingerprint) == 0;

        if (!same) n_open = 0;
        struct budget_ask const ask = {.fingerprint = item->w->fingerprint,
                                       .brand = item->w->brand,
                                       .at = item->at,
                                       .open = open,
                                       .n_open = n_open};
        bool ok = !same || n_open + 1 < BUDGET_OPEN_MAX;
        if (same && ok) TRY(budget_allows(r->cx, &ask, &ok, &next_at));
        if (ok)
            open[n_open++] = item->at;
        else
            item->handling = WAIT;
    }
    return OK;
}

static char *key_of(struct arena *a, const struct lease *l, const struct wanted *w)
{
    int64_t const wrong = SABOTAGE("key_of_process") && l ? l->worker_id >> 22 & 1023 : 0;

    return payments_key(w->account_id, w->term, w->k, (enum charge_kind)w->kind, w->subject,
                        w->attempts + wrong, arena_alloc(a, GATEWAY_KEY_TEXT));
}

static size_t count(const struct round *r, enum handling h)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) n += r->items[i].handling == h;
    return n;
}

/* Spreads the gateway's answers over the items they belong to. */
static void take_answers(struct round *r, enum handling h, const struct gateway_answer *answers)
{
    for (size_t i = 0, k = 0; i < r->n; i++)
        if (r->items[i].handling == h) r->items[i].answer = answers[k++];
}

/* An unreachable gateway has seen nothing: the same attempts are sent again later. */
static enum status unreachable(struct round *r, enum handling h, enum status st)
{
    if (st != E_UPSTREAM) return st;
    for (size_t i = 0; i < r->n; i++)
        if (r->items[i].handling == h)
            r->items[i].answer.outcome = h == SEND ? GATEWAY_LATER : GATEWAY_NO_REPLY;
    return OK;
}

static enum status send(struct round *r)
{
    size_t const n = count(r, SEND);
    struct arena *a = r->cx->arena;
    struct gateway_charge *charges = arena_array(a, struct gateway_charge, n);
    struct gateway_answer *answers = arena_array(a, struct gateway_answer, n);
    struct gateway *g = r->world->gateway;

    if (n == 0) return OK;
    for (size_t i = 0, k = 0; i < r->n; i++) {
        const struct item *item = &r->items[i];

        if (item->handling != SEND) continue;
        charges[k++] = (struct gateway_charge){.key = key_of(a, r->shift->lease, item->w),
                                               .token = item->w->token,
                                               .currency = item->w->currency,
                                               .descriptor = r->cx->settings->statement_descriptor,
                                               .amount_minor = item->w->amount_minor,
                                               .at = item->at};
    }
    enum status const st = g->charge(g->state, charges, n, answers, a, r->cx->err);
    if (st != OK) return unreachable(r, SEND, st);
    take_answers(r, SEND, answers);
    return OK;
}

static enum status look_up(struct round *r)
{
    size_t const n = count(r, LOOK_UP);
    struct arena *a = r->cx->arena;
    struct gateway_question *questions = arena_array(a, struct gateway_question, n);
    struct gateway_answer *answers = arena_array(a, struct gateway_answer, n);
    struct gateway *g = r->world->gateway;

    if (n == 0) return OK;
    for (size_t i = 0, k = 0; i < r->n; i++) {
        if (r->items[i].handling != LOOK_UP) continue;
        questions[k++] =
            (struct gateway_question){key_of(a, r->shift->lease, r->items[i].w), r->items[i].at};
    }
    enum status const st = g->look_up(g->state, questions, n, answers, a, r->cx->err);
    if (st != OK) return unreachable(r, LOOK_UP, st);
    take_answers(r, LOOK_UP, answers);
    return OK;
}
static enum status settle_all(struct round *r)
{
    struct ctx *cx = r->cx;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    if (r->shift->lease) TRY(lease_check(cx, r->shift->machine, r->shift->lease));
    for (size_t i = 0; i < r->n; i++) TRY(answer_settle(r, &r->items[i]));
    TRY(attempt_put_all(cx, r->attempts, r->n_attempts, NULL));
    TRY(billing_captured_all(cx, r->receipts, r->n_receipts));
    return tx_commit(&tx);
}

static enum status run_round(struct round *r, struct wanted *rows, size_t n)
{
    struct arena *a = r->cx->arena;

    r->items = arena_array(a, struct item, n);
    r->attempts = arena_array(a, struct attempt_put_all_in, n);
    r->receipts = arena_array(a, struct receipt, n);
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        r->items[i] = (struct item){
            .w = &rows[i], .answer = {.code = "", .advice = "", .ref = ""}
        };
        TRY(sort_item(r, &r->items[i]));
    }
    TRY(hold_back(r));
    TRY(send(r));
    TRY(look_up(r));
    return settle_all(r);
}
/* A batch's own transaction for the sake of its plan, see pg_begin. */
static enum status read_wanted(struct ctx *cx, const struct shift *s, struct wanted **rows,
                               size_t *n)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    return wanted_batch(cx, rows, n, .first = s->lease ? s->lease->first : 0,
                        .last = s->lease ? s->lease->last : BUCKETS - 1,
                        .only_account = s->only_account, .max = (int64_t)s->max);
}

enum status payments_collect(struct ctx *cx, const struct world *w, const struct shift *s,
                             size_t *done)
{
    struct round r = {.cx = cx, .world = w, .shift = s};
    struct wanted *rows;
    size_t n;

    *done = 0;
    TRY(read_wanted(cx, s, &rows, &n));
    if (n == 0) return OK;
    TRY(run_round(&r, rows, n));
    *done = n;
    return OK;
}
