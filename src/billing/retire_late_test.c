/* retire_late_test: retirements of plans that locks, outages and unpaid periods have outlived.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"
#include "billing/reach.h"
#include "billing/retire_test.h"
#include "change_sql.h"

/* The periods between the last one with the plan and the first without it were never booked: the
 * account was locked. */
static void outlives_a_lock(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    int64_t const b = join("mini", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-05-12");
    lock(a);
    lock(b);
    life_run(&life, "2024-07-20");
    unlock(a);
    unlock(b);
    CHECK_OK(call(a, "plan.choices", json_object(), &out));
    CHECK(strcmp(word(out, "starts_on"), "2024-07-15") == 0);
    t->cx.now += 1000;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now)); /* put off by a day */
    CHECK(life_look(&life, a).due_at > t->cx.now);
    CHECK(call(a, "membership.change_plan", json_pack("{s:s}", "plan", "premium"), &out) ==
          E_CONFLICT);
    CHECK(t->err.fault == &CHANGE_RENEWAL_DUE);
    life_run(&life, "2024-07-25");
    check_charge(a, "2024-07-15", 1299);
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    CHECK(life_look(&life, b).state == M_CANCELED);
    life_close(&life);
}

/* The pause was to end after the day, and the account was locked over both. */
static void outlives_a_lock_in_a_pause(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-20", "2024-03-01");
    int64_t const b = join("mini", "2024-01-20", "2024-03-01");
    life_run(&life, "2024-05-10");
    CHECK_OK(call(a, "membership.pause", json_object(), &out));
    CHECK_OK(call(b, "membership.pause", json_object(), &out));
    life_run(&life, "2024-05-25");
    CHECK(life_look(&life, a).state == M_PAUSED);
    lock(a);
    lock(b);
    life_run(&life, "2024-07-20");
    unlock(a);
    unlock(b);
    life_run(&life, "2024-07-25");
    CHECK(life_look(&life, a).state == M_ACTIVE);
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    CHECK(life_look(&life, b).state == M_CANCELED);
    life_close(&life);
}

/* The end of a pause is announced with its price: a term that begins on the day before still has
 * the plan, one of the day has not. */
static void pauses_end_as_foreseen(void **state)
{
    static const struct {
        const char *joined, *until;
        int64_t minor;
    } cases[] = {
        {"2024-01-09", "2024-06-09", 999 },
        {"2024-01-10", "2024-06-10", 1299}
    };
    struct test_db *t = &life.t;
    const json_t *out;
    int64_t m[COUNT(cases)];

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    for (size_t i = 0; i < COUNT(cases); i++) m[i] = join("old", cases[i].joined, "2024-03-01");
    life_run(&life, "2024-05-05");
    for (size_t i = 0; i < COUNT(cases); i++) {
        CHECK_OK(call(m[i], "membership.pause", json_object(), &out));
        CHECK(strcmp(word(out, "resume_on"), cases[i].until) == 0);
        CHECK(json_integer_value(json_object_get(out, "amount_minor")) == cases[i].minor);
    }
    life_run(&life, "2024-06-05");
    for (size_t i = 0; i < COUNT(cases); i++) CHECK(previewed(m[i]) == cases[i].minor);
    life_run(&life, "2024-06-12");
    for (size_t i = 0; i < COUNT(cases); i++) check_charge(m[i], cases[i].until, cases[i].minor);
    life_run(&life, "2024-07-12");
    check_charge(m[0], "2024-07-09", 1299);
    life_close(&life);
}

/* The day has come, and nobody has worked since: their owners end their pauses. */
static void owners_end_pauses_late(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-20", "2024-03-01");
    int64_t const b = join("mini", "2024-01-20", "2024-03-01");
    life_run(&life, "2024-05-10");
    CHECK_OK(call(a, "membership.pause", json_object(), &out));
    CHECK_OK(call(b, "membership.pause", json_object(), &out));
    life_run(&life, "2024-06-05");
    t->cx.now = life_day("2024-06-12") * DAY_MS;
    CHECK_OK(call(a, "membership.resume", json_pack("{s:b}", "preview", 1), &out));
    CHECK(strcmp(word(out, "plan"), "standard") == 0);
    CHECK(json_integer_value(json_object_get(out, "amount_minor")) == 1299);
    CHECK_OK(call(a, "membership.resume", json_object(), &out));
    CHECK(call(b, "membership.resume", json_object(), &out) == E_CONFLICT);
    CHECK(t->err.fault == &RETIRE_ENDS);
    check_charge(a, "2024-06-12", 1299);
    life_run(&life, "2024-06-14");
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    CHECK(life_look(&life, b).state == M_CANCELED);
    life_close(&life);
}

/* A term that would end a hold begins without the plan, however long the account was locked. */
static void outlives_a_lock_on_hold(void **state)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    t->settings.grace_days = 0;
    t->settings.hold_limit_days = 90;
    int64_t const a =
        life_member(&life, "DE", "old", "2024-01-15", "2024-03-01", "tok_until_20240501");
    life_run(&life, "2024-05-20");
    CHECK(life_look(&life, a).state == M_HOLD);
    lock(a);
    life_run(&life, "2024-07-10");
    unlock(a);
    life_run(&life, "2024-07-20");
    size_t const n = charges(a, &rows);
    CHECK(n && rows[n - 1].due_on_day >= life_day("2024-07-10"));
    CHECK(rows[n - 1].amount_minor == 1299);
    life_close(&life);
}

/* What is planned for the end of a period falls with it: whoever is on hold and pays before the day
 * goes on with the plan that they have been promised until then. */
static void keeps_the_plan_on_hold_until_its_day(void **state)
{
    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    life.t.settings.grace_days = 2;
    int64_t const a = life_member(&life, "DE", "old", "2024-01-20", "2024-03-01",
                                  "tok_until_20240515;tok_from_20240525");
    life_run(&life, "2024-05-21");
    CHECK(life_look(&life, a).state == M_GRACE);
    CHECK(strcmp(life_look(&life, a).next_plan, "standard") == 0);
    life_run(&life, "2024-05-23");
    CHECK(life_look(&life, a).state == M_HOLD && !*life_look(&life, a).next_plan);
    CHECK(previewed(a) == 999);
    life_run(&life, "2024-06-05");
    struct membership m = life_look(&life, a);
    CHECK(m.state == M_ACTIVE && strcmp(m.plan, "old") == 0);
    check_charge(a, day_text(m.anchor_day, (char[DAY_TEXT]){0}), 999);
    life_run(&life, "2024-07-10");
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    check_charge(a, day_text(m.period_end_day, (char[DAY_TEXT]){0}), 1299);
    life_close(&life);
}

/* Its last period is never paid: the hold begins after the day. */
static void ends_with_its_grace(void **state)
{
    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a =
        life_member(&life, "DE", "mini", "2024-01-07", "2024-03-01", "tok_until_20240601");
    life_run(&life, "2024-06-08");
    CHECK(life_look(&life, a).state == M_GRACE);
    life_run(&life, "2024-06-11");
    CHECK(life_look(&life, a).state == M_GRACE);
    life_run(&life, "2024-06-14");
    CHECK(life_look(&life, a).state == M_CANCELED);
    life_close(&life);
    open_shop("2024-03-01", "2024-06-01");
    life.t.settings.grace_days = 40; /* longer than the period */
    int64_t const b =
        life_member(&life, "DE", "mini", "2024-01-07", "2024-03-01", "tok_until_20240501");
    life_run(&life, "2024-06-12");
    CHECK(life_look(&life, b).state == M_ENDING);
    CHECK(life_look(&life, b).end_day == life_day("2024-06-16"));
    life_run(&life, "2024-06-18");
    CHECK(life_look(&life, b).state == M_CANCELED);
    life_close(&life);
}

/* The worker stands still as the grace ends, and looks at the retirement before it ends it. */
static void ends_with_its_grace_late(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a =
        life_member(&life, "DE", "mini", "2024-01-07", "2024-03-01", "tok_until_20240601");
    life_run(&life, "2024-06-08");
    life.world.test_clock = false;
    t->cx.now = life_day("2024-06-14") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    t->cx.now += 2 * INT64_C(3600000); /* until an attempt has its answer */
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(life_look(&life, a).state == M_CANCELED);
    life_close(&life);
}

/* On hold while the day has passed and we were away: nothing has taken the plan's place yet. */
static int64_t held_over_its_day(const char *plan)
{
    struct test_db *t = &life.t;

    open_shop("2024-03-01", "2024-06-10");
    t->settings.grace_days = 2;
    t->settings.hold_limit_days = 90;
    int64_t const a =
        life_member(&life, "DE", plan, "2024-01-15", "2024-03-01", "tok_until_20240501");
    life_run(&life, "2024-05-25");
    CHECK(life_look(&life, a).state == M_HOLD);
    life.world.test_clock = false;
    t->cx.now = life_day("2024-06-20") * DAY_MS;
    return a;
}

static struct charge newest(int64_t account_id)
{
    struct charge *rows, *last;
    size_t const n = charges(account_id, &rows);

    CHECK(n > 0);
    last = rows;
    for (size_t i = 0; i < n; i++)
        if (rows[i].charge_id > last->charge_id) last = &rows[i];
    return *last;
}

static const json_t *add_method(int64_t account_id)
{
    struct actor const owner = {
        .role = ROLE_OWNER, .id = account_id, .surface = SURFACE_WEB, .proven = true};
    struct test_db *t = &life.t;
    const json_t *out;

    CHECK_OK(call_as(owner, "method.add", json_pack("{s:s}", "token", "tok_mastercard"), &out));
    return out;
}

/* What takes the plan's place is no reason to wait for whoever wants to pay; and it is nobody's
 * wish. */
static void a_new_method_is_tried_at_once(void **state)
{
    struct test_db *t = &life.t;
    struct plan_change *change;
    size_t n;

    (void)state;
    int64_t const a = held_over_its_day("old");
    CHECK(strcmp(word(add_method(a), "trial"), "captured") == 0);
    CHECK(life_look(&life, a).state == M_ACTIVE);
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    CHECK(newest(a).amount_minor == 1299);
    CHECK_OK(plan_changes_of(&t->cx, &change, &n, .account_id = a, .max = 10));
    for (size_t i = 0; i < n; i++) CHECK(change[i].actor_role == ROLE_SYSTEM);
    CHECK(n > 0);
    life_close(&life);
}

/* Where nothing takes its place it ends as it would have without the method. */
static void a_new_method_ends_nothing(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    int64_t const a = held_over_its_day("mini");
    CHECK(strcmp(word(add_method(a), "trial"), "none") == 0);
    CHECK(life_look(&life, a).state == M_HOLD);
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(life_look(&life, a).state == M_CANCELED);
    CHECK(newest(a).charge_state != CHARGE_CAPTURED);
    life_close(&life);
}

static void release(int64_t account_id)
{
    struct test_db *t = &life.t;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(reach_release(&t->cx, life.catalog, account_id));
    CHECK_OK(tx_commit(&tx));
}

static void give(int64_t account_id, int64_t minor)
{
    struct credit_move const gift = {
        .account_id = account_id, .kind = CREDIT_ISSUE, .amount_minor = minor, .currency = "EUR"};
    struct test_db *t = &life.t;

    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    release(account_id);
}

static void enough_credit_pays_at_once(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    int64_t const a = held_over_its_day("old");
    give(a, 1298);
    CHECK(!*life_look(&life, a).next_plan); /* a cent is missing */
    give(a, 1);
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(life_look(&life, a).state == M_ACTIVE);
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    CHECK(newest(a).credit_minor == 1299);
    life_close(&life);
}

/* On the day the old price is no longer the one to pay: what covers that alone releases nothing,
 * and takes nothing from a method. On the day before it is, for a period with the plan. */
static void credit_for_the_old_price_is_too_little(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    int64_t a = held_over_its_day("old");
    t->cx.now = life_day("2024-06-10") * DAY_MS + 12 * INT64_C(3600000);
    give(a, 999);
    CHECK(life_look(&life, a).state == M_HOLD);
    CHECK(newest(a).charge_state == CHARGE_FAILED && newest(a).credit_minor == 0);
    life_close(&life);
    a = held_over_its_day("mini");
    t->cx.now = life_day("2024-06-10") * DAY_MS + 12 * INT64_C(3600000);
    give(a, 599);
    CHECK(life_look(&life, a).state == M_HOLD);
    CHECK(newest(a).charge_state == CHARGE_FAILED && newest(a).credit_minor == 0);
    life_close(&life);
    a = held_over_its_day("old");
    t->cx.now = life_day("2024-06-09") * DAY_MS + 12 * INT64_C(3600000);
    CHECK(previewed(a) == 999);
    give(a, 999);
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(life_look(&life, a).state == M_ACTIVE && newest(a).credit_minor == 999);
    CHECK(strcmp(life_look(&life, a).plan, "old") == 0);
    t->cx.now = life_day("2024-07-10") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    CHECK(strcmp(life_look(&life, a).plan, "standard") == 0);
    check_charge(a, "2024-07-09", 1299);
    life_close(&life);
}

/* Its owner wanted to go on for as long as credit pays; the plan is over before that, and we were
 * away as its last period ended. */
static void credit_carries_nobody_past_its_day(void **state)
{
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 5000, .currency = "EUR"};
    struct test_db *t = &life.t;
    struct membership m;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    t->settings.bill_missed_periods = 0;
    int64_t const a = join("mini", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-05-12");
    gift.account_id = a;
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(billing_cancel_until(&t->cx, life.catalog, a, UNTIL_CREDIT, &m));
    CHECK(m.state == M_ENDING && m.end_day > life_day("2024-07-15"));
    life.world.test_clock = false;
    t->cx.now = life_day("2024-06-25") * DAY_MS;
    for (int days = 0; days < 3; days++, t->cx.now += DAY_MS)
        CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
    m = life_look(&life, a);
    CHECK(m.state == M_CANCELED && m.end_day == life_day("2024-05-15"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-10 a pause that a lock outlived never ends with the retired plan",
             outlives_a_lock_in_a_pause),
        CASE("A-10, A-02, G-05 a pause ends with the plan that was foreseen",
             pauses_end_as_foreseen),
        CASE("A-10, G-07 whoever ends a pause after the day begins without the plan",
             owners_end_pauses_late),
        CASE("A-10 a hold that a lock outlived never ends with the retired plan",
             outlives_a_lock_on_hold),
        CASE("A-10 whoever pays on hold before the day keeps the plan until then",
             keeps_the_plan_on_hold_until_its_day),
        CASE("A-10, B-17 and after an outage, too", ends_with_its_grace_late),
        CASE("A-10, 2.2 a hold that begins after its day ends it", ends_with_its_grace),
        CASE("A-10, B-17 a lock that outlives the last period with it", outlives_a_lock),
        CASE("A-10 E-08 on hold a new method is tried at once, without the plan",
             a_new_method_is_tried_at_once),
        CASE("A-10 E-14 enough credit ends a hold at once, without the plan",
             enough_credit_pays_at_once),
        CASE("A-10 E-08 where nothing takes the plan's place a new method ends nothing",
             a_new_method_ends_nothing),
        CASE("A-10 E-14 credit for the old price is enough on the eve, and too little on the day",
             credit_for_the_old_price_is_too_little),
        CASE("A-10 F-06 F-10 credit carries nobody past the day, whatever we missed",
             credit_carries_nobody_past_its_day),
    };
    return RUN_CASES("retire_late", cases);
}
