/* webhook_test: signatures, the schedule, endpoints, and what is planned for whom.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "base/calendar.h"
#include "base/id.h"
#include "db/db_test.h"
#include "notify/event_rules.h"
#include "notify/notify.h"
#include "webhook_sql.h"

static const int64_t START = INT64_C(1772000000000); /* 2026-02-25T06:13:20Z */
static struct test_db world, *const t = &world;

/* ---- signatures ---- */

/* Published by the Standard Webhooks project. */
static void signs_the_published_vector(void **state)
{
    unsigned char secret[64];
    size_t n;

    (void)state;
    CHECK(sodium_base642bin(secret, sizeof secret, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 32, NULL, &n,
                            NULL, sodium_base64_VARIANT_ORIGINAL) == 0);
    const char *got = webhook_sign(&t->arena, secret, n, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                   "{\"test\": 2432232314}");
    CHECK(strcmp(got, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") == 0);
    arena_clear(&t->arena);
}

/* What the public key says of "id.timestamp.body", by libsodium alone. */
static bool verifies(const char *public_key, const char *signature, const char *signed_text)
{
    unsigned char key[32], bytes[64];
    size_t n, m;

    return strncmp(public_key, "whpk_", 5) == 0 && strncmp(signature, "v1a,", 4) == 0 &&
           sodium_base642bin(key, sizeof key, public_key + 5, strlen(public_key + 5), NULL, &n,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           sodium_base642bin(bytes, sizeof bytes, signature + 4, strlen(signature + 4), NULL, &m,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           n == 32 && m == 64 &&
           crypto_sign_verify_detached(bytes, (const unsigned char *)signed_text,
                                       strlen(signed_text), key) == 0;
}

static void signs_with_a_pair(void **state)
{
    unsigned char const seed[WEBHOOK_SECRET] = {1, 2, 3};
    char public[WEBHOOK_KEY_TEXT];

    (void)state;
    webhook_public_text(seed, public);
    const char *got = webhook_sign_pair(&t->arena, seed, "msg_1", 1614265330, "{}");
    CHECK(verifies(public, got, "msg_1.1614265330.{}"));
    CHECK(!verifies(public, got, "msg_1.1614265331.{}"));
    arena_clear(&t->arena);
}

/* ---- what follows an attempt ---- */

static void sound(void **state)
{
    const char *defect = fsm_defect(&hook_fsm);

    (void)state;
    if (defect) FAIL("%s", defect);
}

static void judges_answers(void **state)
{
    static const struct {
        struct webhook_answer a;
        int64_t attempts;
        enum attempt_result result;
        enum hook_event event;
        bool disables;
        int64_t quiet_s;
    } rows[] = {
        {{200, 0, 0},                1,  ATTEMPT_DELIVERED,  HOOK_SUCCEED, false, 0  },
        {{204, 5, 0},                10, ATTEMPT_DELIVERED,  HOOK_SUCCEED, false, 0  },
        {{299, 0, 0},                1,  ATTEMPT_DELIVERED,  HOOK_SUCCEED, false, 0  },
        {{199, 0, 0},                1,  ATTEMPT_REFUSED,    HOOK_FAIL,    false, 0  },
        {{301, 0, 0},                1,  ATTEMPT_REDIRECTED, HOOK_FAIL,    false, 0  },
        {{302, 0, 0},                10, ATTEMPT_REDIRECTED, HOOK_EXHAUST, false, 0  },
        {{404, 0, 0},                9,  ATTEMPT_REFUSED,    HOOK_FAIL,    false, 0  },
        {{410, 0, 0},                1,  ATTEMPT_GONE,       HOOK_EXHAUST, true,  0  },
        {{429, 120, 0},              1,  ATTEMPT_SLOWED,     HOOK_FAIL,    false, 120},
        {{429, 0, 0},                1,  ATTEMPT_SLOWED,     HOOK_FAIL,    false, 60 },
        {{502, 0, 0},                2,  ATTEMPT_SLOWED,     HOOK_FAIL,    false, 60 },
        {{504, 0, 0},                2,  ATTEMPT_SLOWED,     HOOK_FAIL,    false, 60 },
        {{503, 30, 0},               2,  ATTEMPT_SLOWED,     HOOK_FAIL,    false, 30 },
        {{503, 0, 0},                2,  ATTEMPT_REFUSED,    HOOK_FAIL,    false, 0  },
        {{500, 0, 0},                10, ATTEMPT_REFUSED,    HOOK_EXHAUST, false, 0  },
        {{500, 0, 0},                11, ATTEMPT_REFUSED,    HOOK_EXHAUST, false, 0  },
        {{0, 0, ATTEMPT_TIMED_OUT},  3,  ATTEMPT_TIMED_OUT,  HOOK_FAIL,    false, 0  },
        {{0, 0, ATTEMPT_NOT_PUBLIC}, 3,  ATTEMPT_NOT_PUBLIC, HOOK_FAIL,    false, 0  },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct webhook_verdict const v = webhook_judge(&rows[i].a, rows[i].attempts, 7, START);

        CHECK(v.result == rows[i].result && v.event == rows[i].event);
        CHECK(v.disables == rows[i].disables);
        CHECK(v.quiet_until == (rows[i].quiet_s ? START + 1000 * rows[i].quiet_s : 0));
        CHECK((v.due_at > START) == (v.event == HOOK_FAIL) && v.due_at >= v.quiet_until);
    }
}

static void waits_as_published(void **state)
{
    static const int64_t waits_s[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
    struct webhook_answer const failed = {500, 0, 0};
    bool differ = false;

    (void)state;
    for (int64_t id = 1; id < 1000; id++)
        for (int64_t n = 1; n <= 9; n++) {
            int64_t const wait = webhook_judge(&failed, n, id, START).due_at - START;

            if (wait < 1000 * waits_s[n - 1] || wait > 1200 * waits_s[n - 1])
                FAIL("attempt %lld waits %lld ms", (long long)n, (long long)wait);
            if (webhook_judge(&failed, n, id + 1, START).due_at - START != wait) differ = true;
        }
    CHECK(differ); /* not all at the same moment */
    CHECK(!webhook_is_dead(0, START, 3) && !webhook_is_dead(START, START + 3 * DAY_MS - 1, 3));
    CHECK(webhook_is_dead(START, START + 3 * DAY_MS, 3));
}

static void keeps_answers_harmless(void **state)
{
    (void)state;
    CHECK(strcmp(webhook_answer_text(&t->arena, "a\nb\x1b[31m\xc3\xa9", 10), "a b?[31m??") == 0);
    CHECK(strcmp(webhook_answer_text(&t->arena, "card 4242424242424242", 21), "") == 0);
    char long_one[1000];
    memset(long_one, 'x', sizeof long_one);
    CHECK(strlen(webhook_answer_text(&t->arena, long_one, sizeof long_one)) == WEBHOOK_ANSWER);
    arena_clear(&t->arena);
}

/* ---- endpoints ---- */

static struct webhook_keys create(const char *url, const char *events)
{
    struct webhook_create const in = {url, "test", events};
    struct webhook_keys keys;

    CHECK_OK(webhook_create(&t->cx, &in, &keys));
    return keys;
}

static struct webhook_endpoint row_of(const char *endpoint)
{
    struct webhook_endpoint e;
    int64_t id;

    CHECK(id_parse("whk", endpoint, &id));
    CHECK_OK(webhook_by_id(&t->cx, &e, &WEBHOOK_UNKNOWN, .endpoint_id = id));
    return e;
}

static void seals_keys(void **state)
{
    (void)state;
    test_db_open(t, START);
    struct webhook_keys const keys = create("https://hooks.example.com/a", NULL);
    struct webhook_endpoint const e = row_of(keys.endpoint);

    CHECK(keys.n == 1 && strncmp(keys.items[0].secret, "whsec_", 6) == 0);
    CHECK(strlen(keys.items[0].secret) == 6 + 44 && strncmp(keys.public_key, "whpk_", 5) == 0);
    CHECK(!strstr(e.sealed_secret, keys.items[0].secret + 6) && strlen(e.sealed_secret) > 60);
    CHECK(strcmp(e.sealed_secret, e.sealed_key) != 0 && strcmp(e.event_filter, "*") == 0);
    test_db_close(t);
}

static void refuses_targets(void **state)
{
    static const char *const urls[] = {"http://hooks.example.com/",
                                       "https://a@hooks.example.com/",
                                       "https://hooks.example.com:25/",
                                       "hooks.example.com",
                                       "https://10.1.2.3/",
                                       "https://hooks.example.com:0/",
                                       "https://user:word@hooks.example.com/"};
    static const char *const filters[] = {
        "", "membership", "membership.*,", "*.renewed", "x", "membership.x", "m*", "membership .*"};
    struct webhook_keys keys;

    (void)state;
    test_db_open(t, START);
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct webhook_create const in = {urls[i], NULL, NULL};

        CHECK_FAULT(webhook_create(&t->cx, &in, &keys), &WEBHOOK_URL);
    }
    for (size_t i = 0; i < COUNT(filters); i++) {
        struct webhook_create const in = {"https://hooks.example.com/", NULL, filters[i]};

        CHECK_FAULT(webhook_create(&t->cx, &in, &keys), &WEBHOOK_FILTER);
    }
    test_db_close(t);
}

static const char *signatures(const char *endpoint)
{
    struct webhook_endpoint const e = row_of(endpoint);
    const char *text;

    CHECK_OK(webhook_signatures(&t->cx, &e, "msg_1", 1772000000, "{}", &text));
    return text;
}

/* By the secret as it was told. */
static bool signs_with(const char *signatures, const char *secret)
{
    unsigned char bytes[64];
    size_t n;

    CHECK(sodium_base642bin(bytes, sizeof bytes, secret + 6, strlen(secret + 6), NULL, &n, NULL,
                            sodium_base64_VARIANT_ORIGINAL) == 0);
    return strstr(signatures, webhook_sign(&t->arena, bytes, n, "msg_1", 1772000000, "{}"));
}

static void rotates(void **state)
{
    struct webhook_keys fresh;

    (void)state;
    test_db_open(t, START);
    struct webhook_keys const old = create("https://hooks.example.com/a", NULL);
    CHECK(signs_with(signatures(old.endpoint), old.items[0].secret));
    CHECK_OK(webhook_rotate(&t->cx, &(struct webhook_rotate){old.endpoint, 24}, &fresh));
    const char *both = signatures(old.endpoint);
    CHECK(signs_with(both, old.items[0].secret) && signs_with(both, fresh.items[0].secret));
    t->cx.now += DAY_MS;
    const char *one = signatures(old.endpoint);
    CHECK(!signs_with(one, old.items[0].secret) && signs_with(one, fresh.items[0].secret));
    CHECK(strcmp(old.public_key, fresh.public_key) != 0);
    test_db_close(t);
}

/* ---- planning ---- */

static int64_t plan(const char *topic, int64_t id, int64_t account, const char *body)
{
    struct outbox_row const row = {id, account, topic, START + id, body};

    CHECK_OK(webhook_plan(&t->cx, &row, 1));
    return id;
}

static struct hooks_view all(const char *endpoint, const char *state)
{
    struct hook_list const in = {.endpoint = endpoint, .state = state};
    struct hooks_view out;

    CHECK_OK(hook_list(&t->cx, &in, &out));
    return out;
}

static void plans_for_whom_it_concerns(void **state)
{
    struct hook_log log;

    (void)state;
    test_db_open(t, START);
    struct webhook_keys const a = create("https://hooks.example.com/a", "membership.*");
    struct webhook_keys const b = create("https://hooks.example.com/b", "refund.done,slot.paid");
    for (int twice = 0; twice < 2; twice++) {
        plan("billing.renewed", 11, 5,
             "{\"charge_id\":77,\"amount_minor\":1299,\"device\":\"tv\"}");
        plan("billing.refunded", 12, 5, "{\"refund\":\"rfd_X\",\"to\":\"method\"}");
        plan("no.such_topic", 13, 5, "{}");
    }
    CHECK(all(NULL, NULL).n == 2 && all(a.endpoint, NULL).n == 1 && all(b.endpoint, NULL).n == 1);
    struct hook_view const d = all(a.endpoint, "waiting").items[0];
    CHECK(strcmp(d.type, "membership.renewed") == 0 && d.attempts == 0 && !*d.due_at);
    CHECK_OK(hook_log(&t->cx, &(struct hook_ref){d.delivery}, &log));
    CHECK(strstr(log.body, "{\"type\":\"membership.renewed\",\"timestamp\":\"2026-02-25T06:13:20"));
    CHECK(strstr(log.body, "\"member\":\"mem_") && strstr(log.body, "\"charge\":\"chg_"));
    CHECK(strstr(log.body, "\"amount_minor\":1299") && !strstr(log.body, "tv") && log.n == 0);
    test_db_close(t);
}

static void keeps_what_was_missed(void **state)
{
    struct webhook_view view;
    struct hook_replayed done;

    (void)state;
    test_db_open(t, START);
    struct webhook_keys const e = create("https://hooks.example.com/a", NULL);
    struct webhook_update off = {.endpoint = e.endpoint, .state = "disabled"};
    struct webhook_update on = {.endpoint = e.endpoint, .state = "enabled"};

    plan("slot.paid", 20, 5, "{}");
    CHECK_OK(webhook_update(&t->cx, &off, &view));
    CHECK(view.state == ENDPOINT_DISABLED && strcmp(view.disabled_why, "operator") == 0);
    plan("slot.paid", 21, 5, "{}");
    plan("slot.paid", 22, 5, "{}");
    CHECK(all(e.endpoint, "missed").n == 3 && all(e.endpoint, "waiting").n == 0);
    CHECK_OK(webhook_update(&t->cx, &on, &view));
    struct hook_replay in = {.endpoint = e.endpoint, .since = "2026-02-25T06:13:20Z"};
    CHECK_OK(hook_replay(&t->cx, &in, &done));
    CHECK(done.replayed == 3 && all(e.endpoint, "waiting").n == 3);
    CHECK_OK(hook_replay(&t->cx, &in, &done));
    CHECK(done.replayed == 0);
    in = (struct hook_replay){.delivery = all(e.endpoint, NULL).items[0].delivery};
    CHECK_FAULT(hook_replay(&t->cx, &in, &done), &HOOK_OPEN);
    in = (struct hook_replay){.endpoint = e.endpoint, .until = "yesterday"};
    CHECK_FAULT(hook_replay(&t->cx, &in, &done), &WEBHOOK_TIME);
    test_db_close(t);
}

static void forgets_deleted_ones(void **state)
{
    struct webhook_view view;

    (void)state;
    test_db_open(t, START);
    struct webhook_keys const e = create("https://hooks.example.com/a", NULL);
    struct webhook_ref const ref = {e.endpoint};
    struct hook_ref ping;

    CHECK_OK(webhook_test(&t->cx, &ref, &ping));
    CHECK_OK(webhook_delete(&t->cx, &ref, &view));
    CHECK(view.state == ENDPOINT_DELETED && !*view.public_key && view.waiting == 0);
    CHECK(!*row_of(e.endpoint).sealed_secret && !*row_of(e.endpoint).sealed_key);
    plan("slot.paid", 30, 5, "{}");
    CHECK(all(NULL, NULL).n == 1 && all(NULL, "missed").n == 1);
    CHECK_FAULT(webhook_test(&t->cx, &ref, &ping), &WEBHOOK_DELETED);
    CHECK_FAULT(webhook_delete(&t->cx, &ref, &view), &WEBHOOK_DELETED);
    test_db_close(t);
}

static void forgets_what_is_old(void **state)
{
    struct webhook_view view;

    (void)state;
    test_db_open(t, START);
    struct webhook_keys const e = create("https://hooks.example.com/a", NULL);
    plan("slot.paid", 40, 5, "{}");
    CHECK_OK(webhook_update(
        &t->cx, &(struct webhook_update){.endpoint = e.endpoint, .state = "disabled"}, &view));
    CHECK_OK(webhooks_forget(&t->cx, START + 30 * DAY_MS));
    CHECK(all(NULL, NULL).n == 1);
    CHECK_OK(webhooks_forget(&t->cx, START + 30 * DAY_MS + 1));
    CHECK(all(NULL, NULL).n == 0);
    test_db_close(t);
}

static void pages(void **state)
{
    struct hook_list in = {.limit = 2};
    struct hooks_view out;
    int64_t seen = 0;

    (void)state;
    test_db_open(t, START);
    create("https://hooks.example.com/a", NULL);
    for (int64_t i = 0; i < 5; i++) plan("slot.paid", 50 + i, i, "{}");
    do {
        CHECK_OK(hook_list(&t->cx, &in, &out));
        seen += (int64_t)out.n;
        in.before = out.next;
    } while (*out.next);
    CHECK(seen == 5);
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("v1 signatures match the published vector", signs_the_published_vector),
        CASE("v1a signatures verify under the public key alone", signs_with_a_pair),
        CASE("the table of deliveries is sound", sound),
        CASE("only 2xx is success; what each answer means", judges_answers),
        CASE("tries are spread as published, with jitter", waits_as_published),
        CASE("C-18 answers are kept short, printable and without card numbers",
             keeps_answers_harmless),
        CASE("keys are told once and lie sealed", seals_keys),
        CASE("targets and filters that are none are refused", refuses_targets),
        CASE("after a rotation both keys sign, then the new one alone", rotates),
        CASE("E-13 events are planned once for each endpoint that wants them",
             plans_for_whom_it_concerns),
        CASE("what a disabled endpoint missed can be replayed", keeps_what_was_missed),
        CASE("a deleted endpoint is told nothing and its keys are gone", forgets_deleted_ones),
        CASE("the log ends after webhook_keep_days", forgets_what_is_old),
        CASE("the log comes in pages", pages),
    };
    return RUN_CASES("webhook", cases);
}
