-- What was asked of charges. SPDX-License-Identifier: Apache-2.0

-- remedy_facts :many remedy_facts_row
-- :period_start int
-- :period_end int
-- :paid_minor int
-- :began_at int
-- :max int
SELECT c.charge_id, c.amount_minor, c.currency, c.charge_state, c.captured_at, c.term,
       COALESCE(i.period_start_day, 0) AS period_start,
       COALESCE(i.period_end_day, 0) AS period_end,
       COALESCE(i.total_minor, c.amount_minor) AS paid_minor,
       COALESCE(t.started_at, 0) AS began_at
FROM charge c
LEFT JOIN invoice i ON i.invoice_id = c.charge_id
LEFT JOIN term t ON t.account_id = c.account_id AND t.term = c.term
WHERE c.charge_id = :charge_id AND c.account_id = :account_id
ORDER BY c.charge_id LIMIT :max;

-- remedy_add :exec
INSERT INTO remedy (remedy_id, account_id, charge_id, circumstance, rule, remedy_outcome,
    amount_minor, refund_to, from_day, until_day, note, refund_id, asked_at, actor_role, actor_id,
    approved_at, approved_by)
VALUES (:remedy_id, :account_id, :charge_id, :circumstance, :rule, :remedy_outcome, :amount_minor,
    :refund_to, :from_day, :until_day, :note, :refund_id, :asked_at, :actor_role, :actor_id, 0, 0);

-- remedy_by_id :many remedy
-- :max int
SELECT remedy_id, account_id, charge_id, circumstance, rule, remedy_outcome, amount_minor,
       refund_to, from_day, until_day, note, refund_id, asked_at, actor_role, actor_id,
       approved_at, approved_by
FROM remedy WHERE remedy_id = :remedy_id AND account_id = :account_id
ORDER BY remedy_id LIMIT :max;

-- remedies_of :many remedy
-- :max int
SELECT remedy_id, account_id, charge_id, circumstance, rule, remedy_outcome, amount_minor,
       refund_to, from_day, until_day, note, refund_id, asked_at, actor_role, actor_id,
       approved_at, approved_by
FROM remedy WHERE account_id = :account_id ORDER BY remedy_id LIMIT :max;

-- remedy_decide :exec
UPDATE remedy SET remedy_outcome = :remedy_outcome, refund_id = :refund_id,
    approved_at = :approved_at, approved_by = :approved_by
WHERE remedy_id = :remedy_id AND account_id = :account_id AND remedy_outcome = 'waiting';

-- remedy_promised :one remedy_promised_row
-- :minor int
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS minor FROM remedy
WHERE account_id = :account_id AND charge_id = :charge_id AND remedy_outcome = 'disputed';

-- remedies_promised :many remedy
-- :max int
SELECT remedy_id, account_id, charge_id, circumstance, rule, remedy_outcome, amount_minor,
       refund_to, from_day, until_day, note, refund_id, asked_at, actor_role, actor_id,
       approved_at, approved_by
FROM remedy
WHERE account_id = :account_id AND charge_id = :charge_id AND remedy_outcome = 'disputed'
ORDER BY remedy_id LIMIT :max;

-- remedy_kept :exec
UPDATE remedy SET remedy_outcome = :remedy_outcome, refund_id = :refund_id
WHERE remedy_id = :remedy_id AND account_id = :account_id AND remedy_outcome = 'disputed';
