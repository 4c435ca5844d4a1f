/* sandbox_test: its tokens, what can be done to it, and its own books.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_rules.h"

#include <string.h>

#include "base/calendar.h"
#include "db/db_test.h"
#include "payments/decline_rules.h"

/* --- tokens --- */

/* clang-format off */
static const struct method_row {
    const char *token;
    enum method_kind kind;
    enum funding funding;
    const char *brand, *last4, *country, *operator_;
} method_rows[] = {
    {"tok_visa",            KIND_CARD,    FUNDING_CREDIT,  "visa",       "4242", "US", ""},
    {"tok_mastercard",      KIND_CARD,    FUNDING_CREDIT,  "mastercard", "4444", "US", ""},
    {"tok_amex",            KIND_CARD,    FUNDING_CREDIT,  "amex",       "0005", "US", ""},
    {"tok_discover",        KIND_CARD,    FUNDING_CREDIT,  "discover",   "1117", "US", ""},
    {"tok_visa_debit",      KIND_CARD,    FUNDING_DEBIT,   "visa",       "5556", "US", ""},
    {"tok_visa_prepaid",    KIND_CARD,    FUNDING_PREPAID, "visa",       "0077", "US", ""},
    {"tok_visa_virtual-2",  KIND_CARD,    FUNDING_VIRTUAL, "visa",       "0093", "US", ""},
    {"tok_dankort@DK",      KIND_CARD,    FUNDING_DEBIT,   "dankort",    "0079", "DK", ""},
    {"tok_4000000000009995", KIND_CARD,   FUNDING_CREDIT,  "visa",       "9995", "US", ""},
    {"tok_378282246310005", KIND_CARD,    FUNDING_CREDIT,  "amex",       "0005", "US", ""},
    {"tok_wallet",          KIND_WALLET,  FUNDING_NONE,    "paypal",     "",     "US", ""},
    {"tok_gift",            KIND_GIFT,    FUNDING_NONE,    "",           "",     "US", ""},
    {"tok_carrier_isar_de", KIND_CARRIER, FUNDING_NONE,    "",           "",     "US", "isar_de"},
    {"tok_fail_first_2@mastercard@debit@DE-b",
                            KIND_CARD,    FUNDING_DEBIT,   "mastercard", "4444", "DE", ""},
    {"tok_flaky_3_50@wallet", KIND_WALLET, FUNDING_NONE,   "paypal",     "",     "US", ""},
    {"tok_advice_03",       KIND_CARD,    FUNDING_CREDIT,  "mastercard", "4444", "US", ""},
};
/* clang-format on */

static void stands_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(method_rows); i++) {
        const struct method_row *row = &method_rows[i];
        struct sandbox_token t;

        if (!sandbox_token_read(row->token, &t)) FAIL("%s is no token", row->token);
        if (t.kind != row->kind || t.funding != row->funding || strcmp(t.brand, row->brand) != 0 ||
            strcmp(t.last4, row->last4) != 0 || strcmp(t.country, row->country) != 0 ||
            strcmp(t.operator_, row->operator_) != 0)
            FAIL("%s stands for something else", row->token);
        CHECK(t.recurring && !t.refused && !t.shared);
    }
}

static void is_no_token(void **state)
{
    static const char *const wrong[] = {
        "",
        "tok_",
        "tok",
        "visa",
        "TOK_visa",
        "tok_visa_",
        "tok_visa-",
        "tok_visa@",
        "tok_visa@nowhere",
        "tok_visa@de",
        "tok_visa-4242424242424242",
        "tok_visa-4242-4242-4242-4242",
        "tok_visa- ",
        "tok_4242424242424243",
        "tok_carrier_",
        "tok_fail_first_",
        "tok_fail_first_0",
        "tok_fail_first_-1",
        "tok_fail_first_1_nonsense",
        "tok_fail_first_1insufficient_funds",
        "tok_fail_first_1234567890",
        "tok_every_0_fail_1",
        "tok_every_12_fail",
        "tok_until_20250230",
        "tok_until_2025010",
        "tok_until_20250101_then",
        "tok_from_tomorrow",
        "tok_flaky_1",
        "tok_flaky_1_101",
        "tok_"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aa"
        "aaaaaaaaaaaaaaaaaaaa",
    };
    struct sandbox_token t;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (sandbox_token_read(wrong[i], &t)) FAIL("'%s' is taken for a token", wrong[i]);
}

/* "+" pays, "-" is declined, for attempts 1 to 4 of periods 0 to 3. */
static const struct script_row {
    const char *token, *code, *answers[4];
} script_rows[] = {
    {"tok_visa",                        "",                   {"++++", "++++", "++++", "++++"}},
    {"tok_4000000000000341",            "generic_decline",    {"----", "----", "----", "----"}},
    {"tok_stolen_card",                 "stolen_card",        {"----", "----", "----", "----"}},
    {"tok_fail_first_1",                "insufficient_funds", {"-+++", "-+++", "-+++", "-+++"}},
    {"tok_fail_first_3_expired_card",   "expired_card",       {"---+", "---+", "---+", "---+"}},
    {"tok_every_2_fail_2",              "insufficient_funds", {"++++", "--++", "++++", "--++"}},
    {"tok_every_1_fail_1_do_not_honor", "do_not_honor",       {"-+++", "-+++", "-+++", "-+++"}},
    {"tok_every_4_fail_9",              "insufficient_funds", {"++++", "++++", "++++", "----"}},
};

static struct sandbox_verdict judge(const char *token, int k, int attempt, int64_t at)
{
    char key[GATEWAY_KEY_TEXT];
    struct gateway_charge const c = {key, token, "EUR", "FOYER", 1299, at};
    struct sandbox_verdict v;
    struct sandbox_token t;

    if (!sandbox_token_read(token, &t)) FAIL("%s is no token", token);
    snprintf(key, sizeof key, "mem_TEST/1/%d/renewal/0/%d", k, attempt);
    sandbox_judge(&t, &c, &v);
    return v;
}

static void follows_its_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(script_rows); i++)
        for (int k = 0; k < 4; k++)
            for (int attempt = 1; attempt <= 4; attempt++) {
                const struct script_row *row = &script_rows[i];
                bool const pays = row->answers[k][attempt - 1] == '+';
                struct sandbox_verdict const v = judge(row->token, k, attempt, 1000);

                if (v.outcome != (pays ? GATEWAY_CAPTURED : GATEWAY_DECLINED) ||
                    strcmp(v.code, pays ? "" : row->code) != 0)
                    FAIL("%s answers attempt %d of period %d wrongly", row->token, attempt, k);
            }
}

static void changes_on_its_day(void **state)
{
    int64_t const at = day_of(2026, 3, 1) * DAY_MS;

    (void)state;
    CHECK(judge("tok_until_20260301", 0, 1, at - 1).outcome == GATEWAY_CAPTURED);
    struct sandbox_verdict v = judge("tok_until_20260301", 0, 1, at);
    CHECK(v.outcome == GATEWAY_DECLINED && strcmp(v.code, "expired_card") == 0);
    v = judge("tok_until_20260301_then_stolen_card", 9, 3, at + 900 * DAY_MS);
    CHECK(v.outcome == GATEWAY_DECLINED && strcmp(v.code, "stolen_card") == 0);
    CHECK(judge("tok_from_20260301", 0, 1, at).outcome == GATEWAY_CAPTURED);
    v = judge("tok_from_20260301_do_not_honor", 0, 1, at - 1);
    CHECK(v.outcome == GATEWAY_DECLINED && strcmp(v.code, "do_not_honor") == 0);
}

static void flakes_by_percent(void **state)
{
    int failed = 0, alike = 0;

    (void)state;
    for (int k = 0; k < 1000; k++) {
        bool const one = judge("tok_flaky_1_25", k, 1, 5).outcome == GATEWAY_DECLINED;
        bool const two = judge("tok_flaky_2_25", k, 1, 5).outcome == GATEWAY_DECLINED;

        CHECK(one == (judge("tok_flaky_1_25", k, 1, 99).outcome == GATEWAY_DECLINED));
        CHECK(judge("tok_flaky_1_100", k, 1, 5).outcome == GATEWAY_DECLINED);
        failed += one;
        alike += one && two;
    }
    CHECK(failed > 200 && failed < 300 && alike < 100);
}

/* --- the store --- */

struct rig {
    struct test_db db;
    struct gateway *g;
    enum gateway_moment moment; /* at the `nth` of which */
    int nth;
    enum gateway_injury injury; /* happens */
};

static enum gateway_injury injure(void *arg, enum gateway_moment moment)
{
    struct rig *r = arg;

    return moment == r->moment && r->nth-- == 0 ? r->injury : GATEWAY_UNHURT;
}

static void rig_open(struct rig *r)
{
    struct test_db *t = &r->db;

    *r = (struct rig){.nth = -1};
    test_db_open(t, 1000);
    CHECK_OK(sandbox_open(t->url, &r->g, &t->err));
    sandbox_injure(r->g, injure, r);
}

static void rig_close(struct rig *r)
{
    struct test_db *t = &r->db;
    char sql[160];

    gateway_close(r->g);
    snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %.60s_sandbox CASCADE", t->schema);
    if (t->schema[0]) CHECK_OK(db_script(t->db, sql, &t->err));
    test_db_close(t);
}

enum { SENT = 5 };

static enum status send_five(struct rig *r, int64_t k, struct gateway_answer answers[static SENT])
{
    struct gateway_charge c[SENT];

    for (int i = 0; i < SENT; i++)
        c[i] = (struct gateway_charge){
            arena_printf(&r->db.arena, "mem_%d/1/%lld/renewal/0/1", i, (long long)k),
            "tok_visa",
            "EUR",
            "FOYER",
            1000,
            1000};
    return r->g->charge(r->g->state, c, SENT, answers, &r->db.arena, &r->db.err);
}

static int64_t count_captured(struct rig *r)
{
    struct test_db *t = &r->db;
    struct sandbox_sum *sums;
    size_t n;

    CHECK_OK(sandbox_captured(r->g, 1000, &sums, &n, &t->arena, &t->err));
    return n ? sums[0].captured : 0;
}

/* answers: C captured, N no reply, L later; "" is a call that fails. The third charge (nth 2) is
 * hurt, or the whole call. */
static const struct injury_row {
    enum gateway_moment moment;
    enum gateway_injury injury;
    const char *answers;
    const struct fault *fault;
    int64_t captured;
} injury_rows[] = {
    {GATEWAY_ON_CHARGE, GATEWAY_UNHURT,       "CCCCC", NULL,                 5},
    {GATEWAY_ON_CHARGE, GATEWAY_LOSE_REPLY,   "CCNCC", NULL,                 5},
    {GATEWAY_ON_CHARGE, GATEWAY_LOSE_REQUEST, "CCNCC", NULL,                 4},
    {GATEWAY_ON_CHARGE, GATEWAY_LIMIT_RATE,   "CCLCC", NULL,                 4},
    {GATEWAY_ON_CHARGE, GATEWAY_CUT_OFF,      "CCCCC", NULL,                 5},
    {GATEWAY_ON_CHARGE, GATEWAY_CRASH_BEFORE, "",      &GATEWAY_CRASHED,     2},
    {GATEWAY_ON_CHARGE, GATEWAY_CRASH_AFTER,  "",      &GATEWAY_CRASHED,     3},
    {GATEWAY_ON_CALL,   GATEWAY_LOSE_REPLY,   "NNNNN", NULL,                 5},
    {GATEWAY_ON_CALL,   GATEWAY_LOSE_REQUEST, "NNNNN", NULL,                 0},
    {GATEWAY_ON_CALL,   GATEWAY_LIMIT_RATE,   "LLLLL", NULL,                 0},
    {GATEWAY_ON_CALL,   GATEWAY_CUT_OFF,      "",      &GATEWAY_UNREACHABLE, 0},
    {GATEWAY_ON_CALL,   GATEWAY_CRASH_BEFORE, "",      &GATEWAY_CRASHED,     0},
    {GATEWAY_ON_CALL,   GATEWAY_CRASH_AFTER,  "",      &GATEWAY_CRASHED,     5},
};

static char letter(enum gateway_outcome outcome)
{
    static const char letters[] = {'C', 'D', 'P', 'N', 'S', 'L'};
    return letters[outcome];
}

static void is_injured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(injury_rows); i++) {
        const struct injury_row *row = &injury_rows[i];
        struct gateway_answer answers[SENT];
        struct rig r;

        rig_open(&r);
        r.moment = row->moment;
        r.nth = row->moment == GATEWAY_ON_CHARGE ? 2 : 0;
        r.injury = row->injury;
        enum status const st = send_five(&r, 0, answers);
        if ((st == OK) != !row->fault || (row->fault && r.db.err.fault != row->fault))
            FAIL("injury %zu ends with status %d", i, st);
        for (size_t k = 0; row->answers[k]; k++)
            if (letter(answers[k].outcome) != row->answers[k])
                FAIL("injury %zu gives charge %zu a %c", i, k, letter(answers[k].outcome));
        if (count_captured(&r) != row->captured) FAIL("injury %zu captures otherwise", i);
        r.injury = GATEWAY_UNHURT;
        CHECK(send_five(&r, 0, answers) == OK && count_captured(&r) == SENT);
        rig_close(&r);
    }
}

static void reads_are_injured(void **state)
{
    static const enum gateway_injury fatal[] = {GATEWAY_CUT_OFF, GATEWAY_CRASH_BEFORE,
                                                GATEWAY_CRASH_AFTER};
    struct gateway_question const question = {"mem_0/1/0/renewal/0/1", 0};
    struct gateway_answer answer;
    struct gateway_method m;
    struct gateway_event *e;
    struct rig r;
    size_t n;

    (void)state;
    rig_open(&r);
    struct arena *a = &r.db.arena;
    struct error *err = &r.db.err;
    for (size_t i = 0; i < COUNT(fatal); i++) {
        enum status const expected = i ? E_INTERNAL : E_UPSTREAM;

        r.injury = fatal[i];
        r.moment = GATEWAY_ON_LOOK_UP, r.nth = 0;
        CHECK(r.g->look_up(r.g->state, &question, 1, &answer, a, err) == expected);
        r.moment = GATEWAY_ON_EVENTS, r.nth = 0;
        CHECK(r.g->events(r.g->state, 0, 0, &e, &n, 9, a, err) == expected);
        r.moment = GATEWAY_ON_DESCRIBE, r.nth = 0;
        CHECK(r.g->describe(r.g->state, "tok_visa", "", &m, a, err) == expected);
    }
    rig_close(&r);
}

/* What an injured call is answered, and what is so afterwards. */
static const struct hold_row {
    enum gateway_injury injury;
    enum status status;
    enum authorization_outcome told;
    bool done;
} hold_rows[] = {
    {GATEWAY_LOSE_REPLY,   OK,         AUTHORIZATION_NO_REPLY, true },
    {GATEWAY_LOSE_REQUEST, OK,         AUTHORIZATION_NO_REPLY, false},
    {GATEWAY_LIMIT_RATE,   OK,         AUTHORIZATION_LATER,    false},
    {GATEWAY_CUT_OFF,      E_UPSTREAM, 0,                      false},
    {GATEWAY_CRASH_BEFORE, E_INTERNAL, 0,                      false},
    {GATEWAY_CRASH_AFTER,  E_INTERNAL, 0,                      true },
};

static enum status hold(struct rig *r, struct authorization_answer *out)
{
    struct gateway_authorization const in = {"mem_0/mth_0/authorization", "tok_visa", "EUR", 100,
                                             1000};

    return r->g->authorize(r->g->state, &in, out, &r->db.arena, &r->db.err);
}

static enum status release(struct rig *r, struct authorization_answer *out)
{
    return r->g->void_authorization(r->g->state, "mem_0/mth_0/authorization", 1000, out,
                                    &r->db.arena, &r->db.err);
}

static void authorizations_are_injured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hold_rows); i++) {
        const struct hold_row *row = &hold_rows[i];
        struct authorization_answer a = {0};
        struct rig r;

        rig_open(&r);
        r.moment = GATEWAY_ON_AUTHORIZE, r.nth = 0, r.injury = row->injury;
        CHECK(hold(&r, &a) == row->status);
        if (row->status == OK) CHECK(a.outcome == row->told);
        r.moment = GATEWAY_ON_VOID;
        if (!row->done) CHECK(hold(&r, &a) == OK && a.outcome == AUTHORIZATION_HELD);
        r.nth = 0;
        CHECK(release(&r, &a) == row->status);
        if (row->status == OK) CHECK(a.outcome == row->told);
        CHECK(hold(&r, &a) == OK);
        CHECK(a.outcome == (row->done ? AUTHORIZATION_VOIDED : AUTHORIZATION_HELD));
        CHECK(release(&r, &a) == OK && a.outcome == AUTHORIZATION_VOIDED);
        CHECK(count_captured(&r) == 0);
        rig_close(&r);
    }
}

static void events_are_injured(void **state)
{
    struct gateway_charge const c = {"k", "tok_duplicate_callbacks", "EUR", "FOYER", 1000, 0};
    struct gateway_answer answer;
    struct gateway_event *e;
    struct rig r;
    size_t n;

    (void)state;
    rig_open(&r);
    struct test_db *t = &r.db;
    CHECK_OK(r.g->charge(r.g->state, &c, 1, &answer, &t->arena, &t->err));
    r.moment = GATEWAY_ON_EVENTS, r.nth = 0, r.injury = GATEWAY_DELAY_EVENTS;
    CHECK_OK(r.g->events(r.g->state, 0, DAY_MS, &e, &n, 9, &t->arena, &t->err));
    CHECK(n == 0);
    r.nth = 0, r.injury = GATEWAY_REPEAT_EVENTS;
    CHECK_OK(r.g->events(r.g->state, 0, DAY_MS, &e, &n, 9, &t->arena, &t->err));
    CHECK(n == 4 && strcmp(e[0].id, e[1].id) == 0 && e[1].cursor < e[2].cursor);
    CHECK_OK(r.g->events(r.g->state, 0, DAY_MS, &e, &n, 9, &t->arena, &t->err));
    CHECK(n == 2);
    rig_close(&r);
}

/* Its books name every capture, and tell when one obligation was captured more than once. */
static void keeps_books(void **state)
{
    static const struct gateway_charge charges[] = {
        {"mem_A/1/1/renewal/0/1",  "tok_visa",         "EUR", "F", 100,  1000},
        {"mem_A/1/1/renewal/0/10", "tok_visa",         "EUR", "F", 100,  1000}, /* a double */
        {"mem_A/1/1/renewal/01/2", "tok_visa",         "EUR", "F", 100,  1000},
        {"mem_A/1/1/renewal/0/2",  "tok_lost_card",    "EUR", "F", 100,  1000},
        {"mem_A/1/11/renewal/0/1", "tok_lost_reply",   "JPY", "F", 7,    1000},
        {"mem_AA/1/1/renewal/0/1", "tok_slow_capture", "BHD", "F", 5000, 1000},
        {"mem_AA/1/2/renewal/0/1", "tok_visa",         "AED", "F", 5,    2000},
    };
    struct gateway_answer answers[COUNT(charges)];
    struct sandbox_sum *sums;
    struct rig r;
    size_t n;

    (void)state;
    rig_open(&r);
    struct test_db *t = &r.db;
    CHECK_OK(r.g->charge(r.g->state, charges, COUNT(charges), answers, &t->arena, &t->err));
    CHECK_OK(sandbox_captured(r.g, 1000, &sums, &n, &t->arena, &t->err));
    CHECK(n == 2 && strcmp(sums[0].currency, "EUR") == 0 && strcmp(sums[1].currency, "JPY") == 0);
    CHECK(sums[0].captured == 3 && sums[0].amount_minor == 300 && sums[0].doubled == 1);
    CHECK(sums[1].captured == 1 && sums[1].amount_minor == 7 && sums[1].doubled == 0);
    CHECK_OK(sandbox_captured(r.g, 3 * DAY_MS, &sums, &n, &t->arena, &t->err));
    CHECK(n == 4 && strcmp(sums[0].currency, "AED") == 0 && strcmp(sums[1].currency, "BHD") == 0);
    CHECK(sums[1].captured == 1 && sums[1].amount_minor == 5000);
    rig_close(&r);
}

static void describes(void **state)
{
    struct gateway_method a, b, c, d;
    struct rig r;

    (void)state;
    rig_open(&r);
    struct test_db *t = &r.db;
    CHECK_OK(r.g->describe(r.g->state, "tok_visa", "one", &a, &t->arena, &t->err));
    CHECK_OK(r.g->describe(r.g->state, "tok_visa-2", "one", &b, &t->arena, &t->err));
    CHECK(strcmp(a.fingerprint, b.fingerprint) != 0 && a.expiry_month > 0);
    CHECK_OK(r.g->describe(r.g->state, "tok_visa@shared", "one", &c, &t->arena, &t->err));
    CHECK_OK(r.g->describe(r.g->state, "tok_visa@shared", "two", &d, &t->arena, &t->err));
    CHECK(strcmp(c.fingerprint, d.fingerprint) == 0 && strcmp(a.fingerprint, c.fingerprint) != 0);
    CHECK_OK(r.g->describe(r.g->state, "tok_no_recurring", "one", &a, &t->arena, &t->err));
    CHECK(!a.recurring);
    CHECK_OK(r.g->describe(r.g->state, "tok_carrier_rhein_de", "one", &b, &t->arena, &t->err));
    CHECK(b.kind == KIND_CARRIER && strcmp(b.operator_, "rhein_de") == 0 && b.expiry_month == 0);
    CHECK_OK(r.g->describe(r.g->state, "tok_lost_card", "one", &c, &t->arena, &t->err));
    CHECK(r.g->describe(r.g->state, "tok_refused", "", &a, &t->arena, &t->err) == E_INVALID);
    CHECK(t->err.fault == &METHOD_REFUSED);
    CHECK(r.g->describe(r.g->state, "tok_4242424242424241", "", &a, &t->arena, &t->err) ==
          E_INVALID);
    CHECK(r.g->describe(r.g->state, "tok_nothing", "", &a, &t->arena, &t->err) == E_NOT_FOUND);
    CHECK(t->err.fault == &METHOD_TOKEN_UNKNOWN);
    rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-02 tokens stand for cards, wallets, gift cards and carriers", stands_for),
        CASE("C-18 nothing else is a token, least of all a card number", is_no_token),
        CASE("E-09 scripts fail by attempt and by period", follows_its_script),
        CASE("E-09 scripts change on their day", changes_on_its_day),
        CASE("E-09 flaky methods fail as often as they say, the same every time",
             flakes_by_percent),
        CASE("B-11 every injury of a charge is told apart and mended by sending again", is_injured),
        CASE("reads fail when they are injured", reads_are_injured),
        CASE("B-10 injured authorizations are mended by asking again", authorizations_are_injured),
        CASE("B-11 events can come twice or be held back", events_are_injured),
        CASE("B-11 the sandbox's books tell captures, sums and doubles", keeps_books),
        CASE("C-18 C-15 methods are described, not their numbers", describes),
    };
    return RUN_CASES("sandbox", cases);
}
