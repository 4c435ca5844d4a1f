/* check_test: what is ours, what only looks like it, and what nobody learns by asking.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "notify/notify_test.h"
#include "policy/throttle.h"

static const char ours[] = "example.com,example-tv.net";

static void hosts_are_read(void **state)
{
    static const struct {
        const char *link, *host;
    } links[] = {
        {"https://example.com/account",       "example.com"     },
        {"https://EXAMPLE.com:443/",          "example.com"     },
        {"https://example.com@evil.test/",    "evil.test"       },
        {"https://example.com:x@evil.test",   "evil.test"       },
        {"https:\\\\evil.test\\@example.com", "evil.test"       },
        {"https://evil.test#@example.com",    "evil.test"       },
        {"https://evil.test?@example.com",    "evil.test"       },
        {"//example.com/",                    "example.com"     },
        {"example.com",                       "example.com"     },
        {" <https://www.example.com.>",       "www.example.com" },
        {"https://xn--exmple-cua.com/",       "ex\u00e4mple.com"},
        {"javascript:alert(1)",               NULL              },
        {"evil.test//http://example.com",     "evil.test"       },
        {"",                                  NULL              },
        {"@",                                 NULL              },
    };
    static const struct {
        const char *sender, *host;
    } senders[] = {
        {"account@example.com",                   "example.com"},
        {"Foyer <account@example.com>",           "example.com"},
        {"\"account@example.com\" <x@evil.test>", "evil.test"  },
        {"account@example.com, y@evil.test",      "evil.test"  },
        {"Foyer",                                 NULL         },
    };
    CLEANUP(arena_clear) struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        const char *is = check_link_host(&a, links[i].link);

        if (!is != !links[i].host || (is && strcmp(is, links[i].host) != 0))
            FAIL("%s: %s", links[i].link, is ? is : "none");
    }
    for (size_t i = 0; i < COUNT(senders); i++) {
        const char *is = check_sender_host(&a, senders[i].sender);

        if (!is != !senders[i].host || (is && strcmp(is, senders[i].host) != 0))
            FAIL("%s: %s", senders[i].sender, is ? is : "none");
    }
}

static void what_looks_like_ours(void **state)
{
    static const struct {
        const char *host;
        enum check_reason reason;
    } cases[] = {
        {"example.com",           CHECK_OUR_DOMAIN},
        {"mail.example.com",      CHECK_OUR_DOMAIN},
        {"example-tv.net",        CHECK_OUR_DOMAIN},
        {"notexample.com",        CHECK_LOOK_ALIKE}, /* contains our name */
        {"example.com.evil.test", CHECK_LOOK_ALIKE},
        {"example-billing.test",  CHECK_LOOK_ALIKE},
        {"examp1e.com",           CHECK_LOOK_ALIKE},
        {"exarnple.com",          CHECK_LOOK_ALIKE}, /* rn for m */
        {"\u0435xample.com",      CHECK_LOOK_ALIKE}, /* Cyrillic e */
        {"exmaple.com",           CHECK_LOOK_ALIKE}, /* two letters changed places */
        {"exampl.com",            CHECK_LOOK_ALIKE},
        {"evil.test",             CHECK_OTHER     },
        {"sample.test",           CHECK_OTHER     },
    };
    CLEANUP(arena_clear) struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (check_host(&a, cases[i].host, ours) != cases[i].reason)
            FAIL("%s: %s", cases[i].host, check_reasons.at[check_host(&a, cases[i].host, ours)]);
}

/* Some readers drop tabs and line ends, take a backslash for a slash, or read the first of two. */
static void only_plain_ones_are_ours(void **state)
{
    static const struct {
        const char *text;
        enum check_reason reason;
    } links[] =
        {
            {"https://www.example.com/account?x=1#y",          CHECK_OUR_DOMAIN},
            {" <HTTP://www.example.com.:8080>\n",              CHECK_OUR_DOMAIN},
            {"www.example.com:443",                            CHECK_OUR_DOMAIN},
            {"//example.com/k\u00f6nto",                       CHECK_OUR_DOMAIN},
            {"https://www.example.com/?to=https://x.test",     CHECK_OUR_DOMAIN},
            {"https://www.example.com\t.evil.test",            CHECK_UNREADABLE},
            {"https://www.example.com\n.evil.test",            CHECK_UNREADABLE},
            {"https://www.example.com\r\n.evil.test",          CHECK_UNREADABLE},
            {"https://www.example.com\\@evil.test",            CHECK_UNREADABLE},
            {"see https://www.example.com and https://x.test", CHECK_UNREADABLE},
            {"https://www.example.com and https://evil.test",  CHECK_UNREADABLE},
            {"https://www.example.com\u00a0https://evil.test", CHECK_LOOK_ALIKE},
            {"https://www.example.com\u200b.example.com",      CHECK_UNREADABLE},
            {"https://www.example.com:443:evil.test",          CHECK_UNREADABLE},
            {"https://www.example.com:evil.test",              CHECK_UNREADABLE},
            {"https://www.example.com:",                       CHECK_UNREADABLE},
            {"https://evil.test%2f.example.com",               CHECK_UNREADABLE},
            {"https://evil.test\uff0f.example.com",            CHECK_UNREADABLE},
            {"https://evil.test@www.example.com",              CHECK_UNREADABLE},
            {"javascript://www.example.com/%0aalert(1)",       CHECK_UNREADABLE},
            {"/www.example.com",                               CHECK_UNREADABLE},
            {"https://evil.test\\@www.example.com",            CHECK_OTHER     },
    },
      senders[] = {
          {"account@example.com", CHECK_OUR_DOMAIN},
          {" \"Foyer, the club\" <account@mail.example.com>", CHECK_OUR_DOMAIN},
          {"<account@example.com>\n", CHECK_OUR_DOMAIN},
          {"x@evil.test,account@example.com", CHECK_UNREADABLE},
          {"Bank <x@evil.test>, <account@example.com>", CHECK_UNREADABLE},
          {"x@evil.test (account@example.com)", CHECK_UNREADABLE},
          {"x@evil.test\naccount@example.com", CHECK_UNREADABLE},
          {"account@example.com\t.evil.test", CHECK_UNREADABLE},
          {"account@example.com .evil.test", CHECK_UNREADABLE},
          {"a@evil.test@example.com", CHECK_UNREADABLE},
          {"\"x\n\" <account@example.com>", CHECK_UNREADABLE},
          {"Foyer <account@example.com> x", CHECK_UNREADABLE},
          {"account@example.com>", CHECK_UNREADABLE},
          {"account@example.com (at evil.test)", CHECK_UNREADABLE},
          {"@example.com", CHECK_UNREADABLE},
          {"account@example.com, y@evil.test", CHECK_OTHER},
      };
    CLEANUP(arena_clear) struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        enum check_reason const is = check_link(&a, links[i].text, ours);
        if (is != links[i].reason) FAIL("%s: %s", links[i].text, check_reasons.at[is]);
    }
    for (size_t i = 0; i < COUNT(senders); i++) {
        enum check_reason const is = check_sender(&a, senders[i].text, ours);
        if (is != senders[i].reason) FAIL("%s: %s", senders[i].text, check_reasons.at[is]);
    }
}

/* No text may break it: hosts are whatever people paste. */
static void anything_is_read(void **state)
{
    static const char pieces[][10] = {"@",   ".",    "/",    "\\",     ":",      "example",
                                      "com", "xn--", "\xff", "\u0435", " ",      "<",
                                      ">",   "#",    "?",    "%40",    "\u202e", "a"};
    CLEANUP(arena_clear) struct arena a = {0};
    uint64_t seed = 5;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        char text[200] = "";

        for (int k = 0; k < 14; k++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s",
                     pieces[(seed >> 33) % COUNT(pieces)]);
        }
        const char *link = check_link_host(&a, text), *sender = check_sender_host(&a, text);
        if (link) check_host(&a, link, ours);
        if (sender) check_host(&a, sender, ours);
        if (check_link(&a, text, ours) == CHECK_OUR_DOMAIN) CHECK(link && !strpbrk(text, "\\@<> "));
        if (check_sender(&a, text, ours) == CHECK_OUR_DOMAIN)
            CHECK(sender && strchr(text, '@') == strrchr(text, '@'));
        arena_reset(&a);
    }
}

static struct check_answer ask(struct message_check in)
{
    struct test_db *t = &life.t;
    struct check_answer out;

    CHECK_OK(message_check(&t->cx, &in, &out));
    CHECK(*out.text);
    return out;
}

static void references(void **state)
{
    struct check_answer is;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = reader("2024-01-31", "2024-02-01", "tok_visa");
    emit(m, "method.added", life.t.cx.now, "{}");
    dispatch_all();
    char *reference = arena_strdup(&life.t.arena, newest(m, "method.added")->reference);
    is = ask((struct message_check){.reference = reference});
    CHECK(is.verdict == CHECK_GENUINE && is.reason == CHECK_SENT);
    CHECK(strcmp(is.kind, "method.added") == 0 && strcmp(is.sent_on, "2024-02-01") == 0);
    CHECK(!strstr(is.text, "Anna") && !strstr(is.text, "anna"));
    reference[0] = reference[0] == '7' ? '8' : '7';
    CHECK(ask((struct message_check){.reference = reference}).reason == CHECK_MISTYPED);
    /* One that checks, and that we never gave out. */
    is = ask((struct message_check){.reference = "0000-0000-0000"});
    CHECK(is.verdict == CHECK_NOT_OURS && is.reason == CHECK_NEVER_SENT && !*is.kind);
    life_close(&life);
}

static void senders_links_and_languages(void **state)
{
    struct test_db *t = &life.t;
    struct check_answer out;

    (void)state;
    life_open(&life, "2024-02-01");
    t->settings.text_from = "+15550100";
    CHECK(ask((struct message_check){.sender = "account@example.com"}).verdict == CHECK_GENUINE);
    CHECK(ask((struct message_check){.sender = "a@examp1e.com"}).reason == CHECK_LOOK_ALIKE);
    CHECK(ask((struct message_check){.sender = "+15550100"}).verdict == CHECK_GENUINE);
    CHECK(ask((struct message_check){.sender = "+15550199"}).verdict == CHECK_NOT_OURS);
    CHECK(ask((struct message_check){.link = "https://x.example.com/y"}).verdict == CHECK_GENUINE);
    CHECK(ask((struct message_check){.link = "nothing"}).verdict == CHECK_UNKNOWN);
    out = ask((struct message_check){.link = "https://evil.test", .locale = "de"});
    CHECK(strcmp(out.text, "Diese Adresse gehört nicht uns.") == 0);
    struct message_check const both = {.link = "x", .sender = "y"}, neither = {0};
    CHECK_FAULT(message_check(&t->cx, &both, &out), &CHECK_ONE_THING);
    CHECK_FAULT(message_check(&t->cx, &neither, &out), &CHECK_ONE_THING);
    life_close(&life);
}

static void guessing_is_limited(void **state)
{
    struct test_db *t = &life.t;
    struct message_check const in = {.reference = "0000-0000-0000"};
    struct check_answer out;

    (void)state;
    life_open(&life, "2024-02-01");
    t->settings.message_checks_network = 3;
    t->cx.actor = (struct actor){.role = ROLE_VISITOR, .network = "192.0.2.7"};
    for (int i = 0; i < 3; i++) CHECK_OK(message_check(&t->cx, &in, &out));
    CHECK_FAULT(message_check(&t->cx, &in, &out), &CHECK_TOO_MANY);
    t->cx.actor.network = "192.0.2.8";
    CHECK_OK(message_check(&t->cx, &in, &out));
    life_close(&life);
}

static void what_we_never_ask(void **state)
{
    CLEANUP(arena_clear) struct arena a = {0};
    struct test_db *t = &life.t;
    struct safety_view v;

    (void)state;
    life_open(&life, "2024-02-01");
    for (size_t l = 0; l < message_languages(); l++) {
        struct safety_ask const in = {message_language_at(&a, l)};

        CHECK_OK(safety_text(&t->cx, &in, &v));
        CHECK(v.n == 5 && strstr(v.title, "Foyer"));
        CHECK(strstr(v.lines[4].text, "https://www.example.com"));
    }
    CHECK_OK(safety_text(&t->cx, &(struct safety_ask){0}, &v));
    CHECK(strcmp(v.lines[1].text, "We never ask for your password.") == 0);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("R-06 the host of what people paste is the one that a browser would open",
             hosts_are_read),
        CASE("R-06 what only looks like ours is told from ours and from others",
             what_looks_like_ours),
        CASE("R-06 only what nobody can read in another way is ours", only_plain_ones_are_ours),
        CASE("R-06 anything may be pasted", anything_is_read),
        CASE("R-06 Y-12 a reference tells what was sent and when, and not to whom", references),
        CASE("R-06 senders and links are checked, in the asker's language",
             senders_links_and_languages),
        CASE("R-06 references cannot be tried one by one", guessing_is_limited),
        CASE("R-05 what we never ask for is said in every language", what_we_never_ask),
    };
    return RUN_CASES("check", cases);
}
