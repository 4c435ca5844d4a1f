/* bench_load: a client that keeps connections busy and measures.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct load {
    int64_t port, connections;
    const char *request; /* the bytes of one */
    int64_t ns;          /* for how long */
    double per_second; /* requests in all, at even times; 0: each as soon as the last is answered */
};
struct loaded {
    int64_t answered, refused, ns; /* refused: not 2xx */
    int64_t p50_ns, p99_ns;        /* from when a request was due to the end of its answer */
    int64_t answer_bytes;          /* of the last one, with its head */
    char why[160];                 /* what went wrong */
};
bool load_run(const struct load *l, struct loaded *out);

/* Opens so many streams of events, and says by how much the process's memory has grown when all of
 * them have begun. */
bool load_streams(int64_t port, const char *request, int64_t n, int64_t pid, int64_t *bytes_each,
                  char why[static 160]);
/* The bare handler beside which it is measured: evhttp answering every request with a body of
 * `bytes` bytes.
 * Never returns; writes its port to `port_file`. */
void bare_http(int port_file, size_t bytes);
