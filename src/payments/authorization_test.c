/* authorization_test: temporary authorizations from the adding of a method until they are gone, as
 * owners see them. SPDX-License-Identifier: Apache-2.0 */
#include "payments/authorization.h"

#include "authorization_sql.h"
#include "base/id.h"
#include "method_sql.h"
#include "payments/ask_test.h"

static struct life life;

static int64_t joins(const char *place, const char *today)
{
    life_open(&life, today);
    return life_member(&life, place, "standard", "2024-01-31", today, "tok_visa-old");
}

/* What an op answers the owner; it lives in the test's arena. */
static const char *ask(int64_t account_id, const char *id, const char *in)
{
    enum status s;
    struct actor const owner = life_proven(ROLE_OWNER, account_id);
    const char *text = life_ask(&life, owner, id, json_loads(in, 0, NULL), &s);

    if (s != OK) FAIL("%s %s: %s", id, in, text);
    return text;
}

static void add(int64_t m, const char *token, const char *says)
{
    const char *in = arena_printf(&life.t.arena, "{\"token\":\"%s\"}", token);
    const char *text = ask(m, "method.add", in);

    if (!strstr(text, says)) FAIL("%s: %s", token, text);
}

static void shows(int64_t m, const char *says)
{
    static const char *const ops[] = {"method.list", "membership.get"};

    for (size_t i = 0; i < COUNT(ops); i++) {
        const char *text = ask(m, ops[i], "{}");

        if (!strstr(text, says)) FAIL("%s does not say %s: %s", ops[i], says, text);
    }
}

static void shows_none(int64_t m)
{
    CHECK(!strstr(ask(m, "method.list", "{}"), "\"label\""));
    CHECK(strstr(ask(m, "membership.get", "{}"), "\"temporary\":[]"));
}

/* The newest method's; none has a state of -1. */
static struct authorization newest(int64_t m)
{
    struct test_db *t = &life.t;
    struct method *methods;
    struct authorization *rows;
    int64_t id = 0;
    size_t n;

    CHECK_OK(methods_of(&t->cx, &methods, &n, .account_id = m, .max = 100));
    for (size_t i = 0; i < n; i++)
        if (methods[i].method_id > id) id = methods[i].method_id;
    CHECK_OK(authorization_of(&t->cx, &rows, &n, .method_id = id, .account_id = m, .max = 1));
    return n ? rows[0] : (struct authorization){.authorization_state = -1};
}

/* The provider's own view, by sending the same key again: that never makes another one. */
static enum authorization_outcome bank_says(int64_t m)
{
    struct test_db *t = &life.t;
    struct authorization const a = newest(m);
    char member[ID_TEXT], method[ID_TEXT];
    struct authorization_answer out;
    struct gateway_authorization const in = {arena_printf(&t->arena, "%s/%s/authorization",
                                                          id_text("mem", m, member),
                                                          id_text("mth", a.method_id, method)),
                                             a.token, a.currency, a.amount_minor, t->cx.now};
    struct gateway *g = life.gateway;

    CHECK_OK(g->authorize(g->state, &in, &out, &t->arena, &t->err));
    return out.outcome;
}

static int64_t captured(void)
{
    struct test_db *t = &life.t;
    struct sandbox_sum *sums;
    int64_t amount = 0;
    size_t n;

    CHECK_OK(sandbox_captured(life.gateway, t->cx.now, &sums, &n, &t->arena, &t->err));
    for (size_t i = 0; i < n; i++) amount += sums[i].amount_minor;
    return amount;
}

/* ---- the golden scenario ---- */

static void golden_4(void **state)
{
    int64_t const m = joins("DE", "2024-02-01");

    (void)state;
    shows_none(m);
    add(m, "tok_visa-new", "\"temporary\":[{\"label\":\"temporary\",\"method\":\"mth_");
    shows(m, "\"state\":\"held\",\"amount_minor\":100,\"currency\":\"EUR\","
             "\"made_on\":\"2024-02-01\",\"gone_by\":\"2024-02-09\"}]");
    CHECK(bank_says(m) == AUTHORIZATION_HELD && captured() == 0);
    life_run(&life, "2024-02-08"); /* nothing is due before its day */
    shows(m, "\"label\":\"temporary\"");
    CHECK(newest(m).authorization_state == AUTH_HELD);
    life_run(&life, "2024-02-09");
    shows_none(m);
    struct authorization const a = newest(m);
    CHECK(a.authorization_state == AUTH_VOIDED && a.due_at == 0);
    CHECK(a.ended_at == life_day("2024-02-09") * DAY_MS - 3600000); /* midnight in Berlin */
    CHECK(bank_says(m) == AUTHORIZATION_VOIDED && captured() == 0);
    life_run(&life, "2024-06-01"); /* what is captured are four renewals, at the list price */
    CHECK(captured() == 2 * 1299 + 2 * 1399 && bank_says(m) == AUTHORIZATION_VOIDED);
    life_close(&life);
}

static void days_are_a_setting(void **state)
{
    struct settings settings;
    int64_t const m = joins("JP", "2024-02-01");

    (void)state;
    settings = *life.t.cx.settings;
    settings.auth_void_days = 3;
    life.t.cx.settings = &settings;
    add(m, "tok_mastercard", "\"temporary\":[{");
    shows(m, "\"amount_minor\":1,\"currency\":\"JPY\",\"made_on\":\"2024-02-01\","
             "\"gone_by\":\"2024-02-04\"");
    life_run(&life, "2024-02-04");
    CHECK(newest(m).authorization_state == AUTH_VOIDED);
    life_close(&life);
}

static void not_everywhere(void **state)
{
    int64_t m = joins("DE", "2024-02-01");

    (void)state;
    add(m, "tok_visa-new", "\"state\":\"held\"");
    add(m, "tok_visa-new", "\"state\":\"held\""); /* the stored one is answered with: no second */
    life_close(&life);
    /* what is tried at once needs no authorization beside it */
    life_open(&life, "2024-02-01");
    m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_insufficient_funds");
    life_run(&life, "2024-03-01");
    add(m, "tok_visa", "\"trial\":\"captured\"");
    shows_none(m);
    CHECK(newest(m).authorization_state == -1);
    life_close(&life);
    CHECK(authorization_fits(KIND_CARD) && authorization_fits(KIND_WALLET));
    CHECK(!authorization_fits(KIND_GIFT) && !authorization_fits(KIND_CARRIER));
}

static void a_bank_may_refuse(void **state)
{
    int64_t const m = joins("DE", "2024-02-01");

    (void)state;
    add(m, "tok_do_not_honor", "\"temporary\":[]"); /* the method is stored all the same */
    struct authorization const a = newest(m);
    CHECK(a.authorization_state == AUTH_REFUSED && strcmp(a.code, "do_not_honor") == 0);
    CHECK(a.due_at == 0 && a.ended_at == life.t.cx.now);
    shows_none(m);
    life_close(&life);
}

/* ---- the unknown ---- */

static void asked_again(void **state)
{
    static const char *const tokens[] = {"tok_lost_reply", "tok_lost_request", "tok_rate_limited"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = joins("DE", "2024-02-01");

        add(m, tokens[i], "\"state\":\"unknown\"");
        shows(m, "\"state\":\"unknown\"");
        life_run(&life, "2024-02-02");
        shows(m, "\"state\":\"held\"");
        CHECK(bank_says(m) == AUTHORIZATION_HELD);
        life_run(&life, "2024-02-09");
        shows_none(m);
        CHECK(bank_says(m) == AUTHORIZATION_VOIDED && captured() == 0);
        life_close(&life);
    }
}

struct hurt {
    enum gateway_moment moment;
    enum gateway_injury injury;
    int times;
};

static enum gateway_injury hurt(void *arg, enum gateway_moment moment)
{
    struct hurt *h = arg;

    return moment == h->moment && h->times-- > 0 ? h->injury : GATEWAY_UNHURT;
}

/* Whatever happens to a call, and however often, in the end nothing is held. */
static void nothing_stays_held(void **state)
{
    static const enum gateway_injury injuries[] = {GATEWAY_LOSE_REPLY, GATEWAY_LOSE_REQUEST,
                                                   GATEWAY_LIMIT_RATE, GATEWAY_CUT_OFF};
    static const enum gateway_moment moments[] = {GATEWAY_ON_AUTHORIZE, GATEWAY_ON_VOID};
    static const int times[] = {1, 2, 12};

    (void)state;
    for (size_t i = 0; i < COUNT(injuries) * COUNT(moments) * COUNT(times); i++) {
        int64_t const m = joins("DE", "2024-02-01");
        struct hurt h = {moments[i / 4 % 2], injuries[i % 4], times[i / 8]};
        bool const always = h.times == 12;

        sandbox_injure(life.gateway, hurt, &h);
        add(m, "tok_visa-new",
            h.moment == GATEWAY_ON_AUTHORIZE ? "\"state\":\"unknown\"" : "\"state\":\"held\"");
        life_run(&life, "2024-02-09");
        if (h.moment == GATEWAY_ON_VOID && always) CHECK(!newest(m).ended_at);
        life_run(&life, "2024-02-20");
        CHECK(newest(m).authorization_state == AUTH_VOIDED && newest(m).due_at == 0);
        shows_none(m);
        sandbox_injure(life.gateway, NULL, NULL);
        if (h.moment == GATEWAY_ON_VOID) CHECK(bank_says(m) == AUTHORIZATION_VOIDED);
        CHECK(captured() == 0);
        life_close(&life);
    }
}

/* The process dies in the call: the wish is stored, and the worker asks under the same key. */
static void survives_a_crash(void **state)
{
    static const enum gateway_injury injuries[] = {GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};

    (void)state;
    for (size_t i = 0; i < COUNT(injuries); i++) {
        int64_t const m = joins("DE", "2024-02-01");
        struct hurt h = {GATEWAY_ON_AUTHORIZE, injuries[i], 1};
        struct test_db *t = &life.t;
        struct op_world const w = {
            .catalog = life.catalog, .world = &life.world, .find_member = account_number};
        const struct op *op;
        json_t *in = json_pack("{s:s}", "token", "tok_visa-new"), *out;

        sandbox_injure(life.gateway, hurt, &h);
        CHECK_OK(op_find("method.add", &op, &t->err));
        t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = m, .proven = true};
        CHECK(op_call(&t->cx, &w, op, in, &out) == E_INTERNAL);
        t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
        json_decref(in);
        json_decref(out);
        CHECK(newest(m).authorization_state == AUTH_UNKNOWN);
        life_run(&life, "2024-02-02");
        CHECK(newest(m).authorization_state == AUTH_HELD);
        h = (struct hurt){GATEWAY_ON_VOID, injuries[i], 1};
        CHECK(payments_run(&t->cx, &life.world, life_day("2024-02-12") * DAY_MS) == E_INTERNAL);
        life_run(&life, "2024-02-12");
        CHECK(newest(m).authorization_state == AUTH_VOIDED);
        CHECK(bank_says(m) == AUTHORIZATION_VOIDED);
        life_close(&life);
    }
}

static void another_gateway_is_left_alone(void **state)
{
    int64_t const m = joins("DE", "2024-02-01");
    struct test_db *t = &life.t;

    (void)state;
    add(m, "tok_visa-new", "\"state\":\"held\"");
    CHECK_OK(db_script(t->db, "UPDATE method SET gateway = 'null'", &t->err));
    life_run(&life, "2024-02-12");
    CHECK(newest(m).authorization_state == AUTH_HELD && newest(m).tries > 2);
    CHECK_OK(db_script(t->db, "UPDATE method SET gateway = 'sandbox'", &t->err));
    life_run(&life, "2024-02-14");
    CHECK(newest(m).authorization_state == AUTH_VOIDED);
    life_close(&life);
}

static void a_removed_method_holds_nothing(void **state)
{
    int64_t const m = joins("DE", "2024-02-01");
    struct test_db *t = &life.t;
    TX tx = {0};

    (void)state;
    add(m, "tok_visa-new", "\"state\":\"held\"");
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(authorization_release(&t->cx, m, newest(m).method_id));
    CHECK_OK(authorization_release(&t->cx, m, 7)); /* nothing held is nothing to do */
    CHECK_OK(tx_commit(&tx));
    life_run(&life, "2024-02-02");
    CHECK(newest(m).authorization_state == AUTH_VOIDED);
    CHECK(newest(m).ended_at == life_day("2024-02-01") * DAY_MS);
    life_close(&life);
}

/* ---- rules ---- */

enum { AT = 1000, VOID_AT = 5000, MINUTE = 60000 };

static const struct rule {
    enum authorization_state was;
    enum authorization_outcome said;
    int64_t at;
    enum authorization_state is;
    int64_t due_at;
} rules[] = {
    {AUTH_UNKNOWN, AUTHORIZATION_HELD,       AT,      AUTH_HELD,    VOID_AT         },
    {AUTH_UNKNOWN, AUTHORIZATION_REFUSED,    AT,      AUTH_REFUSED, 0               },
    {AUTH_UNKNOWN, AUTHORIZATION_VOIDED,     AT,      AUTH_VOIDED,  0               },
    {AUTH_UNKNOWN, AUTHORIZATION_NO_REPLY,   AT,      AUTH_UNKNOWN, VOID_AT         },
    {AUTH_UNKNOWN, AUTHORIZATION_LATER,      AT,      AUTH_UNKNOWN, VOID_AT         },
    {AUTH_UNKNOWN, AUTHORIZATION_NEVER_SEEN, VOID_AT, AUTH_VOIDED,  0               },
    {AUTH_HELD,    AUTHORIZATION_VOIDED,     VOID_AT, AUTH_VOIDED,  0               },
    {AUTH_HELD,    AUTHORIZATION_NO_REPLY,   VOID_AT, AUTH_UNKNOWN, VOID_AT + MINUTE},
    {AUTH_HELD,    AUTHORIZATION_LATER,      VOID_AT, AUTH_HELD,    VOID_AT + MINUTE},
    {AUTH_VOIDED,  AUTHORIZATION_HELD,       VOID_AT, AUTH_HELD,    VOID_AT         },
    {AUTH_VOIDED,  AUTHORIZATION_NO_REPLY,   VOID_AT, AUTH_UNKNOWN, VOID_AT + MINUTE},
    {AUTH_VOIDED,  AUTHORIZATION_LATER,      VOID_AT, AUTH_VOIDED,  0               },
    {AUTH_REFUSED, AUTHORIZATION_REFUSED,    VOID_AT, AUTH_REFUSED, 0               },
};

static void answers_have_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        bool const ended = r->was == AUTH_VOIDED || r->was == AUTH_REFUSED;
        struct authorization_life a = {.state = r->was,
                                       .code = "",
                                       .void_due_at = VOID_AT,
                                       .due_at = ended ? 0 : AT,
                                       .ended_at = ended ? 7 : 0};
        struct authorization_answer const said = {r->said, "code"};

        authorization_hear(&a, &said, r->at, MINUTE);
        if (a.state != r->is || a.due_at != r->due_at)
            FAIL("rule %zu: %s, due at %lld", i, authorization_states.at[a.state],
                 (long long)a.due_at);
        bool const over = a.state == AUTH_VOIDED || a.state == AUTH_REFUSED;
        CHECK(over == (a.ended_at != 0) && over == (a.due_at == 0));
        if (ended && over) CHECK(a.ended_at == 7);
    }
}

static void waits_grow_to_a_day(void **state)
{
    struct authorization_life a = {.state = AUTH_HELD, .code = "", .void_due_at = 0};
    struct authorization_answer const silence = {AUTHORIZATION_NO_REPLY, ""};
    int64_t waited = 0;

    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        int64_t const at = a.due_at;

        authorization_hear(&a, &silence, at, 15 * MINUTE);
        int64_t const now = a.due_at - at;
        CHECK(now == DAY_MS || now == (i ? 2 * waited : 15 * MINUTE));
        waited = now;
    }
    CHECK(waited == DAY_MS);
}

static void amounts_are_small(void **state)
{
    (void)state;
    CHECK(authorization_amount("EUR") == 100 && authorization_amount("JPY") == 1);
    CHECK(authorization_amount("BHD") == 1000);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-10 H-09 golden scenario 4: a new card's authorization is shown as temporary, gone "
             "by day 8, never captured",
             golden_4),
        CASE("B-10 the days until it is voided are a setting", days_are_a_setting),
        CASE("B-10 there is one for a method, and none where it is tried at once", not_everywhere),
        CASE("B-10 a bank may refuse it, and the method is stored all the same", a_bank_may_refuse),
        CASE("B-10 what had no answer is asked again", asked_again),
        CASE("B-10 whatever is lost, in the end nothing is held", nothing_stays_held),
        CASE("B-10 a crash in the call is mended by the worker", survives_a_crash),
        CASE("B-10 nobody asks another gateway about it", another_gateway_is_left_alone),
        CASE("B-10 a removed method holds nothing any longer", a_removed_method_holds_nothing),
        CASE("B-10 each answer has its meaning", answers_have_meaning),
        CASE("B-10 waits double up to a day", waits_grow_to_a_day),
        CASE("B-10 the amount is one unit of the currency", amounts_are_small),
    };
    return RUN_CASES("authorization", cases);
}
