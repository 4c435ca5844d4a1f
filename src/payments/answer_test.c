/* answer_test: two workers at one charge. Between the reading of a charge and the settling of its
 * answer another worker may have done the same; what comes second changes nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/answer.h"

#include "billing/dunning.h"
#include "payments/life_test.h"

static struct life life;
static struct gateway slow; /* while it sends, another worker settles the charge of `overtaken` */
static int64_t overtaken;
static bool answer_is_lost; /* the other worker's */

static enum status hear_nothing(void *state, const struct gateway_charge *charges, size_t n,
                                struct gateway_answer *answers, struct arena *a, struct error *e)
{
    static char none[] = "";
    enum status const st = life.gateway->charge(state, charges, n, answers, a, e);

    for (size_t i = 0; i < n; i++)
        answers[i] = (struct gateway_answer){
            .outcome = GATEWAY_NO_REPLY, .code = none, .advice = none, .ref = none};
    return st;
}

static enum status take_long(void *state, const struct gateway_charge *charges, size_t n,
                             struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct gateway other = *life.gateway;
    struct world beside = life.world;
    struct test_db *t = &life.t;
    struct ctx cx = t->cx;
    struct shift const once = {.catalog = life.catalog,
                               .machine = beside.machine,
                               .only_account = overtaken,
                               .test_clock = true,
                               .max = 10};
    size_t done;

    beside.gateway = &other;
    if (answer_is_lost) other.charge = hear_nothing;
    if (overtaken && answer_is_lost)
        CHECK_OK(payments_collect(&cx, &beside, &once, &done));
    else if (overtaken)
        CHECK_OK(payments_collect_account(&cx, &beside, life.catalog, overtaken));
    overtaken = 0;
    return life.gateway->charge(state, charges, n, answers, a, e);
}

/* Two members whose second period is charged in one round, while another worker charges one's. */
static int64_t overtake(const char *tokens, bool loses_answer)
{
    life_open(&life, "2024-01-01");
    life_member(&life, "DE", "standard", "2024-01-15", "2024-01-01", "tok_visa");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-15", "2024-01-01", tokens);
    life_run(&life, "2024-02-10");
    slow = *life.gateway;
    slow.charge = take_long;
    life.world.gateway = &slow;
    overtaken = m;
    answer_is_lost = loses_answer;
    life_run(&life, "2024-02-20");
    CHECK(!overtaken);
    return m;
}

/* Its newest charge is paid once, nothing is wanted any more, and the next month comes. */
static void check_paid(int64_t m, int64_t attempts)
{
    struct test_db *t = &life.t;
    struct wanted *waiting;
    struct trouble trouble;
    struct charge *rows;
    size_t n;

    for (size_t months = 2; months <= 3; months++) {
        CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = m, .max = 10));
        CHECK(n == months && rows[n - 1].charge_state == CHARGE_CAPTURED);
        if (months == 2) CHECK(rows[1].attempts == attempts);
        CHECK_OK(wanted_batch(&t->cx, &waiting, &n, .last = BUCKETS - 1, .max = 10));
        CHECK(n == 0);
        CHECK_OK(trouble_load(&t->cx, m, &trouble));
        CHECK(trouble.m.state == M_ACTIVE && !trouble.exists);
        if (months == 2) life_run(&life, "2024-03-20");
    }
    life_close(&life);
}

static void chooses_too_late(void **state)
{
    (void)state;
    check_paid(overtake("tok_stolen_card;tok_visa", false), 1);
}

static void is_declined_twice(void **state)
{
    (void)state;
    check_paid(overtake("tok_insufficient_funds;tok_visa", false), 2);
}

static void is_captured_while_in_doubt(void **state)
{
    (void)state;
    check_paid(overtake("tok_visa", true), 1);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-11 who chooses a method when another worker has charged one wants nothing again",
             chooses_too_late),
        CASE("B-11 a decline that two workers hear leads to one further attempt",
             is_declined_twice),
        CASE("B-11 who captures what another worker left in doubt ends the doubt",
             is_captured_while_in_doubt),
    };
    return RUN_CASES("payments/answer", cases);
}
