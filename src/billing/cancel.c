/* cancel: begins, confirms and withdraws. SPDX-License-Identifier: Apache-2.0 */
#include "billing/pending.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/credit.h"
#include "billing/promise.h"
#include "cancel_sql.h"
#include "db/outbox.h"

enum { CHARGES_MAX = 100 };

/* ---- the first screen ---- */

static enum status show(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        struct cancel_screen *out)
{
    const struct fault *no_pause;
    struct membership const *m = &t->m;
    int64_t const end = m->state == M_GRACE ? t->dates.grace_until_day : m->period_end_day;
    bool const access = state_has_access((enum membership_state)m->state);
    struct arena *a = cx->arena;

    TRY(pause_refusal(cx, c, t, &no_pause));
    *out = (struct cancel_screen){
        .member = id_text("mem", m->account_id, arena_alloc(a, ID_TEXT)),
        .state = m->state,
        .unfinished_since = m->cancel_started_at
                                ? instant_text(m->cancel_started_at, arena_alloc(a, INSTANT_TEXT))
                                : "",
        .last_day = access ? day_text(end - 1, arena_alloc(a, DAY_TEXT)) : "",
        .slots = __builtin_popcountll((unsigned long long)m->slots),
        .currency = t->account.currency,
        .offer = no_pause ? "" : "pause",
        .others_may_restart = true,
    };
    return credit_balance(cx, m->account_id, &out->credit_minor);
}

static enum status keep(struct ctx *cx, struct trouble *t)
{
    t->m.cancel_started_at = 0;
    TRY(errand_drop(cx, t->m.account_id, ERRAND_CANCEL_REMINDER, 0));
    return trouble_store(cx, t);
}

static enum status begin(struct ctx *cx, struct trouble *t)
{
    if (t->m.cancel_started_at) return OK;
    TRY(membership_note(cx, &t->m, MEV_CANCEL_BEGIN, cx->now, ""));
    t->m.cancel_started_at = cx->now;
    TRY(errand_plan(cx, t->m.account_id, ERRAND_CANCEL_REMINDER, 0,
                    cx->now + cx->settings->cancel_reminder_hours * 3600000));
    return trouble_store(cx, t);
}

static bool may_end(const struct membership *m)
{
    return m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_HOLD ||
           m->state == M_PAUSED;
}

enum status cancel_begin(struct ctx *cx, const struct catalog *c, const struct cancel_first *in,
                         struct cancel_screen *out)
{
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(refuse_partner(cx, &t.m));
    if (!may_end(&t.m)) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    TRY(in->keep ? keep(cx, &t) : begin(cx, &t));
    TRY(show(cx, c, &t, out));
    return tx_commit(&tx);
}

enum status cancel_remind(struct ctx *cx, const struct errand *e, int64_t at)
{
    struct trouble t;
    char since[INSTANT_TEXT];

    TRY(trouble_load(cx, e->account_id, &t));
    if (!t.m.cancel_started_at || !may_end(&t.m)) return OK;
    return outbox_put(cx, "membership.cancel_unfinished", e->account_id, at,
                      json_pack("{s:s, s:s}", "state", membership_states.at[t.m.state], "since",
                                instant_text(t.m.cancel_started_at, since)));
}

/* ---- the confirmation ---- */

static enum status find(struct ctx *cx, const struct membership *m, struct cancel_proof *out)
{
    struct cancel_event *e;
    struct arena *a = cx->arena;
    size_t n;

    TRY(cancel_events_of(cx, &e, &n, .account_id = m->account_id, .max = 1));
    if (!n || (m->state != M_ENDING && m->state != M_CANCELED))
        return fail(cx->err, &MEMBERSHIP_NOT_CANCELLED, NULL);
    *out = (struct cancel_proof){
        .member = id_text("mem", m->account_id, arena_alloc(a, ID_TEXT)),
        .state = m->state,
        .reference = id_text("cnl", e->event_id, arena_alloc(a, ID_TEXT)),
        .cancelled_at = instant_text(e->happened_at, arena_alloc(a, INSTANT_TEXT)),
        .last_day = m->end_day ? day_text(m->end_day - 1, arena_alloc(a, DAY_TEXT)) : "",
    };
    return OK;
}

enum status cancel_tell(struct ctx *cx, const struct membership *m, const char *topic)
{
    struct cancel_proof p;
    char end[DAY_TEXT], kept[DAY_TEXT];

    TRY(find(cx, m, &p));
    return outbox_put(
        cx, topic, m->account_id, cx->now,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "state", membership_states.at[m->state],
                  "end_day", day_text(m->end_day, end), "last_day", p.last_day, "reference",
                  p.reference, "cancelled_at", p.cancelled_at, "kept_until",
                  m->retention_until_day ? day_text(m->retention_until_day, kept) : ""));
}

enum status cancel_confirm(struct ctx *cx, const struct cancel_ask *in, struct cancel_proof *out)
{
    struct membership m;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(membership_get(cx, in->account_id, &m));
    TRY(find(cx, &m, out));
    TRY(cancel_tell(cx, &m, "membership.cancel_confirmed"));
    return tx_commit(&tx);
}

enum status cancel_undo(struct ctx *cx, const struct catalog *c, const struct cancel_ask *in,
                        struct cancel_undone *out)
{
    struct membership m;
    char *day = arena_alloc(cx->arena, DAY_TEXT);
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(billing_undo_cancel(cx, c, in->account_id));
    TRY(membership_get(cx, in->account_id, &m));
    *out = (struct cancel_undone){
        .member = id_text("mem", m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .state = m.state,
        .next_charge_on = m.state == M_ACTIVE ? day_text(m.period_end_day, day) : "",
    };
    return tx_commit(&tx);
}

/* ---- withdrawal ---- */

enum status cancel_contract(struct ctx *cx, int64_t account_id, int64_t *term, int64_t *since_day)
{
    struct cancel_term *rows;
    size_t n;

    *term = *since_day = 0;
    TRY(cancel_terms_of(cx, &rows, &n, .account_id = account_id, .max = 1));
    if (n) *term = rows->term, *since_day = rows->anchor_day;
    return OK;
}

static enum status check_open(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              int64_t today, int64_t *term)
{
    const struct country *country = catalog_country(c, t->account.country);
    int64_t const days = country ? country->settings.withdrawal_days : 0;
    int64_t since_day;

    TRY(cancel_contract(cx, t->m.account_id, term, &since_day));
    if (!*term || !cancel_is_withdrawable(days, since_day, today))
        return fail(cx->err, &MEMBERSHIP_NO_WITHDRAWAL, NULL);
    return OK;
}

static enum status give_back(struct ctx *cx, const struct cancel_unserved *u, int64_t account_id,
                             int64_t today, struct given *sum)
{
    int64_t const from = today > u->period_start_day ? today : u->period_start_day;
    struct refund_order o = {
        .account_id = account_id,
        .charge_id = u->charge_id,
        .to = REFUND_TO_METHOD,
        .circumstance = REFUND_WITHDRAWAL,
        .rule = "withdrawal",
        .from_day = from,
        .until_day = u->period_end_day,
        .at = cx->now,
    };

    o.amount_minor =
        u->total_minor - earned_minor(u->total_minor, u->period_start_day, u->period_end_day, from);
    o.key = arena_printf(cx->arena, "withdrawal/%lld", (long long)u->charge_id);
    if (o.amount_minor == 0) return OK;
    if (SABOTAGE("withdrawal_of_all")) o.amount_minor = 0;
    return promise_refund(cx, &o, sum);
}

static enum status give_all_back(struct ctx *cx, int64_t account_id, int64_t term, int64_t today,
                                 struct given *sum)
{
    struct cancel_unserved *rows;
    size_t n;

    TRY(cancel_unserved_of(cx, &rows, &n, .account_id = account_id, .term = term,
                           .period_end_day = today, .max = CHARGES_MAX));
    for (size_t i = 0; i < n; i++) TRY(give_back(cx, &rows[i], account_id, today, sum));
    return OK;
}

enum status cancel_withdraw(struct ctx *cx, const struct catalog *c, const struct cancel_ask *in,
                            struct withdrawal *out)
{
    struct given sum = {0};
    int64_t today, term;
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    trouble_in_country(&t, c);
    TRY(refuse_partner(cx, &t.m));
    TRY(account_refuse_locked(cx, &t.account));
    if (t.m.state != M_ACTIVE && t.m.state != M_ENDING)
        return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    if (t.exists) return fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    today = zone_day(t.zone, cx->now);
    TRY(check_open(cx, c, &t, today, &term));
    TRY(give_all_back(cx, t.m.account_id, term, today, &sum));
    struct trouble_end const e = {MEV_WITHDRAW, "", cx->now, SERIES_BY_HAND, today};
    t.m.pause_months = t.m.cancel_started_at = 0;
    TRY(trouble_move(cx, &t, &e));
    TRY(trouble_store(cx, &t));
    TRY(outbox_put(cx, "membership.withdrawn", t.m.account_id, cx->now,
                   json_pack("{s:I, s:I, s:s}", "amount_minor", (json_int_t)sum.amount_minor,
                             "waits_minor", (json_int_t)sum.waits_minor, "currency",
                             t.account.currency)));
    *out = (struct withdrawal){
        .member = id_text("mem", t.m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .state = t.m.state,
        .amount_minor = sum.amount_minor,
        .waits_minor = sum.waits_minor,
        .currency = t.account.currency,
    };
    return tx_commit(&tx);
}
