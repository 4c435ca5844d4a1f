/* message: finds patterns in the embedded texts and has ICU fill them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"

#include <assert.h>
#include <string.h>
#include <unicode/umsg.h>
#include <unicode/ustring.h>

#include "base/embedded.h"
#include "base/formatter.h"

enum { UNITS_MAX = 4000 };

struct line {
    const char *key, *pattern;
    size_t key_bytes, pattern_bytes;
};

/* The next `key = pattern` line at or after *at; false at the end. Others are comments. */
static bool next_line(const char **at, struct line *l)
{
    while (**at) {
        const char *end = *at + strcspn(*at, "\n"), *equals = memchr(*at, '=', (size_t)(end - *at));
        const char *start = *at;

        *at = *end ? end + 1 : end;
        if (*start == '#' || !equals) continue;
        l->key = start;
        l->key_bytes = (size_t)(equals - start);
        while (l->key_bytes && start[l->key_bytes - 1] == ' ') l->key_bytes--;
        l->pattern = equals + 1 + strspn(equals + 1, " ");
        l->pattern_bytes = (size_t)(end - l->pattern);
        return true;
    }
    return false;
}

/* "de.txt" holds the texts of "de", "de-AT" and "de_AT". */
static bool is_file_of(const struct embedded *file, const char *locale)
{
    size_t const n = strcspn(locale, "-_");

    return strncmp(file->name, locale, n) == 0 && strcmp(file->name + n, ".txt") == 0;
}

static const struct embedded *file_of(const char *locale)
{
    for (size_t i = 0; i < n_embedded_texts; i++)
        if (is_file_of(&embedded_texts[i], locale)) return &embedded_texts[i];
    return NULL;
}

static bool find(const struct embedded *file, const char *key, struct line *l)
{
    const char *at = file ? file->text : "";

    while (next_line(&at, l))
        if (strlen(key) == l->key_bytes && strncmp(key, l->key, l->key_bytes) == 0) return true;
    return false;
}

char *message_language(struct arena *a, const char *locale)
{
    return file_of(locale) ? arena_memdup(a, locale, strcspn(locale, "-_")) : arena_strdup(a, "en");
}

bool message_exists(const char *key)
{
    struct line l;

    return find(file_of("en"), key, &l);
}

static UChar *units(struct arena *a, const char *text, size_t bytes)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar *out = arena_array(a, UChar, bytes + 1);

    u_strFromUTF8WithSub(out, (int32_t)bytes + 1, NULL, text, (int32_t)bytes, 0xfffd, NULL, &e);
    assert(U_SUCCESS(e));
    return out;
}

struct wanted {
    const char *locale, *key;
};

static void *open_message(const void *arg)
{
    CLEANUP(arena_clear) struct arena a = {0};
    const struct wanted *w = arg;
    UErrorCode e = U_ZERO_ERROR;
    struct line l;

    if (!find(file_of(w->locale), w->key, &l)) {
        bool const found = find(file_of("en"), w->key, &l);
        assert(found);
    }
    UMessageFormat *f = umsg_open(units(&a, l.pattern, l.pattern_bytes), -1, w->locale, NULL, &e);
    assert(U_SUCCESS(e)); /* the test of the texts opens every pattern */
    return f;
}

static void close_message(void *f)
{
    umsg_close(f);
}

static char *fill(struct arena *a, const UMessageFormat *f,
                  const UChar *const arg[static MESSAGE_ARGS_MAX])
{
    UErrorCode e = U_ZERO_ERROR;
    UChar out[UNITS_MAX];
    int32_t const n = umsg_format(f, out, UNITS_MAX, &e, arg[0], arg[1], arg[2], arg[3], arg[4],
                                  arg[5], arg[6], arg[7], arg[8], arg[9]);

    assert(U_SUCCESS(e) && n < UNITS_MAX);
    int32_t bytes = 0;
    char *text = arena_alloc(a, (size_t)n * 3 + 1);
    u_strToUTF8(text, n * 3 + 1, &bytes, out, n, &e);
    assert(U_SUCCESS(e));
    return text;
}

char *message_text(struct arena *a, const char *locale, const char *key, const char *const *args,
                   size_t n)
{
    static const struct formatter_kind messages = {open_message, close_message};
    static const UChar none[] = u"";
    struct wanted const wanted = {locale, key};
    const UChar *arg[MESSAGE_ARGS_MAX];

    assert(n <= MESSAGE_ARGS_MAX);
    for (size_t i = 0; i < MESSAGE_ARGS_MAX; i++)
        arg[i] = i < n ? units(a, args[i], strlen(args[i])) : none;
    const char *name = arena_printf(a, "message %s %s", key, locale);
    return fill(a, formatter_of(name, &messages, &wanted), arg);
}

char *message_of(struct arena *a, const char *locale, const char *group, const char *code)
{
    return message_text(a, locale, arena_printf(a, "%s.%s", group, code), NULL, 0);
}

size_t message_languages(void)
{
    return n_embedded_texts;
}

char *message_language_at(struct arena *a, size_t i)
{
    assert(i < n_embedded_texts);
    return arena_memdup(a, embedded_texts[i].name, strcspn(embedded_texts[i].name, "."));
}

bool message_at(const char *language, size_t i, struct arena *a, const char **key,
                const char **pattern)
{
    const struct embedded *file = file_of(language);
    const char *at = file ? file->text : "";
    struct line l;

    for (size_t n = 0; next_line(&at, &l); n++)
        if (n == i) {
            *key = arena_memdup(a, l.key, l.key_bytes);
            *pattern = arena_memdup(a, l.pattern, l.pattern_bytes);
            return true;
        }
    return false;
}
