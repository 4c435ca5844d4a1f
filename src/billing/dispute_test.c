/* dispute_test: what a bank takes back, and what comes of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/dispute.h"

#include "base/id.h"
#include "billing/explain.h"
#include "billing/overview.h"
#include "billing/remedy.h"
#include "method_sql.h"
#include "payments/ask_test.h"
#include "payments/method.h"
#include "payments/revenue_test.h"

static struct life life;

static int64_t balance(const char *book)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].book, book)) return rows[i].debit_minor - rows[i].credit_minor;
    return 0;
}

static struct charge charge_of(int64_t m, size_t nth)
{
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 99));
    CHECK(nth < n);
    return c[nth];
}

static struct dispute look(int64_t m)
{
    struct test_db *t = &life.t;
    struct dispute *d;
    size_t n;

    CHECK_OK(dispute_of_charge(&t->cx, &d, &n, .charge_id = charge_of(m, 0).charge_id,
                               .account_id = m, .max = 1));
    CHECK(n == 1);
    return *d;
}

static struct method method_of(int64_t m, size_t nth)
{
    struct test_db *t = &life.t;
    struct method *rows;
    size_t n;

    CHECK_OK(methods_of(&t->cx, &rows, &n, .account_id = m, .max = 9));
    CHECK(nth < n);
    return rows[nth];
}

/* A German who pays 12.99 on 2024-02-05. */
static int64_t pays(const char *tokens)
{
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", tokens);
    life_run(&life, "2024-02-10");
    return m;
}

static struct refund_order all_of(int64_t m)
{
    return (struct refund_order){.account_id = m,
                                 .charge_id = charge_of(m, 0).charge_id,
                                 .circumstance = REFUND_BILLING_ERROR,
                                 .rule = "test",
                                 .key = "one",
                                 .at = life.t.cx.now};
}

static void opened(void **state)
{
    int64_t const m = pays("tok_disputed");
    struct test_db *t = &life.t;
    struct refund_order const o = all_of(m);
    struct works_view works;
    bool open;

    (void)state;
    life_run(&life, "2024-02-20");
    struct dispute const d = look(m);
    CHECK(d.dispute_state == DISPUTE_OPEN && d.amount_minor == 1299);
    CHECK(strcmp(d.reason, "fraudulent") == 0 && d.closed_at == 0);
    CHECK(charge_of(m, 0).charge_state == CHARGE_CAPTURED); /* the flag stands beside it */
    CHECK(balance("chargebacks") == 1299 && balance("gateway_clearing") == 0);
    CHECK(method_of(m, 0).method_state == METHOD_BLOCKED);
    CHECK(strcmp(method_of(m, 0).blocked_code, "disputed") == 0);
    CHECK_OK(dispute_is_open(&t->cx, m, &open));
    CHECK(open);
    CHECK(refund_order(&t->cx, &o, NULL) == E_CONFLICT && t->err.fault == &REFUND_DISPUTED);
    CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "dispute.opened"}, &works));
    CHECK(works.n == 1 && works.items[0].priority == WORK_HIGH);
    life_close(&life);
}

static void won(void **state)
{
    int64_t const m = pays("tok_dispute_won");
    struct test_db *t = &life.t;

    (void)state;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-04-20");
    life_run(&life, "2024-06-02");
    CHECK(look(m).dispute_state == DISPUTE_WON && look(m).closed_at > 0);
    CHECK(balance("chargebacks") == 0 && balance("gateway_clearing") == 1299);
    CHECK(balance("deferred_revenue") == 0 && balance("revenue") == -1092);
    CHECK(method_of(m, 0).method_state == METHOD_USABLE);
    life_close(&life);
}

static void lost(void **state)
{
    int64_t const m = pays("tok_dispute_lost");
    struct test_db *t = &life.t;
    struct refund_order const o = all_of(m);

    (void)state;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-04-20");
    life_run(&life, "2024-06-02");
    CHECK(look(m).dispute_state == DISPUTE_LOST && look(m).credit_note_id != 0);
    CHECK(balance("chargebacks") == 0 && balance("gateway_clearing") == 0);
    CHECK(balance("receivable") == 0 && balance("tax_payable:DE") == 0);
    CHECK(balance("deferred_revenue") == 0 && balance("revenue") == 0);
    CHECK(method_of(m, 0).method_state == METHOD_BLOCKED);
    CHECK(refund_order(&t->cx, &o, NULL) == E_CONFLICT && t->err.fault == &REFUND_NOTHING_LEFT);
    life_close(&life);
}

/* What was given back before is not taken a second time: refunds and chargeback never exceed it. */
static void after_a_refund(void **state)
{
    static const char *const tokens[] = {"tok_dispute_won", "tok_dispute_lost"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = pays(tokens[i]);
        struct test_db *t = &life.t;
        struct refund_order o = all_of(m);
        struct refund_left left;

        o.amount_minor = 500;
        CHECK_OK(refund_order(&t->cx, &o, NULL));
        CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
        life_run(&life, "2024-04-20");
        life_run(&life, "2024-06-02");
        CHECK(look(m).amount_minor == 799);
        CHECK_OK(refund_left(&t->cx, m, o.charge_id, &left));
        CHECK(left.total_minor == (i ? 0 : 799));
        CHECK(balance("gateway_clearing") == (i ? 0 : 799) && balance("receivable") == 0);
        CHECK(balance("deferred_revenue") == 0 && balance("chargebacks") == 0);
        life_close(&life);
    }
}

/* SPEC I-06: nothing is retried while it is open, and what was due goes on afterwards. */
static void stops_retries(void **state)
{
    int64_t m = pays("tok_disputed;tok_insufficient_funds");

    (void)state;
    life_run(&life, "2024-03-20"); /* the second renewal is declined and dunned */
    CHECK(life_look(&life, m).state == M_HOLD);
    CHECK(charge_of(m, 1).charge_state == CHARGE_FAILED && charge_of(m, 1).attempts == 1);
    life_close(&life);
    m = pays("tok_insufficient_funds"); /* the same without a dispute */
    life_run(&life, "2024-02-20");
    CHECK(charge_of(m, 0).attempts > 1);
    life_close(&life);
}

static enum status ask(enum role role, int64_t m, const char *id, json_t *in, const char **text)
{
    struct actor const who = {.role = role, .id = role == ROLE_OWNER ? m : 7};
    char charge[ID_TEXT];
    enum status s;

    json_object_set_new(in, "member", json_sprintf("m%lld", (long long)m));
    if (!json_object_get(in, "charge"))
        json_object_set_new(in, "charge",
                            json_string(id_text("chg", charge_of(m, 0).charge_id, charge)));
    *text = life_ask(&life, who, id, in, &s);
    return s;
}

/* The owner's list of charges. */
static void shows(int64_t m, const char *words)
{
    struct actor const owner = {.role = ROLE_OWNER, .id = m, .surface = SURFACE_WEB};
    enum status s;
    const char *text = life_ask(&life, owner, "charge.list", json_object(), &s);

    if (s != OK || !strstr(text, words)) FAIL("does not show %s: %s", words, text);
}

static void by_hand(void **state)
{
    int64_t const m = pays("tok_visa");
    const char *text;

    (void)state;
    CHECK(ask(ROLE_OWNER, m, "dispute.open", json_object(), &text) == E_DENIED);
    CHECK(ask(ROLE_AGENT, m, "dispute.close", json_pack("{s:s}", "outcome", "won"), &text) ==
          E_NOT_FOUND);
    CHECK(strstr(text, "dispute.unknown"));
    CHECK(ask(ROLE_AGENT, m, "dispute.open", json_pack("{s:s}", "charge", "chg_0"), &text) ==
          E_NOT_FOUND);
    CHECK(ask(ROLE_AGENT, m, "dispute.open", json_pack("{s:s}", "reason", "duplicate"), &text) ==
          OK);
    CHECK(strstr(text, "\"state\":\"open\"") && strstr(text, "\"amount_minor\":1299"));
    CHECK(ask(ROLE_SYSTEM, m, "dispute.open", json_object(), &text) == OK); /* again is nothing */
    CHECK(balance("chargebacks") == 1299);
    CHECK(ask(ROLE_AGENT, m, "charge.refund", json_pack("{s:s}", "circumstance", "goodwill"),
              &text) == E_CONFLICT);
    CHECK(strstr(text, "refund.disputed"));
    CHECK(ask(ROLE_AGENT, m, "dispute.close", json_pack("{s:s}", "outcome", "won"), &text) == OK);
    CHECK(strstr(text, "\"state\":\"won\"") && balance("chargebacks") == 0);
    CHECK(ask(ROLE_AGENT, m, "dispute.close", json_pack("{s:s}", "outcome", "lost"), &text) ==
          E_CONFLICT);
    CHECK(strstr(text, "dispute.over") && balance("gateway_clearing") == 1299);
    CHECK(ask(ROLE_AGENT, m, "charge.refund", json_pack("{s:s}", "circumstance", "billing_error"),
              &text) == OK);
    shows(m, "\"refunded_minor\":1299,\"dispute\":\"won\"");
    shows(m, "\"state\":\"wanted\",\"circumstance\":\"billing_error\"");
    life_run(&life, "2024-02-12");
    CHECK(balance("gateway_clearing") == 0);
    life_close(&life);
}

static void only_what_was_paid(void **state)
{
    int64_t const m = pays("tok_insufficient_funds");
    const char *text;

    (void)state;
    CHECK(ask(ROLE_AGENT, m, "dispute.open", json_object(), &text) == E_CONFLICT);
    CHECK(strstr(text, "dispute.not_paid"));
    life_close(&life);
}

/* The money is on its way back already: the bank's own way wins, or ours; never both. */
static void beside_a_refund(void **state)
{
    int64_t const m = pays("tok_disputed");
    struct test_db *t = &life.t;
    struct refund_order const o = all_of(m);
    struct dispute_opening const d = {m, o.charge_id, "fraudulent", t->cx.now};

    (void)state;
    CHECK_OK(refund_order(&t->cx, &o, NULL));
    CHECK_OK(dispute_begin(&t->cx, &d, NULL));
    CHECK(look(m).amount_minor == 0 && balance("chargebacks") == 0);
    life_run(&life, "2024-03-20");
    CHECK(balance("gateway_clearing") == 0);
    life_close(&life);
}

static enum status add(int64_t m, const char *token)
{
    struct test_db *t = &life.t;
    struct method_add in = {.account_id = m, .token = token};

    CHECK_OK(method_describe(&t->cx, &life.world, &in));
    return method_add(&t->cx, life.catalog, &in, &(struct method_answer){0});
}

static void take_away(int64_t m, size_t nth)
{
    struct test_db *t = &life.t;
    char id[ID_TEXT];
    struct method_remove const in = {.account_id = m,
                                     .method = id_text("mth", method_of(m, nth).method_id, id),
                                     .confirm = true};

    CHECK_OK(method_remove(&t->cx, life.catalog, &in, &(struct method_removal){0}));
}

static void end_by_hand(int64_t m, const char *outcome)
{
    const char *text;

    CHECK(ask(ROLE_AGENT, m, "dispute.close", json_pack("{s:s}", "outcome", outcome), &text) == OK);
}

/* Taking a card away and adding it again ends no dispute, nor does the owner's word. */
static void stays_disputed(void **state)
{
    static const char *const outcomes[] = {"won", "lost"};

    (void)state;
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        int64_t const m = pays("tok_visa");
        struct test_db *t = &life.t;
        const char *text;
        char id[ID_TEXT];

        CHECK_OK(ask(ROLE_AGENT, m, "dispute.open", json_object(), &text));
        struct method_update in = {.account_id = m,
                                   .method = id_text("mth", method_of(m, 0).method_id, id)};
        CHECK_OK(method_describe_update(&t->cx, &life.world, &in));
        CHECK(method_update(&t->cx, life.catalog, &in, &(struct method_answer){0}) == E_CONFLICT);
        CHECK(t->err.fault == &METHOD_DISPUTED);
        take_away(m, 0);
        CHECK(add(m, "tok_visa") == E_CONFLICT && t->err.fault == &METHOD_DISPUTED);
        CHECK_OK(add(m, "tok_mastercard"));
        end_by_hand(m, outcomes[i]);
        CHECK(add(m, "tok_visa") == (i ? E_CONFLICT : OK));
        life_close(&life);
    }
}

/* It had been taken away and added again when the bank took back what it had paid before. */
static void finds_the_card_again(void **state)
{
    int64_t const m = pays("tok_visa");
    struct test_db *t = &life.t;
    const char *text;

    (void)state;
    take_away(m, 0);
    CHECK_OK(add(m, "tok_visa"));
    CHECK(method_of(m, 0).method_state == METHOD_USABLE);
    CHECK_OK(ask(ROLE_AGENT, m, "dispute.open", json_object(), &text));
    CHECK(method_of(m, 0).method_state == METHOD_BLOCKED);
    end_by_hand(m, "won");
    CHECK(method_of(m, 0).method_state == METHOD_USABLE);
    life_close(&life);
}

/* The loss is told at 23:00 UTC on 29 March, when nothing else is due until the end of April. What
 * was earned of that charge in February and March is taken back in March; so a month is closed with
 * all that was told in it, whoever hears it. */
static void counts_in_its_month(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    life_member(&life, "DE", "standard", "2024-01-29", "2024-02-01", "tok_dispute_lost;tok_visa");
    life_run(&life, "2024-05-10");
    int64_t const february = life_revenue(&life, "2024-02-01");
    int64_t const march = life_revenue(&life, "2024-03-01");
    CHECK(february == 1092 / 29);
    CHECK(february + march == 1092 * 3 / 31); /* three days that the other card has paid */
    life_close(&life);
}

/* What is said of why the second renewal is as it is. */
static const struct cause *why(int64_t m, enum explain_cause cause)
{
    struct test_db *t = &life.t;
    struct explanation *x = arena_new(&t->arena, struct explanation);
    char id[ID_TEXT];

    CHECK_OK(explain_own(&t->cx, m, id_text("chg", charge_of(m, 1).charge_id, id), x));
    for (size_t i = 0; i < x->causes.n; i++)
        if (x->causes.at[i].cause == cause) return &x->causes.at[i];
    return NULL;
}

static bool dated(const struct cause *c, const char *name, const char *day)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->at[i].name, name) == 0) return c->at[i].new_.number == life_day(day);
    return false;
}

/* What was not tried is no payment that failed, and what came late came so for the dispute. */
static void told_as_it_is(void **state)
{
    int64_t const m = pays("tok_visa");
    struct overview_get const page = {.account_id = m};
    struct test_db *t = &life.t;
    struct overview o;
    const char *text;

    (void)state;
    CHECK_OK(ask(ROLE_AGENT, m, "dispute.open", json_object(), &text));
    life_run(&life, "2024-03-06");
    CHECK(life_look(&life, m).state == M_GRACE && charge_of(m, 1).attempts == 0);
    CHECK_OK(overview_get(&t->cx, life.catalog, &page, &o));
    CHECK(strcmp(o.next_problem, "billing.disputed") == 0 && strcmp(o.held_back, "dispute") == 0);
    const struct cause *c = why(m, WHY_DISPUTED);
    CHECK(c && !why(m, WHY_AS_BEFORE) && c->n == 2 && dated(c, "due", "2024-03-05"));
    life_run(&life, "2024-03-07");
    end_by_hand(m, "won");
    life_run(&life, "2024-03-10");
    CHECK(charge_of(m, 1).charge_state == CHARGE_CAPTURED);
    c = why(m, WHY_DISPUTED);
    CHECK(c && !why(m, WHY_BEGUN_LATE) && dated(c, "settled", "2024-03-07"));
    CHECK(dated(c, "begun", "2024-03-08"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-06 an open dispute stands beside the charge, blocks the method and is work",
             opened),
        CASE("I-06 a dispute that is won gives everything back", won),
        CASE("I-06 one that is lost is a credit note, and nothing is left to refund", lost),
        CASE("I-06 I-04 refunds and chargeback never exceed what was paid", after_a_refund),
        CASE("I-06 nothing is retried while a dispute is open", stops_retries),
        CASE("I-06 B-05 what a dispute has held back is told as that", told_as_it_is),
        CASE("I-06 agents open and close disputes by hand", by_hand),
        CASE("I-06 what was never paid cannot be disputed", only_what_was_paid),
        CASE("I-06 C-16 a card stays disputed when it is taken away and added again",
             stays_disputed),
        CASE("I-06 C-16 a dispute finds the card that was added again", finds_the_card_again),
        CASE("I-06 B-17 a month is closed with all that was told in it", counts_in_its_month),
        CASE("I-06 I-04 what is on its way back is not taken a second time", beside_a_refund),
    };
    return RUN_CASES("dispute", cases);
}
