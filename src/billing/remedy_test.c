/* remedy_test: what is given back in which circumstance, and who may decide it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/remedy.h"

#include "base/id.h"
#include "base/message.h"
#include "billing/credit.h"
#include "payments/ask_test.h"
#include "remedy_sql.h"

static struct life life;

/* What an op answers to an agent of that number, or with 0 to the owner. */
static const char *ask(int64_t agent, int64_t m, const char *id, const char *in, enum status *s)
{
    struct actor const who = {.role = agent ? ROLE_AGENT : ROLE_OWNER, .id = agent ? agent : m};
    json_t *input = json_loads(in, 0, NULL);

    json_object_set_new(input, "member", json_sprintf("m%lld", (long long)m));
    return life_ask(&life, who, id, input, s);
}

static const char *says(int64_t agent, int64_t m, const char *id, const char *in, const char *word)
{
    enum status s;
    const char *text = ask(agent, m, id, in, &s);

    if (s != OK || !strstr(text, word)) FAIL("%s %s: %s", id, in, text);
    return text;
}

static size_t refunds(int64_t m)
{
    struct test_db *t = &life.t;
    struct refund *r;
    size_t n;

    CHECK_OK(refunds_of(&t->cx, &r, &n, .account_id = m, .max = 99));
    return n;
}

static void refused(int64_t agent, int64_t m, const char *id, const char *in, const struct fault *f)
{
    size_t const before = refunds(m);
    enum status s;
    const char *text = ask(agent, m, id, in, &s);

    if (s != f->status || !strstr(text, f->code)) FAIL("%s %s: %s", id, in, text);
    CHECK(refunds(m) == before);
}

/* Joined on 2024-02-05 after an import, pays 12.99 that day and monthly. */
static int64_t pays(const char *until)
{
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", "tok_visa");
    life_run(&life, until);
    return m;
}

/* {"charge": the member's n-th, …} */
static const char *about(int64_t m, size_t nth, const char *rest)
{
    struct test_db *t = &life.t;
    char id[ID_TEXT];
    struct charge *c;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 99));
    CHECK(nth < n);
    return arena_printf(&t->arena, "{\"charge\":\"%s\",%s}", id_text("chg", c[nth].charge_id, id),
                        rest);
}

static void full(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    struct remedy *r;
    size_t n;

    (void)state;
    const char *text = says(7, m, "charge.refund",
                            about(m, 0, "\"circumstance\":\"billing_error\",\"note\":\"twice\""),
                            "\"outcome\":\"given\"");
    CHECK(strstr(text, "\"amount_minor\":1299") && strstr(text, "\"rule\":\"billing_error\""));
    CHECK_OK(remedies_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    CHECK(n == 1 && strcmp(r->rule, "billing_error") == 0 && strcmp(r->note, "twice") == 0);
    CHECK(r->actor_role == ROLE_AGENT && r->actor_id == 7 && r->refund_id != 0);
    refused(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"goodwill\""),
            &REFUND_NOTHING_LEFT);
    life_run(&life, "2024-02-11");
    life_close(&life);
}

/* SPEC I-01. */
static void not_used(void **state)
{
    int64_t const m = pays("2024-02-10");

    (void)state;
    const char *text = says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"not_used\""),
                            "\"outcome\":\"none\"");
    CHECK(strstr(text, "\"rule\":\"not_used\"") && strstr(text, "by itself no reason"));
    refused(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"not_used\",\"amount_minor\":1"),
            &REMEDY_ABOVE_RULE);
    CHECK(refunds(m) == 0);
    life_close(&life);
}

/* The same request where the law of the country gives the days to come. */
static void law_of_a_country(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = pays("2024-02-10");
    const char *text = strstr(life_catalog, "zone: Europe/Berlin");
    const char *changed =
        arena_printf(&t->arena, "%.*ssettings: {unserved_days: 7, source: Test Act}, %s",
                     (int)(text - life_catalog), life_catalog, text);

    (void)state;
    life_apply(&life, changed);
    /* 5 February to 5 March: 29 days, of which 6 have begun: 23 are left */
    text = says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"not_used\""),
                "\"rule\":\"not_used.law\"");
    CHECK(strstr(text, "\"amount_minor\":1031") && strstr(text, "\"outcome\":\"given\""));
    CHECK(refunds(m) == 1);
    life_close(&life);
}

static void second_person(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    struct remedy *r;
    char id[ID_TEXT];
    size_t n;

    (void)state;
    t->settings.refund_second_person_minor = 1000;
    says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"goodwill\",\"amount_minor\":600"),
         "\"outcome\":\"given\"");
    const char *text = says(7, m, "charge.refund",
                            about(m, 0, "\"circumstance\":\"goodwill\",\"amount_minor\":600"),
                            "\"outcome\":\"waiting\"");
    CHECK(strstr(text, "\"work\":\"wrk_") && refunds(m) == 1);
    CHECK_OK(remedies_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    CHECK(n == 2);
    const char *in =
        arena_printf(&t->arena, "{\"remedy\":\"%s\"}", id_text("rem", r[1].remedy_id, id));
    refused(7, m, "refund.approve", in, &REMEDY_SAME_PERSON);
    refused(0, m, "refund.approve", in, &OP_NOT_ALLOWED);
    says(8, m, "refund.approve", in, "\"outcome\":\"given\"");
    CHECK(refunds(m) == 2);
    refused(8, m, "refund.approve", in, &REMEDY_NOT_WAITING);
    refused(8, m, "refund.approve", "{\"remedy\":\"rem_0\"}", &REMEDY_UNKNOWN);
    CHECK_OK(remedies_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    CHECK(r[1].approved_by == 8 && r[1].actor_id == 7 && r[1].approved_at == t->cx.now);
    life_close(&life);
}

static void declined(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    struct works_view works;
    struct remedy *r;
    char id[ID_TEXT];
    size_t n;

    (void)state;
    t->settings.refund_second_person_minor = 0;
    says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"unauthorized\""),
         "\"target_by\":\"2024-02-11T");
    CHECK_OK(work_list(&t->cx, &(struct work_list){.state = "open"}, &works));
    CHECK(works.n == 1 && works.items[0].priority == WORK_URGENT);
    CHECK_OK(remedies_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    says(8, m, "refund.approve",
         arena_printf(&t->arena, "{\"remedy\":\"%s\",\"decline\":true}",
                      id_text("rem", r->remedy_id, id)),
         "\"outcome\":\"refused\"");
    CHECK(refunds(m) == 0);
    CHECK_OK(work_list(&t->cx, &(struct work_list){.state = "open"}, &works));
    CHECK(works.n == 0);
    life_close(&life);
}

/* SPEC I-03. */
static void owners_ask(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    struct works_view works;

    (void)state;
    refused(0, m, "charge.refund", about(m, 0, "\"circumstance\":\"goodwill\""), &OP_NOT_ALLOWED);
    const char *text = says(0, m, "refund.ask", about(m, 0, "\"circumstance\":\"unauthorized\""),
                            "\"outcome\":\"asked\"");
    CHECK(strstr(text, "\"amount_minor\":1299") && strstr(text, "\"target_by\":\"2024-02-11T"));
    CHECK(refunds(m) == 0);
    CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "refund.asked"}, &works));
    CHECK(works.n == 1 && works.items[0].priority == WORK_URGENT);
    CHECK(strstr(works.items[0].evidence, "unauthorized.recent"));
    says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"unauthorized\",\"to\":\"credit\""),
         "\"to\":\"credit\"");
    CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "refund.asked"}, &works));
    CHECK(works.n == 1 && works.items[0].state == WORK_CLOSED);
    CHECK(strcmp(works.items[0].outcome, "refunded") == 0);
    life_close(&life);
}

/* SPEC I-09, I-10: what is wanted reaches whoever decides; while it is open the consumers' body of
 * the country is named, and not when it was given. */
static void wants_and_recourse(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    const char *text = strstr(life_catalog, "zone: Europe/Berlin");
    struct works_view works;

    (void)state;
    life_apply(&life, arena_printf(&t->arena,
                                   "%.*ssettings: {consumer_body: Consumer advice, consumer_link: "
                                   "'https://example.com/advice', source: Test Act}, %s",
                                   (int)(text - life_catalog), life_catalog, text));
    for (int64_t w = WANTED_UNSAID; w <= WANTED_OTHER; w++) {
        text = says(
            0, m, "refund.ask",
            about(m, 0,
                  arena_printf(&t->arena, "\"circumstance\":\"unauthorized\",\"wanted\":\"%s\"",
                               remedy_wanteds.at[w])),
            "\"consumer_body\":\"Consumer advice\"");
        CHECK(strstr(text, "https://example.com/advice"));
        CHECK_OK(work_list(&t->cx, &(struct work_list){.kind = "refund.asked"}, &works));
        CHECK(works.n == 1);
        const char *wanted = arena_printf(&t->arena, "\"wanted\":\"%s\"", remedy_wanteds.at[w]);
        if (!strstr(works.items[0].evidence, wanted)) FAIL("%s", works.items[0].evidence);
        CHECK_OK(db_script(t->db, "DELETE FROM work_item", &t->err));
    }
    says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"billing_error\""),
         "\"consumer_body\":\"\"");
    life_close(&life);
}

/* SPEC I-08, D-15. */
static void partners_decide(void **state)
{
    int64_t const m = pays("2024-02-10");
    struct test_db *t = &life.t;
    struct remedy *r;
    size_t n;

    (void)state;
    refused(7, m, "charge.refund", "{\"circumstance\":\"goodwill\"}", &REMEDY_CHARGE_MISSING);
    CHECK_OK(db_script(t->db, "UPDATE membership SET biller = 'acme_tv'", &t->err));
    says(7, m, "charge.refund", "{\"circumstance\":\"goodwill\"}", "\"outcome\":\"partner\"");
    says(0, m, "refund.ask", "{\"circumstance\":\"goodwill\"}", "\"outcome\":\"partner\"");
    CHECK(refunds(m) == 0);
    CHECK_OK(remedies_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    CHECK(n == 2 && r->remedy_outcome == REMEDY_PARTNER && r->charge_id == 0);
    /* what we took before the partner began is ours to give back */
    says(7, m, "charge.refund", about(m, 0, "\"circumstance\":\"billing_error\""),
         "\"outcome\":\"given\"");
    life_close(&life);
}

static void mistakes(void **state)
{
    int64_t const m = pays("2024-02-10");
    int64_t const poor =
        life_member(&life, "DE", "standard", "2024-01-11", "2024-02-11", "tok_lost_card");

    (void)state;
    refused(7, m, "charge.refund", "{\"charge\":\"chg_0\",\"circumstance\":\"goodwill\"}",
            &REFUND_CHARGE_UNKNOWN);
    refused(7, m, "charge.refund",
            about(m, 0, "\"circumstance\":\"goodwill\",\"amount_minor\":1300"), &REFUND_TOO_MUCH);
    life_run(&life, "2024-02-13");
    refused(7, poor, "charge.refund", about(poor, 0, "\"circumstance\":\"goodwill\""),
            &REFUND_NOT_PAID);
    refused(7, poor, "charge.refund", about(m, 0, "\"circumstance\":\"goodwill\""),
            &REFUND_CHARGE_UNKNOWN);
    life_close(&life);
}

/* --- the table --- */

/* clang-format off */
static const struct row {
    enum refund_circumstance circumstance;
    struct remedy_terms terms;
    const char *rule;
    enum refund_share usual, most;
} rows[] = {
    {REFUND_UNAUTHORIZED, {400, 0, 400, 0, 0}, "unauthorized.recent", SHARE_FULL, SHARE_FULL},
    {REFUND_UNAUTHORIZED, {401, 0, 400, 0, 0}, "unauthorized.old", SHARE_NONE, SHARE_NONE},
    {REFUND_DUPLICATE_ACCOUNT, {1, 0, 400, 0, 0}, "duplicate_account.recent",
     SHARE_FULL, SHARE_FULL},
    {REFUND_BILLING_ERROR, {9999, 0, 400, 0, 0}, "billing_error", SHARE_FULL, SHARE_FULL},
    {REFUND_AFTER_CANCEL, {9999, 0, 400, 0, 0}, "after_cancel", SHARE_FULL, SHARE_FULL},
    {REFUND_WITHDRAWAL, {3, 14, 400, 14, 0}, "withdrawal.in_time", SHARE_UNSERVED, SHARE_FULL},
    {REFUND_WITHDRAWAL, {3, 15, 400, 14, 0}, "withdrawal.none", SHARE_NONE, SHARE_NONE},
    {REFUND_WITHDRAWAL, {0, 0, 400, 0, 0}, "withdrawal.none", SHARE_NONE, SHARE_NONE},
    {REFUND_SERVICE_FAILURE, {3, 0, 400, 0, 0}, "service_failure", SHARE_UNSERVED, SHARE_FULL},
    {REFUND_GOODWILL, {3, 0, 400, 0, 0}, "goodwill", SHARE_UNSERVED, SHARE_FULL},
    {REFUND_GOODWILL, {3, 0, 400, 0, 7}, "goodwill.law", SHARE_UNSERVED, SHARE_FULL},
    {REFUND_NOT_USED, {0, 0, 400, 14, 0}, "not_used", SHARE_NONE, SHARE_NONE},
    {REFUND_NOT_USED, {7, 0, 400, 0, 7}, "not_used.law", SHARE_UNSERVED, SHARE_UNSERVED},
    {REFUND_NOT_USED, {8, 0, 400, 0, 7}, "not_used", SHARE_NONE, SHARE_NONE},
    {REFUND_TAKEOVER, {9999, 0, 400, 0, 0}, "takeover", SHARE_FULL, SHARE_FULL},
    {REFUND_LATE_CAPTURE, {0, 0, 400, 0, 0}, "late_capture", SHARE_FULL, SHARE_FULL},
};
/* clang-format on */

static void table(void **state)
{
    size_t n;
    const struct remedy_rule *all = remedy_rules(&n);
    CLEANUP(arena_clear) struct arena words = {0};

    for (size_t i = 0; i < n; i++)
        CHECK(message_exists(arena_printf(&words, "refund.%s", all[i].id)));

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct remedy_rule *r = remedy_find(rows[i].circumstance, &rows[i].terms);

        if (strcmp(r->id, rows[i].rule) != 0) FAIL("row %zu: %s", i, r->id);
        CHECK(r->usual == rows[i].usual && r->most == rows[i].most);
    }
    for (size_t i = 0; i < n; i++) {
        CHECK(all[i].usual <= all[i].most);
        for (size_t k = 0; k < i; k++) CHECK(strcmp(all[i].id, all[k].id) != 0);
    }
    for (size_t c = 0; c < refund_circumstances.n; c++) { /* each ends with a row for the rest */
        const struct remedy_rule *last = NULL;

        for (size_t i = 0; i < n; i++)
            if (all[i].circumstance == c) last = &all[i];
        CHECK(last && last->when == WHEN_ALWAYS);
    }
}

static void unserved_days(void **state)
{
    (void)state;
    for (int64_t total = 0; total < 40; total++)
        for (int64_t length = 1; length < 12; length++) {
            int64_t before = total + 1;

            for (int64_t day = -2; day < length + 3; day++) {
                int64_t const is = remedy_unserved(total, 100, 100 + length, 100 + day);

                CHECK(is >= 0 && is <= total && is <= before);
                if (day <= 0) CHECK(is == total);
                if (day >= length) CHECK(is == 0);
                before = is;
            }
        }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-02 the first rule of the table that fits is applied", table),
        CASE("I-02 days that have begun are served", unserved_days),
        CASE("I-02 I-04 a billing error is given back, and the rule is stored", full),
        CASE("I-01 not having used it is no reason by itself", not_used),
        CASE("I-02 the law of a country may give the days to come", law_of_a_country),
        CASE("X-09 above a limit another agent must approve", second_person),
        CASE("X-09 I-03 another agent may decline; what is urgent has a target time", declined),
        CASE("I-03 an owner's complaint is urgent work, and ends with the refund", owners_ask),
        CASE("I-09 I-10 what is wanted is passed on, and the consumers' body is named meanwhile",
             wants_and_recourse),
        CASE("I-08 D-15 where a partner bills, the partner is asked", partners_decide),
        CASE("I-04 no other charge, nothing unpaid, no more than is left", mistakes),
    };
    return RUN_CASES("remedy", cases);
}
