/* hear: what the gateway tells by itself, taken by the worker of the account it is about: the end
 * of an attempt in doubt, a refund, a dispute, a change of a method.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "payments/answer.h"
#include "payments/inbox.h"
#include "payments/outside.h"
#include "payments/repay.h"

/* The attempt an event is about: member/term/k/kind/subject/attempt, as payments_key writes it. */
static bool parse_key(const char *key, struct wanted_by_charge_in *in, int64_t *attempt)
{
    struct gateway_key read;

    if (!gateway_key_read(key, &read) || !id_parse("mem", read.member, &in->account_id) ||
        name_find(&charge_kinds, read.kind) < 0)
        return false;
    in->term = read.term;
    in->k = read.k;
    in->kind = name_find(&charge_kinds, read.kind);
    in->subject = read.subject;
    in->max = 1;
    *attempt = read.attempt;
    return true;
}

static bool is_final(const struct gateway_answer *a)
{
    return a->outcome == GATEWAY_CAPTURED ||
           (a->outcome == GATEWAY_DECLINED && !answer_is_mistaken(a));
}

/* A bank takes a captured charge back, or that has ended. Whatever cannot be, such as the end of a
 * dispute that never began here, is left to the people who compare the provider's list with ours.
 */
static enum status hear_dispute(struct round *r, const struct gateway_event *e, int64_t at)
{
    struct issuer const by = answer_issuer(r);
    struct wanted_by_charge_in in = {0};
    struct wanted *row;
    int64_t attempt;
    size_t n;

    if (!parse_key(e->key, &in, &attempt)) return OK;
    TRY(q_wanted_by_charge(r->cx, &in, &row, &n));
    if (n == 0 || row->charge_state != CHARGE_CAPTURED) return OK;
    struct dispute_opening const o = {row->account_id, row->charge_id, e->answer.code, at};
    struct dispute_ending const end = {row->account_id, row->charge_id,
                                       e->dispute == GATEWAY_DISPUTE_WON, at, &by};
    TRY(dispute_begin(r->cx, &o, NULL)); /* the news may come out of order */
    if (e->dispute == GATEWAY_DISPUTE_OPENED) return OK;
    return dispute_end(r->cx, &end);
}

/* Only an attempt in doubt is ended by an event; anything else is a duplicate or long known. On a
 * test clock it counts as known from the next day on: whether a worker hears it before another one
 * closes the month that ends in between must make no difference. */
static enum status take_event(struct round *r, const struct inbox_event *event)
{
    const struct gateway_event *e = &event->told;
    int64_t const now = r->cx->now, at = r->world->test_clock ? e->deliver_at : now;
    struct wanted_by_charge_in in = {0};
    struct wanted *row;
    int64_t attempt;
    size_t n;

    if (e->kind == EVENT_REFUND) return repay_hear(r->cx, e, at);
    if (e->kind == EVENT_DISPUTE) return hear_dispute(r, e, at);
    if (outside_is(e->kind))
        return outside_hear(r->cx, r->world->gateway->name, event->account_id, e, at);
    if (!is_final(&e->answer) || !parse_key(e->key, &in, &attempt)) return OK;
    TRY(q_wanted_by_charge(r->cx, &in, &row, &n));
    if (n == 0 || row->charge_state != CHARGE_UNKNOWN || row->attempts != attempt) return OK;
    int64_t const next_day = (e->deliver_at / DAY_MS + 1) * DAY_MS;
    struct item item = {row, LOOK_UP, e->answer, at, r->world->test_clock ? next_day : now};
    return answer_settle(r, &item);
}

static enum status take_all(struct round *r)
{
    const struct gateway *g = r->world->gateway;
    struct ctx *cx = r->cx;
    struct inbox_event *events;
    TX tx = {0};
    size_t n;

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(lease_check(cx, r->shift->machine, r->shift->lease));
    TRY(inbox_look(cx, g, r->shift, &events, &n)); /* what was seen outside may be taken by now */
    r->attempts = arena_array(cx->arena, struct attempt_put_all_in, n + 1);
    for (size_t i = 0; i < n; i++) TRY(take_event(r, &events[i]));
    TRY(attempt_put_all(cx, r->attempts, r->n_attempts, NULL));
    TRY(inbox_take(cx, g, events, n));
    return tx_commit(&tx);
}

enum status payments_take_events(struct ctx *cx, const struct world *w, const struct shift *s,
                                 size_t *done)
{
    struct round r = {.cx = cx, .world = w, .shift = s};
    struct inbox_event *events;
    size_t read, n;

    *done = 0;
    if (s->lease->first > s->lease->last) return OK;
    TRY(inbox_read(cx, w->gateway, s->until_at - 1, s->max, &read));
    TRY(inbox_look(cx, w->gateway, s, &events, &n));
    if (n) TRY(take_all(&r));
    *done = read + n;
    return OK;
}
