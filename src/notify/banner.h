/* banner: what stands above every page and screen while something is wrong (SPEC E-04). It never
 * holds a form: it names the place where the thing is put right, which for payment is the web.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "db/db.h"
#include "policy/options_rules.h"

struct banner_ask {
    const char *member;
    int64_t account_id;
};
struct banner_view {
    const char *code, *text;
    const char *until;  /* the date that it names; "" none */
    const char *action; /* of policy.options, that puts it right; "" there is none */
    const char *place; /* where: here, web, partner_payment, owner, …; "" where there is no way */
};
struct banners_view {
    const char *member;
    const struct banner_view *banners; /* the most urgent first */
    size_t n;
};

/* The facts that the policy needs to say where banners lead. */
unsigned banner_facts(void);
/* `is` is what the policy is asked about the account and who looks; of the facts those of
 * banner_facts count. */
enum status banner_list(struct ctx *cx, const struct catalog *c, const struct banner_ask *in,
                        const struct option_case *is, struct banners_view *out) MUST_CHECK;
