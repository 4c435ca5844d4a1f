/* viewing_api: the ops of watching. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "playback/viewing.h"

/* clang-format off */
static const struct field seen_fields[] = {MEMBER_FIELD(struct playback_seen)};
static const struct shape seen_shape = SHAPE(playback_seen, seen_fields);

static const struct field view_fields[] = {
    TEXT(struct viewing_view, member, 0, 0, "The account's reference."),
    TEXT(struct viewing_view, last_seen_at, 0, 0, "Empty: nobody has watched yet."),
    TEXT(struct viewing_view, confirmed_at, 0, 0,
         "When the member said that it stays without watching; empty: never."),
};
static const struct shape view_shape = SHAPE(viewing_view, view_fields);
/* clang-format on */

OP_RUN(playback_seen, struct playback_seen, struct viewing_view)
OP_RUN(membership_confirm_use, struct playback_seen, struct viewing_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "playback.seen",
        .method = "POST",
        .path = "/accounts/{member}/playback/seen",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_KIDS) | MAY(ROLE_EXTRA) |
                MAY(ROLE_SYSTEM),
        .summary = "Note that somebody watches now.",
        .in = &seen_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct playback_seen),
        .writes = true,
        .run = run_playback_seen,
    },
    {
        .id = "membership.confirm_use",
        .method = "POST",
        .path = "/accounts/{member}/membership/confirm-use",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Stay a member without watching: the answer to the question of who does not.",
        .in = &seen_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct playback_seen),
        .action = ACTION_CONFIRM_USE,
        .writes = true,
        .run = run_membership_confirm_use,
    },
};
/* clang-format on */
const struct ops viewing_ops = {COUNT(ops), ops};
