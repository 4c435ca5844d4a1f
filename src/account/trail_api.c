/* trail_api: the op that lists what was done to an account. SPDX-License-Identifier: Apache-2.0 */
#include "account/trail.h"
#include "http/op.h"

/* clang-format off */
static const struct field list_fields[] = {
    MEMBER_FIELD(struct trail_list),
    TEXT_OPT(struct trail_list, before, 1, 20, "`next` of the page before."),
    INT_OPT(struct trail_list, limit, 1, 200, "How many at most; 50 when left out."),
};
static const struct shape list_shape = SHAPE(trail_list, list_fields);

static const struct field entry_fields[] = {
    TEXT(struct trail_entry, entry, 0, 0, "1, 2, …: its number in the account's chain."),
    TEXT(struct trail_entry, at, 0, 0, NULL),
    ENUM(struct trail_entry, kind, audit_kinds,
         "change; read: somebody else looked at it; refused."),
    TEXT(struct trail_entry, what, 0, 0, "The op's id, or a command."),
    TEXT(struct trail_entry, by, 0, 0, "The role; of staff with their number: agent:7."),
    TEXT(struct trail_entry, surface, 0, 0, "Where; empty when not known, like what follows."),
    TEXT(struct trail_entry, device, 0, 0, NULL),
    TEXT(struct trail_entry, network, 0, 0, NULL),
    TEXT(struct trail_entry, via, 0, 0,
         "What acted in their name: `command line`, or an API key's reference."),
    TEXT(struct trail_entry, request, 0, 0, "The request's id."),
    TEXT(struct trail_entry, fault, 0, 0, "Why it was refused."),
    BOOL(struct trail_entry, proven, "They had just proven who they are."),
    TEXT(struct trail_entry, asked, 0, 0,
         "JSON: the input, without secrets and what was empty. Empty once the person is erased."),
    TEXT(struct trail_entry, answered, 0, 0, "JSON: the answer to a change, in the same way."),
};
static const struct shape entry_shape = SHAPE(trail_entry, entry_fields);

static const struct field view_fields[] = {
    LIST(struct trail_view, items, n, entry_shape, "Newest first."),
    TEXT(struct trail_view, next, 0, 0, "Gives the next page as `before`; empty: there is none."),
};
const struct shape trail_view_shape = SHAPE(trail_view, view_fields);
/* clang-format on */

OP_RUN(trail_list, struct trail_list, struct trail_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "audit.list",
        .method = "GET",
        .path = "/accounts/{member}/audit",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List what was done to an account, by whom, from where, and who looked at it.",
        .in = &list_shape,
        .out = &trail_view_shape,
        .subject = ABOUT_MEMBER(struct trail_list),
        .faults = FAULTS(&TRAIL_PAGE, &VAULT_TAMPERED),
        .run = run_trail_list,
    },
};
/* clang-format on */
const struct ops trail_ops = {COUNT(ops), ops};
