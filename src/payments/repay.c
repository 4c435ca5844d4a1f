/* repay: asks, and tells billing what was answered. SPDX-License-Identifier: Apache-2.0 */
#include "payments/repay.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/sabotage.h"
#include "repay_sql.h"

static const char *key_of(struct arena *a, const struct repay *r)
{
    char member[ID_TEXT], refund[ID_TEXT];

    return arena_printf(a, "%s/%s/refund", id_text("mem", r->account_id, member),
                        id_text("rfd", r->refund_id, refund));
}

bool repay_key_read(const char *key, int64_t *account_id, int64_t *refund_id)
{
    char member[ID_TEXT], refund[ID_TEXT];
    const char *slash = strchr(key, '/'), *end = slash ? strchr(slash + 1, '/') : NULL;

    if (!end || strcmp(end, "/refund") != 0) return false;
    if (slash - key >= ID_TEXT || end - slash > ID_TEXT) return false;
    snprintf(member, sizeof member, "%.*s", (int)(slash - key), key);
    snprintf(refund, sizeof refund, "%.*s", (int)(end - slash - 1), slash + 1);
    return id_parse("mem", member, account_id) && id_parse("rfd", refund, refund_id);
}

static enum refund_news news_of(enum gateway_outcome outcome)
{
    switch (outcome) {
    case GATEWAY_CAPTURED: return REFUND_NEWS_DONE;
    case GATEWAY_DECLINED: return REFUND_NEWS_REFUSED;
    case GATEWAY_PENDING: return REFUND_NEWS_PENDING;
    case GATEWAY_NO_REPLY: return REFUND_NEWS_NO_REPLY;
    case GATEWAY_NEVER_SEEN: return REFUND_NEWS_NEVER_SEEN;
    case GATEWAY_LATER: break;
    }
    return REFUND_NEWS_LATER;
}

/* The key was used with other particulars, so what it came to is a matter for a look-up. */
static bool is_mistaken(const struct gateway_answer *a)
{
    return a->outcome == GATEWAY_DECLINED && strcmp(a->code, "idempotency_key_in_use") == 0;
}

/* A gateway that cannot be reached, or did not take the money, has done nothing. */
static enum status call(struct ctx *cx, const struct world *w, const struct repay *r, int64_t at,
                        struct gateway_answer *out)
{
    struct gateway_answer const later = {
        .outcome = GATEWAY_LATER, .code = "", .advice = "", .ref = ""};
    struct arena *a = cx->arena;
    struct gateway *g = w->gateway;
    enum status st;

    *out = later;
    if (strcmp(r->gateway, g->name) != 0) return OK;
    if (r->refund_state == REFUND_UNKNOWN) {
        struct gateway_question const q = {key_of(a, r), at};
        st = g->look_up_refund(g->state, &q, out, a, cx->err);
    } else {
        char key[GATEWAY_KEY_TEXT];
        struct gateway_refund const in = {
            .key = SABOTAGE("refund_key_of_moment")
                       ? arena_printf(a, "%s-%lld", key_of(a, r), (long long)at)
                       : key_of(a, r),
            .charge_key = payments_key(r->account_id, r->term, r->k, (enum charge_kind)r->kind,
                                       r->subject, r->attempt_no, key),
            .charge_ref = r->gateway_ref,
            .currency = r->currency,
            .amount_minor = r->amount_minor,
            .at = at};
        st = g->refund(g->state, &in, out, a, cx->err);
    }
    if (st == OK && is_mistaken(out)) out->outcome = GATEWAY_NO_REPLY;
    if (st != E_UPSTREAM) return st;
    *out = later;
    return OK;
}

static enum status settle(struct ctx *cx, int64_t account_id, int64_t refund_id,
                          const struct gateway_answer *said, int64_t at)
{
    struct refund_told const told = {.refund_id = refund_id,
                                     .account_id = account_id,
                                     .news = news_of(said->outcome),
                                     .code = said->code,
                                     .ref = said->ref,
                                     .at = at,
                                     .done_at = said->captured_at};

    return refund_tell(cx, &told);
}

static enum status settle_all(struct ctx *cx, const struct world *w, const struct shift *s,
                              const struct repay *rows, const struct gateway_answer *said, size_t n)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(lease_check(cx, s->machine, s->lease));
    for (size_t i = 0; i < n; i++)
        TRY(settle(cx, rows[i].account_id, rows[i].refund_id, &said[i],
                   w->test_clock ? rows[i].due_at : cx->now));
    return tx_commit(&tx);
}

enum status repay_work(struct ctx *cx, const struct world *w, const struct shift *s, size_t *done)
{
    struct repay *rows;
    size_t n;

    *done = 0;
    TRY(repays_due(cx, &rows, &n, .due_day = s->due_day, .until_at = s->until_at,
                   .first = s->lease->first, .last = s->lease->last, .max = (int64_t)s->max));
    if (n == 0) return OK;
    struct gateway_answer *said = arena_array(cx->arena, struct gateway_answer, n);
    for (size_t i = 0; i < n; i++)
        TRY(call(cx, w, &rows[i], w->test_clock ? rows[i].due_at : cx->now, &said[i]));
    TRY(settle_all(cx, w, s, rows, said, n));
    *done = n;
    return OK;
}

enum status repay_first_due(struct ctx *cx, const struct lease *l, int64_t until_at, int64_t *day)
{
    struct repay_first_due_row *rows;
    size_t n;

    TRY(repay_first_due_of(cx, &rows, &n, .from_day = 1, .until_at = until_at,
                           .first = l ? l->first : 0, .last = l ? l->last : BUCKETS - 1, .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}

enum status repay_hear(struct ctx *cx, const struct gateway_event *e, int64_t at)
{
    int64_t account_id, refund_id;

    if (!repay_key_read(e->key, &account_id, &refund_id)) return OK;
    if (e->answer.outcome != GATEWAY_CAPTURED && e->answer.outcome != GATEWAY_DECLINED) return OK;
    return settle(cx, account_id, refund_id, &e->answer, at);
}
