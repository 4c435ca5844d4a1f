/* banner_api: the op that lists banners. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "notify/notify.h"

/* clang-format off */
static const struct field ask_fields[] = {MEMBER_FIELD(struct banner_ask)};
static const struct shape ask_shape = SHAPE(banner_ask, ask_fields);

static const struct field banner_fields[] = {
    TEXT(struct banner_view, code, 0, 0, "locked, hold, grace, cancel_unfinished, …"),
    TEXT(struct banner_view, text, 0, 0, "In the account's language."),
    TEXT(struct banner_view, until, 0, 0, "The date that it names; empty: none."),
    TEXT(struct banner_view, action, 0, 0, "What puts it right, see policy.options; or empty."),
    TEXT(struct banner_view, place, 0, 0, "Where: on an app, web for payment; or empty."),
};
static const struct shape banner_shape = SHAPE(banner_view, banner_fields);

static const struct field list_fields[] = {
    TEXT(struct banners_view, member, 0, 0, "The account's reference."),
    LIST(struct banners_view, banners, n, banner_shape, "The most urgent first."),
};
static const struct shape list_shape = SHAPE(banners_view, list_fields);
/* clang-format on */

static enum status run_banner_list(struct ctx *cx, const struct op_world *w, const void *in,
                                   void *out)
{
    const struct banner_ask *ask = in;
    struct option_case is;

    TRY(facts_of(cx, w->catalog, ask->account_id, banner_facts(), &is));
    return banner_list(cx, w->catalog, ask, &is, out);
}

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "banner.list",
        .method = "GET",
        .path = "/accounts/{member}/banners",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_KIDS) | MAY(ROLE_EXTRA) |
                MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List what stands above every screen while something is wrong.",
        .in = &ask_shape,
        .out = &list_shape,
        .subject = ABOUT_MEMBER(struct banner_ask),
        .faults = FAULTS(&ACCOUNT_UNKNOWN, &MEMBERSHIP_UNKNOWN),
        .run = run_banner_list,
    },
};
/* clang-format on */
const struct ops banner_ops = {COUNT(ops), ops};
