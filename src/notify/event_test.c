/* event_test: the table of events, and whether whole lives tell nothing that it does not know.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "notify/notify.h"
#include "payments/life_test.h"

static struct life life;
static struct test_db *const t = &life.t;

static void consistent(void **state)
{
    const char *defect = events_defect(&t->arena);

    (void)state;
    if (defect) FAIL("%s", defect);
    arena_clear(&t->arena);
}

static void filters(void **state)
{
    static const struct {
        const char *filter, *type;
        bool takes;
    } rows[] = {
        {"*",                        "slot.paid",          true },
        {"slot.*",                   "slot.paid",          true },
        {"slot.paid",                "slot.paid",          true },
        {"slot.bought",              "slot.paid",          false},
        {"slot.pai",                 "slot.paid",          false},
        {"membership.*,slot.paid",   "slot.paid",          true },
        {"membership.*,refund.done", "slot.paid",          false},
        {"slot.paid,membership.*",   "membership.renewed", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(event_filter_valid(rows[i].filter) || i == 4);
        if (event_filter_takes(rows[i].filter, rows[i].type) != rows[i].takes)
            FAIL("%s and %s", rows[i].filter, rows[i].type);
    }
}

/* Everything in the outbox is an event, and each of its facts is told or withheld on purpose. */
static void check_all(void)
{
    struct outbox_row *rows;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 100000));
    CHECK(n > 0);
    for (size_t i = 0; i < n; i++) {
        const char *unlisted = event_unlisted(&t->arena, rows[i].topic, rows[i].body);

        if (unlisted) FAIL("%s tells %s", rows[i].topic, unlisted);
        const struct event_type *type = event_of_topic(rows[i].topic);
        const char *text =
            event_text(&t->arena, type, rows[i].account_id, rows[i].happened_at, rows[i].body);
        CHECK(strlen(text) < 20000 && !strstr(text, "@") && !strstr(text, "email"));
    }
}

/* Lists are of what is told, so that a fact that nobody thought of is told to nobody. */
static void facts_without_codes(void **state)
{
    static const char body[] = "{\"plan\":\"basic\",\"who\":\"owner\",\"device\":\"tv\","
                               "\"not_me_code\":\"b8s\",\"other\":1}";

    (void)state;
    CHECK(strcmp(event_facts(&t->arena, "membership.restart_begun", body),
                 "{\"plan\":\"basic\",\"who\":\"owner\"}") == 0);
    CHECK(strcmp(event_facts(&t->arena, "nobody.knows", body), "{}") == 0);
    CHECK(strcmp(event_facts(&t->arena, "membership.restart_begun", ""), "{}") == 0);
    CHECK(strcmp(event_codeless(&t->arena, body),
                 "{\"plan\":\"basic\",\"who\":\"owner\",\"device\":\"tv\",\"other\":1}") == 0);
    CHECK(!*event_codeless(&t->arena, ""));
    CHECK(strcmp(event_codeless(&t->arena, "{\"compare_code\":\"a\",\"confirm_code\":\"b\","
                                           "\"keep_code\":\"c\"}"),
                 "{}") == 0);
    arena_clear(&t->arena);
}

static enum status find(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account a;

    TRY(account_find(cx, member, &a));
    *account_id = a.account_id;
    return OK;
}

static void call(int64_t account, const char *id, const char *input)
{
    struct op_world const w = {.catalog = life.catalog, .world = &life.world, .find_member = find};
    CLEANUP(json_decrefp) json_t *in = json_loads(input, 0, NULL), *out = NULL;
    const struct op *op;

    t->cx.actor =
        (struct actor){.role = ROLE_OWNER, .id = account, .surface = SURFACE_WEB, .proven = true};
    CHECK_OK(op_find(id, &op, &t->err));
    CHECK_OK(op_call(&t->cx, &w, op, in, &out));
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
}

static void lives_tell_what_is_listed(void **state)
{
    static const char *const tokens[] = {
        "tok_visa",
        "tok_insufficient_funds",
        "tok_until_20240301_then_insufficient_funds;tok_mastercard",
        "tok_disputed",
        "tok_dispute_lost",
        "tok_updated_20240310",
        "tok_closed_20240310",
        "tok_revoked_20240310",
        "tok_visa@expires_202403",
        "tok_fail_first_2",
        "tok_mastercard"};
    int64_t m[COUNT(tokens)];

    (void)state;
    life_open(&life, "2024-01-20");
    for (size_t i = 0; i < COUNT(tokens); i++)
        m[i] = life_member(&life, "DE", "standard", "2023-12-15", "2024-02-01", tokens[i]);
    life_run(&life, "2024-02-20");
    call(m[0], "membership.pause", "{}");
    call(m[0], "membership.extend_pause", "{}");
    call(m[3], "method.add", "{\"token\":\"tok_mastercard\"}");
    call(m[8], "membership.change_plan", "{\"plan\":\"basic\",\"accept_losses\":true}");
    call(m[9], "membership.cancel", "{}");
    call(m[9], "membership.undo_cancel", "{}");
    life_run(&life, "2024-06-20");
    call(m[10], "membership.cancel", "{}");
    life_run(&life, "2024-08-20");
    check_all();
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("the table of events is consistent", consistent),
        CASE("R-05 streams and exports tell what is listed, and no codes", facts_without_codes),
        CASE("filters take types and their beginnings", filters),
        CASE("E-13 whatever lives tell is listed or withheld", lives_tell_what_is_listed),
    };
    return RUN_CASES("event", cases);
}
