/* takeover: refunds, ends, locks. SPDX-License-Identifier: Apache-2.0 */
#include "billing/takeover.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/erase.h"
#include "billing/held.h"
#include "billing/lock.h"
#include "billing/pending.h"
#include "billing/promise.h"
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

/* A restart and when it began; 0: the term did not begin with one. */
struct restart {
    int64_t term; /* while it is pending, the one to come */
    bool pending;
    int64_t began_at;
    int64_t end_day, until_day; /* what it has lifted; 0: nothing, or that was not kept */
    const char *plan;           /* of what it has lifted; "": likewise */
    struct takeover_charge *charges;
    size_t n;
};

/* Whatever moved the anchor since belongs to it. */
static enum status look_for_restart(struct ctx *cx, const struct membership *m, struct restart *r)
{
    struct takeover_term_row *term;
    size_t n;

    *r = (struct restart){.pending = m->state == M_PENDING && m->pending_from == M_CANCELED,
                          .plan = m->period_plan};
    if (is_partner_billed(m)) return OK;
    TRY(takeover_term(cx, &term, &n, .account_id = m->account_id, .max = 1));
    if (!r->pending && !n) return OK;
    r->term = r->pending ? m->term + 1 : term->term;
    TRY(takeover_charges(cx, &r->charges, &r->n, .account_id = m->account_id, .term = r->term,
                         .max = CHARGES_MAX));
    if (r->pending && r->n) r->began_at = r->charges[r->n - 1].wanted_at;
    if (r->pending) return OK;
    r->began_at = term->started_at;
    r->end_day = term->lifted_end_day;
    r->until_day = term->lifted_until_day;
    r->plan = term->lifted_plan;
    return OK;
}

static bool is_recent(const struct ctx *cx, const struct restart *r)
{
    return cx->now <= r->began_at + cx->settings->undo_days * DAY_MS;
}

enum status takeover_restart_of(struct ctx *cx, const struct membership *m,
                                struct restart_undo *out)
{
    struct restart r = {0};

    if (m->term > 1 || m->state == M_PENDING) TRY(look_for_restart(cx, m, &r));
    *out = (struct restart_undo){r.began_at > 0, r.began_at > 0 && is_recent(cx, &r)};
    return OK;
}

struct undoing {
    struct ctx *cx;
    struct trouble t;
    struct restart restart;
    struct given given;
    struct undo_view *out;
};

static enum status find_restart(struct undoing *u)
{
    TRY(look_for_restart(u->cx, &u->t.m, &u->restart));
    if (!u->restart.began_at) return fail(u->cx->err, &UNDO_NO_RESTART, NULL);
    return is_recent(u->cx, &u->restart) ? OK : fail(u->cx->err, &UNDO_TOO_LATE, NULL);
}

/* A payment on its way: what it comes to decides what there is to undo. A pending restart needs no
 * wait: money that comes after its end goes back by itself. */
static bool must_wait(const struct undoing *u)
{
    for (size_t i = 0; i < u->restart.n && !u->restart.pending; i++)
        if (u->restart.charges[i].charge_state == CHARGE_WANTED ||
            u->restart.charges[i].charge_state == CHARGE_UNKNOWN)
            return true;
    return false;
}

static enum status give_back(struct undoing *u, const struct takeover_charge *c)
{
    struct refund_order const o = {
        .account_id = u->t.m.account_id,
        .charge_id = c->charge_id,
        .to = REFUND_TO_METHOD,
        .circumstance = REFUND_TAKEOVER,
        .rule = "takeover",
        .key = arena_printf(u->cx->arena, "takeover/%lld", (long long)c->charge_id),
        .at = u->cx->now};

    return promise_refund(u->cx, &o, &u->given);
}

static enum status end_restarted(struct undoing *u)
{
    struct trouble *t = &u->t;
    int64_t const now = u->cx->now;
    struct trouble_end const e = {MEV_UNDO_RESTART, "takeover", now, SERIES_BY_HAND,
                                  zone_day(t->zone, now)};

    TRY(trouble_move(u->cx, t, &e));
    t->m.pending_from = M_NONE;
    t->m.next_plan = "";
    t->m.cancel_started_at = t->m.pause_months = 0;
    return OK;
}

/* Over as it was over before, and kept for as long, whoever has ended it again meanwhile. */
static enum status end(struct undoing *u)
{
    const struct restart *r = &u->restart;
    struct membership *m = &u->t.m;
    bool const lasts = m->state != M_CANCELED;
    bool const same_plan = !*r->plan || strcmp(m->plan, r->plan) == 0;

    if (!lasts && same_plan && (!r->end_day || m->end_day == r->end_day)) return OK;
    if (lasts) TRY(end_restarted(u));
    if (!same_plan) m->plan = m->period_plan = r->plan;
    if (r->end_day) {
        m->end_day = r->end_day;
        m->retention_until_day = r->until_day;
    }
    erase_plan(&u->t, u->cx->now);
    return trouble_store(u->cx, &u->t);
}

/* The doubt of a pending payment is looked up without anybody who waits for it. */
static enum status follow_doubts(struct undoing *u)
{
    for (size_t i = 0; i < u->restart.n; i++)
        if (u->restart.charges[i].charge_state == CHARGE_UNKNOWN)
            TRY(errand_plan_once(u->cx, u->t.m.account_id, ERRAND_LOOK_UP,
                                 u->restart.charges[i].charge_id, u->cx->now));
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
                      json_pack("{s:s, s:I, s:I, s:I, s:s, s:s}", "state",
                                membership_states.at[u->t.m.state], "refunds",
                                (json_int_t)u->given.refunds, "amount_minor",
                                (json_int_t)u->given.amount_minor, "waits_minor",
                                (json_int_t)u->given.waits_minor, "currency", u->t.account.currency,
                                "to", "all_contacts"));
}

static enum status undo(struct undoing *u)
{
    for (size_t i = 0; i < u->restart.n && !SABOTAGE("takeover_pays"); i++)
        if (u->restart.charges[i].charge_state == CHARGE_CAPTURED)
            TRY(give_back(u, &u->restart.charges[i]));
    u->out->refunds = u->given.refunds;
    u->out->amount_minor = u->given.amount_minor;
    u->out->waits_minor = u->given.waits_minor;
    TRY(follow_doubts(u));
    TRY(end(u));
    return tell(u);
}

/* It was held back and has not begun: nothing was charged. */
static enum status stop(struct undoing *u, const struct undo_restart *in, struct tx *tx)
{
    u->out->outcome = UNDO_DONE;
    u->out->currency = u->t.account.currency;
    TRY(tell(u));
    TRY(lock(u, in));
    return tx_commit(tx);
}

enum status billing_undo_restart(struct ctx *cx, const struct catalog *c,
                                 const struct undo_restart *in, struct undo_view *out)
{
    struct undoing u = {.cx = cx, .out = out};
    bool stopped;
    TX tx = {0};

    *out = (struct undo_view){0};
    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &u.t));
    trouble_in_country(&u.t, c);
    TRY(held_stop(cx, &u.t.m, &stopped));
    if (stopped) return stop(&u, in, &tx);
    TRY(find_restart(&u));
    out->currency = u.t.account.currency;
    out->outcome = must_wait(&u) ? UNDO_WAITS : UNDO_DONE;
    if (out->outcome == UNDO_DONE) TRY(undo(&u));
    TRY(lock(&u, in));
    return tx_commit(&tx);
}

enum status takeover_disown(struct ctx *cx, const struct catalog *c,
                            const struct disown_restart *in, struct undo_view *out)
{
    struct undo_restart undo = {.report = "The link in the letter about the restart."};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(proof_find(cx, in->code, PROOF_NOT_ME, &undo.account_id));
    TRY(billing_undo_restart(cx, c, &undo, out));
    if (out->outcome == UNDO_DONE) TRY(proof_drop(cx, undo.account_id, PROOF_NOT_ME));
    return tx_commit(&tx);
}
