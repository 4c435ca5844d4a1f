/* answer: books it, and decides what is tried next. SPDX-License-Identifier: Apache-2.0 */
#include "payments/answer.h"

#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "payments/budget.h"
#include "payments/decline_rules.h"
#include "payments/outside.h"
#include "payments/wallet.h"

enum { METHODS_MAX = 20 };
enum status answer_may_charge(const struct round *r, int64_t state, const char *gateway,
                              const char *fingerprint, const char *brand, bool check_budget,
                              int64_t at, bool *out)
{
    struct budget_ask const ask = {.fingerprint = fingerprint, .brand = brand, .at = at};
    int64_t next_at;

    *out = state == METHOD_USABLE && strcmp(gateway, r->world->gateway->name) == 0;
    if (!*out || !check_budget) return OK;
    return budget_allows(r->cx, &ask, out, &next_at);
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
        TRY(answer_may_charge(r, c->method_state, c->gateway, c->fingerprint, c->brand, true, at,
                              &ok));
        if (ok) *method_id = c->method_id;
    }
    return OK;
}

struct issuer answer_issuer(const struct round *r)
{
    const struct lease *l = r->shift->lease;

    return (struct issuer){r->shift->catalog, l ? l->first : SERIES_BY_HAND};
}

static struct charge_seen seen_of(const struct item *i)
{
    return (struct charge_seen){i->w->charge_state, i->w->attempts};
}

static struct settled settled_of(const struct item *i, int64_t attempts)
{
    return (struct settled){i->w->charge_id, i->w->account_id, i->at,
                            attempts,        i->known_at,      seen_of(i)};
}

static enum status fail_charge(const struct round *r, const struct item *i, int64_t attempts,
                               const char *code, bool soon)
{
    struct issuer const by = answer_issuer(r);
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
    struct intent const intent = {i->w->charge_id, i->w->account_id,        method_id, attempts,
                                  i->at,           (enum recovery)recovery, seen_of(i)};

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
        return fail_charge(r, i, w->attempts - unused, any ? METHOD_UNUSABLE : "method.none",
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
    struct issuer const by = answer_issuer(r);

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
    struct issuer const by = answer_issuer(r);
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
bool answer_is_mistaken(const struct gateway_answer *a)
{
    return a->outcome == GATEWAY_DECLINED && strcmp(a->code, "idempotency_key_in_use") == 0;
}

enum status answer_settle(struct round *r, struct item *i)
{
    if (i->handling == CHOOSE) return choose(r, i);
    if (i->handling == COVERED) return paid(r, i);
    if (i->handling == WAIT) return OK;
    if (answer_is_mistaken(&i->answer)) return in_doubt(r, i);
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
