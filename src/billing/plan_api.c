/* plan_api: the op that lists plans. SPDX-License-Identifier: Apache-2.0 */
#include "billing/plan.h"
#include "http/op.h"

/* clang-format off */
static const struct field list_fields[] = {
    TEXT(struct plan_list, country, 2, 80, "ISO 3166-1 code or English name."),
};
static const struct shape list_shape = SHAPE(plan_list, list_fields);

static const struct field offer_fields[] = {
    TEXT(struct offer, plan, 0, 0, "Its code, as other ops take it."),
    TEXT(struct offer, name, 0, 0, NULL),
    BOOL(struct offer, ads, NULL),
    INT(struct offer, streams, 0, 0, "At once."),
    INT(struct offer, download_devices, 0, 0, NULL),
    INT(struct offer, resolution, 0, 0, "Lines."),
    BOOL(struct offer, hdr, NULL),
    TEXT(struct offer, audio, 0, 0, NULL),
    INT(struct offer, slots, 0, 0, "Extra-member slots that can be bought here."),
    INT(struct offer, price_minor, 0, 0, "The list price of a month."),
    INT(struct offer, slot_price_minor, 0, 0, "Of one slot and month; 0 where there are none."),
    BOOL(struct offer, open, "Whether it can be taken now."),
    TEXT(struct offer, closed_on, 0, 0, "No new members from this date on; empty: never."),
    TEXT(struct offer, retired_on, 0, 0, "Nobody has it from this date on; empty: never."),
    TEXT(struct offer, retired_to, 0, 0, "The plan its members get then; empty: they end."),
};
static const struct shape offer_shape = SHAPE(offer, offer_fields);

static const struct field offers_fields[] = {
    TEXT(struct offers, country, 0, 0, NULL),
    TEXT(struct offers, currency, 0, 0, "Of all amounts."),
    ENUM(struct offers, tax_mode, tax_modes, "Whether list prices have tax in them."),
    LIST(struct offers, plans, n_plans, offer_shape, NULL),
};
static const struct shape offers_shape = SHAPE(offers, offers_fields);
/* clang-format on */

OP_RUN_CATALOG(plan_list, struct plan_list, struct offers)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "plan.list",
        .method = "GET",
        .path = "/plans",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_EXTRA) |
                MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List the plans of a country with their prices and limits.",
        .in = &list_shape,
        .out = &offers_shape,
        .faults = FAULTS(&COUNTRY_UNKNOWN),
        .run = run_plan_list,
    },
};
/* clang-format on */
const struct ops plan_ops = {COUNT(ops), ops};
