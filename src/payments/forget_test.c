/* forget_test: tokens of removed methods, from the wish to the gateway's forgetting.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/forget.h"

#include "cli/doctor.h"
#include "db/clock.h"
#include "forget_sql.h"
#include "payments/leave.h"
#include "payments/method_test.h"

/* ---- the rule ---- */

static void waits_double(void **state)
{
    struct forget_life f = {.state = FORGET_WANTED};
    int64_t at = 0, waited = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        forget_hear(&f, i % 2 ? FORGET_LATER : FORGET_NO_REPLY, at, 1000);
        CHECK(f.state == FORGET_SENT && f.tries == i + 1);
        int64_t const wait = f.due_at - at;
        CHECK(wait == (i < 17 && (INT64_C(1000) << i) < DAY_MS ? INT64_C(1000) << i : DAY_MS));
        waited += wait, at = f.due_at;
    }
    CHECK(waited > 2 * DAY_MS);
    forget_hear(&f, FORGET_DONE, at, 1000);
    CHECK(f.state == FORGET_IS_DONE && f.tries == 0 && f.due_at == at + DAY_MS);
    forget_hear(&f, FORGET_NO_REPLY, at + 1, 1000);
    CHECK(f.state == FORGET_IS_DONE && f.due_at == at + DAY_MS);
}

/* ---- the world of a test ---- */

/* What happens to calls of `forget`, and how many there were. */
static struct hurt {
    enum gateway_injury injury;
    int times, calls;
    const char *adds; /* somebody adds this token meanwhile */
    int64_t account_id;
} hurt;

static enum gateway_injury ask_hurt(void *arg, enum gateway_moment moment)
{
    struct hurt *h = arg;

    if (moment != GATEWAY_ON_FORGET) return GATEWAY_UNHURT;
    h->calls++;
    return h->times-- > 0 ? h->injury : GATEWAY_UNHURT;
}

static void watch(enum gateway_injury injury, int times)
{
    hurt = (struct hurt){.injury = injury, .times = times};
    sandbox_injure(life.gateway, ask_hurt, &hurt);
}

/* What the gateway does with a charge to the token that it has never seen. */
static bool is_charged(const char *token)
{
    static int times;
    struct test_db *t = &life.t;
    struct gateway *g = life.gateway;
    struct gateway_charge const c = {
        arena_printf(&t->arena, "mem_TEST/1/%d/renewal/0/1", times++), token, "EUR", "", 100, 1};
    struct gateway_answer a;

    CHECK_OK(g->charge(g->state, &c, 1, &a, &t->arena, &t->err));
    if (a.outcome != GATEWAY_CAPTURED) CHECK(strcmp(a.code, "method_unknown") == 0);
    return a.outcome == GATEWAY_CAPTURED;
}

/* A wish as it is stored; its method_id is 0 when there is none. */
static struct token_forget wish(int64_t account_id, int64_t method_id)
{
    struct test_db *t = &life.t;
    struct token_forget *rows;
    size_t n;

    CHECK_OK(token_forget_by_method(&t->cx, &rows, &n, .method_id = method_id,
                                    .account_id = account_id, .max = 1));
    return n ? *rows : (struct token_forget){0};
}

static int64_t first_of(int64_t account_id)
{
    size_t n;
    struct method *rows = methods(account_id, &n);

    CHECK(n > 0);
    return rows[0].method_id;
}

/* The owner removes the first method. */
static int64_t removes(int64_t account_id)
{
    int64_t const id = first_of(account_id);
    struct arena *a = &life.t.arena;

    done(account_id, "method.remove",
         arena_printf(a, "{\"method\":\"%s\",\"confirm\":true}",
                      id_text("mth", id, arena_alloc(a, ID_TEXT))),
         "\"removed\":true");
    return id;
}

static int64_t findings(const char *check)
{
    struct test_db *t = &life.t;
    struct patient p = {.sandbox = life.gateway};
    struct examined *list;
    int64_t sum;
    size_t n;

    CHECK_OK(clock_read(&t->cx, 0, &p.clock));
    CHECK_OK(doctor_examine(&t->cx, &p, &list, &n, &sum));
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].id, check) == 0) return list[i].findings;
    FAIL("there is no check %s", check);
    return -1;
}

/* ---- forgetting ---- */

static void forgotten_after_removal(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two");

    (void)state;
    watch(GATEWAY_UNHURT, 0);
    int64_t const id = removes(m);
    CHECK(wish(m, id).forget_state == FORGET_WANTED && hurt.calls == 0);
    CHECK(strcmp(wish(m, id).token, "tok_visa-one") == 0);
    life_run(&life, "2024-02-02");
    CHECK(hurt.calls == 1 && wish(m, id).forget_state == FORGET_IS_DONE);
    CHECK(!is_charged("tok_visa-one") && is_charged("tok_visa-two"));
    life_run(&life, "2024-02-04"); /* and nothing of it is left with us */
    CHECK(hurt.calls == 1 && wish(m, id).method_id == 0);
    life_close(&life);
}

static void forgotten_after_a_cancel(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two");
    struct leave const in = {.account_id = m, .remove_methods = true};
    struct test_db *t = &life.t;
    struct overview o;

    (void)state;
    watch(GATEWAY_UNHURT, 0);
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    life_run(&life, "2024-02-03");
    CHECK(hurt.calls == 2 && !is_charged("tok_visa-one") && !is_charged("tok_visa-two"));
    life_close(&life);
}

/* The wish is stored in the transaction of the erasure and outlives the person by a day. */
static void forgotten_after_erasure(void **state)
{
    int64_t const m = joins("tok_visa-one"), id = first_of(m);
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-04-10");
    CHECK(is_charged("tok_visa-one"));
    watch(GATEWAY_LOSE_REPLY, 2);
    done(m, "account.delete", "{}", "erase_on");
    life_run(&life, "2025-06-01");
    CHECK(life_look(&life, m).state == M_DELETED && hurt.calls == 3);
    CHECK(!is_charged("tok_visa-one"));
    methods(m, &n);
    CHECK(n == 0 && wish(m, id).method_id == 0);
    life_close(&life);
}

/* Whatever happens to a call, and however often, in the end it is forgotten. */
static void injured(void **state)
{
    static const enum gateway_injury injuries[] = {GATEWAY_LOSE_REPLY,   GATEWAY_LOSE_REQUEST,
                                                   GATEWAY_LIMIT_RATE,   GATEWAY_CUT_OFF,
                                                   GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(injuries); i++) {
        int64_t const m = joins("tok_visa-one;tok_visa-two"), id = removes(m);
        struct test_db *t = &life.t;
        enum status st = E_INTERNAL;
        int const times = i < COUNT(injuries) ? 1 : 4;

        watch(injuries[i % COUNT(injuries)], times);
        for (int k = 0; k < 9 && st == E_INTERNAL; k++)
            st = payments_run(&t->cx, &life.world, life_day("2024-02-02") * DAY_MS);
        CHECK(st == OK);
        if (i == COUNT(injuries)) CHECK(wish(m, id).tries == 0 && hurt.calls == times + 1);
        life_run(&life, "2024-02-05");
        CHECK(hurt.calls == times + 1 && wish(m, id).method_id == 0);
        if (is_charged("tok_visa-one")) FAIL("injury %zu: it is not forgotten", i);
        life_close(&life);
    }
}

static void another_gateway(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two");

    (void)state;
    run_sql("UPDATE method SET gateway = 'null'");
    int64_t const id = removes(m);
    life_run(&life, "2024-02-20");
    CHECK(wish(m, id).forget_state == FORGET_SENT && wish(m, id).tries > 5);
    CHECK(is_charged("tok_visa-one") && findings("forget.overdue") == 0);
    run_sql("UPDATE token_forget SET gateway = 'sandbox'");
    life_run(&life, "2024-02-22");
    CHECK(!is_charged("tok_visa-one"));
    life_close(&life);
}

/* ---- not forgetting ---- */

static void same_person_adds_it_again(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two"), id = removes(m);

    (void)state;
    watch(GATEWAY_UNHURT, 0);
    done(m, "method.add", "{\"token\":\"tok_visa-one\"}", "\"state\":\"usable\"");
    CHECK(wish(m, id).method_id == 0);
    life_run(&life, "2024-02-20");
    CHECK(hurt.calls == 0 && is_charged("tok_visa-one"));
    life_close(&life);
}

static void another_account_has_it(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two");
    int64_t const other =
        life_member(&life, "DE", "standard", "2024-01-30", "2024-02-01", "tok_visa-one");
    int64_t const id = removes(m);

    (void)state;
    watch(GATEWAY_UNHURT, 0);
    life_run(&life, "2024-02-20");
    CHECK(hurt.calls == 0 && wish(m, id).method_id == 0 && is_charged("tok_visa-one"));
    int64_t const last = removes(other); /* now it is nobody's */
    life_run(&life, "2024-02-21");
    CHECK(hurt.calls == 1 && wish(other, last).forget_state == FORGET_IS_DONE);
    CHECK(!is_charged("tok_visa-one"));
    life_close(&life);
}

/* While it is on its way, and when it was forgotten after the gateway was asked what it is, a token
 * cannot be added; afterwards it is entered anew. */
static void adding_meanwhile(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two"), id = removes(m);
    struct method_add in = {.account_id = m, .token = "tok_visa-one"};
    struct test_db *t = &life.t;
    struct method_answer out;
    size_t n;

    (void)state;
    CHECK_OK(method_describe(&t->cx, &life.world, &in));
    watch(GATEWAY_LOSE_REPLY, 1000);
    life_run(&life, "2024-02-02");
    CHECK(wish(m, id).forget_state == FORGET_SENT);
    CHECK_FAULT(method_add(&t->cx, life.catalog, &in, &out), &METHOD_TOKEN_UNKNOWN);
    refused(m, "method.add", "{\"token\":\"tok_visa-one\"}", &METHOD_TOKEN_UNKNOWN);
    refused(m, "method.update",
            arena_printf(&t->arena, "{\"method\":\"%s\",\"token\":\"tok_visa-one\"}",
                         id_text("mth", first_of(m), arena_alloc(&t->arena, ID_TEXT))),
            &METHOD_TOKEN_UNKNOWN);
    watch(GATEWAY_UNHURT, 0);
    life_run(&life, "2024-02-03");
    CHECK(wish(m, id).forget_state == FORGET_IS_DONE);
    CHECK_FAULT(method_add(&t->cx, life.catalog, &in, &out), &METHOD_TOKEN_UNKNOWN);
    CHECK(!is_charged("tok_visa-one"));
    done(m, "method.add", "{\"token\":\"tok_visa-one\"}", "\"state\":\"usable\"");
    CHECK(is_charged("tok_visa-one"));
    life_run(&life, "2024-02-20");
    methods(m, &n);
    CHECK(n == 2 && is_charged("tok_visa-one") && wish(m, id).method_id == 0);
    life_close(&life);
}

static void doctor_finds(void **state)
{
    int64_t const m = joins("tok_visa-one;tok_visa-two");

    (void)state;
    removes(m);
    CHECK(findings("forget.overdue") == 0);
    run_sql("UPDATE token_forget SET due_at = due_at - 2 * 86400000");
    CHECK(findings("forget.overdue") == 1);
    life_run(&life, "2024-02-03");
    CHECK(findings("forget.overdue") == 0);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("the waits for a forgetful gateway double up to a day", waits_double),
        CASE("C-18 a removed method's token is forgotten at the gateway", forgotten_after_removal),
        CASE("F-21 methods removed with a cancel are forgotten at the gateway",
             forgotten_after_a_cancel),
        CASE("E-22 an erased person's methods are forgotten at the gateway",
             forgotten_after_erasure),
        CASE("C-18 a lost wish is sent again until the gateway has forgotten", injured),
        CASE("C-18 only the token's own gateway is asked", another_gateway),
        CASE("C-18 a token that is added again meanwhile stays", same_person_adds_it_again),
        CASE("C-18 a token that another account uses stays", another_account_has_it),
        CASE("C-18 nobody adds a token that is being forgotten", adding_meanwhile),
        CASE("C-18 the doctor finds wishes that nobody carries out", doctor_finds),
    };
    return RUN_CASES("forget", cases);
}
