/* proof: which tests prove which requirement. A test's printed name begins with the ids it proves:
 * "B-03 anchor 31 bills on the last day of short months". SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "source.h"

enum { REQUIREMENT_ID = 5 }; /* "B-03" and a NUL */

struct proof {
    char id[REQUIREMENT_ID];
    const char *name, *path; /* the whole name of the test, and its file */
    int64_t line;
};

/* Every pair of an id and a test of the tree: CASE("…") in unit tests, quoted names in scripts
 * below tests/. Sorted by id, then in the order of the files. */
struct proof *proofs_of(const struct tree *t, size_t *n);

/* Finds the next id in a text: what follows it, with the id copied, or NULL. */
const char *requirement_next(const char *text, char id[static REQUIREMENT_ID]);
/* Whether docs/requirements.txt of the tree has the id. */
bool requirement_known(const struct tree *t, const char *id);
