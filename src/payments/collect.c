/* collect: sends wanted charges to the gateway, outside any transaction, and settles the answers in
 * one. The intent - which method, which attempt - is stored before the call, so that a crash at any
 * point sends the same attempt again under the same key (SPEC B-11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "collect_sql.h"
#include "payments/budget.h"
#include "payments/decline_rules.h"
#include "payments/inbox.h"
#include "payments/outside.h"
#include "payments/repay.h"
#include "payments/wallet.h"

/* What happens to one wanted charge in this round. */
enum handling {
    SEND,    /* an attempt is decided: charge it */
    LOOK_UP, /* its outcome is in doubt: ask */
    CHOOSE,  /* no method is chosen, or the chosen one may not be used */
    COVERED, /* credit has paid it: there is nothing to charge */
};

struct item {
    const struct wanted *w;
    enum handling handling;
    struct gateway_answer answer;
    int64_t at;       /* when its answer counts as given: of a capture, when it was made */
    int64_t known_at; /* when we learned of it */
};

struct round {
    struct ctx *cx;
    const struct world *world;
    const struct shift *shift;
    struct item *items;
    size_t n;
    /* written in bulk */
    struct attempt_put_all_in *attempts;
    struct receipt *receipts;
    size_t n_attempts, n_receipts;
};

enum { METHODS_MAX = 20 };

static enum status usable(const struct round *r, int64_t state, const char *gateway,
                          const char *fingerprint, const char *brand, bool check_budget, int64_t at,
                          bool *out)
{
    int64_t next_at;

    *out = state == METHOD_USABLE && strcmp(gateway, r->world->gateway->name) == 0;
    if (!*out || !check_budget) return OK;
    return budget_allows(r->cx, fingerprint, brand, at, out, &next_at);
}

static enum status sort_item(const struct round *r, struct item *i)
{
    bool ok = false;

    i->at = i->known_at = r->world->test_clock ? i->w->attempt_at : r->cx->now;
    i->handling = CHOOSE;
    if (i->w->charge_state == CHARGE_UNKNOWN) {
        i->handling = LOOK_UP;
    } else if (i->w->amount_minor == 0) {
        i->handling = COVERED;
    } else if (i->w->method_id) {
        TRY(usable(r, i->w->method_state, i->w->gateway, i->w->fingerprint, i->w->brand,
                   i->w->declined_before, i->at, &ok));
        if (ok) i->handling = SEND;
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

/* The first usable method after a rank, else one before it that came while the attempt was on its
 * way (SPEC E-01); 0 when there is none. `any` tells whether any exists. */
static enum status next_method(const struct round *r, const struct wanted *w, int64_t after_rank,
                               int64_t at, int64_t *method_id, bool *any)
{
    struct method_choice *m;
    size_t n;

    *method_id = 0;
    TRY(method_choices(r->cx, &m, &n, .account_id = w->account_id, .charge_id = w->charge_id,
                       .max = METHODS_MAX));
    *any = n > 0;
    for (size_t i = 0; i < 2 * n && !*method_id; i++) {
        const struct method_choice *c = &m[i % n];
        bool ok;

        if (i < n ? c->method_rank <= after_rank
                  : c->method_rank > after_rank || c->tried || c->method_id == w->method_id)
            continue;
        TRY(usable(r, c->method_state, c->gateway, c->fingerprint, c->brand, true, at, &ok));
        if (ok) *method_id = c->method_id;
    }
    return OK;
}

static struct issuer issuer_of(const struct round *r)
{
    const struct lease *l = r->shift->lease;

    return (struct issuer){r->shift->catalog, l ? l->first : SERIES_BY_HAND};
}

static struct settled settled_of(const struct item *i, int64_t attempts)
{
    return (struct settled){i->w->charge_id, i->w->account_id, i->at, attempts, i->known_at};
}

static enum status fail_charge(const struct round *r, const struct item *i, int64_t attempts,
                               const char *code, bool soon)
{
    struct issuer const by = issuer_of(r);
    struct settled const s = settled_of(i, attempts);

    return billing_failed(r->cx, &by, &s, code, soon);
}

/* Success by another method than the primary counts as the backup's, unless a retry or the member
 * began this round of attempts. */
static int64_t recovery_after(const struct wanted *w)
{
    return w->recovered_by == RECOVERED_NOT ? RECOVERED_BACKUP : w->recovered_by;
}

static enum status intend(const struct round *r, const struct item *i, int64_t method_id,
                          int64_t attempts, int64_t recovery)
{
    struct intent const intent = {i->w->charge_id, i->w->account_id,       method_id, attempts,
                                  i->at,           (enum recovery)recovery};

    return billing_intend(r->cx, &intent);
}

static void note_attempt(struct round *r, const struct item *i, enum attempt_state state,
                         enum decline_class class)
{
    const struct wanted *w = i->w;

    r->attempts[r->n_attempts++] = (struct attempt_put_all_in){.charge_id = w->charge_id,
                                                               .attempt_no = w->attempts,
                                                               .account_id = w->account_id,
                                                               .method_id = w->method_id,
                                                               .attempt_state = state,
                                                               .amount_minor = w->amount_minor,
                                                               .code = i->answer.code,
                                                               .decline_class = class,
                                                               .advice = i->answer.advice,
                                                               .gateway_ref = i->answer.ref,
                                                               .sent_at = w->attempt_at,
                                                               .answered_at = i->at};
}

/* It went out, and the provider never had it. */
static void note_never_sent(struct round *r, const struct item *i)
{
    struct item never = *i;

    never.answer.code = "payment.never_sent";
    note_attempt(r, &never, ATTEMPT_DECLINED, DECLINE_TECHNICAL);
}

static enum status was_sent(const struct round *r, const struct wanted *w, bool *sent)
{
    struct attempt_known_row *rows;
    size_t n;

    TRY(attempt_known(r->cx, &rows, &n, .charge_id = w->charge_id, .attempt_no = w->attempts,
                      .max = 1));
    *sent = n > 0;
    return OK;
}

/* Of a decided attempt whose method is not usable now nothing was sent, and its number is free; or
 * it was to be sent once more, and is over: no key is ever used with two methods (SPEC B-11). */
static enum status choose(struct round *r, const struct item *i)
{
    const struct wanted *w = i->w;
    bool const decided = w->method_id != 0;
    int64_t method_id;
    bool any, sent = false;

    if (decided) TRY(was_sent(r, w, &sent));
    if (sent) note_never_sent(r, i);
    bool const unused = decided && !sent;
    TRY(next_method(r, w, decided ? w->method_rank : -1, i->at, &method_id, &any));
    if (!method_id)
        return fail_charge(r, i, w->attempts - unused, any ? "method.unusable" : "method.none",
                           false);
    return intend(r, i, method_id, w->attempts + !unused,
                  decided ? recovery_after(w) : w->recovered_by);
}

static bool is_plain(const struct wanted *w)
{
    return (w->attempts == 1 || w->amount_minor == 0) && !w->in_dunning &&
           w->recovered_by == RECOVERED_NOT && w->charge_state == CHARGE_WANTED &&
           w->kind == CHARGE_RENEWAL && w->term == w->now_term &&
           (w->state == M_ACTIVE || w->state == M_ENDING);
}

static void add_receipt(struct round *r, const struct item *i)
{
    const struct wanted *w = i->w;
    struct receipt *receipt = &r->receipts[r->n_receipts++];
    struct rate_in const in = {
        .plan = *w->next_plan ? w->next_plan : w->plan,
        .country = w->country,
        .region = w->region,
        .anchor_day = w->anchor_day,
        .k = w->now_k + 1,
        .slots = w->slots,
        .prices = {w->price_known_day, w->price_new_day, w->price_from_day},
    };
    struct rated next;

    *receipt = (struct receipt){.settled = settled_of(i, w->attempts),
                                .amount_minor = w->amount_minor,
                                .credit_minor = w->credit_minor,
                                .currency = w->currency,
                                .next_currency = ""};
    if (w->state != M_ACTIVE || rate_period(r->shift->catalog, &in, &next)) return;
    /* What takes the place of a retired plan is looked up where the letter is written. */
    if (retire_is_over(r->shift->catalog, in.plan, next.start_day)) return;
    receipt->next_day = next.start_day;
    receipt->next_minor = next.total_minor;
    receipt->next_currency = next.currency;
}

/* SPEC H-10: the letter says that it may be charged all the same. */
static enum status warn_of_expiry(const struct round *r, const struct item *i)
{
    struct outside_expiry const x = {.account_id = i->w->account_id,
                                     .method_id = i->w->method_id,
                                     .expiry_month = i->w->expiry_month,
                                     .charged_day = i->at / DAY_MS,
                                     .next_day = r->receipts[r->n_receipts - 1].next_day,
                                     .at = i->at};

    return outside_expires(r->cx, &x);
}

static enum status paid(struct round *r, const struct item *i)
{
    struct issuer const by = issuer_of(r);

    if (is_plain(i->w)) {
        add_receipt(r, i);
        return warn_of_expiry(r, i);
    }
    struct settled const s = settled_of(i, i->w->attempts);
    return billing_captured(r->cx, &by, &s);
}

static enum status captured(struct round *r, struct item *i)
{
    if (i->answer.captured_at) i->at = i->answer.captured_at;
    note_attempt(r, i, ATTEMPT_CAPTURED, DECLINE_NONE);
    return paid(r, i);
}

/* Without a fingerprint there is no card, and no network that counts. It counts from when it
 * declined, however late we hear of that. */
static enum status count_decline(const struct round *r, const struct item *i)
{
    const struct wanted *w = i->w;
    int64_t const told_at = i->answer.declined_at;

    if (!*w->fingerprint) return OK;
    struct card_decline_add_in const row = {.fingerprint = w->fingerprint,
                                            .declined_at = told_at ? told_at : i->at,
                                            .charge_id = w->charge_id,
                                            .attempt_no = w->attempts};

    return card_decline_add(r->cx, &row, 1, NULL);
}

/* SPEC E-11; a member who replaces or confirms it makes it usable again. Whoever began the attempt,
 * it is the bank's doing. */
static enum status block(const struct round *r, const struct wanted *w, const char *code)
{
    struct ctx cx = *r->cx;
    struct method m;
    int64_t changed;

    if (SABOTAGE("retry_after_never")) return OK;
    TRY(method_block(&cx, &changed, .method_id = w->method_id, .blocked_code = code));
    if (!changed) return OK;
    TRY(method_by_id(&cx, &m, &METHOD_UNKNOWN, .method_id = w->method_id));
    cx.actor = (struct actor){.role = ROLE_SYSTEM};
    struct method_note const note = {.account_id = w->account_id,
                                     .method_id = w->method_id,
                                     .happened_at = r->cx->now,
                                     .event = METHOD_IS_BLOCKED,
                                     .last4 = m.last4,
                                     .code = code,
                                     .expiry_month = m.expiry_month};
    return wallet_note(&cx, &note);
}

/* Nobody waits for it any more: its doubt is looked up, and nothing else is tried. */
static bool is_given_up(const struct wanted *w)
{
    return billing_given_up((enum membership_state)w->state, w->now_term, (enum charge_kind)w->kind,
                            w->term);
}

/* A decline is followed by the next backup in the same group (SPEC E-01); a member's own attempt
 * with one method is not. */
static enum status declined(struct round *r, const struct item *i)
{
    const struct wanted *w = i->w;
    struct decline const d = decline_read(i->answer.code, i->answer.advice);
    int64_t method_id = 0;
    bool any;

    note_attempt(r, i, ATTEMPT_DECLINED, d.class);
    TRY(count_decline(r, i));
    const char *advice = SABOTAGE("advice_forgotten") ? "" : i->answer.advice;
    if (!d.retry) TRY(block(r, w, decline_kept(i->answer.code, advice)));
    if (w->recovered_by != RECOVERED_MEMBER && !is_given_up(w) && !SABOTAGE("no_backup"))
        TRY(next_method(r, w, w->method_rank, i->at, &method_id, &any));
    if (!method_id)
        return fail_charge(r, i, w->attempts, i->answer.code, d.class == DECLINE_TECHNICAL);
    return intend(r, i, method_id, w->attempts + 1, recovery_after(w));
}

static enum status in_doubt(struct round *r, const struct item *i)
{
    struct issuer const by = issuer_of(r);
    struct settled const s = settled_of(i, i->w->attempts);

    note_attempt(r, i, ATTEMPT_UNKNOWN, DECLINE_NONE);
    return billing_unknown(r->cx, &by, &s);
}

/* The provider never had it: the same attempt, under the same key, goes out again, unless what it
 * was for has been given up. */
static enum status resend(struct round *r, const struct item *i)
{
    const struct wanted *w = i->w;

    if (is_given_up(w)) {
        note_never_sent(r, i);
        return fail_charge(r, i, w->attempts, "payment.never_sent", false);
    }
    return intend(r, i, i->w->method_id, i->w->attempts, i->w->recovered_by);
}

/* The key was used with other particulars, so what it came to is a matter for a look-up. */
static bool is_mistaken(const struct gateway_answer *a)
{
    return a->outcome == GATEWAY_DECLINED && strcmp(a->code, "idempotency_key_in_use") == 0;
}

static enum status settle(struct round *r, struct item *i)
{
    if (i->handling == CHOOSE) return choose(r, i);
    if (i->handling == COVERED) return paid(r, i);
    if (is_mistaken(&i->answer)) return in_doubt(r, i);
    if (SABOTAGE("lost_reply_fails") && i->answer.outcome == GATEWAY_NO_REPLY)
        return declined(r, i);
    switch (i->answer.outcome) {
    case GATEWAY_CAPTURED: return captured(r, i);
    case GATEWAY_DECLINED: return declined(r, i);
    case GATEWAY_PENDING:
    case GATEWAY_NO_REPLY:
    case GATEWAY_LATER: return in_doubt(r, i); /* put off: the look-up waits, then it is resent */
    case GATEWAY_NEVER_SEEN: return resend(r, i);
    }
    return OK;
}

static enum status settle_all(struct round *r)
{
    struct ctx *cx = r->cx;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    if (r->shift->lease) TRY(lease_check(cx, r->shift->machine, r->shift->lease));
    for (size_t i = 0; i < r->n; i++) TRY(settle(r, &r->items[i]));
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
    TRY(send(r));
    TRY(look_up(r));
    return settle_all(r);
}

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
    return a->outcome == GATEWAY_CAPTURED || (a->outcome == GATEWAY_DECLINED && !is_mistaken(a));
}

/* A bank takes a captured charge back, or that has ended. Whatever cannot be, such as the end of a
 * dispute that never began here, is left to the people who compare the provider's list with ours.
 */
static enum status hear_dispute(struct round *r, const struct gateway_event *e, int64_t at)
{
    struct issuer const by = issuer_of(r);
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
    return settle(r, &item);
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
