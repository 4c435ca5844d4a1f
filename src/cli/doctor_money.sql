-- What must always hold of money that goes back, as in doctor.sql.
-- SPDX-License-Identifier: Apache-2.0

-- doctor_invoice_reversals :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(n.credits_id AS TEXT) AS sample
      FROM invoice n JOIN invoice i ON i.invoice_id = n.credits_id
      LEFT JOIN reversal v ON v.invoice_id = n.invoice_id
      WHERE n.document = 'credit_note' AND n.cause <> 'unpaid'
      GROUP BY n.credits_id, i.net_minor, i.tax_minor, i.total_minor
      HAVING COUNT(*) <> COUNT(v.invoice_id) OR -SUM(n.total_minor) > i.total_minor
          OR (SUM(n.total_minor) = -i.total_minor AND SUM(n.tax_minor) <> -i.tax_minor)
     ) broken;

-- doctor_refund_left :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c JOIN refund r ON r.charge_id = c.charge_id
      LEFT JOIN invoice i ON i.invoice_id = c.charge_id
      GROUP BY c.charge_id, c.account_id, c.currency, c.amount_minor, c.charge_state, i.total_minor
      HAVING SUM(r.amount_minor) > COALESCE(i.total_minor, c.amount_minor)
          OR SUM(CASE WHEN r.refund_to = 'method' THEN r.amount_minor ELSE 0 END) > c.amount_minor
          OR c.charge_state <> 'captured' OR MIN(r.amount_minor) <= 0
          OR MIN(r.account_id) <> c.account_id OR MIN(r.currency) <> c.currency
          OR MAX(r.refund_no) <> COUNT(*)
     ) broken;

-- doctor_dispute_books :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry WHERE debit = 'chargebacks'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry WHERE credit = 'chargebacks'
          UNION ALL
          SELECT currency, -amount_minor FROM dispute WHERE dispute_state = 'open') side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_dispute_state :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(d.dispute_id AS TEXT) AS sample
      FROM dispute d LEFT JOIN charge c ON c.charge_id = d.charge_id
      LEFT JOIN invoice n ON n.invoice_id = d.credit_note_id
      WHERE (d.dispute_state = 'open') <> (d.closed_at = 0) OR c.charge_id IS NULL
         OR c.account_id <> d.account_id OR c.charge_state <> 'captured'
         OR (d.dispute_state <> 'lost' AND d.credit_note_id <> 0)
         OR (d.credit_note_id <> 0
             AND (n.invoice_id IS NULL OR n.total_minor <> -d.amount_minor))
         OR (d.dispute_state <> 'won' AND d.amount_minor > c.amount_minor
             - (SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS BIGINT) FROM refund r
                WHERE r.charge_id = d.charge_id AND r.refund_to = 'method'))
     ) broken;

-- doctor_refund_note :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(r.refund_id AS TEXT) AS sample
      FROM refund r LEFT JOIN invoice n ON n.invoice_id = r.credit_note_id
      LEFT JOIN invoice i ON i.invoice_id = r.charge_id
      WHERE (i.invoice_id IS NULL) <> (r.credit_note_id = 0)
         OR (r.credit_note_id <> 0
             AND (n.invoice_id IS NULL OR n.credits_id <> r.charge_id
                  OR n.total_minor <> -r.amount_minor))
     ) broken;

-- doctor_refund_books :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry WHERE credit = 'refunds'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry WHERE debit = 'refunds'
          UNION ALL
          SELECT currency, -amount_minor FROM refund
          WHERE refund_state <> 'done' AND credit_document_id = 0) side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_refund_state :one money_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(refund_id AS TEXT) AS sample
      FROM refund
      WHERE (refund_state IN ('wanted', 'unknown')) <> (due_at > 0)
         OR (refund_state = 'done') <> (done_at > 0)
         OR (refund_to = 'credit' AND (refund_state <> 'done' OR credit_document_id = 0))
         OR due_day <> due_at / 86400000
     ) broken;

-- doctor_refund_overdue :one money_finding
-- :findings int
-- :sample text
-- :before int
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(refund_id AS TEXT) AS sample
      FROM refund WHERE due_at > 0 AND due_at < :before
     ) broken;

-- doctor_forget_overdue :one money_finding
-- :findings int
-- :sample text
-- :before int
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(method_id AS TEXT) AS sample
      FROM token_forget WHERE due_at < :before AND forget_state <> 'done'
     ) broken;
