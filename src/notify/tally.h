/* tally: why things did not go out, counted by the way they were to take.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { TALLY_WHY = 80, TALLY_MAX = 24 };

struct tally_row {
    const char *way; /* a constant: a channel, or "webhook" */
    char why[TALLY_WHY];
    int64_t n, again; /* how often, and how often it is tried again */
};
struct tally {
    size_t n;
    struct tally_row at[TALLY_MAX];
};

/* What there is no row left for is counted in the last, as "other reasons". */
void tally_add(struct tally *t, const char *way, const char *why, bool again);
