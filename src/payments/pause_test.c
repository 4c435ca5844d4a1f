/* pause_test: pauses, from the decision to the next charge (SPEC G, 2.2).
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/overview.h"
#include "payments/ask_test.h"
#include "payments/begin.h"

static struct life life;

static int64_t member(const char *token)
{
    life_open(&life, "2024-01-10");
    int64_t const id = life_member(&life, "DE", "standard", "2024-01-10", "2024-01-10", token);
    life_run(&life, "2024-01-20");
    life.t.cx.actor = (struct actor){.role = ROLE_OWNER, .id = id, .surface = SURFACE_WEB};
    return id;
}

static enum status take_pause(int64_t id, struct pause_view *v)
{
    struct pause_do const in = {.account_id = id};

    return pause_decide(&life.t.cx, life.catalog, &in, v);
}

static enum status extend(int64_t id, struct pause_view *v)
{
    struct pause_do const in = {.account_id = id};

    return pause_extend(&life.t.cx, life.catalog, &in, v);
}

static enum status resume(int64_t id, bool preview, struct begin_answer *out)
{
    struct test_db *t = &life.t;
    struct begin_resume const in = {.account_id = id, .preview = preview};
    enum status const s = begin_resume(&t->cx, life.catalog, &in, out);

    if (s == OK) CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, out));
    return s;
}

static struct charge *charges(int64_t id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = id, .max = 1000));
    return rows;
}

static void pauses(void **state)
{
    struct test_db *t = &life.t;
    struct overview_get in = {0};
    struct overview o;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    in.account_id = id;
    CHECK(take_pause(id, &v) == OK);
    CHECK(v.state == M_ACTIVE && v.months == 1 && v.amount_minor == 1299);
    CHECK(!strcmp(v.pause_on, "2024-02-10") && !strcmp(v.resume_on, "2024-03-10"));
    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    CHECK(!strcmp(o.resume_on, "2024-03-10") && !strcmp(o.next_charge_on, "2024-03-10"));
    CHECK(take_pause(id, &v) == E_CONFLICT && t->err.fault == &PAUSE_ALREADY);
    life_run(&life, "2024-02-09");
    CHECK(life_look(&life, id).state == M_ACTIVE); /* access until then */
    life_run(&life, "2024-02-12");
    CHECK(life_look(&life, id).state == M_PAUSED && !state_has_access(M_PAUSED));
    CHECK(charges(id, &n) && n == 1);
    CHECK(life_told(&life, id, "membership.resume_reminder", "2024-03-10") == 0);
    life_run(&life, "2024-03-08");
    CHECK(life_told(&life, id, "membership.resume_reminder", "2024-03-10") == 1);
    life_run(&life, "2024-03-12");
    struct membership const m = life_look(&life, id);
    CHECK(m.state == M_ACTIVE && m.term == 2 && m.anchor_day == life_day("2024-03-10"));
    CHECK(m.pause_months == 0 && charges(id, &n) && n == 2);
    life_end_well(&life);
}

/* Golden 14. */
static void extends(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(take_pause(id, &v) == OK);
    life_run(&life, "2024-02-12");
    CHECK(extend(id, &v) == OK);
    CHECK(v.months == 2 && !strcmp(v.resume_on, "2024-04-10"));
    CHECK(extend(id, &v) == OK);
    CHECK(v.months == 3 && !strcmp(v.resume_on, "2024-05-10"));
    CHECK(extend(id, &v) == E_LIMIT && t->err.fault == &PAUSE_LIMIT);
    life_run(&life, "2024-04-15"); /* the price has changed since */
    CHECK(life_look(&life, id).state == M_PAUSED);
    CHECK(resume(id, true, &a) == OK);
    CHECK(a.state == M_PAUSED && a.amount_minor == 1399 && !strcmp(a.anchor_on, "2024-04-15"));
    CHECK(!strcmp(a.next_charge_on, "2024-05-15") && charges(id, &n) && n == 1);
    CHECK(resume(id, false, &a) == OK);
    CHECK(a.state == M_ACTIVE && a.trial == TRIAL_CAPTURED && a.amount_minor == 1399);
    CHECK(!strcmp(a.anchor_on, "2024-04-15") && !strcmp(a.next_charge_on, "2024-05-15"));
    life_run(&life, "2024-05-16");
    CHECK(charges(id, &n) && n == 3);
    life_end_well(&life);
}

static void early_refused(void **state)
{
    struct begin_answer a;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_until_20240201");
    CHECK(take_pause(id, &v) == OK);
    life_run(&life, "2024-02-20");
    CHECK(resume(id, false, &a) == OK && a.trial == TRIAL_DECLINED);
    struct membership m = life_look(&life, id);
    CHECK(m.state == M_PAUSED && m.step == STEP_RESUME && m.pause_months == 1);
    life_run(&life, "2024-03-11"); /* refused on the date itself: hold, with nothing invoiced */
    m = life_look(&life, id);
    CHECK(m.state == M_HOLD && charges(id, &n) && n == 2);
    life_run(&life, "2024-04-20");
    m = life_look(&life, id);
    CHECK(m.state == M_CANCELED && m.end_day == life_day("2024-02-10"));
    CHECK(charges(id, &n)[1].charge_state == CHARGE_CANCELED);
    life_end_well(&life);
}

static void hold_cured(void **state)
{
    struct test_db *t = &life.t;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_until_20240201");
    CHECK(take_pause(id, &v) == OK);
    life_run(&life, "2024-03-12");
    CHECK(life_look(&life, id).state == M_HOLD);
    struct method_add in = {.account_id = id, .token = "tok_mastercard", .primary = true};
    struct method_answer out;
    memset(&out, 0, sizeof out);
    CHECK_OK(method_describe(&t->cx, &life.world, &in));
    CHECK_OK(method_add(&t->cx, life.catalog, &in, &out));
    CHECK_OK(method_try(&t->cx, &life.world, life.catalog, id, &out));
    CHECK(out.trial == TRIAL_CAPTURED);
    struct membership const m = life_look(&life, id);
    CHECK(m.state == M_ACTIVE && m.anchor_day == life_day("2024-03-12") && m.term == 2);
    CHECK(m.pause_months == 0);
    CHECK(charges(id, &n) && n == 2);
    life_run(&life, "2024-04-13");
    CHECK(charges(id, &n) && n == 3);
    life_end_well(&life);
}

static void withdrawn(void **state)
{
    struct begin_answer a;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(take_pause(id, &v) == OK);
    CHECK(resume(id, false, &a) == OK && a.state == M_ACTIVE && a.trial == TRIAL_NONE);
    CHECK(charges(id, &n) && n == 1);
    life_run(&life, "2024-03-12");
    CHECK(life_look(&life, id).state == M_ACTIVE && charges(id, &n) && n == 3);
    CHECK(life_told(&life, id, "membership.resume_reminder", "") == 0);
    CHECK(resume(id, false, &a) == E_CONFLICT && life.t.err.fault == &PAUSE_NONE);
    life_end_well(&life);
}

/* The pause is decided while the provider has the renewal's charge. */
static enum status decide_meanwhile(void *state, const struct gateway_charge *charges, size_t n,
                                    struct gateway_answer *answers, struct arena *a,
                                    struct error *e)
{
    struct test_db *t = &life.t;
    struct pause_view v;

    CHECK(n == 1);
    CHECK_OK(take_pause(t->cx.actor.id, &v));
    return life.gateway->charge(state, charges, n, answers, a, e);
}

static void withdrawn_in_doubt(void **state)
{
    struct begin_answer a;
    size_t n;

    (void)state;
    int64_t const id = member("tok_slow_capture");
    struct gateway slow = *life.gateway;
    slow.charge = decide_meanwhile;
    life.world.gateway = &slow;
    life.world.deaf = true; /* look-ups alone tell */
    life_run(&life, "2024-02-10");
    life.world.gateway = life.gateway;
    CHECK(charges(id, &n)[1].charge_state == CHARGE_UNKNOWN && n == 2);
    CHECK(life_look(&life, id).pause_months > 0);
    CHECK(resume(id, false, &a) == OK && a.state == M_ACTIVE);
    life_run(&life, "2024-03-25");
    CHECK(life_look(&life, id).state == M_ACTIVE &&
          charges(id, &n)[1].charge_state == CHARGE_CAPTURED);
    CHECK(charges(id, &n)[2].charge_state == CHARGE_CAPTURED && n == 3);
    life_end_well(&life);
}

static void cancelled(void **state)
{
    struct test_db *t = &life.t;
    struct membership m;
    struct pause_view v;
    size_t n;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(take_pause(id, &v) == OK);
    life_run(&life, "2024-02-20");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    CHECK(m.state == M_CANCELED && m.end_day == life_day("2024-02-10"));
    life_run(&life, "2024-06-01");
    CHECK(charges(id, &n) && n == 1);
    life_end_well(&life);
}

/* The early charge was for the plan of the next period; by the time its money comes the member has
 * cancelled, and the invoice is still of what was asked for. */
static void cancelled_in_doubt(void **state)
{
    struct test_db *t = &life.t;
    struct begin_answer a;
    struct membership m;
    struct pause_view v;

    (void)state;
    int64_t const id = member("tok_visa");
    CHECK(take_pause(id, &v) == OK);
    life_run(&life, "2024-02-12");
    CHECK_OK(db_script(t->db,
                       "UPDATE membership SET next_plan = 'basic';"
                       "UPDATE method SET token = 'tok_slow_capture', fingerprint = 'f'",
                       &t->err));
    CHECK(resume(id, false, &a) == OK);
    CHECK(a.state == M_PENDING && a.amount_minor == 799);
    life_run(&life, "2024-02-13");
    CHECK(life_look(&life, id).state == M_PAUSED);
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    CHECK(*m.next_plan == 0);
    life_run(&life, "2024-02-25");
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK(life_told(&life, id, "membership.late_payment", "799") == 1);
    life_end_well(&life);
}

static void not_eligible(void **state)
{
    struct test_db *t = &life.t;
    struct pause_view v;

    (void)state;
    int64_t id = member("tok_visa");
    t->settings.pausable_methods = "wallet";
    CHECK(take_pause(id, &v) == E_CONFLICT && t->err.fault == &PAUSE_METHOD);
    t->settings.pausable_methods = "wallet,card";
    int64_t const basic = life_member(&life, "DE", "basic", "2024-01-10", "2024-01-20", "tok_visa");
    CHECK(take_pause(basic, &v) == E_CONFLICT && t->err.fault == &PAUSE_PLAN);
    CHECK_OK(db_script(t->db,
                       "UPDATE membership SET biller = 'store', step = 'none', due_at = 0, "
                       "due_day = 0 WHERE plan = 'basic'",
                       &t->err));
    CHECK(take_pause(basic, &v) == E_CONFLICT && t->err.fault == &MEMBERSHIP_PARTNER_BILLED);
    life_end_well(&life);
    id = member("tok_until_20240201");
    life_run(&life, "2024-02-12");
    CHECK(life_look(&life, id).state == M_GRACE);
    CHECK(take_pause(id, &v) == E_CONFLICT && t->err.fault == &PAUSE_PAYMENT_PROBLEM);
    life_end_well(&life);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("G-01 G-02 G-05 G-07 G-10 Y-10 a pause begins after the paid period and ends with a "
             "charge",
             pauses),
        CASE("G-04 G-06 golden 14: extended twice, not thrice; early resume shows what it costs",
             extends),
        CASE("G-06 G-09 refused early it stays paused; refused on its date it is a hold",
             early_refused),
        CASE("E-16 G-09 a hold after a pause is cured by a payment", hold_cured),
        CASE("G-07 a pause is withdrawn before it begins, without a charge", withdrawn),
        CASE("G-07 B-11 a withdrawn pause leaves no doubt behind", withdrawn_in_doubt),
        CASE("G-08 cancelling while paused charges nothing", cancelled),
        CASE("A-14 G-08 a late payment is invoiced as what was asked for", cancelled_in_doubt),
        CASE("G-03 plan, method, biller and standing decide, each with its reason", not_eligible),
    };
    return RUN_CASES("pause", tests);
}
