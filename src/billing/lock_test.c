/* lock_test: what a lock stops, what it lets through, and how life goes on afterwards.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/lock.h"

#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/overview.h"
#include "history_sql.h"
#include "payments/ask_test.h"
#include "payments/revenue_test.h"

static struct life life;

/* What an op answers; it lives in the test's arena. */
static const char *ask(enum role role, int64_t m, const char *id, json_t *in, enum status *s)
{
    json_object_set_new(in, "member", json_sprintf("m%lld", (long long)m));
    return life_ask(&life, life_proven(role, role == ROLE_OWNER ? m : 7), id, in, s);
}

static const char *done(enum role role, int64_t m, const char *id, json_t *in)
{
    enum status s;
    const char *text = ask(role, m, id, in, &s);

    if (s != OK) FAIL("%s: %s", id, text);
    return text;
}

static void refused(enum role role, int64_t m, const char *id, json_t *in, const char *code)
{
    enum status s;
    const char *text = ask(role, m, id, in, &s);

    if (s == OK || !strstr(text, code)) FAIL("%s: %s", id, text);
}

static void locks(int64_t m)
{
    done(ROLE_OWNER, m, "account.lock", json_pack("{s:s}", "report", "Somebody else signed in."));
}

static void unlocks(int64_t m)
{
    done(ROLE_AGENT, m, "account.unlock", json_pack("{s:s}", "outcome", "Passwords changed."));
}

static int64_t joins(const char *tokens)
{
    life_open(&life, "2024-02-01");
    return life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens);
}

static struct charge *charges(int64_t m, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = m, .max = 1000));
    return rows;
}

static struct overview look(int64_t m)
{
    struct test_db *t = &life.t;
    struct overview_get const in = {"", m};
    struct overview o;

    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    return o;
}

static size_t attempts(int64_t m)
{
    struct test_db *t = &life.t;
    struct history_attempt *rows;
    size_t n;

    CHECK_OK(
        history_attempts(&t->cx, &rows, &n, .account_id = m, .most_id = INT64_MAX, .max = 1000));
    return n;
}

/* A lock from 10 March to 10 June over the periods that begin on 31 March, 30 April and 31 May. */
static void nothing_is_charged(void **state)
{
    int64_t const m = joins("tok_visa");
    struct test_db *t = &life.t;
    struct report_skip *skips;
    size_t n;

    (void)state;
    life_run(&life, "2024-03-10");
    locks(m);
    CHECK(strcmp(look(m).next_problem, "account.locked") == 0);
    life_run(&life, "2024-06-10");
    charges(m, &n);
    CHECK(n == 1 && life_look(&life, m).state == M_ACTIVE);
    unlocks(m);
    CHECK(strcmp(look(m).next_charge_on, "2024-05-31") == 0);
    int64_t const price = look(m).next_total_minor;
    life_run(&life, "2024-07-15");
    struct charge *c = charges(m, &n);
    CHECK(n == 3 && c[1].due_on_day == life_day("2024-05-31") && c[1].amount_minor == price);
    CHECK(c[1].captured_at == life_day("2024-06-10") * DAY_MS);
    CHECK(c[2].due_on_day == life_day("2024-06-30") && c[2].charge_state == CHARGE_CAPTURED);
    CHECK_OK(report_skips(&t->cx, &skips, &n, .first = m, .last = m, .max = 10));
    CHECK(n == 2 && skips[0].due_on_day == life_day("2024-03-31"));
    CHECK(skips[1].due_on_day == life_day("2024-04-30"));
    life_close(&life);
}

/* A lock that ends before anything fell due changes nothing. */
static void a_short_lock_changes_nothing(void **state)
{
    int64_t const m = joins("tok_visa");
    size_t n;

    (void)state;
    life_run(&life, "2024-02-10");
    struct membership const before = life_look(&life, m);
    locks(m);
    CHECK(life_look(&life, m).due_day == 0 && life_look(&life, m).due_at == before.due_at);
    life_run(&life, "2024-02-20");
    unlocks(m);
    CHECK(life_look(&life, m).due_day == before.due_day);
    CHECK(life_look(&life, m).due_at == before.due_at);
    life_run(&life, "2024-04-10");
    struct charge *c = charges(m, &n);
    CHECK(n == 2 && c[0].due_on_day == life_day("2024-02-29"));
    life_close(&life);
}

static void grace_stands_still(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");

    (void)state;
    life_run(&life, "2024-03-02");
    CHECK(strcmp(look(m).grace_until, "2024-03-05") == 0);
    size_t const tried = attempts(m);
    locks(m);
    life_run(&life, "2024-03-22");
    CHECK(life_look(&life, m).state == M_GRACE && attempts(m) == tried);
    unlocks(m);
    CHECK(strcmp(look(m).grace_until, "2024-03-25") == 0);
    life_run(&life, "2024-03-24");
    CHECK(life_look(&life, m).state == M_GRACE && attempts(m) > tried);
    life_run(&life, "2024-03-26");
    CHECK(life_look(&life, m).state == M_HOLD);
    life_close(&life);
}

/* A lock ends in the period of 31 March, and grace, which it has moved, outlives that period: who
 * bills each period bills it, who bills only the current one does not. */
static void grace_outlives_a_period(bool bill_missed)
{
    int64_t const m = joins("tok_from_20240430_insufficient_funds");
    struct test_db *t = &life.t;
    struct report_skip *skips;
    size_t n;

    t->settings.bill_missed_periods = bill_missed;
    life_run(&life, "2024-03-02");
    locks(m);
    life_run(&life, "2024-04-28");
    unlocks(m);
    CHECK(strcmp(look(m).grace_until, "2024-05-01") == 0);
    life_run(&life, "2024-05-01");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    struct charge *c = charges(m, &n);
    CHECK(n == (bill_missed ? 3 : 2) && c[0].due_on_day == life_day("2024-02-29"));
    CHECK(!bill_missed || c[1].due_on_day == life_day("2024-03-31"));
    CHECK(c[n - 1].due_on_day == life_day("2024-04-30"));
    for (size_t i = 0; i < n; i++) CHECK(c[i].charge_state == CHARGE_CAPTURED);
    CHECK_OK(report_skips(&t->cx, &skips, &n, .first = m, .last = m, .max = 10));
    CHECK(n == (bill_missed ? 0 : 1));
    CHECK(bill_missed || skips[0].due_on_day == life_day("2024-03-31"));
    life_is_well(&life, "grace that a lock has moved");
    life_close(&life);
}

static void grace_may_outlive_a_period(void **state)
{
    (void)state;
    grace_outlives_a_period(true);
    grace_outlives_a_period(false);
}

static void doubt_is_still_ended(void **state)
{
    int64_t const m = joins("tok_slow_capture");
    size_t n;

    (void)state;
    life_run(&life, "2024-02-29");
    CHECK(charges(m, &n)->charge_state == CHARGE_UNKNOWN);
    locks(m);
    life_run(&life, "2024-03-20");
    struct charge const *c = charges(m, &n);
    CHECK(n == 1 && c->charge_state == CHARGE_CAPTURED && c->attempts == 1);
    life_close(&life);
}

/* The refusal is heard while the debt's clock stands still: every retry is still to come. */
static void retries_wait_for_the_end(void **state)
{
    int64_t const m = joins("tok_lost_decline");
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    life.world.test_clock = false;
    t->cx.now = life_day("2024-02-28") * DAY_MS + 23 * INT64_C(3600000) + 60000;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    CHECK(charges(m, &n)->charge_state == CHARGE_UNKNOWN);
    locks(m);
    t->cx.now = life_day("2024-03-10") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    CHECK(life_look(&life, m).state == M_GRACE);
    t->cx.now = life_day("2024-03-20") * DAY_MS;
    size_t const tried = attempts(m);
    unlocks(m);
    CHECK(strcmp(look(m).grace_until, "2024-03-25") == 0);
    life.world.test_clock = true;
    life_run(&life, "2024-03-22");
    CHECK(attempts(m) == tried + 1);
    life_close(&life);
}

/* An attempt that was decided and not sent waits for the end of the lock; the card declines. */
static void what_was_not_sent_waits(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    life_run(&life, "2024-03-02");
    size_t const tried = attempts(m);
    CHECK_OK(billing_try_now(&t->cx, life.catalog, m, life_look(&life, m).method_id));
    locks(m);
    CHECK_OK(payments_collect_account(&t->cx, &life.world, life.catalog, m));
    life_run(&life, "2024-03-06");
    CHECK(charges(m, &n)->charge_state == CHARGE_WANTED && attempts(m) == tried);
    unlocks(m);
    life_run(&life, "2024-03-07");
    CHECK(attempts(m) > tried);
    life_close(&life);
}

/* The first attempt never arrived and was not sent again while the account was locked: its debt,
 * and with it grace, begins when it is first refused. */
static void a_doubt_before_it_is_no_debt(void **state)
{
    int64_t const m = joins("tok_lost_request");
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    t->cx.now = life_day("2024-02-28") * DAY_MS + 23 * INT64_C(3600000) + 60000;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    CHECK(charges(m, &n)->charge_state == CHARGE_UNKNOWN);
    locks(m);
    life_run(&life, "2024-04-10");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    CHECK_OK(db_script(t->db, "UPDATE method SET token = 'tok_expired_card', fingerprint = 'f'",
                       &t->err));
    unlocks(m);
    life_run(&life, "2024-04-12");
    CHECK(life_look(&life, m).state == M_GRACE);
    CHECK(strcmp(look(m).grace_until, "2024-04-15") == 0);
    life_close(&life);
}

/* Others' months are closed meanwhile, and what waited is revenue of the month in which it is paid,
 * however long that took. */
static void revenue_waits(void **state)
{
    int64_t const m = joins("tok_fail_first_2");
    struct test_db *t = &life.t;
    int64_t closed_until;
    size_t n;

    (void)state;
    life_run(&life, "2024-03-02");
    CHECK_OK(billing_try_now(&t->cx, life.catalog, m, life_look(&life, m).method_id));
    locks(m);
    life_run(&life, "2025-02-10");
    CHECK_OK(billing_closed_until(&t->cx, &closed_until));
    CHECK(closed_until == life_day("2025-02-01") * DAY_MS);
    unlocks(m);
    life_run(&life, "2025-02-20");
    struct charge const *c = charges(m, &n);
    CHECK(c[0].charge_state == CHARGE_CAPTURED);
    CHECK(c[0].captured_at >= life_day("2025-02-10") * DAY_MS);
    life_run(&life, "2025-04-10");
    CHECK(life_revenue(&life, "2025-02-01") >= 1092 + 1176); /* what waited, and a month */
    life_close(&life);
}

static void a_new_method_is_not_tried(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    life_run(&life, "2024-03-02");
    locks(m);
    CHECK_OK(billing_try_now(&t->cx, life.catalog, m, life_look(&life, m).method_id));
    CHECK(charges(m, &n)->charge_state == CHARGE_FAILED);
    life_close(&life);
}

static void cancelling_stays_possible(void **state)
{
    int64_t const m = joins("tok_visa");
    size_t n;

    (void)state;
    life_run(&life, "2024-03-10");
    locks(m);
    done(ROLE_OWNER, m, "membership.cancel", json_object());
    CHECK(life_look(&life, m).state == M_ENDING);
    life_run(&life, "2024-04-02");
    charges(m, &n);
    CHECK(life_look(&life, m).state == M_CANCELED && n == 1);
    unlocks(m);
    life_run(&life, "2024-06-02");
    charges(m, &n);
    CHECK(life_look(&life, m).state == M_CANCELED && n == 1);
    life_close(&life);
}

static void the_case_and_the_events(void **state)
{
    int64_t const m = joins("tok_visa");
    struct test_db *t = &life.t;
    struct membership_event_row *e;
    struct work_item *w;
    size_t n;

    (void)state;
    refused(ROLE_AGENT, m, "account.unlock", json_pack("{s:s}", "outcome", "?"),
            "policy.not_locked");
    locks(m);
    const char *again = done(ROLE_AGENT, m, "account.lock", json_pack("{s:s}", "report", "Again."));
    CHECK(strstr(again, "\"locked\":true") && strstr(again, "\"state\":\"active\""));
    refused(ROLE_OWNER, m, "account.unlock", json_pack("{s:s}", "outcome", "?"), "op.not_allowed");
    refused(ROLE_VISITOR, m, "account.lock", json_object(), "op.not_allowed");
    refused(ROLE_OWNER, m, "account.lock", json_object(), "report");
    refused(ROLE_AGENT, m, "account.unlock", json_object(), "outcome");
    unlocks(m);
    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = m, .max = 10));
    CHECK(n == 2 && e[0].event == MEV_LOCK && e[0].actor_role == ROLE_OWNER && e[0].actor_id == m);
    CHECK(e[1].event == MEV_UNLOCK && e[1].actor_role == ROLE_AGENT && e[1].actor_id == 7);
    CHECK(e[1].state_from == M_ACTIVE && e[1].state_to == M_ACTIVE);
    CHECK_OK(work_newest(&t->cx, &w, &n, .before = INT64_MAX, .only_state = "", .only_kind = "",
                         .max = 10));
    CHECK(n == 1 && w->priority == WORK_URGENT && w->work_state == WORK_CLOSED);
    CHECK(strstr(w->evidence, "Somebody else signed in."));
    CHECK(strcmp(w->outcome, "Passwords changed.") == 0);
    life_close(&life);
}

/* Whoever goes on for as long as credit pays is not taken past the end that was told. */
static void credit_ends_in_time(void **state)
{
    struct credit_move gift = {.kind = CREDIT_ISSUE, .amount_minor = 2800, .currency = "EUR"};
    struct test_db *t = &life.t;
    int64_t const m = joins("tok_visa");
    struct membership ended;
    size_t n;

    (void)state;
    gift.account_id = m;
    CHECK_OK(credit_post(&t->cx, &gift, NULL));
    CHECK_OK(billing_cancel_until(&t->cx, life.catalog, m, UNTIL_CREDIT, &ended));
    CHECK(ended.end_day == life_day("2024-04-30"));
    locks(m);
    life_run(&life, "2024-07-10");
    unlocks(m);
    life_run(&life, "2024-08-10");
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK(life_look(&life, m).end_day == life_day("2024-02-29"));
    charges(m, &n);
    CHECK(n == 0);
    life_close(&life);
}

/* Whenever a lock ends: no period that was over is billed, and none is billed twice. */
static void passed_periods_by_an_oracle(void **state)
{
    (void)state;
    for (int64_t anchor = life_day("2023-12-28"); anchor < life_day("2024-02-03"); anchor++)
        for (int64_t next = 0; next < 5; next++)
            for (int64_t day = anchor; day < anchor + 200; day += 3) {
                int64_t k = next;

                while (period_start_day(anchor, k + 1) <= day) k++;
                CHECK(period_after_lock(anchor, next, day) == k);
            }
    CHECK(period_after_lock(life_day("2024-01-01"), 7, 0) == 7);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("L-10 while locked nothing is charged; periods that passed are never billed",
             nothing_is_charged),
        CASE("L-10 a lock that ends before anything is due changes nothing",
             a_short_lock_changes_nothing),
        CASE("L-10 grace stands still while locked", grace_stands_still),
        CASE("L-10 E-05 grace that a lock has moved may outlive a period",
             grace_may_outlive_a_period),
        CASE("L-10 B-11 an outcome in doubt is looked up while locked", doubt_is_still_ended),
        CASE("L-10 E-09 a refusal that is heard while locked has all its retries afterwards",
             retries_wait_for_the_end),
        CASE("L-10 a charge that is wanted and not sent waits for the end of the lock",
             what_was_not_sent_waits),
        CASE("L-10 E-05 a doubt that is older than a lock is no debt yet",
             a_doubt_before_it_is_no_debt),
        CASE("L-10 a lock holds up no month, and loses no revenue", revenue_waits),
        CASE("L-10 a locked account's new method is not tried", a_new_method_is_not_tried),
        CASE("L-10 F-05 a locked account can be cancelled", cancelling_stays_possible),
        CASE("L-10 F-07 F-10 a lock takes nobody past the end that credit reaches to",
             credit_ends_in_time),
        CASE("L-10 I-11 a lock opens a case, which its end closes", the_case_and_the_events),
        CASE("L-10 which period follows a lock", passed_periods_by_an_oracle),
    };
    return RUN_CASES("lock", cases);
}
