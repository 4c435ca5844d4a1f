-- Two accounts of one payer. SPDX-License-Identifier: Apache-2.0

-- Whose phone that is, and who pays with a card of these last digits: the name tells them apart.
-- pair_by_phone :many pair_found
-- any account: whose it is is what is looked for, and never told
-- :max int
SELECT a.account_id, a.name FROM contact c JOIN account a ON a.account_id = c.account_id
WHERE c.phone = :phone AND c.phone <> '' ORDER BY a.account_id LIMIT :max;

-- pair_by_card :many pair_found
-- any account: whose it is is what is looked for, and never told
-- :max int
SELECT DISTINCT a.account_id, a.name FROM method m JOIN account a ON a.account_id = m.account_id
WHERE m.last4 = :last4 AND m.last4 <> '' AND m.method_state <> 'removed'
ORDER BY a.account_id LIMIT :max;

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
