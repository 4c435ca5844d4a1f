/* membership: loads, moves and stores. SPDX-License-Identifier: Apache-2.0 */
#include "membership/membership.h"

#include "account/account.h"
#include "base/calendar.h"

const struct fault MEMBERSHIP_UNKNOWN = {E_NOT_FOUND, "membership.unknown",
                                         "There is no such member; check the id."};
const struct fault MEMBERSHIP_NOT_NOW = {
    E_CONFLICT, "membership.not_now",
    "The membership's present state does not allow that; look at it with membership.get."};
const struct fault MEMBERSHIP_CHANGED = {E_BUSY, "membership.changed",
                                         "The membership has just been changed; try again."};

const struct fault MEMBERSHIP_RETENTION_OVER = {
    E_CONFLICT, "membership.retention_over",
    "The time for restarting is over; begin a new membership with membership.start."};
const struct fault MEMBERSHIP_PROOF_NEEDED = {
    E_DENIED, "membership.proof_needed",
    "A restart needs a fresh proof of who you are; sign in again or confirm a code."};
const struct fault MEMBERSHIP_PARTNER_BILLED = {
    E_CONFLICT, "membership.partner_billed",
    "A partner bills this membership; do that at the partner."};

const struct fault MEMBERSHIP_NOT_CANCELLED = {
    E_CONFLICT, "membership.not_cancelled",
    "Nothing is cancelled; a cancel is complete once membership.cancel has answered."};
const struct fault MEMBERSHIP_NO_WITHDRAWAL = {
    E_CONFLICT, "membership.no_withdrawal",
    "The country grants no withdrawal, or its days are over; cancel instead."};

const struct fault MEMBERSHIP_NO_CREDIT = {
    E_CONFLICT, "membership.no_credit",
    "There is not enough credit for one more period; end with the paid period instead."};

enum status membership_get(struct ctx *cx, int64_t account_id, struct membership *out)
{
    return membership_by_account(cx, out, &MEMBERSHIP_UNKNOWN, .account_id = account_id);
}

static enum status write_event(struct ctx *cx, const struct membership *m,
                               enum membership_event_kind event, int64_t state_to, int64_t at,
                               const char *reason)
{
    struct newest_event before;
    int64_t id;

    TRY(membership_event_newest(cx, &before, &MEMBERSHIP_UNKNOWN, .account_id = m->account_id));
    TRY(db_id_after(cx, before.newest_id, &id));
    return membership_event_add(
        cx, NULL, .event_id = id, .account_id = m->account_id, .happened_at = at, .event = event,
        .state_from = m->state, .state_to = state_to, .actor_role = cx->actor.role,
        .actor_id = cx->actor.id, .actor_surface = cx->actor.surface,
        .device = cx->actor.device ? cx->actor.device : "",
        .network = cx->actor.network ? cx->actor.network : "", .reason = reason,
        .network_country = cx->actor.country ? cx->actor.country : "");
}

enum status membership_note(struct ctx *cx, const struct membership *m,
                            enum membership_event_kind event, int64_t at, const char *reason)
{
    return write_event(cx, m, event, m->state, at, reason);
}

enum status membership_term_cause(struct ctx *cx, int64_t account_id, const char **cause)
{
    struct term_row *rows;
    size_t n;

    TRY(term_newest(cx, &rows, &n, .account_id = account_id, .max = 1));
    *cause = n ? rows->term_cause : "";
    return OK;
}

enum status membership_move(struct ctx *cx, struct membership *m, enum membership_event_kind event,
                            int64_t at, const char *reason, unsigned *effects)
{
    const struct move *move = fsm_move(&membership_fsm, (unsigned)m->state, event);

    if (!move) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    int64_t const to = event == MEV_PAYMENT_REFUSED ? m->pending_from : move->to;
    TRY(write_event(cx, m, event, to, at, reason));
    if (event == MEV_RESTART || event == MEV_UNDO_CANCEL ||
        event == MEV_PARTNER_ACTIVATE) /* whoever stays is not deleted */
        TRY(account_set_deletion(cx, NULL, .delete_on_day = 0, .account_id = m->account_id));
    m->state = to;
    if (effects) *effects = move->effects;
    return OK;
}

enum status membership_store(struct ctx *cx, struct membership *m)
{
    int64_t changed;

    TRY(membership_save(
        cx, &changed, .account_id = m->account_id, .plan = m->plan, .biller = m->biller,
        .state = m->state, .term = m->term, .anchor_day = m->anchor_day, .k = m->k,
        .period_start_day = m->period_start_day, .period_end_day = m->period_end_day,
        .step = m->step, .due_at = m->due_at, .due_day = m->due_day, .method_id = m->method_id,
        .end_day = m->end_day, .retention_until_day = m->retention_until_day,
        .next_plan = m->next_plan, .cancel_started_at = m->cancel_started_at,
        .pending_from = m->pending_from, .pause_months = m->pause_months,
        .price_known_day = m->price_known_day, .price_new_day = m->price_new_day,
        .price_from_day = m->price_from_day, .slots = m->slots, .period_plan = m->period_plan,
        .period_slots = m->period_slots, .version = m->version));
    if (changed != 1) return fail(cx->err, &MEMBERSHIP_CHANGED, NULL);
    m->version++;
    return OK;
}

void membership_due_at(struct membership *m, enum membership_step step, int64_t at)
{
    m->step = step;
    m->due_at = step == STEP_NONE ? 0 : at;
    m->due_day = step == STEP_NONE ? 0 : divide_down(at, DAY_MS);
}

void membership_due(struct membership *m, enum membership_step step, const struct zone *z,
                    int64_t local_day)
{
    membership_due_at(m, step, step == STEP_NONE ? 0 : zone_day_start(z, local_day));
}
