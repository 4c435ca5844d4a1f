/* ops_test: what must hold of every op, walked over the tables of ops: wrong roles, inputs and
 * standings are refused with the right fault and change nothing, a repeated call has one effect,
 * and no sequence of calls leaves books that the doctor finds broken.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/ops_test.h"

#include "cli/doctor.h"
#include "cli/ops_faults_test.h"

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
    CHECK_OK(facts_of(&t->cx, life.catalog, op->subject.is_member ? m : 0, &c));
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

/* Texts that answers named, with the field's name: references, dates, codes. */
static struct {
    struct {
        const char *name, *text;
    } at[400];
    size_t n, turn;
} known;

static void learn(const char *name, const json_t *j)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_string(j) && json_string_length(j) && json_string_length(j) < 60) {
        i = known.turn++ % COUNT(known.at);
        known.at[i].name = arena_strdup(&life.catalog_arena, name);
        known.at[i].text = arena_strdup(&life.catalog_arena, json_string_value(j));
        if (known.n < COUNT(known.at)) known.n++;
    }
    json_array_foreach (j, i, value) learn(name, value);
    json_object_foreach ((json_t *)(uintptr_t)j, key, value) learn(key, value);
}

/* Something that an answer called by this name, or anything when there is none. */
static const char *recall(const char *name)
{
    size_t const from = known.n ? pick(known.n) : 0;

    for (size_t i = 0; i < known.n; i++)
        if (strcmp(known.at[(from + i) % known.n].name, name) == 0)
            return known.at[(from + i) % known.n].text;
    return known.n ? known.at[from].text : "x";
}

/* What such a field wants, where it is no reference. */
static const char *guess(const char *name)
{
    static const struct {
        const char *name, *texts[4];
    } guesses[] = {
        {"token",    {"tok_visa", "tok_mastercard", "tok_insufficient_funds", "tok_lost_card"}},
        {"plan",     {"standard", "basic", "standard", "top"}                                 },
        {"currency", {"EUR", "EUR", "EUR", "USD"}                                             },
        {"country",  {"DE", "DE", "US", "XX"}                                                 },
        {"expires",  {"2030-01", "2024-01", "2031-12", "soon"}                                },
        {"date",     {"2024-03-15", "2024-02-15", "2024-04-15", "2024-02-30"}                 },
    };

    for (size_t i = 0; i < COUNT(guesses); i++)
        if (strcmp(guesses[i].name, name) == 0) return guesses[i].texts[pick(4)];
    return recall(name);
}

static json_t *odd_text(const struct field *f)
{
    switch (pick(10)) {
    case 0: return plain_value(f);
    case 1: return json_string(known.n ? known.at[pick(known.n)].text : "");
    case 2: return text_of(pick(250));
    case 3: return json_string("\xc3\xa9\xe2\x82\xac");
    default: return json_string(guess(f->name));
    }
}

static json_t *odd_value(const struct field *f)
{
    static const int64_t numbers[] = {0, 1, 2, -1, 5, 499, 1299, INT64_MAX, INT64_MIN};

    if (pick(40) == 0) return wrong_type(f);
    switch (f->type) {
    case F_INT:
        if (pick(2)) return json_integer(numbers[pick(COUNT(numbers))]);
        return json_integer(f->min + (int64_t)pick(20));
    case F_TEXT: return odd_text(f);
    case F_ENUM: return json_string(f->names->at[pick(f->names->n)]);
    case F_BOOL: return json_boolean(pick(2));
    case F_LIST: break;
    }
    return json_null();
}

static json_t *odd_input(const struct op *op, int64_t m)
{
    json_t *in = plain_input(op, m);

    for (size_t i = 0; i < op->in->n_fields; i++) {
        const struct field *f = &op->in->fields[i];

        if (strcmp(f->name, "member") == 0 && op->subject.is_member && pick(30)) continue;
        if (!(f->flags & OPTIONAL) || pick(3) == 0) {
            json_t *v = odd_value(f);

            if (v) json_object_set_new(in, f->name, v);
        }
    }
    return in;
}

enum { OPS_MAX = 200 };
static const struct op *every[OPS_MAX];
static size_t n_every;
static int64_t done[OPS_MAX];

static void gather_ops(void)
{
    n_every = 0;
    memset(done, 0, sizeof done);
    EACH_OP(op)
    {
        CHECK(n_every < OPS_MAX);
        every[n_every++] = op;
    }
}

/* The same call again under its key: the same answer, and nothing is done. */
static void again(const struct op *op, struct actor actor, const json_t *in, const char *key,
                  const json_t *first)
{
    int64_t const before = commits;
    json_t *out;
    enum status const s = call(op, actor, in, key, &out);

    if (s != OK || !json_equal(out, first) || commits != before)
        FAIL("%s under its key again: %d, %lld commits\n%s\n%s", op->id, s,
             (long long)(commits - before), json_dumps(first, 0), json_dumps(out, 0));
    json_decref(out);
    json_t *other = json_object();
    if (call(op, actor, other, key, &out) == OK && json_object_size(in))
        FAIL("%s: another input is taken under the same key", op->id);
    json_decref(other);
    json_decref(out);
}

/* Guessing a gift card's code is counted although, and because, the guess is refused. */
static bool counts_tries(const struct op *op)
{
    return strncmp(op->id, "gift.", 5) == 0 || strcmp(op->id, "charge.match") == 0;
}

static bool is_about(const json_t *in, int64_t m)
{
    const char *member = json_string_value(json_object_get(in, "member"));

    return !member || strcmp(member, member_text(m)) == 0;
}

static bool allows(const struct op *op, struct actor actor, int64_t m)
{
    struct test_db *t = &life.t;
    struct option_case c;

    if (op->action == ACTION_NONE || !op->writes || !op->subject.is_member) return false;
    t->cx.actor = actor;
    CHECK_OK(facts_of(&t->cx, life.catalog, m, &c));
    return option_decide(op->action, &c)->result == OPTION_ALLOWED;
}

static void call_oddly(int64_t m, int turn)
{
    size_t const op_number = pick(n_every);
    const struct op *op = every[op_number];
    enum role role = (enum role)pick(roles.n);
    struct test_db *t = &life.t;
    int64_t const before = commits, entries = audit_entries();
    char key[24];
    json_t *out;

    if (pick(8)) role = op->role & MAY(ROLE_OWNER) && pick(2) ? ROLE_OWNER : ROLE_SYSTEM;
    struct actor actor = actor_of(role, m);
    if (pick(5) == 0) actor.surface = (enum surface)pick(surfaces.n);
    if (pick(10) == 0) actor.proven = false;
    json_t *in = odd_input(op, m);
    bool const may = allows(op, actor, m) && is_about(in, m);
    snprintf(key, sizeof key, "k%d", turn);
    enum status const s = call(op, actor, in, key, &out);
    if (s == E_INTERNAL || s == E_UNKNOWN)
        FAIL("%s as %s: %s (%s) %s", op->id, roles.at[role], t->err.fault->code, t->err.detail,
             json_dumps(in, 0));
    if (s != OK && s != E_INTERNAL && s != E_UNKNOWN && !may_answer(op, t->err.fault))
        FAIL("%s as %s: %s is not in its row", op->id, roles.at[role], t->err.fault->code);
    if (s != OK && commits != before + audit_entries() - entries && !counts_tries(op))
        FAIL("%s: %s, and %lld commits", op->id, t->err.fault->code, (long long)(commits - before));
    if (s != OK && may && speaks_of_standing(&t->err))
        FAIL("%s as %s: allowed, and %s", op->id, roles.at[role], t->err.fault->code);
    if (s == OK) learn("", out);
    done[op_number] += s == OK;
    if (s == OK && op->writes && !op->told_once) again(op, actor, in, key, out);
    json_decref(in);
    json_decref(out);
}

static void examine(void)
{
    struct test_db *t = &life.t;
    struct patient p = {.sandbox = life.gateway};
    struct examined *found;
    int64_t findings;
    size_t n;

    CHECK_OK(clock_read(&t->cx, 0, &p.clock));
    CHECK_OK(doctor_examine(&t->cx, &p, &found, &n, &findings));
    for (size_t i = 0; i < n; i++)
        if (found[i].findings)
            print_error("%s: %lld, such as %s\n", found[i].sentence, (long long)found[i].findings,
                        found[i].sample);
    CHECK(findings == 0);
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
    examine();
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
        CASE("X-03 X-05 every op refuses for the policy's reason wherever it is no option",
             refuses_by_policy),
        CASE("every op says whether it writes", rows_say_writes),
        CASE("B-14 X-05 X-06 no input to any op breaks the books, a refused call changes nothing, "
             "what the "
             "policy allows is not refused for its standing, and a call under a key is done once",
             no_input_breaks_the_books),
    };
    return RUN_CASES("ops", cases);
}
