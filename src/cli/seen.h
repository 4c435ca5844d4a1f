/* seen: which texts have come by, and with which number; on disk, so that memory stays flat.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>

#include "base/base.h"

extern const struct fault FILE_TEMPORARY;

struct seen {
    FILE *file; /* open-addressed slots of a hash and a number, nothing else */
    int64_t slots, used;
};

void seen_end(struct seen *s); /* a CLEANUP function; the zero value is an empty set */
/* Keeps a text with a number above 0; *before is the number it came with first, 0 when it is new.
 * Texts are told apart by 128 bits of BLAKE2b. Faults: FILE_TEMPORARY. */
enum status seen_put(struct seen *s, const char *text, int64_t number, int64_t *before,
                     struct error *e) MUST_CHECK;
