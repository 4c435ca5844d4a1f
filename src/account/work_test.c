/* work_test: opening, listing and closing, as support does it: through ops.
 * SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"
#include "base/id.h"
#include "db/db_test.h"
#include "http/op.h"

static struct test_db db;
static struct test_db *const t = &db;

/* The answer's text, which lives in the test's arena. */
static const char *ask(enum role role, const char *id, json_t *in, enum status *s)
{
    struct op_world const w = {0};
    const struct op *op;
    json_t *out;

    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = (struct actor){.role = role, .id = role == ROLE_SYSTEM ? 0 : 7};
    *s = op_call(&t->cx, &w, op, in, &out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    char *text = json_dumps(out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *kept = arena_strdup(&t->arena, text);
    free(text);
    json_decref(in);
    json_decref(out);
    return kept;
}

static const char *done(const char *id, json_t *in)
{
    enum status s;
    const char *text = ask(ROLE_AGENT, id, in, &s);

    if (s != OK) FAIL("%s: %s", id, text);
    return text;
}

static void refused(enum role role, const char *id, json_t *in, const char *code)
{
    enum status s;
    const char *text = ask(role, id, in, &s);

    if (s == OK || !strstr(text, code)) FAIL("%s as %s: %s", id, roles.at[role], text);
}

static int64_t add_account(const char *external_id)
{
    struct account_add_all_in a = {.external_id = external_id,
                                   .email = "a@example.com",
                                   .name = "A",
                                   .country = "DE",
                                   .region = "",
                                   .currency = "EUR",
                                   .zone = "Europe/Berlin",
                                   .locale = "de",
                                   .import_hash = ""};
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(db_id(&t->cx, &a.account_id));
    CHECK_OK(account_add_all(&t->cx, &a, 1, NULL));
    CHECK_OK(tx_commit(&tx));
    return a.account_id;
}

static int64_t open_one(int64_t account_id, const char *kind, int64_t subject)
{
    struct work_open const w = {.account_id = account_id,
                                .kind = kind,
                                .subject = subject,
                                .priority = WORK_HIGH,
                                .evidence = json_pack("{s:i}", "seen", 3)};
    int64_t id;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(work_open(&t->cx, &w, &id));
    CHECK_OK(tx_commit(&tx));
    return id;
}

static const char *reference(int64_t work_id)
{
    char text[ID_TEXT];

    return arena_strdup(&t->arena, id_text("wrk", work_id, text));
}

static void begin(void)
{
    test_db_open(t, INT64_C(1700000000000));
}

static void one_is_open_for_one_thing(void **state)
{
    (void)state;
    begin();
    int64_t const first = open_one(1, "account.takeover", 0);
    CHECK(open_one(1, "account.takeover", 0) == first);
    CHECK(open_one(2, "account.takeover", 0) != first);
    CHECK(open_one(1, "account.takeover", 9) != first);
    CHECK(open_one(1, "dispute", 0) != first);
    done("work.close", json_pack("{s:s, s:s}", "work", reference(first), "outcome", "Solved."));
    int64_t const second = open_one(1, "account.takeover", 0);
    CHECK(second != first && open_one(1, "account.takeover", 0) == second);
    test_db_close(t);
}

static void an_outcome_is_kept(void **state)
{
    (void)state;
    begin();
    const char *work = reference(open_one(1, "refund", 5));
    const char *text =
        done("work.close", json_pack("{s:s, s:s}", "work", work, "outcome", "Refunded in full."));
    CHECK(strstr(text, "\"priority\":\"high\",\"state\":\"closed\""));
    CHECK(strstr(text, "\"closed_at\":\"2023-11-14T22:13:20.000Z\",\"closed_by\":\"agent:7\""));
    CHECK(strstr(text, "\"opened_by\":\"system\"") && strstr(text, "\"subject\":\"5\""));
    CHECK(strstr(text, "\"evidence\":\"{\\\"seen\\\":3}\",\"outcome\":\"Refunded in full.\""));
    refused(ROLE_AGENT, "work.close",
            json_pack("{s:s, s:s}", "work", work, "outcome", "Refused after all."),
            "work.is_closed");
    CHECK(strstr(done("work.list", json_object()), "\"outcome\":\"Refunded in full.\""));
    test_db_close(t);
}

static void lists_are_filtered_and_paged(void **state)
{
    (void)state;
    begin();
    int64_t const a = add_account("a-1"), b = add_account("b-1");
    const char *oldest = reference(open_one(a, "dispute", 1));
    const char *middle = reference(open_one(a, "account.takeover", 0));
    const char *newest = reference(open_one(b, "dispute", 1));
    done("work.close", json_pack("{s:s, s:s}", "work", middle, "outcome", "Solved."));

    const char *text = done("work.list", json_object());
    CHECK(strstr(text, newest) < strstr(text, middle) &&
          strstr(text, middle) < strstr(text, oldest));
    CHECK(strstr(text, "\"next\":\"\""));
    text = done("work.list", json_pack("{s:s}", "member", "a-1"));
    CHECK(!strstr(text, newest) && strstr(text, middle) && strstr(text, oldest));
    text = done("work.list", json_pack("{s:s, s:s}", "state", "open", "kind", "dispute"));
    CHECK(strstr(text, newest) && !strstr(text, middle) && strstr(text, oldest));
    text = done("work.list", json_pack("{s:i}", "limit", 2));
    CHECK(strstr(text, newest) && strstr(text, middle) && !strstr(text, oldest));
    CHECK(strstr(strstr(text, "\"next\":\""), middle));
    text = done("work.list", json_pack("{s:i, s:s}", "limit", 2, "before", middle));
    CHECK(!strstr(text, newest) && strstr(text, oldest) && strstr(text, "\"next\":\"\""));
    test_db_close(t);
}

static void what_is_refused(void **state)
{
    (void)state;
    begin();
    const char *work = reference(open_one(1, "dispute", 1));
    json_t *const close = json_pack("{s:s, s:s}", "work", work, "outcome", "Mine.");
    refused(ROLE_OWNER, "work.close", close, "op.not_allowed");
    refused(ROLE_VISITOR, "work.list", json_object(), "op.not_allowed");
    refused(ROLE_OWNER, "work.list", json_object(), "op.not_allowed");
    refused(ROLE_AGENT, "work.close", json_pack("{s:s, s:s}", "work", "wrk_1", "outcome", "No."),
            "work.unknown");
    refused(ROLE_AGENT, "work.close", json_pack("{s:s, s:s}", "work", work, "outcome", ""),
            "\"field\":\"outcome\"");
    refused(ROLE_AGENT, "work.close",
            json_pack("{s:s, s:s}", "work", reference(5), "outcome", "No."), "work.unknown");
    refused(ROLE_AGENT, "work.list", json_pack("{s:s}", "state", "done"), "work.unknown");
    refused(ROLE_AGENT, "work.list", json_pack("{s:s}", "before", "mem_1"), "work.unknown");
    refused(ROLE_AGENT, "work.list", json_pack("{s:s}", "member", "nobody"), "account.unknown");
    CHECK(strstr(done("work.list", json_object()), "\"state\":\"open\""));
    test_db_close(t);
}

static void settled_by_what_it_is_about(void **state)
{
    TX tx = {0};

    (void)state;
    begin();
    const char *work = reference(open_one(1, "dispute", 1));
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(work_settle(&t->cx, 1, "dispute", 2, "Nothing."));
    CHECK_OK(work_settle(&t->cx, 1, "dispute", 1, "dispute.won"));
    CHECK_OK(work_settle(&t->cx, 1, "dispute", 1, "Again."));
    CHECK_OK(tx_commit(&tx));
    const char *text = done("work.list", json_pack("{s:s}", "state", "closed"));
    CHECK(strstr(text, work) && strstr(text, "\"outcome\":\"dispute.won\""));
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-11 one work item is open for one thing", one_is_open_for_one_thing),
        CASE("I-11 the outcome is recorded, with who and when, and stays", an_outcome_is_kept),
        CASE("I-11 work is settled by what it is about", settled_by_what_it_is_about),
        CASE("work is listed newest first, filtered, page by page", lists_are_filtered_and_paged),
        CASE("who and what the ops of work refuse", what_is_refused),
    };
    return RUN_CASES("work", cases);
}
