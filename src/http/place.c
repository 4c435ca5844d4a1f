/* place: compares, writes and reads places. SPDX-License-Identifier: Apache-2.0 */
#include "http/place.h"

#include <stdio.h>
#include <string.h>

/* An id is 42 bits of ms, 10 of writer, 11 of sequence (db.h). */
enum { WRITER_SHIFT = 11, MS_SHIFT = 21, HOUR_MS = 3600000 };

int64_t place_writer_of(int64_t id)
{
    return id >> WRITER_SHIFT & (PLACE_WRITERS - 1);
}

int64_t place_floor(int64_t id)
{
    int64_t const ms = (id >> MS_SHIFT) - HOUR_MS;

    return ms > 0 ? ms << MS_SHIFT : 0;
}

bool place_is_new(const struct place *p, int64_t id)
{
    return id > p->at[place_writer_of(id)];
}

void place_move(struct place *p, int64_t writer, int64_t id)
{
    if (p->at[writer] == id) return;
    p->at[writer] = id;
    p->moved[writer] = ++p->moves;
}

/* The writer that moved last before a move; -1: none. */
static int64_t moved_before(const struct place *p, uint64_t before)
{
    int64_t best = -1;

    for (int64_t w = 0; w < PLACE_WRITERS; w++)
        if (p->moved[w] && p->moved[w] < before && (best < 0 || p->moved[w] > p->moved[best]))
            best = w;
    return best;
}

static int64_t newest_of(const struct place *p)
{
    int64_t newest = 0;

    for (size_t w = 0; w < PLACE_WRITERS; w++)
        if (p->at[w] > newest) newest = p->at[w];
    return newest;
}

bool place_is_ahead(const struct place *p, int64_t floor, const struct place *of)
{
    for (size_t w = 0; w < PLACE_WRITERS; w++)
        if (p->moved[w] && p->at[w] > of->at[w]) return true;
    return floor > newest_of(of);
}

void place_write(const struct place *p, char text[static PLACE_TEXT])
{
    int64_t const floor = place_floor(newest_of(p));
    int used = snprintf(text, PLACE_TEXT, "%llx", (unsigned long long)floor);
    uint64_t before = UINT64_MAX;

    for (int64_t n = 0, w; n < PLACE_TOLD && (w = moved_before(p, before)) >= 0; n++) {
        before = p->moved[w];
        if (p->at[w] > floor)
            used += snprintf(text + used, (size_t)(PLACE_TEXT - used), "-%llx",
                             (unsigned long long)p->at[w]);
    }
}

/* 1 to 16 hexadecimal digits, below 2^63. */
static bool read_id(const char **at, int64_t *id)
{
    uint64_t v = 0;
    size_t n = strspn(*at, "0123456789abcdef");

    if (n == 0 || n > 16) return false;
    for (size_t i = 0; i < n; i++) {
        char const c = (*at)[i];
        v = v << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *at += n;
    *id = (int64_t)v;
    return v <= INT64_MAX;
}

bool place_read(const char *text, struct place *out, int64_t *floor)
{
    int64_t id;

    memset(out, 0, sizeof *out);
    if (!read_id(&text, floor)) return false;
    for (size_t w = 0; w < PLACE_WRITERS; w++) out->at[w] = *floor;
    for (int n = 0; *text == '-'; n++) {
        text++;
        if (n == PLACE_TOLD || !read_id(&text, &id) || id < *floor) return false;
        place_move(out, place_writer_of(id), id);
    }
    return !*text;
}
