-- Announced prices. SPDX-License-Identifier: Apache-2.0

-- Those who have the plan, or will at their next date, and were not told yet.
-- price_untold :many price_untold_row
-- any account: the operator's own question
-- :after int
-- :max int
SELECT m.account_id FROM membership m JOIN account a ON a.account_id = m.account_id
WHERE m.account_id > :after AND a.country = :country AND m.biller = 'direct'
  AND CASE WHEN m.next_plan = '' THEN m.plan ELSE m.next_plan END = :plan
  AND m.state IN ('pending', 'active', 'grace', 'hold', 'paused', 'ending')
  AND NOT EXISTS (SELECT 1 FROM price_notice n WHERE n.account_id = m.account_id
                  AND n.plan = :plan AND n.from_day = :from_day)
ORDER BY m.account_id LIMIT :max;

-- price_notice_add :exec
INSERT INTO price_notice (account_id, plan, from_day, noticed_at, applies_day, old_minor, new_minor,
    currency, price_consent, slot_old_minor, slot_new_minor)
VALUES (:account_id, :plan, :from_day, :noticed_at, :applies_day, :old_minor, :new_minor, :currency,
    :price_consent, :slot_old_minor, :slot_new_minor);

-- price_notices_of :many price_notice
-- :max int
SELECT plan, from_day, noticed_at, applies_day, old_minor, new_minor, currency, price_consent,
       slot_old_minor, slot_new_minor
FROM price_notice WHERE account_id = :account_id ORDER BY plan DESC, from_day DESC LIMIT :max;

-- price_notice_agree :exec
UPDATE price_notice SET price_consent = 'given', applies_day = :applies_day
WHERE account_id = :account_id AND plan = :plan AND from_day = :from_day;
