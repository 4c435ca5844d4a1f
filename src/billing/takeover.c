/* takeover: refunds, ends, locks. SPDX-License-Identifier: Apache-2.0 */
#include "billing/takeover.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/erase.h"
#include "billing/lock.h"
#include "billing/pending.h"
#include "db/outbox.h"
#include "takeover_sql.h"

const struct names undo_outcomes = NAMES("undone", "waiting");

const struct fault UNDO_NO_RESTART = {
    E_CONFLICT, "takeover.no_restart",
    "This membership was not restarted, so there is nothing to undo; report a takeover instead."};
const struct fault UNDO_TOO_LATE = {
    E_CONFLICT, "takeover.too_late",
    "The restart is too long ago to be undone by itself; report a takeover, and a person looks "
    "into it."};

enum { CHARGES_MAX = 1000 };

struct undoing {
    struct ctx *cx;
    struct trouble t;
    int64_t term; /* the restart's: while it is pending, the one to come */
    bool pending;
    struct takeover_charge *charges;
    size_t n;
    struct undo_view *out;
};

static enum status find_restart(struct undoing *u)
{
    const struct membership *m = &u->t.m;
    struct ctx *cx = u->cx;
    struct takeover_term_row *term;
    int64_t began_at = 0;
    size_t n;

    u->pending = m->state == M_PENDING && m->pending_from == M_CANCELED;
    u->term = u->pending ? m->term + 1 : m->term;
    TRY(takeover_charges(cx, &u->charges, &u->n, .account_id = m->account_id, .term = u->term,
                         .max = CHARGES_MAX));
    TRY(takeover_term(cx, &term, &n, .account_id = m->account_id, .term = u->term, .max = 1));
    if (u->pending && u->n) began_at = u->charges[0].wanted_at;
    if (!u->pending && n && strcmp(term->term_cause, "restarted") == 0) began_at = term->started_at;
    if (!began_at) return fail(cx->err, &UNDO_NO_RESTART, NULL);
    return cx->now <= began_at + cx->settings->undo_days * DAY_MS
               ? OK
               : fail(cx->err, &UNDO_TOO_LATE, NULL);
}

/* A payment on its way: what it comes to decides what there is to undo. A pending restart needs no
 * wait: money that comes after its end goes back by itself. */
static bool must_wait(const struct undoing *u)
{
    for (size_t i = 0; i < u->n && !u->pending; i++)
        if (u->charges[i].charge_state == CHARGE_WANTED ||
            u->charges[i].charge_state == CHARGE_UNKNOWN)
            return true;
    return false;
}

static enum status give_back(struct undoing *u, const struct takeover_charge *c)
{
    struct refund_left left;
    struct refund_order const o = {
        .account_id = u->t.m.account_id,
        .charge_id = c->charge_id,
        .to = REFUND_TO_METHOD,
        .circumstance = REFUND_TAKEOVER,
        .rule = "takeover",
        .key = arena_printf(u->cx->arena, "takeover/%lld", (long long)c->charge_id),
        .at = u->cx->now};

    TRY(refund_left(u->cx, o.account_id, c->charge_id, &left));
    if (left.disputed || left.total_minor == 0) return OK;
    u->out->refunds++;
    u->out->amount_minor += left.total_minor;
    return refund_order(u->cx, &o, NULL);
}

static enum status end(struct undoing *u)
{
    struct trouble *t = &u->t;
    int64_t const now = u->cx->now;
    struct trouble_end const e = {MEV_UNDO_RESTART, "takeover", now, SERIES_BY_HAND,
                                  zone_day(t->zone, now)};

    if (t->m.state == M_CANCELED) return OK;
    TRY(trouble_move(u->cx, t, &e));
    t->m.pending_from = M_NONE;
    t->m.next_plan = "";
    t->m.cancel_started_at = t->m.pause_months = 0;
    erase_plan(t, now);
    return trouble_store(u->cx, t);
}

/* The doubt of a pending payment is looked up without anybody who waits for it. */
static enum status follow_doubts(struct undoing *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->charges[i].charge_state == CHARGE_UNKNOWN)
            TRY(errand_plan_once(u->cx, u->t.m.account_id, ERRAND_LOOK_UP, u->charges[i].charge_id,
                                 u->cx->now));
    return OK;
}

static enum status lock(struct undoing *u, const struct undo_restart *in)
{
    struct account_lock const report = {.account_id = in->account_id, .report = in->report};
    struct lock_view locked;

    TRY(account_lock(u->cx, &report, &locked));
    u->out->member = locked.member;
    u->out->locked = locked.locked;
    u->out->state = locked.state;
    u->out->work = locked.work;
    return OK;
}

static enum status tell(struct undoing *u)
{
    return outbox_put(u->cx, "membership.restart_undone", u->t.m.account_id, u->cx->now,
                      json_pack("{s:s, s:I, s:I, s:s, s:s}", "state",
                                membership_states.at[u->t.m.state], "refunds",
                                (json_int_t)u->out->refunds, "amount_minor",
                                (json_int_t)u->out->amount_minor, "currency", u->t.account.currency,
                                "to", "all_contacts"));
}

static enum status undo(struct undoing *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->charges[i].charge_state == CHARGE_CAPTURED) TRY(give_back(u, &u->charges[i]));
    TRY(follow_doubts(u));
    TRY(end(u));
    return tell(u);
}

enum status billing_undo_restart(struct ctx *cx, const struct undo_restart *in,
                                 struct undo_view *out)
{
    struct undoing u = {.cx = cx, .out = out};
    TX tx = {0};

    *out = (struct undo_view){0};
    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &u.t));
    TRY(find_restart(&u));
    out->currency = u.t.account.currency;
    out->outcome = must_wait(&u) ? UNDO_WAITS : UNDO_DONE;
    if (out->outcome == UNDO_DONE) TRY(undo(&u));
    TRY(lock(&u, in));
    return tx_commit(&tx);
}
