/* mail_test: mails to the byte, and that nothing in them becomes a header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/mail_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

static struct mail plain(void)
{
    return (struct mail){.from_name = "Foyer",
                         .from = "account@example.com",
                         .to = "anna@example.com",
                         .subject = "Your membership has begun",
                         .message_id = "7KQ2M8ZD4XWB.email.1@example.com",
                         .reference = "7KQ2-M8ZD-4XWB",
                         .language = "en",
                         .date_ms = INT64_C(1709208000000),
                         .text = "Hello Anna,\n\n1 = 1 for €5 \n",
                         .html = "<p>Hello</p>\n"};
}

static void to_the_byte(void **state)
{
    static const char wanted[] =
        "Date: Thu, 29 Feb 2024 12:00:00 +0000\r\n"
        "From: \"Foyer\" <account@example.com>\r\n"
        "To: <anna@example.com>\r\n"
        "Subject: Your membership has begun\r\n"
        "Message-ID: <7KQ2M8ZD4XWB.email.1@example.com>\r\n"
        "MIME-Version: 1.0\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Reference: 7KQ2-M8ZD-4XWB\r\n"
        "Content-Language: en\r\n"
        "Content-Type: multipart/alternative; boundary=\"=_7KQ2-M8ZD-4XWB\"\r\n"
        "\r\n"
        "--=_7KQ2-M8ZD-4XWB\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Hello Anna,\r\n"
        "\r\n"
        "1 =3D 1 for =E2=82=AC5=20\r\n"
        "\r\n"
        "--=_7KQ2-M8ZD-4XWB\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "<p>Hello</p>\r\n"
        "\r\n"
        "--=_7KQ2-M8ZD-4XWB--\r\n";
    CLEANUP(arena_clear) struct arena a = {0};
    struct mail m = plain();

    (void)state;
    if (strcmp(mail_write(&a, &m), wanted) != 0) FAIL("%s", mail_write(&a, &m));
    m.unsubscribe = "https://www.example.com/u/1";
    CHECK(strstr(mail_write(&a, &m), "\r\nList-Unsubscribe: <https://www.example.com/u/1>\r\n"
                                     "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

static void headers_are_encoded(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain",            "plain"                               },
        {"Größe",          "=?UTF-8?B?R3LDtsOfZQ==?="            },
        {"=?looks encoded?", "=?UTF-8?B?PT9sb29rcyBlbmNvZGVkPw==?="},
        {"a\r\nBcc: x",      "=?UTF-8?B?YQ0KQmNjOiB4?="            },
        {"",                 ""                                    },
    };
    CLEANUP(arena_clear) struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *is = mail_header_text(&a, cases[i].in, 9);

        if (strcmp(is, cases[i].out) != 0) FAIL("%s: %s", cases[i].in, is);
    }
    CHECK(strcmp(mail_date(&a, 0), "Thu, 1 Jan 1970 00:00:00 +0000") == 0);
    CHECK(strcmp(mail_date(&a, INT64_C(1795893792000)), "Sat, 28 Nov 2026 19:23:12 +0000") == 0);
}

static void quoted_printable(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"",               ""                   },
        {"a\nb",           "a\r\nb"             },
        {"a\r\nb",         "a\r\nb"             },
        {"a\rb",           "a=0Db"              },
        {"trailing \n\tx", "trailing=20\r\n=09x"},
        {".",              "=2E"                },
        {"From here",      "=46rom here"        },
        {"日",            "=E6=97=A5"          },
    };
    CLEANUP(arena_clear) struct arena a = {0};
    char long_line[201];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *is = mail_quoted_printable(&a, cases[i].in);

        if (strcmp(is, cases[i].out) != 0) FAIL("%s: %s", cases[i].in, is);
    }
    memset(long_line, 'x', 200);
    long_line[200] = 0;
    const char *is = mail_quoted_printable(&a, long_line);
    for (const char *p = is; *p; p += strcspn(p, "\n"), p += *p == '\n')
        CHECK(strcspn(p, "\r\n") <= 76);
}

/* Any bytes at all as subject, name, text and address: the same headers, no line over 998. */
static void nothing_becomes_a_header(void **state)
{
    static const char pieces[][12] = {"\r\n", "\n",   "\r", "Bcc: x@y", " ", ":",  "=?",
                                      "?=",   "\xff", "é",  "<",        ">", "\"", "\\",
                                      "--=_", "\t",   "a",  ".\r\n.",   "日"};
    CLEANUP(arena_clear) struct arena a = {0};
    uint64_t seed = 99;
    char text[400];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct mail m = plain();
        size_t n = 0;

        for (int k = 0; k < 30; k++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            const char *piece = pieces[(seed >> 33) % COUNT(pieces)];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        text[n] = 0;
        const char **const at[] = {&m.subject, &m.from_name, &m.to,       &m.text,
                                   &m.html,    &m.reference, &m.language, &m.message_id};
        *at[i % (int)COUNT(at)] = text;
        const char *mail = mail_write(&a, &m), *end = strstr(mail, "\r\n\r\n");
        size_t headers = 0, parts = 0;
        for (const char *p = mail; p < end; p = strstr(p, "\r\n") + 2) {
            headers += *p != ' ';
            CHECK(strcspn(p, "\r") <= 998 && p[strcspn(p, "\r\n")] == '\r');
            CHECK(strncasecmp(p, "bcc", 3) != 0);
        }
        char boundary[60];
        snprintf(boundary, sizeof boundary, "\r\n--=_%.*s\r\nContent-Type",
                 (int)strcspn(m.reference, "\r\n<> "), m.reference);
        for (const char *p = mail; (p = strstr(p, boundary)); p++) parts++;
        if (headers != 10 || parts != 2) FAIL("%zu headers, %zu parts:\n%s", headers, parts, mail);
        arena_reset(&a);
    }
}

static void answers_are_judged(void **state)
{
    static const struct {
        const char *code;
        bool bounces;
    } cases[] = {
        {"550",       true },
        {"550 5.1.1", true },
        {"552 5.2.2", true },
        {"550 5.7.1", false},
        {"554",       false},
        {"451 4.1.1", false},
        {"250",       false},
        {"",          false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (mail_code_bounces(cases[i].code) != cases[i].bounces) FAIL("%s", cases[i].code);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-01 a mail is what it should be to the byte", to_the_byte),
        CASE("Y-01 values of headers are encoded and folded", headers_are_encoded),
        CASE("Y-01 bodies are quoted-printable", quoted_printable),
        CASE("Y-11 whatever names and facts hold, no header comes of it", nothing_becomes_a_header),
        CASE("Y-14 which answers of a mail server are bounces", answers_are_judged),
    };
    return RUN_CASES("mail", cases);
}
