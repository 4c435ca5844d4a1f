/* base: statuses, arenas and the smallest text functions. SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status fail(struct error *e, const struct fault *f, const char *field)
{
    *e = (struct error){.fault = f, .field = field};
    return f->status;
}

enum status failf(struct error *e, const struct fault *f, const char *fmt, ...)
{
    va_list ap;

    *e = (struct error){.fault = f};
    va_start(ap, fmt);
    vsnprintf(e->detail, sizeof e->detail, fmt, ap);
    va_end(ap);
    return f->status;
}

int64_t name_find(const struct names *names, const char *s)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->at[i], s) == 0) return (int64_t)i;
    return -1;
}

void *memory_new(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p) abort();
    return p;
}

void *memory_grow(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);

    if (!p) abort();
    return p;
}

void memory_free(void *p)
{
    free(p);
}

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

enum { CHUNK_SIZE = 32 * 1024, ARENA_LIMIT = 512 * 1024 * 1024 };

static struct arena_chunk *chunk_add(struct arena *a, size_t size)
{
    size_t const room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct arena_chunk *c = malloc(sizeof *c + room);

    if (!c) abort();
    *c = (struct arena_chunk){.next = a->chunk, .size = room};
    a->chunk = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t const limit = a->limit ? a->limit : ARENA_LIMIT;
    struct arena_chunk *c = a->chunk;

    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    assert(size <= limit - a->used); /* Inputs and pages are bounded, so this is our bug. */
    if (!c || c->size - c->used < size) c = chunk_add(a, size);
    void *p = c->bytes + c->used;
    c->used += size;
    a->used += size;
    return memset(p, 0, size);
}

char *arena_memdup(struct arena *a, const void *bytes, size_t n)
{
    char *p = arena_alloc(a, n + 1);

    if (n) memcpy(p, bytes, n);
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_memdup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256]; /* most texts need formatting once */
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    int const n = vsnprintf(small, sizeof small, fmt, ap);
    assert(n >= 0);
    char *s = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(s, small, (size_t)n);
    else
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return s;
}

struct arena_end {
    struct arena_end *next;
    void (*end)(void *arg);
    void *arg;
};

void arena_at_end(struct arena *a, void (*end)(void *arg), void *arg)
{
    struct arena_end *one = arena_new(a, struct arena_end);

    *one = (struct arena_end){a->ends, end, arg};
    a->ends = one;
}

static void run_ends(struct arena *a)
{
    for (const struct arena_end *one = a->ends; one; one = one->next) one->end(one->arg);
    a->ends = NULL;
}

/* Many small chunks become one that holds them all, so that a steady job allocates nothing. */
void arena_reset(struct arena *a)
{
    size_t const used = a->used;

    run_ends(a);
    if (a->chunk && a->chunk->next) {
        arena_clear(a);
        chunk_add(a, used + used / 4);
    }
    if (a->chunk) a->chunk->used = 0;
    a->used = 0;
}

void arena_clear(struct arena *a)
{
    run_ends(a);
    for (struct arena_chunk *c = a->chunk, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->chunk = NULL;
    a->used = 0;
}

/* How many bytes follow a first one, and the least code point that needs so many; -1: none may. */
static int utf8_rest(unsigned char first, uint32_t *bits, uint32_t *least)
{
    static const uint32_t at_least[] = {0, 0x80, 0x800, 0x10000};
    int const rest = first < 0x80                    ? 0
                     : first >= 0xc2 && first < 0xe0 ? 1
                     : first >= 0xe0 && first < 0xf0 ? 2
                     : first >= 0xf0 && first < 0xf5 ? 3
                                                     : -1;

    if (rest < 0) return -1;
    *bits = rest ? first & (0x3fU >> rest) : first;
    *least = at_least[rest];
    return rest;
}

bool text_is_utf8(const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t point = 0, least = 0;

        if (text[i] > 0) { /* ASCII */
            i++;
            continue;
        }
        int rest = utf8_rest((unsigned char)text[i++], &point, &least);

        if (rest < 0) return false;
        for (; rest > 0; rest--, i++) {
            if (i == n || ((unsigned char)text[i] & 0xc0) != 0x80) return false;
            point = point << 6 | ((unsigned char)text[i] & 0x3f);
        }
        if (point == 0 || point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

bool int_parse(const char *s, int64_t *out)
{
    char *end;

    if (*s != '-' && (*s < '0' || *s > '9')) return false;
    errno = 0;
    long long const v = strtoll(s, &end, 10);
    if (errno || *end || end == s) return false;
    *out = v;
    return true;
}

const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool text_equal_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) a++, b++;
    return lower(*a) == lower(*b);
}
