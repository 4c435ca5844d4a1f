-- Members on plans that are retired. SPDX-License-Identifier: Apache-2.0

-- retirement_searched :one retirement_searched_row
-- any account: one row for all
SELECT catalog_version, month FROM retirement_search WHERE search_id = 1;

-- retirement_search_put :exec
-- any account: one row for all
INSERT INTO retirement_search (search_id, catalog_version, month)
VALUES (1, :catalog_version, :month)
ON CONFLICT (search_id) DO UPDATE SET catalog_version = excluded.catalog_version,
    month = excluded.month;

-- any account: one pass over all members for each month and catalog, while a retirement is near
-- retire_find_members :exec
INSERT INTO errand (account_id, errand_kind, subject, due_at, due_day)
SELECT m.account_id, 'retire_notice', 0, :due_at, :due_day FROM membership m
WHERE m.plan = :plan AND m.next_plan = '' AND m.biller = 'direct'
  AND m.state IN ('pending', 'active', 'grace', 'hold', 'paused', 'ending')
  AND NOT EXISTS (SELECT 1 FROM retirement r WHERE r.account_id = m.account_id AND r.plan = :plan
                  AND r.closed_at = 0)
ON CONFLICT (account_id, errand_kind, subject) DO NOTHING;

-- retirement_put :exec
INSERT INTO retirement (account_id, plan, noticed_at, applies_day, to_plan, amount_minor, currency,
    chosen_plan, chosen_at, closed_at)
VALUES (:account_id, :plan, :noticed_at, :applies_day, :to_plan, :amount_minor, :currency, '', 0, 0)
ON CONFLICT (account_id, plan) DO UPDATE SET noticed_at = excluded.noticed_at,
    applies_day = excluded.applies_day, to_plan = excluded.to_plan,
    amount_minor = excluded.amount_minor, currency = excluded.currency, chosen_plan = '',
    chosen_at = 0, closed_at = 0;

-- The newest first.
-- retirements_of :many retirement
-- :max int
SELECT plan, noticed_at, applies_day, to_plan, amount_minor, currency, chosen_plan, chosen_at,
       closed_at, actor_role, actor_id, actor_surface, device, network
FROM retirement WHERE account_id = :account_id ORDER BY applies_day DESC, plan LIMIT :max;

-- retirement_open :many retirement
-- :max int
SELECT plan, noticed_at, applies_day, to_plan, amount_minor, currency, chosen_plan, chosen_at,
       closed_at, actor_role, actor_id, actor_surface, device, network
FROM retirement WHERE account_id = :account_id AND plan = :plan AND closed_at = 0
ORDER BY plan LIMIT :max;

-- retirement_choose :exec
UPDATE retirement SET chosen_plan = :chosen_plan, chosen_at = :chosen_at, actor_role = :actor_role,
    actor_id = :actor_id, actor_surface = :actor_surface, device = :device, network = :network
WHERE account_id = :account_id AND plan = :plan;

-- retirement_close :exec
UPDATE retirement SET closed_at = :closed_at
WHERE account_id = :account_id AND plan = :plan AND closed_at = 0;
