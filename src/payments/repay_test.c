/* repay_test: refunds from their decision to the provider's last word, against the sandbox.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/repay.h"

#include "base/id.h"
#include "billing/credit.h"
#include "payments/life_test.h"

static struct life life;

static int64_t balance(const char *book, const char *currency)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].book, book) && !strcmp(rows[i].currency, currency))
            return rows[i].debit_minor - rows[i].credit_minor;
    return 0;
}

/* A German who pays 12.99 on 2024-02-05, which is captured. */
static int64_t pays(const char *token)
{
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", token);
    life_run(&life, "2024-02-10");
    return m;
}

static struct charge first_charge(int64_t m)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = m, .max = 1000));
    CHECK(n > 0);
    return rows[0];
}

static struct refund_order order(int64_t m, const char *key)
{
    return (struct refund_order){.account_id = m,
                                 .charge_id = first_charge(m).charge_id,
                                 .to = REFUND_TO_METHOD,
                                 .circumstance = REFUND_BILLING_ERROR,
                                 .rule = "test",
                                 .key = key,
                                 .at = life.t.cx.now};
}

static struct refund look(int64_t m, int64_t id)
{
    struct test_db *t = &life.t;
    struct refund *r;
    size_t n;

    CHECK_OK(refund_by_id(&t->cx, &r, &n, .account_id = m, .refund_id = id, .max = 1));
    CHECK(n == 1);
    return *r;
}

/* What the provider has given back. */
static struct sandbox_sum given(void)
{
    struct test_db *t = &life.t;
    struct sandbox_sum *sums;
    size_t n;

    CHECK_OK(sandbox_captured(life.gateway, t->cx.now, &sums, &n, &t->arena, &t->err));
    return n ? sums[0] : (struct sandbox_sum){0};
}

static int64_t gives_all(int64_t m)
{
    struct test_db *t = &life.t;
    struct refund_order const o = order(m, "one");
    int64_t id;

    CHECK_OK(refund_order(&t->cx, &o, &id));
    return id;
}

static void whole(void **state)
{
    int64_t const m = pays("tok_visa"), id = gives_all(m);

    (void)state;
    CHECK(look(m, id).refund_state == REFUND_WANTED && look(m, id).amount_minor == 1299);
    CHECK(balance("refunds", "EUR") == -1299 && balance("gateway_clearing", "EUR") == 1299);
    CHECK(balance("receivable", "EUR") == 0 && balance("tax_payable:DE", "EUR") == 0);
    life_run(&life, "2024-02-11");
    CHECK(look(m, id).refund_state == REFUND_DONE && look(m, id).due_at == 0);
    CHECK(look(m, id).done_at > 0 && *look(m, id).gateway_ref);
    CHECK(given().refunds == 1 && given().refunded_minor == 1299);
    CHECK(balance("refunds", "EUR") == 0 && balance("gateway_clearing", "EUR") == 0);
    CHECK(balance("deferred_revenue", "EUR") == 0);
    life_close(&life);
}

/* Half the days of the second period, decided after its first month was closed. */
static void unserved_part(void **state)
{
    int64_t const m = pays("tok_visa");
    struct test_db *t = &life.t;
    struct refund_order o = order(m, "part");

    (void)state;
    life_run(&life, "2024-03-02");
    o.at = t->cx.now;
    o.amount_minor = 1299 / 10;
    o.from_day = life_day("2024-03-02"), o.until_day = life_day("2024-03-05");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    CHECK_OK(refund_order(&t->cx, &o, NULL));
    life_run(&life, "2024-06-01");
    CHECK(given().refunded_minor == 129);
    CHECK(balance("gateway_clearing", "EUR") == 1299 - 129 && balance("receivable", "EUR") == 0);
    CHECK(balance("deferred_revenue", "EUR") == 0 && balance("refunds", "EUR") == 0);
    CHECK(balance("revenue", "EUR") + balance("tax_payable:DE", "EUR") == -(1299 - 129));
    life_close(&life);
}

/* Given back months after it was earned: the month that is open takes it back. */
static void long_after(void **state)
{
    int64_t const m = pays("tok_visa");
    struct test_db *t = &life.t;

    (void)state;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-06-10");
    CHECK(balance("revenue", "EUR") == -1092);
    gives_all(m);
    CHECK(balance("revenue", "EUR") == -1092 && balance("deferred_revenue", "EUR") == 1092);
    life_run(&life, "2024-07-02");
    CHECK(balance("revenue", "EUR") == 0 && balance("deferred_revenue", "EUR") == 0);
    CHECK(balance("tax_payable:DE", "EUR") == 0 && balance("gateway_clearing", "EUR") == 0);
    life_close(&life);
}

static void credit_instead(void **state)
{
    int64_t const m = pays("tok_visa");
    struct test_db *t = &life.t;
    struct refund_order o = order(m, "one");
    int64_t id, minor;

    (void)state;
    o.to = REFUND_TO_CREDIT;
    CHECK_OK(refund_order(&t->cx, &o, &id));
    CHECK(look(m, id).refund_state == REFUND_DONE && look(m, id).credit_document_id != 0);
    CHECK_OK(credit_balance(&t->cx, m, &minor));
    CHECK(minor == 1299 && balance("refunds", "EUR") == 0);
    CHECK(balance("member_credit", "EUR") == -1299);
    life_run(&life, "2024-02-12");
    CHECK(given().refunds == 0);
    life_close(&life);
}

static void once_per_key(void **state)
{
    int64_t const m = pays("tok_visa"), id = gives_all(m);
    struct test_db *t = &life.t;
    struct refund_order o = order(m, "one");
    int64_t again;

    (void)state;
    CHECK_OK(refund_order(&t->cx, &o, &again));
    CHECK(again == id);
    o.circumstance = REFUND_GOODWILL;
    CHECK(refund_order(&t->cx, &o, &again) == E_CONFLICT && t->err.fault == &REFUND_KEY_USED);
    o.key = "two";
    CHECK(refund_order(&t->cx, &o, &again) == E_CONFLICT && t->err.fault == &REFUND_NOTHING_LEFT);
    o.account_id++;
    CHECK(refund_order(&t->cx, &o, &again) == E_NOT_FOUND);
    CHECK(t->err.fault == &REFUND_CHARGE_UNKNOWN);
    life_run(&life, "2024-02-12");
    CHECK(given().refunds == 1);
    life_close(&life);
}

static void never_more(void **state)
{
    int64_t const m = pays("tok_visa");
    struct test_db *t = &life.t;
    struct refund_order o = order(m, "one");
    struct refund_left left;

    (void)state;
    o.amount_minor = 1300;
    CHECK(refund_order(&t->cx, &o, NULL) == E_CONFLICT && t->err.fault == &REFUND_TOO_MUCH);
    o.amount_minor = 1000;
    CHECK_OK(refund_order(&t->cx, &o, NULL));
    CHECK_OK(refund_left(&t->cx, m, o.charge_id, &left));
    CHECK(left.total_minor == 299 && left.method_minor == 299);
    o.key = "two", o.amount_minor = 300;
    CHECK(refund_order(&t->cx, &o, NULL) == E_CONFLICT && t->err.fault == &REFUND_TOO_MUCH);
    o.amount_minor = 0;
    CHECK_OK(refund_order(&t->cx, &o, NULL));
    life_run(&life, "2024-02-12");
    CHECK(given().refunds == 2 && given().refunded_minor == 1299);
    life_close(&life);
}

static void only_what_was_paid(void **state)
{
    int64_t const m = pays("tok_insufficient_funds");
    struct test_db *t = &life.t;
    struct refund_order const o = order(m, "one");

    (void)state;
    CHECK(refund_order(&t->cx, &o, NULL) == E_CONFLICT && t->err.fault == &REFUND_NOT_PAID);
    life_close(&life);
}

static void refused(void **state)
{
    static const char *const tokens[] = {"tok_refund_refused", "tok_refund_fails"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = pays(tokens[i]), id = gives_all(m);
        struct test_db *t = &life.t;
        struct works_view works;
        int64_t minor;

        life_run(&life, "2024-02-14");
        struct refund const r = look(m, id);
        CHECK(r.refund_state == REFUND_FAILED && strcmp(r.code, "refund_failed") == 0);
        CHECK(r.credit_document_id != 0 && r.due_at == 0);
        CHECK_OK(credit_balance(&t->cx, m, &minor));
        CHECK(minor == 1299 && balance("refunds", "EUR") == 0 && given().refunds == 0);
        CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "refund.refused"}, &works));
        CHECK(works.n == 1 && works.items[0].state == WORK_OPEN);
        life_close(&life);
    }
}

static void slow_and_lost(void **state)
{
    static const char *const tokens[] = {"tok_refund_later", "tok_refund_lost_reply",
                                         "tok_refund_lost_request", "tok_refund_rate_limited"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = pays(tokens[i]), id = gives_all(m);

        life_run(&life, "2024-02-16");
        if (look(m, id).refund_state != REFUND_DONE) FAIL("%s is not given back", tokens[i]);
        CHECK(given().refunds == 1 && given().refunded_minor == 1299);
        CHECK(balance("refunds", "EUR") == 0 && balance("gateway_clearing", "EUR") == 0);
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

/* Whatever happens to a call, and however often, the money goes back once. */
static void injured(void **state)
{
    static const enum gateway_injury injuries[] = {GATEWAY_LOSE_REPLY,   GATEWAY_LOSE_REQUEST,
                                                   GATEWAY_LIMIT_RATE,   GATEWAY_CUT_OFF,
                                                   GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};
    static const enum gateway_moment moments[] = {GATEWAY_ON_REFUND, GATEWAY_ON_REFUND_LOOK_UP};

    (void)state;
    for (size_t i = 0; i < COUNT(injuries) * COUNT(moments) * 2; i++) {
        bool const look_up = moments[i / 6 % 2] == GATEWAY_ON_REFUND_LOOK_UP;
        int64_t const m = pays(look_up ? "tok_refund_lost_reply" : "tok_visa"), id = gives_all(m);
        struct hurt h = {moments[i / 6 % 2], injuries[i % 6], i < 12 ? 1 : 5};
        struct test_db *t = &life.t;
        enum status st = E_INTERNAL;

        sandbox_injure(life.gateway, hurt, &h);
        for (int k = 0; k < 9 && st == E_INTERNAL; k++)
            st = payments_run(&t->cx, &life.world, life_day("2024-02-20") * DAY_MS);
        CHECK(st == OK);
        life_run(&life, "2024-02-20");
        sandbox_injure(life.gateway, NULL, NULL);
        if (look(m, id).refund_state != REFUND_DONE) FAIL("injury %zu: not given back", i);
        CHECK(given().refunds == 1 && given().refunded_minor == 1299);
        life_close(&life);
    }
}

static void another_gateway(void **state)
{
    int64_t const m = pays("tok_visa"), id = gives_all(m);
    struct test_db *t = &life.t;

    (void)state;
    CHECK_OK(db_script(t->db, "UPDATE method SET gateway = 'null'", &t->err));
    life_run(&life, "2024-02-20");
    CHECK(look(m, id).refund_state == REFUND_WANTED && look(m, id).tries > 2);
    CHECK_OK(db_script(t->db, "UPDATE method SET gateway = 'sandbox'", &t->err));
    life_run(&life, "2024-02-22");
    CHECK(look(m, id).refund_state == REFUND_DONE);
    life_close(&life);
}

static void reads_keys(void **state)
{
    static const char *const bad[] = {
        "", "/", "//refund", "mem_1/rfd_1/refund", "rfd_1/refund", "mem_0/1/0/renewal/0/1"};
    char member[ID_TEXT], refund[ID_TEXT], key[GATEWAY_KEY_TEXT];
    int64_t a, r;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) CHECK(!repay_key_read(bad[i], &a, &r));
    snprintf(key, sizeof key, "%s/%s/refund", id_text("mem", 123456, member),
             id_text("rfd", INT64_MAX, refund));
    CHECK(repay_key_read(key, &a, &r) && a == 123456 && r == INT64_MAX);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-04 a whole charge goes back to the method that paid, and the books forget it",
             whole),
        CASE("I-04 a part is taken back over the days that it gives back", unserved_part),
        CASE("I-04 revenue that was earned long ago is taken back in the open month", long_after),
        CASE("I-04 by choice a refund is credit", credit_instead),
        CASE("I-04 the same decision again is the same refund", once_per_key),
        CASE("I-04 no more than is left of the charge", never_more),
        CASE("I-04 nothing goes back of what was never paid", only_what_was_paid),
        CASE("I-04 J-11 what the provider refuses becomes credit and a matter for a person",
             refused),
        CASE("I-04 slow and lost refunds come to their end once", slow_and_lost),
        CASE("I-04 whatever is lost or crashes, the money goes back once", injured),
        CASE("I-04 nobody asks another gateway about it", another_gateway),
        CASE("I-04 keys of refunds are told from those of charges", reads_keys),
    };
    return RUN_CASES("repay", cases);
}
