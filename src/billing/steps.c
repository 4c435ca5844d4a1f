/* steps: what comes due besides renewals - look-ups, retries, reminders, the ends of grace, of hold
 * and of a cancelled period. SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/erase.h"
#include "billing/lock.h"
#include "billing/pending.h"
#include "billing/side.h"
#include "db/outbox.h"
#include "steps_sql.h"

/* One membership's step. */
struct step {
    struct ctx *cx;
    const struct issuer *by;
    struct trouble *t;
    int64_t at;
};

static enum status tell(const struct step *s, const char *topic)
{
    const struct trouble *t = s->t;
    char until[DAY_TEXT], hold[DAY_TEXT], keep[DAY_TEXT];
    const char *held_back;

    TRY(trouble_held_back(s->cx, t, &held_back));
    json_t *body =
        json_pack("{s:s, s:s, s:s, s:s}", "state", membership_states.at[t->m.state], "grace_until",
                  t->exists ? day_text(t->dates.grace_until_day, until) : "", "hold_until",
                  t->exists ? day_text(t->dates.hold_until_day, hold) : "", "kept_until",
                  t->m.retention_until_day ? day_text(t->m.retention_until_day, keep) : "");
    if (*held_back) json_object_set_new(body, "held_back", json_string(held_back));
    return outbox_put(s->cx, topic, t->m.account_id, s->at, body);
}

/* The charge whose outcome is in doubt: on hold that of the new term, else the unpaid renewal. */
static enum status look_up(const struct step *s)
{
    struct charge c;
    bool flies;

    TRY(trouble_in_flight(s->cx, s->t, &flies, &c));
    assert(flies);
    struct charge_wanted_add_all_in const wanted = {c.charge_id, c.account_id};
    TRY(charge_look_up(s->cx, NULL, .charge_id = c.charge_id, .attempt_at = s->at));
    TRY(charge_wanted_add_all(s->cx, &wanted, 1, NULL));
    membership_due_at(&s->t->m, STEP_LOOK_UP,
                      s->at + look_up_wait_ms(s->cx->settings, s->t->d.look_ups));
    return OK;
}

/* The same step, when an answer may have come. */
static enum status put_off(const struct step *s)
{
    membership_due_at(&s->t->m, (enum membership_step)s->t->m.step,
                      s->at + s->cx->settings->look_up_minutes * 60000);
    return OK;
}

static enum status retry(const struct step *s)
{
    struct charge c;
    bool open, disputed, waits = false;

    if (s->t->m.state == M_HOLD)
        TRY(retire_comes_first(s->cx, s->by->catalog, s->t, s->at, &waits));
    if (waits) return put_off(s);
    dunning_pass_retries(s->cx->settings, &s->t->dates, zone_day(s->t->zone, s->at));
    trouble_next(s->t, s->at);
    TRY(dispute_is_open(s->cx, s->t->m.account_id, &disputed));
    if (disputed && !SABOTAGE("retry_in_dispute")) return OK; /* SPEC I-06 */
    TRY(trouble_charge(s->cx, s->by->catalog, s->t, s->at, &c, &open));
    return open ? trouble_want(s->cx, &c, 0, RECOVERED_RETRY, s->at) : OK;
}

static enum status remind(const struct step *s)
{
    TRY(tell(s, "membership.grace_reminder"));
    if (SABOTAGE("reminder_for_retry"))
        dunning_pass_retries(s->cx->settings, &s->t->dates, zone_day(s->t->zone, s->at));
    dunning_pass_reminders(s->cx->settings, &s->t->dates, zone_day(s->t->zone, s->at));
    trouble_next(s->t, s->at);
    return OK;
}

/* While an attempt is in flight nothing is decided: its answer comes first. */
static enum status wait_for_answer(const struct step *s, bool *waiting)
{
    struct charge c;

    TRY(trouble_in_flight(s->cx, s->t, waiting, &c));
    return *waiting ? put_off(s) : OK;
}

static enum status grace_end(const struct step *s)
{
    bool waiting;

    TRY(wait_for_answer(s, &waiting));
    if (waiting) return OK;
    TRY(trouble_hold(s->cx, s->t, "", s->at));
    trouble_next(s->t, s->at);
    return tell(s, "membership.held");
}

static enum status end(const struct step *s, enum membership_event_kind event, int64_t end_day)
{
    struct trouble_end const e = {event, "", s->at, s->by->series, end_day};

    return trouble_move(s->cx, s->t, &e);
}

static enum status hold_end(const struct step *s)
{
    bool waiting;

    TRY(wait_for_answer(s, &waiting));
    if (waiting) return OK;
    TRY(end(s, MEV_HOLD_LIMIT, s->t->dates.grace_until_day));
    return tell(s, "membership.canceled");
}

static enum status period_end(const struct step *s)
{
    bool waiting;

    /* A change or a slot that is being paid for is decided first: nothing is charged after it. */
    TRY(change_flies(s->cx, s->t->m.account_id, &waiting));
    if (waiting) return put_off(s);
    TRY(lock_keeps_wish(s->cx, &s->t->account, &waiting));
    if (waiting) return membership_due_at(&s->t->m, STEP_PERIOD_END, s->at + DAY_MS), OK;
    TRY(cancel_goes_on(s->cx, s->by->catalog, s->t, s->at, &waiting));
    if (waiting) return membership_due_at(&s->t->m, STEP_RENEW, s->at), OK;
    TRY(end(s, MEV_PERIOD_END, s->t->m.end_day));
    return tell(s, "membership.ended");
}

static enum status carry_out(const struct step *s, enum membership_step step)
{
    switch (step) {
    case STEP_LOOK_UP:
        if (s->t->m.state == M_PENDING) return pending_look_up(s->cx, s->t, s->at);
        return look_up(s);
    case STEP_RETRY: return retry(s);
    case STEP_REMIND: return remind(s);
    case STEP_GRACE_END: return grace_end(s);
    case STEP_HOLD_END: return hold_end(s);
    case STEP_PERIOD_END: return period_end(s);
    case STEP_PAUSE: return pause_begin(s->cx, s->t, s->at);
    case STEP_RESUME: return pause_over(s->cx, s->by->catalog, s->t, s->at);
    case STEP_PENDING_END: return pending_over(s->cx, s->t, s->at);
    case STEP_WARN_ERASE: return erase_announce(s->cx, s->t, s->at);
    case STEP_ERASE: return erase_now(s->cx, s->t, s->at);
    case STEP_PURGE: return erase_rest(s->cx, s->t, s->at);
    case STEP_NONE:
    case STEP_RENEW: break;
    }
    assert(false && "a step that the due query excludes");
    return OK;
}

static enum status do_step(struct ctx *cx, const struct shift *shift, const struct step_due *due)
{
    struct trouble t;
    struct issuer const by = {shift->catalog, shift->lease->first};
    struct step const s = {cx, &by, &t, shift->test_clock ? due->due_at : cx->now};

    TRY(trouble_load(cx, due->account_id, &t));
    trouble_in_country(&t, by.catalog);
    TRY(carry_out(&s, (enum membership_step)due->step));
    return trouble_store(cx, &t);
}

/* One pass for all whose time has come. */
static enum status clean_outbox(struct ctx *cx, const struct shift *s, const struct step_due *due,
                                size_t n)
{
    int64_t first = INT64_MAX, last = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t const at = s->test_clock ? due[i].due_at : cx->now;

        if (due[i].step != STEP_ERASE) continue;
        if (at < first) first = at;
        if (at > last) last = at;
    }
    return last ? erase_messages(cx, first, last) : OK;
}

enum status billing_do_steps(struct ctx *cx, const struct shift *s, size_t *done)
{
    TX tx = {0};
    struct step_due *due;
    size_t n;

    *done = 0;
    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(steps_due(cx, &due, &n, .due_day = s->due_day, .until_at = s->until_at,
                  .first = s->lease->first, .last = s->lease->last, .max = (int64_t)s->max));
    if (n == 0) return OK;
    TRY(lease_check(cx, s->machine, s->lease));
    for (size_t i = 0; i < n; i++) TRY(do_step(cx, s, &due[i]));
    TRY(clean_outbox(cx, s, due, n));
    TRY(tx_commit(&tx));
    *done = n;
    return OK;
}
