/* purchase_test: plan changes and slots inside a period, by each policy, as owners make them; and
 * that the next charge is always what was shown before. SPDX-License-Identifier: Apache-2.0 */
#include "billing/price.h"
#include "billing/side.h"
#include "cli/doctor.h"
#include "db/outbox.h"
#include "payments/shop_test.h"
#include "policy/reasons_rules.h"

static void refused(int64_t account_id, const char *id, json_t *in, const struct fault *why)
{
    struct membership const before = life_look(&life, account_id);
    json_t *out = NULL;

    CHECK(call(account_id, id, in, &out) == why->status);
    if (life.t.err.fault != why) print_error("%s\n", life.t.err.fault->code);
    CHECK(life.t.err.fault == why);
    CHECK(life_look(&life, account_id).version == before.version);
    json_decref(out);
}

static json_t *losing(const char *plan)
{
    return json_pack("{s:s, s:b}", "plan", plan, "accept_losses", 1);
}

/* Golden scenario 3, first policy: 10 days after 31 January the rest of the period, 19 of 29 days
 * of February, is charged at once. 5.00 more a month: 3.28. */
static void prorates_now(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-10");

    json_t *shown = done(m, "preview.change", to_plan("premium"));
    CHECK(says(shown, "effect", "charged") && says(shown, "effective_on", "2024-02-10"));
    CHECK(number(shown, "days_left") == 19 && number(shown, "charge_minor") == 328);
    CHECK(number(shown, "next_total_minor") == 1799 && says(shown, "next_charge_on", "2024-02-29"));
    CHECK(strcmp(life_look(&life, m).plan, "standard") == 0);
    json_t *out = done(m, "membership.change_plan", to_plan("premium"));
    CHECK(says(out, "state", "done") && number(out, "charge_minor") == 328);
    CHECK(number(out, "charge_net_minor") == number(shown, "charge_net_minor"));
    CHECK(strcmp(life_look(&life, m).plan, "premium") == 0);
    struct charge const c = life_newest(&life, m, CHARGE_CHANGE);
    CHECK(c.charge_state == CHARGE_CAPTURED && c.amount_minor == 328 && c.subject != 0);
    CHECK(life_explains(&life, c.charge_id, WHY_PLAN_UPGRADE));
    json_decref(shown);
    json_decref(out);
    life_run(&life, "2024-03-02");
    struct charge const next = life_newest(&life, m, CHARGE_RENEWAL);
    CHECK(next.amount_minor == 1799 && next.due_on_day == life_day("2024-02-29"));
    CHECK(life_explains(&life, next.charge_id, WHY_FIRST)); /* the first that we charged */
    life_run(&life, "2024-04-02");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1799);
    refused(m, "membership.change_plan", to_plan("premium"), &CHANGE_SAME_PLAN);
    refused(m, "membership.change_plan", to_plan("basic"), &CHANGE_PLAN_CLOSED);
    refused(m, "membership.change_plan", to_plan("gold"), &PLAN_UNKNOWN);
    life_close(&life);
}

/* Second policy: 15.49 a month for 19 days are worth 12.8 days at 22.99: 13, so the period ends on
 * the 23rd, which is the new billing day; nothing is charged before. */
static void shifts_the_anchor(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "US CA", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-11"); /* still the 10th in New York */

    json_t *out = done(m, "membership.change_plan", to_plan("premium"));
    CHECK(says(out, "effect", "shifted") && says(out, "state", "done"));
    CHECK(number(out, "charge_minor") == 0 && says(out, "period_end", "2024-02-23"));
    CHECK(says(out, "next_charge_on", "2024-02-23") && number(out, "next_total_minor") == 2466);
    struct membership const now = life_look(&life, m);
    CHECK(now.term == 2 && now.k == -1 && now.anchor_day == life_day("2024-02-23"));
    CHECK(strcmp(now.plan, "premium") == 0 && life_newest(&life, m, CHARGE_CHANGE).charge_id == 0);
    json_decref(out);
    out = done(m, "membership.get", json_object()); /* the days until then are paid */
    CHECK(says(out, "period_start", "2024-01-31") && says(out, "period_end", "2024-02-23"));
    json_decref(out);
    life_run(&life, "2024-02-26");
    struct charge const first = life_newest(&life, m, CHARGE_RENEWAL);
    CHECK(first.amount_minor == 2466 && first.due_on_day == life_day("2024-02-23"));
    CHECK(first.term == 2 && first.k == 0 && first.charge_state == CHARGE_CAPTURED);
    life_run(&life, "2024-03-26");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2024-03-23"));
    life_close(&life);
}

/* Third policy: the plan at once, its price from the next date. */
static void waits_with_the_price(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "JP", "standard", "2023-12-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-10");

    json_t *out = done(m, "membership.change_plan", to_plan("Premium"));
    CHECK(says(out, "effect", "next_price") && says(out, "state", "done"));
    CHECK(strcmp(life_look(&life, m).plan, "premium") == 0);
    CHECK(says(out, "next_charge_on", "2024-02-29") && number(out, "next_total_minor") == 1980);
    json_decref(out);
    life_run(&life, "2024-03-02");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1980);
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day("2024-02-29"));
    life_close(&life);
}

/* Golden 3: who did it, and from where, stays with the change and is told with the charge. */
static void explains_who(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2023-10-15", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-20");
    json_decref(done(m, "membership.change_plan", to_plan("premium")));
    life_run(&life, "2024-03-20");
    struct test_db *t = &life.t;
    struct charge const paid[] = {life_newest(&life, m, CHARGE_CHANGE),
                                  life_newest(&life, m, CHARGE_RENEWAL)};
    for (size_t k = 0; k < COUNT(paid); k++) {
        struct explanation x;
        char id[ID_TEXT];
        static const char *const want[][2] = {
            {"changed_by",    "owner"       },
            {"changed_where", "web"         },
            {"changed_with",  "a television"}
        };
        size_t who = 0;

        CHECK_OK(explain_reference(&t->cx, id_text("chg", paid[k].charge_id, id), &x));
        for (size_t i = 0; i < x.causes.n; i++)
            for (size_t e = 0; e < x.causes.at[i].n; e++)
                for (size_t w = 0; w < COUNT(want); w++)
                    who += x.causes.at[i].cause == WHY_PLAN_UPGRADE &&
                           strcmp(x.causes.at[i].at[e].name, want[w][0]) == 0 &&
                           strcmp(x.causes.at[i].at[e].new_.text, want[w][1]) == 0;
        CHECK(who == COUNT(want));
    }
    life_close(&life);
}

/* SPEC A-09: what the next charge has, and what of it differs from the last one and why. */
static void shows_the_next_charge(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "premium", "2023-10-15", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-20");
    json_decref(done(m, "slot.buy", json_object()));
    json_decref(done(m, "membership.change_plan", losing("standard")));
    json_t *out = done(m, "preview.next", json_object());
    CHECK(says(out, "date", "2024-03-15") && number(out, "total_minor") == 1798);
    CHECK(number(out, "before_minor") == 1799 && number(out, "method_minor") == 1798);
    CHECK(number(out, "net_minor") + number(out, "tax_minor") == 1798);
    const json_t *lines = json_object_get(out, "lines");
    int64_t sum = 0, gone = 0, same = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *l = json_array_get(lines, i);
        const char *item = json_string_value(json_object_get(l, "item"));

        sum += number(l, "amount_minor");
        gone += number(l, "amount_minor") == 0 && strcmp(item, "premium") == 0;
        same += json_is_false(json_object_get(l, "differs"));
    }
    CHECK(sum == 1798 && gone == 1 && same <= 1);
    CHECK(json_array_size(json_object_get(out, "causes")) >= 2);
    json_decref(out);
    out = done(m, "membership.get", json_object());
    CHECK(says(out, "next_plan", "standard"));
    CHECK(json_array_size(json_object_get(out, "slots")) == 1);
    const json_t *change = json_array_get(json_object_get(out, "changes"), 0);
    CHECK(says(change, "by", "owner") && says(change, "surface", "web"));
    CHECK(says(change, "device", "a television") && says(change, "network", "192.0.2.7"));
    CHECK(says(change, "from_plan", "premium") && says(change, "state", "scheduled"));
    json_decref(out);
    life_close(&life);
}

static void declined_changes_nothing(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_insufficient_funds");
    struct membership const before = life_look(&life, m);
    json_t *out = done(m, "membership.change_plan", to_plan("premium"));
    struct membership const after = life_look(&life, m);

    CHECK(says(out, "state", "refused") && says(out, "code", "insufficient_funds"));
    CHECK(strcmp(after.plan, before.plan) == 0 && after.state == M_ACTIVE);
    CHECK(after.due_at == before.due_at && after.step == STEP_RENEW);
    CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_state == CHARGE_CANCELED);
    json_decref(out);
    /* The next wish is another change, not the same one again. */
    json_decref(done(m, "membership.change_plan", to_plan("premium")));
    CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_state == CHARGE_CANCELED);
    life_close(&life);
}

/* A cheaper plan comes at the next date; until then it can be withdrawn, and nothing is lost. */
static void downgrades_wait(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "premium", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-10");

    refused(m, "membership.change_plan", to_plan("standard"), &CHANGE_LOSSES);
    json_t *shown = done(m, "preview.change", to_plan("standard"));
    CHECK(says(shown, "effect", "next_date") && says(shown, "effective_on", "2024-02-29"));
    CHECK(json_array_size(json_object_get(shown, "losses")) == 6);
    json_decref(shown);
    json_t *out = done(m, "membership.change_plan", losing("standard"));
    CHECK(says(out, "state", "scheduled") && number(out, "charge_minor") == 0);
    CHECK(number(out, "next_total_minor") == 1299);
    CHECK(strcmp(life_look(&life, m).plan, "premium") == 0);
    json_decref(out);
    out = done(m, "membership.undo_change", json_object());
    CHECK(says(out, "state", "undone") && number(out, "next_total_minor") == 1799);
    json_decref(out);
    refused(m, "membership.undo_change", json_object(), &WHY_NOTHING_PLANNED.fault);
    json_decref(done(m, "membership.change_plan", losing("standard")));
    json_decref(done(m, "membership.change_plan", losing("ads"))); /* instead of the other */
    life_run(&life, "2024-03-01");
    CHECK(strcmp(life_look(&life, m).plan, "ads") == 0);
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 499);
    refused(m, "membership.undo_change", json_object(), &WHY_NOTHING_PLANNED.fault);
    life_close(&life);
}

static void is_refused_while_unpaid(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", "tok_insufficient_funds");
    life_run(&life, "2024-02-06");
    CHECK(life_look(&life, m).state == M_GRACE);
    refused(m, "membership.change_plan", to_plan("premium"), &WHY_UNPAID.fault);
    refused(m, "slot.buy", json_object(), &WHY_UNPAID.fault);
    life_run(&life, "2024-02-15");
    CHECK(life_look(&life, m).state == M_HOLD);
    refused(m, "membership.change_plan", losing("ads"), &WHY_UNPAID.fault);
    refused(m, "slot.buy", json_object(), &WHY_UNPAID.fault);
    life_close(&life);
}

/* An answer that comes after pending_minutes changes nothing: the money goes back. One that comes
 * in time is as good as any. */
static void late_money_goes_back(void **state)
{
    struct test_db *t = &life.t;
    struct refund_left left;

    (void)state;
    for (int late = 0; late < 2; late++) {
        open_shop("2024-02-01");
        if (!late) t->settings.pending_minutes = 4 * 1440;
        int64_t const m =
            life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_slow_capture");
        json_t *out = done(m, "membership.change_plan", to_plan("premium"));
        CHECK(says(out, "state", "pending"));
        json_decref(out);
        refused(m, "membership.change_plan", to_plan("premium"), &BILLING_PAYMENT_IN_FLIGHT);
        refused(m, "slot.buy", json_object(), &BILLING_PAYMENT_IN_FLIGHT);
        life_run(&life, "2024-02-05");
        CHECK(life_newest(&life, m, CHARGE_CHANGE).charge_state == CHARGE_CAPTURED);
        struct plan_change *rows;
        size_t n;
        CHECK_OK(plan_changes_of(&t->cx, &rows, &n, .account_id = m, .max = 10));
        CHECK(n == 1 && rows[0].change_state == (late ? CHANGE_REFUSED : CHANGE_DONE));
        CHECK(strcmp(life_look(&life, m).plan, late ? "standard" : "premium") == 0);
        CHECK_OK(refund_left(&t->cx, m, life_newest(&life, m, CHARGE_CHANGE).charge_id, &left));
        CHECK(left.total_minor == (late ? 0 : life_newest(&life, m, CHARGE_CHANGE).amount_minor));
        life_close(&life);
    }
}

static void check_healthy(void)
{
    struct test_db *t = &life.t;
    struct patient const p = {
        .clock = {.is_test = true, .now = t->cx.now},
          .sandbox = life.gateway
    };
    struct examined *list;
    int64_t findings;
    size_t n;

    CHECK_OK(doctor_examine(&t->cx, &p, &list, &n, &findings));
    for (size_t i = 0; i < n; i++)
        if (list[i].findings)
            FAIL("%s finds %lld, such as %s", list[i].id, (long long)list[i].findings,
                 list[i].sample);
}

/* ---- slots ---- */

static void buys_a_slot(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-02-10");

    json_t *shown = done(m, "slot.buy", json_pack("{s:b}", "preview", 1));
    CHECK(number(shown, "charge_minor") == 327 && number(shown, "next_total_minor") == 1798);
    CHECK(life_look(&life, m).slots == 0);
    json_decref(shown);
    json_t *out = done(m, "slot.buy", json_object());
    char *slot = strdup(json_string_value(json_object_get(out, "slot")));
    CHECK(says(out, "state", "active") && says(out, "bought_on", "2024-02-10"));
    CHECK(number(out, "charge_minor") == 327); /* 4.99 * 19 / 29 */
    json_decref(out);
    struct charge const c = life_newest(&life, m, CHARGE_SLOT);
    CHECK(c.charge_state == CHARGE_CAPTURED && c.amount_minor == 327);
    CHECK(life_explains(&life, c.charge_id, WHY_SLOT_ADDED));
    refused(m, "slot.buy", json_object(), &WHY_SLOT_LIMIT.fault);
    life_run(&life, "2024-03-02");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1798);
    /* Cancelled: to the end of the period; kept again: nothing is charged for the same days. */
    out = done(m, "slot.cancel", json_pack("{s:s}", "slot", slot));
    CHECK(says(out, "last_day", "2024-03-30") && json_is_true(json_object_get(out, "usable")));
    CHECK(number(out, "next_total_minor") == 1299);
    json_decref(out);
    refused(m, "slot.cancel", json_pack("{s:s}", "slot", slot), &WHY_NO_SLOT.fault);
    refused(m, "slot.cancel", json_pack("{s:s}", "slot", "slt_nothing"), &WHY_NO_SLOT.fault);
    json_decref(done(m, "slot.buy", json_object()));
    CHECK(life_newest(&life, m, CHARGE_SLOT).charge_id == c.charge_id);
    life_run(&life, "2024-04-02");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1798);
    json_decref(done(m, "slot.cancel", json_pack("{s:s}", "slot", slot)));
    life_run(&life, "2024-05-02");
    struct charge const without = life_newest(&life, m, CHARGE_RENEWAL);
    CHECK(without.amount_minor == 1399 &&
          life_explains(&life, without.charge_id, WHY_SLOT_REMOVED));
    CHECK(life_explains(&life, without.charge_id, WHY_PRICE_CHANGE));
    free(slot);
    life_close(&life);
}

static void names_the_failing_factor(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    open_shop("2024-02-01");
    int64_t const ads = life_member(&life, "DE", "ads", "2024-01-31", "2024-02-01", "tok_visa");
    int64_t const us = life_member(&life, "US", "premium", "2024-01-31", "2024-02-01", "tok_visa");
    int64_t const by = life_member(&life, "DE", "premium", "2024-01-31", "2024-02-01", "tok_visa");

    refused(ads, "slot.buy", json_object(), &WHY_SLOT_PLAN.fault);
    refused(us, "slot.buy", json_object(), &WHY_SLOT_COUNTRY.fault); /* no price for it there */
    CHECK_OK(
        db_script(t->db, "UPDATE membership SET biller = 'store' WHERE plan = 'premium'", &t->err));
    refused(by, "slot.buy", json_object(), &WHY_PARTNER_SLOTS.fault);
    refused(by, "membership.change_plan", losing("ads"), &WHY_PARTNER_PLAN.fault);
    life_close(&life);
}

/* SPEC E-15: only the slot waits for its money. */
static void a_failed_slot_waits_alone(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_insufficient_funds");
    json_t *out = done(m, "slot.buy", json_object());
    CHECK(says(out, "state", "hold") && json_is_false(json_object_get(out, "usable")));
    json_decref(out);
    CHECK(life_look(&life, m).state == M_ACTIVE && life_look(&life, m).step == STEP_RENEW);
    /* The member tries again, with a card that pays, ten days later: only those days left. */
    life_run(&life, "2024-02-10");
    CHECK_OK(db_script(t->db, "UPDATE method SET token = 'tok_visa', fingerprint = 'f'", &t->err));
    out = done(m, "slot.buy", json_object());
    CHECK(says(out, "state", "active") && number(out, "charge_minor") == 327);
    json_decref(out);
    CHECK(life_newest(&life, m, CHARGE_SLOT).amount_minor == 327 &&
          life_newest(&life, m, CHARGE_SLOT).attempts == 2);
    life_run(&life, "2024-03-01");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1798);
    life_close(&life);
}

/* An answer that comes in the pause: the other card is left alone, as nothing is charged then. */
static void nothing_else_is_tried_in_a_pause(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01",
                                  "tok_slow_decline;tok_visa");
    life_run(&life, "2024-02-28");
    json_decref(done(m, "membership.pause", json_object()));
    json_t *out = done(m, "slot.buy", json_object());
    CHECK(says(out, "state", "pending") && says(out, "paid_from", "2024-03-31"));
    json_decref(out);
    life_run(&life, "2024-03-10");
    struct charge const c = life_newest(&life, m, CHARGE_SLOT);
    CHECK(life_look(&life, m).state == M_PAUSED);
    CHECK(c.charge_state == CHARGE_FAILED && c.attempts == 1);
    check_healthy();
    life_close(&life);
}

/* What a renewal has paid for can be kept like any other slot. */
static void a_slot_that_a_renewal_paid_is_kept(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_insufficient_funds");
    json_t *out = done(m, "slot.buy", json_object());
    CHECK(says(out, "state", "hold"));
    CHECK_OK(db_script(t->db, "UPDATE method SET token = 'tok_visa', fingerprint = 'f'", &t->err));
    life_run(&life, "2024-03-10");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 1798);
    json_t *ends =
        done(m, "slot.cancel",
             json_pack("{s:s}", "slot", json_string_value(json_object_get(out, "slot"))));
    CHECK(life_look(&life, m).slots == 0);
    json_t *kept = done(m, "slot.buy", json_object());
    CHECK(life_look(&life, m).slots != 0 && number(kept, "slot_no") == number(out, "slot_no"));
    CHECK(life_newest(&life, m, CHARGE_SLOT).attempts == 1);
    json_decref(kept);
    json_decref(ends);
    json_decref(out);
    life_close(&life);
}

static void slots_end_with_the_membership(void **state)
{
    struct test_db *t = &life.t;
    struct slot *rows;
    size_t n;

    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "premium", "2024-01-31", "2024-02-01", "tok_visa");
    json_decref(done(m, "slot.buy", json_object()));
    json_decref(done(m, "slot.buy", json_object()));
    CHECK(life_newest(&life, m, CHARGE_SLOT).amount_minor == 482); /* 4.99 * 28 / 29 */
    json_decref(done(m, "membership.cancel", json_object()));
    life_run(&life, "2024-03-02");
    CHECK(life_look(&life, m).state == M_CANCELED && life_look(&life, m).slots == 0);
    CHECK_OK(slots_of(&t->cx, &rows, &n, .account_id = m, .max = 10));
    CHECK(n == 2 && rows[0].slot_no == 2 && rows[1].slot_no == 1);
    for (size_t i = 0; i < n; i++)
        CHECK(rows[i].end_day == life_day("2024-02-29") && rows[i].slot_end == SLOT_OVER);
    life_close(&life);
}

/* A pause that was decided stays decided; what was planned comes with the first charge after it. */
static void a_pause_comes_between(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const us = life_member(&life, "US", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    int64_t const de = life_member(&life, "DE", "premium", "2024-01-31", "2024-02-01", "tok_visa");
    json_decref(done(us, "membership.pause", json_object()));
    json_decref(done(de, "membership.pause", json_object()));
    json_decref(done(us, "membership.change_plan", to_plan("premium")));
    json_decref(done(de, "membership.change_plan", losing("standard")));
    life_run(&life, "2024-03-05");
    CHECK(life_look(&life, us).state == M_PAUSED && life_look(&life, de).state == M_PAUSED);
    CHECK(life_newest(&life, us, CHARGE_RENEWAL).charge_id == 0);
    life_run(&life, "2024-04-05");
    CHECK(life_look(&life, us).state == M_ACTIVE && life_look(&life, de).state == M_ACTIVE);
    CHECK(life_newest(&life, us, CHARGE_RENEWAL).amount_minor == 2299);
    CHECK(life_newest(&life, de, CHARGE_RENEWAL).amount_minor == 1299);
    CHECK(strcmp(life_look(&life, de).plan, "standard") == 0 && !*life_look(&life, de).next_plan);
    check_healthy();
    life_close(&life);
}

/* Golden 22, the money half: shown before, kept to the change date, back when it is withdrawn. */
static void a_change_takes_slots(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "premium", "2024-01-31", "2024-02-01", "tok_visa");
    json_decref(done(m, "slot.buy", json_object()));
    json_decref(done(m, "slot.buy", json_object()));
    json_t *out = done(m, "preview.change", to_plan("standard"));
    const json_t *lost = json_object_get(out, "slots");
    CHECK(json_array_size(lost) == 1 && says(json_array_get(lost, 0), "last_day", "2024-02-28"));
    CHECK(number(out, "next_total_minor") == 1798);
    json_decref(out);
    refused(m, "membership.change_plan", to_plan("standard"), &CHANGE_LOSSES);
    json_decref(done(m, "membership.change_plan", losing("standard")));
    CHECK(life_look(&life, m).slots == 1);
    refused(m, "slot.buy", json_object(), &WHY_CHANGE_PLANNED.fault);
    out = done(m, "membership.undo_change", json_object());
    CHECK(life_look(&life, m).slots == 3 && number(out, "next_total_minor") == 1799 + 2 * 499);
    json_decref(out);
    json_decref(done(m, "membership.change_plan", losing("ads")));
    life_run(&life, "2024-03-02");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).amount_minor == 499 &&
          life_look(&life, m).slots == 0);
    life_close(&life);
}

/* ---- the next charge is what was shown before ---- */

static uint64_t dice_state;

static int64_t dice(int64_t n)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(dice_state >> 33) % n;
}

enum { CROWD = 50, STEPS = 16 };
struct shown { /* of one member */
    int64_t account_id;
    const char *country, *joined;
    bool is;
    int64_t day, total_minor, charge_id;
};

static int64_t compared, changed;

/* What the owner is shown now; refusals are as good an answer while there is no next charge. */
static void look(struct shown *s)
{
    struct test_db *t = &life.t;
    struct rated r;

    s->charge_id = life_newest(&life, s->account_id, CHARGE_RENEWAL).charge_id;
    s->is = life_look(&life, s->account_id).state == M_ACTIVE &&
            billing_preview(&t->cx, life.catalog, s->account_id, &r) == OK;
    s->day = s->is ? r.start_day : 0;
    s->total_minor = s->is ? r.total_minor : 0;
}

static void compare(const struct shown *s)
{
    struct test_db *t = &life.t;
    struct charge *rows, *first = NULL;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = s->account_id, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (rows[i].kind == CHARGE_RENEWAL && rows[i].charge_id > s->charge_id &&
            (!first || rows[i].charge_id < first->charge_id))
            first = &rows[i];
    if (!first || !s->is) return;
    compared++;
    if (first->amount_minor + first->credit_minor != s->total_minor || first->due_on_day != s->day)
        FAIL("%s since %s: shown %lld on day %lld, charged %lld on day %lld", s->country, s->joined,
             (long long)s->total_minor, (long long)s->day, (long long)first->amount_minor,
             (long long)first->due_on_day);
    for (size_t i = 0; i < n; i++)
        if (rows[i].charge_id == first->charge_id && i > 0 && dice(2) == 0)
            CHECK(!life_explains(&life, first->charge_id, WHY_UNKNOWN));
}

/* Whatever owners think of; what is refused changes nothing. */
static void act(int64_t account_id)
{
    static const char *const plans[] = {"ads", "standard", "premium", "basic"};
    struct test_db *t = &life.t;
    struct slot *slots;
    json_t *out = NULL, *in;
    char id[ID_TEXT];
    size_t n;

    switch (dice(7)) {
    case 0:
    case 1:
        in = json_pack("{s:s, s:b}", "plan", plans[dice(4)], "accept_losses", (int)dice(3));
        (void)!call(account_id, "membership.change_plan", in, &out);
        break;
    case 5:
        in = json_pack("{s:i}", "day", (int)(1 + dice(28)));
        (void)!call(account_id, "membership.move_billing_day", in, &out);
        break;
    case 2: (void)!call(account_id, "membership.undo_change", json_object(), &out); break;
    case 3:
    case 4: (void)!call(account_id, "slot.buy", json_object(), &out); break;
    default:
        CHECK_OK(slots_of(&t->cx, &slots, &n, .account_id = account_id, .max = 100));
        if (n == 0) return;
        in = json_pack("{s:s}", "slot", id_text("slt", slots[dice((int64_t)n)].slot_id, id));
        (void)!call(account_id, "slot.cancel", in, &out);
    }
    changed += json_object_get(out, "error") == NULL;
    json_decref(out);
}

/* The operator announces the price that standard has in Germany from 20 April on. */
static void announce_price(void)
{
    struct test_db *t = &life.t;
    struct price_change const in = {.country = "DE", .plan = "standard", .from = "2024-04-20"};
    struct price_changed out;

    CHECK_OK(price_change(&t->cx, life.catalog, &in, &out));
}

/* CROWD histories of STEPS steps; one member in ten cannot always pay. */
static void live_a_crowd(uint64_t seed)
{
    static const char *const places[] = {"DE", "US CA", "US", "JP"};
    static const char *const joined[] = {"2023-12-31", "2024-01-29", "2024-01-30",
                                         "2023-11-15", "2024-01-01", "2023-08-31"};
    static const char *const tokens[] = {"tok_visa", "tok_visa", "tok_mastercard",
                                         "tok_from_20240420;tok_visa", "tok_flaky_7_30"};
    struct shown crowd[CROWD];
    char until[DAY_TEXT];

    dice_state = seed;
    open_shop("2024-02-01");
    life.t.settings.billing_day_moves = 1;
    for (size_t i = 0; i < CROWD; i++) {
        struct shown *s = &crowd[i];

        *s = (struct shown){.country = places[dice(4)], .joined = joined[dice(6)]};
        s->account_id = life_member(&life, s->country, dice(2) ? "standard" : "premium", s->joined,
                                    "2024-02-01", tokens[dice(dice(4) ? 3 : 5)]);
    }
    for (int step = 0; step < STEPS; step++) {
        if (dice(6) == 0) announce_price();
        for (size_t i = 0; i < CROWD; i++) {
            if (dice(3) == 0) act(crowd[i].account_id);
            look(&crowd[i]);
        }
        life_run(&life, day_text(life.t.cx.now / DAY_MS + 1 + dice(15), until));
        for (size_t i = 0; i < CROWD; i++) compare(&crowd[i]);
        arena_reset(&life.t.arena);
    }
    check_healthy();
    parts_check_all(&life.t.cx);
    life_close(&life);
}

static void previews_are_charged(void **state)
{
    uint64_t const histories = getenv("FOYER_LONG") ? 100000 : 1000;

    (void)state;
    for (uint64_t seed = 1; seed <= histories / CROWD; seed++) live_a_crowd(seed);
    print_message("# %lld charges compared, %lld changes made\n", (long long)compared,
                  (long long)changed);
    CHECK(compared > (int64_t)histories && changed > (int64_t)histories);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-03, golden 3 the rest of the period is charged at once", prorates_now),
        CASE("A-03, golden 3 what is left shortens the period", shifts_the_anchor),
        CASE("A-03, golden 3 the price waits for the next date", waits_with_the_price),
        CASE("A-06, B-05, H-12, golden 3 the explanation names who and from where", explains_who),
        CASE("A-09, A-06, B-12 the next charge line by line", shows_the_next_charge),
        CASE("A-03 a change that is not paid changes nothing", declined_changes_nothing),
        CASE("A-04, A-07 a cheaper plan waits, and can be withdrawn", downgrades_wait),
        CASE("A-05 no change while a payment has failed", is_refused_while_unpaid),
        CASE("B-14 money that comes late for a change buys nothing", late_money_goes_back),
        CASE("B-06, O-12, O-13 a slot from purchase to cancellation", buys_a_slot),
        CASE("O-02, O-03 a refusal names plan, country or biller", names_the_failing_factor),
        CASE("E-15 a slot that is not paid waits alone", a_failed_slot_waits_alone),
        CASE("F-07 E-15 an answer that comes in a pause leaves the other methods alone",
             nothing_else_is_tried_in_a_pause),
        CASE("E-15 O-13 a slot that a renewal has paid since can be kept",
             a_slot_that_a_renewal_paid_is_kept),
        CASE("O-16, F-19 slots end with the membership", slots_end_with_the_membership),
        CASE("A-09, G-10, B-14 what is shown is what is charged, in a thousand histories",
             previews_are_charged),
        CASE("A-04, G-07 a pause between a change and its date", a_pause_comes_between),
        CASE("A-07, O-17, golden 22 a plan change takes slots at its date", a_change_takes_slots),
    };
    return RUN_CASES("purchase", cases);
}
