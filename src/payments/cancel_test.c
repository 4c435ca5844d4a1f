/* cancel_test: cancelling, its confirmation, withdrawal, and lives of random actions (SPEC F, 2.2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"
#include "billing/reach.h"
#include "payments/ask_test.h"
#include "payments/begin.h"
#include "payments/leave.h"

static struct life life;

static int64_t member(const char *token)
{
    life_open(&life, "2024-01-10");
    int64_t const id = life_member(&life, "DE", "standard", "2024-01-10", "2024-01-10", token);
    life_run(&life, "2024-01-20");
    life.t.cx.actor = (struct actor){.role = ROLE_OWNER, .id = id, .surface = SURFACE_WEB};
    return id;
}

static enum status first_screen(int64_t id, bool keep, struct cancel_screen *out)
{
    struct cancel_first const in = {.account_id = id, .keep = keep};

    return cancel_begin(&life.t.cx, life.catalog, &in, out);
}

static enum status finish(int64_t id)
{
    struct membership m;

    return billing_cancel(&life.t.cx, life.catalog, id, &m);
}

static enum status withdraw(int64_t id, struct withdrawal *out)
{
    struct cancel_ask const in = {.account_id = id};

    return cancel_withdraw(&life.t.cx, life.catalog, &in, out);
}

static struct overview page(int64_t id)
{
    struct test_db *t = &life.t;
    struct overview_get const in = {.account_id = id};
    struct overview o;

    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    return o;
}

static size_t n_charges(int64_t id)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = id, .max = 1000));
    return n;
}

/* Golden 9. */
static void begun_only(void **state)
{
    struct cancel_screen s;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(first_screen(id, false, &s) == OK);
    CHECK(s.state == M_ACTIVE && !strcmp(s.last_day, "2024-02-09") && s.others_may_restart);
    CHECK(!strcmp(s.offer, "pause") && s.slots == 0);
    CHECK(*page(id).unfinished_since && !*page(id).last_day);
    CHECK(first_screen(id, false, &s) == OK); /* again is nothing new */
    life_run(&life, "2024-02-12");
    CHECK(life_told(&life, id, "membership.cancel_unfinished", "active") == 1);
    CHECK(life_look(&life, id).state == M_ACTIVE && n_charges(id) == 2);
    CHECK(*page(id).unfinished_since);
    CHECK(first_screen(id, true, &s) == OK && !*s.unfinished_since);
    CHECK(!*page(id).unfinished_since);
    life_end_well(&life);
}

static void kept_before_the_reminder(void **state)
{
    struct cancel_screen s;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(first_screen(id, false, &s) == OK && first_screen(id, true, &s) == OK);
    life_run(&life, "2024-02-05");
    CHECK(life_told(&life, id, "membership.cancel_unfinished", "") == 0);
    life_end_well(&life);
}

/* Golden 10. */
static void finished(void **state)
{
    struct test_db *t = &life.t;
    struct cancel_ask const none = {0};
    struct cancel_proof p;
    struct cancel_screen s;

    (void)state;
    (void)none;
    int64_t const id = member("tok_visa");
    struct cancel_ask const ask = {.account_id = id};
    CHECK(cancel_confirm(&t->cx, &ask, &p) == E_CONFLICT);
    CHECK(t->err.fault == &MEMBERSHIP_NOT_CANCELLED);
    CHECK(first_screen(id, false, &s) == OK && finish(id) == OK);
    CHECK(!*page(id).unfinished_since && !strcmp(page(id).last_day, "2024-02-09"));
    CHECK(life_told(&life, id, "membership.ending", "\"last_day\":\"2024-02-09\"") == 1);
    CHECK(life_told(&life, id, "membership.ending", "\"reference\":\"cnl_") == 1);
    CHECK_OK(cancel_confirm(&t->cx, &ask, &p));
    CHECK(!strcmp(p.last_day, "2024-02-09") &&
          life_told(&life, id, "membership.cancel_confirmed", p.reference) == 1 &&
          life_told(&life, id, "membership.ending", p.reference) == 1);
    CHECK(first_screen(id, false, &s) == E_CONFLICT);
    life_run(&life, "2024-02-09");
    CHECK(state_has_access((enum membership_state)life_look(&life, id).state));
    life_run(&life, "2024-02-11");
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK(life_told(&life, id, "membership.cancel_unfinished", "") == 0);
    life_run(&life, "2025-06-01");
    CHECK(n_charges(id) == 1);
    life_end_well(&life);
}

static void undone(void **state)
{
    struct test_db *t = &life.t;
    struct cancel_undone u;

    (void)state;
    int64_t const id = member("tok_visa");
    struct cancel_ask const ask = {.account_id = id};
    CHECK(cancel_undo(&t->cx, life.catalog, &ask, &u) == E_CONFLICT);
    CHECK(finish(id) == OK);
    CHECK_OK(cancel_undo(&t->cx, life.catalog, &ask, &u));
    CHECK(u.state == M_ACTIVE && !strcmp(u.next_charge_on, "2024-02-10"));
    CHECK(life_look(&life, id).anchor_day == life_day("2024-01-10"));
    life_run(&life, "2024-02-11");
    CHECK(n_charges(id) == 2);
    life_end_well(&life);
}

/* What was unpaid when it was cancelled is so again, and is dunned on. */
static void undone_in_grace(void **state)
{
    struct test_db *t = &life.t;
    struct cancel_undone u;

    (void)state;
    int64_t const id = member("tok_until_20240201");
    struct cancel_ask const ask = {.account_id = id};
    life_run(&life, "2024-02-12");
    CHECK(life_look(&life, id).state == M_GRACE && finish(id) == OK);
    CHECK_OK(cancel_undo(&t->cx, life.catalog, &ask, &u));
    CHECK(u.state == M_GRACE);
    life_run(&life, "2024-02-20");
    CHECK(life_look(&life, id).state == M_HOLD);
    life_end_well(&life);
}

static void withdrawn(void **state)
{
    static const struct {
        const char *day;
        int64_t back;
    } cases[] = {
        {"2024-01-10", 1299}, /* the day of joining */
        {"2024-01-20", 880 }, /* 10 of 31 days are served */
        {"2024-01-23", 755 },
        {"2024-01-24", 713 }, /* the fourteenth day after it */
        {"2024-01-25", -1  },
    };
    struct test_db *t = &life.t;
    const char *at = strstr(life_catalog, "    prices: [{plan: basic");
    struct withdrawal w;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        life_open(&life, "2024-01-10");
        life_apply(&life,
                   arena_printf(&t->arena,
                                "%.*s    settings: {withdrawal_days: 14, source: example},\n%s",
                                (int)(at - life_catalog), life_catalog, at));
        struct begin_start in = {.email = "a@example.com",
                                 .name = "A Example",
                                 .country = "DE",
                                 .plan = "standard",
                                 .token = "tok_visa"};
        struct begin_answer a;
        CHECK_OK(begin_describe(&t->cx, &life.world, &in));
        CHECK_OK(begin_start(&t->cx, life.catalog, &in, &a));
        CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &a));
        CHECK(a.state == M_ACTIVE);
        if (i) life_run(&life, cases[i].day);
        if (i == 1) CHECK(finish(a.account_id) == OK); /* also while it is ending */
        if (cases[i].back < 0) {
            CHECK(withdraw(a.account_id, &w) == E_CONFLICT);
            CHECK(t->err.fault == &MEMBERSHIP_NO_WITHDRAWAL);
        } else {
            CHECK_OK(withdraw(a.account_id, &w));
            if (w.amount_minor != cases[i].back)
                FAIL("%s: %lld", cases[i].day, (long long)w.amount_minor);
            CHECK(w.state == M_CANCELED && !state_has_access(M_CANCELED));
            CHECK(life_look(&life, a.account_id).end_day == life_day(cases[i].day));
            life_run(&life, "2024-04-01");
            CHECK(n_charges(a.account_id) == 1);
        }
        life_end_well(&life);
    }
    int64_t const id = member("tok_visa"); /* a country that does not grant it */
    CHECK(withdraw(id, &w) == E_CONFLICT && t->err.fault == &MEMBERSHIP_NO_WITHDRAWAL);
    life_end_well(&life);
}

static void with_credit(void **state)
{
    struct test_db *t = &life.t;
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 2700, .currency = "EUR"};
    struct overview o;
    struct charge *c;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    struct leave in = {.account_id = id, .until = UNTIL_CREDIT};
    gift.account_id = id;
    CHECK(leave(&t->cx, life.catalog, &in, &o) == E_CONFLICT);
    CHECK(t->err.fault == &MEMBERSHIP_NO_CREDIT && life_look(&life, id).state == M_ACTIVE);
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    CHECK(o.state == M_ENDING && !strcmp(o.last_day, "2024-04-09")); /* two more periods */
    life_run(&life, "2024-02-12");
    CHECK(life_look(&life, id).state == M_ENDING);
    life_run(&life, "2024-04-08");
    CHECK(life_look(&life, id).state == M_ENDING);
    life_run(&life, "2024-06-01");
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK(life_look(&life, id).end_day == life_day("2024-04-10"));
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = id, .max = 100));
    CHECK(n == 3 && c[1].amount_minor == 0 && c[2].amount_minor == 0); /* no method was charged */
    life_end_well(&life);
}

/* What credit will be taken for is shown, and no more. */
static void with_credit_foreseen(void **state)
{
    struct test_db *t = &life.t;
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 2700, .currency = "EUR"};
    struct overview o;
    struct reach reach;

    (void)state;
    int64_t const id = member("tok_visa");
    struct leave const in = {.account_id = id, .until = UNTIL_CREDIT};
    gift.account_id = id;
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    CHECK(strcmp(page(id).next_charge_on, "2024-02-10") == 0 && page(id).next_total_minor == 1299);
    CHECK_OK(credit_post(&t->cx, &gift, NULL)); /* takes the end no further */
    CHECK_OK(reach_of(&t->cx, life.catalog, id, &reach));
    CHECK(reach.until_day == life_day("2024-04-09") && !reach.short_day && !reach.short_minor);
    life_run(&life, "2024-02-12");
    CHECK(strcmp(page(id).next_charge_on, "2024-03-10") == 0 && page(id).next_total_minor == 1299);
    life_run(&life, "2024-03-12");
    CHECK(!*page(id).next_charge_on && n_charges(id) == 3);
    CHECK(strcmp(page(id).next_problem, "billing.no_next_charge") == 0);
    life_end_well(&life);
}

/* The third period costs more than is left for it: the end that is told is the one that comes. */
static void a_dearer_period_ends_it(void **state)
{
    struct test_db *t = &life.t;
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 3900, .currency = "EUR"};
    struct overview o;
    struct reach reach;

    (void)state;
    int64_t const id = member("tok_visa");
    struct leave const in = {.account_id = id, .until = UNTIL_CREDIT};
    gift.account_id = id;
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(reach_of(&t->cx, life.catalog, id, &reach));
    CHECK(reach.until_day == life_day("2024-04-09"));
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    CHECK(strcmp(o.last_day, "2024-04-09") == 0);
    life_run(&life, "2024-06-01");
    CHECK(life_look(&life, id).end_day == life_day("2024-04-10"));
    CHECK_OK(reach_of(&t->cx, life.catalog, id, &reach));
    CHECK(reach.balance_minor == 3900 - 2 * 1299);
    life_end_well(&life);
}

/* We were away until the end that was told had passed, and bill no missed periods. */
static void with_credit_after_an_outage(void **state)
{
    struct settings away = settings_default;
    struct test_db *t = &life.t;
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 2700, .currency = "EUR"};
    struct overview o;
    struct charge *c;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    struct leave const in = {.account_id = id, .until = UNTIL_CREDIT};
    away.bill_missed_periods = 0;
    gift.account_id = id;
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    life.world.test_clock = false;
    t->cx.settings = &away;
    t->cx.now = life_day("2024-05-20") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK(life_look(&life, id).end_day == life_day("2024-02-10"));
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = id, .max = 100));
    CHECK(n == 1);
    t->cx.settings = &settings_default;
    life_end_well(&life);
}

static void without_methods(void **state)
{
    struct test_db *t = &life.t;
    struct overview o;

    (void)state;
    int64_t const id = member("tok_visa;tok_mastercard");
    struct leave const in = {.account_id = id, .remove_methods = true};
    struct method_list const all = {.account_id = id};
    struct methods_view v;
    CHECK_OK(leave(&t->cx, life.catalog, &in, &o));
    CHECK(o.state == M_ENDING && life_look(&life, id).method_id == 0);
    CHECK_OK(method_list(&t->cx, &all, &v));
    CHECK(v.n == 0);
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, id).state == M_CANCELED);
    life_end_well(&life);
}

/* ---- lives of random actions ---- */

static uint64_t dice;
static int64_t roll(int64_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(dice >> 33) % sides;
}

static void act(int64_t id)
{
    struct test_db *t = &life.t;
    struct pause_do const pause = {.account_id = id};
    struct begin_restart const restart = {.account_id = id};
    struct begin_resume const resume = {.account_id = id};
    struct cancel_ask const ask = {.account_id = id};
    struct begin_answer a;
    struct pause_view v;
    struct cancel_screen s;
    struct cancel_undone u;
    struct withdrawal w;

    switch (roll(9)) {
    case 0: (void)!pause_decide(&t->cx, life.catalog, &pause, &v); break;
    case 1: (void)!pause_extend(&t->cx, life.catalog, &pause, &v); break;
    case 2:
    case 3:
        if (begin_resume(&t->cx, life.catalog, &resume, &a) == OK)
            CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &a));
        break;
    case 4: (void)!finish(id); break;
    case 5:
    case 6:
        if (begin_restart(&t->cx, life.catalog, &restart, &a) == OK)
            CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &a));
        break;
    case 7: (void)!first_screen(id, roll(2), &s); break;
    case 8:
        if (roll(4) == 0)
            (void)!cancel_undo(&t->cx, life.catalog, &ask, &u);
        else
            (void)!withdraw(id, &w);
        break;
    }
}

/* After a completed cancel no charge is made unless it was undone or restarted. */
static void check_no_charge(int64_t id)
{
    struct test_db *t = &life.t;
    struct membership_event_row *e;
    struct charge *c;
    size_t n, n_c;
    int64_t since = 0;

    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = id, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        if (e[i].event == MEV_CANCEL || e[i].event == MEV_WITHDRAW) since = e[i].happened_at;
        if (e[i].event == MEV_RESTART || e[i].event == MEV_UNDO_CANCEL) since = 0;
    }
    if (!since) return;
    CHECK_OK(charges_of(&t->cx, &c, &n_c, .account_id = id, .max = 1000));
    for (size_t i = 0; i < n_c; i++)
        if (c[i].wanted_at > since) FAIL("a charge after a cancel");
}

static void random_lives(void **state)
{
    static const char *const tokens[] = {"tok_visa", "tok_flaky_7_40", "tok_lost_reply",
                                         "tok_slow_capture", "tok_lost_request"};

    (void)state;
    for (int64_t seed = 1; seed <= 40; seed++) {
        char when[32], day[DAY_TEXT];

        dice = (uint64_t)seed;
        int64_t const id = member(tokens[roll((int64_t)COUNT(tokens))]);
        life.t.cx.actor.proven = true;
        int64_t today = life_day("2024-01-20");
        snprintf(when, sizeof when, "seed %d", (int)seed);
        for (int i = 0; i < 25; i++) {
            act(id);
            today += roll(20);
            life_run(&life, day_text(today, day));
            check_no_charge(id);
        }
        life_is_well(&life, when);
        parts_check_all(&life.t.cx);
        life_close(&life);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("F-02 F-11 F-19 F-22 golden 9: a cancel that is begun only cancels nothing",
             begun_only),
        CASE("F-02 a cancel that was given up is not recalled", kept_before_the_reminder),
        CASE("F-01 F-03 F-04 F-05 F-06 F-07 Y-03 golden 10: a completed cancel, its proof, no "
             "charge "
             "ever",
             finished),
        CASE("F-13 a cancel is undone before its date: same plan and anchor", undone),
        CASE("F-13 E-02 undone in grace, what is unpaid is dunned on", undone_in_grace),
        CASE("F-24 withdrawal within the country's days gives back what is not served", withdrawn),
        CASE("F-10 F-07 an outage takes nobody past the end that credit reaches to",
             with_credit_after_an_outage),
        CASE("F-10 J-08 a cancel until the credit is used up ends before a period that it cannot "
             "pay",
             a_dearer_period_ends_it),
        CASE("F-10 J-03 a cancel until the credit is used up charges no method", with_credit),
        CASE("F-10 A-09 B-12 J-08 what credit pays before the end is foreseen",
             with_credit_foreseen),
        CASE("F-21 stored methods are removed with the cancel", without_methods),
        CASE("F-07 B-14 random lives: no charge after a cancel, no day paid twice", random_lives),
    };
    return RUN_CASES("cancel", tests);
}
