-- What payments that begin a term were rated with. SPDX-License-Identifier: Apache-2.0

-- quote_put :exec
INSERT INTO quote (charge_id, account_id, plan, country, region, slots, plan_before, slots_before,
    price_known_day, price_new_day, price_from_day)
VALUES (:charge_id, :account_id, :plan, :country, :region, :slots, :plan_before, :slots_before,
    :price_known_day, :price_new_day, :price_from_day)
ON CONFLICT (charge_id) DO UPDATE SET plan = excluded.plan, country = excluded.country,
    region = excluded.region, slots = excluded.slots, plan_before = excluded.plan_before,
    slots_before = excluded.slots_before, price_known_day = excluded.price_known_day,
    price_new_day = excluded.price_new_day, price_from_day = excluded.price_from_day;

-- quote_by_charge :one quote
SELECT charge_id, account_id, plan, country, region, slots, plan_before, slots_before,
       price_known_day, price_new_day, price_from_day
FROM quote WHERE charge_id = :charge_id;

-- quote_remove :exec
DELETE FROM quote WHERE charge_id = :charge_id AND account_id = :account_id;
