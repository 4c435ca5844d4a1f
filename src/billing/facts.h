/* facts: what the policy is asked about, looked up in one place; and the options that follow.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "db/db.h"
#include "policy/options_rules.h"

extern const struct fault BILLING_OWN_OPTIONS;

/* The case of an account, as it stands now; account 0 is nobody's. Role and surface are those of
 * cx->actor. Of the facts those of the set `wanted` are true to life; others may be left out. */
enum status facts_of(struct ctx *cx, const struct catalog *c, int64_t account_id, unsigned wanted,
                     struct option_case *out) MUST_CHECK;

extern const struct names options_roles; /* self, then those of `roles` */

struct options_ask {
    const char *member;
    int64_t account_id;
    int64_t role, surface; /* 0: the caller's */
    const char *locale;    /* NULL: the account's */
};
struct option_view {
    const char *action, *text, *code, *reason;
    int64_t result, place;
    const char *route, *link; /* where at the partner (SPEC D-02, D-14); '' */
};
struct options_view {
    const char *member, *biller;
    int64_t standing, role, surface;
    bool locked;
    struct option_view *options;
    size_t n;
};
/* Every action of an account, for a role on a surface (SPEC ). People on an account see
 * their own options. Faults: ACCOUNT_UNKNOWN, MEMBERSHIP_UNKNOWN, BILLING_OWN_OPTIONS. */
enum status options_of(struct ctx *cx, const struct catalog *c, const struct options_ask *in,
                       struct options_view *out) MUST_CHECK;
