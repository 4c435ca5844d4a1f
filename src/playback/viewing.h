/* viewing: when an account was last watched with. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "viewing_sql.h" /* struct viewing: the row */

struct playback_seen {
    const char *member;
    int64_t account_id;
};
struct viewing_view {
    const char *member;
    const char *last_seen_at, *confirmed_at; /* RFC 3339; '' when never */
};
/* Somebody watches now, with whichever profile. It also answers a question of SPEC B-15. */
enum status playback_seen(struct ctx *cx, const struct playback_seen *in,
                          struct viewing_view *out) MUST_CHECK;
/* The member wants to stay without watching (SPEC B-15). */
enum status membership_confirm_use(struct ctx *cx, const struct playback_seen *in,
                                   struct viewing_view *out) MUST_CHECK;
