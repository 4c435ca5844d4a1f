/* print: writes what a shape describes as JSON, straight into an arena.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "base/shape.h"

enum { FIRST_ROOM = 1024, INT_ROOM = 24 };

struct print {
    struct arena *arena;
    char *at;
    size_t n, room;
};

static char *reserve(struct print *p, size_t more)
{
    if (p->room - p->n < more) {
        size_t const room = 2 * (p->room + more);
        char *grown = arena_alloc(p->arena, room);

        memcpy(grown, p->at, p->n);
        p->at = grown;
        p->room = room;
    }
    return p->at + p->n;
}

static void put(struct print *p, const char *bytes, size_t n)
{
    memcpy(reserve(p, n), bytes, n);
    p->n += n;
}

static void put_byte(struct print *p, char c)
{
    *reserve(p, 1) = c;
    p->n++;
}

static void put_int(struct print *p, int64_t v)
{
    char digits[INT_ROOM], *at = digits + INT_ROOM;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0) *--at = '-';
    put(p, at, (size_t)(digits + INT_ROOM - at));
}

/* What stands after the backslash; 0: the byte stands for itself, 'u': as a number. */
static char escape_of(unsigned char c)
{
    static const char short_ones[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    if (c == '"' || c == '\\') return (char)c;
    if (c >= ' ') return 0;
    return c < sizeof short_ones && short_ones[c] ? short_ones[c] : 'u';
}

static inline bool is_plain(unsigned char c)
{
    return c >= ' ' && c != '"' && c != '\\';
}

static void put_escape(struct print *p, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char const e = escape_of(c);
    char const text[] = {'\\', e, '0', '0', digits[c >> 4], digits[c & 15]};

    put(p, text, e == 'u' ? sizeof text : 2);
}

static void put_text(struct print *p, const char *s, size_t n)
{
    size_t from = 0;

    put_byte(p, '"');
    for (size_t i = 0; i < n; i++) {
        if (is_plain((unsigned char)s[i])) continue;
        put(p, s + from, i - from);
        put_escape(p, (unsigned char)s[i]);
        from = i + 1;
    }
    put(p, s + from, n - from);
    put_byte(p, '"');
}

static void put_shape(struct print *p, const struct shape *sh, const char *from);

static void put_list(struct print *p, const struct field *f, const char *from)
{
    const char *at = *(const char *const *)(const void *)(from + f->offset);
    size_t const n = *(const size_t *)(const void *)(from + f->count_offset);

    put_byte(p, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) put_byte(p, ',');
        put_shape(p, f->items, at + i * f->items->size);
    }
    put_byte(p, ']');
}

static const char *text_of(const struct field *f, const char *from)
{
    const void *at = from + f->offset;

    if (f->type == F_TEXT) return *(const char *const *)at;
    int64_t const v = *(const int64_t *)at;

    assert(v >= 0 && v < (int64_t)f->names->n);
    return f->names->at[v];
}

static void put_name(struct print *p, const char *name)
{
    if (p->at[p->n - 1] != '{') put_byte(p, ',');
    size_t const n = strlen(name);
    char *to = reserve(p, n + 3); /* a name is a word of ours: nothing in it is escaped */

    *to++ = '"';
    memcpy(to, name, n);
    memcpy(to + n, "\":", 2);
    p->n += n + 3;
}

/* JSON is UTF-8: a text that is not, which only a bug can have brought here, is left out. */
static void put_text_field(struct print *p, const struct field *f, const char *from)
{
    const char *s = text_of(f, from);
    size_t const n = s ? strlen(s) : 0;

    if (!text_is_utf8(s ? s : "", n)) return;
    put_name(p, f->name);
    if (s)
        put_text(p, s, n);
    else
        put(p, "null", 4);
}

static void put_field(struct print *p, const struct field *f, const char *from)
{
    const void *at = from + f->offset;

    if (f->type == F_TEXT || f->type == F_ENUM) {
        put_text_field(p, f, from);
        return;
    }
    put_name(p, f->name);
    if (f->type == F_INT)
        put_int(p, *(const int64_t *)at);
    else if (f->type == F_LIST)
        put_list(p, f, from);
    else if (*(const bool *)at)
        put(p, "true", 4);
    else
        put(p, "false", 5);
}

static void put_shape(struct print *p, const struct shape *sh, const char *from)
{
    put_byte(p, '{');
    for (size_t i = 0; i < sh->n_fields; i++) put_field(p, &sh->fields[i], from);
    put_byte(p, '}');
}

char *shape_print(struct arena *a, const struct shape *sh, const void *from)
{
    struct print p = {.arena = a, .at = arena_alloc(a, FIRST_ROOM), .room = FIRST_ROOM};

    put_shape(&p, sh, from);
    put_byte(&p, 0);
    return p.at;
}
