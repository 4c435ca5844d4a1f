/* retire_test: plans that are retired - who is told when, what is chosen, and what happens without
 * a choice, never inside a charged period. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire_test.h"

#include "billing/overview.h"
#include "billing/side.h"
#include "policy/reasons_rules.h"

static struct retirement told_of(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct retirement *rows;
    size_t n;

    CHECK_OK(retirements_of(&t->cx, &rows, &n, .account_id = account_id, .max = 10));
    CHECK(n == 1);
    return rows[0];
}

static size_t letters(int64_t account_id, const char *topic, const char **body)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, found = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 5000));
    for (size_t i = 0; i < n; i++)
        if (rows[i].account_id == account_id && strcmp(rows[i].topic, topic) == 0) {
            found++;
            *body = rows[i].body;
        }
    return found;
}

static void choose(int64_t account_id, const char *plan)
{
    const json_t *out;
    struct test_db *t = &life.t;

    CHECK_OK(call(account_id, "membership.choose_plan",
                  json_pack("{s:s, s:b}", "plan", plan, "accept_losses", 1), &out));
}

static void refused(int64_t account_id, const char *plan, const struct fault *why)
{
    struct test_db *t = &life.t;
    const json_t *out;

    CHECK(call(account_id, "membership.choose_plan", json_pack("{s:s}", "plan", plan), &out) ==
          why->status);
    if (t->err.fault != why) FAIL("%s: %s, not %s", plan, t->err.fault->code, why->code);
}

static bool says(int64_t account_id, enum explain_cause cause)
{
    struct test_db *t = &life.t;
    struct explanation x;
    struct charge *rows;
    size_t const n = charges(account_id, &rows);
    size_t last = 0;

    for (size_t i = 0; i < n; i++)
        if (rows[i].charge_id > rows[last].charge_id) last = i;
    char reference[ID_TEXT];
    CHECK_OK(explain_own(&t->cx, account_id, id_text("chg", rows[last].charge_id, reference), &x));
    for (size_t i = 0; i < x.causes.n; i++)
        if (x.causes.at[i].cause == cause) return true;
    return false;
}

/* Told 37 days before 10 June; the period of 15 May is charged as it was, the next is standard's.
 */
static void moves_those_who_do_not_choose(void **state)
{
    const char *body = "";
    struct preview p;

    (void)state;
    open_shop("2024-03-01", NULL);
    struct test_db *t = &life.t;
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    int64_t const other = join("standard", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-03-20");
    apply("2024-06-10");
    life_run(&life, "2024-05-02");
    CHECK(letters(a, "plan.retiring", &body) == 0);
    life_run(&life, "2024-05-06");
    CHECK(letters(a, "plan.retiring", &body) == 1 && letters(other, "plan.retiring", &body) == 0);
    CHECK(strstr(body, "\"last_day\":\"2024-06-14\"") ||
          strstr(body, "\"last_day\": \"2024-06-14\""));
    CHECK(strstr(body, "1299") && strstr(body, "premium") && strstr(body, "799"));
    CHECK(told_of(a).applies_day == life_day("2024-06-10"));
    CHECK(previewed(a) == 999); /* the period of 15 May is still the old plan's */
    life_run(&life, "2024-05-16");
    CHECK(strcmp(life_look(&life, a).next_plan, "standard") == 0);
    CHECK_OK(explain_next(&t->cx, life.catalog, a, &p));
    CHECK(strcmp(p.next.plan, "standard") == 0 && p.next.total_minor == 1299);
    bool named = false;
    for (size_t i = 0; i < p.causes.n; i++) named |= p.causes.at[i].cause == WHY_PLAN_RETIRED;
    CHECK(named);
    life_run(&life, "2024-06-20");
    check_charge(a, "2024-05-15", 999);
    check_charge(a, "2024-06-15", 1299);
    check_charge(other, "2024-06-15", 1299);
    CHECK(says(a, WHY_PLAN_RETIRED) && says(a, WHY_PLAN_UPGRADE) && !says(other, WHY_PLAN_RETIRED));
    CHECK(told_of(a).closed_at > 0 && letters(a, "plan.retiring", &body) == 1);
    life_close(&life);
}

/* What is retired is not restarted with. */
static bool begins_no_more(int64_t account_id)
{
    struct test_db *t = &life.t;
    const json_t *out;

    t->cx.now += DAY_MS;
    return call(account_id, "membership.restart", json_object(), &out) != OK;
}

static void ends_where_nothing_takes_its_place(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;
    const char *body;
    struct rated r;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("mini", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-06-13");
    CHECK(life_look(&life, a).state == M_ACTIVE);
    CHECK(billing_preview(&t->cx, life.catalog, a, &r) == E_CONFLICT);
    CHECK(t->err.fault == &RETIRE_ENDS);
    CHECK(call(a, "preview.next", json_object(), &out) == E_CONFLICT);
    CHECK(t->err.fault == &RETIRE_ENDS);
    life_run(&life, "2024-06-14");
    life_run(&life, "2024-06-14"); /* again is nothing */
    life_run(&life, "2024-06-30");
    struct membership const m = life_look(&life, a);
    CHECK(m.state == M_CANCELED && m.end_day == life_day("2024-06-15"));
    check_charge(a, "2024-05-15", 599);
    check_charge(a, "2024-06-15", -1);
    CHECK(letters(a, "membership.ending", &body) == 1 && strstr(body, "2024-06-14"));
    CHECK(letters(a, "membership.ended", &body) == 1);
    CHECK(begins_no_more(a));
    life_close(&life);
}

static void takes_a_choice(void **state)
{
    struct test_db *t = &life.t;
    const char *body;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", NULL);
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    refused(a, "premium", &WHY_PLAN_STAYS.fault);
    CHECK(call(a, "plan.choices", json_object(), &out) == E_CONFLICT);
    CHECK(t->err.fault == &RETIRE_NONE);
    apply("2024-06-10");
    life_run(&life, "2024-05-10");
    CHECK_OK(call(a, "plan.choices", json_object(), &out));
    CHECK(strcmp(word(out, "last_day"), "2024-06-14") == 0 && !*word(out, "chosen_plan"));
    CHECK(strcmp(word(out, "default_plan"), "standard") == 0);
    CHECK(json_array_size(json_object_get(out, "choices")) == 3); /* neither old nor mini */
    refused(a, "mini", &CHANGE_PLAN_CLOSED);
    refused(a, "gold", &PLAN_UNKNOWN);
    refused(a, "old", &CHANGE_SAME_PLAN);
    refused(a, "basic", &CHANGE_LOSSES);
    CHECK(!*told_of(a).chosen_plan);
    choose(a, "premium"); /* before the last period begins: kept until then */
    CHECK(!*life_look(&life, a).next_plan);
    life_run(&life, "2024-05-20");
    CHECK(strcmp(life_look(&life, a).next_plan, "premium") == 0 && previewed(a) == 1799);
    choose(a, "basic"); /* and another after that */
    choose(a, "basic");
    CHECK(letters(a, "membership.plan_change_scheduled", &body) == 2);
    CHECK(previewed(a) == 799);
    life_run(&life, "2024-06-20");
    check_charge(a, "2024-05-15", 999);
    check_charge(a, "2024-06-15", 799);
    CHECK(says(a, WHY_PLAN_RETIRED) && says(a, WHY_PLAN_DOWNGRADE));
    refused(a, "premium", &WHY_PLAN_STAYS.fault);
    life_close(&life);
}

static void check_evidence(int64_t account_id, const char *name, const char *value)
{
    struct test_db *t = &life.t;
    struct explanation x;
    char reference[ID_TEXT];
    struct charge *rows;
    size_t const n = charges(account_id, &rows);

    CHECK_OK(explain_own(&t->cx, account_id, id_text("chg", rows[n - 1].charge_id, reference), &x));
    for (size_t i = 0; i < x.causes.n; i++)
        for (size_t k = 0; k < x.causes.at[i].n; k++) {
            const struct evidence *e = &x.causes.at[i].at[k];

            if (strcmp(e->name, name) != 0) continue;
            if (strcmp(explain_value(&t->arena, &e->new_), value) == 0) return;
            FAIL("%s: %s", name, explain_value(&t->arena, &e->new_));
        }
    FAIL("no %s", name);
}

/* The change is planned weeks after the choice, by nobody; it is its owner's all the same. */
static void tells_who_chose(void **state)
{
    struct test_db *t = &life.t;
    struct overview_get page = {0};
    struct overview o;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = page.account_id = join("old", "2024-01-15", "2024-03-01");
    struct actor const owner = {.role = ROLE_OWNER,
                                .id = a,
                                .surface = SURFACE_WEB,
                                .device = "Laptop A",
                                .network = "192.0.2.7"};
    life_run(&life, "2024-05-10");
    CHECK_OK(call_as(owner, "membership.choose_plan",
                     json_pack("{s:s, s:b}", "plan", "premium", "accept_losses", 1), &out));
    life_run(&life, "2024-06-20");
    check_charge(a, "2024-06-15", 1799);
    CHECK_OK(overview_get(&t->cx, life.catalog, &page, &o));
    CHECK(o.n_changes == 1 && strcmp(o.changes[0].by, "owner") == 0);
    CHECK(strcmp(o.changes[0].surface, "web") == 0 && strcmp(o.changes[0].device, "Laptop A") == 0);
    CHECK(strcmp(o.changes[0].network, "192.0.2.7") == 0);
    CHECK(strncmp(o.changes[0].asked_at, "2024-05-10", 10) == 0);
    check_evidence(a, "changed_by", "owner");
    check_evidence(a, "changed_on", "2024-05-10");
    check_evidence(a, "changed_where", "web");
    check_evidence(a, "changed_with", "Laptop A");
    life_close(&life);
}

/* A choice that is withdrawn leaves what happens without one; nothing goes on with the plan. */
static void never_goes_on_with_it(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    int64_t const b = join("mini", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-06-13");
    struct membership m = life_look(&life, a);
    CHECK(strcmp(m.next_plan, "standard") == 0 && life_look(&life, b).state == M_ACTIVE);
    life_run(&life, "2024-06-15"); /* hours after midnight in Berlin: booked already */
    check_charge(a, "2024-06-15", 1299);
    CHECK(life_look(&life, b).state == M_CANCELED);
    life_close(&life);
    open_shop("2024-03-01", "2024-06-10");
    int64_t const c = join("old", "2024-01-18", "2024-03-01");
    int64_t const d = join("mini", "2024-01-18", "2024-03-01");
    life_run(&life, "2024-06-16");
    CHECK(life_look(&life, d).state == M_ACTIVE);
    t->cx.now = life_day("2024-06-16") * DAY_MS + 22 * INT64_C(3600000) + 1;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    CHECK(life_look(&life, d).state == M_ENDING);
    CHECK_OK(call(d, "membership.undo_cancel", json_object(), &out));
    CHECK_OK(call(c, "membership.undo_change", json_object(), &out));
    CHECK(!*life_look(&life, c).next_plan && life_look(&life, d).state == M_ACTIVE);
    life_run(&life, "2024-06-30");
    check_charge(c, "2024-06-18", 1299); /* booked a day later, for the same days */
    check_charge(d, "2024-06-18", -1);
    CHECK(life_look(&life, d).state == M_CANCELED);
    life_close(&life);
}

/* Then nothing was chosen: what is shown, planned and charged is what comes without a choice. */
static void forgets_a_choice_that_is_undone(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-05-20");
    choose(a, "premium");
    CHECK_OK(call(a, "membership.undo_change", json_object(), &out));
    CHECK(json_integer_value(json_object_get(out, "next_total_minor")) == 1299);
    CHECK(previewed(a) == 1299 && !*told_of(a).chosen_plan);
    life_run(&life, "2024-06-20");
    check_charge(a, "2024-06-15", 1299);
    life_close(&life);
}

/* The catalog says so three days before: the notice counts from then. */
static void waits_for_the_notice(void **state)
{
    (void)state;
    open_shop("2024-03-01", NULL);
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    join("standard", "2024-01-08", "2024-03-01"); /* something to do on that day */
    life_run(&life, "2024-06-07");
    apply("2024-06-10");
    life_run(&life, "2024-07-30");
    CHECK(told_of(a).applies_day == life_day("2024-07-07"));
    check_charge(a, "2024-06-15", 999);
    check_charge(a, "2024-07-15", 1299);
    life_close(&life);
}

static void set_slot(int64_t account_id)
{
    struct test_db *t = &life.t;
    const json_t *out;

    CHECK_OK(call(account_id, "slot.buy", json_object(), &out));
    CHECK_OK(call(account_id, "slot.buy", json_object(), &out));
}

static void ends_slots_without_room(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-05-01");
    set_slot(a);
    CHECK(life_look(&life, a).slots == 3);
    life_run(&life, "2024-05-10");
    CHECK_OK(call(a, "plan.choices", json_object(), &out));
    const json_t *list = json_object_get(out, "choices");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        size_t const lost = json_array_size(json_object_get(c, "slots"));

        /* standard has room for one, basic for none; premium has no price for one */
        CHECK(lost == (strcmp(word(c, "plan"), "standard") == 0 ? 1U : 2U));
    }
    life_run(&life, "2024-05-20");
    CHECK(life_look(&life, a).slots == 1 && previewed(a) == 1299 + 499);
    life_run(&life, "2024-06-20");
    check_charge(a, "2024-06-15", 1299 + 499);
    life_close(&life);
}

static void treats_each_state(void **state)
{
    struct test_db *t = &life.t;
    const json_t *out;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const held =
        life_member(&life, "DE", "old", "2024-01-01", "2024-03-01", "tok_insufficient_funds");
    int64_t const held_end =
        life_member(&life, "DE", "mini", "2024-01-01", "2024-03-01", "tok_insufficient_funds");
    int64_t const paused = join("old", "2024-01-20", "2024-03-01");
    int64_t const paused_end = join("mini", "2024-01-20", "2024-03-01");
    int64_t const leaving = join("old", "2024-01-15", "2024-03-01");
    int64_t const locked = join("old", "2024-01-15", "2024-03-01");
    life_run(&life, "2024-05-10");
    CHECK(life_look(&life, held).state == M_HOLD || life_look(&life, held).state == M_CANCELED);
    CHECK_OK(call(paused, "membership.pause", json_object(), &out));
    CHECK_OK(call(paused_end, "membership.pause", json_object(), &out));
    life_run(&life, "2024-05-25");
    CHECK(life_look(&life, paused).state == M_PAUSED);
    lock(locked);
    t->cx.actor.proven = true;
    struct membership m;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, leaving, &m));
    choose(paused, "premium");
    refused(locked, "premium", &WHY_LOCKED.fault);
    refused(leaving, "premium", &WHY_ENDING.fault);
    life_run(&life, "2024-08-30");
    CHECK(life_look(&life, held_end).state == M_CANCELED);
    CHECK(life_look(&life, paused_end).state == M_CANCELED);
    CHECK(life_look(&life, leaving).state == M_CANCELED);
    CHECK(strcmp(life_look(&life, paused).plan, "premium") == 0);
    check_charge(leaving, "2024-06-15", -1);
    struct charge *rows;
    size_t n = charges(locked, &rows);
    for (size_t i = 0; i < n; i++) CHECK(rows[i].due_on_day < life_day("2024-06-10"));
    n = charges(paused_end, &rows);
    for (size_t i = 0; i < n; i++) CHECK(rows[i].due_on_day < life_day("2024-06-10"));
    life_close(&life);
}

/* The day of a retirement is the member's own, also for who comes back: it begins in Berlin while
 * the day before is not over in UTC. */
static void ends_for_who_comes_back(void **state)
{
    struct test_db *t = &life.t;
    int64_t const night = life_day("2024-06-09") * DAY_MS + 23 * INT64_C(3600000);
    struct membership m;

    (void)state;
    open_shop("2024-03-01", "2024-06-10");
    int64_t const a = join("old", "2024-01-05", "2024-03-01");
    life_run(&life, "2024-05-01");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, a, &m));
    life_run(&life, "2024-06-09");
    CHECK(life_look(&life, a).state == M_CANCELED);
    t->cx.now = night;
    CHECK(billing_restart(&t->cx, life.catalog, a, NULL) == E_CONFLICT);
    CHECK(t->err.fault == &RETIRE_PLAN_OVER);
    t->cx.now = night - 2 * INT64_C(3600000);
    CHECK_OK(billing_restart(&t->cx, life.catalog, a, NULL));
    life_close(&life);
}

/* ---- whatever the day ---- */

struct subject {
    int64_t account_id, choose_day;
    const char *plan, *choice; /* '' none */
};

static int64_t price_of(const char *plan)
{
    static const struct {
        const char *plan;
        int64_t minor;
    } prices[] = {
        {"basic",    799 },
        {"standard", 1299},
        {"premium",  1799},
        {"old",      999 },
        {"mini",     599 }
    };

    for (size_t i = 0; i < COUNT(prices); i++)
        if (strcmp(prices[i].plan, plan) == 0) return prices[i].minor;
    return -1;
}

/* By the plainest reading of A-10, from the dates alone. */
static void check_subject(const struct subject *s, int64_t from_day, int64_t until_day)
{
    const char *place = *s->choice ? s->choice : strcmp(s->plan, "old") == 0 ? "standard" : NULL;
    struct charge *rows;
    size_t const n = charges(s->account_id, &rows);
    struct membership const m = life_look(&life, s->account_id);
    int64_t const anchor = m.anchor_day;
    size_t before = 0, after = 0, expected_before = 0, expected_after = 0;

    for (size_t i = 0; i < n; i++) {
        bool const old = rows[i].due_on_day < from_day;
        int64_t const is = price_of(old || !place ? s->plan : place);

        if (rows[i].amount_minor != is || (!old && !place))
            FAIL("%s to %s: %lld on %lld, retired for it on %lld", s->plan, place ? place : "end",
                 (long long)rows[i].amount_minor, (long long)rows[i].due_on_day,
                 (long long)from_day);
        before += old;
        after += !old;
    }
    int64_t const first = life_day("2024-03-01");
    for (int64_t k = period_on_or_after(anchor, first); period_start_day(anchor, k) <= until_day;
         k++)
        if (period_start_day(anchor, k) < from_day)
            expected_before++;
        else
            expected_after += place != NULL;
    if (before != expected_before || after != expected_after)
        FAIL("%s to %s: %zu and %zu charges, not %zu and %zu", s->plan, place ? place : "end",
             before, after, expected_before, expected_after);
    CHECK(place ? m.state == M_ACTIVE && strcmp(m.plan, place) == 0 : m.state == M_CANCELED);
}

static void holds_on_every_day(void **state)
{
    static const char *const retired[] = {"2024-05-29", "2024-05-31", "2024-06-01", "2024-06-14"};
    static const char *const choices[] = {"", "premium", "basic"};
    static struct subject all[200];

    (void)state;
    for (size_t r = 0; r < COUNT(retired); r++) {
        size_t n = 0;
        int64_t const day = life_day(retired[r]), until = life_day("2024-08-01");
        unsigned seed = (unsigned)r + 1;

        open_shop("2024-03-01", retired[r]);
        struct test_db *t = &life.t;
        for (int anchor = 1; anchor <= 31; anchor += r % 2 ? 6 : 5)
            for (size_t c = 0; c < COUNT(choices); c++)
                for (int end = 0; end < 2; end++) {
                    char joined[DAY_TEXT];
                    int64_t const at = life_day("2024-01-01") + anchor - 1;

                    seed = seed * 1103515245U + 12345U;
                    all[n++] = (struct subject){
                        join(end ? "mini" : "old", day_text(at, joined), "2024-03-01"),
                        day - 24 + (int64_t)(seed >> 16) % 6 * 4, end ? "mini" : "old", choices[c]};
                }
        for (int64_t d = day - 24; d < day; d += 4) {
            char text[DAY_TEXT];

            life_run(&life, day_text(d, text));
            for (size_t i = 0; i < n; i++)
                if (*all[i].choice && all[i].choose_day == d) {
                    choose(all[i].account_id, "standard");
                    choose(all[i].account_id, all[i].choice);
                }
        }
        life_run(&life, "2024-08-01");
        for (size_t i = 0; i < n; i++) {
            CHECK(told_of(all[i].account_id).applies_day == day);
            check_subject(&all[i], day, until);
        }
        (void)t;
        life_close(&life);
    }
}

/* Nobody is told later than the notice asks for, and the plan counts no more from the later of both
 * dates. */
static void dates_by_the_notice(void **state)
{
    (void)state;
    for (int64_t retired = 100; retired < 160; retired += 7)
        for (int64_t told = 40; told < 200; told += 3)
            for (int64_t notice = 0; notice < 70; notice += 23) {
                int64_t const day = retire_applies_day(retired, told, notice);

                CHECK(day >= retired && day - told >= notice);
                CHECK(day == retired || day - told == notice);
            }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-10, A-08 the later of retirement and notice counts", dates_by_the_notice),
        CASE("A-10, A-09 who does not choose is moved, told in time",
             moves_those_who_do_not_choose),
        CASE("A-10 where nothing takes its place the membership ends with its period",
             ends_where_nothing_takes_its_place),
        CASE("A-10, A-07, A-05 a choice is taken, and may be changed", takes_a_choice),
        CASE("A-10 A-06 H-12 a choice is its owner's, whenever it is carried out", tells_who_chose),
        CASE("A-10, B-17 nothing that is withdrawn leaves anybody on it", never_goes_on_with_it),
        CASE("A-10, A-09 a choice that is undone counts nowhere", forgets_a_choice_that_is_undone),
        CASE("A-10, A-08 told late, it waits for the notice", waits_for_the_notice),
        CASE("A-10, A-07 slots without room are shown, and end", ends_slots_without_room),
        CASE("A-10 holds, pauses, endings and locks", treats_each_state),
        CASE("A-10 F-13 nobody comes back to a plan once its day has begun where they live",
             ends_for_who_comes_back),
        CASE("A-10, B-14 whatever day, anchor and choice: no charged period changes",
             holds_on_every_day),
    };
    return RUN_CASES("retire", cases);
}
