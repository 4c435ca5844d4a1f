/* key_api: the ops of keys. The first one is made on the command line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/key.h"

_Static_assert(offsetof(struct key_made, view) == 0, "shapes share the fields of the view");

/* clang-format off */
static const struct field create_fields[] = {
    TEXT(struct key_create, name, 1, 80, "What you call it: who uses it, and where."),
    TEXT(struct key_create, scopes, 1, 1000,
         "Which ops, with commas between them: membership.get, membership.*, *, each perhaps with "
         ":read or :write. The ops of keys are not meant by *."),
    TEXT(struct key_create, roles, 1, 100,
         "As whom it may act, with commas between them: visitor, owner, profile, kids, extra, "
         "agent, system."),
    INT_OPT(struct key_create, expires_days, 1, 3660, "How long it is good; for ever if left out."),
};
static const struct shape create_shape = SHAPE(key_create, create_fields);

static const struct field list_fields[] = {
    INT_OPT(struct key_list, limit, 1, 200, "How many, the newest first; else 50."),
    TEXT_OPT(struct key_list, before, 1, 40, "`next` of the page before."),
};
static const struct shape list_shape = SHAPE(key_list, list_fields);

static const struct field rotate_fields[] = {
    TEXT(struct key_choose, key, 1, 40, "Which one: key_… of key.list."),
    INT_OPT(struct key_choose, grace_hours, 1, 720,
            "The old secret is good for so long, 24 if left out; key.revoke ends it at once."),
};
static const struct shape rotate_shape = SHAPE(key_choose, rotate_fields);
static const struct field revoke_fields[] = {
    TEXT(struct key_choose, key, 1, 40, "Which one: key_… of key.list."),
};
static const struct shape revoke_shape = SHAPE(key_choose, revoke_fields);

#define VIEW_FIELDS                                                                                \
    TEXT(struct key_view, key, 0, 0, "The key's reference, key_…; it lets nobody in."),            \
    TEXT(struct key_view, name, 0, 0, NULL),                                                       \
    TEXT(struct key_view, scopes, 0, 0, NULL),                                                     \
    TEXT(struct key_view, roles, 0, 0, NULL),                                                      \
    ENUM(struct key_view, state, key_states, "ending: rotated, and still good for a while."),      \
    TEXT(struct key_view, created_at, 0, 0, NULL),                                                 \
    TEXT(struct key_view, expires_at, 0, 0, "Empty: never."),                                      \
    TEXT(struct key_view, revoked_at, 0, 0, "Empty: it was not."),                                 \
    TEXT(struct key_view, used_at, 0, 0, "Its last use, to the minute; empty: none."),             \
    TEXT(struct key_view, replaced_by, 0, 0, "The key it was rotated to; empty: none.")

static const struct field view_fields[] = {VIEW_FIELDS};
static const struct shape view_shape = SHAPE(key_view, view_fields);
static const struct field made_fields[] = {
    VIEW_FIELDS,
    TEXT(struct key_made, secret, 0, 0,
         "fky_…: told this once and stored nowhere; empty when the same call is repeated under its "
         "idempotency key."),
};
static const struct shape made_shape = SHAPE(key_made, made_fields);
static const struct field keys_fields[] = {
    LIST(struct keys_view, keys, n, view_shape, "The newest first."),
    TEXT(struct keys_view, next, 0, 0, "Gives the next page as `before`; empty on the last."),
};
static const struct shape keys_shape = SHAPE(keys_view, keys_fields);
/* clang-format on */

OP_RUN(key_create, struct key_create, struct key_made)
OP_RUN(key_list, struct key_list, struct keys_view)
OP_RUN(key_rotate, struct key_choose, struct key_made)
OP_RUN(key_revoke, struct key_choose, struct key_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "key.create",
        .method = "POST",
        .path = "/keys",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Make a key of the API; its secret is told in this answer and never again.",
        .in = &create_shape,
        .out = &made_shape,
        .faults = FAULTS(&KEY_SCOPES_INVALID, &KEY_ROLES_INVALID),
        .writes = true,
        .told_once = "secret",
        .run = run_key_create,
    },
    {
        .id = "key.list",
        .method = "GET",
        .path = "/keys",
        .role = MAY(ROLE_SYSTEM),
        .summary = "List the keys of the API, what they may do and when they were last used.",
        .in = &list_shape,
        .out = &keys_shape,
        .faults = FAULTS(&KEY_UNKNOWN),
        .run = run_key_list,
    },
    {
        .id = "key.rotate",
        .method = "POST",
        .path = "/keys/{key}/rotate",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Replace a key by a new one with the same rights; the old one may live on.",
        .in = &rotate_shape,
        .out = &made_shape,
        .faults = FAULTS(&KEY_UNKNOWN, &KEY_ENDED),
        .writes = true,
        .told_once = "secret",
        .run = run_key_rotate,
    },
    {
        .id = "key.revoke",
        .method = "POST",
        .path = "/keys/{key}/revoke",
        .role = MAY(ROLE_SYSTEM),
        .summary = "End a key at once.",
        .in = &revoke_shape,
        .out = &view_shape,
        .faults = FAULTS(&KEY_UNKNOWN),
        .writes = true,
        .run = run_key_revoke,
    },
};
/* clang-format on */
const struct ops key_ops = {COUNT(ops), ops};
