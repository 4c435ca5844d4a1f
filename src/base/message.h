/* message: the words for people, apart from the facts. texts/LANGUAGE.txt holds `key = pattern`
 * lines; a pattern is an ICU message with {0}, {1} … and {0, select, …}.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { MESSAGE_ARGS_MAX = 10 };

/* The text of `key` in the locale's language, else in English, with `n` texts put in. A count goes
 * in twice: as it is written, and as locale_plural's word for a select. The key must exist: a test
 * asks that every language has every key with the same places. */
char *message_text(struct arena *a, const char *locale, const char *key, const char *const *args,
                   size_t n);
#define MESSAGE(a, locale, key, ...)                                                               \
    message_text((a), (locale), (key), (const char *const[]){__VA_ARGS__},                         \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* The text of GROUP.CODE, which has no places. */
char *message_of(struct arena *a, const char *locale, const char *group, const char *code);

bool message_exists(const char *key);

/* The language whose texts a locale gets: "de" for "de-AT", "en" for one that we do not have. */
char *message_language(struct arena *a, const char *locale);

/* For tests and tools: the languages, and the keys and patterns of one in the file's order; false
 * past the end. */
size_t message_languages(void);
char *message_language_at(struct arena *a, size_t i);
bool message_at(const char *language, size_t i, struct arena *a, const char **key,
                const char **pattern);
