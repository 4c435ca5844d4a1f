-- Charges and the journal as streams, and the trial balance.
-- SPDX-License-Identifier: Apache-2.0

-- Walked from account to account by the index on external_id, so that only the rows of one account
-- are ever sorted; a CROSS JOIN keeps SQLite to that order. A charge whose next attempt has no
-- method shows that of its last one.
-- Of the living, by their ids from one on and, unless it is '', up to another, both exclusive.
-- charges_export :scan charge_export
-- :pays_by text
-- :after text
-- :before text
-- :from_day int
-- :until_day int
-- :refunded_minor int
SELECT a.external_id, i.plan, c.kind, i.period_start_day, i.period_end_day, c.due_on_day,
       i.currency, i.net_minor, i.tax_minor, i.total_minor, i.cause, c.charge_state,
       COALESCE(m.method_kind, '') AS pays_by, COALESCE(m.brand, '') AS brand,
       COALESCE(m.last4, '') AS last4, c.attempts,
       (SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS BIGINT) FROM refund r
        WHERE r.charge_id = c.charge_id) AS refunded_minor
FROM account a CROSS JOIN charge c CROSS JOIN invoice i
LEFT JOIN method m ON m.method_id = CASE WHEN c.method_id <> 0 THEN c.method_id
    ELSE COALESCE((SELECT p.method_id FROM attempt p WHERE p.charge_id = c.charge_id
                   ORDER BY p.attempt_no DESC LIMIT 1), 0) END
WHERE c.account_id = a.account_id AND i.invoice_id = c.charge_id AND i.document = 'invoice'
  AND a.erased_at = 0 AND a.external_id > :after AND (:before = '' OR a.external_id < :before)
  AND c.due_on_day >= :from_day AND c.due_on_day < :until_day
ORDER BY a.external_id, i.period_start_day, c.kind, c.term, c.k, c.subject;

-- Of the erased: what stands there instead of their names is a number that another run would not
-- give, so that they are shown as one. And of who was called so before that was reserved.
-- charges_export_erased :scan charge_export
-- :external_id text
-- :pays_by text
-- :from_day int
-- :until_day int
-- :refunded_minor int
SELECT 'erased' AS external_id, i.plan, c.kind, i.period_start_day, i.period_end_day, c.due_on_day,
       i.currency, i.net_minor, i.tax_minor, i.total_minor, i.cause, c.charge_state,
       COALESCE(m.method_kind, '') AS pays_by, COALESCE(m.brand, '') AS brand,
       COALESCE(m.last4, '') AS last4, c.attempts,
       (SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS BIGINT) FROM refund r
        WHERE r.charge_id = c.charge_id) AS refunded_minor
FROM account a CROSS JOIN charge c CROSS JOIN invoice i
LEFT JOIN method m ON m.method_id = CASE WHEN c.method_id <> 0 THEN c.method_id
    ELSE COALESCE((SELECT p.method_id FROM attempt p WHERE p.charge_id = c.charge_id
                   ORDER BY p.attempt_no DESC LIMIT 1), 0) END
WHERE c.account_id = a.account_id AND i.invoice_id = c.charge_id AND i.document = 'invoice'
  AND (a.erased_at > 0 OR a.external_id = 'erased')
  AND c.due_on_day >= :from_day AND c.due_on_day < :until_day
ORDER BY i.period_start_day, c.kind, c.account_id, c.term, c.k, c.subject;

-- journal_export :scan journal_row
SELECT document_id, entry_no, booked_at, debit, credit, currency, amount_minor
FROM ledger_entry ORDER BY document_id, entry_no;

-- trial_balance :many trial_balance_row
-- :book text
-- :debit_minor int
-- :credit_minor int
-- :max int
SELECT book, currency, CAST(SUM(d) AS BIGINT) AS debit_minor,
       CAST(SUM(c) AS BIGINT) AS credit_minor
FROM (SELECT debit AS book, currency, SUM(amount_minor) AS d, 0 AS c
      FROM ledger_entry GROUP BY debit, currency
      UNION ALL
      SELECT credit, currency, 0, SUM(amount_minor)
      FROM ledger_entry GROUP BY credit, currency) side
GROUP BY book, currency ORDER BY book, currency LIMIT :max;
