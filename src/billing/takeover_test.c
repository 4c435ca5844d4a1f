/* takeover_test: a restart that was not the owner's goes back whole (SPEC I-05).
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/takeover.h"

#include "billing/guide.h"
#include "billing/overview.h"
#include "payments/ask_test.h"
#include "payments/begin.h"

static struct life life;

/* Somebody whose membership ended on 2024-02-05, and who is away. */
static int64_t leaves(const char *token)
{
    struct test_db *t = &life.t;

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", token);
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_CANCELED);
    return m;
}

/* A thief takes it up again. */
static void restarts_with(int64_t m, const char *plan)
{
    struct test_db *t = &life.t;
    struct begin_restart const in = {.account_id = m, .plan = plan};
    struct begin_answer out;

    CHECK_OK(begin_restart(&t->cx, life.catalog, &in, &out));
    CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &out));
}

static void restarts(int64_t m)
{
    restarts_with(m, NULL);
}

static enum status undo(int64_t m, struct undo_view *out)
{
    struct test_db *t = &life.t;
    struct undo_restart const in = {.account_id = m, .report = "This was not me."};

    return billing_undo_restart(&t->cx, life.catalog, &in, out);
}

static int64_t given_back(void)
{
    struct test_db *t = &life.t;
    struct sandbox_sum *sums;
    size_t n;

    CHECK_OK(sandbox_captured(life.gateway, t->cx.now, &sums, &n, &t->arena, &t->err));
    return n ? sums[0].refunded_minor : 0;
}

static int64_t revenue(void)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    int64_t sum = 0;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].book, "revenue") || !strcmp(rows[i].book, "deferred_revenue"))
            sum += rows[i].credit_minor - rows[i].debit_minor;
    return sum;
}

static void golden_13(void **state)
{
    int64_t const m = leaves("tok_visa");
    struct test_db *t = &life.t;
    struct works_view works;
    struct undo_view u;

    (void)state;
    restarts(m);
    CHECK(life_look(&life, m).state == M_ACTIVE && revenue() > 0);
    life_run(&life, "2024-03-10");
    CHECK_OK(undo(m, &u));
    CHECK(u.outcome == UNDO_DONE && u.refunds == 1 && u.amount_minor == 1299 && u.locked);
    CHECK(u.state == M_CANCELED && life_look(&life, m).state == M_CANCELED);
    CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "account.takeover"}, &works));
    CHECK(works.n == 1 && works.items[0].priority == WORK_URGENT);
    CHECK(given_back() == 0); /* decided and booked; couriers carry it out */
    life_run(&life, "2024-03-11");
    CHECK(given_back() == 1299);
    CHECK_OK(undo(m, &u)); /* again is nothing more */
    CHECK(u.refunds == 0 && u.locked);
    CHECK(begin_restart(&t->cx, life.catalog, &(struct begin_restart){.account_id = m},
                        &(struct begin_answer){0}) != OK); /* blocked */
    life_run(&life, "2024-07-01");
    CHECK(given_back() == 1299 && revenue() == 0);
    life_end_well(&life);
}

/* The restart has moved neither the end nor the day until which everything is kept. */
static void check_end(int64_t m)
{
    struct membership const is = life_look(&life, m);

    CHECK(is.state == M_CANCELED && is.end_day == life_day("2024-02-05"));
    CHECK(is.retention_until_day == life_day("2024-12-05"));
}

/* The thief has cancelled again, so that nobody notices. */
static void after_a_cancel(void **state)
{
    int64_t const m = leaves("tok_visa");
    struct test_db *t = &life.t;
    struct undo_view u;

    (void)state;
    check_end(m);
    restarts(m);
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    CHECK_OK(undo(m, &u));
    CHECK(u.refunds == 1 && u.state == M_CANCELED);
    check_end(m);
    life_run(&life, "2024-07-01");
    CHECK(given_back() == 1299 && revenue() == 0);
    life_end_well(&life);
}

static void too_late(void **state)
{
    int64_t const m = leaves("tok_visa");
    struct test_db *t = &life.t;
    struct undo_view u;

    (void)state;
    restarts(m);
    life_run(&life, "2024-03-16");
    CHECK(undo(m, &u) == E_CONFLICT && t->err.fault == &UNDO_TOO_LATE);
    CHECK(life_look(&life, m).state == M_ACTIVE);
    t->settings.undo_days = 15;
    CHECK_OK(undo(m, &u));
    life_run(&life, "2024-04-01");
    CHECK(given_back() == 1299);
    life_end_well(&life);
}

static void nothing_to_undo(void **state)
{
    int64_t const m = leaves("tok_visa");
    struct test_db *t = &life.t;
    struct account account;
    struct undo_view u;

    (void)state;
    CHECK(undo(m, &u) == E_CONFLICT && t->err.fault == &UNDO_NO_RESTART);
    CHECK_OK(account_get(&t->cx, m, &account));
    CHECK(account.locked_at == 0);
    life_end_well(&life);
}

/* Also when it is over already, and when the retention time has run out meanwhile. */
static void ends_as_it_had_ended(void **state)
{
    struct test_db *t = &life.t;
    struct undo_view u;

    (void)state;
    int64_t m = leaves("tok_visa");
    restarts(m);
    t->settings.undo_days = 100;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    life_run(&life, "2024-05-01");
    CHECK(life_look(&life, m).end_day == life_day("2024-04-01"));
    CHECK_OK(undo(m, &u));
    check_end(m);
    life_end_well(&life);
    m = leaves("tok_visa");
    life_run(&life, "2024-11-20");
    CHECK(life_look(&life, m).state == M_CANCELED);
    restarts(m);
    life_run(&life, "2024-12-05");
    t->settings.undo_days = 100;
    CHECK_OK(undo(m, &u));
    check_end(m);
    life_run(&life, "2025-02-01");
    check_end(m); /* nothing is erased while the account is locked */
    life_end_well(&life);
}

/* The payment of the restart has no answer yet: it ends now, and money that comes goes back. */
static void while_pending(void **state)
{
    static const char *const tokens[] = {"tok_slow_capture", "tok_late_callback",
                                         "tok_slow_decline"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = leaves(tokens[i]);
        struct test_db *t = &life.t;
        struct undo_view u;

        restarts(m);
        CHECK(life_look(&life, m).state == M_PENDING);
        CHECK_OK(undo(m, &u));
        CHECK(u.outcome == UNDO_DONE && u.state == M_CANCELED && u.refunds == 0);
        life_run(&life, "2024-07-01");
        CHECK(life_look(&life, m).state == M_CANCELED);
        CHECK(given_back() == (i < 2 ? 1299 : 0) && revenue() == 0);
        life_end_well(&life);
    }
}

/* Whatever plan the thief chose, and whether or not they got as far as paying for it. */
static void with_the_plan_of_before(void **state)
{
    static const char *const tokens[] = {"tok_visa", "tok_slow_capture"};
    struct undo_view u;

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        int64_t const m = leaves(tokens[i]);
        struct test_db *t = &life.t;

        restarts_with(m, "basic");
        CHECK(strcmp(life_look(&life, m).plan, "basic") == 0);
        CHECK_OK(undo(m, &u));
        CHECK(u.outcome == UNDO_DONE && life_look(&life, m).state == M_CANCELED);
        CHECK(strcmp(life_look(&life, m).plan, "standard") == 0);
        life_run(&life, "2024-05-01");
        CHECK(strcmp(life_look(&life, m).plan, "standard") == 0);
        life_end_well(&life);
    }
}

static const struct guide_item *check_of(const struct guide_answer *a, const char *code)
{
    for (size_t i = 0; i < a->n_checks; i++)
        if (strcmp(a->checks[i].code, code) == 0) return &a->checks[i];
    return NULL;
}

static void check_guide(const struct guide_answer *a, const char *doubt)
{
    const struct guide_item *undone = check_of(a, "undone");

    CHECK(undone && undone->verdict == VERDICT_YES && undone->n_evidence >= 2);
    CHECK(strcmp(a->next_step, "locked") == 0 && !*a->work);
    CHECK(check_of(a, doubt)->verdict == VERDICT_NO);
}

/* Nobody is asked again whether it was them, or to lock what is locked; the page tells of the
 * membership that was before. */
static void told_as_undone(void **state)
{
    int64_t const m = leaves("tok_visa");
    struct guide_ask const in = {.account_id = m};
    struct overview_get const page = {.account_id = m};
    struct test_db *t = &life.t;
    struct guide_answer a;
    struct undo_view u;
    struct overview o;

    (void)state;
    restarts_with(m, "basic");
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    CHECK(strcmp(a.next_step, "account.lock") == 0 && !check_of(&a, "undone"));
    CHECK_OK(undo(m, &u));
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    check_guide(&a, "misuse");
    CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
    check_guide(&a, "restarted");
    CHECK(check_of(&a, "not_completed")->verdict == VERDICT_NO);
    CHECK_OK(overview_get(&t->cx, life.catalog, &page, &o));
    CHECK(strcmp(o.anchor_on, "2024-01-05") == 0 && strcmp(o.last_day, "2024-02-04") == 0);
    CHECK(strcmp(o.period_start, "2024-01-05") == 0 && strcmp(o.period_end, "2024-02-05") == 0);
    life_end_well(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-05 F-15 golden scenario 13, the money: a thief's restart is refunded whole and "
             "nothing more is charged",
             golden_13),
        CASE("I-05 it is so after the thief has cancelled", after_a_cancel),
        CASE("I-05 only within undo_days", too_late),
        CASE("F-15 I-05 E-06 an undone restart leaves the end, and what is kept, as they were",
             ends_as_it_had_ended),
        CASE("I-05 F-15 an undone restart leaves the plan as it was", with_the_plan_of_before),
        CASE("H-07 F-16 I-05 a restart that is undone is told as that", told_as_undone),
        CASE("I-05 without a restart nothing happens", nothing_to_undo),
        CASE("I-05 a restart that still waits for its payment is undone at once", while_pending),
    };
    return RUN_CASES("takeover", cases);
}
