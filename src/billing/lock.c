/* lock: stops and goes on. SPDX-License-Identifier: Apache-2.0 */
#include "billing/lock.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/dunning.h"
#include "db/outbox.h"
#include "lock_sql.h"

#define TAKEOVER "account.takeover" /* the kind of its work item */

enum status lock_keeps_wish(struct ctx *cx, const struct account *a, bool *keeps)
{
    struct wish *rows;
    size_t n = 0;

    if (a->locked_at) TRY(wishes_of(cx, &rows, &n, .account_id = a->account_id, .max = 1));
    *keeps = n > 0;
    return OK;
}

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static void show(struct ctx *cx, const struct trouble *t, int64_t work_id, struct lock_view *out)
{
    *out = (struct lock_view){
        .member = id_text("mem", t->m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .locked = t->account.locked_at != 0,
        .locked_since = instant(cx, t->account.locked_at),
        .state = t->m.state,
        .work = work_id ? id_text("wrk", work_id, arena_alloc(cx->arena, ID_TEXT)) : ""};
}

static enum status open_case(struct ctx *cx, const struct trouble *t, const char *report,
                             int64_t *work_id)
{
    struct work_open const w = {.account_id = t->m.account_id,
                                .kind = TAKEOVER,
                                .priority = WORK_URGENT,
                                .evidence =
                                    json_pack("{s:s, s:s, s:s, s:s, s:s}", "report", report,
                                              "state", membership_states.at[t->m.state], "surface",
                                              surfaces.at[cx->actor.surface], "device",
                                              cx->actor.device ? cx->actor.device : "", "network",
                                              cx->actor.network ? cx->actor.network : "")};

    return work_open(cx, &w, work_id);
}

static enum status set(struct ctx *cx, struct trouble *t, int64_t locked_at, int64_t unlocked_at)
{
    t->account.locked_at = locked_at;
    t->account.unlocked_at = unlocked_at;
    return account_set_lock(cx, NULL, .locked_at = locked_at, .unlocked_at = unlocked_at,
                            .account_id = t->m.account_id);
}

static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t,
                        const char *outcome)
{
    return outbox_put(
        cx, topic, t->m.account_id, cx->now,
        json_pack("{s:s, s:s*}", "state", membership_states.at[t->m.state], "outcome", outcome));
}

enum status account_lock(struct ctx *cx, const struct account_lock *in, struct lock_view *out)
{
    TX tx = {0};
    struct trouble t;
    int64_t work_id;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(open_case(cx, &t, in->report, &work_id));
    if (!t.account.locked_at) {
        TRY(set(cx, &t, cx->now, 0));
        TRY(membership_note(cx, &t.m, MEV_LOCK, cx->now, TAKEOVER));
        if (!SABOTAGE("lock_ignored"))
            TRY(membership_store(cx,
                                 &t.m)); /* leaves the due queue, and races with who works there */
        TRY(tell(cx, "account.locked", &t, NULL));
    }
    show(cx, &t, work_id, out);
    return tx_commit(&tx);
}

static void shift_debt(struct trouble *t, int64_t days)
{
    t->dates.debt_day += days;
    t->dates.grace_until_day += days;
    t->dates.hold_until_day += days;
}

/* What fell due meanwhile is due now. */
static void catch_up(struct ctx *cx, struct trouble *t, int64_t stopped_day)
{
    enum membership_step step = (enum membership_step)t->m.step;
    bool const in_debt = t->exists && (t->m.state == M_GRACE || t->m.state == M_HOLD);

    if (in_debt) shift_debt(t, zone_day(t->zone, cx->now) - stopped_day);
    if (in_debt && step != STEP_LOOK_UP) return trouble_next(t, cx->now);
    /* Whether credit takes it on is decided anew (SPEC F-10). */
    if (t->m.state == M_ENDING && step == STEP_RENEW) step = STEP_PERIOD_END;
    membership_due_at(&t->m, step, t->m.due_at > cx->now ? t->m.due_at : cx->now);
}

enum status account_unlock(struct ctx *cx, const struct account_unlock *in, struct lock_view *out)
{
    TX tx = {0};
    struct trouble t;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    if (!t.account.locked_at) return fail(cx->err, &ACCOUNT_NOT_LOCKED, NULL);
    int64_t const stopped_day = trouble_today(&t, cx->now);
    TRY(set(cx, &t, 0, cx->now));
    TRY(membership_note(cx, &t.m, MEV_UNLOCK, cx->now, TAKEOVER));
    TRY(wishes_begin(cx, NULL, .attempt_at = cx->now, .account_id = in->account_id));
    catch_up(cx, &t, stopped_day);
    TRY(trouble_store(cx, &t));
    TRY(work_settle(cx, in->account_id, TAKEOVER, 0, in->outcome));
    TRY(tell(cx, "account.unlocked", &t, in->outcome));
    show(cx, &t, 0, out);
    return tx_commit(&tx);
}
