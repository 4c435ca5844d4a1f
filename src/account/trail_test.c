/* trail_test: what the ops write down of who did what, and who may read it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"

#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

static const struct actor agent = {
    .role = ROLE_AGENT, .id = 7, .surface = SURFACE_WEB, .network = "192.0.2.9"};

static struct actor owner(int64_t m)
{
    return (struct actor){.role = ROLE_OWNER,
                          .id = m,
                          .surface = SURFACE_WEB,
                          .proven = true,
                          .device = "The TV",
                          .network = "192.0.2.4"};
}

/* `in` is JSON. */
static enum status call(struct actor by, const char *id, const char *in, json_t **out)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    CLEANUP(json_decrefp) json_t *input = json_loads(in, 0, NULL);
    const struct op *op;

    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = by;
    enum status const s = op_call(&t->cx, &w, op, input, out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    return s;
}

static void done(struct actor by, const char *id, const char *in)
{
    struct test_db *t = &life.t;
    json_t *out;

    CHECK_OK(call(by, id, in, &out));
    json_decref(out);
}

static void refused(struct actor by, const char *id, const char *in)
{
    json_t *out;

    CHECK(call(by, id, in, &out) != OK);
    json_decref(out);
}

static int64_t begin(void)
{
    struct test_db *t = &life.t;

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    CHECK_OK(db_script(t->db, "UPDATE account SET external_id = 'm1'", &t->err));
    return m;
}

static const struct trail_entry *trail(int64_t m, size_t *n)
{
    struct test_db *t = &life.t;
    struct trail_list const in = {.account_id = m, .limit = 200};
    struct trail_view v;

    CHECK_OK(trail_list(&t->cx, &in, &v));
    *n = v.n;
    return v.items;
}

static void expect(const struct trail_entry *e, enum audit_kind kind, const char *what,
                   const char *by)
{
    if (e->kind != (int64_t)kind || strcmp(e->what, what) != 0 || strcmp(e->by, by) != 0)
        FAIL("%s of %s by %s, not %s by %s", audit_kinds.at[e->kind], e->what, e->by, what, by);
}

static void changes_are_written_down(void **state)
{
    static const struct {
        const char *op, *in;
    } acts[] = {
        {"membership.cancel",      "{}"},
        {"membership.undo_cancel", "{}"},
        {"membership.pause",       "{}"},
    };
    int64_t const m = begin();
    struct test_db *t = &life.t;
    size_t n, did = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(acts); i++) {
        json_t *out;

        CHECK_OK(call(owner(m), acts[i].op, acts[i].in, &out));
        const struct trail_entry *e = trail(m, &n);

        did++;
        expect(e, AUDIT_CHANGE, acts[i].op, "owner");
        CHECK(strcmp(e->surface, "web") == 0 && strcmp(e->device, "The TV") == 0);
        CHECK(strcmp(e->network, "192.0.2.4") == 0 && e->proven);
        CHECK(*e->answered && strcmp(e->answered, "{}") != 0);
        json_decref(out);
    }
    CHECK(n == did);
    life_close(&life);
}

static void looks_of_staff_are_one_each(void **state)
{
    int64_t const m = begin();
    size_t n;

    (void)state;
    for (int i = 0; i < 3; i++) done(agent, "membership.get", "{\"member\":\"m1\"}");
    done(owner(m), "membership.get", "{}");
    const struct trail_entry *e = trail(m, &n);
    CHECK(n == 3);
    for (size_t i = 0; i < n; i++) {
        expect(&e[i], AUDIT_READ, "membership.get", "agent:7");
        CHECK(strcmp(e[i].network, "192.0.2.9") == 0 && !*e[i].answered);
    }
    life_close(&life);
}

/* A key in an owner's own name polls; its looks are one entry in audit_look_minutes. */
static void looks_in_their_name_are_joined(void **state)
{
    int64_t const m = begin();
    struct actor app = owner(m);
    size_t n;

    (void)state;
    app.via = VIA_COMMAND_LINE;
    for (int i = 0; i < 3; i++) done(app, "membership.get", "{}");
    trail(m, &n);
    CHECK(n == 1);
    life.t.cx.now += 11 * 60000;
    done(app, "membership.get", "{}");
    const struct trail_entry *e = trail(m, &n);
    CHECK(n == 2 && strcmp(e->via, "command line") == 0);
    life_close(&life);
}

static void refusals_are_written_down(void **state)
{
    int64_t const m = begin();
    struct actor unproven = owner(m);
    size_t n;

    (void)state;
    unproven.proven = false;
    refused(unproven, "contact.set", "{\"email\":\"new@example.com\"}");
    const struct trail_entry *e = trail(m, &n);
    CHECK(n == 1);
    expect(e, AUDIT_REFUSED, "contact.set", "owner");
    CHECK(strcmp(e->fault, "op.proof_needed") == 0 && !e->proven && !*e->asked);
    life_close(&life);
}

/* The sandbox's token stands for a secret of a provider; a number of a card is refused at once. */
static void no_card_is_written_down(void **state)
{
    int64_t const m = begin();
    size_t n;

    (void)state;
    done(owner(m), "method.add", "{\"token\":\"tok_mastercard\"}");
    refused(owner(m), "contact.set", "{\"email\":\"4111111111111111\"}");
    const struct trail_entry *e = trail(m, &n);
    for (size_t i = 0; i < n; i++)
        CHECK(!strstr(e[i].asked, "411111") && !strstr(e[i].answered, "411111"));
    CHECK(n >= 1);
    life_close(&life);
}

static void owner_and_staff_may_read(void **state)
{
    int64_t const m = begin();
    int64_t const other = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "");
    struct test_db *t = &life.t;
    json_t *out;

    (void)state;
    done(owner(m), "membership.cancel", "{}");
    CHECK_OK(call(owner(m), "audit.list", "{}", &out));
    json_t *first = json_array_get(json_object_get(out, "items"), 0);
    CHECK(strcmp(json_string_value(json_object_get(first, "what")), "membership.cancel") == 0);
    json_decref(out);
    CHECK_OK(call(agent, "audit.list", "{\"member\":\"m1\"}", &out));
    CHECK(json_array_size(json_object_get(out, "items")) == 1);
    json_decref(out);
    refused(owner(other), "audit.list", "{\"member\":\"m1\"}");
    CHECK_OK(call(owner(other), "audit.list", "{}", &out));
    CHECK(json_array_size(json_object_get(out, "items")) == 0);
    json_decref(out);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("F-23 A-06 whatever an owner does is written down: who, where, what came of it",
             changes_are_written_down),
        CASE("X-09 each look of staff is written down, an owner's own is not",
             looks_of_staff_are_one_each),
        CASE("X-09 looks of a key in an owner's own name are joined for a while",
             looks_in_their_name_are_joined),
        CASE("F-23 C-19 what was refused for want of a proof is written down",
             refusals_are_written_down),
        CASE("C-18 no card is written down", no_card_is_written_down),
        CASE("F-23 A-06 the owner and staff may read it, and nobody else",
             owner_and_staff_may_read),
    };
    return RUN_CASES("trail", cases);
}
