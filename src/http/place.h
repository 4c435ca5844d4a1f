/* place: where a reader of the outbox stands. Ids ascend in the order of commits only within
 * one writer, so a place is an id for each writer: nothing committed later can hide below it.
 * As a text it is what a stream's Last-Event-ID says. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum {
    PLACE_WRITERS = 1024,
    PLACE_TOLD = 16, /* writers that the text names: those that wrote last */
    PLACE_TEXT = (PLACE_TOLD + 1) * 17 + 1,
};

struct place {
    int64_t at[PLACE_WRITERS];     /* the newest id that was read of each writer; 0: none */
    uint64_t moved[PLACE_WRITERS]; /* when that was: the count of moves */
    uint64_t moves;
};

int64_t place_writer_of(int64_t id);
/* Whether an id lies behind the place: it was not read yet. */
bool place_is_new(const struct place *p, int64_t id);
void place_move(struct place *p, int64_t writer, int64_t id);
/* Nothing that a transaction of up to an hour commits later has an id this small. */
int64_t place_floor(int64_t id);

/* Whether one names an id of a writer that the other has not come to, or has nothing but what lies
 * ahead of all that the other has read: it was told of another database, or of one that was lost.
 */
bool place_is_ahead(const struct place *p, int64_t floor, const struct place *of);

/* An id below which everything counts as read, then those of the writers that wrote last. Where
 * more than PLACE_TOLD wrote within the hour, the hour of the others may be read twice: never less.
 */
void place_write(const struct place *p, char text[static PLACE_TEXT]);
/* False when it is none. Nothing new is at or below *floor. */
bool place_read(const char *text, struct place *out, int64_t *floor);
