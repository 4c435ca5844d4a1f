/* lease: shares the 256 buckets of accounts among workers. A worker's number, newer than all before
 * it, is its fencing token. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

enum { BUCKETS = 256 };

struct lease {
    int64_t worker_id;
    bool held[BUCKETS];
    int64_t first,
        last; /* the longest run of held buckets: the worker's range; first > last: none */
};

extern const struct fault LEASE_LOST;

/* What the machine knows of processes; the simulator has its own. */
struct machine {
    int64_t (*wall_ms)(void *arg);
    bool (*process_gone)(void *arg, const char *process); /* surely gone; false when in doubt */
    void (*pause)(void *arg, int64_t ms);                 /* wait for others */
    const char *process;                                  /* this one's name */
    void *arg;
};

/* Joins the workers and takes a fair share of the buckets: all when alone. */
enum status lease_join(struct ctx *cx, const struct machine *m, struct lease *l) MUST_CHECK;
/* Says that it is still alive, gives up what others are due and takes what it is due. */
enum status lease_renew(struct ctx *cx, const struct machine *m, struct lease *l) MUST_CHECK;
/* Inside a batch's transaction: fails with LEASE_LOST (E_BUSY) unless the buckets are still this
 * worker's; nobody can take them before the commit. */
enum status lease_check(struct ctx *cx, const struct machine *m, const struct lease *l) MUST_CHECK;
enum status lease_leave(struct ctx *cx, struct lease *l) MUST_CHECK;
