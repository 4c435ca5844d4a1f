/* trail: what the audit tells of one account, for its owner and for staff (SPEC F-23, A-06, U-15).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/audit.h"

struct trail_list {
    const char *member;
    int64_t account_id;
    const char *before;
    int64_t limit;
};
struct trail_entry {
    const char *entry, *at;
    int64_t kind;
    const char *what, *by;
    const char *surface, *device, *network, *via, *request, *fault; /* '' where there is none */
    bool proven;
    const char *asked, *answered; /* JSON */
};
struct trail_view {
    const struct trail_entry *items; /* newest first */
    size_t n;
    const char *next;
};

extern const struct fault TRAIL_PAGE;
extern const struct shape trail_view_shape;

/* Faults: TRAIL_PAGE, VAULT_TAMPERED. */
enum status trail_list(struct ctx *cx, const struct trail_list *in,
                       struct trail_view *out) MUST_CHECK;
