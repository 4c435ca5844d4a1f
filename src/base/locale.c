/* locale: ICU's formatters. SPDX-License-Identifier: Apache-2.0 */
#include "base/locale.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ubidi.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/formatter.h"
#include "base/money.h"
#include "base/zone.h"

/* Who has told us no language reads English: ICU's root locale writes 2024 M03 1. */
/* ICU falls over some of what is none: "owner:7". */
static const char *spoken(const char *locale)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t const language = strspn(locale, letters);
    bool const ends = !locale[language] || strchr("-_@", locale[language]);

    return (language == 2 || language == 3) && ends ? locale : "en";
}

enum { TEXT_MAX = 200, DAY_SECONDS = 86400 };
enum { A_DATE, AN_AMOUNT, A_RATE }; /* what is written of a number */

static char *utf8(struct arena *a, const UChar *text, int32_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    int32_t length = 0;
    char buffer[TEXT_MAX * 4];

    u_strToUTF8(buffer, sizeof buffer, &length, text, n, &e);
    assert(U_SUCCESS(e));
    return arena_memdup(a, buffer, (size_t)length);
}

/* What a number is opened for. */
struct number_of {
    UNumberFormatStyle style;
    const char *locale, *currency;
};

static void *open_number(const void *arg)
{
    const struct number_of *of = arg;
    const struct currency *c = currency_find(of->currency);
    UErrorCode e = U_ZERO_ERROR;
    UNumberFormat *f = unum_open(of->style, NULL, 0, of->locale, NULL, &e);
    UChar code[4];

    assert(U_SUCCESS(e)); /* an unknown locale is the root's */
    if (of->style == UNUM_PERCENT) {
        unum_setAttribute(f, UNUM_MAX_FRACTION_DIGITS, 4);
        return f;
    }
    u_charsToUChars(of->currency, code, 4);
    unum_setTextAttribute(f, UNUM_CURRENCY_CODE, code, 3, &e);
    assert(U_SUCCESS(e));
    unum_setAttribute(f, UNUM_FRACTION_DIGITS, c ? c->exponent : 2);
    return f;
}

static void close_number(void *f)
{
    unum_close(f);
}

/* ICU reads a decimal number as text, so that no digit is ever lost. */
static char *number(struct arena *a, const struct number_of *of, const char *decimal)
{
    static const struct formatter_kind numbers = {open_number, close_number};
    UErrorCode e = U_ZERO_ERROR;
    UChar text[TEXT_MAX];
    const char *name = arena_printf(a, "number %d %s %s", of->style, of->currency, of->locale);
    UNumberFormat *f = formatter_of(name, &numbers, of);
    int32_t const n = unum_formatDecimal(f, decimal, -1, text, TEXT_MAX, NULL, &e);

    assert(U_SUCCESS(e) && n < TEXT_MAX);
    return utf8(a, text, n);
}

/* As it was made before, or as `make` makes it. */
static char *made(struct arena *a, const struct made_of *of,
                  char *(*make)(struct arena *a, const struct made_of *of))
{
    const char *before = made_before(of);

    if (before) return arena_strdup(a, before);
    char *text = make(a, of);
    made_keep(of, text);
    return text;
}

static char *make_amount(struct arena *a, const struct made_of *m)
{
    struct number_of const of = {UNUM_CURRENCY, m->locale, m->unit};
    char text[MONEY_TEXT];

    money_text(m->number, m->unit, text);
    *strchr(text, ' ') = 0;
    return number(a, &of, text);
}

char *locale_money(struct arena *a, const char *locale, int64_t amount_minor, const char *currency)
{
    struct made_of const of = {AN_AMOUNT, spoken(locale), currency, amount_minor};

    return made(a, &of, make_amount);
}

static char *make_rate(struct arena *a, const struct made_of *m)
{
    struct number_of const of = {UNUM_PERCENT, m->locale, ""};
    int64_t const rate_ppm = m->number;
    char text[MONEY_TEXT];

    snprintf(text, sizeof text, "%s%lld.%06lld", rate_ppm < 0 ? "-" : "",
             (long long)(rate_ppm < 0 ? -rate_ppm : rate_ppm) / PPM,
             (long long)(rate_ppm < 0 ? -rate_ppm : rate_ppm) % PPM);
    return number(a, &of, text);
}

char *locale_rate(struct arena *a, const char *locale, int64_t rate_ppm)
{
    struct made_of const of = {A_RATE, spoken(locale), "", rate_ppm};

    return made(a, &of, make_rate);
}

static void *open_dates(const char *locale, UDateFormatStyle time)
{
    static const UChar utc[] = u"UTC";
    UErrorCode e = U_ZERO_ERROR;
    UDateFormat *f = udat_open(time, UDAT_LONG, locale, utc, -1, NULL, 0, &e);

    assert(U_SUCCESS(e));
    return f;
}

static void *open_date(const void *arg)
{
    return open_dates(arg, UDAT_NONE);
}

static void *open_time(const void *arg)
{
    return open_dates(arg, UDAT_SHORT);
}

static void close_date(void *f)
{
    udat_close(f);
}

static char *format_date(struct arena *a, const UDateFormat *f, int64_t ms)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar text[TEXT_MAX];
    int32_t const n = udat_format(f, (double)ms, text, TEXT_MAX, NULL, &e);

    assert(U_SUCCESS(e));
    return utf8(a, text, n);
}

static char *make_date(struct arena *a, const struct made_of *of)
{
    static const struct formatter_kind dates = {open_date, close_date};
    const UDateFormat *f = formatter_of(arena_printf(a, "date %s", of->locale), &dates, of->locale);

    return format_date(a, f, of->number * DAY_SECONDS * 1000);
}

char *locale_date(struct arena *a, const char *locale, int64_t day)
{
    struct made_of const of = {A_DATE, spoken(locale), "", day};

    return made(a, &of, make_date);
}

/* ICU's rules of zones are old: it writes our own local time as if it were UTC. */
char *locale_instant(struct arena *a, const char *locale, const struct zone *z, int64_t at_ms)
{
    static const struct formatter_kind times = {open_time, close_date};
    const UDateFormat *f =
        formatter_of(arena_printf(a, "time %s", spoken(locale)), &times, spoken(locale));

    return arena_printf(a, "%s (%s)",
                        format_date(a, f, at_ms + zone_offset_seconds(z, at_ms) * 1000),
                        zone_name(z));
}

static void *open_plural(const void *arg)
{
    UErrorCode e = U_ZERO_ERROR;
    UPluralRules *rules = uplrules_open(arg, &e);

    assert(U_SUCCESS(e));
    return rules;
}

static void close_plural(void *rules)
{
    uplrules_close(rules);
}

const char *locale_plural(struct arena *a, const char *locale, int64_t n)
{
    static const struct formatter_kind plurals = {open_plural, close_plural};
    UErrorCode e = U_ZERO_ERROR;
    UChar word[TEXT_MAX];
    const UPluralRules *rules =
        formatter_of(arena_printf(a, "plural %s", spoken(locale)), &plurals, spoken(locale));
    int32_t const length = uplrules_select(rules, (double)n, word, TEXT_MAX, &e);

    assert(U_SUCCESS(e));
    return utf8(a, word, length);
}

bool locale_is_rtl(const char *locale)
{
    return uloc_isRightToLeft(locale);
}

enum direction text_direction(const char *text)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar start[TEXT_MAX];
    size_t const bytes = strlen(text);
    int32_t n = 0;

    u_strFromUTF8WithSub(start, TEXT_MAX, &n, text,
                         (int32_t)(bytes < TEXT_MAX ? bytes : TEXT_MAX - 1), 0xfffd, NULL, &e);
    if (U_FAILURE(e)) return DIRECTION_NONE;
    UBiDiDirection const d = ubidi_getBaseDirection(start, n);
    return d == UBIDI_LTR ? DIRECTION_LTR : d == UBIDI_RTL ? DIRECTION_RTL : DIRECTION_NONE;
}

enum { NAME_UNITS = 512 };

/* Folded, with one space between words; false: too long, or no UTF-8. */
static bool fold(const char *name, UChar to[static NAME_UNITS], int32_t *n)
{
    UChar text[NAME_UNITS];
    UErrorCode e = U_ZERO_ERROR;
    int32_t length = 0, folded;

    u_strFromUTF8(text, NAME_UNITS, &length, name, -1, &e);
    folded = u_strFoldCase(to, NAME_UNITS, text, length, U_FOLD_CASE_DEFAULT, &e);
    if (U_FAILURE(e)) return false;
    *n = 0;
    for (int32_t i = 0; i < folded; i++) {
        bool const space = u_isUWhiteSpace(to[i]);

        if (space && (*n == 0 || to[*n - 1] == ' ')) continue;
        to[(*n)++] = space ? ' ' : to[i];
    }
    while (*n && to[*n - 1] == ' ') --*n;
    return true;
}

bool names_alike(const char *a, const char *b)
{
    UChar x[NAME_UNITS], y[NAME_UNITS];
    int32_t n = 0, m = 0;

    return fold(a, x, &n) && fold(b, y, &m) && n == m && n > 0 && u_memcmp(x, y, n) == 0;
}
