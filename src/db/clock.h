/* clock: whose time a database lives by. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

struct clock_state {
    bool is_test;
    int64_t now; /* test: everything due before is done; real: `machine_now` as given */
};

extern const struct fault CLOCK_FIXED, CLOCK_RANGE;

/* Whether a test clock that people ask for may start on that day (1970-01-01 is 0); else
 * CLOCK_RANGE. */
bool clock_test_fits(int64_t day);

/* Reads the clock of the database; without a row it is the machine's, `machine_now`. */
enum status clock_read(struct ctx *cx, int64_t machine_now, struct clock_state *out) MUST_CHECK;
/* Makes a database without data one whose clock only `run` moves. Faults: CLOCK_FIXED when it
 * already lives by another clock. */
enum status clock_make_test(struct ctx *cx, int64_t at) MUST_CHECK;
/* Moves a test clock forward, never back. */
enum status clock_advance(struct ctx *cx, int64_t to) MUST_CHECK;
