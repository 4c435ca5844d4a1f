-- Partners' statements. SPDX-License-Identifier: Apache-2.0

-- any account: a line of a statement, whosever
-- settlement_by_line :many settlement_row
SELECT line_id, partner, month_day, line, reference, account_id, start_day, amount_minor, currency,
       expected_minor, settlement_finding, told_at
FROM settlement_line WHERE partner = :partner AND month_day = :month_day AND line = :line;

-- settlement_of_period :many settlement_row
-- Lines of one member's period, the oldest first.
-- :max int
SELECT line_id, partner, month_day, line, reference, account_id, start_day, amount_minor, currency,
       expected_minor, settlement_finding, told_at
FROM settlement_line
WHERE partner = :partner AND account_id = :account_id AND start_day = :start_day
ORDER BY line_id LIMIT :max;

-- settlement_add :exec
INSERT INTO settlement_line (line_id, partner, month_day, line, reference, account_id, start_day,
    amount_minor, currency, expected_minor, settlement_finding, told_at)
VALUES (:line_id, :partner, :month_day, :line, :reference, :account_id, :start_day, :amount_minor,
    :currency, :expected_minor, :settlement_finding, :told_at);

-- settlement_made_up :exec
UPDATE settlement_line SET settlement_finding = 'made_up'
WHERE line_id = :line_id AND account_id = :account_id;

-- settlement_period :many settlement_period_row
-- :max int
SELECT plan, start_day, until_day FROM partner_period
WHERE account_id = :account_id AND partner = :partner AND start_day = :start_day
ORDER BY start_day LIMIT :max;

-- any account: the partner's periods, whosever
-- settlement_untold :many settlement_untold_row
-- :from_day int
-- :before_day int
-- :max int
SELECT p.account_id, p.start_day, p.plan FROM partner_period p
WHERE p.partner = :partner AND p.start_day >= :from_day AND p.start_day < :before_day
  AND NOT EXISTS (SELECT 1 FROM settlement_line l
                  WHERE l.partner = p.partner AND l.account_id = p.account_id
                    AND l.start_day = p.start_day)
ORDER BY p.start_day, p.account_id LIMIT :max;

-- any account: a whole statement
-- settlement_sums :many settlement_sum_row
-- :lines int
-- :paid_minor int
-- :owed_minor int
-- :max int
SELECT settlement_finding, currency, CAST(COUNT(*) AS BIGINT) AS lines,
       CAST(SUM(amount_minor) AS BIGINT) AS paid_minor,
       CAST(SUM(expected_minor) AS BIGINT) AS owed_minor
FROM settlement_line WHERE partner = :partner AND month_day = :month_day
GROUP BY settlement_finding, currency ORDER BY settlement_finding, currency LIMIT :max;

-- settlement_end :exec
INSERT INTO settlement (partner, month_day, closed_at) VALUES (:partner, :month_day, :closed_at)
ON CONFLICT (partner, month_day) DO NOTHING;

-- settlement_whole :many settlement_whole_row
SELECT closed_at FROM settlement WHERE partner = :partner AND month_day = :month_day;
