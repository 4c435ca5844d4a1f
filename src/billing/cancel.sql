-- Cancels and withdrawals. SPDX-License-Identifier: Apache-2.0

-- cancel_events_of :many cancel_event
-- The newest first.
-- :max int
SELECT event_id, happened_at FROM membership_event
WHERE account_id = :account_id AND event = 'cancel' ORDER BY event_id DESC LIMIT :max;

-- cancel_terms_of :many cancel_term
-- Terms that began with a contract, the newest first.
-- :max int
SELECT term, anchor_day FROM term
WHERE account_id = :account_id AND term_cause IN ('joined', 'restarted', 'imported')
ORDER BY term DESC LIMIT :max;

-- cancel_unserved_of :many cancel_unserved
-- What is paid and not served to its end.
-- :max int
SELECT c.charge_id, i.total_minor, i.period_start_day, i.period_end_day
FROM charge c JOIN invoice i ON i.invoice_id = c.charge_id
WHERE c.account_id = :account_id AND c.charge_state = 'captured' AND c.term >= :term
  AND i.period_end_day > :period_end_day
ORDER BY c.charge_id LIMIT :max;
