/* restart: begins a membership, takes it up again, and undoes an end that has not come (SPEC F-12
 * to F-15, DT-3). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/held.h"
#include "billing/pending.h"
#include "billing/retire.h"
#include "billing/retire_rules.h"
#include "billing/side.h"
#include "db/outbox.h"

enum status refuse_partner(struct ctx *cx, const struct membership *m)
{
    return is_partner_billed(m) ? fail(cx->err, &MEMBERSHIP_PARTNER_BILLED, NULL) : OK;
}

enum status billing_start(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct pending_begin const in = {MEV_SIGN_UP, M_NONE, cx->now};
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    TRY(pending_begin(cx, c, &t, &in));
    TRY(trouble_store(cx, &t));
    return tx_commit(&tx);
}

/* ---- restarting ---- */

/* Every contact of the owner learns of it, with who, where and when, and with a code that says
 * "this was not me" (SPEC F-15). */
static enum status tell_restart(struct ctx *cx, const struct trouble *t, const char *topic)
{
    char not_me[PROOF_CODE];

    TRY(proof_make(cx, t->m.account_id, PROOF_NOT_ME, cx->now + cx->settings->undo_days * DAY_MS,
                   not_me));
    json_t *body = held_who(cx);
    json_object_set_new(body, "plan", json_string(t->m.plan));
    json_object_set_new(body, "not_me_code", json_string(not_me));
    return outbox_put(cx, topic, t->m.account_id, cx->now, body);
}

enum status restart_allowed(struct ctx *cx, const struct catalog *c, const struct trouble *t)
{
    int64_t const today = zone_day(t->zone, cx->now);

    TRY(refuse_partner(cx, &t->m));
    TRY(account_refuse_locked(cx, &t->account));
    if (t->m.state == M_DELETED || (t->m.state == M_CANCELED && today >= t->m.retention_until_day))
        return fail(cx->err, &MEMBERSHIP_RETENTION_OVER, NULL);
    if (t->m.state != M_CANCELED) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    return retire_is_over(c, t->m.plan, today) ? fail(cx->err, &RETIRE_PLAN_OVER, "plan") : OK;
}

static bool must_prove(const struct actor *a)
{
    return a->role != ROLE_SYSTEM && !a->proven;
}

enum status billing_restart(struct ctx *cx, const struct catalog *c, int64_t account_id,
                            const char *plan)
{
    struct pending_begin const in = {MEV_RESTART, M_CANCELED, cx->now};
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    if (SABOTAGE("restart_keeps_slots")) t.m.slots = 1;
    if (plan) change_switch(&t.m, plan);
    TRY(restart_allowed(cx, c, &t));
    if (must_prove(&cx->actor)) return fail(cx->err, &MEMBERSHIP_PROOF_NEEDED, NULL);
    TRY(held_forget(cx, account_id));
    TRY(pending_begin(cx, c, &t, &in));
    TRY(trouble_store(cx, &t));
    TRY(tell_restart(cx, &t, "membership.restart_begun"));
    return tx_commit(&tx);
}

/* ---- undoing an end ---- */

static enum status tell_undone(struct ctx *cx, const struct membership *m)
{
    char next[DAY_TEXT];

    return outbox_put(cx, "membership.cancel_undone", m->account_id, cx->now,
                      json_pack("{s:s, s:s}", "state", membership_states.at[m->state],
                                "next_charge_on", day_text(m->period_end_day, next)));
}

/* What was unpaid when it was cancelled is so again. */
static enum status back_to_grace(struct ctx *cx, struct trouble *t)
{
    TRY(membership_move(cx, &t->m, MEV_RENEWAL_FAILED, cx->now, "unpaid", NULL));
    dunning_pass_retries(&t->rules, &t->dates, zone_day(t->zone, cx->now) - 1);
    trouble_next(t, cx->now);
    return OK;
}

static enum status undo(struct ctx *cx, struct trouble *t)
{
    struct charge c;
    bool flies;

    TRY(membership_move(cx, &t->m, MEV_UNDO_CANCEL, cx->now, "", NULL));
    t->m.end_day = t->m.cancel_started_at = 0;
    if (!t->exists) {
        membership_due(&t->m, STEP_RENEW, t->zone, t->m.period_end_day);
        return OK;
    }
    TRY(trouble_in_flight(cx, t, &flies, &c));
    return flies ? OK : back_to_grace(cx, t);
}

enum status billing_undo_cancel(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    trouble_in_country(&t, c);
    TRY(refuse_partner(cx, &t.m));
    if (t.m.end_day && zone_day(t.zone, cx->now) >= t.m.end_day)
        return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    TRY(undo(cx, &t));
    TRY(trouble_store(cx, &t));
    TRY(tell_undone(cx, &t.m));
    return tx_commit(&tx);
}
