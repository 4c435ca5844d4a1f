/* route: finds the op of a method and a path, among rows that were put into one tree when the
 * first request came. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/op.h"

#define ROUTE_PREFIX "/v1"

enum { ROUTE_SEGMENTS_MAX = 8 };

struct op_route {
    const struct op *op; /* NULL: none, of this method */
    const char *allow;   /* "GET, HEAD, POST": what the path takes; NULL when there is none */
    size_t n;            /* segments after the prefix, still %-encoded, as op->path has them */
    struct {
        const char *at;
        size_t n;
    } segments[ROUTE_SEGMENTS_MAX];
};

/* HEAD finds what GET does. A segment that an op spells out is preferred to one that is a value.
 * The texts lie in `path`, and `allow` as long as the process lives. */
void route_find(const char *method, const char *path, struct op_route *out);

/* Says what is wrong with the rows' methods and paths, or NULL: used by a test, so that no two ops
 * share both, and every {name} is a field of the input. */
const char *route_defect(struct arena *a);
