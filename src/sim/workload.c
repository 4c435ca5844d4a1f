/* workload: what happens in a simulated world - the engine runs every few days, members cancel and
 * change their methods, the operator applies a new catalog. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "http/op.h"
#include "sim/purse.h"

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
    char *text = market_yaml(&s->market, news, &s->seed_arena);
    struct problems problems = {0};
    struct catalog_applied applied;

    s->news = news;
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

enum status workload_call(struct sim *s, struct member *m, const char *id, json_t *in, json_t **out)
{
    struct op_world const w = {s->catalog, &s->world, find_member};
    const struct op *op;
    char key[32];
    enum status st;

    *out = NULL;
    snprintf(key, sizeof key, "call-%lld", (long long)++s->calls);
    s->cx.call_key = key;
    st = op_find(id, &op, &s->err);
    s->cx.actor = (struct actor){
        .role = ROLE_OWNER, .id = m ? m->account_id : 0, .surface = SURFACE_WEB, .proven = true};
    if (!m) s->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    s->running_until = s->now;
    if (m) m->touched = true;
    s->harm.on = m != NULL;
    for (int tries = 0; st == OK && !s->failed; tries++) {
        if (tries == CALM_AFTER) s->harm.on = false;
        st = op_call(&s->cx, &w, op, in, out);
        if (st == OK || st == E_CONFLICT || st == E_INVALID || st == E_NOT_FOUND || st == E_LIMIT)
            break;
        json_decref(*out);
        *out = NULL;
        st = workload_recover(s, id) ? OK : st;
    }
    s->harm.on = false;
    s->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    s->cx.call_key = NULL;
    json_decref(in);
    note(s, "%s %s: %s", id, m ? m->external_id : "", st == OK ? "done" : s->err.fault->code);
    trace_number(&s->trace, st);
    return st;
}

static void cancel(struct sim *s, struct member *m)
{
    enum membership_state const before = m->state;
    json_t *out;

    m->cancel_wanted_at = s->now;
    enum status const st = workload_call(s, m, "membership.cancel", json_object(), &out);
    const char *state = json_string_value(json_object_get(out, "state"));

    if (st == OK && strcmp(state, before == M_HOLD ? "canceled" : "ending") != 0)
        complain(s, m, "F-07: cancelling led from %s to %s", membership_states.at[before], state);
    json_decref(out);
}

/* SPEC B-09, E-08: a method that comes while a payment is failed is tried at once. */
static void check_tried_now(struct sim *s, const struct member *m, const char *token)
{
    for (const struct sent *a = m->sent; a; a = a->next)
        if (a->first_at == s->now && strcmp(a->token, token) == 0) return;
    complain(s, m, "E-08: the new method %s was not tried at once", token);
}

static void add_method(struct sim *s, struct member *m)
{
    const char *name = population_token(s);
    bool const fresh = !member_has_token(m, name), bad = m->state == M_GRACE || m->state == M_HOLD;
    bool const in_flight = m->duties && !duty_final(m->duties) && m->duties->state != CHARGE_FAILED;
    json_t *out;

    int64_t const injuries = s->harm.injuries;
    struct token *t = member_token(s, m, name);

    if (!t) return; /* has enough of them */
    enum status const st = workload_call(
        s, m, "method.add",
        json_pack("{s:s, s:b}", "token", name, "primary", (int)chance_upto(&s->chance, 2)), &out);
    if (st != OK && fresh) t->gone = true;
    if (st == OK) t->gone = false;
    if (st == OK && bad && fresh && !in_flight && s->harm.injuries == injuries && !m->given_minor)
        check_tried_now(s, m, name);
    json_decref(out);
}

/* Makes one of the methods the primary one, or a backup. */
static void choose_method(struct sim *s, struct member *m)
{
    bool const primary = chance_one_in(&s->chance, 2);
    json_t *list = NULL, *out = NULL, *methods = NULL;
    const char *method = NULL;

    if (workload_call(s, m, "method.list", json_object(), &list) == OK)
        methods = json_object_get(list, "methods");
    if (json_array_size(methods)) {
        size_t const i = (size_t)chance_upto(&s->chance, (int64_t)json_array_size(methods));

        method = json_string_value(json_object_get(json_array_get(methods, i), "method"));
        (void)!workload_call(s, m, primary ? "method.set_primary" : "method.set_backup",
                             json_pack("{s:s}", "method", method), &out);
    }
    json_decref(list);
    json_decref(out);
}

void workload_owners(struct sim *s)
{
    struct chance *c = &s->chance;

    s->cx.now = s->now;
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        struct member *m = &s->members[i];

        arena_reset(&s->job);
        if (!m->account_id || m->state == M_CANCELED || m->state == M_DELETED) continue;
        bool const worried = m->state == M_GRACE || m->state == M_HOLD;
        if (chance_one_in(c, worried ? 60 : 700))
            cancel(s, m);
        else if (chance_one_in(c, worried ? 12 : 500))
            add_method(s, m);
        else if (chance_one_in(c, worried ? 40 : 500))
            choose_method(s, m);
        else if (chance_one_in(c, worried ? 20 : 120))
            purse_redeem(s, m);
        else if (chance_one_in(c, 900))
            purse_try_again(s, m);
    }
}
