/* move_test: owners move their billing day (SPEC B-13) - what is shown, charged, explained, told;
 * each reason why not; and what comes between. SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"
#include "billing/explain.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "payments/call_test.h"

static const char move[] = "membership.move_billing_day", show[] = "preview.billing_day";

static const char *to(int64_t day)
{
    return arena_printf(&life.t.arena, "{\"day\":%lld}", (long long)day);
}

static int64_t opened(const char *place, const char *joined, const char *today, const char *tokens)
{
    life_open(&life, "2024-01-01");
    life.t.settings.billing_day_moves = 1;
    int64_t const m = life_member(&life, place, "standard", joined, "2024-01-01", tokens);
    life_run(&life, today);
    return m;
}

/* Since the 10th of December; the month from 10 January on is paid. */
static int64_t member(const char *tokens)
{
    return opened("DE", "2023-12-10", "2024-01-20", tokens);
}

/* The 15 days from 10 to 24 February of a month of 29, for 12.99: 6.72. */
static void shows_and_charges(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");
    struct membership const before = life_look(&life, m);
    const char *what;

    says(owner_of(m), show, to(25),
         "\"old_day\":10,\"day\":25,\"days\":15,\"from\":\"2024-02-10\",\"until\":\"2024-02-24\","
         "\"charge_net_minor\":565,\"charge_tax_minor\":107,\"charge_minor\":672");
    says(owner_of(m), show, to(25),
         "\"period_start\":\"2024-02-25\",\"period_end\":\"2024-03-25\","
         "\"next_charge_on\":\"2024-02-25\",\"next_total_minor\":1299");
    CHECK(life_look(&life, m).version == before.version);
    says(owner_of(m), move, to(25), "\"state\":\"done\",\"old_day\":10,\"day\":25");
    struct charge const gap = life_newest(&life, m, CHARGE_CHANGE);
    CHECK(gap.charge_state == CHARGE_CAPTURED && gap.amount_minor == 672);
    CHECK(gap.due_on_day == life_day("2024-01-20") &&
          life_explains(&life, gap.charge_id, WHY_DAY_MOVED));
    CHECK(!life_explains(&life, gap.charge_id, WHY_PLAN_UPGRADE));
    struct membership const now = life_look(&life, m);
    CHECK(now.term == 2 && now.k == -1 && now.anchor_day == life_day("2024-02-25"));
    CHECK(now.step == STEP_RENEW && now.period_end_day == now.anchor_day);
    CHECK(told(m, "membership.billing_day_moved", "days_until", &what) == 1);
    CHECK(strcmp(what, "2024-02-24") == 0);
    says(owner_of(m), "preview.next", "{}", "\"date\":\"2024-02-25\"");
    says(owner_of(m), "preview.next", "{}", "\"code\":\"day_moved\"");
    says(owner_of(m), "guide.charged_twice", "{}", "charged.\",\"verdict\":\"yes\"");
    life_run(&life, "2024-02-20");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2024-01-10"));
    life_run(&life, "2024-03-26");
    struct charge const next = life_newest(&life, m, CHARGE_RENEWAL);
    CHECK(next.due_on_day == life_day("2024-03-25") && next.amount_minor == 1299);
    all_is_well();
}

/* What the document, the history and the books say of it. */
static void is_documented(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");
    struct test_db *t = &life.t;
    struct receipt_view v;
    struct history h;

    says(owner_of(m), move, to(25), "\"done\"");
    struct charge const gap = life_newest(&life, m, CHARGE_CHANGE);
    char id[ID_TEXT];
    struct receipt_ask const ask = {
        .account_id = m, .reference = id_text("chg", gap.charge_id, id), .locale = "en"};
    CHECK_OK(receipt_load(&t->cx, &ask, &v));
    CHECK(strstr(v.period, "February 10, 2024") && strstr(v.period, "February 24, 2024"));
    CHECK(strcmp(v.cause, "The days until your new billing day.") == 0 && *v.number);
    life_run(&life, "2024-02-26");
    CHECK_OK(history_load(&t->cx, m, &h));
    CHECK(h.n == 3 && h.rows[1].charge->kind == CHARGE_CHANGE);
    CHECK(h.rows[1].n_changes == 1 && strcmp(h.rows[1].changes[0].name, "day") == 0);
    CHECK(h.rows[1].changes[0].new_.number == 25 && h.rows[2].n_changes == 1);
    CHECK(life_explains(&life, life_newest(&life, m, CHARGE_RENEWAL).charge_id, WHY_DAY_MOVED));
    /* who asked for it */
    says(owner_of(m), "charge.explain", json_of("reference", id), "\"changed_by\"");
    says(owner_of(m), "membership.get", "{}", "\"effect\":\"moved\"");
    all_is_well();
}

/* 31 January, 28 February is there already: nothing to pay, and the day is the 28th from then on.
 */
static void nothing_to_pay(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2022-12-31", "2024-01-01", "tok_visa");

    CHECK(life_look(&life, m).period_end_day == life_day("2024-01-31"));
    life_run(&life, "2024-02-05"); /* until 29 February */
    says(owner_of(m), show, to(28), "\"days\":28,\"from\":\"2024-02-29\",\"until\":\"2024-03-27\"");
    life_close(&life);
    int64_t const o = opened("DE", "2023-08-29", "2024-01-30", "tok_visa");
    run_sql("UPDATE membership SET anchor_day = anchor_day + 2");
    CHECK(life_look(&life, o).period_end_day == life_day("2024-02-29"));
    life_close(&life);
}

static void falls_on_the_date(void **state)
{
    (void)state;
    life_open(&life, "2023-02-01");
    life.t.settings.billing_day_moves = 1;
    int64_t const m = life_member(&life, "DE", "standard", "2022-12-31", "2023-02-01", "tok_visa");
    life_run(&life, "2023-02-10"); /* paid until 28 February */
    says(owner_of(m), show, to(28), "\"days\":0,\"from\":\"\",\"until\":\"\"");
    says(owner_of(m), move, to(28), "\"state\":\"done\",\"old_day\":31,\"day\":28,\"days\":0");
    CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_id == 0);
    CHECK(life_look(&life, m).anchor_day == life_day("2023-02-28"));
    life_run(&life, "2023-04-01");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2023-03-28"));
    all_is_well();
}

/* ---- why not ---- */

static void neither_shown_nor_done(int64_t m, int64_t day, const char *code)
{
    struct membership const before = life_look(&life, m);

    refused(owner_of(m), show, to(day), code);
    refused(owner_of(m), move, to(day), code);
    CHECK(life_look(&life, m).version == before.version);
}

static void only_where_it_is_offered(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");
    struct actor const agent = {.role = ROLE_AGENT, .id = 7, .surface = SURFACE_CONTACT};

    char id[ID_TEXT];
    const char *whose =
        arena_printf(&life.t.arena, "{\"member\":\"%s\",\"day\":25}", id_text("mem", m, id));

    refused(agent, move, whose, "op.not_allowed");
    says(agent, show, whose, "\"charge_minor\":672");
    refused((struct actor){.role = ROLE_PROFILE, .id = m}, show, whose, "op.not_allowed");
    refused(owner_of(m), move, to(0), "day");
    refused(owner_of(m), move, to(29), "day");
    neither_shown_nor_done(m, 10, "change.same_day");
    life.t.settings.billing_day_moves = 0;
    neither_shown_nor_done(m, 25, "policy.day_fixed");
    life.t.settings.billing_day_moves = 1;
    run_sql("UPDATE membership SET biller = 'store'");
    neither_shown_nor_done(m, 25, "policy.partner_day");
    life_close(&life);
}

static void only_with_its_methods(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");

    life.t.settings.billing_day_methods = "wallet";
    neither_shown_nor_done(m, 25, "policy.day_method");
    life.t.settings.billing_day_methods = "card,wallet";
    run_sql("UPDATE method SET method_kind = 'carrier'");
    neither_shown_nor_done(m, 25, "policy.day_method");
    run_sql("UPDATE membership SET method_id = 0");
    neither_shown_nor_done(m, 25, "policy.day_method");
    life_close(&life);
}

static void not_on_the_day(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2023-12-10", "2024-01-01", "tok_visa");
    struct test_db *t = &life.t;

    t->cx.now = life_day("2024-01-10") * DAY_MS - 3600000; /* midnight in Berlin */
    neither_shown_nor_done(m, 25, "policy.day_today");
    life_run(&life, "2024-01-10");
    neither_shown_nor_done(m, 25, "policy.day_today"); /* charged today */
    t->cx.now = life_day("2024-01-11") * DAY_MS - 3600001;
    neither_shown_nor_done(m, 25, "policy.day_today");
    t->cx.now++;
    says(owner_of(m), show, to(25), "\"days\":15");
    life_close(&life);
}

static void not_for_nothing(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    life.t.settings.billing_day_moves = 1;
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-10", "2024-01-01", "tok_visa");
    run_sql("UPDATE membership SET period_start_day = period_start_day - 20");
    neither_shown_nor_done(m, 25, "policy.day_free");
    life_run(&life, "2024-01-20");
    says(owner_of(m), move, to(25), "\"done\"");
    /* once before it is charged on the new day */
    life_run(&life, "2024-02-15");
    neither_shown_nor_done(m, 3, "policy.day_moved");
    life_run(&life, "2024-02-27");
    says(owner_of(m), move, to(3), "\"days\":9,\"from\":\"2024-03-25\"");
    all_is_well();
}

static void not_beside_other_plans(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");

    says(owner_of(m), "membership.pause", "{}", "");
    neither_shown_nor_done(m, 25, "policy.day_pause");
    says(owner_of(m), "membership.resume", "{}", "");
    says(owner_of(m), "membership.change_plan", "{\"plan\":\"basic\",\"accept_losses\":true}", "");
    neither_shown_nor_done(m, 25, "policy.day_planned");
    says(owner_of(m), "membership.undo_change", "{}", "");
    run_sql("INSERT INTO slot SELECT 5, account_id, 1, 'active', 'canceled', 0, period_start_day,"
            " period_end_day, period_end_day, 'charged', 0, 'EUR', plan, term, k, 31, 0, 'owner',"
            " account_id, 'web', '', '' FROM membership");
    neither_shown_nor_done(m, 25, "policy.day_planned");
    run_sql("DELETE FROM slot");
    says(owner_of(m), "membership.cancel", "{}", "ending");
    neither_shown_nor_done(m, 25, "policy.ending");
    life_run(&life, "2024-02-12");
    neither_shown_nor_done(m, 25, "policy.ended");
    life_close(&life);
}

static void not_in_trouble(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2023-12-10", "2024-01-12", "tok_insufficient_funds");

    CHECK(life_look(&life, m).state == M_GRACE);
    neither_shown_nor_done(m, 25, "policy.unpaid");
    life_run(&life, "2024-01-17");
    CHECK(life_look(&life, m).state == M_HOLD);
    neither_shown_nor_done(m, 25, "policy.unpaid");
    run_sql("UPDATE account SET locked_at = 1");
    neither_shown_nor_done(m, 25, "policy.locked");
    run_sql("UPDATE account SET locked_at = 0");
    run_sql("UPDATE membership SET state = 'paused'");
    neither_shown_nor_done(m, 25, "policy.paused");
    run_sql("UPDATE membership SET state = 'pending'");
    neither_shown_nor_done(m, 25, "policy.payment_pending");
    life_close(&life);
}

/* ---- what may come between ---- */

static void a_decline_changes_nothing(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2023-12-10", "2024-01-05", "tok_insufficient_funds");
    struct membership const before = life_look(&life, m);

    says(owner_of(m), move, to(25), "\"state\":\"refused\"");
    struct membership const after = life_look(&life, m);
    CHECK(after.anchor_day == before.anchor_day && after.term == before.term);
    CHECK(after.due_at == before.due_at && after.state == M_ACTIVE && after.step == STEP_RENEW);
    CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_state == CHARGE_CANCELED);
    CHECK(told(m, "membership.billing_day_refused", NULL, NULL) == 1);
    CHECK(told(m, "membership.billing_day_moved", NULL, NULL) == 0);
    /* with a card that pays it is another wish */
    run_sql("UPDATE method SET token = 'tok_visa', fingerprint = 'f'");
    says(owner_of(m), move, to(25), "\"state\":\"done\"");
    all_is_well();
}

/* An answer that is lost is looked up; nothing has moved until it is known. In time it moves the
 * day; when nobody waits any more, or the renewal was booked meanwhile, the money goes back. */
static void a_lost_answer_is_looked_up(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        int64_t const m = opened("DE", "2023-12-10", "2024-01-20", "tok_visa");
        struct test_db *t = &life.t;
        struct refund_left left;

        t->settings.pending_minutes = late ? 60 : 4 * 1440;
        run_sql("UPDATE method SET token = 'tok_slow_capture', fingerprint = 'f'");
        says(owner_of(m), move, to(25), "\"state\":\"pending\"");
        CHECK(life_look(&life, m).anchor_day == life_day("2023-12-10"));
        CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_state == CHARGE_UNKNOWN);
        refused(owner_of(m), move, to(25), "billing.payment_in_flight");
        refused(owner_of(m), show, to(3), "billing.payment_in_flight");
        refused(owner_of(m), "membership.change_plan", "{\"plan\":\"basic\"}",
                "billing.payment_in_flight");
        life_run(&life, "2024-01-25");
        struct charge const c = life_newest(&life, m, CHARGE_CHANGE);
        CHECK(c.charge_state == CHARGE_CAPTURED && c.amount_minor == 672);
        CHECK(life_look(&life, m).anchor_day == life_day(late ? "2023-12-10" : "2024-02-25"));
        CHECK_OK(refund_left(&t->cx, m, c.charge_id, &left));
        CHECK(left.total_minor == (late ? 0 : 672));
        CHECK(told(m, "membership.billing_day_refused", NULL, NULL) == (size_t)late);
        CHECK(life_explains(&life, c.charge_id, late ? WHY_CHANGE_NOT_MADE : WHY_DAY_MOVED));
        all_is_well();
    }
}

/* What was decided meanwhile stands, and the money goes back. */
static void what_is_decided_meanwhile_stands(void **state)
{
    static const char *const ways[] = {"renewal", "membership.pause", "membership.cancel"};

    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        int64_t const m = opened("DE", "2023-12-10", i ? "2024-02-05" : "2024-02-09", "tok_visa");
        struct test_db *t = &life.t;
        struct refund_left left;

        t->settings.pending_minutes = 9 * 1440;
        run_sql("UPDATE method SET token = 'tok_slow_capture', fingerprint = 'f'");
        says(owner_of(m), move, to(25), "\"state\":\"pending\"");
        if (i) says(owner_of(m), ways[i], "{}", "");
        run_sql("UPDATE method SET token = 'tok_visa', fingerprint = 'g'");
        life_run(&life, "2024-02-14");
        struct charge const c = life_newest(&life, m, CHARGE_CHANGE);
        CHECK(c.charge_state == CHARGE_CAPTURED && life_look(&life, m).term == 1);
        CHECK_OK(refund_left(&t->cx, m, c.charge_id, &left));
        CHECK(left.total_minor == 0);
        CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day ==
              life_day(i ? "2024-01-10" : "2024-02-10"));
        life_run(&life, "2024-02-20");
        CHECK(told(m, "membership.billing_day_refused", NULL, NULL) == 1);
        all_is_well();
    }
}

/* Price and taxes are those of the first day that is charged: the new price counts from 1 April. */
static void prices_of_the_first_day(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2023-12-05", "2024-03-10", "tok_visa");

    says(owner_of(m), show, to(20), "\"days\":15,\"from\":\"2024-04-05\"");
    says(owner_of(m), show, to(20), "\"charge_minor\":700,"); /* 13.99 * 15 / 30 */
    says(owner_of(m), move, to(20), "\"charge_minor\":700,");
    CHECK(life_explains(&life, life_newest(&life, m, CHARGE_CHANGE).charge_id, WHY_PRICE_CHANGE));
    all_is_well();
    int64_t const us = opened("US CA", "2023-12-15", "2024-03-10", "tok_visa");
    says(owner_of(us), move, to(1), /* 15.49 * 17 / 31 and 7.25 % on top */
         "\"days\":17,\"from\":\"2024-03-15\",\"until\":\"2024-03-31\",\"charge_net_minor\":849,"
         "\"charge_tax_minor\":62,\"charge_minor\":911");
    life_run(&life, "2024-05-02");
    CHECK(life_newest(&life, us, CHARGE_RENEWAL).due_on_day == life_day("2024-05-01"));
    all_is_well();
}

/* Midnight is the account's, before and after clocks change (31 March in Berlin). */
static void zones_keep_their_midnight(void **state)
{
    (void)state;
    int64_t const m = opened("DE", "2023-12-15", "2024-03-20", "tok_visa");

    says(owner_of(m), move, to(1), "\"period_start\":\"2024-05-01\"");
    CHECK(life_look(&life, m).due_at == life_day("2024-05-01") * DAY_MS - 2 * 3600000);
    all_is_well();
    int64_t const jp = opened("JP", "2023-12-15", "2024-03-20", "tok_visa");
    says(owner_of(jp), move, to(20), "\"days\":5,");
    CHECK(life_look(&life, jp).due_at == life_day("2024-04-20") * DAY_MS - 9 * 3600000);
    all_is_well();
}

/* Credit pays for the days before any method does. */
static void credit_pays_first(void **state)
{
    (void)state;
    for (int64_t credit = 300; credit <= 1000; credit += 700) {
        int64_t const m = member("tok_visa");
        struct test_db *t = &life.t;
        struct credit_move const given = {.account_id = m,
                                          .kind = CREDIT_ISSUE,
                                          .amount_minor = credit,
                                          .currency = "EUR",
                                          .reason = "goodwill"};

        CHECK_OK(credit_post(&t->cx, &given, NULL));
        says(owner_of(m), move, to(25), "\"state\":\"done\"");
        struct charge const c = life_newest(&life, m, CHARGE_CHANGE);
        CHECK(c.charge_state == CHARGE_CAPTURED && c.credit_minor + c.amount_minor == 672);
        CHECK(c.credit_minor == (credit < 672 ? credit : 672));
        all_is_well();
    }
}

/* The same catalog with another policy for changes, and slots for 4.99. */
static const char *with_policy(const char *policy)
{
    const char *const countries = strstr(life_catalog, "countries:"),
                      *const taxes = strstr(life_catalog, "    taxes: [{name: VAT"),
                      *const prices = strstr(life_catalog, "{plan: basic, from");

    return arena_printf(&life.t.arena,
                        "%.*ssettings:\n  now: {change_policy: %s, source: test}\n%.*s"
                        "    settings: now,\n%.*s{plan: standard, addon: extra_member, "
                        "from: 2015-01-01, amount: 4.99},\n             %s",
                        (int)(countries - life_catalog), life_catalog, policy,
                        (int)(taxes - countries), countries, (int)(prices - taxes), taxes, prices);
}

/* After it the paid days are more than a month: what is changed then is charged for all of them. */
static void changes_count_to_the_new_day(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    life_apply(&life, with_policy("prorate_now"));
    life.t.settings.billing_day_moves = 1;
    int64_t const m = life_member(&life, "DE", "basic", "2023-12-10", "2024-01-01", "tok_visa");
    life_run(&life, "2024-01-12");
    says(owner_of(m), move, to(25), "\"charge_minor\":413,"); /* 7.99 * 15 / 29 */
    /* 44 days of a month of 31: 5.00 * 44 / 31 */
    says(owner_of(m), "membership.change_plan", "{\"plan\":\"standard\"}", "\"charge_minor\":710,");
    life_run(&life, "2024-02-26");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1299);
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2024-02-25"));
    all_is_well();
}

/* Where the anchor was shifted a plan change has paid for fewer days; they may be moved from there,
 * and the charge stands before the first period of its term. */
static void moves_after_a_shift(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    life_apply(&life, with_policy("shift_anchor"));
    life.t.settings.billing_day_moves = 1;
    int64_t const m = life_member(&life, "DE", "basic", "2023-12-10", "2024-01-01", "tok_visa");
    life_run(&life, "2024-01-12");
    /* 29 days at 7.99 are worth 17.8 at 12.99: 18 */
    says(owner_of(m), "membership.change_plan", "{\"plan\":\"standard\"}", "\"2024-01-30\"");
    says(owner_of(m), move, to(10), "\"days\":11,\"from\":\"2024-01-30\",");
    struct charge const gap = life_newest(&life, m, CHARGE_CHANGE);
    CHECK(gap.term == 2 && gap.k == -1 && gap.charge_state == CHARGE_CAPTURED);
    CHECK(life_explains(&life, gap.charge_id, WHY_DAY_MOVED));
    life_run(&life, "2024-03-12");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2024-03-10"));
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).term == 3);
    all_is_well();
}

/* Of a period that is paid ahead nothing is served before its first day: a change and a slot are
 * both taxed with the rate of then, 16 % and not 19 %. */
static void taxes_what_is_paid_ahead(void **state)
{
    struct test_db *t = &life.t;
    struct history h;
    size_t seen = 0;

    (void)state;
    life_open(&life, "2020-06-20");
    life_apply(&life, with_policy("prorate_now"));
    int64_t const m = life_member(&life, "DE", "basic", "2019-12-05", "2020-07-10", "tok_visa");
    CHECK(life_look(&life, m).period_start_day == life_day("2020-07-05"));
    says(owner_of(m), "preview.change", "{\"plan\":\"standard\"}",
         "\"effective_on\":\"2020-07-05\",\"charge_net_minor\":431,\"charge_tax_minor\":69,");
    says(owner_of(m), "membership.change_plan", "{\"plan\":\"standard\"}", "\"done\"");
    says(owner_of(m), "slot.buy", "{}", "\"active\"");
    CHECK_OK(history_load(&t->cx, m, &h));
    for (size_t i = 0; i < h.n; i++) {
        const struct history_charge *c = h.rows[i].charge;

        seen += c->kind == CHARGE_CHANGE && c->total_minor == 500 && c->tax_minor == 69;
        seen += c->kind == CHARGE_SLOT && c->total_minor == 499 && c->tax_minor == 69;
        CHECK(c->period_start_day == life_day("2020-07-05"));
    }
    CHECK(h.n == 2 && seen == 2);
    all_is_well();
}

/* The end is at the new date: it is paid until then. */
static void ends_with_the_new_period(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");

    says(owner_of(m), move, to(25), "\"done\"");
    says(owner_of(m), "membership.cancel", "{}", "\"2024-02-24\"");
    life_run(&life, "2024-02-24");
    CHECK(life_look(&life, m).state == M_ENDING);
    life_run(&life, "2024-02-26");
    CHECK(life_look(&life, m).state == M_CANCELED);
    all_is_well();
}

/* The same key is one move; another wish under it is a conflict. */
static void the_same_key_is_one_move(void **state)
{
    (void)state;
    int64_t const m = member("tok_visa");
    struct test_db *t = &life.t;

    t->cx.call_key = "once";
    says(owner_of(m), move, to(25), "\"done\"");
    t->cx.call_key = "once";
    says(owner_of(m), move, to(25), "\"done\"");
    t->cx.call_key = "once";
    refused(owner_of(m), move, to(3), "key");
    t->cx.call_key = NULL;
    CHECK(life_look(&life, m).term == 2);
    all_is_well();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-13, B-05 the days until the new day are shown, charged and explained",
             shows_and_charges),
        CASE("B-13, H-02, H-03 receipt, history and the one who asked", is_documented),
        CASE("B-13, B-03 a day that the month lacks is followed by the next that it has",
             nothing_to_pay),
        CASE("B-13, B-03 where the date is the new day already nothing is charged",
             falls_on_the_date),
        CASE("B-13, X-02 an option of the installation, of owners whom we bill",
             only_where_it_is_offered),
        CASE("B-13 only with the configured kinds of methods", only_with_its_methods),
        CASE("B-13, B-04 not on the billing day, by the account's own midnight", not_on_the_day),
        CASE("B-13 not in a free period, and once before the new day is charged", not_for_nothing),
        CASE("B-13, A-04, G-07, F-07 not beside a pause, change or end that is decided",
             not_beside_other_plans),
        CASE("B-13, A-05, L-10 not while a payment has failed, or the account is locked",
             not_in_trouble),
        CASE("B-13 a decline changes nothing", a_decline_changes_nothing),
        CASE("B-13, B-14 a lost answer is looked up, and late money goes back",
             a_lost_answer_is_looked_up),
        CASE("B-13, B-14 what is decided meanwhile stands", what_is_decided_meanwhile_stands),
        CASE("B-13, A-08, A-14 prices and taxes are those of the first day",
             prices_of_the_first_day),
        CASE("B-13, B-04 the new day begins at the account's midnight", zones_keep_their_midnight),
        CASE("B-13, J-03 credit pays for the days first", credit_pays_first),
        CASE("B-13, A-03, B-14 a change after it counts to the new day",
             changes_count_to_the_new_day),
        CASE("B-13, A-03, B-05 a move after the anchor was shifted", moves_after_a_shift),
        CASE("A-14, A-03, B-06 what is paid ahead is taxed as of its first day",
             taxes_what_is_paid_ahead),
        CASE("B-13, F-06 an end after it is at the new date", ends_with_the_new_period),
        CASE("B-13, B-11 the same key is one move", the_same_key_is_one_move),
    };
    return RUN_CASES("move", cases);
}
