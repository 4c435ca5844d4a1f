/* message_test: every language says everything, with the same places.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"

#include <string.h>

#include "base/locale.h"
#include "base/test.h"
#include "base/zone.h"

/* The places of a pattern as a bit set: {0} is 1, {1} is 2, … */
static unsigned places(const char *pattern)
{
    unsigned set = 0;

    for (const char *p = pattern; (p = strchr(p, '{')); p++)
        if (p[1] >= '0' && p[1] < '0' + MESSAGE_ARGS_MAX) set |= 1U << (p[1] - '0');
    return set;
}

static const char *pattern_of(struct arena *a, const char *language, const char *key)
{
    const char *k, *pattern;

    for (size_t i = 0; message_at(language, i, a, &k, &pattern); i++)
        if (strcmp(k, key) == 0) return pattern;
    return NULL;
}

static size_t keys_of(struct arena *a, const char *language)
{
    const char *key, *pattern;
    size_t n = 0;

    while (message_at(language, n, a, &key, &pattern)) n++;
    return n;
}

static void every_language_is_whole(void **unused UNUSED)
{
    CLEANUP(arena_clear) struct arena a = {0};
    const char *key, *pattern;

    CHECK(message_languages() == 6);
    for (size_t l = 0; l < message_languages(); l++) {
        const char *language = message_language_at(&a, l);

        if (keys_of(&a, language) != keys_of(&a, "en")) FAIL("%s lacks or repeats keys", language);
        for (size_t i = 0; message_at("en", i, &a, &key, &pattern); i++) {
            const char *there = pattern_of(&a, language, key);

            if (!there) FAIL("%s lacks %s", language, key);
            if (places(there) != places(pattern)) FAIL("%s: %s has other places", language, key);
            CHECK(*MESSAGE(&a, language, key, "a", "b", "c", "d", "e", "f", "g", "h"));
        }
    }
}

static void texts_are_found_by_locale(void **unused UNUSED)
{
    CLEANUP(arena_clear) struct arena a = {0};

    CHECK(strcmp(MESSAGE(&a, "de-AT", "receipt.page", "1", "2"), "Seite 1 von 2") == 0);
    CHECK(strcmp(MESSAGE(&a, "xx", "receipt.page", "1", "2"), "Page 1 of 2") == 0);
    CHECK(strcmp(MESSAGE(&a, "en", "receipt.line.plan", "{0} 'O''Neill'"), "{0} 'O''Neill'") == 0);
    CHECK(strcmp(message_language(&a, "pt-BR"), "en") == 0);
    CHECK(strcmp(message_language(&a, "ja_JP"), "ja") == 0);
    CHECK(message_exists("receipt.total") && !message_exists("receipt.nothing"));
}

static void amounts_and_dates(void **unused UNUSED)
{
    CLEANUP(arena_clear) struct arena a = {0};
    static const struct {
        const char *locale;
        int64_t minor;
        const char *currency, *text;
    } money[] = {
        {"en-US", 1299,             "USD", "$12.99"                },
        {"de-DE", 1299,             "EUR", "12,99\u00a0€"        },
        {"ja-JP", 1500,             "JPY", "￥1,500"              },
        {"en",    -250,             "BHD", "-BHD\u00a00.250"       },
        {"en-US", 9007199254740993, "USD", "$90,071,992,547,409.93"},
    };
    const struct zone *berlin;
    struct error e;

    for (size_t i = 0; i < COUNT(money); i++) {
        const char *text = locale_money(&a, money[i].locale, money[i].minor, money[i].currency);

        if (strcmp(text, money[i].text) != 0) FAIL("%s, not %s", text, money[i].text);
    }
    CHECK(strcmp(locale_date(&a, "de", 20483), "30. Januar 2026") == 0);
    CHECK(strcmp(locale_date(&a, "en-US", 0), "January 1, 1970") == 0);
    CHECK(zone_find("Europe/Berlin", &berlin, &e) == OK);
    CHECK(strstr(locale_instant(&a, "owner:3589633002700800002", berlin, 0), "1970"));
    CHECK(strcmp(locale_instant(&a, "de", berlin, INT64_C(1704928800000)),
                 "11. Januar 2024 um 00:20 (Europe/Berlin)") == 0);
    CHECK(strcmp(locale_rate(&a, "de", 190000), "19\u00a0%") == 0);
    CHECK(strcmp(locale_rate(&a, "en", 88750), "8.875%") == 0);
    CHECK(strcmp(locale_plural(&a, "en", 1), "one") == 0);
    CHECK(strcmp(locale_plural(&a, "ar", 3), "few") == 0);
    CHECK(locale_is_rtl("ar-EG") && !locale_is_rtl("fr"));
    CHECK(text_direction("1. Zoë") == DIRECTION_LTR && text_direction("عمر") == DIRECTION_RTL);
    CHECK(text_direction("") == DIRECTION_NONE && text_direction("12") == DIRECTION_NONE);
}

static void no_locale_is_english(void **unused UNUSED)
{
    CLEANUP(arena_clear) struct arena a = {0};

    CHECK(strcmp(locale_date(&a, "", 19783), "March 1, 2024") == 0);
    CHECK(strcmp(locale_money(&a, "", 1299, "EUR"), locale_money(&a, "en", 1299, "EUR")) == 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("every language has every text, with the same places", every_language_is_whole),
        CASE("texts are found by locale, and what is put in stays as it is",
             texts_are_found_by_locale),
        CASE("H-03 amounts, dates and rates as the locale writes them", amounts_and_dates),
        CASE("who has told no locale reads English", no_locale_is_english),
    };

    return RUN_CASES("message", cases);
}
