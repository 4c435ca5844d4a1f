-- Lines of bank statements. SPDX-License-Identifier: Apache-2.0

-- Through the methods that have, or have had, these last four digits: an index over charges would
-- be written by every renewal (docs/decisions/0015).
-- match_charges :many match_charge
-- any account: whose it is is what is looked for, and never told
-- :from_at int
-- :until_at int
-- :max int
SELECT MAX(c.charge_id) AS charge_id, c.account_id
FROM (SELECT account_id, method_id FROM method WHERE last4 = :last4 AND last4 <> ''
      UNION
      SELECT account_id, method_id FROM method_event WHERE last4 = :last4 AND last4 <> '') m
JOIN charge c ON c.account_id = m.account_id AND c.method_id = m.method_id
WHERE c.charge_state = 'captured' AND c.amount_minor = :amount_minor AND c.currency = :currency
  AND c.captured_at >= :from_at AND c.captured_at < :until_at
GROUP BY c.account_id ORDER BY c.account_id LIMIT :max;
