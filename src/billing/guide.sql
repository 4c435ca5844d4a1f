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

-- What people of the household have done to the membership, the newest first; what was refused or
-- taken back is left out. Whoever signs up, an agent and the service itself are none of them.
-- guide_deeds :many guide_deed
-- :done_at int
-- :deed text
-- :from_at int
-- :until_at int
-- :max int
SELECT done_at, deed, actor_role, actor_surface, device
FROM (SELECT happened_at AS done_at, event AS deed, actor_role, actor_surface, device
      FROM membership_event
      WHERE account_id = :account_id AND event NOT IN ('restart_refused', 'restart_held')
      UNION ALL
      SELECT asked_at, 'plan_change', actor_role, actor_surface, device FROM plan_change
      WHERE account_id = :account_id AND change_state NOT IN ('refused', 'undone')
      UNION ALL
      SELECT bought_at, 'slot', actor_role, actor_surface, device FROM slot
      WHERE account_id = :account_id) d
WHERE actor_role IN ('profile', 'kids', 'extra') AND done_at >= :from_at AND done_at < :until_at
ORDER BY done_at DESC, deed LIMIT :max;

-- What the first period of a membership was: as it was agreed on at sign-up.
-- guide_first_periods :many guide_first_period
-- :max int
SELECT i.plan, i.currency, i.period_start_day, l.unit_minor
FROM charge c
JOIN invoice i ON i.invoice_id = c.charge_id
JOIN invoice_line l ON l.invoice_id = i.invoice_id AND l.line_kind = 'plan' AND l.item = i.plan
WHERE c.account_id = :account_id AND c.term = :term AND c.kind = 'renewal'
ORDER BY c.k, l.line_no LIMIT :max;

-- The partner that billed first, and for what.
-- guide_first_partners :many guide_first_partner
-- :max int
SELECT partner, plan, start_day FROM partner_period WHERE account_id = :account_id
ORDER BY start_day, partner LIMIT :max;
