-- What payments that begin a term were rated with. SPDX-License-Identifier: Apache-2.0

-- billing.quote: kept until the payment is invoiced or refused. Its answer may come when the member
-- has chosen otherwise, moved, or been told of another price; the invoice is of what was asked for.
CREATE TABLE quote (
    charge_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    plan TEXT NOT NULL,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    slots INTEGER NOT NULL,
    plan_before TEXT NOT NULL,
    slots_before INTEGER NOT NULL,
    price_known_day INTEGER NOT NULL,  -- as in membership
    price_new_day INTEGER NOT NULL,
    price_from_day INTEGER NOT NULL
);
INSERT INTO quote (charge_id, account_id, plan, country, region, slots, plan_before, slots_before,
    price_known_day, price_new_day, price_from_day)
SELECT c.charge_id, c.account_id, CASE WHEN m.next_plan <> '' THEN m.next_plan ELSE m.plan END,
    a.country, a.region, m.slots, CASE WHEN m.period_plan <> '' THEN m.period_plan ELSE m.plan END,
    m.period_slots, m.price_known_day, m.price_new_day, m.price_from_day
FROM charge c
JOIN membership m ON m.account_id = c.account_id
JOIN account a ON a.account_id = c.account_id
WHERE c.kind = 'renewal' AND c.term > m.term AND a.erased_at = 0;
