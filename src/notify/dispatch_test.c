/* dispatch_test: what happened becomes messages, once, with their facts, ways and times.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "billing/credit.h"
#include "billing/dispute.h"
#include "notify/notify_test.h"

static const struct message_view_delivery *way(const struct message_view *m, enum channel c)
{
    for (size_t i = 0; i < m->n_deliveries; i++)
        if (m->deliveries[i].channel == (int64_t)c) return &m->deliveries[i];
    return NULL;
}

static void renewals_become_receipts(void **state)
{
    (void)state;
    life_open(&life, "2024-01-31");
    int64_t const m = reader("2023-12-31", "2024-01-31", "tok_visa");
    life_run(&life, "2024-03-02");
    CHECK(dispatch_all() >= 2);
    const struct message_view *v = newest(m, "billing.renewed");
    CHECK(v && strstr(v->text, "We have charged €12.99 for the new month."));
    CHECK(strstr(v->text, "Your next charge of €12.99 is planned for March 31, 2024."));
    CHECK(v->n_deliveries == 1 && strcmp(v->deliveries[0].address, "a…@example.com") == 0);
    size_t const n = list(m).n;
    CHECK(dispatch_all() == 0 && list(m).n == n);
    life_close(&life);
}

static void failures_are_told(void **state)
{
    (void)state;
    life_open(&life, "2024-01-15");
    int64_t const m = reader("2023-12-20", "2024-01-15", "tok_insufficient_funds");
    life_run(&life, "2024-01-21");
    dispatch_all();
    const struct message_view *v = newest(m, "membership.grace_started");
    CHECK(v && strstr(v->subject, "until January 25, 2024") && strstr(v->text, "€12.99"));
    life_run(&life, "2024-01-27");
    dispatch_all();
    CHECK(newest(m, "membership.grace_reminder") != NULL);
    v = newest(m, "membership.held");
    CHECK(v && strstr(v->text, "on hold") &&
          strstr(v->text, "Your next charge of €12.99 is planned for January 30, 2024."));
    life_close(&life);
}

/* What credit has paid of it is not said to come once more. */
static void the_rest_is_told(void **state)
{
    struct credit_move move = {.kind = CREDIT_ADJUST, .amount_minor = 300, .currency = "EUR"};
    struct test_db *t = &life.t;

    (void)state;
    life_open(&life, "2024-01-15");
    int64_t const m = move.account_id =
        reader("2023-12-20", "2024-01-15", "tok_insufficient_funds");
    CHECK_OK(credit_post(&t->cx, &move, NULL));
    life_run(&life, "2024-01-21");
    dispatch_all();
    const struct message_view *v = newest(m, "membership.grace_started");
    CHECK(v && strstr(v->text, "Your payment of €9.99 failed"));
    CHECK(strstr(v->text, "Your next charge of €9.99 is planned for January 20, 2024."));
    life_close(&life);
}

/* Nothing has failed: it was not tried, as the bank wants an earlier charge back. */
static void the_dispute_is_told(void **state)
{
    struct dispute_opening o = {.reason = "fraudulent"};
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-15");
    int64_t const m = o.account_id = reader("2023-12-20", "2024-01-15", "tok_visa");
    life_run(&life, "2024-02-15");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 9));
    o.charge_id = c[0].charge_id;
    o.at = t->cx.now;
    CHECK_OK(dispute_begin(&t->cx, &o, NULL));
    life_run(&life, "2024-02-21");
    dispatch_all();
    const struct message_view *v = newest(m, "membership.grace_started");
    CHECK(v && strstr(v->subject, "Your payment waits") && !strstr(v->text, "failed"));
    CHECK(strstr(v->text, "€12.99") && strstr(v->text, "your bank disputes an earlier charge"));
    CHECK(strstr(v->text, "While a bank disputes a charge, nothing is charged by itself."));
    CHECK(!strstr(v->text, "try again") && !strstr(v->text, "No further charge"));
    life_run(&life, "2024-02-27");
    dispatch_all();
    v = newest(m, "membership.held");
    CHECK(v && strstr(v->text, "has not been tried") && !strstr(v->text, "failed"));
    life_close(&life);
}

/* A card that must not be tried again: page and mail say that nothing is planned, and why. */
static void nothing_more_is_tried(void **state)
{
    struct overview_get in = {.member = ""};
    struct test_db *t = &life.t;
    struct overview o;

    (void)state;
    life_open(&life, "2024-01-15");
    int64_t const m = in.account_id = reader("2023-12-20", "2024-01-15", "tok_stolen_card");
    life_run(&life, "2024-01-21");
    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    CHECK(o.state == M_GRACE && !*o.next_charge_on);
    CHECK(strcmp(o.next_problem, "billing.no_method") == 0 && o.next_total_minor == 1299);
    life_run(&life, "2024-01-27");
    dispatch_all();
    const struct message_view *v = newest(m, "membership.held");
    CHECK(v && strstr(v->text, "No further charge is planned."));
    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    CHECK(o.state == M_HOLD && !*o.next_charge_on);
    CHECK(strcmp(o.next_problem, "billing.no_method") == 0);
    sql("UPDATE method SET method_state = 'usable'", m);
    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    CHECK(strcmp(o.next_charge_on, "2024-01-30") == 0 && !*o.next_problem);
    life_close(&life);
}

static void sign_up_names_everything(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "membership.confirmation_again", life.t.cx.now,
         "{\"biller\":\"direct\",\"plan\":\"standard\",\"joined_on\":\"2024-01-31\"}");
    dispatch_all();
    const struct message_view *v = newest(m, "membership.confirmation_again");
    CHECK(v && strstr(v->text, "Plan: Standard") && strstr(v->text, "€12.99 a month"));
    CHECK(strstr(v->text, "Billed by: Foyer") && strstr(v->text, "day 31 of each month"));
    CHECK(strstr(v->text, "anna@example.com"));

    /* As it was agreed on, which is not as it is by now. */
    emit(m, "membership.confirmation_again", life.t.cx.now + 1,
         "{\"biller\":\"direct\",\"plan\":\"basic\",\"joined_on\":\"2023-01-12\","
         "\"price_minor\":799,\"price_currency\":\"EUR\",\"billing_day\":\"12\"}");
    dispatch_all();
    v = newest(m, "membership.confirmation_again");
    CHECK(v && strstr(v->text, "Plan: Basic") && strstr(v->text, "€7.99 a month"));
    CHECK(strstr(v->text, "Billed by: Foyer") && strstr(v->text, "day 12 of each month"));
    life_close(&life);
}

static int64_t column(int64_t m, enum channel channel, bool stale)
{
    struct test_db *t = &life.t;
    struct message_row *messages;
    struct delivery_row *rows;
    size_t n;

    CHECK_OK(messages_of(&t->cx, &messages, &n, .account_id = m, .before = INT64_MAX, .max = 1));
    CHECK(n == 1);
    CHECK_OK(deliveries_of(&t->cx, &rows, &n, .account_id = m, .message_id = messages[0].message_id,
                           .max = 9));
    for (size_t i = 0; i < n; i++)
        if (rows[i].channel == (int64_t)channel) return stale ? rows[i].stale_at : rows[i].due_at;
    return 0;
}

/* 23:30 in Berlin is quiet: routine waits until eight, security and answers do not. */
static void quiet_hours_hold_routine(void **state)
{
    int64_t const night = life_day("2024-02-01") * DAY_MS + 22 * 3600000 + 1800000;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "billing.refunded", night, "{\"amount_minor\":100,\"currency\":\"EUR\"}");
    dispatch_all();
    CHECK(column(m, CHANNEL_EMAIL, false) == life_day("2024-02-02") * DAY_MS + 7 * 3600000);
    emit(m, "method.added", night, "{\"brand\":\"visa\",\"last4\":\"4242\"}");
    dispatch_all();
    CHECK(column(m, CHANNEL_EMAIL, false) == night);
    emit(m, "pause.withdrawn", night, "{}");
    dispatch_all();
    CHECK(column(m, CHANNEL_EMAIL, false) == night);
    sql("INSERT INTO contact SELECT account_id, '', 0, 0, 0, 0, 0, 0, '', 0, '' FROM account", m);
    emit(m, "billing.refunded", night, "{\"amount_minor\":100,\"currency\":\"EUR\"}");
    dispatch_all();
    CHECK(column(m, CHANNEL_EMAIL, false) == night); /* who is never quiet */
    emit(m, "membership.resume_reminder", night, "{\"resume_on\":\"2024-02-04\"}");
    dispatch_all();
    CHECK(column(m, CHANNEL_EMAIL, true) == life_day("2024-02-04") * DAY_MS - 3600000);
    life_close(&life);
}

static void consent_and_verified_phones(void **state)
{
    int64_t const at = life_day("2024-02-01") * DAY_MS + 12 * 3600000;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    sql("INSERT INTO contact SELECT account_id, '+15550142', 0, 0, 0, -1, -1, 0, '', 0, ''"
        " FROM account",
        m);
    emit(m, "method.added", at, "{}");
    dispatch_all();
    CHECK(!way(newest(m, "method.added"), CHANNEL_TEXT)); /* a phone that nobody has verified */
    sql("UPDATE contact SET phone_verified_at = 1", m);
    emit(m, "method.added", at, "{}");
    emit(m, "membership.held", at, "{}");
    dispatch_all();
    const struct message_view_delivery *text = way(newest(m, "method.added"), CHANNEL_TEXT);
    CHECK(text && strcmp(text->address, "…0142") == 0);
    CHECK(!way(newest(m, "membership.held"), CHANNEL_TEXT)); /* not agreed to */
    CHECK(!way(newest(m, "membership.held"), CHANNEL_PUSH));
    sql("UPDATE contact SET text_agreed_at = 1, push_agreed_at = 1", m);
    emit(m, "membership.held", at, "{}");
    dispatch_all();
    CHECK(way(newest(m, "membership.held"), CHANNEL_TEXT));
    CHECK(way(newest(m, "membership.held"), CHANNEL_PUSH));
    CHECK(way(newest(m, "membership.held"), CHANNEL_EMAIL));
    life_close(&life);
}

static void old_and_new_address(void **state)
{
    struct test_db *t = &life.t;
    struct contact_view v;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    struct contact_set const in = {
        .account_id = m, .email = "new@example.com", .texts = -1, .push = -1, .locale = "de"};
    CHECK_OK(contact_set(&t->cx, &in, &v));
    CHECK(strcmp(v.email, "new@example.com") == 0 && v.email_reachable);
    dispatch_all();
    const struct message_view *told = newest(m, "contact.changed");
    CHECK(told && told->n_deliveries == 2);
    CHECK(strcmp(told->deliveries[0].address, "n…@example.com") == 0);
    CHECK(strcmp(told->deliveries[1].address, "a…@example.com") == 0);
    CHECK(strcmp(told->subject, "Ihre E-Mail-Adresse wurde geändert") == 0);
    struct contact_set const bad = {
        .account_id = m, .email = "a\nb@example.com", .texts = -1, .push = -1};
    CHECK_FAULT(contact_set(&t->cx, &bad, &v), &CONTACT_EMAIL_INVALID);
    sql("UPDATE account SET locked_at = 1", m);
    CHECK_FAULT(contact_set(&t->cx, &in, &v), &ACCOUNT_LOCKED);
    life_close(&life);
}

static void pages_and_reading(void **state)
{
    struct test_db *t = &life.t;
    struct messages_view page;
    struct message_view read;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    int64_t const other = reader("2024-01-31", "2024-02-01", "tok_visa");
    for (int i = 0; i < 5; i++) emit(m, i % 2 ? "method.added" : "method.removed", i, "{}");
    dispatch_all();
    struct message_list in = {.account_id = m, .limit = 2};
    size_t seen = 0;
    do {
        CHECK_OK(message_list(&t->cx, &in, &page));
        seen += page.n;
        in.before = page.next;
    } while (*page.next);
    CHECK(seen == 5 && list(other).n == 0);
    struct message_ref ref = {.account_id = m, .reference = newest(m, "method.added")->reference};
    CHECK(!*newest(m, "method.added")->read_at);
    CHECK_OK(message_read(&t->cx, &ref, &read));
    CHECK(*read.read_at && *newest(m, "method.added")->read_at);
    ref.account_id = other;
    CHECK_FAULT(message_read(&t->cx, &ref, &read), &MESSAGE_UNKNOWN);
    life_close(&life);
}

/* Who was erased is written to no more, and nothing that was written is kept. */
static void erased_people(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "method.added", life.t.cx.now, "{}");
    sql("UPDATE account SET erased_at = 5, email = ''", m);
    CHECK(dispatch_all() == 1 && list(m).n == 0);
    life_close(&life);
}

/* Where we lack the language, or were never told it, words and dates are English. */
static void one_language_in_a_message(void **state)
{
    static const struct {
        const char *locale, *by;
    } cases[] = {
        {"",      "by 9 February 2024" },
        {"sv-SE", "by 9 February 2024" },
        {"de",    "bis zum 9. Februar" },
        {"en-US", "by February 9, 2024"},
    };
    char text[80];

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(text, sizeof text, "UPDATE account SET locale = '%s'", cases[i].locale);
        sql(text, m);
        emit(m, "membership.use_question", life.t.cx.now, "{\"answer_by\":\"2024-02-09\"}");
        dispatch_all();
        const struct message_view *v = newest(m, "membership.use_question");
        if (!strstr(v->text, cases[i].by)) FAIL("%s: %s", cases[i].locale, v->text);
    }
    life_close(&life);
}

/* Erasing takes the messages, their deliveries and the contact along. */
static void erasing_takes_all(void **state)
{
    struct test_db *t = &life.t;
    struct delivery_row *rows;
    struct contact contact;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    sql("INSERT INTO contact SELECT account_id, '+15550142', 1, 1, 1, -1, -1, 0, '', 0, ''"
        " FROM account",
        m);
    emit(m, "method.added", t->cx.now, "{}");
    dispatch_all();
    struct message_row *messages;
    CHECK_OK(messages_of(&t->cx, &messages, &n, .account_id = m, .before = INT64_MAX, .max = 9));
    CHECK(n == 1);
    sql("UPDATE account SET delete_on_day = 19755", m);
    sql("UPDATE membership SET state = 'canceled', step = 'erase', due_day = 19755,"
        " due_at = 1706832000000, retention_until_day = 19755",
        m);
    life_run(&life, "2024-02-05");
    CHECK(life_look(&life, m).state == M_DELETED && list(m).n == 0);
    CHECK_OK(deliveries_of(&t->cx, &rows, &n, .account_id = m, .message_id = messages[0].message_id,
                           .max = 9));
    CHECK(n == 0);
    CHECK_OK(contact_load(&t->cx, m, &contact));
    CHECK(!*contact.phone);
    CHECK(dispatch_all() >= 1 && list(m).n == 0); /* account.erased is told to nobody */
    life_close(&life);
}

/* A row that cannot be read, or that no table knows, holds up nothing. */
static void odd_rows_are_passed(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "future.topic", life.t.cx.now, "{}");
    emit(m, "account.erased", life.t.cx.now, "{}");
    emit(m, "membership.plan_changed", life.t.cx.now, "{\"from_plan\":7,\"to_plan\":\"gone\"}");
    emit(0, "price.notice", life.t.cx.now, "{}");
    CHECK(dispatch_all() == 4 && list(m).n == 1);
    CHECK(strcmp(newest(m, "membership.plan_changed")->subject, "Your plan is now gone") == 0);
    life_close(&life);
}

/* A letter that is written late tells of its moment, not of what has changed since. */
static void tells_of_its_moment(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "membership.started", life.t.cx.now,
         "{\"biller\":\"direct\",\"plan\":\"standard\",\"email\":\"old@example.com\","
         "\"price_minor\":1299,\"currency\":\"EUR\",\"anchor_on\":\"2024-01-31\"}");
    emit(m, "membership.confirmation_again", life.t.cx.now,
         "{\"biller\":\"direct\",\"plan\":\"standard\"}");
    sql("UPDATE membership SET plan = 'basic', anchor_day = anchor_day - 10", m);
    dispatch_all();
    const struct message_view *v = newest(m, "membership.started");
    CHECK(v && strstr(v->text, "Plan: Standard") && strstr(v->text, "€12.99 a month"));
    CHECK(strstr(v->text, "day 31 of each month") && strstr(v->text, "old@example.com"));
    v = newest(m, "membership.confirmation_again"); /* its price is not known any more */
    CHECK(v && strstr(v->text, "Plan: Standard") && !strstr(v->text, " a month"));
    life_close(&life);
}

/* No date is left as computers write it, and a form that does not count is not said to. */
static void forms_say_what_they_did(void **state)
{
    static const struct {
        const char *outcome, *says;
        bool counts;
    } cases[] = {
        {"canceled", "Your membership is cancelled.", true },
        {"person",   "Somebody looks at it",          true },
        {"partner",  "A partner bills",               false},
        {"ended",    "was cancelled already",         false},
        {"sign_in",  "It has cancelled nothing",      false},
    };
    char text[200];

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(text, sizeof text,
                 "{\"form\":\"cfm_1\",\"received_at\":\"2024-01-10T23:05:00.000Z\","
                 "\"outcome\":\"%s\"}",
                 cases[i].outcome);
        emit(m, "membership.cancel_form_received", life.t.cx.now, text);
        dispatch_all();
        const struct message_view *v = newest(m, "membership.cancel_form_received");
        if (!strstr(v->text, cases[i].says)) FAIL("%s: %s", cases[i].outcome, v->text);
        CHECK((strstr(v->text, "counts from then") != NULL) == cases[i].counts);
        CHECK(!strstr(v->text, "23:05") && strstr(v->text, "on January 11, 2024 at 12:05") &&
              strstr(v->text, "(Europe/Berlin)"));
        CHECK((strstr(v->subject, "not cancelled") != NULL) == (i + 1 == COUNT(cases)));
    }
    life_close(&life);
}

static void disputes_of_nothing(void **state)
{
    static const char *const topics[] = {"billing.dispute_opened", "billing.dispute_won",
                                         "billing.dispute_lost"};

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    for (size_t i = 0; i < COUNT(topics); i++) {
        emit(m, topics[i], life.t.cx.now, "{\"amount_minor\":0,\"currency\":\"EUR\"}");
        dispatch_all();
        const struct message_view *v = newest(m, topics[i]);
        if (strstr(v->text, "none") || !strstr(v->text, "refunded already")) FAIL("%s", v->text);
    }
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-13 B-12 a renewal becomes one receipt that says what comes next",
             renewals_become_receipts),
        CASE("Y-02 E-03 failed payments are told with their dates", failures_are_told),
        CASE("B-12 E-03 in grace what credit has paid is not planned once more", the_rest_is_told),
        CASE("I-06 E-03 B-12 what a dispute holds back is told as that", the_dispute_is_told),
        CASE("B-12 E-11 what is not tried again is planned on no page and in no mail",
             nothing_more_is_tried),
        CASE("Y-05 D-08 the confirmation names biller, plan, price, billing day and account",
             sign_up_names_everything),
        CASE("Y-15 Y-13 quiet hours hold routine messages, and every message has its end",
             quiet_hours_hold_routine),
        CASE("Y-01 texts want a verified phone, and consent where security does not ask",
             consent_and_verified_phones),
        CASE("Y-08 L-09 the old and the new address are told", old_and_new_address),
        CASE("Y-12 the message centre lists everything, page by page, to its owner alone",
             pages_and_reading),
        CASE("E-22 who was erased is written to no more", erased_people),
        CASE("Y-15 a message is in one language", one_language_in_a_message),
        CASE("E-22 erasing takes messages, deliveries and contact along", erasing_takes_all),
        CASE("Y-05 A-02 a letter that is late tells of its own moment", tells_of_its_moment),
        CASE("F-25 F-03 the confirmation of a form says what it did, and when it came in",
             forms_say_what_they_did),
        CASE("I-06 a dispute of what was refunded asks for nothing back", disputes_of_nothing),
        CASE("Y-13 odd rows hold up nothing", odd_rows_are_passed),
    };
    return RUN_CASES("dispatch", cases);
}
