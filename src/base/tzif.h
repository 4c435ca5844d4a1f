/* tzif: one compiled time zone (RFC 8536, version 2 or later) as a step function of offsets. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct tzif {
    size_t n;        /* steps, at least one */
    int64_t *at;     /* Unix second from which step i counts, rising; at[0] is INT64_MIN */
    int32_t *offset; /* seconds east of UTC during step i */
    bool cyclic;     /* the last 400 years of steps, up to at[n - 1], repeat for ever */
};

enum { TZIF_OFFSET_MAX = 26 * 3600 }; /* no offset is further from UTC */
#define TZIF_CYCLE_SECONDS (INT64_C(146097) * 86400)

/* False when the bytes are not exactly one sound file. Leap seconds are refused: Unix time has
 * none. */
bool tzif_read(const unsigned char *bytes, size_t size, struct tzif *out);
void tzif_clear(struct tzif *t); /* a CLEANUP function */
