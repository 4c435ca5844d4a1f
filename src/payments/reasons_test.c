/* reasons_test: why charges are what they are, as owners are told of charges that the engine has
 * made. SPDX-License-Identifier: Apache-2.0 */
#include "billing/charge_list.h"
#include "billing/overview.h"
#include "billing/preview.h"
#include "billing/side.h"
#include "payments/ask_test.h"

/* One country that charges the rest of a period at once. */
static const char shop[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "  premium: {name: Premium, ads: false, streams: 4, downloads: 6, resolution: 2160, hdr: "
    "true,\n"
    "    audio: spatial, slots: 2, pausable: true, from: 2015-01-01}\n"
    "brands: {visa: Visa, mastercard: Mastercard}\n"
    "acceptance: {cards: [{kind: card, brand: [visa, mastercard]}]}\n"
    "settings:\n"
    "  now: {change_policy: prorate_now, source: test}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, settings: now,\n"
    "    taxes: [{name: VAT, from: 2015-01-01, rate: 19}],\n"
    "    prices: [{plan: standard, from: 2015-01-01, amount: 12.99},\n"
    "             {plan: premium, from: 2015-01-01, amount: 17.99},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 4.99},\n"
    "             {plan: premium, addon: extra_member, from: 2015-01-01, amount: 4.99}]}\n";

static struct life life;

static const char *done(struct actor who, const char *id, json_t *in)
{
    enum status s;
    const char *text = life_ask(&life, who, id, in, &s);

    if (s != OK) FAIL("%s: %s", id, text);
    return text;
}

static const char *owner(int64_t m, const char *id, json_t *in)
{
    return done(life_proven(ROLE_OWNER, m), id, in);
}

static const char *agent(const char *id, json_t *in)
{
    return done(life_proven(ROLE_AGENT, 7), id, in);
}

/* Opens the shop on a day, and somebody signs up. */
static int64_t signs_up(const char *today, const char *token)
{
    struct account a;

    life_open(&life, today);
    life_apply(&life, shop);
    done((struct actor){.role = ROLE_VISITOR, .surface = SURFACE_WEB}, "membership.start",
         json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "member", "anna-1", "email",
                   "anna@example.com", "name", "Anna Example", "country", "DE", "plan", "standard",
                   "token", token));
    struct test_db *t = &life.t;
    CHECK_OK(account_find(&t->cx, "anna-1", &a));
    return a.account_id;
}

static struct history charges(int64_t m)
{
    struct test_db *t = &life.t;
    struct history h;

    CHECK_OK(history_load(&t->cx, m, &h));
    return h;
}

static struct explanation explain(const struct history_row *r)
{
    struct test_db *t = &life.t;
    struct explanation x;

    CHECK_OK(explain_reference(&t->cx, r->reference, &x));
    return x;
}

static const struct cause *cause_of(const struct causes *c, enum explain_cause cause)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].cause == cause) return &c->at[i];
    FAIL("not %s, but %s", explain_causes.at[cause], explain_causes.at[c->at[0].cause]);
    return NULL;
}

/* The causes are exactly these. */
static void expect(const struct history_row *r, size_t n, const enum explain_cause *want)
{
    struct explanation const x = explain(r);
    const struct causes *is = &x.causes;

    for (size_t i = 0; i < n; i++) cause_of(is, want[i]);
    for (size_t i = 0; i < is->n; i++) {
        bool found = false;

        for (size_t k = 0; k < n; k++) found = found || is->at[i].cause == want[k];
        if (!found) FAIL("%s", explain_causes.at[is->at[i].cause]);
    }
}
#define EXPECT(row, ...)                                                                           \
    expect((row), COUNT(((enum explain_cause[]){__VA_ARGS__})), (enum explain_cause[]){__VA_ARGS__})

/* What is said of a fact, before and after. */
static void says(const struct evidence *at, size_t n, const char *name, const char *old,
                 const char *new_)
{
    struct arena *a = &life.t.arena;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(at[i].name, name) != 0) continue;
        if (strcmp(explain_value(a, &at[i].old), old) != 0 ||
            strcmp(explain_value(a, &at[i].new_), new_) != 0)
            FAIL("%s: '%s' -> '%s'", name, explain_value(a, &at[i].old),
                 explain_value(a, &at[i].new_));
        return;
    }
    FAIL("nothing says %s", name);
}

static void buys_slot(int64_t m)
{
    owner(m, "slot.buy", json_object());
}

static void upgrades(int64_t m)
{
    owner(m, "membership.change_plan", json_pack("{s:s}", "plan", "premium"));
}

/* All on the day of the sign-up: each charge has its own reason, in the order they were asked for.
 */
static void in_order_of_asking(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    buys_slot(m);
    upgrades(m);
    buys_slot(m);
    struct history const h = charges(m);
    CHECK(h.n == 4);
    EXPECT(&h.rows[0], WHY_FIRST);
    EXPECT(&h.rows[1], WHY_SLOT_ADDED);
    EXPECT(&h.rows[2], WHY_PLAN_UPGRADE);
    EXPECT(&h.rows[3], WHY_SLOT_ADDED);
    const struct history_row *r = h.rows;
    CHECK(r[1].n_changes == 1 && r[2].n_changes == 2 && r[3].n_changes == 1);
    says(r[1].changes, 1, "slots", "", "extra_member_1");
    says(r[2].changes, 2, "plan", "standard", "premium");
    says(r[2].changes, 2, "price", "1299", "1799");
    says(r[3].changes, 1, "slots", "extra_member_1", "extra_member_1, extra_member_2");
    life_end_well(&life);
}

/* On other days than the renewals': what was bought is new, and everything else is as it was. */
static void beside_renewals(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    life_run(&life, "2024-01-20");
    buys_slot(m);
    upgrades(m);
    life_run(&life, "2024-01-25");
    buys_slot(m);
    life_run(&life, "2024-03-15");
    struct history const h = charges(m);
    const struct history_row *r = h.rows;
    CHECK(h.n == 6);
    EXPECT(&r[1], WHY_SLOT_ADDED);
    EXPECT(&r[2], WHY_PLAN_UPGRADE);
    EXPECT(&r[3], WHY_SLOT_ADDED);
    EXPECT(&r[4], WHY_PLAN_UPGRADE, WHY_SLOT_ADDED);
    EXPECT(&r[5], WHY_AS_BEFORE);
    CHECK(r[1].n_changes == 1 && r[2].n_changes == 2 && r[3].n_changes == 1);
    says(r[2].changes, 2, "plan", "standard", "premium");
    CHECK(r[4].n_changes == 3 && r[5].n_changes == 0); /* since the renewal before */
    life_end_well(&life);
}

/* 26 of 31 days from the 15th on are charged, and the version that did so says the same again. */
static void shares_are_reproduced(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    life_run(&life, "2024-01-15");
    buys_slot(m);
    upgrades(m);
    struct history const h = charges(m);
    struct explanation const slot = explain(&h.rows[1]), plan = explain(&h.rows[2]);
    CHECK(slot.reproduced && slot.reproduced_minor == 419); /* 4.99 * 26 / 31 */
    CHECK(plan.reproduced && plan.reproduced_minor == 419); /* 5.00 * 26 / 31 */
    const struct cause *why[] = {cause_of(&slot.causes, WHY_SLOT_ADDED),
                                 cause_of(&plan.causes, WHY_PLAN_UPGRADE)};
    for (size_t i = 0; i < COUNT(why); i++) {
        says(why[i]->at, why[i]->n, "from", "", "2024-01-15");
        says(why[i]->at, why[i]->n, "until", "", "2024-02-09");
        says(why[i]->at, why[i]->n, "days", "", "26");
        says(why[i]->at, why[i]->n, "days_of_period", "", "31");
    }
    says(why[0]->at, why[0]->n, "extra_member_1", "", "499");
    says(why[1]->at, why[1]->n, "price", "1299", "1799");
    life_end_well(&life);
}

/* The causes of the next charge, as they are announced. */
static struct causes foreseen(int64_t m)
{
    struct test_db *t = &life.t;
    struct preview p;

    CHECK_OK(explain_next(&t->cx, life.catalog, m, &p));
    return p.causes;
}

static void alike(const struct causes *a, const struct causes *b)
{
    CHECK(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) CHECK(a->at[i].cause == b->at[i].cause);
}

/* A pause is announced with the causes that its end will have. */
static void pauses_are_foreseen(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-03-12", "tok_visa");

    upgrades(m);
    buys_slot(m);
    owner(m, "membership.pause", json_object());
    struct causes const decided = foreseen(m);
    life_run(&life, "2024-04-20");
    CHECK(life_look(&life, m).state == M_PAUSED);
    struct causes const paused = foreseen(m);
    life_run(&life, "2024-05-20");
    struct history const h = charges(m);
    CHECK(h.n == 4 && h.rows[3].charge->due_on_day == life_day("2024-05-12"));
    EXPECT(&h.rows[3], WHY_PAUSE_OVER, WHY_PLAN_UPGRADE, WHY_SLOT_ADDED);
    struct explanation const x = explain(&h.rows[3]);
    alike(&decided, &x.causes);
    alike(&paused, &x.causes);
    life_end_well(&life);
}

/* What was not begun because of us is no bank's delay; the next charge is on time again. */
static void locks_delay(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    life_run(&life, "2024-02-05");
    agent("account.lock", json_pack("{s:s, s:s}", "member", "anna-1", "report", "x"));
    life_run(&life, "2024-03-01");
    agent("account.unlock", json_pack("{s:s, s:s}", "member", "anna-1", "outcome", "ok"));
    life_run(&life, "2024-03-20");
    struct history const h = charges(m);
    CHECK(h.n == 3);
    EXPECT(&h.rows[1], WHY_LOCK);
    EXPECT(&h.rows[2], WHY_AS_BEFORE);
    struct explanation const x = explain(&h.rows[1]);
    const struct cause *why = cause_of(&x.causes, WHY_LOCK);
    says(why->at, why->n, "due", "", "2024-02-10");
    says(why->at, why->n, "locked", "", "2024-02-05");
    says(why->at, why->n, "unlocked", "", "2024-03-01");
    says(why->at, why->n, "begun", "", "2024-03-01");
    life_end_well(&life);
}

/* Whole periods went by under the lock: the next charge is announced as what it will be. */
static void locks_are_foreseen(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    life_run(&life, "2024-02-05");
    agent("account.lock", json_pack("{s:s, s:s}", "member", "anna-1", "report", "x"));
    life_run(&life, "2024-03-20");
    agent("account.unlock", json_pack("{s:s, s:s}", "member", "anna-1", "outcome", "ok"));
    struct causes const next = foreseen(m);
    CHECK(next.n == 1 && next.at[0].cause == WHY_GAP);
    life_run(&life, "2024-03-22");
    struct history const h = charges(m);
    CHECK(h.n == 2 && h.rows[1].charge->due_on_day == life_day("2024-03-10"));
    EXPECT(&h.rows[1], WHY_GAP, WHY_LOCK);
    life_end_well(&life);
}

/* The service stood still for three days, and its bank then took two. */
static void outages_are_ours(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    life_run(&life, "2024-03-20");
    CHECK_OK(db_script(t->db,
                       "UPDATE attempt SET sent_at = sent_at + 3 * 86400000 WHERE charge_id ="
                       " (SELECT charge_id FROM charge WHERE k = 1);"
                       "UPDATE charge SET captured_at = captured_at + 5 * 86400000 WHERE k = 1;"
                       "UPDATE attempt SET sent_at = sent_at + 3 * 86400000 WHERE charge_id ="
                       " (SELECT charge_id FROM charge WHERE k = 2);"
                       "UPDATE charge SET captured_at = captured_at + 3 * 86400000 WHERE k = 2;",
                       &t->err));
    struct history const h = charges(m);
    EXPECT(&h.rows[1], WHY_BEGUN_LATE, WHY_BANK_POSTING);
    EXPECT(&h.rows[2], WHY_BEGUN_LATE);
    struct explanation const x = explain(&h.rows[1]);
    const struct cause *why = cause_of(&x.causes, WHY_BANK_POSTING);
    says(why->at, why->n, "begun", "", "2024-02-13");
    says(why->at, why->n, "captured", "", "2024-02-15");
    life_close(&life);
}

/* The network told of another date on 1 March; what was paid before was paid by the old card. */
static void updated_cards_pay(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_updated_20240301");
    char id[ID_TEXT];

    life_run(&life, "2024-04-12");
    struct history const h = charges(m);
    CHECK(h.n == 4);
    EXPECT(&h.rows[1], WHY_AS_BEFORE);
    EXPECT(&h.rows[2], WHY_CARD_UPDATED);
    EXPECT(&h.rows[3], WHY_CARD_UPDATED);
    struct explanation const x = explain(&h.rows[2]);
    const struct cause *why = cause_of(&x.causes, WHY_CARD_UPDATED);
    says(why->at, why->n, "updated", "", "2024-03-01");
    says(why->at, why->n, "expires", "2024-03", "2027-03");
    owner(m, "method.update",
          json_pack("{s:s, s:s}", "method", id_text("mth", h.rows[3].charge->method_id, id),
                    "token", "tok_mastercard"));
    struct history const later = charges(m);
    EXPECT(&later.rows[1], WHY_AS_BEFORE);
    EXPECT(&later.rows[3], WHY_CARD_UPDATED);
    life_end_well(&life);
}

static void expired_cards_pay(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa@expires_202402");

    life_run(&life, "2024-03-12");
    struct history const h = charges(m);
    CHECK(h.n == 3);
    EXPECT(&h.rows[1], WHY_AS_BEFORE); /* good until the end of its month */
    EXPECT(&h.rows[2], WHY_CARD_EXPIRED);
    struct explanation const x = explain(&h.rows[2]);
    const struct cause *why = cause_of(&x.causes, WHY_CARD_EXPIRED);
    says(why->at, why->n, "card", "", "4242");
    says(why->at, why->n, "expires", "", "2024-02");
    says(why->at, why->n, "captured", "", "2024-03-10");
    life_end_well(&life);
}

/* Nobody waited for it any more: it goes back, and was a sign-up all the same. */
static void late_sign_ups_are_named(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_slow_capture");

    life_run(&life, "2024-01-20");
    struct history const h = charges(m);
    CHECK(h.n == 1 && life_look(&life, m).state == M_NONE);
    CHECK(h.rows[0].charge->invoiced && h.rows[0].charge->cause == CAUSE_FIRST);
    EXPECT(&h.rows[0], WHY_FIRST, WHY_BANK_POSTING);
    life_end_well(&life);
}

/* What was never paid is what it was wanted for, with its tax. */
static void refused_charges_are_named(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_do_not_honor");
    struct history h = charges(m);
    const struct history_charge *c = h.rows[0].charge;

    CHECK(h.n == 1 && !c->invoiced && c->charge_state == CHARGE_CANCELED);
    CHECK(c->cause == CAUSE_FIRST && c->total_minor == 1299);
    CHECK(c->net_minor == 1092 && c->tax_minor == 207);
    EXPECT(&h.rows[0], WHY_FIRST);
    life_close(&life);

    int64_t const back = signs_up("2024-01-10", "tok_until_20240301");
    owner(back, "membership.cancel", json_object());
    life_run(&life, "2024-03-15");
    owner(back, "membership.restart", json_object());
    h = charges(back);
    c = h.rows[1].charge;
    CHECK(h.n == 2 && !c->invoiced && c->cause == CAUSE_RESTARTED && c->tax_minor == 207);
    EXPECT(&h.rows[1], WHY_TERM_NOT_BEGUN);
    life_end_well(&life);
}

static const struct history_row *newest(int64_t m)
{
    struct history const h = charges(m);

    return &h.rows[h.n - 1];
}

/* A charge that would have ended a hold: nothing was paid, and no hold ended. */
static void unpaid_recoveries_claim_nothing(void **unused UNUSED)
{
    static const char *const on[] = {"2024-02-20", "2024-03-30"}; /* on hold, and cancelled */
    int64_t const m = signs_up("2024-01-10", "tok_until_20240201");

    for (size_t i = 0; i < COUNT(on); i++) {
        life_run(&life, on[i]);
        const struct history_row *r = newest(m);
        CHECK(r->charge->charge_state == (i ? CHARGE_CANCELED : CHARGE_FAILED));
        CHECK(r->charge->cause == CAUSE_HOLD_UNPAID);
        EXPECT(r, WHY_HOLD_UNPAID);
        if (i) continue;
        struct causes const next = foreseen(m);
        CHECK(next.n == 1 && next.at[0].cause == WHY_HOLD_UNPAID);
    }
    life_end_well(&life);
}

/* The catalog has a higher price by now, and nobody was told of it. */
static void unpaid_charges_keep_their_prices(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-03-14", "tok_closed_20240501");

    life_apply(&life, life_catalog);
    life_run(&life, "2024-06-20");
    const struct history_row *r = newest(m);
    CHECK(r->charge->charge_state == CHARGE_CANCELED && r->charge->total_minor == 1299);
    CHECK(r->charge->tax_minor == 207);
    EXPECT(r, WHY_HOLD_UNPAID);
    struct explanation const x = explain(r);
    CHECK(x.reproduced && x.reproduced_minor == 1299);
    life_end_well(&life);
}

/* It was paid when nobody waited for it any more, and went back. */
static void lapsed_upgrades_claim_nothing(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");
    char id[ID_TEXT];

    owner(m, "method.update",
          json_pack("{s:s, s:s}", "method", id_text("mth", newest(m)->charge->method_id, id),
                    "token", "tok_slow_capture"));
    upgrades(m);
    EXPECT(newest(m), WHY_CHANGE_NOT_MADE);
    life_run(&life, "2024-01-20");
    const struct history_row *r = newest(m);
    CHECK(r->charge->charge_state == CHARGE_CAPTURED && r->n_refunds == 1);
    EXPECT(r, WHY_CHANGE_NOT_MADE, WHY_BANK_POSTING);
    struct explanation const x = explain(r);
    const struct cause *why = cause_of(&x.causes, WHY_CHANGE_NOT_MADE);
    says(why->at, why->n, "plan", "standard", "premium");
    says(why->at, why->n, "changed_by", "", "owner");
    life_end_well(&life);
}

/* A pause is named with its end, and another billing day only where it is another one. */
static void pauses_are_named(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-31", "tok_visa");

    for (int i = 0; i < 3; i++)
        owner(m, i ? "membership.extend_pause" : "membership.pause", json_object());
    life_run(&life, "2024-06-02");
    struct explanation x = explain(newest(m));
    EXPECT(x.row, WHY_PAUSE_OVER);
    CHECK(x.causes.at[0].n == 1);
    says(x.causes.at[0].at, 1, "pause", "2024-02-29", "2024-05-31");

    owner(m, "membership.pause", json_object());
    life_run(&life, "2024-07-08");
    owner(m, "membership.resume", json_object());
    x = explain(newest(m));
    EXPECT(x.row, WHY_PAUSE_OVER);
    CHECK(x.causes.at[0].n == 2);
    says(x.causes.at[0].at, 2, "pause", "2024-06-30", "2024-07-08");
    says(x.causes.at[0].at, 2, "billing_day", "31", "8");
    life_end_well(&life);
}

/* Gift cards of 5 euros and 5 more: the first month they pay a part of, the second one nothing. */
static void redeems(int64_t m, int minor)
{
    const char *const text =
        agent("gift.issue", json_pack("{s:i, s:s}", "amount_minor", minor, "currency", "EUR"));
    const char *const code = strstr(text, "\"code\":\"");

    CHECK(code);
    owner(m, "gift.redeem", json_pack("{s:s%}", "code", code + 8, strcspn(code + 8, "\"")));
}

static void credit_is_a_cause(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_visa");

    for (int i = 0; i < 2; i++) redeems(m, 500);
    struct causes const next = foreseen(m);
    CHECK(next.n == 1 && next.at[0].cause == WHY_CREDIT);
    says(next.at[0].at, next.at[0].n, "credit", "", "1000");
    says(next.at[0].at, next.at[0].n, "method_pays", "1299", "299");
    life_run(&life, "2024-03-12");
    struct history const h = charges(m);
    EXPECT(&h.rows[1], WHY_CREDIT);
    struct explanation const with = explain(&h.rows[1]), without = explain(&h.rows[2]);
    says(with.causes.at[0].at, with.causes.at[0].n, "credit", "", "1000");
    says(with.causes.at[0].at, with.causes.at[0].n, "credits", "", "2");
    EXPECT(&h.rows[2], WHY_CREDIT);
    says(without.causes.at[0].at, without.causes.at[0].n, "credit", "1000", "");
    says(without.causes.at[0].at, without.causes.at[0].n, "method_pays", "299", "1299");
    CHECK(h.rows[1].n_changes == 1 && h.rows[2].n_changes == 1);
    says(h.rows[1].changes, 1, "credit", "", "1000");
    life_end_well(&life);
}

/* What credit has paid of a charge that failed stays paid in grace, and is told wherever it is
 * asked. */
static void credit_of_the_unpaid_charge(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-10", "tok_until_20240120_then_insufficient_funds");
    struct overview_get const page = {.member = "anna-1", .account_id = m};
    struct preview_ask const ask = {.account_id = m};
    struct test_db *t = &life.t;
    struct preview_view next;
    struct charge_answer why;
    struct overview o;

    redeems(m, 300);
    life_run(&life, "2024-02-11");
    CHECK(life_look(&life, m).state == M_GRACE);
    struct history const h = charges(m);
    EXPECT(&h.rows[1], WHY_CREDIT);
    says(h.rows[1].changes, 1, "credit", "", "300");
    CHECK_OK(preview_next(&t->cx, life.catalog, &ask, &next));
    CHECK(next.total_minor == 1299 && next.credit_minor == 300 && next.method_minor == 999);
    CHECK(next.n_causes == 1 && strcmp(next.causes[0].code, "credit") == 0);
    CHECK_OK(overview_get(&t->cx, life.catalog, &page, &o));
    CHECK(o.next_total_minor == 1299 && o.next_credit_minor == 300 && o.next_method_minor == 999);
    CHECK_OK(charge_explain(&t->cx, life.catalog,
                            &(struct charge_ask){.account_id = m, .reference = h.rows[1].reference},
                            &why));
    CHECK(why.next_minor == 1299 && why.next_method_minor == 999);
    redeems(m, 200); /* the next attempt takes it */
    CHECK_OK(preview_next(&t->cx, life.catalog, &ask, &next));
    CHECK(next.credit_minor == 500 && next.method_minor == 799);
    owner(m, "method.add", json_pack("{s:s}", "token", "tok_mastercard"));
    life_run(&life, "2024-02-12");
    struct history const paid = charges(m);
    CHECK(paid.rows[1].charge->credit_minor == 500 && paid.rows[1].captured_day);
    life_end_well(&life);
}

/* Two slots, and the one that was cancelled before the charge is not what it bills. The day is
 * that of the account's zone. */
static void the_billed_slot_is_named(void **unused UNUSED)
{
    int64_t const m = signs_up("2024-01-31", "tok_visa");
    struct test_db *t = &life.t;
    struct actor who = life_proven(ROLE_OWNER, m);

    upgrades(m);
    life_run(&life, "2024-02-10");
    t->cx.now -= 1800000; /* half past midnight in Berlin, the day before by UTC */
    who.device = "Phone A";
    done(who, "slot.buy", json_object());
    life_run(&life, "2024-02-15");
    struct actor const batch = {.role = ROLE_SYSTEM, .device = "Batch B"};
    const char *const slot =
        strstr(done(batch, "slot.buy", json_pack("{s:s}", "member", "anna-1")), "slt_");
    owner(m, "slot.cancel", json_pack("{s:s%}", "slot", slot, strcspn(slot, "\"")));
    life_run(&life, "2024-03-05");
    struct explanation const x = explain(newest(m));
    const struct cause *why = cause_of(&x.causes, WHY_SLOT_ADDED);
    says(why->at, why->n, "extra_member_1", "", "499");
    says(why->at, why->n, "changed_by", "", "owner");
    says(why->at, why->n, "changed_on", "", "2024-02-10");
    says(why->at, why->n, "changed_with", "", "Phone A");
    life_end_well(&life);
}

/* The rest of the period pays for the change: the next date comes earlier, and who asks why money
 * left twice is told of the change. */
static void shifted_days_are_found_by_the_guide(void **unused UNUSED)
{
    static const char now[] = "prorate_now";
    const char *const at = strstr(shop, now);

    for (int slot = 0; slot < 2; slot++) {
        int64_t const m = signs_up("2024-01-31", "tok_visa");
        struct test_db *t = &life.t;

        life_apply(&life, arena_printf(&t->arena, "%.*sshift_anchor%s", (int)(at - shop), shop,
                                       at + strlen(now)));
        life_run(&life, "2024-02-10");
        if (slot)
            buys_slot(m);
        else
            upgrades(m);
        life_run(&life, "2024-03-01");
        CHECK(charges(m).n == 2 && newest(m)->charge->due_on_day < life_day("2024-02-29"));
        const char *const text = owner(m, "guide.charged_twice", json_object());
        const char *const causes = strstr(text, "\"causes\":[");
        CHECK(causes && strstr(causes, slot ? "\"code\":\"slot\"" : "\"code\":\"upgrade\""));
        CHECK(!strstr(causes, "\"none\"") && strstr(causes, newest(m)->reference));
        CHECK(strstr(causes, "\"work\":\"\""));
        life_end_well(&life);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("B-05, H-02 charges of one day are told in the order they were asked for",
             in_order_of_asking),
        CASE("B-05, H-02 a charge beside renewals tells what was bought, and nothing else",
             beside_renewals),
        CASE("A-15, B-05, B-06 the share of a period is explained and reproduced",
             shares_are_reproduced),
        CASE("A-09, B-05 the charge after a pause is announced with its causes",
             pauses_are_foreseen),
        CASE("B-05, B-08 a charge that a lock delayed is no bank's delay", locks_delay),
        CASE("A-09, B-05 the charge after a lock is announced with its causes", locks_are_foreseen),
        CASE("B-05, B-08 a charge that was begun late is no bank's delay", outages_are_ours),
        CASE("C-16, H-10 a charge by a card that its network replaced says so", updated_cards_pay),
        CASE("H-02, B-05 a sign-up that is captured too late is no restart",
             late_sign_ups_are_named),
        CASE("H-02, B-05 a refused charge is named by what it was for, with its tax",
             refused_charges_are_named),
        CASE("B-05, E-16 a charge that would end a hold claims no payment",
             unpaid_recoveries_claim_nothing),
        CASE("A-15, A-08 a charge that was not paid keeps the prices it was asked for with",
             unpaid_charges_keep_their_prices),
        CASE("B-05 an upgrade that lapsed and was refunded claims no change",
             lapsed_upgrades_claim_nothing),
        CASE("B-05, G-06 the charge after a pause names the pause, and a new day if it is one",
             pauses_are_named),
        CASE("H-11, H-13, A-09 credit is a cause, with what the method pays", credit_is_a_cause),
        CASE("A-09 B-12 H-11 in grace what credit has paid of the unpaid charge is told",
             credit_of_the_unpaid_charge),
        CASE("H-12, B-04 the slot that a charge bills names who bought it, on the local day",
             the_billed_slot_is_named),
        CASE("H-07, A-03 the guide finds the change that a shifted billing day pays for",
             shifted_days_are_found_by_the_guide),
        CASE("C-16, H-10 a charge by an expired card says so", expired_cards_pay),
    };

    return RUN_CASES("reasons", cases);
}
