/* workload_life: members sign up, cancel in steps and by halves, come back, pause, withdraw and
 * have
 * themselves deleted. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "sim/purse.h"
#include "sim/workload.h"

static int64_t today_of(const struct sim *s, const struct member *m)
{
    return zone_day(m->zone, s->now);
}

static const char *state_in(json_t *answer)
{
    return workload_text(answer, "state");
}

/* --- signing up --- */

static json_t *application(struct sim *s, struct member *m, size_t plan, const char *token)
{
    json_t *in = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "member", m->external_id, "email",
                           arena_printf(&s->job, "%s@example.com", m->external_id), "name", "A B",
                           "country", places[m->place].code, "plan", plan_codes[plan], "time_zone",
                           m->zone_name, "token", token);

    if (*m->region) json_object_set_new(in, "region", json_string(m->region));
    return in;
}

void life_sign_up(struct sim *s, struct member *m)
{
    struct actor const visitor = {.role = ROLE_VISITOR, .surface = SURFACE_WEB};
    const char *name = population_token(s);
    bool const first = !m->account_id, fresh = !member_has_token(m, name);
    json_t *out;

    if (!m->signs_up || m->joined_day > today_of(s, m)) return;
    size_t const plan = workload_sells(s, m->plan) ? m->plan : (m->plan + 1) % PLANS;
    struct token *t = member_token(s, m, name);
    if (!t) return;
    bool const busy = !first && workload_in_flight(m), was_gone = t->gone;
    t->gone = false;
    m->wishes[MEV_SIGN_UP].at = s->now;
    enum status const st =
        workload_call_as(s, &visitor, m, "membership.start", application(s, m, plan, name), &out);
    if (st != OK) m->wishes[MEV_SIGN_UP].at = 0;
    if (st != OK) t->gone = fresh || was_gone;
    if (st == OK) m->plan = plan;
    if (st == OK && first && !population_find(s, m))
        complain(s, m, "a new member is not there");
    else if (st == OK && first)
        m->known_day = today_of(s, m);
    if (!busy && st != OK) complain(s, m, "a new member is refused: %s", s->err.fault->code);
    json_decref(out);
}

/* --- cancelling --- */

static bool may_cancel(const struct member *m)
{
    return m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_HOLD ||
           m->state == M_PAUSED;
}

int64_t life_credit_end(struct sim *s, struct member *m)
{
    int64_t left = purse_left(s, m), end = 0;
    struct walk next = m->next;

    for (;;) {
        int64_t const price = owed_for(s, m, plan_foreseen(s, next.day)).total_minor;

        if (price <= 0 || price > left) return end;
        left -= price;
        walk_next(&next);
        end = next.day;
    }
}

static void cancel_when_used_up(struct sim *s, struct member *m)
{
    int64_t const end = life_credit_end(s, m);
    json_t *out;

    enum status const st = workload_wish(s, m, MEV_CANCEL, "membership.cancel",
                                         json_pack("{s:s}", "until", "credit"), &out);
    if (st == OK) m->credit_until_day = end;
    workload_expect(s, m, "a cancel until credit is used", st,
                    end && m->state == M_ACTIVE && !workload_in_flight(m));
    json_decref(out);
}

void life_cancel(struct sim *s, struct member *m)
{
    enum membership_state const before = m->state;
    json_t *out;

    if (m->partner) return;
    if (m->state == M_ACTIVE && chance_one_in(&s->chance, 2) && purse_left(s, m) > 0) {
        cancel_when_used_up(s, m);
        return;
    }
    int64_t const wanted_before = m->cancel_wanted_at;
    m->cancel_wanted_at = s->now;
    enum status const st =
        workload_wish(s, m, MEV_CANCEL, "membership.cancel", json_object(), &out);
    bool const at_once = before == M_HOLD || before == M_PAUSED;
    if (st != OK) m->cancel_wanted_at = wanted_before;
    if (st == OK && strcmp(state_in(out), at_once ? "canceled" : "ending") != 0)
        complain(s, m, "F-07: cancelling led from %s to %s", membership_states.at[before],
                 state_in(out));
    workload_expect(s, m, "a cancel", st, may_cancel(m));
    json_decref(out);
}

/* The first screen, and no second one: nothing is cancelled (SPEC F-02). */
void life_begin_cancel(struct sim *s, struct member *m)
{
    bool const keep = chance_one_in(&s->chance, 3);
    json_t *out;

    if (m->partner) return;
    bool const had_begun = m->cancel_begun;
    if (!keep && !had_begun) m->wishes[MEV_CANCEL_BEGIN].at = s->now;
    enum status const st =
        workload_call(s, m, "membership.cancel_begin", json_pack("{s:b}", "keep", (int)keep), &out);
    if (st != OK) m->wishes[MEV_CANCEL_BEGIN].at = 0;
    if (st == OK) m->cancel_begun = !keep;
    if (st == OK && strcmp(state_in(out), membership_states.at[m->state]) != 0)
        complain(s, m, "F-02: the first screen has cancelled something");
    workload_expect(s, m, "the first screen of cancelling", st, may_cancel(m));
    json_decref(out);
}

static bool may_undo(const struct sim *s, const struct member *m)
{
    return m->state == M_ENDING && today_of(s, m) < m->end_day && !m->locked_at && !m->partner;
}

void life_undo_cancel(struct sim *s, struct member *m)
{
    json_t *out;

    enum status const st =
        workload_wish(s, m, MEV_UNDO_CANCEL, "membership.undo_cancel", json_object(), &out);
    workload_expect(s, m, "an undone cancel", st, may_undo(s, m));
    json_decref(out);
}

static bool in_retention(const struct sim *s, const struct member *m)
{
    return today_of(s, m) < m->retention_day;
}

/* Just after a takeover was looked into, with a card that has just come, after others have tried:
 * two of these (SPEC F-12, DT-3). */
static bool is_unusual(const struct sim *s, const struct member *m)
{
    int64_t const after = s->now - s->settings.risk_recent_hours * 3600000;

    return (m->unlocked_at > after) + (m->added_at > after) + (m->refused_at > after) >= 2;
}

/* Its owner has so many hours to stop it; asking once more changes nothing. */
static void restart_waits(struct sim *s, struct member *m, size_t plan, json_t *answer)
{
    char until[INSTANT_TEXT];

    m->wishes[MEV_RESTART].at = 0;
    if (!m->held_until) {
        m->wishes[MEV_RESTART_HELD].at = s->now;
        m->held_until = s->now + s->settings.restart_hold_hours * 3600000;
        m->held_plan = plan;
    }
    if (strcmp(workload_text(answer, "held_until"), instant_text(m->held_until, until)) != 0)
        complain(s, m, "F-12: an unusual restart waits until '%s', should wait until %s",
                 workload_text(answer, "held_until"), until);
}

static void restarted(struct sim *s, struct member *m, size_t plan, json_t *answer)
{
    if (is_unusual(s, m)) {
        restart_waits(s, m, plan, answer);
        return;
    }
    if (*workload_text(answer, "held_until"))
        complain(s, m, "F-12: a restart as usual has to wait");
    m->plan = plan;
    m->held_until = 0;
}

/* Whether the plan can be taken up: the one before although it is closed, never once it is retired
 * (SPEC F-13, A-10). */
static bool is_offered(const struct sim *s, const struct member *m, size_t plan, bool named)
{
    return workload_sells(s, plan) || (!named && today_of(s, m) < s->market.retired.day);
}

/* With another plan at times (SPEC F-12 to F-14). */
void life_restart(struct sim *s, struct member *m)
{
    bool const over = m->state == M_CANCELED, other = over && chance_one_in(&s->chance, 3);
    size_t const plan = other ? (size_t)chance_upto(&s->chance, PLANS) : m->plan;
    json_t *in = json_object(), *out;

    if (m->partner) {
        json_decref(in);
        return;
    }
    if (other) json_object_set_new(in, "plan", json_string(plan_codes[plan]));
    enum status const st =
        workload_wish(s, m, over ? MEV_RESTART : MEV_UNDO_CANCEL, "membership.restart", in, &out);
    if (st == OK && over) restarted(s, m, plan, out);
    if (over)
        workload_expect(s, m, "a restart", st,
                        in_retention(s, m) && !m->locked_at && workload_has_method(s, m) &&
                            is_offered(s, m, plan, other));
    else
        workload_expect(s, m, "an undone end", st, may_undo(s, m));
    json_decref(out);
}

/* Whoever may not, and an owner who has not proven to be it: nothing begins (SPEC F-12, F-14). What
 * has not ended yet its owner takes up without a proof (DT-3). */
void life_restart_by_others(struct sim *s, struct member *m)
{
    static const enum role others[] = {ROLE_OWNER, ROLE_VISITOR, ROLE_PROFILE, ROLE_KIDS,
                                       ROLE_EXTRA};
    int64_t const first = m->state == M_ENDING;
    enum role const role = others[chance_between(&s->chance, first, COUNT(others) - 1)];
    struct actor const other = {.role = role,
                                .id = role == ROLE_VISITOR ? 0 : m->account_id,
                                .surface = SURFACE_WEB,
                                .proven = role != ROLE_OWNER};
    json_t *out;

    enum status const st =
        workload_call_as(s, &other, m, "membership.restart", json_object(), &out);
    workload_expect(s, m, "a restart by somebody else", st, false);
    json_decref(out);
}

/* Who is a member, or was one, does not become one anew: it would pay twice (SPEC B-14, F-13). */
void life_sign_up_again(struct sim *s, struct member *m)
{
    struct actor const visitor = {.role = ROLE_VISITOR, .surface = SURFACE_WEB};
    json_t *out;

    enum status const st = workload_call_as(s, &visitor, m, "membership.start",
                                            application(s, m, m->plan, population_token(s)), &out);
    workload_expect(s, m, "a second sign-up", st, false);
    json_decref(out);
}

void life_withdraw(struct sim *s, struct member *m)
{
    int64_t const days = laws[m->place].withdrawal_days;
    json_t *out;

    bool const open = days && today_of(s, m) <= m->contract_day + days && !m->locked_at &&
                      !m->partner && !workload_in_flight(m) && !m->debt;
    enum status const st =
        workload_wish(s, m, MEV_WITHDRAW, "membership.withdraw", json_object(), &out);
    workload_expect(s, m, "a withdrawal", st, open);
    json_decref(out);
}

/* --- pausing --- */

void life_pause(struct sim *s, struct member *m)
{
    bool const may = m->plan >= PLAN_PAUSABLE_FROM && !m->pause_months && !m->locked_at &&
                     !m->partner && m->row.step == STEP_RENEW;
    json_t *out;

    enum status const st = workload_wish(s, m, MEV_PAUSE, "membership.pause", json_object(), &out);
    workload_expect(s, m, "a pause", st, may);
    json_decref(out);
}

void life_extend_pause(struct sim *s, struct member *m)
{
    int64_t const months = m->pause_months + s->settings.pause_months;
    bool const may = m->pause_months && months <= s->settings.pause_max_months && !m->locked_at;
    json_t *out;

    enum status const st =
        workload_wish(s, m, MEV_EXTEND_PAUSE, "membership.extend_pause", json_object(), &out);
    workload_expect(s, m, "a longer pause", st, may);
    json_decref(out);
}

void life_resume(struct sim *s, struct member *m)
{
    bool const may = (m->state == M_PAUSED || m->pause_months) && !m->locked_at && !m->partner;
    json_t *out;

    enum status const st =
        workload_wish(s, m, MEV_RESUME, "membership.resume", json_object(), &out);
    workload_expect(s, m, "an end of a pause", st, may);
    json_decref(out);
}

/* --- deletion, signs of life --- */

void life_delete(struct sim *s, struct member *m)
{
    bool const planned = m->delete_day != 0;
    json_t *out;

    if (!planned) m->wishes[MEV_DELETE].at = s->now;
    enum status const st = workload_call(s, m, "account.delete", json_object(), &out);
    if (st != OK) m->wishes[MEV_DELETE].at = 0;
    workload_expect(s, m, "a deletion", st,
                    !m->locked_at && (m->state == M_ENDING || in_retention(s, m)));
    json_decref(out);
}

void life_undo_delete(struct sim *s, struct member *m)
{
    json_t *out;

    enum status const st =
        workload_wish(s, m, MEV_UNDO_DELETE, "account.undo_delete", json_object(), &out);
    workload_expect(s, m, "an undone deletion", st,
                    m->delete_day && !m->locked_at && (m->state == M_ENDING || in_retention(s, m)));
    json_decref(out);
}

/* Watches, or says that it stays (SPEC B-15). */
void life_watch(struct sim *s, struct member *m)
{
    bool const says = chance_one_in(&s->chance, 3);
    json_t *out;

    enum status const st =
        workload_call(s, m, says ? "membership.confirm_use" : "playback.seen", json_object(), &out);
    if (st == OK) m->answered_at = s->now;
    json_decref(out);
}
