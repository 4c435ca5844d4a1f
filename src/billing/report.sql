-- What a report reads of each member, for a run of account numbers at a time; each query follows an
-- index that begins with the account. SPDX-License-Identifier: Apache-2.0

-- report_members :many report_member
-- :after int
-- :max int
SELECT m.account_id, m.plan, m.biller, m.state, m.term, m.k, m.step, m.due_at,
       a.country, a.currency, a.zone
FROM membership m JOIN account a ON a.account_id = m.account_id
WHERE m.account_id > :after ORDER BY m.account_id LIMIT :max;

-- report_terms :many report_term
-- :first int
-- :last int
-- :max int
SELECT account_id, term, anchor_day, started_at, term_cause FROM term
WHERE account_id BETWEEN :first AND :last ORDER BY account_id, term LIMIT :max;

-- What comes from nothing (a sign-up, an import) is told by the first term, which an imported
-- member has had since the joining date.
-- report_events :many report_event
-- :first int
-- :last int
-- :max int
SELECT account_id, happened_at, event, state_from, state_to FROM membership_event
WHERE account_id BETWEEN :first AND :last AND state_from <> 'none'
ORDER BY account_id, happened_at, event_id LIMIT :max;

-- report_charges :many report_charge
-- :first int
-- :last int
-- :invoiced int
-- :dunned_id int
-- :max int
SELECT c.account_id, c.charge_id, c.term, c.k, c.kind, c.due_on_day, c.amount_minor, c.currency,
       c.charge_state, c.captured_at, c.recovered_by, c.code,
       CASE WHEN i.invoice_id IS NULL THEN 0 ELSE 1 END AS invoiced,
       COALESCE(i.plan, '') AS plan, COALESCE(i.country, '') AS country,
       COALESCE(i.period_start_day, 0) AS period_start_day, COALESCE(i.net_minor, 0) AS net_minor,
       COALESCE(i.tax_minor, 0) AS tax_minor, COALESCE(i.total_minor, 0) AS total_minor,
       COALESCE(i.cause, 'recovered') AS cause,
       COALESCE(d.charge_id, 0) AS dunned_id
FROM charge c
LEFT JOIN invoice i ON i.invoice_id = c.charge_id
LEFT JOIN dunning d ON d.account_id = c.account_id
WHERE c.account_id BETWEEN :first AND :last
ORDER BY c.account_id, c.term, c.k, c.kind, c.subject LIMIT :max;

-- The attempts of charges that took more than one, or none that paid.
-- report_attempts :many report_attempt
-- :meaning text
-- :outcome text
-- :first int
-- :last int
-- :max int
SELECT p.charge_id, p.attempt_no, p.method_id, p.attempt_state AS outcome, p.code,
       p.decline_class AS meaning, p.sent_at
FROM charge c JOIN attempt p ON p.charge_id = c.charge_id
WHERE c.account_id BETWEEN :first AND :last AND (c.attempts > 1 OR c.charge_state <> 'captured')
ORDER BY c.account_id, c.term, c.k, c.kind, c.subject, p.attempt_no LIMIT :max;

-- What was taken back: of what was never paid, by refunds, by lost disputes.
-- report_notes :many report_note
-- :first int
-- :last int
-- :max int
SELECT i.account_id, i.plan, i.country, i.currency, i.issued_at, i.tax_minor, i.total_minor
FROM (SELECT credit_note_id FROM charge
      WHERE account_id BETWEEN :first AND :last AND credit_note_id <> 0
      UNION
      SELECT credit_note_id FROM refund
      WHERE account_id BETWEEN :first AND :last AND credit_note_id <> 0
      UNION
      SELECT credit_note_id FROM dispute
      WHERE account_id BETWEEN :first AND :last AND credit_note_id <> 0) n
JOIN invoice i ON i.invoice_id = n.credit_note_id
ORDER BY i.account_id, i.invoice_id LIMIT :max;

-- report_skips :many report_skip
-- :first int
-- :last int
-- :max int
SELECT account_id, term, k, due_on_day FROM renewal_skip
WHERE account_id BETWEEN :first AND :last ORDER BY account_id, term, k, skip_reason LIMIT :max;

-- report_recognitions :many report_recognition
-- :max int
SELECT month, country, plan, currency, recognised_minor FROM recognition
ORDER BY month, country, plan, currency LIMIT :max;

-- The third: on which the first renewal is still to be booked.
-- report_days :one report_days_row
-- :first_day int
-- :last_day int
-- :next_day int
SELECT CAST(COALESCE(MIN(due_on_day), 0) AS BIGINT) AS first_day,
       CAST(COALESCE(MAX(due_on_day), 0) AS BIGINT) AS last_day,
       (SELECT CAST(COALESCE(MIN(period_end_day), 0) AS BIGINT) FROM membership
        WHERE state = 'active' AND biller = 'direct') AS next_day
FROM charge;
