-- The journal. SPDX-License-Identifier: Apache-2.0

-- ledger_entry_add_all :bulk
INSERT INTO ledger_entry (document_id, entry_no, account_id, booked_at, debit, credit, currency,
                          amount_minor)
VALUES (:document_id, :entry_no, :account_id, :booked_at, :debit, :credit, :currency,
        :amount_minor);

-- ledger_balances :many ledger_balance
-- :book text
-- :balance_minor int
-- :max int
SELECT book, currency, CAST(SUM(amount) AS BIGINT) AS balance_minor FROM (
    SELECT debit AS book, currency, amount_minor AS amount FROM ledger_entry
    UNION ALL
    SELECT credit AS book, currency, -amount_minor AS amount FROM ledger_entry
) AS sides GROUP BY book, currency ORDER BY book, currency LIMIT :max;
