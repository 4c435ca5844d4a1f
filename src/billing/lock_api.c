/* lock_api: the ops that lock an account and unlock it. SPDX-License-Identifier: Apache-2.0 */
#include "billing/lock.h"
#include "http/op.h"

/* clang-format off */
static const struct field lock_fields[] = {
    MEMBER_FIELD(struct account_lock),
    TEXT(struct account_lock, report, 1, 2000, "What was reported, for who looks into it."),
};
static const struct shape lock_shape = SHAPE(account_lock, lock_fields);

static const struct field unlock_fields[] = {
    MEMBER_FIELD(struct account_unlock),
    TEXT(struct account_unlock, outcome, 1, 200, "What came of the case, for the record."),
};
static const struct shape unlock_shape = SHAPE(account_unlock, unlock_fields);

static const struct field view_fields[] = {
    TEXT(struct lock_view, member, 0, 0, "The account's reference."),
    BOOL(struct lock_view, locked, "Whether nothing is charged, restarted or changed now."),
    TEXT(struct lock_view, locked_since, 0, 0, "Empty when it is not."),
    ENUM(struct lock_view, state, membership_states, "Which a lock leaves as it is."),
    TEXT(struct lock_view, work, 0, 0, "The open case; empty when there is none."),
};
static const struct shape view_shape = SHAPE(lock_view, view_fields);
/* clang-format on */

OP_RUN(account_lock, struct account_lock, struct lock_view)
OP_RUN(account_unlock, struct account_unlock, struct lock_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "account.lock",
        .method = "POST",
        .path = "/accounts/{member}/lock",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Report a takeover: nothing is charged or restarted until the case is solved.",
        .in = &lock_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct account_lock),
        .action = ACTION_TAKEOVER_REPORT,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_account_lock,
    },
    {
        .id = "account.unlock",
        .method = "POST",
        .path = "/accounts/{member}/unlock",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "End a lock: the case is solved, and billing goes on.",
        .in = &unlock_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct account_unlock),
        .action = ACTION_UNLOCK,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &ACCOUNT_NOT_LOCKED),
        .writes = true,
        .run = run_account_unlock,
    },
};
/* clang-format on */
const struct ops lock_ops = {COUNT(ops), ops};
