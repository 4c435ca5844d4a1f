/* base: the vocabulary every other file speaks - status, fault, scope cleanup, arena, text.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define MUST_CHECK   __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a), nonnull(f)))
#define UNUSED       __attribute__((unused))

/* The spelling of an enum: `at[value]` is its name in JSON, in SQL and in logs. */
struct names {
    size_t n;
    const char *const *at;
};
/* clang-format off */
#define NAMES(...)                                                                                 \
    {sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                                  \
     (const char *const[]){__VA_ARGS__}}
/* clang-format on */
int64_t name_find(const struct names *names, const char *s); /* -1 when unknown */

/* What went wrong, as a class. The class alone decides the HTTP status, the exit status and
 * whether to retry. */
enum status {
    OK = 0,
    E_INVALID,   /* 400  the caller must change the request */
    E_DENIED,    /* 403  the caller may not do this */
    E_NOT_FOUND, /* 404 */
    E_CONFLICT,  /* 409  the current state forbids it */
    E_LIMIT,     /* 429  a limit was hit; later may work */
    E_BUSY,      /* 503  lost a race with another transaction; nothing was done; rerun now */
    E_UNKNOWN,   /* 504  the outcome is not known (a lost COMMIT or gateway reply); look it up */
    E_UPSTREAM,  /* 502  a gateway, mail or telephony provider failed */
    E_INTERNAL,  /* 500  our bug or our disk */
};

/* A fault is a constant that names one way to fail. Domains define them; docs list them. */
struct fault {
    enum status status;
    const char *code; /* stable, machine-readable: "membership.already_ended" */
    const char *text; /* one English sentence for people: what is wrong and the way out */
};

/* An error is one occurrence of a fault. It lives in the caller's frame and owns no memory. */
struct error {
    const struct fault *fault;
    const char *field; /* name of the offending input, or NULL; static or in an arena */
    char detail[240];  /* for the log and the operator, never shown to members */
};

/* Sets *e and returns the fault's class, so that callers write `return fail(…)`. */
enum status fail(struct error *e, const struct fault *f, const char *field);
enum status failf(struct error *e, const struct fault *f, const char *fmt, ...) PRINTF(3, 4);

/* Returns from the enclosing function unless the call succeeded. Safe because everything that
 * needs undoing is declared with CLEANUP. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_ = (call);                                                                 \
        if (try_ != OK) return try_;                                                               \
    } while (0)

/* An arena is a bag of zeroed memory with one lifetime: one request, one job, one simulation
 * step. Nothing inside is freed alone. Running out of memory ends the process. */
struct arena {
    struct arena_chunk *chunk; /* newest first */
    struct arena_end *ends;
    size_t used, limit; /* bytes; limit 0 means ARENA_LIMIT */
};

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_strdup(struct arena *a, const char *s);
char *arena_memdup(struct arena *a, const void *bytes, size_t n); /* adds a final NUL */
void arena_reset(struct arena *a); /* empty, but keeps its memory for the next job */
void arena_clear(struct arena *a); /* empty, and gives the memory back; a CLEANUP function */
/* For what is held elsewhere as long as the arena's things live: end(arg) when it is emptied. */
void arena_at_end(struct arena *a, void (*end)(void *arg), void *arg);
#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* The memory functions of everything that lives longer than a job. They end the process when
 * there is none. */
void *memory_new(size_t size); /* zeroed */
void *memory_grow(void *old, size_t size);
void memory_free(void *p);

/* Parses a whole decimal integer; false on empty, trailing bytes or overflow. */
bool int_parse(const char *s, int64_t *out);
/* Sound UTF-8 without a NUL: no overlong form, no surrogate. */
bool text_is_utf8(const char *text, size_t n);
const char *text_or_empty(const char *text);          /* NULL is an empty text */
bool text_equal_nocase(const char *a, const char *b); /* ASCII letters only */
