/* redeem_test: gift cards as members, agents and guessers use them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "billing/credit.h"
#include "billing/gift.h"
#include "db/outbox.h"
#include "payments/ask_test.h"
#include "policy/reasons_rules.h"

static struct life life;

#define UNKNOWN "F0YE-RKN0-WSN0-TH1C"

static const struct actor issuer = {.role = ROLE_SYSTEM};
static const struct actor agent = {.role = ROLE_AGENT, .id = 7, .surface = SURFACE_CONTACT};

static struct actor owner(int64_t account_id)
{
    return (struct actor){.role = ROLE_OWNER,
                          .id = account_id,
                          .surface = SURFACE_WEB,
                          .device = "tv-1",
                          .network = "192.0.2.1"};
}

/* The answer lives in the test's arena. */
static const char *ask(struct actor actor, const char *id, const char *in, enum status *s)
{
    return life_ask(&life, actor, id, json_loads(in, 0, NULL), s);
}

static const char *done(struct actor actor, const char *id, const char *in)
{
    enum status s;
    const char *text = ask(actor, id, in, &s);

    if (s != OK) FAIL("%s %s: %d %s", id, in, s, text);
    return text;
}

static void says(const char *text, const char *part)
{
    if (!strstr(text, part)) FAIL("%s does not say %s", text, part);
}

static void refused(struct actor actor, const char *id, const char *in, const struct fault *f)
{
    enum status s;
    const char *text = ask(actor, id, in, &s);

    if (s != f->status || !strstr(text, f->code)) FAIL("%s %s: %d %s", id, in, s, text);
}

static const char *value(const char *text, const char *name)
{
    char key[40];

    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(text, key);
    if (!at) FAIL("%s has no %s", text, name);
    at += strlen(key);
    return arena_printf(&life.t.arena, "%.*s", (int)strcspn(at, "\""), at);
}

/* The code of a new card. */
static const char *card(int64_t minor, const char *currency, bool inactive, const char **reference)
{
    struct arena *a = &life.t.arena;
    const char *text =
        done(issuer, "gift.issue",
             arena_printf(a, "{\"amount_minor\":%lld,\"currency\":\"%s\",\"inactive\":%s}",
                          (long long)minor, currency, inactive ? "true" : "false"));

    if (reference) *reference = value(text, "card");
    return value(text, "code");
}

static const char *with_code(const char *code)
{
    return arena_printf(&life.t.arena, "{\"code\":\"%s\"}", code);
}

static const char *of(int64_t account_id, const char *code)
{
    return arena_printf(&life.t.arena, "{\"member\":\"m%lld\",\"code\":\"%s\"}",
                        (long long)account_id, code);
}

static int64_t left(int64_t account_id)
{
    struct test_db *t = &life.t;
    int64_t minor = -1;

    CHECK_OK(credit_balance(&t->cx, account_id, &minor));
    return minor;
}

static int64_t books(const char *book)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    int64_t sum = 0;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].book, book) == 0) sum += rows[i].credit_minor - rows[i].debit_minor;
    return sum;
}

static int64_t member(const char *place, const char *tokens)
{
    return life_member(&life, place, "standard", "2024-04-10", "2024-05-01", tokens);
}

/* The notices that credit runs low: how many, and the newest. */
static size_t notices(struct outbox_row *newest)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, found = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10000));
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].topic, "billing.credit_low") == 0) {
            *newest = rows[i];
            found++;
        }
    return found;
}

/* Golden 15. The second card is touched when the first is empty. */
/* What a gift has paid goes back to credit, whatever is asked for; a card is used once, and months
 * without a membership take nothing of it. */
static void kept_and_not_refunded(void **state)
{
    struct arena *a = &life.t.arena;
    const char *text, *ref;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("US/NY", "tok_visa");
    const char *code = card(2000, "USD", false, &ref);
    done(owner(m), "gift.redeem", with_code(code));
    life_run(&life, "2024-05-20");
    says(done(owner(m), "gift.balance", "{}"), "\"balance_minor\":451");
    text = strstr(done(owner(m), "charge.list", "{\"limit\":1}"), "chg_");
    CHECK(text);
    text =
        done(agent, "charge.refund",
             arena_printf(a,
                          "{\"member\":\"%s\",\"charge\":\"%.*s\","
                          "\"circumstance\":\"billing_error\",\"to\":\"method\"}",
                          id_text("mem", m, (char[ID_TEXT]){0}), (int)strcspn(text, "\""), text));
    says(text, "\"outcome\":\"given\"");
    life_run(&life, "2024-05-25");
    says(done(owner(m), "gift.balance", "{}"), "\"balance_minor\":2000");
    CHECK(books("gateway_clearing") == 0); /* no money went anywhere */
    done(owner(m), "membership.cancel", "{}");
    life_run(&life, "2024-12-20");
    says(done(owner(m), "gift.balance", "{}"), "\"balance_minor\":2000");
    refused(owner(m), "gift.redeem", with_code(code), &GIFT_REFUSED);
    life_close(&life);
}

static void two_cards(void **state)
{
    const char *first, *second, *text;
    struct outbox_row notice;
    struct arena *a = &life.t.arena;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("US/NY", "tok_visa");
    const char *five = card(500, "USD", false, &first), *twenty = card(2000, "USD", false, &second);
    CHECK(books("gift_cards") == 2500 && books("gift_sales") == -2500);
    says(done(owner(m), "gift.redeem", with_code(five)), "\"pays_until\":\"\"");
    text = done(owner(m), "gift.redeem", with_code(twenty));
    says(text, "\"balance_minor\":2500");
    says(text, "\"pays_until\":\"2024-06-09\",\"short_on\":\"2024-06-10\",\"short_minor\":598");
    says(text, "Nobody from support will ever ask for gift cards");
    CHECK(books("gift_cards") == 0 && books("member_credit") == 2500);
    life_run(&life, "2024-05-20");
    text = done(owner(m), "gift.balance", "{}");
    says(text, "\"balance_minor\":951");
    says(text, arena_printf(a,
                            "{\"kind\":\"redeem\",\"card\":\"%s\",\"came_on\":\"2024-04-30\","
                            "\"amount_minor\":500,\"left_minor\":0}",
                            first));
    says(text, arena_printf(a,
                            "\"card\":\"%s\",\"came_on\":\"2024-04-30\",\"amount_minor\":2000,"
                            "\"left_minor\":951}",
                            second));
    says(text, "\"short_on\":\"2024-06-10\",\"short_minor\":598");
    text = done(owner(m), "charge.list", "{}");
    says(text, arena_printf(a,
                            "\"paid_by\":[{\"by\":\"redeem\",\"card\":\"%s\",\"amount_minor\":500},"
                            "{\"by\":\"redeem\",\"card\":\"%s\",\"amount_minor\":1049}]",
                            first, second));
    says(text, "\"method\":\"credit\"");
    CHECK(notices(&notice) == 0);
    life_run(&life, "2024-06-05");
    CHECK(notices(&notice) == 1 && notice.account_id == m);
    CHECK(notice.happened_at == life_day("2024-06-03") * DAY_MS + 4 * 3600000); /* in New York */
    says(notice.body, "\"balance_minor\":951");
    says(notice.body, "\"short_on\":\"2024-06-10\",\"charge_minor\":1549,\"short_minor\":598");
    life_run(&life, "2024-06-20");
    text = done(owner(m), "charge.list", "{}");
    says(text, arena_printf(a,
                            "\"paid_by\":[{\"by\":\"redeem\",\"card\":\"%s\",\"amount_minor\":951},"
                            "{\"by\":\"visa 4242\",\"card\":\"\",\"amount_minor\":598}]",
                            second));
    CHECK(left(m) == 0 && books("gateway_clearing") == -598);
    life_run(&life, "2024-09-20");
    CHECK(notices(&notice) == 1);
    life_close(&life);
}

/* Golden 16. */
static void refused_and_not_consumed(void **state)
{
    struct test_db *t = &life.t;
    char sql[160];

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa"), us = member("US/NY", "tok_visa");
    const char *dollars = card(2000, "USD", false, NULL), *euros = card(1000, "EUR", false, NULL);
    refused(owner(m), "gift.redeem", with_code(dollars), &GIFT_CURRENCY);
    CHECK(left(m) == 0);
    says(done(owner(us), "gift.redeem", with_code(dollars)), "\"balance_minor\":2000");
    snprintf(sql, sizeof sql, "UPDATE membership SET biller = 'example_tv' WHERE account_id = %lld",
             (long long)m);
    CHECK_OK(db_script(t->db, sql, &t->err));
    refused(owner(m), "gift.redeem", with_code(euros), &WHY_PARTNER_GIFT.fault);
    CHECK(left(m) == 0 && books("gift_cards") == 1000);
    snprintf(sql, sizeof sql,
             "UPDATE membership SET state = 'canceled', step = 'none', due_at = 0, due_day = 0"
             " WHERE account_id = %lld",
             (long long)m);
    CHECK_OK(db_script(t->db, sql, &t->err));
    says(done(owner(m), "gift.redeem", with_code(euros)), "\"balance_minor\":1000");
    life_close(&life);
}

/* Unknown, used and inactive codes get one answer; a mistyped one can be told by anybody. */
static void one_answer_for_bad_codes(void **state)
{
    enum status s;
    const char *reference, *answers[3];

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa");
    const char *used = card(1000, "EUR", false, NULL),
               *sleeping = card(700, "EUR", true, &reference);
    CHECK(books("gift_cards") == 1000);
    done(owner(m), "gift.redeem", with_code(used));
    answers[0] = ask(owner(m), "gift.redeem", with_code(UNKNOWN), &s);
    answers[1] = ask(owner(m), "gift.redeem", with_code(used), &s);
    answers[2] = ask(owner(m), "gift.redeem", with_code(sleeping), &s);
    CHECK(s == E_NOT_FOUND && strstr(answers[0], "gift.refused"));
    CHECK(strcmp(answers[0], answers[1]) == 0 && strcmp(answers[0], answers[2]) == 0);
    refused(owner(m), "gift.redeem", with_code("F0YE-RKN0-WSN0-TH10"), &GIFT_MISTYPED);
    CHECK(left(m) == 1000);
    const char *in = arena_printf(&life.t.arena, "{\"card\":\"%s\"}", reference);
    says(done(issuer, "gift.activate", in), "\"state\":\"active\"");
    says(done(issuer, "gift.activate", in), "\"state\":\"active\"");
    CHECK(books("gift_cards") == 700);
    refused(issuer, "gift.activate", "{\"card\":\"gft_0\"}", &GIFT_CARD_UNKNOWN);
    says(done(owner(m), "gift.redeem", with_code(sleeping)), "\"balance_minor\":1700");
    life_close(&life);
}

static void guessers_wait(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa"), other = member("DE", "tok_visa");
    struct actor away = owner(other);
    const char *good = card(1000, "EUR", false, NULL), *last = card(1000, "EUR", false, NULL);
    for (int i = 0; i < 9; i++) refused(owner(m), "gift.redeem", with_code(UNKNOWN), &GIFT_REFUSED);
    done(owner(m), "gift.redeem", with_code(good));
    refused(owner(m), "gift.redeem", with_code(UNKNOWN), &GIFT_REFUSED);
    refused(owner(m), "gift.redeem", with_code(UNKNOWN), &GIFT_TOO_MANY);
    refused(owner(m), "gift.redeem", with_code(last), &GIFT_TOO_MANY); /* the same for a good one */
    refused(away, "gift.redeem", with_code(last), &GIFT_TOO_MANY);     /* on the same device */
    away.device = "tv-2";
    away.network = "192.0.2.2";
    done(away, "gift.redeem", with_code(card(1000, "EUR", false, NULL)));
    struct actor elsewhere = owner(m);
    elsewhere.device = elsewhere.network = NULL;
    refused(elsewhere, "gift.redeem", with_code(last), &GIFT_TOO_MANY); /* the account */
    t->cx.now += DAY_MS;
    done(owner(m), "gift.redeem", with_code(last));
    CHECK(left(m) == 2000 && left(other) == 1000);
    life_close(&life);
}

static void hold_is_released(void **state)
{
    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_insufficient_funds");
    life_run(&life, "2024-05-20");
    CHECK(life_look(&life, m).state == M_HOLD);
    says(done(owner(m), "gift.redeem", with_code(card(1000, "EUR", false, NULL))),
         "\"membership\":\"hold\"");
    CHECK(left(m) == 1000);
    const char *text = done(owner(m), "gift.redeem", with_code(card(1000, "EUR", false, NULL)));
    says(text, "\"membership\":\"active\"");
    says(text, "\"balance_minor\":601");
    struct membership const now = life_look(&life, m);
    CHECK(now.state == M_ACTIVE && now.term == 2 && now.anchor_day == life_day("2024-05-20"));
    CHECK(left(m) == 601);
    life_close(&life);
}

/* What it had paid of the period that is not served any more is there again. */
static void hold_frees_credit(void **state)
{
    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_insufficient_funds");
    done(owner(m), "gift.redeem", with_code(card(1000, "EUR", false, NULL)));
    life_run(&life, "2024-05-12");
    CHECK(life_look(&life, m).state == M_GRACE && left(m) == 0);
    life_run(&life, "2024-05-20");
    CHECK(life_look(&life, m).state == M_HOLD && left(m) == 1000);
    says(done(owner(m), "gift.redeem", with_code(card(1000, "EUR", false, NULL))),
         "\"membership\":\"active\"");
    CHECK(life_look(&life, m).state == M_ACTIVE && left(m) == 601);
    life_end_well(&life);
}

/* Whoever ends when the credit is used up ends later with more of it; who ends with the period does
 * not. */
static void an_end_with_credit_moves(void **state)
{
    static const enum cancel_until until[] = {UNTIL_PERIOD_END, UNTIL_CREDIT};
    struct test_db *t = &life.t;
    struct membership m;

    (void)state;
    for (size_t i = 0; i < COUNT(until); i++) {
        life_open(&life, "2024-05-01");
        int64_t const id = member("DE", "tok_visa");
        done(owner(id), "gift.redeem", with_code(card(1500, "EUR", false, NULL)));
        CHECK_OK(billing_cancel_until(&t->cx, life.catalog, id, until[i], &m));
        CHECK(m.end_day == life_day(i ? "2024-06-10" : "2024-05-10"));
        const char *text =
            done(owner(id), "gift.redeem", with_code(card(1300, "EUR", false, NULL)));
        if (i) says(text, "\"pays_until\":\"2024-07-09\"");
        life_run(&life, "2024-08-01");
        m = life_look(&life, id);
        CHECK(m.state == M_CANCELED && m.end_day == life_day(i ? "2024-07-10" : "2024-05-10"));
        life_end_well(&life);
    }
}

static void grace_is_ended(void **state)
{
    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_insufficient_funds");
    life_run(&life, "2024-05-12");
    CHECK(life_look(&life, m).state == M_GRACE);
    says(done(owner(m), "gift.redeem", with_code(card(1399, "EUR", false, NULL))),
         "\"membership\":\"active\"");
    struct membership const now = life_look(&life, m);
    CHECK(now.state == M_ACTIVE && now.term == 1 && left(m) == 0);
    life_close(&life);
}

static void agents_learn_the_state(void **state)
{
    const char *reference, *text;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa"), other = member("DE", "tok_visa");
    const char *used = card(1000, "EUR", false, &reference), *off = card(700, "EUR", true, NULL);
    done(owner(m), "gift.redeem", with_code(used));
    text = done(agent, "gift.check", of(m, used));
    says(text, "\"finding\":\"used\"");
    says(text, reference);
    says(text, "\"redeemed_on\":\"2024-05-01\",\"by_this_member\":true");
    CHECK(!strstr(text, used));
    says(done(agent, "gift.check", of(other, used)), "\"by_this_member\":false");
    says(done(agent, "gift.check", of(m, off)), "\"finding\":\"inactive\"");
    says(done(agent, "gift.check", of(m, UNKNOWN)), "\"finding\":\"unknown\"");
    says(done(agent, "gift.check", of(m, card(700, "USD", false, NULL))),
         "\"finding\":\"other_currency\"");
    says(done(agent, "gift.check", of(m, card(700, "EUR", false, NULL))),
         "\"finding\":\"redeemable\"");
    refused(owner(m), "gift.check", with_code(used), &OP_NOT_ALLOWED);
    CHECK(left(m) == 1000);
    life_close(&life);
}

static void only_owners_redeem(void **state)
{
    static const enum role others[] = {ROLE_VISITOR, ROLE_PROFILE, ROLE_KIDS, ROLE_EXTRA,
                                       ROLE_AGENT};

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa");
    const char *code = card(1000, "EUR", false, NULL);
    for (size_t i = 0; i < COUNT(others); i++) {
        struct actor who = owner(m);

        who.role = others[i];
        refused(who, "gift.redeem", with_code(code), &OP_NOT_ALLOWED);
    }
    refused(owner(m), "gift.issue", "{\"amount_minor\":1,\"currency\":\"EUR\"}", &OP_NOT_ALLOWED);
    refused(issuer, "gift.issue", "{\"amount_minor\":1,\"currency\":\"XXX\"}",
            &GIFT_CURRENCY_UNKNOWN);
    CHECK(left(m) == 0);
    life_close(&life);
}

/* A call that is repeated under its key does its work once, and tells codes once. */
static void repeated_calls(void **state)
{
    static const char in[] = "{\"amount_minor\":1000,\"currency\":\"EUR\",\"count\":2}";
    struct test_db *t = &life.t;
    enum status s;

    (void)state;
    life_open(&life, "2024-05-01");
    int64_t const m = member("DE", "tok_visa");
    t->cx.call_key = "issue-1";
    const char *text = ask(issuer, "gift.issue", in, &s), *code = value(text, "code");
    t->cx.call_key = "issue-1";
    const char *again = ask(issuer, "gift.issue", in, &s);
    CHECK(s == OK && strcmp(value(again, "card"), value(text, "card")) == 0);
    says(again, "\"code\":\"\"");
    CHECK(books("gift_cards") == 2000);
    t->cx.call_key = "redeem-1";
    text = ask(owner(m), "gift.redeem", with_code(code), &s);
    t->cx.call_key = "redeem-1";
    again = ask(owner(m), "gift.redeem", with_code(code), &s);
    CHECK(s == OK && strcmp(text, again) == 0 && left(m) == 1000);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("H-13, J-01, J-03, J-04, J-08, J-09, J-13, Y-09, golden 15 two cards pay in turn",
             two_cards),
        CASE("J-06, J-07, golden 16 another currency and a partner's bill refuse, and use up "
             "nothing",
             refused_and_not_consumed),
        CASE("I-07, J-05 a gift's credit stays as it is and never becomes money",
             kept_and_not_refunded),
        CASE("J-01, J-12 unknown, used and inactive codes get the same answer",
             one_answer_for_bad_codes),
        CASE("J-12 guessing is limited by account, device and network", guessers_wait),
        CASE("E-14, E-16 enough credit releases a hold at once", hold_is_released),
        CASE("E-14, E-16, J-08 on hold credit is whole again", hold_frees_credit),
        CASE("F-10, J-08 an end with the credit comes later with more of it",
             an_end_with_credit_moves),
        CASE("E-14 enough credit ends grace at once", grace_is_ended),
        CASE("J-10 an agent learns what is wrong with a code", agents_learn_the_state),
        CASE("C-10, X-02 only owners redeem", only_owners_redeem),
        CASE("J-01 a repeated call has no second effect, and tells no codes", repeated_calls),
    };
    return RUN_CASES("redeem", cases);
}
