/* sandbox_refund: the sandbox's refunds, each of one of its captured charges and never of more than
 * that. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "payments/gateways/sandbox_parts.h"
#include "sandbox_sql.h"

static struct gateway_answer stored(const struct sandbox_refund *row, int64_t at, struct arena *a)
{
    return sandbox_answer_at(a, row->refund_key, at, (enum gateway_outcome)row->outcome,
                             arena_strdup(a, row->code), "", row->settled_at);
}

static bool same(const struct sandbox_refund *row, const struct gateway_refund *in)
{
    return row->amount_minor == in->amount_minor && strcmp(row->currency, in->currency) == 0 &&
           strcmp(row->charge_key, in->charge_key) == 0;
}

/* What is refused before it is looked at, and leaves no trace under its key; NULL otherwise. */
static enum status refusal(struct ctx *cx, struct sandbox *s, const struct gateway_refund *in,
                           const char **code)
{
    struct sandbox_charge *charge;
    struct sandbox_refunded_row before;
    size_t n;

    *code = NULL;
    TRY(sandbox_charge_by_key(cx, &charge, &n, .charge_key = in->charge_key));
    TRY(sandbox_refunded(cx, &before, &DB_NO_ROW, .charge_key = in->charge_key));
    if (in->amount_minor <= 0)
        *code = "invalid_amount";
    else if (n == 0 || charge->outcome != GATEWAY_CAPTURED || charge->settled_at > in->at ||
             !sandbox_read_token(s, charge->token))
        *code = "charge_unknown";
    else if (strcmp(charge->currency, in->currency) != 0)
        *code = "currency_not_supported";
    else if (sandbox_is_disputed(s->token.disputes, charge->settled_at, in->at))
        *code = "charge_disputed";
    else if (before.minor + in->amount_minor > charge->amount_minor)
        *code = "refund_exceeds_charge";
    return OK;
}

static enum status add_events(struct ctx *cx, const struct sandbox_verdict *v, const char *key)
{
    struct sandbox_event_add_in in[2];

    for (size_t i = 0; i < v->n_callbacks; i++)
        in[i] = (struct sandbox_event_add_in){
            .event_id = arena_printf(cx->arena, "evt_%s_%s", v->callbacks[i].word, key),
            .copy = v->callbacks[i].copy,
            .event_kind = EVENT_REFUND,
            .charge_key = key,
            .deliver_at = v->callbacks[i].deliver_at,
            .outcome = v->callbacks[i].outcome,
            .code = v->code,
            .advice = "",
            .settled_at = v->settled_at,
        };
    return sandbox_event_add(cx, in, v->n_callbacks, NULL);
}

/* The first sending of a key: lost on the way, turned away, or done. */
static enum status begin_one(struct ctx *cx, struct sandbox *s, const struct gateway_refund *in,
                             struct gateway_answer *out, struct arena *a)
{
    struct sandbox_verdict v;
    const char *code;
    int64_t first = 0;

    TRY(refusal(cx, s, in, &code));
    if (code) {
        *out = sandbox_plain(GATEWAY_DECLINED, code);
        return OK;
    }
    sandbox_judge_refund(&s->token, in->at, &v);
    if (v.fate == FATE_REQUEST_LOST || v.fate == FATE_TURNED_AWAY)
        TRY(sandbox_sending_add(cx, &first, .charge_key = in->key));
    *out = sandbox_plain(v.fate == FATE_TURNED_AWAY ? GATEWAY_LATER : GATEWAY_NO_REPLY, "");
    if (first) return OK;
    TRY(sandbox_refund_add(cx, NULL, .refund_key = in->key, .charge_key = in->charge_key,
                           .currency = in->currency, .amount_minor = in->amount_minor,
                           .outcome = v.outcome, .code = v.code, .sent_at = in->at,
                           .settled_at = v.settled_at));
    TRY(add_events(cx, &v, in->key));
    if (v.fate != FATE_REPLY_LOST)
        *out = sandbox_answer_at(a, in->key, in->at, v.outcome, v.code, "", v.settled_at);
    return OK;
}

static enum status refund_once(struct ctx *cx, struct sandbox *s, const struct gateway_refund *in,
                               struct gateway_answer *out, struct arena *a)
{
    struct sandbox_refund *row;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(sandbox_refund_by_key(cx, &row, &n, .refund_key = in->key));
    if (n == 0) {
        TRY(begin_one(cx, s, in, out, a));
    } else if (!same(row, in)) {
        *out = sandbox_plain(GATEWAY_DECLINED, "idempotency_key_in_use");
    } else {
        *out = stored(row, row->sent_at, a);
        out->replayed = true;
    }
    return tx_commit(&tx);
}

static enum status look_up_once(struct ctx *cx, const struct gateway_question *q,
                                struct gateway_answer *out, struct arena *a)
{
    struct sandbox_refund *row;
    size_t n;

    TRY(sandbox_refund_by_key(cx, &row, &n, .refund_key = q->key));
    *out = n ? stored(row, q->at, a) : sandbox_plain(GATEWAY_NEVER_SEEN, "");
    return OK;
}

enum status sandbox_refund(void *state, const struct gateway_refund *in, struct gateway_answer *out,
                           struct arena *a, struct error *e)
{
    struct sandbox *s = state;
    struct ctx cx = sandbox_context(s, e);
    enum gateway_injury injury;
    enum sandbox_seen seen;

    TRY(sandbox_begin(s, GATEWAY_ON_REFUND, &injury, e));
    enum status st = sandbox_arrives(injury) ? E_BUSY : OK;
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++)
        st = refund_once(&cx, s, in, out, a);
    TRY(sandbox_end(s, st, injury, &seen, e));
    if (seen == SANDBOX_LATER) *out = sandbox_plain(GATEWAY_LATER, "");
    if (seen == SANDBOX_NO_REPLY) *out = sandbox_plain(GATEWAY_NO_REPLY, "");
    return OK;
}

enum status sandbox_look_up_refund(void *state, const struct gateway_question *q,
                                   struct gateway_answer *out, struct arena *a, struct error *e)
{
    struct sandbox *s = state;
    struct ctx cx = sandbox_context(s, e);
    enum gateway_injury injury;
    enum status st = E_BUSY;

    TRY(sandbox_begin(s, GATEWAY_ON_REFUND_LOOK_UP, &injury, e));
    if (injury == GATEWAY_CRASH_AFTER) return fail(e, &GATEWAY_CRASHED, NULL);
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++) st = look_up_once(&cx, q, out, a);
    return st == OK ? OK : sandbox_failed(s, e);
}
