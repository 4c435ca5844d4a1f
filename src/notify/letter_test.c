/* letter_test: the words of every message in every language, against tests/golden/messages-*.txt.
 * `GOLDEN=write` writes them again: look at the difference. SPDX-License-Identifier: Apache-2.0 */
#include "notify/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "base/message.h"
#include "base/test.h"

/* Every fact that any message names. */
static const char facts[] =
    "{\"amount_minor\":1299,\"waits_minor\":1299,\"currency\":\"EUR\",\"credit_minor\":250,"
    "\"balance_minor\":500,"
    "\"charge_minor\":1299,\"short_minor\":799,\"short_on\":\"2024-03-31\",\"old_minor\":1299,"
    "\"new_minor\":1399,\"changes\":\"both\",\"slot_old_minor\":499,\"slot_new_minor\":599,"
    "\"total_old_minor\":1798,\"total_new_minor\":1998,\"applies_on\":\"2024-05-31\",\"asks_"
    "consent\":false,"
    "\"grace_until\":\"2024-03-05\",\"hold_until\":\"2024-04-04\",\"since_on\":\"2024-02-28\","
    "\"last_day\":\"2024-03-30\",\"form\":\"cfm_0123456789ABC7\",\"received_text\":\"March 10, "
    "2024 at 1:00 PM (Europe/Berlin)\",\"reference\":\"cnl_0123456789ABC7\","
    "\"kept_until\":\"2025-01-31\",\"answer_by\":\"2024-04-30\",\"pause_on\":\"2024-03-31\","
    "\"resume_on\":\"2024-04-30\",\"days_from\":\"2024-03-31\",\"days_until\":\"2024-04-14\","
    "\"moved_to\":\"2024-04-15\",\"effective_on\":\"2024-03-10\",\"from\":\"2024-03-10\","
    "\"from_name\":\"Basic\",\"to_name\":\"Standard\",\"choices_text\":\"Basic €7.99; Premium "
    "€17.99\",\"plan_name\":\"Standard\","
    "\"biller_name\":\"Foyer\",\"price_minor\":1299,\"price_currency\":\"EUR\","
    "\"billing_day\":\"31\",\"email\":\"anna@example.com\",\"joined_on\":\"2024-01-31\","
    "\"at_on\":\"2024-03-10\",\"device\":\"Living room TV\",\"to\":\"method\","
    "\"which\":\"email\",\"method_name\":\"Visa 4242\",\"next_charge_on\":\"2024-03-31\","
    "\"erase_on\":\"2025-01-31\",\"partner_name\":\"Example Mobile\","
    "\"place\":\"the settings of your line\",\"period_end\":\"2024-04-10\",\"total_minor\":1299,"
    "\"charge\":\"chg_0123456789ABC7\",\"next_on\":\"2024-03-31\",\"next_minor\":1299,"
    "\"next_currency\":\"EUR\"}";

static struct letter_in about(const char *topic, const char *locale, const char *json)
{
    CHECK(message_kind_find(topic) != NULL);
    return (struct letter_in){.kind = message_kind_find(topic),
                              .service = "Foyer",
                              .site = "https://www.example.com",
                              .name = "Anna",
                              .locale = locale,
                              .reference = "7KQ2-M8ZD-4XWB",
                              .facts = json};
}

static struct letter write(struct arena *a, const char *topic, const char *locale, const char *json)
{
    struct letter_in const in = about(topic, locale, json);
    struct letter out;

    letter_write(a, &in, &out);
    return out;
}

/* One as it goes out, on all channels; of the others what differs. */
static char *golden_of(struct arena *a, const char *language)
{
    struct letter const l = write(a, "contact.changed", language, facts);
    char *all =
        arena_printf(a, "==== the whole of contact.changed\n%s\n%s\n---- text message\n%s\n",
                     l.text, l.html, l.brief);

    for (size_t i = 0; i < n_message_kinds; i++) {
        struct letter_in const in = about(message_kinds[i].topic, language, facts);

        all = arena_printf(a, "%s\n==== %s\nSubject: %s\n\n%s", all, message_kinds[i].topic,
                           letter_subject(a, &in), letter_body(a, &in));
    }
    return all;
}

static void compare(struct arena *a, const char *language)
{
    char path[500];
    const char *wanted = golden_of(a, language), *how = getenv("GOLDEN");

    snprintf(path, sizeof path, "%s/tests/golden/messages-%s.txt", getenv("SOURCE_ROOT"), language);
    FILE *f = fopen(path, how && strcmp(how, "write") == 0 ? "wb+" : "rb");
    if (!f) FAIL("%s: cannot be opened", path);
    if (how && strcmp(how, "write") == 0) fwrite(wanted, 1, strlen(wanted), f);
    rewind(f);
    char *is = arena_alloc(a, strlen(wanted) + 2);
    size_t const n = fread(is, 1, strlen(wanted) + 1, f);
    fclose(f);
    size_t at = 0;
    while (at < n && is[at] == wanted[at]) at++;
    if (n != strlen(wanted) || at != n) FAIL("%s differs at: %.60s", path, wanted + at);
}

static void as_it_was(void **state)
{
    CLEANUP(arena_clear) struct arena a = {.limit = SIZE_MAX / 2};

    (void)state;
    for (size_t i = 0; i < message_languages(); i++) compare(&a, message_language_at(&a, i));
}

/* Without any fact: no braces, no word that is meant for the texts, no empty paragraph. */
static void facts_may_be_missing(void **state)
{
    CLEANUP(arena_clear) struct arena a = {.limit = SIZE_MAX / 2};

    (void)state;
    for (size_t l = 0; l < message_languages(); l++)
        for (size_t i = 0; i < n_message_kinds; i++) {
            struct letter const w =
                write(&a, message_kinds[i].topic, message_language_at(&a, l), "{}");

            if (!*w.subject || strpbrk(w.text, "{}") || strstr(w.text, "¶") ||
                strstr(w.text, "\n\n\n") || strstr(w.text, "()"))
                FAIL("%s: %s\n%s", message_language_at(&a, l), w.subject, w.text);
        }
}

/* What a partner has ended is not undone with us. */
static void partners_end_for_good(void **state)
{
    static const char ours[] = "{\"last_day\":\"2024-02-09\",\"kept_until\":\"\"}",
                      theirs[] = "{\"last_day\":\"2024-02-09\",\"partner_name\":\"Rhein Mobile\","
                                 "\"place\":\"the settings of your line\",\"kept_until\":\"\"}";
    CLEANUP(arena_clear) struct arena a = {.limit = SIZE_MAX / 2};

    (void)state;
    struct letter const mine = write(&a, "membership.ending", "en", ours);
    CHECK(strstr(mine.text, "you can undo it") && !strstr(mine.text, "start again"));
    for (size_t l = 0; l < message_languages(); l++) {
        const char *language = message_language_at(&a, l);
        struct letter const is = write(&a, "membership.ending", language, theirs);

        CHECK(strstr(is.text, "Rhein Mobile") && strstr(is.text, "the settings of your line"));
    }
    struct letter const is = write(&a, "membership.ending", "en", theirs);
    CHECK(strstr(is.text, "start again with Rhein Mobile") && !strstr(is.text, "undo"));
}

/* Credit is there at once. */
static void banks_take_their_time(void **state)
{
    static const char *const topics[] = {"billing.refund_decided", "billing.refunded"};
    CLEANUP(arena_clear) struct arena a = {.limit = SIZE_MAX / 2};

    (void)state;
    for (size_t i = 0; i < COUNT(topics); i++) {
        struct letter const back = write(
            &a, topics[i], "en", "{\"amount_minor\":1299,\"currency\":\"EUR\",\"to\":\"method\"}");
        struct letter const credit = write(
            &a, topics[i], "en", "{\"amount_minor\":1299,\"currency\":\"EUR\",\"to\":\"credit\"}");

        CHECK(strstr(back.text, "With a bank") && strstr(back.text, "payment method that paid."));
        CHECK(!strstr(credit.text, "bank") && strstr(credit.text, "credit in your account."));
    }
}

/* SPEC C-17, Y-11: the site is all that a message names, and nothing leads to card entry. */
static void one_link_only(void **state)
{
    static const char site[] = "https://www.example.com";
    CLEANUP(arena_clear) struct arena a = {.limit = SIZE_MAX / 2};

    (void)state;
    for (size_t l = 0; l < message_languages(); l++)
        for (size_t i = 0; i < n_message_kinds; i++) {
            struct letter const w =
                write(&a, message_kinds[i].topic, message_language_at(&a, l), facts);
            const char *first = strstr(w.text, "://");

            CHECK(first && strncmp(first - 5, site, sizeof site - 1) == 0);
            CHECK(!strstr(first + 3, "://") && !strstr(w.subject, "://") &&
                  !strstr(w.brief, "://"));
            const char *href = strstr(w.html, "href=\"");
            CHECK(href && strncmp(href + 6, site, sizeof site - 1) == 0 &&
                  href[6 + sizeof site - 1] == '"' && !strstr(href + 6, "href"));
            CHECK(strstr(w.text, "7KQ2-M8ZD-4XWB") && strstr(w.html, "7KQ2-M8ZD-4XWB") &&
                  strstr(w.brief, "7KQ2-M8ZD-4XWB"));
        }
}

/* B-12: whoever is told of money is told of the next charge. */
static void says_what_is_next(void **state)
{
    CLEANUP(arena_clear) struct arena a = {0};
    struct letter const l = write(&a, "billing.renewed", "en-US", facts);

    (void)state;
    CHECK(strstr(l.text, "We have charged €12.99 for the new month. €2.50 came from your credit."));
    CHECK(strstr(l.text, "Your next charge of €12.99 is planned for March 31, 2024."));
    CHECK(strstr(write(&a, "membership.recovered", "en", "{}").text, "No further charge"));
    CHECK(strstr(write(&a, "membership.started", "en",
                       "{\"next_on\":\"2024-04-01\",\"next_by\":\"Example Mobile\"}")
                     .text,
                 "Example Mobile bills you next on April 1, 2024."));
}

static void right_to_left(void **state)
{
    CLEANUP(arena_clear) struct arena a = {0};
    struct letter const l = write(&a, "membership.started", "ar-EG", facts);

    (void)state;
    CHECK(l.rtl && strcmp(l.language, "ar") == 0);
    CHECK(strstr(l.html, "<html lang=\"ar\" dir=\"rtl\">") != NULL);
    CHECK(strstr(l.text, "\u2068https://www.example.com\u2069") != NULL);
    CHECK(!write(&a, "membership.started", "de-AT", facts).rtl);
    CHECK(strcmp(write(&a, "membership.started", "sv", facts).language, "en") == 0);
}

/* What strangers put in - a name, a device - stays text: no lines, no tags, no links, no turns. */
static void facts_stay_facts(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"Anna",                         "Anna"                },
        {"a\r\nBcc: b@example.com",      "a Bcc: b@example.com"},
        {"x\u202Ey",                     "x y"                 },
        {"x\u2066y\u2069",               "x y"                 },
        {"\xff\xfe"
         "ok",                  "ok"                  },
        {"go to https://evil.example/x", ""                    },
        {"WWW.evil.example",             ""                    },
        {"a¶b",                         "a b"                 },
        {"\x1b[31m",                     "[31m"                },
        {"日本",                       "日本"              },
    };
    CLEANUP(arena_clear) struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *is = letter_clean(&a, cases[i].in);

        if (strcmp(is, cases[i].out) != 0) FAIL("%zu: '%s'", i, is);
    }
    char *bomb = arena_alloc(&a, 5001);
    memset(bomb, 'x', 5000);
    CHECK(strlen(letter_clean(&a, bomb)) == 200);
    struct letter const l = write(&a, "membership.restart_begun", "en",
                                  "{\"device\":\"<script>alert(1)</script>\\r\\n{0}'\"}");
    CHECK(strstr(l.html, "&lt;script&gt;") && !strstr(l.html, "<script"));
    CHECK(strstr(l.text, "<script>alert(1)</script> {0}'") && !strchr(l.text, '\r'));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("D-02 X-06 what a partner has ended leads to the partner", partners_end_for_good),
        CASE("I-04 only what goes to a bank takes some days", banks_take_their_time),
        CASE("Y-05 Y-07 F-03 G-05 the words of every message are those of the golden files",
             as_it_was),
        CASE("every message can be written without its facts", facts_may_be_missing),
        CASE("C-17 Y-11 no message leads anywhere but to the site, and every one bears its "
             "reference",
             one_link_only),
        CASE("B-12 messages about billing say the next date and amount", says_what_is_next),
        CASE("Y-15 the language of the person, from right to left where it is written so",
             right_to_left),
        CASE("Y-11 what strangers put into a message stays harmless text", facts_stay_facts),
    };
    return RUN_CASES("letter", cases);
}
