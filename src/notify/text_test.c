/* text_test: callbacks of a provider of texts are its own, and say what became of a text.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/test.h"
#include "http/api_test.h"
#include "http/callback.h"
#include "notify/notify.h"

/* The vector of the provider's documentation. */
static void the_known_signature(void **state)
{
    static const char url[] = "https://mycompany.com/myapp.php?foo=1&bar=2";
    static const char signature[] = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    struct form_field fields[] = {
        {"To",      "+18005551212"     },
        {"CallSid", "CA1234567890ABCDE"},
        {"Digits",  "1234"             },
        {"From",    "+14158675309"     },
        {"Caller",  "+14158675309"     },
    };

    (void)state;
    CHECK(text_callback_is_genuine("12345", url, fields, COUNT(fields), signature));
    CHECK(!text_callback_is_genuine("12346", url, fields, COUNT(fields), signature));
    CHECK(!text_callback_is_genuine("12345", "https://mycompany.com/", fields, COUNT(fields),
                                    signature));
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields) - 1, signature));
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields), ""));
    fields[2].value = "1235";
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields), signature));
}

/* ---- over HTTP ---- */

#define URL "https://foyer.example.com/v1/callbacks/text"

static struct desk desk;
static int64_t member;

static void script(const char *text)
{
    struct test_db *t = &desk.life.t;

    CHECK_OK(db_script(t->db, arena_printf(&t->arena, text, (long long)member, (long long)member),
                       &t->err));
}

/* A member with a phone, to whom two texts went out: SM1 beside mail, SM2 alone. */
static void begin(void)
{
    struct settings *s;

    desk_open(&desk, "2024-02-01");
    member = life_member(&desk.life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    script("UPDATE account SET email = 'anna@example.com' WHERE account_id = %lld");
    script("INSERT INTO contact VALUES (%lld, '+15550142', 1, 1, 1, -1, -1, 0, '', 0, '')");
    script("INSERT INTO message VALUES (1, %lld, 'method.added', 'A', 1, 'en', '{}', 0),"
           " (2, %lld, 'method.added', 'B', 1, 'en', '{}', 0)");
    script("INSERT INTO delivery VALUES (1, 'text', 1, %lld, '+15550142', 'sent', 1, 0, 9, 1, 1, 0,"
           " '', 1, 'SM1', '201'), (2, 'text', 1, %lld, '+15550142', 'sent', 1, 0, 9, 1, 1, 0, '',"
           " 1, 'SM2', '201')");
    s = &desk.life.t.settings;
    s->text_callback_url = URL;
    s->text_token_file =
        arena_printf(&desk.life.catalog_arena, "/tmp/foyer-text-%d", (int)getpid());
    FILE *f = fopen(s->text_token_file, "w");
    CHECK(f && fputs("12345\n", f) >= 0 && fclose(f) == 0);
}

static void end(void)
{
    unlink(desk.life.t.settings.text_token_file);
    desk_close(&desk);
}

/* What the provider would sign: names and values in the order of names, as they stand. */
static const char *sign(const char *token, const char *text)
{
    struct arena *a = &desk.life.t.arena;
    unsigned char mac[EVP_MAX_MD_SIZE];
    char *out = arena_alloc(a, 64);
    unsigned n;

    HMAC(EVP_sha1(), token, (int)strlen(token), (const unsigned char *)text, strlen(text), mac, &n);
    return sodium_bin2base64(out, 64, mac, n, sodium_base64_VARIANT_ORIGINAL);
}

static int tell(const char *body, const char *signature)
{
    static const char form[] = "application/x-www-form-urlencoded; charset=utf-8";
    struct asked const q = {
        "POST",
        "/v1/callbacks/text",
        body,
        {{"Authorization", ""}, {"Content-Type", form}, {"X-Twilio-Signature", signature}}
    };

    return desk_ask(&desk, &q);
}

static int report(const char *sid, const char *status)
{
    struct arena *a = &desk.life.t.arena;
    const char *text =
        arena_printf(a, URL "AccountSidAC1ErrorCode%sMessageSid%sMessageStatus%sTo+15550142",
                     strcmp(status, "delivered") == 0 ? "" : "30005", sid, status);

    return tell(arena_printf(a,
                             "MessageSid=%s&MessageStatus=%s&To=%%2B15550142&AccountSid=AC1"
                             "&ErrorCode=%s",
                             sid, status, strcmp(status, "delivered") == 0 ? "" : "30005"),
                sign("12345", text));
}

static struct messages_view messages(void)
{
    struct test_db *t = &desk.life.t;
    struct message_list const in = {.account_id = member, .limit = 100};
    struct messages_view v;

    CHECK_OK(message_list(&t->cx, &in, &v));
    CHECK(v.n == 2);
    return v;
}

/* Of SM1 or SM2: messages are listed the newest first. */
static const struct message_view *told(int number)
{
    return &messages().messages[2 - number];
}

static void reports_arrive(void **state)
{
    (void)state;
    begin();
    CHECK(report("SM1", "delivered") == 204 && desk.answer.body_bytes == 0);
    CHECK(told(1)->deliveries[0].state == DELIVERY_ARRIVED);
    CHECK(report("SM1", "delivered") == 204);
    CHECK(report("SM1", "undelivered") == 204); /* too late */
    CHECK(told(1)->deliveries[0].state == DELIVERY_ARRIVED && messages().phone_reachable);
    size_t const headers = desk.answer.n_headers;
    CHECK(report("SMnobody", "undelivered") == 204);
    CHECK(desk.answer.body_bytes == 0 && desk.answer.n_headers == headers);
    CHECK(messages().phone_reachable && told(1)->n_deliveries == 1);
    end();
}

static void bounces_go_elsewhere(void **state)
{
    (void)state;
    begin();
    CHECK(report("SM2", "undelivered") == 204);
    CHECK(!messages().phone_reachable && told(2)->n_deliveries == 2);
    CHECK(told(2)->deliveries[0].state == DELIVERY_WANTED);
    CHECK(told(2)->deliveries[0].channel == CHANNEL_EMAIL);
    CHECK(told(2)->deliveries[1].state == DELIVERY_BOUNCED);
    CHECK(report("SM2", "undelivered") == 204 && told(2)->n_deliveries == 2);
    script("UPDATE contact SET email_failed_at = 1 WHERE account_id = %lld");
    CHECK(report("SM1", "failed") == 204 && told(1)->n_deliveries == 1);
    CHECK(told(1)->deliveries[0].state == DELIVERY_FAILED);
    end();
}

static void refused(int status, const struct fault *f, int answered)
{
    CHECK(answered == status && desk.life.t.err.fault == f);
    CHECK(told(1)->deliveries[0].state == DELIVERY_SENT);
}

static void forgeries_change_nothing(void **state)
{
    static const char body[] = "MessageSid=SM1&MessageStatus=delivered";
    static const char text[] = URL "MessageSidSM1MessageStatusdelivered";

    (void)state;
    begin();
    struct settings *s = &desk.life.t.settings;
    refused(403, &HTTP_FORGED, tell(body, ""));
    refused(403, &HTTP_FORGED, tell(body, sign("12346", text)));
    refused(403, &HTTP_FORGED, tell(body, sign("12345", text + 1)));
    refused(403, &HTTP_FORGED, tell("MessageSid=SM1&MessageStatus=failed", sign("12345", text)));
    refused(403, &HTTP_FORGED, tell("MessageSid=%zz", sign("12345", URL "MessageSid%zz")));
    refused(400, &HTTP_CALLBACK, tell("", sign("12345", URL)));
    refused(400, &HTTP_CALLBACK, tell("MessageSid=SM1", sign("12345", URL "MessageSidSM1")));
    char *large = arena_alloc(&desk.life.t.arena, CALLBACK_BYTES_MAX + 2);
    memset(large, 'a', CALLBACK_BYTES_MAX + 1);
    refused(413, &HTTP_TOO_LARGE, tell(large, sign("12345", URL)));
    struct asked const get = {"GET", "/v1/callbacks/text", NULL, {{"Authorization", ""}}};
    refused(405, &HTTP_METHOD, desk_ask(&desk, &get));
    const char *url = s->text_callback_url, *file = s->text_token_file;
    s->text_callback_url = "";
    refused(403, &HTTP_FORGED, tell(body, sign("12345", text + strlen(URL))));
    s->text_callback_url = url;
    s->text_token_file = ""; /* no key is no key that anybody has */
    refused(403, &HTTP_FORGED, tell(body, sign("", text)));
    s->text_token_file = file;
    CHECK(tell(body, sign("12345", text)) == 204);
    CHECK(told(1)->deliveries[0].state == DELIVERY_ARRIVED);
    end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-14 a callback about a text is taken from the provider alone", the_known_signature),
        CASE("Y-14 reports of a provider reach the message, known or not", reports_arrive),
        CASE("Y-14 a text that comes back goes as mail", bounces_go_elsewhere),
        CASE("Y-14 forged reports change nothing and learn nothing", forgeries_change_nothing),
    };
    return RUN_CASES("text", cases);
}
