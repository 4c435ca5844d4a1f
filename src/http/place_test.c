/* place_test: readers of the outbox pass nothing over. SPDX-License-Identifier: Apache-2.0 */
#include "http/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

enum { MS_SHIFT = 21, WRITER_SHIFT = 11, WRITERS = 30, EVENTS = 400 };

static int64_t id_of(int64_t ms, int64_t writer, int64_t n)
{
    return ms << MS_SHIFT | writer << WRITER_SHIFT | n;
}

static void texts(void **state)
{
    struct place p = {0}, back;
    char text[PLACE_TEXT], again[PLACE_TEXT];
    int64_t floor;

    (void)state;
    place_write(&p, text);
    CHECK(strcmp(text, "0") == 0 && place_read(text, &back, &floor) && floor == 0);
    for (int64_t w = 0; w < WRITERS; w++) place_move(&p, w, id_of(1700000000000 + w, w, 1));
    place_write(&p, text);
    CHECK(strlen(text) < PLACE_TEXT && place_read(text, &back, &floor));
    place_write(&back, again);
    for (int64_t w = 0; w < WRITERS; w++) CHECK(back.at[w] <= p.at[w]);
    for (int64_t w = WRITERS - PLACE_TOLD; w < WRITERS; w++) CHECK(back.at[w] == p.at[w]);
    CHECK(place_read(text, &back, &floor) && !place_is_ahead(&back, floor, &p));
    place_move(&back, 5, p.at[5] + 1);
    CHECK(place_is_ahead(&back, floor, &p));
    CHECK(place_read("7fffffffffffffff", &back, &floor) && place_is_ahead(&back, floor, &p));
    CHECK(place_read("0", &back, &floor) && !place_is_ahead(&back, floor, &p));
    static const char *const wrong[] = {
        "", "-", "x", "1-", "1--2", "g", "1 ", "5-4", "8000000000000000", "12345678901234567"};
    for (size_t i = 0; i < COUNT(wrong); i++) CHECK(!place_read(wrong[i], &back, &floor));
}

/* Transactions of many writers, of which each commits up to 59 minutes after it has chosen its id,
 * and a reader that stops anywhere and goes on from its text: all that was committed after it
 * stopped is new to it, and of what it has read nothing of a writer that the text names. */
static void passes_nothing_over(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 200; round++) {
        int64_t const writers = 1 + rand_r(&seed) % WRITERS;
        struct place p = {0}, back;
        int64_t newest[WRITERS] = {0}, ids[EVENTS], clock = 1700000000000, floor;
        size_t const stop = (size_t)rand_r(&seed) % EVENTS;
        char text[PLACE_TEXT];

        for (size_t i = 0; i < EVENTS; i++) { /* in the order of commits */
            int64_t const w = rand_r(&seed) % writers;
            int64_t id = id_of(clock - rand_r(&seed) % (59 * 60000), w, rand_r(&seed) % 2048);

            clock += rand_r(&seed) % 600000;
            if (id <= newest[w]) id = newest[w] + 1; /* as db_id does */
            newest[w] = ids[i] = id;
            if (i == stop) place_write(&p, text);
            if (i < stop) place_move(&p, w, id);
        }
        CHECK(place_read(text, &back, &floor));
        for (size_t i = stop; i < EVENTS; i++)
            if (!place_is_new(&back, ids[i])) FAIL("round %d: event %zu is lost", round, i);
        for (size_t i = 0; i < stop && writers <= PLACE_TOLD; i++)
            CHECK(!place_is_new(&back, ids[i]));
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("a place is a text, and back", texts),
        CASE("E-13 a reader that goes on from its place passes nothing over", passes_nothing_over),
    };
    return RUN_CASES("place", cases);
}
