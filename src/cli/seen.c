/* seen: a hash table in a temporary file that has no name. It is read and written a slot or a few
 * at a time and lives in the page cache of the system. SPDX-License-Identifier: Apache-2.0 */
#include "cli/seen.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

const struct fault FILE_TEMPORARY = {E_INTERNAL, "file.temporary",
                                     "A temporary file cannot be written; free some room in /tmp."};

enum { SLOTS_FIRST = 1 << 15, GROWTH = 4, RUN = 16, COPY = 4096 };

struct slot {
    uint64_t hash[2];
    int64_t number; /* 0: free, as the holes of a file are */
};

static enum status broken(struct error *e)
{
    return failf(e, &FILE_TEMPORARY, "%s", strerror(errno));
}

static enum status make(struct seen *s, int64_t slots, struct error *e)
{
    *s = (struct seen){.file = tmpfile(), .slots = slots};
    if (!s->file || ftruncate(fileno(s->file), slots * (int64_t)sizeof(struct slot)) != 0)
        return broken(e);
    return OK;
}

void seen_end(struct seen *s)
{
    if (s->file) fclose(s->file);
    *s = (struct seen){0};
}

/* Reads at most n slots from a place on, fewer at the end of the table; below 0 when it failed. */
static int64_t slots_read(const struct seen *s, int64_t from, struct slot *to, int64_t n)
{
    if (n > s->slots - from) n = s->slots - from;
    size_t const size = (size_t)n * sizeof *to;

    return pread(fileno(s->file), to, size, from * (int64_t)sizeof *to) == (ssize_t)size ? n : -1;
}

static enum status put(struct seen *s, const struct slot *new, int64_t *before, struct error *e)
{
    int64_t at = (int64_t)(new->hash[0] % (uint64_t)s->slots);
    struct slot run[RUN];

    for (;;) {
        int64_t const n = slots_read(s, at, run, RUN);

        if (n < 0) return broken(e);
        for (int64_t i = 0; i < n; i++) {
            *before = run[i].number;
            if (run[i].number && memcmp(run[i].hash, new->hash, sizeof new->hash) == 0) return OK;
            if (run[i].number) continue;
            s->used++;
            int64_t const place = (at + i) * (int64_t)sizeof *new;
            return pwrite(fileno(s->file), new, sizeof *new, place) == sizeof *new ? OK : broken(e);
        }
        at = at + n == s->slots ? 0 : at + n;
    }
}

static enum status grow(struct seen *s, struct error *e)
{
    CLEANUP(seen_end) struct seen larger = {0};
    struct slot some[COPY];
    int64_t before;

    TRY(make(&larger, s->slots * GROWTH, e));
    for (int64_t at = 0, n; at < s->slots; at += n) {
        if ((n = slots_read(s, at, some, COPY)) < 0) return broken(e);
        for (int64_t i = 0; i < n; i++)
            if (some[i].number) TRY(put(&larger, &some[i], &before, e));
    }
    struct seen const old = *s;
    *s = larger;
    larger = old;
    return OK;
}

enum status seen_put(struct seen *s, const char *text, int64_t number, int64_t *before,
                     struct error *e)
{
    struct slot new = {.number = number};

    if (!s->file) TRY(make(s, SLOTS_FIRST, e));
    if (s->used * 2 >= s->slots) TRY(grow(s, e));
    crypto_generichash((unsigned char *)new.hash, sizeof new.hash, (const unsigned char *)text,
                       strlen(text), NULL, 0);
    return put(s, &new, before, e);
}
