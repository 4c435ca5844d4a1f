/* begin_test: starts, restarts and what becomes of their payments (SPEC 2.2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/begin.h"

#include "billing/overview.h"
#include "billing/refund.h"
#include "payments/ask_test.h"

static struct life life;
static struct begin_start const plain = {.member = "anna-1",
                                         .email = "anna@example.com",
                                         .name = "Anna Example",
                                         .country = "DE",
                                         .plan = "standard",
                                         .surface = "web"};

static enum status start(const struct begin_start *with, const char *token,
                         struct begin_answer *out)
{
    struct test_db *t = &life.t;
    struct begin_start in = *with;
    enum status s;

    in.token = token;
    CHECK_OK(begin_describe(&t->cx, &life.world, &in));
    s = begin_start(&t->cx, life.catalog, &in, out);
    if (s == OK) CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, out));
    return s;
}

static enum status restart(int64_t account_id, struct begin_answer *out)
{
    struct test_db *t = &life.t;
    struct begin_restart const in = {.account_id = account_id};
    enum status const s = begin_restart(&t->cx, life.catalog, &in, out);

    if (s == OK) CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, out));
    return s;
}

static struct charge *charges(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = account_id, .max = 1000));
    return rows;
}

static size_t invoices(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n, found = 0;

    c = charges(account_id, &n);
    for (size_t i = 0; i < n; i++) {
        static const struct fault MISSING = {E_NOT_FOUND, "test.missing", "missing"};
        struct invoice invoice;

        found += invoice_by_id(&t->cx, &invoice, &MISSING, .invoice_id = c[i].charge_id) == OK;
    }
    return found;
}

/* NONE, sign up: PENDING; PENDING, payment ok: ACTIVE. */
static void joins(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;
    struct consent *consents;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-31");
    CHECK_OK(start(&plain, "tok_visa", &a));
    CHECK(a.state == M_ACTIVE && a.trial == TRIAL_CAPTURED && a.amount_minor == 1299);
    CHECK(!strcmp(a.anchor_on, "2024-01-31"));
    CHECK(!strcmp(a.next_charge_on, "2024-02-29"));
    struct membership const m = life_look(&life, a.account_id);
    CHECK(m.term == 1 && m.k == 0 && m.step == STEP_RENEW && m.pending_from == M_NONE);
    CHECK(m.period_end_day == life_day("2024-02-29"));
    CHECK(life_told(&life, a.account_id, "membership.started", "\"biller\":\"direct\"") == 1);
    CHECK(life_told(&life, a.account_id, "membership.started", "anna@example.com") == 1);
    CHECK(life_told(&life, a.account_id, "membership.started", "\"amount_minor\":1299") == 1);
    CHECK(life_told(&life, a.account_id, "membership.started", "\"anchor_on\":\"2024-01-31\"") ==
          1);
    CHECK_OK(consent_list(&t->cx, a.account_id, &consents, &n));
    CHECK(n == 1 && !strcmp(consents[0].source_op, "membership.start"));
    life_run(&life, "2024-06-01");
    struct charge *c = charges(a.account_id, &n);
    CHECK(n == 5);
    CHECK(c[1].due_on_day == life_day("2024-02-29") && c[2].due_on_day == life_day("2024-03-31"));
    CHECK(c[3].due_on_day == life_day("2024-04-30") && c[4].due_on_day == life_day("2024-05-31"));
    life_end_well(&life);
}

/* As in an import: nobody signs up under an id that means somebody else, or to no address. */
static void names_are_checked(void **state)
{
    static const char *const ids[] = {"me", "system", "..", "mem_1", "acc_1"};
    static const char *const emails[] = {"a@@b.com", "a b@example.com", "a@", "a@\texample.com"};
    struct begin_answer a;

    (void)state;
    life_open(&life, "2024-02-01");
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct begin_start in = plain;

        in.member = ids[i];
        CHECK(start(&in, "tok_visa", &a) == E_INVALID);
        CHECK(life.t.err.fault == &MEMBER_EXTERNAL_ID_RESERVED);
    }
    for (size_t i = 0; i < COUNT(emails); i++) {
        struct begin_start in = plain;

        in.email = emails[i];
        CHECK(start(&in, "tok_visa", &a) == E_INVALID);
        CHECK(life.t.err.fault == &MEMBER_EMAIL_INVALID);
    }
    life_end_well(&life);
}

static void is_refused(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a, again;
    struct overview o;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    CHECK(start(&plain, "tok_insufficient_funds", &a) == OK);
    CHECK(a.state == M_NONE && a.trial == TRIAL_DECLINED && a.reason != 0 && *a.text);
    CHECK(life_look(&life, a.account_id).term == 0);
    CHECK_OK(overview_get(&t->cx, life.catalog, &(struct overview_get){"", a.account_id}, &o));
    CHECK(!*o.anchor_on && !*o.period_start && !*o.period_end);
    CHECK(invoices(a.account_id) == 0); /* nothing is owed */
    CHECK(life_told(&life, a.account_id, "membership.payment_refused", "insufficient_funds") == 1);
    life_run(&life, "2024-02-10");
    CHECK(charges(a.account_id, &n)->attempts == 1 && n == 1);
    CHECK(start(&plain, "tok_visa", &again) == OK);
    CHECK(again.account_id == a.account_id && again.state == M_ACTIVE);
    CHECK(again.trial == TRIAL_CAPTURED);
    CHECK(!strcmp(again.anchor_on, "2024-02-10"));
    CHECK(charges(a.account_id, &n)->attempts == 2 && n == 1 && invoices(a.account_id) == 1);
    CHECK(start(&plain, "tok_visa", &again) == E_CONFLICT);
    CHECK(life.t.err.fault == &MEMBER_EXISTS);
    life_end_well(&life);
}

static void waits(void **state)
{
    struct begin_answer a, again;

    (void)state;
    life_open(&life, "2024-02-01");
    CHECK(start(&plain, "tok_lost_reply", &a) == OK);
    CHECK(a.state == M_PENDING && a.trial == TRIAL_PENDING);
    CHECK(!state_has_access((enum membership_state)a.state));
    CHECK(start(&plain, "tok_visa", &again) == E_CONFLICT); /* a doubt is ended first */
    life_run(&life, "2024-02-02");
    CHECK(life_look(&life, a.account_id).state == M_ACTIVE); /* looked up after 15 minutes */
    CHECK(life_look(&life, a.account_id).anchor_day == life_day("2024-02-01"));
    life_end_well(&life);
}

/* pending_minutes over: the state before; captured after it: it goes back. */
static void comes_late(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a, again;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    CHECK(start(&plain, "tok_slow_capture", &a) == OK);
    CHECK(a.state == M_PENDING);
    life_run(&life, "2024-02-02");
    CHECK(life_look(&life, a.account_id).state == M_NONE);
    CHECK(life_told(&life, a.account_id, "membership.payment_refused", "payment.no_answer") == 1);
    CHECK(charges(a.account_id, &n)->charge_state == CHARGE_UNKNOWN);
    CHECK(start(&plain, "tok_visa", &again) == E_CONFLICT); /* never two at once */
    CHECK(life.t.err.fault == &BILLING_PAYMENT_IN_FLIGHT);
    life_run(&life, "2024-02-10");
    CHECK(life_look(&life, a.account_id).state == M_NONE);
    CHECK(charges(a.account_id, &n)->charge_state == CHARGE_CAPTURED);
    CHECK(life_told(&life, a.account_id, "membership.late_payment", "1299") == 1);
    CHECK(life_told(&life, a.account_id, "billing.refund_decided", "late_capture") == 1);
    struct refund *refunds;
    size_t n_refunds;
    CHECK_OK(refunds_of(&t->cx, &refunds, &n_refunds, .account_id = a.account_id, .max = 10));
    CHECK(n_refunds == 1 && refunds->amount_minor == 1299 && refunds->refund_state == REFUND_DONE);
    CHECK(start(&plain, "tok_visa", &again) == OK);
    CHECK(again.state == M_ACTIVE && life_look(&life, a.account_id).term == 2);
    life_end_well(&life);
}

/* What never arrived at the provider is not sent again once it is given up. */
static void never_arrives(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;
    struct charge *c;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    t->settings.look_up_minutes = 120; /* later than pending_minutes */
    CHECK(start(&plain, "tok_lost_request", &a) == OK);
    CHECK(a.state == M_PENDING);
    life_run(&life, "2024-02-10");
    c = charges(a.account_id, &n);
    CHECK(n == 1 && c->charge_state == CHARGE_CANCELED && invoices(a.account_id) == 0);
    CHECK(life_look(&life, a.account_id).state == M_NONE);
    life_end_well(&life);
}

static void plans_closed(void **state)
{
    struct begin_start in = plain;
    struct begin_answer a;
    const char *slots = strstr(life_catalog, "slots: 1,");

    (void)state;
    life_open(&life, "2024-02-01");
    life_apply(&life, arena_printf(&life.t.arena, "%.*sclosed: 2024-01-01, %s",
                                   (int)(slots - life_catalog), life_catalog, slots));
    CHECK(start(&in, "tok_visa", &a) == E_CONFLICT && life.t.err.fault == &MEMBER_PLAN_CLOSED);
    in.plan = "basic";
    CHECK(start(&in, "tok_amex", &a) != OK);
    CHECK(life.t.err.fault == &METHOD_BRAND_NOT_ACCEPTED);
    CHECK(start(&in, "tok_visa", &a) == OK && a.state == M_ACTIVE);
    life_end_well(&life);
}

/* A member who joined on 10 January and cancelled; access ends on 10 February. */
static int64_t former(void)
{
    struct test_db *t = &life.t;
    struct membership m;

    life_open(&life, "2024-01-10");
    int64_t const id = life_member(&life, "DE", "standard", "2024-01-10", "2024-01-10", "tok_visa");
    life_run(&life, "2024-01-20");
    t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = id, .surface = SURFACE_WEB};
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    return id;
}

static void restarts(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;

    (void)state;
    int64_t const id = former();
    life_run(&life, "2024-03-05");
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK(restart(id, &a) == E_DENIED && t->err.fault == &MEMBERSHIP_PROOF_NEEDED);
    CHECK(life_look(&life, id).state == M_CANCELED);
    t->cx.actor.proven = true;
    t->cx.actor.network = "192.0.2.7";
    CHECK(restart(id, &a) == OK);
    CHECK(a.state == M_ACTIVE && a.trial == TRIAL_CAPTURED);
    CHECK(!strcmp(a.anchor_on, "2024-03-05"));
    struct membership const m = life_look(&life, id);
    CHECK(m.term == 2 && !m.end_day && !m.retention_until_day && m.step == STEP_RENEW);
    CHECK(life_told(&life, id, "membership.restart_begun", "192.0.2.7") == 1);
    CHECK(life_told(&life, id, "membership.restart_begun", "all_contacts") == 1);
    CHECK(life_told(&life, id, "membership.restarted", "2024-04-05") == 1);
    struct consent *consents;
    size_t n;
    CHECK_OK(consent_list(&t->cx, id, &consents, &n));
    CHECK(n == 1 && !strcmp(consents[0].source_op, "membership.restart"));
    life_end_well(&life);
}

static void restart_refused(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;

    (void)state;
    life_open(&life, "2024-01-10");
    int64_t const id =
        life_member(&life, "DE", "standard", "2024-01-10", "2024-01-10", "tok_until_20240201");
    life_run(&life, "2024-01-20");
    struct membership m;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    life_run(&life, "2024-03-05");
    m = life_look(&life, id);
    CHECK(restart(id, &a) == OK);
    CHECK(a.state == M_CANCELED && a.trial == TRIAL_DECLINED);
    struct membership const after = life_look(&life, id);
    CHECK(after.retention_until_day == m.retention_until_day && after.end_day == m.end_day);
    CHECK(after.term == m.term && after.step == m.step);
    life_run(&life, "2024-05-01"); /* no dunning of a restart */
    size_t n;
    struct charge *c = charges(id, &n);
    CHECK(n == 2 && c[1].attempts == 1 && c[1].charge_state == CHARGE_CANCELED);
    life_end_well(&life);
}

/* Golden 8. */
static void retention(void **state)
{
    static const struct {
        const char *day;
        bool allowed;
    } cases[] = {
        {"2024-12-09", true },
        {"2024-12-10", false},
        {"2024-12-11", false},
    };
    struct begin_answer a;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t const id = former();

        life_run(&life, cases[i].day);
        life.t.cx.actor.proven = true;
        enum status const s = restart(id, &a);
        CHECK(s == (cases[i].allowed ? OK : E_CONFLICT));
        if (cases[i].allowed)
            CHECK(a.state == M_ACTIVE);
        else
            CHECK(life.t.err.fault == &MEMBERSHIP_RETENTION_OVER);
        life_end_well(&life);
    }
}

static void undoes(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;
    size_t n;

    (void)state;
    int64_t const id = former();
    struct begin_restart other = {.account_id = id, .plan = "basic"};
    life_run(&life, "2024-02-05");
    CHECK(begin_restart(&t->cx, life.catalog, &other, &a) == E_CONFLICT);
    CHECK(t->err.fault == &CHANGE_NOT_NOW && life_look(&life, id).state == M_ENDING);
    CHECK(restart(id, &a) == OK); /* without a fresh proof: same plan, method and date */
    CHECK(a.state == M_ACTIVE && a.trial == TRIAL_NONE);
    CHECK(!strcmp(a.anchor_on, "2024-01-10"));
    CHECK(life_told(&life, id, "membership.cancel_undone", "2024-02-10") == 1);
    life_run(&life, "2024-02-12");
    struct charge *c = charges(id, &n);
    CHECK(n == 2 && c[1].k == 1 && c[1].charge_state == CHARGE_CAPTURED);
    CHECK(life_look(&life, id).end_day == 0);
    life_end_well(&life);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("B-02 B-03 B-16 Y-05 a start is paid: active, anchor the day of joining", joins),
        CASE("B-02 Y-14 a start under an odd id or to an odd address is refused",
             names_are_checked),
        CASE("B-11 a refused start leads back to none, nothing owed, and may be tried again",
             is_refused),
        CASE("B-11 a start whose reply is lost stays pending until it is looked up", waits),
        CASE(
            "B-11 I-04 pending_minutes over leads back; what is captured later goes back by itself",
            comes_late),
        CASE("B-11 a start that was given up is not sent again", never_arrives),
        CASE("A-10 C-06 closed plans and methods that are not accepted are refused at the start",
             plans_closed),
        CASE("B-02 B-16 F-12 F-13 F-15 a restart asks for proof, charges at once and tells all "
             "contacts",
             restarts),
        CASE("F-13 a refused restart leads back to canceled with the same dates", restart_refused),
        CASE("E-06 E-07 F-13 golden 8: a day before the retention ends, and after", retention),
        CASE("F-13 a restart while access lasts undoes the end: same plan, method and anchor",
             undoes),
    };
    return RUN_CASES("begin", tests);
}
