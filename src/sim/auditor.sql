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
-- enum attempt_state attempt_states

-- seen_memberships :many seen_membership
-- :max int
SELECT account_id, state, term, anchor_day, k, period_start_day, period_end_day, step, due_at,
       end_day, version
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

-- seen_charge_of :many seen_charge
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recognised_from,
       credit_note_id, credit_minor
FROM charge WHERE account_id = :account_id AND term = :term AND k = :k
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
