/* message: the message centre - what was sent to an account, in words, and what became of it (SPEC
 * Y-12). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "notify/dispatch.h"

struct message_list {
    const char *member;
    int64_t account_id;
    int64_t limit;      /* 0: 20 */
    const char *before; /* the reference that the former page ended with; NULL: the newest */
};
struct message_ref {
    const char *member;
    int64_t account_id;
    const char *reference;
};
struct message_view_delivery {
    int64_t channel, state;
    const char *address; /* enough to know it again: "a…@example.com" */
    const char *at;      /* accepted or given up; "" not yet */
};
struct message_view {
    const char *reference, *kind, *subject, *text;
    const char *at, *read_at;
    const struct message_view_delivery *deliveries;
    size_t n_deliveries;
};
struct messages_view {
    const char *member;
    const struct message_view *messages;
    size_t n;
    const char *next; /* pass it as `before` for what is older; "" at the end */
    bool email_reachable, phone_reachable; /* false: what we send comes back (SPEC Y-14) */
};

extern const struct fault MESSAGE_UNKNOWN;

/* The newest first; the codes in them stand there for the owner alone. Faults: MESSAGE_UNKNOWN (the
 * cursor). */
enum status message_list(struct ctx *cx, const struct message_list *in,
                         struct messages_view *out) MUST_CHECK;
/* The owner has opened it. */
enum status message_read(struct ctx *cx, const struct message_ref *in,
                         struct message_view *out) MUST_CHECK;
