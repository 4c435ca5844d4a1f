/* example: what the members of the example population are made of.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* Names are a tree and a landscape in the language of the place, and belong to nobody. */
enum { WORDS = 12 };
struct example_words {
    const char *first[WORDS], *second[WORDS];
};
enum example_language {
    ENGLISH,
    GERMAN,
    FRENCH,
    SPANISH,
    PORTUGUESE,
    ITALIAN,
    DUTCH,
    SWEDISH,
    POLISH,
    TURKISH,
    INDONESIAN,
    GREEK,
    CYRILLIC,
    HEBREW,
    HINDI,
    JAPANESE,
    KOREAN,
    CHINESE,
    THAI,
    LANGUAGES
};
extern const struct example_words example_words[LANGUAGES];

/* A country of examples/catalog.yaml. */
struct example_place {
    const char *country;
    int weight; /* of 1,000 members, about */
    enum example_language language;
    const char *locale;
    const char *regions; /* one word each; "" where no tax asks for one */
    const char *methods; /* what is accepted there beside Visa and Mastercard, one word each */
};
extern const struct example_place example_places[];
extern const size_t example_places_n;
