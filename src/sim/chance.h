/* chance: the simulator's only source of chance. The same seed and stream always give the same
 * numbers, on every machine. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* xoshiro256**, seeded through splitmix64. */
struct chance {
    uint64_t state[4];
};

/* Never two draws in one expression without a sequence point: compilers differ in their order.
 *
 * Streams of one seed do not depend on each other: more draws from one leave the others as they
 * are. */
void chance_seed(struct chance *c, uint64_t seed, uint64_t stream);
uint64_t chance_next(struct chance *c);
int64_t chance_upto(struct chance *c, int64_t n);               /* 0 to n - 1; n > 0 */
int64_t chance_between(struct chance *c, int64_t a, int64_t b); /* a to b, both included */
bool chance_one_in(struct chance *c, int64_t n);                /* false when n is 0 */

/* A running hash of everything that was seen, so that two runs can be compared. */
void trace_number(uint64_t *trace, int64_t number);
void trace_text(uint64_t *trace, const char *text);
