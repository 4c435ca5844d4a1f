/* quote: keeps, loads, drops. SPDX-License-Identifier: Apache-2.0 */
#include "billing/quote.h"

#include "quote_sql.h"

static const struct fault QUOTE_MISSING = {
    E_INTERNAL, "billing.quote_missing",
    "Nothing says what a payment was rated with; let `foyer doctor` examine the database."};

enum status quote_keep(struct ctx *cx, int64_t account_id, int64_t charge_id,
                       const struct rate_in *in)
{
    return quote_put(cx, NULL, .charge_id = charge_id, .account_id = account_id, .plan = in->plan,
                     .country = in->country, .region = in->region, .slots = in->slots,
                     .plan_before = in->plan_before, .slots_before = in->slots_before,
                     .price_known_day = in->prices.known_day, .price_new_day = in->prices.new_day,
                     .price_from_day = in->prices.from_day);
}

enum status quote_load(struct ctx *cx, int64_t charge_id, struct rate_in *in)
{
    struct quote q;

    TRY(quote_by_charge(cx, &q, &QUOTE_MISSING, .charge_id = charge_id));
    in->plan = q.plan;
    in->country = q.country;
    in->region = q.region;
    in->slots = q.slots;
    in->plan_before = q.plan_before;
    in->slots_before = q.slots_before;
    in->prices = (struct price_terms){q.price_known_day, q.price_new_day, q.price_from_day};
    return OK;
}

enum status quote_drop(struct ctx *cx, int64_t account_id, int64_t charge_id)
{
    return quote_remove(cx, NULL, .charge_id = charge_id, .account_id = account_id);
}
