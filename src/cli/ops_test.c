/* ops_test: what must hold of every op, walked over the tables of ops: wrong roles, inputs and
 * standings are refused with the right fault and change nothing, a repeated call has one effect,
 * and no sequence of calls leaves books that the doctor finds broken.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/ops_odd_test.h"

static void refuses_roles(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard");
    EACH_OP(op)
    {
        for (enum role r = 0; r < roles.n; r++)
            if (!(op->role & MAY(r)))
                refuse(op, actor_of(r, m), plain_input(op, m), "op.not_allowed", NULL);
    }
    life_close(&life);
}

static void refuses_strangers(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard"), other = joins("basic");
    EACH_OP(op)
    {
        for (enum role r = 0; r < roles.n; r++)
            if (op->role & MAY(r) && is_on_account(r) && op->subject.is_member)
                refuse(op, actor_of(r, m), plain_input(op, other), "op.not_yours", "member");
    }
    life_close(&life);
}

static void refuses_field(const struct op *op, struct actor actor, int64_t m, const struct field *f)
{
    json_t *in = plain_input(op, m), *bad = out_of_range(f);

    json_object_set_new(in, f->name, wrong_type(f));
    refuse(op, actor, in, "input.type", f->name);
    if (bad) {
        in = plain_input(op, m);
        json_object_set_new(in, f->name, bad);
        refuse(op, actor, in, "input.range", f->name);
    }
    if (f->flags & OPTIONAL) return;
    in = plain_input(op, m);
    json_object_del(in, f->name);
    refuse(op, actor, in, "input.missing", f->name);
}

static void refuses_inputs(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard");
    EACH_OP(op)
    {
        for (enum role r = 0; r < roles.n; r++) {
            if (!(op->role & MAY(r))) continue;
            json_t *in = plain_input(op, m);
            json_object_set_new(in, "no_such_field", json_true());
            refuse(op, actor_of(r, m), in, "input.unknown", "no_such_field");
            refuse(op, actor_of(r, m), json_array(), "input.type", NULL);
            for (size_t i = 0; i < op->in->n_fields; i++)
                refuses_field(op, actor_of(r, m), m, &op->in->fields[i]);
        }
    }
    life_close(&life);
}

static void refuses_unproven(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard");
    EACH_OP(op)
    {
        struct actor actor = actor_of(ROLE_OWNER, m);

        actor.proven = false;
        if (op->proof && op->role & MAY(ROLE_OWNER))
            refuse(op, actor, plain_input(op, m), "op.proof_needed", NULL);
    }
    life_close(&life);
}

/* Each op that is an option of an account, wherever the policy does not allow it. */
static void refuses_by_policy_as(const struct op *op, struct actor actor, int64_t m)
{
    struct test_db *t = &life.t;
    struct option_case c;

    t->cx.actor = actor;
    CHECK_OK(facts_of(&t->cx, life.catalog, op->subject.is_member ? m : 0, ALL_FACTS, &c));
    const struct option_rule *r = option_decide(op->action, &c);
    /* What belongs at a partner may be answered with the way there (SPEC D-06, D-15). */
    if (r->result != OPTION_ALLOWED && r->why != op->tells)
        refuse(op, actor, plain_input(op, m), r->why->fault.code, NULL);
}

static void refuses_by_policy(void **state)
{
    static const char *const states[] = {"none",   "pending", "active",   "grace",  "hold",
                                         "paused", "ending",  "canceled", "deleted"};
    struct test_db *t = &life.t;

    (void)state;
    begin();
    int64_t const m = joins("standard");
    for (size_t i = 0; i < COUNT(states) * 4; i++) {
        char sql[200];

        snprintf(sql, sizeof sql,
                 "UPDATE membership SET state = '%s', biller = '%s';"
                 "UPDATE account SET locked_at = %d",
                 states[i / 4], i % 2 ? "store" : "direct", i / 2 % 2 ? 1 : 0);
        CHECK_OK(db_script(t->db, sql, &t->err));
        EACH_OP(op)
        {
            for (size_t k = 0; k < roles.n * surfaces.n && op->action; k++) {
                struct actor actor = actor_of((enum role)(k / surfaces.n), m);

                actor.surface = (enum surface)(k % surfaces.n);
                if (op->role & MAY(actor.role)) refuses_by_policy_as(op, actor, m);
            }
        }
    }
    life_close(&life);
}

/* ---- the rows ---- */

/* Reads and writes are told apart by the row alone: a GET runs where nothing can be written, and
 * everything else keeps its answer under a key in the transaction of its effect. */
static void rows_say_writes(void **state)
{
    (void)state;
    EACH_OP(op)
    {
        if (op->writes != (strcmp(op->method, "GET") != 0))
            FAIL("%s: %s, but writes is %d", op->id, op->method, op->writes);
        if (op->after && !op->writes) FAIL("%s: reads, and goes on afterwards", op->id);
        if (op->role & MAY(ROLE_VISITOR) && op->subject.is_member)
            FAIL("%s: a visitor reaches an account", op->id);
    }
}

/* ---- anything at all ---- */

static uint64_t seed;

static size_t pick(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % n);
}

static void no_input_breaks_the_books(void **state)
{
    static const char *const plans[] = {"standard", "basic", "standard", "basic", "standard"};
    int64_t m[COUNT(plans)];
    char day[DAY_TEXT];
    size_t reached = 0;

    (void)state;
    begin();
    gather_ops();
    seed = 88172645463325252;
    known.n = known.turn = 0;
    for (size_t i = 0; i < COUNT(plans); i++) m[i] = joins(plans[i]);
    for (int turn = 0; turn < 3000; turn++) {
        if (turn % 40 == 0) m[pick(COUNT(m))] = joins(plans[pick(COUNT(plans))]);
        call_oddly(m[pick(COUNT(m))], turn);
        if (turn % 50 == 49) {
            life_run(&life, day_text(life_day("2024-02-01") + (turn + 1) / 20, day));
            arena_reset(&life.t.arena);
        }
    }
    life_is_well(&life, "at the end");
    for (size_t i = 0; i < n_every; i++) reached += done[i] > 0;
    CHECK(2 * reached > n_every); /* else this looked at nothing but refusals */
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("X-01 every op refuses the roles that may not call it", refuses_roles),
        CASE("X-01 every op about an account refuses people of another", refuses_strangers),
        CASE("every op refuses unknown, missing, mistyped and oversized inputs", refuses_inputs),
        CASE("C-19 every op that wants a proof refuses people without one", refuses_unproven),
        CASE(
            "E-21 X-03 X-04 X-05 every op refuses for the policy's reason wherever it is no option",
            refuses_by_policy),
        CASE("every op says whether it writes", rows_say_writes),
        CASE("B-14 X-05 X-06 no input to any op breaks the books, a refused call changes nothing, "
             "what the "
             "policy allows is not refused for its standing, and a call under a key is done once",
             no_input_breaks_the_books),
    };
    return RUN_CASES("ops", cases);
}
