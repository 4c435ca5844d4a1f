/* ops_odd_test: calls of ops with odd inputs by odd callers, and what must hold of each, whatever
 * it was: random in a test, chosen by the input of a fuzzer.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/ops_faults_test.h"
#include "cli/ops_known_test.h"
#include "cli/ops_model_test.h"
#include "cli/ops_test.h"

static inline json_t *odd_text(const struct field *f)
{
    switch (pick(10)) {
    case 0: return plain_value(f);
    case 1: return json_string(known.n ? known.at[pick(known.n)].text : "");
    case 2: return text_of(pick(250));
    case 3: return json_string("\xc3\xa9\xe2\x82\xac");
    default: return json_string(guess(f->name));
    }
}

static inline json_t *odd_value(const struct field *f)
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

static inline json_t *odd_input(const struct op *op, int64_t m)
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

static inline void gather_ops(void)
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
static inline void again(const struct op *op, struct actor actor, const json_t *in, const char *key,
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
static inline bool counts_tries(const struct op *op)
{
    return strncmp(op->id, "gift.", 5) == 0 || strcmp(op->id, "charge.match") == 0;
}

static inline bool is_about(const json_t *in, int64_t m)
{
    const char *member = json_string_value(json_object_get(in, "member"));

    return !member || strcmp(member, member_text(m)) == 0;
}

static inline bool allows(const struct op *op, struct actor actor, int64_t m)
{
    struct test_db *t = &life.t;
    struct option_case c;

    if (op->action == ACTION_NONE || !op->writes || !op->subject.is_member) return false;
    t->cx.actor = actor;
    CHECK_OK(facts_of(&t->cx, life.catalog, m, ALL_FACTS, &c));
    return option_decide(op->action, &c)->result == OPTION_ALLOWED;
}

static inline void call_oddly(int64_t m, int turn)
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
    int64_t const state = life_look(&life, m).state;
    enum status const s = call(op, actor, in, key, &out);
    if (!model_allows(op->id, state, life_look(&life, m).state, s == OK))
        FAIL("%s led from %s to %s", op->id, membership_states.at[state],
             membership_states.at[life_look(&life, m).state]);
    if (s == E_INTERNAL || s == E_UNKNOWN)
        FAIL("%s as %s: %s (%s) %s", op->id, roles.at[role], t->err.fault->code, t->err.detail,
             json_dumps(in, 0));
    if (s != OK && s != E_INTERNAL && s != E_UNKNOWN && !may_answer(op, t->err.fault))
        FAIL("%s as %s: %s is not in its row", op->id, roles.at[role], t->err.fault->code);
    if (s != OK && commits != before + audit_entries() - entries && !counts_tries(op) &&
        !op->refused)
        FAIL("%s: %s, and %lld commits", op->id, t->err.fault->code, (long long)(commits - before));
    if (s != OK && may && speaks_of_standing(&t->err))
        FAIL("%s as %s: allowed, and %s", op->id, roles.at[role], t->err.fault->code);
    if (s == OK) learn("", out);
    done[op_number] += s == OK;
    if (s == OK && op->writes && !op->told_once) again(op, actor, in, key, out);
    json_decref(in);
    json_decref(out);
}
