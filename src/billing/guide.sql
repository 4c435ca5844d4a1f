-- What the guides ask. SPDX-License-Identifier: Apache-2.0

-- Other accounts that pay with the same card or wallet: how many, and by whom they are billed.
-- guide_payers_beside :many guide_payer
-- :other_id int
-- :other_biller text
-- :max int
SELECT DISTINCT o.account_id AS other_id, s.biller AS other_biller
FROM method m
JOIN method o ON o.fingerprint = m.fingerprint AND o.account_id <> m.account_id
JOIN membership s ON s.account_id = o.account_id
WHERE m.account_id = :account_id AND m.fingerprint <> '' AND s.state <> 'deleted'
ORDER BY o.account_id LIMIT :max;

-- Charges of those accounts of one amount, paid within a time; only their number is told.
-- guide_charges_beside :one guide_charges_beside_row
-- :from_at int
-- :until_at int
-- :n int
SELECT COUNT(DISTINCT c.charge_id) AS n
FROM method m
JOIN method o ON o.fingerprint = m.fingerprint AND o.account_id <> m.account_id
JOIN charge c ON c.account_id = o.account_id
WHERE m.account_id = :account_id AND m.fingerprint <> '' AND c.amount_minor = :amount_minor
  AND c.captured_at >= :from_at AND c.captured_at < :until_at;
