/* guide_test: every cause of the guides is found from data, and "none of these" opens a case.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/guide.h"

#include "account/work.h"
#include "db/outbox.h"
#include "payments/begin.h"
#include "payments/life_test.h"

static struct life life;

static const struct guide_item *found(const struct guide_item *items, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(items[i].code, code) == 0) return &items[i];
    return NULL;
}

static bool has_cause(const struct guide_answer *a, const char *code)
{
    return found(a->causes, a->n_causes, code) != NULL;
}

static void is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) FAIL("\"%s\" is not \"%s\"", a, b);
}

static void script(const char *sql)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, sql, &t->err));
}

/* What is said to be so has something to show for it. */
static void is_backed(const struct guide_answer *a)
{
    for (size_t i = 0; i < a->n_checks; i++)
        if (a->checks[i].verdict == VERDICT_YES && a->checks[i].n_evidence == 0)
            FAIL("%s is said to be so, and nothing shows it", a->checks[i].code);
}

static size_t open_cases(void)
{
    struct test_db *t = &life.t;
    struct work_list const in = {.state = "open"};
    struct works_view list;

    CHECK_OK(work_list(&t->cx, &in, &list));
    return list.n;
}

static int64_t joins(const char *joined, const char *tokens)
{
    return life_member(&life, "DE", "standard", joined, "2024-02-01", tokens);
}

/* All the rules, over every combination of their facts: the causes are exactly those that hold. */
static void rules_hold_for_all_facts(void **unused UNUSED)
{
    for (unsigned bits = 0; bits < 1U << 12; bits++) {
        struct guide_facts const f = {
            .state = bits & 1 ? M_ACTIVE : M_CANCELED,
            .by_partner = bits & 2,
            .others = (bits & 4 ? 1 : 0) + (bits & 8 ? 1 : 0),
            .others_other_way = bits & 8 ? 1 : 0,
            .captures = bits & 16 ? 2 : 0,
            .upgrades = bits & 32 ? 1 : 0,
            .retried = bits & 64 ? 1 : 0,
            .temporary = bits & 128 ? 1 : 0,
            .cancel_started = bits & 256,
            .cancel_finished = bits & 512,
            .restarted = (bits & 256) && (bits & 512),
            .by_others = bits & 1024 ? 1 : 0,
            .asked_amount = bits & 2048,
        };
        struct guide_facts months = f;
        struct guide_finding g;

        months.apart = true;
        guide_twice(&months, &g);
        CHECK(!g.none && strcmp(g.next_step, "case") != 0);
        guide_twice(&f, &g);
        CHECK(g.n == 7);
        CHECK((g.at[0].verdict == VERDICT_YES) == ((bits & 4) != 0));
        CHECK((g.at[1].verdict == VERDICT_YES) == (f.upgrades > 0));
        CHECK((g.at[5].verdict == VERDICT_YES) == ((bits & 8) != 0));
        bool const any = f.others || f.upgrades || f.retried || f.temporary || f.restarted;
        CHECK(g.none == (!any && f.captures > 1));
        CHECK((strcmp(g.next_step, "case") == 0) == g.none);

        guide_canceled(&f, &g);
        CHECK(g.n == 8);
        CHECK(!(g.at[1].verdict == VERDICT_YES && g.at[3].verdict == VERDICT_YES));
        if (f.cancel_finished) CHECK(g.at[1].verdict == VERDICT_NO);
        if (g.none) CHECK(f.captures > 0 && !f.by_partner && !f.others && !f.restarted);

        guide_unknown(&f, &g);
        CHECK(g.n == 4 && *g.next_step);
        CHECK((g.at[2].verdict == VERDICT_YES) == (f.by_others > 0));
        CHECK(g.none == (f.asked_amount && !f.by_others));
    }
}

static void charged_twice(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    int64_t const one = joins("2024-01-10", "tok_visa");
    struct guide_ask const in = {NULL, .account_id = one};
    life_run(&life, "2024-03-12");
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    CHECK(a.n_checks == 8 && a.n_causes == 1 && has_cause(&a, "monthly")); /* simply two months */
    is_backed(&a);
    is(a.next_step, "none");
    CHECK(!*a.work && open_cases() == 0);
    script("UPDATE invoice SET period_start_day = period_start_day - 9 WHERE period_start_day ="
           " (SELECT MAX(period_start_day) FROM invoice)"); /* days paid twice: no known cause */
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    CHECK(a.n_checks == 7 && a.n_causes == 1 && has_cause(&a, "none"));
    CHECK(strncmp(a.work, "wrk_", 4) == 0 && open_cases() == 1);
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a)); /* asked again: the same case */
    CHECK(open_cases() == 1);

    int64_t const two = joins("2024-01-11", "tok_visa");
    script("UPDATE method SET fingerprint = 'the same card'");
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    CHECK(a.n_causes == 1 && has_cause(&a, "two_accounts") && !*a.work);
    is_backed(&a);
    is(a.next_step, "account.compare");
    script(arena_printf(&t->arena,
                        "UPDATE membership SET biller = 'carrier' WHERE account_id = %lld",
                        (long long)two));
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    CHECK(!has_cause(&a, "two_accounts") && has_cause(&a, "direct_and_partner"));
    is_backed(&a);
    life_close(&life);
}

static void a_retry_is_no_second_charge(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    int64_t const m = joins("2024-01-10", "tok_insufficient_funds;tok_visa");
    struct guide_ask const in = {NULL, .account_id = m, .locale = "de"};
    life_run(&life, "2024-03-12");
    CHECK_OK(guide_charged_twice(&t->cx, &in, &a));
    const struct guide_item *c = found(a.causes, a.n_causes, "retried");
    CHECK(c && c->n_evidence == 2);
    is(c->text, "Ein Versuch wurde abgelehnt, ein späterer gelang; das ist eine einzige Zahlung.");
    is(c->evidence[0].value, "2024-03-10, 12.99 EUR, visa 4242");
    is(c->evidence[0].text, "10. März 2024, 12,99\u00a0€, visa 4242");
    life_close(&life);
}

static void unknown_charge(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    int64_t const m = joins("2024-01-10", "tok_visa");
    int64_t const other = joins("2024-01-20", "tok_visa");
    life_run(&life, "2024-03-01");
    script("UPDATE method SET fingerprint = 'the same card'");
    struct guide_ask in = {NULL, .account_id = m, .on = "2024-02-11", .amount_minor = 1299};
    CHECK_OK(guide_unknown_charge(&t->cx, &in, &a)); /* a bank shows it a day later */
    CHECK(a.n_checks == 4 && has_cause(&a, "existing_account") && a.n_steps == 6);
    CHECK(found(a.causes, a.n_causes, "existing_account")->n_evidence == 1);
    in.on = "2024-02-20";
    CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
    CHECK(!has_cause(&a, "existing_account") && has_cause(&a, "duplicate_account"));
    is_backed(&a);
    in.account_id = other;
    CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
    CHECK(has_cause(&a, "existing_account"));
    in.amount_minor = 4711;
    CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
    CHECK(has_cause(&a, "none") && *a.work && open_cases() == 1);
    is_backed(&a);
    in.on = "2024-02-30";
    CHECK_FAULT(guide_unknown_charge(&t->cx, &in, &a), &GUIDE_DATE);
    life_close(&life);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++) n++;
    return n;
}

/* What a second guide finds is added to the case that is open; nothing is said twice. */
static void a_case_keeps_all_evidence(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct work_list const open = {.state = "open"};
    struct guide_answer first, a;
    struct works_view list;

    life_open(&life, "2024-02-01");
    struct guide_ask in = {NULL, .account_id = joins("2024-01-10", "tok_visa")};
    life_run(&life, "2024-03-01");
    in.on = "2024-02-29";
    for (int64_t minor = 1; minor <= 3; minor++) {
        in.amount_minor = minor;
        CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
        if (minor == 1) first = a;
        is(a.work, first.work);
        CHECK_OK(guide_unknown_charge(&t->cx, &in, &a)); /* the same again */
    }
    CHECK_OK(work_list(&t->cx, &open, &list));
    CHECK(list.n == 1);
    const char *const said = list.items[0].evidence;
    CHECK(strstr(said, "\"amount_minor\":1,") == strstr(said, "\"amount_minor\""));
    CHECK(strstr(said, "\"amount_minor\":2") && strstr(said, "\"amount_minor\":3"));
    CHECK(count(said, "\"guide\":\"unknown\"") == 3);
    life_close(&life);
}

static int64_t signs_up(void)
{
    struct test_db *t = &life.t;
    struct begin_start in = {.member = "anna-1",
                             .email = "anna@example.com",
                             .name = "Anna Example",
                             .country = "DE",
                             .plan = "standard",
                             .token = "tok_visa"};
    struct begin_answer a;

    t->cx.actor = (struct actor){.role = ROLE_VISITOR, .surface = SURFACE_WEB};
    CHECK_OK(begin_describe(&t->cx, &life.world, &in));
    CHECK_OK(begin_start(&t->cx, life.catalog, &in, &a));
    CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &a));
    return a.account_id;
}

static void cancels(struct actor who, int64_t account_id)
{
    struct test_db *t = &life.t;
    struct membership m;

    t->cx.actor = who;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, account_id, &m));
    CHECK_OK(billing_undo_cancel(&t->cx, life.catalog, account_id));
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
}

static void ask_for_777(int64_t account_id, const char *on, struct guide_answer *a)
{
    struct test_db *t = &life.t;
    struct guide_ask const in = {NULL, .account_id = account_id, .on = on, .amount_minor = 777,
                                 .steps_done = 7};

    CHECK_OK(guide_unknown_charge(&t->cx, &in, a));
    is_backed(a);
}

/* Signing up, and what the service's people do, accuses nobody who lives with the owner. */
static void nobody_is_accused(void **unused UNUSED)
{
    struct guide_answer a;

    life_open(&life, "2024-01-10");
    int64_t const m = signs_up();
    cancels((struct actor){.role = ROLE_AGENT, .id = 1}, m);
    cancels((struct actor){.role = ROLE_OWNER, .id = m}, m);
    ask_for_777(m, "2024-01-10", &a);
    CHECK(a.n_causes == 1 && has_cause(&a, "none") && *a.work && open_cases() == 1);
    CHECK(found(a.checks, a.n_checks, "household")->verdict == VERDICT_NO);
    CHECK(found(a.checks, a.n_checks, "unauthorized")->verdict == VERDICT_CANNOT_TELL);
    is(a.next_step, "case");
    life_close(&life);
}

static void household_is_named_with_its_deeds(void **unused UNUSED)
{
    struct actor const child = {
        .role = ROLE_KIDS, .id = 7, .surface = SURFACE_TV, .device = "Living room"};
    struct guide_answer a;

    life_open(&life, "2024-01-10");
    int64_t const m = signs_up();
    life_run(&life, "2024-01-20");
    cancels(child, m);
    ask_for_777(m, "2024-01-21", &a);
    CHECK(has_cause(&a, "household") && !*a.work && open_cases() == 0);
    const struct guide_item *item = found(a.causes, a.n_causes, "household");
    CHECK(item->n_evidence == 2);
    is(item->evidence[0].name, "2024-01-20T00:00:00.000Z");
    is(item->evidence[0].value, "cancel, kids, tv, Living room");
    is(item->evidence[0].text, "January 20, 2024, cancel, a kids profile, on a TV, Living room");
    ask_for_777(m, "2024-01-12", &a); /* what came after the charge is no cause of it */
    CHECK(!has_cause(&a, "household") && *a.work);
    life_close(&life);
}

/* The issuer of the card is named when the search is over, or at once after a theft. */
static void the_issuer_comes_last(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    struct guide_ask in = {NULL, .account_id = joins("2024-01-10", "tok_visa")};
    for (int64_t done = 0; done <= GUIDE_STEPS; done++) {
        in.steps_done = done;
        CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
        const struct guide_item *issuer = found(a.steps, a.n_steps, "contact_issuer");
        CHECK((issuer != NULL) == (done >= GUIDE_STEPS - 1));
        CHECK(a.steps[done < GUIDE_STEPS ? done : GUIDE_STEPS - 1].verdict == VERDICT_YES);
    }
    in.steps_done = 0;
    in.stolen = true;
    CHECK_OK(guide_unknown_charge(&t->cx, &in, &a));
    CHECK(found(a.steps, a.n_steps, "contact_issuer") && has_cause(&a, "unauthorized"));
    is_backed(&a);
    is(a.next_step, "contact_issuer");
    life_close(&life);
}

static void charged_after_cancelling(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct membership m;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    int64_t const id = joins("2024-01-10", "tok_visa");
    struct guide_ask const in = {NULL, .account_id = id};
    life_run(&life, "2024-03-12");
    script("UPDATE membership SET cancel_started_at = 1709251200000");
    CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
    CHECK(a.n_checks == 8 && has_cause(&a, "not_completed"));
    is_backed(&a);
    is(a.next_step, "membership.cancel");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
    CHECK(!has_cause(&a, "not_completed") && has_cause(&a, "none") && *a.work);
    const struct guide_item *confirmed = found(a.checks, a.n_checks, "confirmation");
    CHECK(confirmed->verdict == VERDICT_YES && confirmed->n_evidence >= 3);
    script(arena_printf(&t->arena,
                        "UPDATE membership SET biller = 'carrier' WHERE account_id = %lld",
                        (long long)id));
    CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
    CHECK(has_cause(&a, "partner"));
    is_backed(&a);
    life_close(&life);
}

/* It was cancelled, confirmed, and restarted after its end; a cancel that came after the charge, or
 * was taken back long before, is none that the charge followed. */
static void charged_after_a_restart(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct actor const owner = {.role = ROLE_OWNER, .surface = SURFACE_WEB, .proven = true};
    struct membership m;
    struct guide_answer a;

    life_open(&life, "2024-02-01");
    int64_t const id = joins("2024-01-10", "tok_visa");
    struct guide_ask const in = {NULL, .account_id = id};
    t->cx.actor = owner;
    CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    life_run(&life, "2024-02-15");
    CHECK(life_look(&life, id).state == M_CANCELED);
    CHECK_OK(billing_restart(&t->cx, life.catalog, id, NULL));
    life_run(&life, "2024-02-20");
    t->cx.actor = owner;
    for (int again = 0; again < 2; again++) {
        CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
        const struct guide_item *confirmed = found(a.checks, a.n_checks, "confirmation");
        CHECK(confirmed->verdict == VERDICT_YES && confirmed->n_evidence >= 3);
        is(confirmed->evidence[0].name, "reference");
        CHECK(strncmp(confirmed->evidence[0].value, "cnl_", 4) == 0);
        is(confirmed->evidence[2].name, "at");
        is(confirmed->evidence[2].value, "2024-02-01T00:00:00.000Z");
        is(confirmed->evidence[2].text, "February 1, 2024");
        CHECK(has_cause(&a, "restarted") && !has_cause(&a, "not_completed"));
        if (!again) CHECK_OK(billing_cancel(&t->cx, life.catalog, id, &m));
    }
    CHECK_OK(billing_undo_cancel(&t->cx, life.catalog, id));
    life_run(&life, "2024-06-20");
    CHECK_OK(guide_charged_after_cancel(&t->cx, &in, &a));
    CHECK(found(a.checks, a.n_checks, "confirmation")->verdict == VERDICT_NO);
    CHECK(has_cause(&a, "not_completed"));
    life_close(&life);
}

static size_t sent(const char *topic)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, count = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    for (size_t i = 0; i < n; i++) count += strcmp(rows[i].topic, topic) == 0;
    return count;
}

static void how_it_began(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct sign_up_answer a;

    life_open(&life, "2024-02-01");
    struct sign_up_ask in = {NULL, joins("2024-01-10", "tok_visa"), false};
    CHECK_OK(guide_sign_up(&t->cx, &in, &a));
    is(a.biller, "direct");
    is(a.joined_on, "2024-01-10");
    is(a.how, "imported");
    CHECK(!a.sent && sent("membership.confirmation_again") == 0);
    in.resend = true;
    CHECK_OK(guide_sign_up(&t->cx, &in, &a));
    CHECK(a.sent && sent("membership.confirmation_again") == 1);
    is(a.plan, "standard"); /* as it is now: there was no charge yet */
    CHECK(a.price_minor == 0 && !*a.currency);
    life_close(&life);
}

/* As it was agreed on then, whatever was changed since. */
static void as_it_was_agreed(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    struct sign_up_answer a;

    life_open(&life, "2024-01-10");
    struct sign_up_ask const in = {NULL, signs_up(), true};
    life_run(&life, "2024-02-20");
    script("UPDATE membership SET plan = 'basic', anchor_day = anchor_day + 3");
    life_run(&life, "2024-03-20");
    CHECK_OK(guide_sign_up(&t->cx, &in, &a));
    is(a.biller, "direct");
    is(a.plan, "standard");
    is(a.how, "joined");
    is(a.billing_day, "10");
    is(a.currency, "EUR");
    CHECK(a.price_minor == 1299);
    script("UPDATE membership SET biller = 'carrier'");
    CHECK_OK(guide_sign_up(&t->cx, &in, &a));
    is(a.biller, "direct");
    life_close(&life);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("H-07 F-17 every combination of facts has its causes", rules_hold_for_all_facts),
        CASE("H-07 H-14 charged twice: two accounts, a partner, or a case", charged_twice),
        CASE("H-07 E-17 a retry is one charge, and said to be", a_retry_is_no_second_charge),
        CASE("H-04 H-14 an unknown charge is looked for in this account and beside it",
             unknown_charge),
        CASE("H-04 H-14 whoever signed up, and an agent, are nobody of the household",
             nobody_is_accused),
        CASE("H-04 H-14 the household is named with what it did, when, and as whom",
             household_is_named_with_its_deeds),
        CASE("H-05 H-15 seven steps, the card's issuer last", the_issuer_comes_last),
        CASE("F-16 F-17 charged after cancelling: eight checks, five causes",
             charged_after_cancelling),
        CASE("F-16 the confirmation of the cancel that a charge followed is found after a restart",
             charged_after_a_restart),
        CASE("H-14 a case keeps the evidence of every guide, each once", a_case_keeps_all_evidence),
        CASE("D-08 how a membership was signed up for, and its confirmation again", how_it_began),
        CASE("D-08 what was agreed on at sign-up is told whatever has changed", as_it_was_agreed),
    };

    return RUN_CASES("guide", cases);
}
