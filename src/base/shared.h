/* shared: things that never change, made once by a process and read by all its threads.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* What is made of a text, in its own arena. */
struct shared {
    struct arena arena;
    int64_t version;
    const char *text; /* in the arena */
    const void *thing;
    struct shared *next;
    int64_t holders;
};

/* The thing that was made of this text in this version, NULL when there is none (any more). It
 * stays as long as `a` has what it has. */
const void *shared_find(struct arena *a, int64_t version, const char *text);
/* Takes `s`, which memory_new made, and shares its thing from now on; it is the caller's as if
 * found. Of those that nobody holds the last few are kept. */
const void *shared_put(struct arena *a, struct shared *s);
