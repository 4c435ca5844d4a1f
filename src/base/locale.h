/* locale: amounts, dates and counts as people of a language and country write them, by ICU.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct zone;

/* "12,99 €", "￥1,500": the currency's own number of decimals. Never through floating point. */
char *locale_money(struct arena *a, const char *locale, int64_t amount_minor, const char *currency);
/* "31. Januar 2026" */
char *locale_date(struct arena *a, const char *locale, int64_t day);
/* "31. Januar 2026 um 14:05 (Europe/Berlin)" */
char *locale_instant(struct arena *a, const char *locale, const struct zone *z, int64_t at_ms);
/* "19 %", "8.875%" */
char *locale_rate(struct arena *a, const char *locale, int64_t rate_ppm);
/* The plural form that a count takes in the language: "one", "few", … "other". */
const char *locale_plural(struct arena *a, const char *locale, int64_t n);
/* Whether the language is written from right to left. */
bool locale_is_rtl(const char *locale);

/* Whether two names are the same but for the case of their letters and the spaces around words. */
bool names_alike(const char *a, const char *b);

/* How a text is written, by its first letter that says so; only its beginning is looked at. */
enum direction { DIRECTION_NONE, DIRECTION_LTR, DIRECTION_RTL };
enum direction text_direction(const char *text);
