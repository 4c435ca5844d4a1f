-- What the auditor looks at. SPDX-License-Identifier: Apache-2.0
-- enum state membership_states
-- enum step membership_steps
-- enum state_from membership_states
-- enum state_to membership_states
-- enum event membership_events
-- enum charge_state charge_states
-- enum kind charge_kinds
-- enum document invoice_documents
-- enum cause charge_causes
-- enum recovered_by recoveries
-- enum attempt_state attempt_states
-- enum method_state method_states
-- enum refund_to refund_targets
-- enum circumstance refund_circumstances
-- enum refund_state refund_states
-- enum dispute_state dispute_states
-- enum change_state change_states
-- enum change_effect change_effects
-- enum slot_state slot_states

-- seen_memberships :many seen_membership
-- :max int
SELECT account_id, state, term, anchor_day, k, period_start_day, period_end_day, step, due_at,
       end_day, retention_until_day, plan, next_plan, slots, pause_months, biller, version
FROM membership ORDER BY account_id LIMIT :max;

-- seen_events :many seen_event
-- :max int
SELECT event_id, account_id, happened_at, event, state_from, state_to, reason
FROM membership_event WHERE event_id > :event_id ORDER BY event_id LIMIT :max;

-- seen_letters :many seen_letter
-- :max int
SELECT outbox_id, account_id, topic, happened_at, body FROM outbox
WHERE outbox_id > :outbox_id ORDER BY outbox_id LIMIT :max;

-- seen_charges :many seen_charge
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recognised_from,
       credit_note_id, credit_minor
FROM charge WHERE account_id = :account_id AND charge_id >= :charge_id
ORDER BY charge_id LIMIT :max;

-- seen_charge_of :many seen_intent
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recognised_from,
       credit_note_id, credit_minor, recovered_by
FROM charge WHERE account_id = :account_id AND term = :term AND k = :k AND kind = :kind
  AND subject = :subject
ORDER BY charge_id LIMIT :max;

-- seen_attempts :many seen_attempt
-- :max int
SELECT attempt_no, attempt_state, amount_minor, code, sent_at, answered_at
FROM attempt WHERE charge_id = :charge_id ORDER BY attempt_no LIMIT :max;

-- seen_invoice :many seen_invoice_row
-- :max int
SELECT invoice_id, account_id, document, credits_id, plan, country, region, period_start_day,
       period_end_day, issued_at, currency, net_minor, tax_minor, total_minor, cause
FROM invoice WHERE invoice_id = :invoice_id ORDER BY invoice_id LIMIT :max;

-- seen_lines :many seen_lines_row
-- :max int
-- :total int
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS total FROM invoice_line
WHERE invoice_id = :invoice_id ORDER BY total LIMIT :max;

-- seen_entries :many seen_entry
-- :max int
SELECT entry_no, account_id, debit, credit, currency, amount_minor
FROM ledger_entry WHERE document_id = :document_id ORDER BY entry_no LIMIT :max;

-- seen_numbers :many seen_number
-- :max int
SELECT i.seller, i.series_year, i.document, i.series, i.number, i.invoice_id, i.credits_id,
       i.account_id, s.next_number
FROM invoice i JOIN invoice_series s ON s.seller = i.seller AND s.series_year = i.series_year
    AND s.document = i.document AND s.series = i.series
ORDER BY i.seller, i.series_year, i.document, i.series, i.number, i.invoice_id LIMIT :max;

-- seen_counts :many seen_counts_row
-- :max int
-- :invoices int
-- :charges int
-- :wanted int
-- :numbered int
SELECT (SELECT COUNT(*) FROM invoice) AS invoices, (SELECT COUNT(*) FROM charge) AS charges,
       (SELECT COUNT(*) FROM charge_wanted) AS wanted,
       (SELECT CAST(COALESCE(SUM(next_number - 1), 0) AS BIGINT) FROM invoice_series) AS numbered
ORDER BY invoices LIMIT :max;

-- seen_balances :many seen_balance
-- :book text
-- :balance int
-- :max int
SELECT b.book, b.currency, CAST(SUM(b.amount_minor) AS BIGINT) AS balance
FROM (SELECT debit AS book, currency, amount_minor FROM ledger_entry
      UNION ALL
      SELECT credit AS book, currency, -amount_minor AS amount_minor FROM ledger_entry) b
GROUP BY b.book, b.currency ORDER BY b.book, b.currency LIMIT :max;

-- seen_recognised :many seen_recognised_row
-- :max int
SELECT month, country, plan, currency, recognised_minor FROM recognition
ORDER BY month, country, plan, currency LIMIT :max;

-- seen_activity :many seen_activity_row
-- Changes with whatever a worker books.
-- :max int
-- :activity int
SELECT (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM membership)
       + (SELECT COUNT(*) FROM invoice) + (SELECT COUNT(*) FROM attempt) AS activity
ORDER BY activity LIMIT :max;

-- seen_workers :many seen_worker
-- :max int
SELECT worker_id FROM worker WHERE process = :process ORDER BY worker_id LIMIT :max;

-- seen_credits :many seen_credit
-- :max int
SELECT l.debit, l.credit, l.amount_minor, l.booked_at
FROM credit_entry c JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE c.account_id = :account_id ORDER BY c.credit_no LIMIT :max;

-- seen_lock :many seen_lock_row
-- :max int
SELECT locked_at, unlocked_at FROM account WHERE account_id = :account_id
ORDER BY account_id LIMIT :max;

-- seen_refunds :many seen_refund
-- :max int
SELECT refund_id, charge_id, order_key, amount_minor, refund_to, circumstance, refund_state,
       credit_note_id, decided_at, due_at
FROM refund WHERE account_id = :account_id ORDER BY refund_id LIMIT :max;

-- seen_disputes :many seen_dispute
-- :max int
SELECT dispute_id, charge_id, amount_minor, dispute_state, opened_at, closed_at, credit_note_id
FROM dispute WHERE account_id = :account_id ORDER BY dispute_id LIMIT :max;

-- seen_reversals :many seen_reversal
-- any account: the auditor looks at everything
-- :max int
SELECT i.invoice_id, i.account_id, i.credits_id, i.country, i.plan, i.period_start_day,
       i.period_end_day, i.net_minor, i.tax_minor, i.total_minor, i.cause, r.recognised_from
FROM reversal r JOIN invoice i ON i.invoice_id = r.invoice_id ORDER BY r.invoice_id LIMIT :max;

-- seen_changes :many seen_change
-- :max int
SELECT change_id, to_plan, change_state, change_effect, amount_minor
FROM plan_change WHERE account_id = :account_id ORDER BY change_id LIMIT :max;

-- seen_retirements :many seen_retirement
-- :max int
SELECT plan, closed_at FROM retirement WHERE account_id = :account_id ORDER BY plan LIMIT :max;

-- seen_slots :many seen_slot
-- :max int
SELECT slot_id, slot_no, slot_state, end_day FROM slot
WHERE account_id = :account_id ORDER BY slot_id LIMIT :max;

-- seen_methods :many seen_method
-- :max int
SELECT method_id, token, method_rank, method_state, expiry_month FROM method
WHERE account_id = :account_id AND method_state <> 'removed' ORDER BY method_id LIMIT :max;

-- seen_primaries :many seen_primary
-- :max int
SELECT method_id FROM membership WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- any account: a token may be on methods of several
-- seen_token_users :many seen_token_user
-- :max int
SELECT method_id FROM method WHERE token = :token AND method_state <> 'removed'
ORDER BY method_id LIMIT :max;
