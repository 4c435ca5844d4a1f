-- Two accounts of one payer. SPDX-License-Identifier: Apache-2.0

-- pair_charges :many pair_charge
-- What an account has paid, the newest first.
-- :from_at int
-- :max int
SELECT c.charge_id, c.captured_at, c.amount_minor, c.currency, i.period_start_day, i.period_end_day,
       COALESCE(m.last4, '') AS last4
FROM charge c JOIN invoice i ON i.invoice_id = c.charge_id
LEFT JOIN method m ON m.method_id = c.method_id
WHERE c.account_id = :account_id AND c.charge_state = 'captured' AND c.captured_at >= :from_at
ORDER BY c.captured_at DESC, c.charge_id DESC LIMIT :max;
