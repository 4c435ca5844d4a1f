/* ops_rows_test: what the rows of ops promise - an action of the policy behind whatever changes an
 * account, no card number in any field, no fault that the row does not name, and no refusal where
 * the policy allows what is asked. SPDX-License-Identifier: Apache-2.0 */
#include "cli/ops_faults_test.h"
#include "cli/ops_test.h"
#include "membership/membership.h"
#include "policy/options_rules.h"

/* ---- options ---- */

/* clang-format off */
/* What is no option of an account although it writes about one, and why. */
static const struct exempt {
    const char *op, *why;
} exempts[] = {
    {"dispute.open",    "the bank says so; nobody may refuse to hear it"},
    {"dispute.close",   "the bank says so; nobody may refuse to hear it"},
    {"gift.check",      "counts a try against guessing and changes no account"},
    {"message.read",    "opens a letter, which nothing depends on"},
    {"partner.event",   "the partner says so; how it is weighed is D-13"},
    {"playback.seen",   "what happened; whether it may is the right to play"},
};
/* clang-format on */

static bool is_exempt(const struct op *op)
{
    for (size_t i = 0; i < COUNT(exempts); i++)
        if (strcmp(exempts[i].op, op->id) == 0) return true;
    return false;
}

static void changes_are_options(void **state)
{
    (void)state;
    EACH_OP(op)
    {
        bool const asks = op->action != ACTION_NONE;

        if (op->subject.is_member && op->writes && asks == is_exempt(op))
            FAIL("%s: %s", op->id,
                 asks ? "is an option, and listed as none"
                      : "changes an account, and neither has an action nor is it listed");
    }
    for (size_t i = 0; i < COUNT(exempts); i++) {
        const struct op *op;

        CHECK(op_find(exempts[i].op, &op, &(struct error){0}) == OK);
    }
}

/* An action that no op is, and that no page of its own is either, would be an empty promise. */
static void options_have_ops(void **state)
{
    (void)state;
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++) {
        /* Matching and signing out belong to people without an account of theirs, or to all. */
        bool found = a == ACTION_CHARGE_MATCH || a == ACTION_SIGN_OUT || a == ACTION_RECOVER;

        EACH_OP(op)
        {
            if (op->action == a) found = true;
        }
        if (!found) FAIL("%s: there is no op for it", option_abouts[a].id);
    }
}

/* ---- inputs ---- */

/* Whether a number of sixteen digits fits into the field's type and bounds is not asked first. */
static void refuses_card(const struct op *op, struct actor actor, int64_t m, const char *name)
{
    static const char *const cards[] = {"4111 1111 1111 1111", "paid with 5500-0000-0000-0004",
                                        "378282246310005"};

    for (size_t i = 0; i < COUNT(cards); i++) {
        json_t *in = plain_input(op, m);

        json_object_set_new(in, name, json_string(cards[i]));
        refuse(op, actor, in, "input.card_number", NULL);
    }
    json_t *in = plain_input(op, m);
    json_object_set_new(in, name, json_integer(4111111111111111));
    refuse(op, actor, in, "input.card_number", NULL);
}

static void refuses_cards(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard");
    EACH_OP(op)
    {
        for (enum role r = 0; r < roles.n; r++)
            for (size_t i = 0; op->role & MAY(r) && i < op->in->n_fields; i++)
                /* A member's own number is looked up, not kept: external ids are numbers. */
                if (!op->subject.is_member || strcmp(op->in->fields[i].name, "member") != 0)
                    refuses_card(op, actor_of(r, m), m, op->in->fields[i].name);
    }
    life_close(&life);
}

static void refuses_unknown_members(void **state)
{
    (void)state;
    begin();
    int64_t const m = joins("standard");
    EACH_OP(op)
    {
        for (enum role r = 0; op->subject.is_member && r < roles.n; r++) {
            if (!(op->role & MAY(r))) continue;
            json_t *in = plain_input(op, m);
            json_object_set_new(in, "member", json_string("nobody-we-know"));
            refuse(op, actor_of(r, m), in, is_on_account(r) ? "op.not_yours" : "account.unknown",
                   "member");
            in = plain_input(op, m);
            json_object_del(in, "member");
            if (!is_on_account(r))
                refuse(op, actor_of(r, m), in, "op.member_missing", "member");
            else
                json_decref(in);
        }
    }
    life_close(&life);
}

/* ---- standings ---- */

/* How a membership may stand: what is set of it beside its state. */
static const char *const standings_set[] = {
    "state = 'pending', pending_from = 'none'",
    "state = 'active'",
    "state = 'active', next_plan = 'basic'",
    "state = 'active', pause_months = 1",
    "state = 'active', pause_months = 3",
    "state = 'active', plan = 'basic'",
    "state = 'grace'",
    "state = 'hold'",
    "state = 'paused', pause_months = 1",
    "state = 'paused', pause_months = 3",
    "state = 'ending', end_day = 19800",
    "state = 'canceled', retention_until_day = 20100",
    "state = 'canceled', retention_until_day = 19700",
};

/* A member of its own, so that nothing is left of an earlier call. */
static int64_t stands(size_t i)
{
    struct test_db *t = &life.t;
    int64_t const m = joins("standard");
    char sql[300];

    snprintf(sql, sizeof sql,
             "UPDATE membership SET %s, biller = '%s' WHERE account_id = %lld;"
             "UPDATE account SET locked_at = %zu WHERE account_id = %lld",
             standings_set[i / 4], i % 2 ? "store" : "direct", (long long)m, i / 2 % 2,
             (long long)m);
    CHECK_OK(db_script(t->db, sql, &t->err));
    return m;
}

static void allowed_as(const struct op *op, struct actor actor, size_t i)
{
    struct test_db *t = &life.t;
    int64_t const m = stands(i);
    struct option_case c;
    json_t *out;

    if (is_on_account(actor.role)) actor.id = m;
    t->cx.actor = actor;
    CHECK_OK(facts_of(&t->cx, life.catalog, m, ALL_FACTS, &c));
    if (option_decide(op->action, &c)->result != OPTION_ALLOWED) return;
    CLEANUP(json_decrefp) json_t *in = plain_input(op, m);
    if (json_object_get(in, "plan")) json_object_set_new(in, "plan", json_string("basic"));
    enum status const s = call(op, actor, in, NULL, &out);
    json_decref(out);
    if (s != OK && speaks_of_standing(&t->err))
        FAIL("%s as %s, %s, %s%s: allowed, and %s", op->id, roles.at[actor.role],
             standings_set[i / 4], i % 2 ? "partner" : "direct", i / 2 % 2 ? ", locked" : "",
             t->err.fault->code);
    arena_reset(&t->arena);
}

static void allowed_is_not_refused(void **state)
{
    (void)state;
    begin();
    EACH_OP(op)
    {
        for (enum role r = 0; r < roles.n; r++)
            for (size_t i = 0; i < 4 * COUNT(standings_set); i++)
                if (op->role & MAY(r) && op->action && op->writes && op->subject.is_member)
                    allowed_as(op, actor_of(r, 0), i);
    }
    life_close(&life);
}

/* ---- the way out ---- */

static size_t n_needed(const struct op *op)
{
    size_t n = 0;

    for (size_t i = 0; i < op->in->n_fields; i++) n += !(op->in->fields[i].flags & OPTIONAL);
    return n;
}

/* One call of the owner's where joining was one, with nothing to fill in and no proof to bring. */
static void leaving_is_no_harder(void **state)
{
    const struct op *join, *leave;
    json_t *out;

    (void)state;
    begin();
    int64_t const m = joins("standard");
    CHECK(op_find("membership.start", &join, &life.t.err) == OK);
    CHECK(op_find("membership.cancel", &leave, &life.t.err) == OK);
    CHECK(n_needed(leave) == 0 && n_needed(join) > 0 && !leave->proof);
    CHECK(strcmp(leave->method, join->method) == 0);
    for (enum surface s = 0; s < surfaces.n; s++) {
        struct option_case c = {
            .role = ROLE_VISITOR, .surface = s, .facts = FACT(FACT_CURRENCY_EQUAL)};
        const struct option_rule *joins_there = option_decide(ACTION_START, &c);

        c.role = ROLE_OWNER;
        c.standing = STANDING_GOOD;
        const struct option_rule *leaves_there = option_decide(ACTION_CANCEL, &c);
        CHECK(leaves_there->result != OPTION_HIDDEN);
        CHECK(joins_there->result != OPTION_ALLOWED || leaves_there->result == OPTION_ALLOWED);
    }
    struct actor owner = actor_of(ROLE_OWNER, m);
    owner.proven = false;
    CLEANUP(json_decrefp) json_t *in = json_object();
    CHECK(call(leave, owner, in, NULL, &out) == OK);
    CHECK(strcmp(json_string_value(json_object_get(out, "state")), "ending") == 0);
    json_decref(out);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("X-05 whatever changes an account is an option of the policy, or listed with a reason",
             changes_are_options),
        CASE("X-05 every option of the policy has an op that asks for it", options_have_ops),
        CASE("X-05 X-06 golden 30: what the policy allows no op refuses for how the membership "
             "stands",
             allowed_is_not_refused),
        CASE("F-09 leaving takes no more steps than joining, in the same place",
             leaving_is_no_harder),
        CASE("C-18 no field of any op takes a card number", refuses_cards),
        CASE("X-01 no op tells of members that there are not", refuses_unknown_members),
    };
    return RUN_CASES("ops_rows", cases);
}
