/* sandbox_card_test: the card form's checks, and that no number stays anywhere.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/luhn.h"
#include "db/db_test.h"
#include "payments/gateways/sandbox_card.h"
#include "payments/gateways/sandbox_service.h"

static const int64_t START = INT64_C(1772000000000); /* 2026-02-25 */
static struct test_db world, *const t = &world;
static struct gateway *g;

static void open_all(void)
{
    test_db_open(t, START);
    CHECK_OK(sandbox_open(t->url, &g, &t->err));
}

static void close_all(void)
{
    char sql[160];

    gateway_close(g);
    snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %.60s_sandbox CASCADE", t->schema);
    if (t->schema[0]) CHECK_OK(db_script(t->db, sql, &t->err));
    test_db_close(t);
}

static void says_which_field(void **state)
{
    static const struct {
        const char *number, *expiry, *cvc, *postal, *field, *code;
    } rows[] = {
        {"4242424242424242",        "04/30",    "123",  "1011 AB",  NULL,     NULL              },
        {"4242 4242 4242 4242",     "0430",     "123",  "10115",    NULL,     NULL              },
        {"4242-4242-4242-4242",     "4/2030",   "123",  "SW1A 1AA", NULL,     NULL              },
        {"378282246310005",         "02 / 26",  "1234", "94107",    NULL,     NULL              },
        {"",                        "04/30",    "123",  "10115",    "number", "incorrect_number"},
        {"4242424242424241",        "04/30",    "123",  "10115",    "number", "incorrect_number"},
        {"4242x42424242424",        "04/30",    "123",  "10115",    "number", "incorrect_number"},
        {"42424242424242424242424", "04/30",    "123",  "10115",    "number", "incorrect_number"},
        {"4111111111111111",        "04/30",    "123",  "10115",    "number", "test_cards_only" },
        {"4242424242424242",        "01/26",    "123",  "10115",    "expiry", "expired_card"    },
        {"4242424242424242",        "13/30",    "123",  "10115",    "expiry", "invalid_expiry"  },
        {"4242424242424242",        "",         "123",  "10115",    "expiry", "invalid_expiry"  },
        {"4242424242424242",        "04/3",     "123",  "10115",    "expiry", "invalid_expiry"  },
        {"4242424242424242",        "04/20300", "123",  "10115",    "expiry", "invalid_expiry"  },
        {"4242424242424242",        "04/30",    "12",   "10115",    "cvc",    "incorrect_cvc"   },
        {"4242424242424242",        "04/30",    "1234", "10115",    "cvc",    "incorrect_cvc"   },
        {"378282246310005",         "04/30",    "123",  "10115",    "cvc",    "incorrect_cvc"   },
        {"4000000000000101",        "04/30",    "123",  "10115",    "cvc",    "incorrect_cvc"   },
        {"4242424242424242",        "04/30",    "123",  "",         "postal", "incorrect_zip"   },
        {"4242424242424242",        "04/30",    "123",  "<b>",      "postal", "incorrect_zip"   },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sandbox_card_form const form = {rows[i].number, rows[i].expiry, rows[i].cvc,
                                               rows[i].postal, 2026 * 12 + 1};
        char digits[SANDBOX_CARD_DIGITS];
        struct sandbox_card_read card;
        struct sandbox_card_error const e = sandbox_card_read(&form, digits, &card);

        if (!e.field != !rows[i].field || (e.field && strcmp(e.field, rows[i].field) != 0) ||
            (e.code && strcmp(e.code, rows[i].code) != 0))
            FAIL("row %zu: %s %s", i, e.field ? e.field : "fine", e.code ? e.code : "");
    }
}

/* Every digit's change is seen, as is every exchange of neighbours that Luhn can see. */
static void sees_slips(void **state)
{
    static const char right[] = "4242424242424242";

    (void)state;
    for (size_t at = 0; at < 16; at++)
        for (char d = '0'; d <= '9'; d++) {
            char number[17], digits[SANDBOX_CARD_DIGITS];
            struct sandbox_card_read card;
            struct sandbox_card_form const form = {number, "04/30", "123", "10115", 0};

            memcpy(number, right, sizeof number);
            number[at] = d;
            struct sandbox_card_error const e = sandbox_card_read(&form, digits, &card);
            if (!e.field != (d == right[at])) FAIL("%s", number);
        }
}

static int serve(const char *path, const char *body, const char **reply)
{
    struct sandbox_request const rq = {"POST", path, body, NULL, NULL, START};
    struct sandbox_reply out;

    sandbox_serve(g, &rq, &t->arena, &out);
    *reply = out.body;
    return out.status;
}

static const char *tokenize(const char *number, const char **reply)
{
    const char *body = arena_printf(&t->arena,
                                    "{\"number\":\"%s\",\"expiry\":\"04/30\",\"cvc\":\"123\","
                                    "\"postal\":\"10115\"}",
                                    number);

    CHECK(serve("/v1/tokens", body, reply) == 200);
    CLEANUP(json_decrefp) json_t *out = json_loads(*reply, 0, NULL);
    return arena_strdup(&t->arena, json_string_value(json_object_get(out, "token")));
}

static void keeps_no_number(void **state)
{
    static const struct {
        const char *number, *brand, *code; /* of a charge; NULL: it pays */
    } rows[] = {
        {"4242424242424242", "visa",       NULL                     },
        {"5555555555554444", "mastercard", NULL                     },
        {"6011111111111117", "discover",   NULL                     },
        {"4000000000000002", "visa",       "generic_decline"        },
        {"4000000000009995", "visa",       "insufficient_funds"     },
        {"4000000000009987", "visa",       "lost_card"              },
        {"4000000000009979", "visa",       "stolen_card"            },
        {"4000000000000069", "visa",       "expired_card"           },
        {"4000000000000127", "visa",       "incorrect_cvc"          },
        {"4000000000000036", "visa",       "incorrect_zip"          },
        {"4000000000000119", "visa",       "processing_error"       },
        {"4000000000000341", "visa",       "generic_decline"        },
        {"4000002760003184", "visa",       "authentication_required"},
        {"4000000000006975", "visa",       "card_velocity_exceeded" },
        {"4000000000000259", "visa",       NULL                     },
        {"4000000000007726", "visa",       NULL                     },
    };
    const char *reply;

    (void)state;
    open_all();
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *token = tokenize(rows[i].number, &reply);
        struct gateway_method m, again;

        CHECK(!text_has_card_number(token) && !text_has_card_number(reply));
        CHECK(!strstr(reply, rows[i].number));
        CHECK_OK(g->describe(g->state, token, "one", &m, &t->arena, &t->err));
        CHECK(strcmp(m.last4, rows[i].number + 12) == 0 && strcmp(m.brand, rows[i].brand) == 0);
        CHECK(m.expiry_month == 2030 * 12 + 3 && m.recurring);
        CHECK_OK(g->describe(g->state, tokenize(rows[i].number, &reply), "two", &again, &t->arena,
                             &t->err));
        CHECK(strcmp(m.fingerprint, again.fingerprint) == 0); /* the same card, whoever has it */
        struct gateway_charge const c = {arena_printf(&t->arena, "mem_T/1/%zu/renewal/0/1", i),
                                         token,
                                         "EUR",
                                         "FOYER",
                                         999,
                                         START};
        struct gateway_answer a;
        CHECK_OK(g->charge(g->state, &c, 1, &a, &t->arena, &t->err));
        if (strcmp(a.code, rows[i].code ? rows[i].code : "") != 0)
            FAIL("%s: %s", rows[i].number, a.code);
    }
    close_all();
}

/* A new date keeps the card; its token stays one of the form. */
static void keeps_the_card_when_updated(void **state)
{
    const char *reply, *token;
    struct gateway_method m, was;

    (void)state;
    open_all();
    const char *first = tokenize("5555555555554444", &reply);
    struct gateway_update const in = {first, "one", 2033 * 12, ""};
    CHECK_OK(g->describe(g->state, first, "one", &was, &t->arena, &t->err));
    CHECK_OK(g->update(g->state, &in, &token, &m, &t->arena, &t->err));
    CHECK(m.expiry_month == 2033 * 12 && strcmp(m.last4, "4444") == 0);
    CHECK(strcmp(m.fingerprint, was.fingerprint) == 0);
    close_all();
}

static void guards_its_calls(void **state)
{
    struct sandbox_request rq = {
        "POST", "/v1/charges/look_up", "{\"key\":\"k\",\"at\":1}", NULL, "sk_test", START};
    struct sandbox_reply out;
    const char *reply;

    (void)state;
    open_all();
    sandbox_serve(g, &rq, &t->arena, &out);
    CHECK(out.status == 401);
    rq.authorization = "Bearer sk_tesT";
    sandbox_serve(g, &rq, &t->arena, &out);
    CHECK(out.status == 401);
    rq.authorization = "Bearer sk_test";
    sandbox_serve(g, &rq, &t->arena, &out);
    CHECK(out.status == 404 && strstr(out.body, "never_seen"));
    CHECK(serve("/v1/nothing", "{}", &reply) == 404 && serve("/v1/events", "[", &reply) == 400);
    CHECK(serve("/v1/charges", "{}", &reply) != 200);
    CHECK(serve("/v1/methods/describe", "{\"token\":\"4242424242424242\"}", &reply) == 400);
    CHECK(serve("/v1/charges",
                "{\"key\":\"mem_T/1/0/renewal/0/1\",\"token\":\"tok_lost_reply\","
                "\"currency\":\"EUR\",\"descriptor\":\"F\",\"amount_minor\":1,\"at\":1}",
                &reply) == 0);
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-13 the card form says which field is wrong", says_which_field),
        CASE("C-13 one wrong digit is seen", sees_slips),
        CASE("C-18 of an entered card stay brand, last four, expiry and a hash", keeps_no_number),
        CASE("C-18 an entered card with a new date is the same card", keeps_the_card_when_updated),
        CASE("the sandbox's calls need their key, and a lost reply is lost", guards_its_calls),
    };
    return RUN_CASES("sandbox_card", cases);
}
