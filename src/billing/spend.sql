-- Credit that pays for invoices. SPDX-License-Identifier: Apache-2.0

-- The members among those whose renewal is due that have credit, and how much: the same range as
-- renewals_due, up to the last one of the batch.
-- credit_left_due :many credit_left
-- :first int
-- :last int
-- :until_at int
-- :last_account_id int
-- :book text
-- :n int
-- :minor int
-- :max int
SELECT m.account_id, CAST(COUNT(*) AS BIGINT) AS n,
       CAST(SUM(CASE WHEN l.credit = :book THEN l.amount_minor ELSE -l.amount_minor END) AS BIGINT)
       AS minor, MIN(l.currency) AS currency
FROM membership m
JOIN credit_entry c ON c.account_id = m.account_id
JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE m.due_day BETWEEN :due_day AND :due_day AND m.due_at < :until_at AND m.step = 'renew'
  AND (m.account_id & 255) BETWEEN :first AND :last AND m.account_id <= :last_account_id
  AND m.has_credit = 1
GROUP BY m.account_id ORDER BY m.account_id LIMIT :max;

-- What an invoice has taken from credit, less what it gave back.
-- credit_spent :one credit_spent_row
-- :book text
-- :minor int
SELECT CAST(COALESCE(SUM(CASE WHEN l.debit = :book THEN l.amount_minor
                              ELSE -l.amount_minor END), 0) AS BIGINT) AS minor,
       COALESCE(MIN(l.currency), '') AS currency
FROM credit_entry c JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE c.account_id = :account_id AND c.cause_id = :cause_id AND c.credit_kind = 'consume';
