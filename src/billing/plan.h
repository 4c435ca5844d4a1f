/* plan: what can be subscribed to in a country, as every screen shows it (SPEC ).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"
#include "db/db.h"

struct plan_list {
    const char *country; /* code or English name */
};

struct offer {
    const char *plan, *name, *audio;
    bool ads, hdr;
    int64_t streams, download_devices, resolution, slots;
    int64_t price_minor, slot_price_minor;           /* list prices of today; 0: no slots */
    bool open;                                       /* new members can take it */
    const char *closed_on, *retired_on, *retired_to; /* '': never; '': they end */
};

struct offers {
    const char *country, *currency;
    int64_t tax_mode;
    size_t n_plans;
    struct offer *plans;
};

/* The plans that have a price in the country today and are not retired. Faults: COUNTRY_UNKNOWN. */
enum status plan_list(struct ctx *cx, const struct catalog *c, const struct plan_list *in,
                      struct offers *out) MUST_CHECK;
