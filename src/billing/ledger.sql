-- The journal. SPDX-License-Identifier: Apache-2.0

-- ledger_entry_add_all :bulk
INSERT INTO ledger_entry (document_id, entry_no, account_id, booked_at, debit, credit, currency,
                          amount_minor)
VALUES (:document_id, :entry_no, :account_id, :booked_at, :debit, :credit, :currency,
        :amount_minor);
