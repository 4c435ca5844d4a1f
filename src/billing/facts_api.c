/* facts_api: the op that shows what can be done with an account.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/facts.h"
#include "http/op.h"
#include "membership/membership.h"

/* clang-format off */
static const struct field ask_fields[] = {
    MEMBER_FIELD(struct options_ask),
    {"role", F_ENUM, offsetof(struct options_ask, role), OPTIONAL, 0, 0, &options_roles,
     "For whom; support and systems may ask for anybody.", NULL, 0},
    {"surface", F_ENUM, offsetof(struct options_ask, surface), OPTIONAL, 0, 0, &surfaces,
     "Where; the caller's when left out.", NULL, 0},
    TEXT_OPT(struct options_ask, locale, 2, 35, "Of the texts; else the account's."),
};
static const struct shape ask_shape = SHAPE(options_ask, ask_fields);

static const struct field option_fields[] = {
    TEXT(struct option_view, action, 0, 0, NULL),
    TEXT(struct option_view, text, 0, 0, "What it is."),
    ENUM(struct option_view, result, option_results, NULL),
    TEXT(struct option_view, code, 0, 0, "The reason; where it is not allowed, its ops' fault."),
    TEXT(struct option_view, reason, 0, 0, "The same in words, with the way out."),
    ENUM(struct option_view, place, option_places, "Where to go."),
    TEXT(struct option_view, route, 0, 0, "Of a partner's place: what to do there."),
    TEXT(struct option_view, link, 0, 0, "And its page; ''."),
};
static const struct shape option_shape = SHAPE(option_view, option_fields);

static const struct field options_fields[] = {
    TEXT(struct options_view, member, 0, 0, "The membership's reference."),
    TEXT(struct options_view, biller, 0, 0, "The kind of who collects the money."),
    ENUM(struct options_view, standing, standings, NULL),
    BOOL(struct options_view, locked, "Whether a takeover is reported."),
    ENUM(struct options_view, role, roles, "For whom this is."),
    ENUM(struct options_view, surface, surfaces, "Where."),
    LIST(struct options_view, options, n, option_shape, "Every action of an account."),
};
static const struct shape options_shape = SHAPE(options_view, options_fields);
/* clang-format on */

OP_RUN_CATALOG(options_of, struct options_ask, struct options_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "policy.options",
        .method = "GET",
        .path = "/accounts/{member}/options",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_KIDS) | MAY(ROLE_EXTRA) |
                MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Say for every action of an account whether it is allowed, and if not, why.",
        .in = &ask_shape,
        .out = &options_shape,
        .subject = ABOUT_MEMBER(struct options_ask),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &BILLING_OWN_OPTIONS),
        .run = run_options_of,
    },
};
/* clang-format on */
const struct ops policy_ops = {COUNT(ops), ops};
