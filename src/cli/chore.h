/* chore: what goes on beside requests - billing what is due, sending what was decided. Each runs on
 * a thread of its own with a connection of its own, inside `foyer serve` or apart, as `foyer work`.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>

#include "base/log.h"
#include "cli/cli.h"

struct ear;
struct world;

/* What one turn of a chore gets. Memory of the arena lasts for that turn. */
struct chore_turn {
    struct ctx *cx;
    const struct world *world;
    struct ear *ear; /* what this thread has heard of the payment provider */
    const char *db_url;
    const struct log *log;       /* NULL: none */
    bool test_clock;             /* only `foyer run` moves it: nothing becomes due by itself */
    const atomic_bool *stopping; /* what takes long looks at it, and ends early */
};

/* Does what there is to do until nothing is left, and returns; it is called again every_ms later.
 * What fails is logged and tried again. State is in the database: it may be killed anywhere. */
struct chore {
    const char *name;
    int64_t every_ms;
    enum status (*turn)(const struct chore_turn *t);
};
extern const struct chore chores[]; /* ends with a zero row */

/* The threads of all chores. `failed` is told of each failure; it may be NULL. */
struct crew;
struct crew *crew_start(const struct cli *cli, const struct log *log,
                        void (*failed)(void *arg, const struct fault *why), void *arg);
void crew_stop(struct crew *c); /* accepts NULL */
