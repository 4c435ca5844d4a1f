/* workload: what happens in a simulated world - the engine runs every few days, members cancel and
 * change their methods, the operator applies a new catalog. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

enum { TRIES_MAX = 400, CALM_AFTER = 60 };

/* What the engine may answer with; anything else is a defect. */
static bool is_excused(const struct error *e)
{
    static const struct fault *const excused[] = {&DB_FULL, &DB_GONE, &DB_RACE, &DB_OUTCOME_UNKNOWN,
                                                  &LEASE_LOST};

    for (size_t i = 0; i < COUNT(excused); i++)
        if (e->fault == excused[i]) return true;
    return e->fault && (e->fault->status == E_UPSTREAM || e->fault->status == E_BUSY);
}

/* After a failed call: a process that is gone starts again. False when the call is to blame. */
static bool recover(struct sim *s, const char *what)
{
    if (db_crashed(s->db) || s->harm.crash_next) return harm_restart(s), true;
    if (is_excused(&s->err)) return true;
    complain(s, NULL, "%s failed: %s %s", what, s->err.fault ? s->err.fault->code : "",
             s->err.detail);
    return false;
}

void workload_run(struct sim *s, int64_t until)
{
    s->running_until = until;
    s->cx.now = s->real_clock ? s->now : s->done_until;
    s->harm.on = true;
    for (int tries = 0; !s->failed; tries++) {
        arena_reset(&s->job);
        if (tries == CALM_AFTER) s->harm.on = false;
        s->running = true;
        enum status const st = payments_run(&s->cx, &s->world, until);
        s->running = s->harm.stopped = false;
        if (st == OK && db_crashed(s->db)) harm_restart(s); /* on its way out */
        if (st == OK || !recover(s, "payments_run")) break;
        if (tries == TRIES_MAX) complain(s, NULL, "B-17: the engine does not come to an end");
    }
    s->harm.on = false;
    s->done_until = until;
    s->cx.now = s->now;
}

void workload_news(struct sim *s, bool news)
{
    char *text = market_yaml(&s->market, news, &s->seed_arena);
    struct problems problems = {0};
    struct catalog_applied applied;

    s->news = news;
    s->cx.now = s->now;
    problems.arena = &s->seed_arena;
    if (catalog_apply(&s->cx, text, strlen(text), "market.yaml", &problems, &applied) != OK)
        complain(s, NULL, "the market's catalog is refused: %s",
                 problems.n ? problem_text(&problems, 0, &s->seed_arena) : s->err.fault->code);
}

/* Runs an owner's wish until its outcome is known, as a client with an Idempotency-Key would. */
static void cancel(struct sim *s, struct member *m)
{
    enum membership_state const before = m->state;
    struct membership out;
    enum status st = E_BUSY;

    s->cx.actor = (struct actor){ROLE_OWNER, m->account_id};
    m->touched = true;
    m->cancel_wanted_at = s->now;
    s->harm.on = true;
    for (int tries = 0; tries < TRIES_MAX && !s->failed; tries++) {
        if (tries == CALM_AFTER) s->harm.on = false;
        st = billing_cancel(&s->cx, m->account_id, &out);
        if (st == OK || st == E_CONFLICT || !recover(s, "billing_cancel")) break;
    }
    s->harm.on = false;
    s->cx.actor = (struct actor){ROLE_SYSTEM, 0};
    note(s, "cancel %s: %s", m->external_id, st == OK ? "done" : s->err.fault->code);
    trace_number(&s->trace, st);
    if (st == OK && out.state != M_ENDING && out.state != M_CANCELED)
        complain(s, m, "F-07: cancelling led from %s to %s", membership_states.at[before],
                 membership_states.at[out.state]);
    if (st == OK && before == M_HOLD && out.state == M_ENDING)
        complain(s, m, "E-18: cancelling in %s does not take effect at once",
                 membership_states.at[before]);
}

void workload_owners(struct sim *s)
{
    s->cx.now = s->now;
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        struct member *m = &s->members[i];

        arena_reset(&s->job);
        if (!m->account_id || m->state == M_CANCELED) continue;
        bool const worried = m->state == M_GRACE || m->state == M_HOLD;
        if (chance_one_in(&s->chance, worried ? 60 : 700)) cancel(s, m);
    }
}
