-- A member's charges with all that a person asks about them, in the order of charge_once, so that
-- nothing is sorted. SPDX-License-Identifier: Apache-2.0

-- What there is at all, so that little is asked for in vain; charges are counted up to :max.
-- history_size :one history_size_row
-- :charges int
-- :refunds int
-- :disputes int
-- :partner_periods int
-- :max int
SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM charge WHERE account_id = :account_id LIMIT :max) a)
           AS charges,
       CASE WHEN EXISTS (SELECT 1 FROM charge c JOIN refund r ON r.charge_id = c.charge_id
                         WHERE c.account_id = :account_id) THEN 1 ELSE 0 END AS refunds,
       CASE WHEN EXISTS (SELECT 1 FROM dispute WHERE account_id = :account_id)
            THEN 1 ELSE 0 END AS disputes,
       CASE WHEN EXISTS (SELECT 1 FROM partner_period WHERE account_id = :account_id)
            THEN 1 ELSE 0 END AS partner_periods;

-- Which there are, each with as much as tells its place among them.
-- history_keys :many history_key
-- :invoiced int
-- :max int
SELECT c.charge_id, c.term, c.k, c.kind, c.due_on_day, c.wanted_at,
       CASE WHEN i.invoice_id IS NULL THEN 0 ELSE 1 END AS invoiced
FROM charge c
LEFT JOIN invoice i ON i.invoice_id = c.charge_id
WHERE c.account_id = :account_id
ORDER BY c.term, c.k, c.kind, c.subject LIMIT :max;

-- Those between two numbers; the other queries take the same two. A charge that would end a hold
-- has no invoice before it is paid, and its term no row: its quote has what it was asked for with.
-- Where there is none, plan, country and region are '', and those of the member count. What it was
-- to begin is the event it was wanted with.
-- history_charges :many history_charge
-- :pays_by text
-- :invoiced int
-- :total_minor int
-- :expiry_month int
-- :quoted int
-- :slots int
-- :price_known_day int
-- :price_new_day int
-- :price_from_day int
-- :least_id int
-- :most_id int
-- :max int
SELECT c.charge_id, c.term, c.k, c.kind, c.subject, c.due_on_day, c.charge_state, c.attempts,
       c.wanted_at, c.captured_at, c.recovered_by, c.code, c.catalog_version, c.credit_note_id,
       c.currency,
       CASE WHEN i.invoice_id IS NULL THEN 0 ELSE 1 END AS invoiced,
       COALESCE(i.seller, '') AS seller, COALESCE(i.series_year, 0) AS series_year,
       COALESCE(i.series, 0) AS series, COALESCE(i.number, 0) AS number,
       COALESCE(i.plan, p.to_plan, q.plan, '') AS plan,
       COALESCE(i.country, q.country, '') AS country, COALESCE(i.region, q.region, '') AS region,
       COALESCE(i.period_start_day, CASE p.change_effect WHEN 'moved' THEN p.old_end_day
                                    ELSE p.effective_day END, c.due_on_day) AS period_start_day,
       COALESCE(i.period_end_day, CASE p.change_effect WHEN 'moved' THEN p.new_end_day
                                  ELSE p.old_end_day END, 0) AS period_end_day,
       COALESCE(i.net_minor, c.amount_minor + c.credit_minor) AS net_minor,
       COALESCE(i.tax_minor, 0) AS tax_minor, c.amount_minor + c.credit_minor AS total_minor,
       c.credit_minor, COALESCE(i.cause, CASE WHEN p.change_effect = 'moved' THEN 'day_moved'
                               WHEN c.kind = 'change' THEN 'plan_change'
                               WHEN c.kind = 'slot' THEN 'slot_added'
                               WHEN e.event = 'sign_up' THEN 'first'
                               WHEN e.event = 'restart' THEN 'restarted'
                               WHEN e.event = 'resume' THEN 'resumed' ELSE 'hold_unpaid' END)
           AS cause,
       COALESCE(t.anchor_day, c.due_on_day) AS anchor_day,
       COALESCE(t.term_cause, '') AS term_cause,
       COALESCE(m.method_kind, '') AS pays_by, COALESCE(m.brand, '') AS brand,
       COALESCE(m.last4, '') AS last4, COALESCE(m.expiry_month, 0) AS expiry_month, c.method_id,
       COALESCE(m.copy_of, 0) AS copy_of,
       CASE WHEN q.charge_id IS NULL THEN 0 ELSE 1 END AS quoted, COALESCE(q.slots, 0) AS slots,
       COALESCE(q.price_known_day, 0) AS price_known_day,
       COALESCE(q.price_new_day, 0) AS price_new_day,
       COALESCE(q.price_from_day, 0) AS price_from_day
FROM charge c
LEFT JOIN invoice i ON i.invoice_id = c.charge_id
LEFT JOIN term t ON t.account_id = c.account_id AND t.term = c.term
LEFT JOIN method m ON m.method_id = c.method_id
LEFT JOIN quote q ON q.charge_id = CASE WHEN i.invoice_id IS NULL THEN c.charge_id END
LEFT JOIN plan_change p ON p.change_id = c.subject AND c.kind = 'change'
LEFT JOIN membership_event e ON e.event_id = CASE WHEN i.invoice_id IS NULL THEN (
    SELECT MAX(b.event_id) FROM membership_event b
    WHERE b.account_id = c.account_id AND b.happened_at = c.wanted_at
      AND b.event IN ('sign_up', 'restart', 'resume')) END
WHERE c.account_id = :account_id AND c.charge_id BETWEEN :least_id AND :most_id
ORDER BY c.term, c.k, c.kind, c.subject LIMIT :max;

-- history_lines :many history_line
-- :least_id int
-- :most_id int
-- :max int
SELECT l.invoice_id, l.line_no, l.line_kind, l.item, l.unit_minor, l.rate_ppm, l.effective_day,
       l.amount_minor
FROM charge c
JOIN invoice_line l ON l.invoice_id = c.charge_id
WHERE c.account_id = :account_id AND c.charge_id BETWEEN :least_id AND :most_id
ORDER BY c.term, c.k, c.kind, c.subject, l.line_no LIMIT :max;

-- history_attempts :many history_attempt
-- :meaning text
-- :outcome text
-- :pays_by text
-- :least_id int
-- :most_id int
-- :max int
SELECT p.charge_id, p.attempt_no, p.attempt_state AS outcome, p.code,
       p.decline_class AS meaning, p.sent_at, p.method_id,
       COALESCE(m.method_kind, '') AS pays_by, COALESCE(m.brand, '') AS brand,
       COALESCE(m.last4, '') AS last4
FROM charge c
JOIN attempt p ON p.charge_id = c.charge_id
LEFT JOIN method m ON m.method_id = p.method_id
WHERE c.account_id = :account_id AND c.charge_id BETWEEN :least_id AND :most_id
ORDER BY c.term, c.k, c.kind, c.subject, p.attempt_no LIMIT :max;

-- What takes charges back: of what was never paid, of refunds, of lost disputes.
-- history_credit_notes :many history_credit_note
-- :least_id int
-- :most_id int
-- :max int
SELECT i.invoice_id, i.credits_id, i.seller, i.series_year, i.series, i.number, i.issued_at,
       i.total_minor, i.cause
FROM (SELECT credit_note_id FROM charge
      WHERE account_id = :account_id AND charge_id BETWEEN :least_id AND :most_id
      UNION
      SELECT r.credit_note_id FROM charge c JOIN refund r ON r.charge_id = c.charge_id
      WHERE c.account_id = :account_id AND c.charge_id BETWEEN :least_id AND :most_id
      UNION
      SELECT credit_note_id FROM dispute
      WHERE account_id = :account_id AND charge_id BETWEEN :least_id AND :most_id) n
JOIN invoice i ON i.invoice_id = n.credit_note_id
WHERE i.account_id = :account_id
ORDER BY i.issued_at, i.invoice_id LIMIT :max;

-- charge_owner :one charge_owner_row
SELECT account_id FROM charge WHERE charge_id = :charge_id;

-- invoice_owner :one invoice_owner_row
SELECT account_id, document, credits_id FROM invoice WHERE invoice_id = :invoice_id;

-- The method that the next attempt takes first.
-- history_method :many history_method_row
-- :pays_by text
-- :max int
SELECT method_kind AS pays_by, brand, last4 FROM method
WHERE account_id = :account_id AND method_state = 'usable' ORDER BY method_rank LIMIT :max;

-- When the account was locked, and when that ended.
-- history_locks :many history_lock
-- :max int
SELECT happened_at, event FROM membership_event
WHERE account_id = :account_id AND event IN ('lock', 'unlock')
ORDER BY event_id LIMIT :max;

-- When its pauses began.
-- history_pauses :many history_pause
-- :max int
SELECT happened_at FROM membership_event
WHERE account_id = :account_id AND event = 'pause_begin' ORDER BY event_id LIMIT :max;

-- What a method was from when on.
-- history_cards :many history_card
-- :happened text
-- :max int
SELECT happened_at, method_event AS happened, last4, expiry_month FROM method_event
WHERE account_id = :account_id AND method_id = :method_id ORDER BY method_event_id LIMIT :max;
