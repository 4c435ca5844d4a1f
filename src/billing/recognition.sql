-- Revenue by the month in which it was served. SPDX-License-Identifier: Apache-2.0

-- months_done :one months_done_row
-- :newest int
SELECT CAST(COALESCE(MAX(month), -1) AS BIGINT) AS newest FROM recognition_run;

-- first_invoice :many first_invoice_row
-- :max int
SELECT issued_at FROM invoice ORDER BY invoice_id LIMIT :max;

-- What is being collected; what waits for the end of a lock counts when it is paid.
-- first_wanted :one first_wanted_row
-- :at int
SELECT CAST(COALESCE(MIN(c.attempt_at), 0) AS BIGINT) AS at
FROM charge_wanted w JOIN charge c ON c.charge_id = w.charge_id
JOIN account a ON a.account_id = c.account_id
WHERE a.locked_at = 0 OR c.charge_state = 'unknown';

-- The oldest charge that a lock may have kept from being paid in its time.
-- any account: revenue is everybody's
-- kept_by_lock :one kept_by_lock_row
-- :floor_at int
-- :oldest_id int
SELECT CAST(COALESCE(MIN(c.charge_id), 0) AS BIGINT) AS oldest_id
FROM account a JOIN charge c ON c.account_id = a.account_id
WHERE a.unlocked_at >= :floor_at AND a.unlocked_at > 0 AND c.captured_at >= a.unlocked_at;

-- What each group has earned in the month: all that is earned by its end, less what was already
-- recognised before it began. Only periods that are paid count; what was paid in a month that was
-- closed before we knew counts in the next one. Reversals take back in the same way, over their own
-- days. `earned` is earned_minor() in SQL.
-- earned_in_month :many earned
-- :floor_id int
-- :start_day int
-- :end_day int
-- :start_at int
-- :end_at int
-- :earned_minor int
-- :max int
SELECT i.country, i.plan, i.currency, CAST(SUM(
    CASE WHEN :end_day >= i.period_end_day THEN i.net_minor
         WHEN :end_day <= i.period_start_day THEN 0
         ELSE i.net_minor * (:end_day - i.period_start_day)
              / (i.period_end_day - i.period_start_day) END
    - CASE WHEN i.recognised_from >= :start_at THEN 0
           WHEN :start_day >= i.period_end_day THEN i.net_minor
           WHEN :start_day <= i.period_start_day THEN 0
           ELSE i.net_minor * (:start_day - i.period_start_day)
                / (i.period_end_day - i.period_start_day) END
    ) AS BIGINT) AS earned_minor
FROM (SELECT p.country, p.plan, p.currency, p.net_minor, p.period_start_day, p.period_end_day,
             c.recognised_from
      FROM invoice p JOIN charge c ON c.charge_id = p.invoice_id
      WHERE p.invoice_id >= :floor_id AND c.recognised_from > 0
      UNION ALL
      SELECT n.country, n.plan, n.currency, n.net_minor, n.period_start_day, n.period_end_day,
             v.recognised_from
      FROM reversal v JOIN invoice n ON n.invoice_id = v.invoice_id
      WHERE v.invoice_id >= :floor_id) i
WHERE i.recognised_from < :end_at
  AND (i.period_end_day > :start_day OR i.recognised_from >= :start_at)
GROUP BY i.country, i.plan, i.currency
ORDER BY i.country, i.plan, i.currency LIMIT :max;

-- recognition_add_all :bulk
INSERT INTO recognition (month, country, plan, currency, recognised_minor)
VALUES (:month, :country, :plan, :currency, :recognised_minor);

-- recognition_run_add :exec
INSERT INTO recognition_run (month, document_id, ran_at) VALUES (:month, :document_id, :ran_at)
ON CONFLICT (month) DO NOTHING;
