/* fsm: state machines as tables. The table is the documentation, the code and the diagram.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>

#include "base/base.h"

/* In state `from`, `event` leads to `to` and asks the caller for `effects` (a bit set). */
struct move {
    unsigned from, event, to;
    unsigned effects;
};

struct fsm {
    const char *name;
    const struct names *states, *events; /* state 0 is the start */
    const struct move *moves;
    size_t n_moves;
};

const struct move *fsm_move(const struct fsm *m, unsigned from, unsigned event); /* or NULL */
/* What is wrong with the table: a duplicate row, an unknown or an unreachable state; NULL when
 * sound. Every machine's unit test asks. */
const char *fsm_defect(const struct fsm *m);
void fsm_dot(const struct fsm *m, FILE *out); /* Graphviz */
