/* price_api: the ops that announce prices and agree to them. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/price.h"
#include "http/op.h"

/* clang-format off */
static const struct field change_fields[] = {
    TEXT(struct price_change, country, 2, 80, "ISO 3166-1 code or English name."),
    TEXT(struct price_change, plan, 1, 64, "Code or name."),
    TEXT(struct price_change, from, 10, 10, "The date on which the catalog has the new price."),
    TEXT_OPT(struct price_change, after, 1, 40, "`next` of the batch before."),
    INT_OPT(struct price_change, limit, 1, 5000, "Members in one batch; 1000 when left out."),
};
static const struct shape change_shape = SHAPE(price_change, change_fields);

static const struct field changed_fields[] = {
    TEXT(struct price_changed, country, 0, 0, NULL),
    TEXT(struct price_changed, plan, 0, 0, NULL),
    TEXT(struct price_changed, from, 0, 0, NULL),
    TEXT(struct price_changed, currency, 0, 0, NULL),
    INT(struct price_changed, old_minor, 0, 0, "List price before."),
    INT(struct price_changed, new_minor, 0, 0, "List price from then on."),
    INT(struct price_changed, slot_old_minor, 0, 0, "The same for each slot; 0: has no price."),
    INT(struct price_changed, slot_new_minor, 0, 0, NULL),
    INT(struct price_changed, notice_days, 0, 0, "Between the notice and the first such period."),
    BOOL(struct price_changed, consent, "Whether the country asks for consent to a dearer price."),
    INT(struct price_changed, told, 0, 0, "Members who were told by this call."),
    TEXT(struct price_changed, next, 0, 0, "Goes on as `after`; empty: everybody has been told."),
};
static const struct shape changed_shape = SHAPE(price_changed, changed_fields);

static const struct field ask_fields[] = {MEMBER_FIELD(struct price_ask)};
static const struct shape ask_shape = SHAPE(price_ask, ask_fields);

static const struct field answer_fields[] = {
    TEXT(struct price_answer, member, 0, 0, NULL),
    TEXT(struct price_answer, plan, 0, 0, NULL),
    TEXT(struct price_answer, from, 0, 0, "Since when the catalog has the price."),
    TEXT(struct price_answer, applies_on, 0, 0, "Periods that start then or later have it."),
    TEXT(struct price_answer, currency, 0, 0, NULL),
    INT(struct price_answer, old_minor, 0, 0, NULL),
    INT(struct price_answer, new_minor, 0, 0, NULL),
    INT(struct price_answer, slots, 0, 0, "How many the member has; the price is for them, too."),
    INT(struct price_answer, slot_old_minor, 0, 0, "For each slot."),
    INT(struct price_answer, slot_new_minor, 0, 0, NULL),
    INT(struct price_answer, total_old_minor, 0, 0, "For a whole month: the plan and the slots."),
    INT(struct price_answer, total_new_minor, 0, 0, NULL),
    ENUM(struct price_answer, consent, price_consents, NULL),
};
static const struct shape answer_shape = SHAPE(price_answer, answer_fields);
/* clang-format on */

OP_RUN_CATALOG(price_change, struct price_change, struct price_changed)
OP_RUN(price_consent, struct price_ask, struct price_answer)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "price.change",
        .method = "POST",
        .path = "/prices/change",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Announce a price of the catalog to the members it will concern, in batches.",
        .in = &change_shape,
        .out = &changed_shape,
        .faults = FAULTS(&COUNTRY_UNKNOWN, &PLAN_UNKNOWN, &PRICE_NOT_THERE, &MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_price_change,
    },
    {
        .id = "price.consent",
        .method = "POST",
        .path = "/accounts/{member}/price/consent",
        .role = MAY(ROLE_OWNER),
        .summary = "Agree to a new price that was announced.",
        .in = &ask_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct price_ask),
        .action = ACTION_PRICE_CONSENT,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &PRICE_NO_QUESTION),
        .writes = true,
        .run = run_price_consent,
    },
};
/* clang-format on */
const struct ops price_ops = {COUNT(ops), ops};
