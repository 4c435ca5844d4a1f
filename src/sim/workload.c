/* workload: what happens in a simulated world - the engine runs every few days, members cancel and
 * change their methods, the operator applies a new catalog. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "http/op.h"
#include "sim/purse.h"
#include "sim/workload.h"

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

bool workload_recover(struct sim *s, const char *what)
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
        if (st == OK || !workload_recover(s, "payments_run")) break;
        if (tries == TRIES_MAX) complain(s, NULL, "B-17: the engine does not come to an end");
    }
    s->harm.on = false;
    s->done_until = until;
    s->cx.now = s->now;
}

void workload_news(struct sim *s, bool news)
{
    char *text = market_yaml(&s->market, news, s->retires_at != 0, &s->seed_arena);
    struct problems problems = {0};
    struct catalog_applied applied;

    s->news = news;
    note(s, "a catalog %s the news%s", news ? "with" : "without",
         s->retires_at ? " and with a plan that is retired" : "");
    s->cx.now = s->now;
    problems.arena = &s->seed_arena;
    if (catalog_apply(&s->cx, text, strlen(text), "market.yaml", &problems, &applied) != OK)
        complain(s, NULL, "the market's catalog is refused: %s",
                 problems.n ? problem_text(&problems, 0, &s->seed_arena) : s->err.fault->code);
    struct ctx cx = s->cx;
    cx.arena = &s->seed_arena;
    if (!s->failed && catalog_load(&cx, 0, &s->catalog) != OK)
        complain(s, NULL, "the market's catalog cannot be read");
}

/* --- what owners do --- */

static enum status find_member(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account account;

    TRY(account_find(cx, member, &account));
    *account_id = account.account_id;
    return OK;
}

static json_t *options_told(struct sim *s, const struct op_world *w, struct member *m)
{
    const struct op *op;
    json_t *out = NULL;

    if (op_find("policy.options", &op, &s->err) != OK) return NULL;
    CLEANUP(json_decrefp) json_t *in = json_object();
    if (op_call(&s->cx, w, op, in, &out) != OK) complain(s, m, "X-05: options are refused");
    return out;
}

/* What the policy says of an action, before the op is called. */
static const char *policy_says(struct sim *s, const struct op_world *w, struct member *m,
                               const struct op *op)
{
    size_t i;
    json_t *o;
    const char *result = NULL;

    if (op->action == ACTION_NONE || !m || !chance_one_in(&s->chance, 4)) return NULL;
    CLEANUP(json_decrefp) json_t *all = options_told(s, w, m);
    json_array_foreach (json_object_get(all, "options"), i, o)
        if (strcmp(json_string_value(json_object_get(o, "action")), option_abouts[op->action].id) ==
            0)
            result = json_string_value(json_object_get(o, "result"));
    return result ? arena_strdup(&s->seed_arena, result) : NULL;
}

/* Refusals that no option can know of: what flies, and what the input says - such as no other plan
 * than one that is retired, or a look at a charge that will not be made (SPEC A-10). */
static bool is_of_the_moment(const struct error *e)
{
    static const char *const words[] = {
        "in_flight", "renewal_due", "method.", "change.", "slot.",       "credit",
        "gift.",     "remedy.",     "refund.", "retire.", "plan_closed", "no_next_charge"};

    for (size_t i = 0; i < COUNT(words); i++)
        if (strstr(e->fault->code, words[i])) return true;
    return false;
}

static void check_policy(struct sim *s, struct member *m, const struct op *op, const char *said,
                         enum status st)
{
    bool const allowed = said && strcmp(said, "allowed") == 0;

    if (!said || s->failed) return;
    if (!allowed && st == OK && !op->tells)
        complain(s, m, "X-06: %s is done, the policy says %s", op->id, said);
    if (allowed && st != OK && !is_of_the_moment(&s->err))
        complain(s, m, "X-06: %s is refused (%s), the policy says %s", op->id, s->err.fault->code,
                 said);
}

const char *workload_text(json_t *answer, const char *name)
{
    return text_or_empty(json_string_value(json_object_get(answer, name)));
}

enum status workload_call_as(struct sim *s, const struct actor *actor, struct member *m,
                             const char *id, json_t *in, json_t **out)
{
    struct op_world const w = {
        .catalog = s->catalog, .world = &s->world, .find_member = find_member};
    const struct op *op;
    char key[32];
    enum status st;

    *out = NULL;
    snprintf(key, sizeof key, "call-%lld", (long long)++s->calls);
    st = op_find(id, &op, &s->err);
    s->cx.actor = *actor;
    s->running_until = s->now;
    if (m && actor->role != ROLE_OWNER)
        json_object_set_new(in, "member", json_string(m->external_id));
    if (m) m->touched = true;
    const char *said = st == OK && actor->role == ROLE_OWNER ? policy_says(s, &w, m, op) : NULL;
    s->cx.call_key = key;
    s->harm.on = m != NULL;
    for (int tries = 0; st == OK && !s->failed; tries++) {
        if (tries == CALM_AFTER) s->harm.on = false;
        st = op_call(&s->cx, &w, op, in, out);
        if (st == OK || st == E_CONFLICT || st == E_INVALID || st == E_NOT_FOUND || st == E_LIMIT ||
            st == E_DENIED)
            break;
        json_decref(*out);
        *out = NULL;
        st = workload_recover(s, id) ? OK : st;
    }
    if (db_crashed(s->db)) harm_restart(s); /* as it wrote down that it refuses */
    s->harm.on = false;
    check_policy(s, m, op, said, st);
    s->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    s->cx.call_key = NULL;
    json_decref(in);
    note(s, "%s %s: %s", id, m ? m->external_id : "", st == OK ? "done" : s->err.fault->code);
    trace_number(&s->trace, st);
    return st;
}

enum status workload_call(struct sim *s, struct member *m, const char *id, json_t *in, json_t **out)
{
    struct actor const owner = {
        .role = ROLE_OWNER, .id = m ? m->account_id : 0, .surface = SURFACE_WEB, .proven = true};
    struct actor const operator_ = {.role = ROLE_SYSTEM};

    return workload_call_as(s, m ? &owner : &operator_, m, id, in, out);
}

enum status workload_wish(struct sim *s, struct member *m, enum membership_event_kind event,
                          const char *id, json_t *in, json_t **out)
{
    m->wishes[event].at = s->now;
    enum status const st = workload_call(s, m, id, in, out);
    if (st != OK) m->wishes[event].at = 0;
    return st;
}

void workload_expect(struct sim *s, struct member *m, const char *id, enum status st, bool may)
{
    if (s->failed || (st == OK) == may) return;
    if (may && is_of_the_moment(&s->err) && strncmp(s->err.fault->code, "billing.", 8) == 0) return;
    complain(s, m, "%s is %s, and should %s", id, st == OK ? "done" : s->err.fault->code,
             may ? "be done" : "be refused");
}

/* --- who does what, how often --- */

#define IN(state) (1U << (state))
enum {
    NEW = IN(M_NONE),
    GOOD = IN(M_ACTIVE),
    UNPAID = IN(M_GRACE) | IN(M_HOLD),
    PAUSED = IN(M_PAUSED),
    ENDING = IN(M_ENDING),
    OVER = IN(M_CANCELED),
    WAITS = IN(M_PENDING),
    ANY = GOOD | UNPAID | PAUSED | ENDING | OVER | WAITS,
};

/* Of so many steps of a member in one of these states one sees the action. */
static const struct act {
    act_fn act;
    unsigned states;
    int64_t one_in;
} acts[] = {
  /* clang-format off */
    {life_sign_up,       NEW,                          12},
    {life_cancel,        GOOD,                        500},
    {life_cancel,        UNPAID | PAUSED,              70},
    {life_begin_cancel,  GOOD | UNPAID | PAUSED,      900},
    {life_undo_cancel,   ENDING,                       60},
    {life_restart,       OVER | ENDING,                50},
    {life_restart_by_others, OVER | ENDING | UNPAID,   150},
    {life_sign_up_again, ANY,                        1000},
    {life_withdraw,      GOOD | ENDING,               250},
    {life_pause,         GOOD,                        350},
    {life_extend_pause,  GOOD,                       3000},
    {life_extend_pause,  PAUSED,                       30},
    {life_resume,        GOOD,                       1500},
    {life_resume,        PAUSED,                       40},
    {life_delete,        ENDING | OVER,               120},
    {life_undo_delete,   ENDING | OVER,               150},
    {life_watch,         GOOD,                        400},
    {method_add_one,     GOOD | PAUSED | ENDING | OVER,   500},
    {method_add_one,     UNPAID,                       12},
    {method_choose_one,  GOOD | OVER,                 500},
    {method_choose_one,  UNPAID,                       40},
    {method_update_one,  GOOD | PAUSED | ENDING | OVER,   300},
    {method_update_one,  UNPAID,                       30},
    {method_remove_one,  ANY,                         800},
    {purse_redeem,       GOOD | UNPAID | PAUSED | ENDING,   140},
    {purse_try_again,    GOOD,                        900},
    {plan_switch,        GOOD,                        150},
    {plan_switch,        UNPAID | PAUSED | ENDING,    700},
    {plan_unswitch,      GOOD,                        250},
    {plan_move,          GOOD,                        150},
    {plan_move,          UNPAID | PAUSED | ENDING,   1500},
    {plan_buy,           GOOD,                        150},
    {plan_buy,           UNPAID,                      600},
    {plan_unbuy,         GOOD | PAUSED | UNPAID,      250},
    {plan_agree,         GOOD,                        300},
    {money_refund,       ANY,                         400},
    {money_ask,          ANY,                        1500},
    {money_dispute,      ANY,                        1500},
    {look_next,          GOOD | ENDING,               150},
    {look_credit,        ANY,                         800},
    {lock_report,        ANY,                        1200},
    {lock_end,           ANY,                          20},
    {lock_undo_restart,  GOOD | UNPAID | PAUSED | ENDING | WAITS,   500},
    {partner_act,        ANY,                         300},
    {retire_choose,      GOOD | PAUSED,                15},
    {retire_choose,      UNPAID | ENDING,              60},
  /* clang-format on */
};

static bool may(const struct member *m, const struct act *a)
{
    return (a->states & IN(m->state)) != 0 && (m->account_id || m->state == M_NONE);
}

/* At most one thing at a time: what came of it is seen before the next. */
void workload_owners(struct sim *s)
{
    enum { SCALE = 1000000 };

    s->cx.now = s->now;
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        struct member *m = &s->members[i];
        int64_t at = chance_upto(&s->chance, SCALE);

        arena_reset(&s->job);
        if (m->state == M_DELETED) continue;
        for (size_t k = 0; k < COUNT(acts) && at >= 0; k++) {
            if (!may(m, &acts[k])) continue;
            at -= SCALE / acts[k].one_in;
            if (at < 0) acts[k].act(s, m);
        }
    }
}
