-- Memberships that a partner bills. SPDX-License-Identifier: Apache-2.0

-- biller_open_charges :many biller_open_charge
-- :max int
SELECT charge_id FROM charge
WHERE account_id = :account_id AND charge_state IN ('wanted', 'unknown')
ORDER BY charge_id LIMIT :max;

-- biller_request :many biller_request_row
-- :max int
SELECT opened_at FROM work_item
WHERE account_id = :account_id AND work_id = (
    SELECT min(work_id) FROM work_item
    WHERE account_id = :account_id AND work_kind = :work_kind AND work_state = 'open')
LIMIT :max;

-- partner_period_put :exec
INSERT INTO partner_period (account_id, partner, start_day, until_day, plan, told_at)
VALUES (:account_id, :partner, :start_day, :until_day, :plan, :told_at)
ON CONFLICT (account_id, partner, start_day) DO UPDATE SET until_day = excluded.until_day,
    plan = excluded.plan, told_at = excluded.told_at;

-- partner_periods_of :many partner_period
-- The newest first. To sort even nothing costs SQLite as much as three reads: see history_size.
-- :max int
SELECT account_id, partner, start_day, until_day, plan, told_at FROM partner_period
WHERE account_id = :account_id ORDER BY start_day DESC, partner LIMIT :max;

-- partner_link_put :exec
INSERT INTO partner_link (account_id, partner, linked_at, resumes, kept_days)
VALUES (:account_id, :partner, :linked_at, :resumes, :kept_days)
ON CONFLICT (account_id) DO UPDATE SET partner = excluded.partner,
    linked_at = excluded.linked_at,
    resumes = excluded.resumes, kept_days = excluded.kept_days;

-- partner_links_of :many partner_link
-- :max int
SELECT account_id, partner, linked_at, resumes, kept_days FROM partner_link
WHERE account_id = :account_id
ORDER BY account_id LIMIT :max;

-- partner_link_remove :exec
DELETE FROM partner_link WHERE account_id = :account_id;
