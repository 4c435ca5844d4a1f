-- Credit of members: entries that point at the journal. SPDX-License-Identifier: Apache-2.0

-- credit_sum :one credit_sum
-- :book text
-- :n int
-- :minor int
SELECT CAST(COUNT(*) AS BIGINT) AS n,
       CAST(COALESCE(SUM(CASE WHEN l.credit = :book THEN l.amount_minor
                              ELSE -l.amount_minor END), 0) AS BIGINT) AS minor
FROM credit_entry c JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE c.account_id = :account_id;

-- credit_add :exec
INSERT INTO credit_entry (account_id, credit_no, document_id, credit_kind, cause_id, reason)
VALUES (:account_id, :credit_no, :document_id, :credit_kind, :cause_id, :reason)
ON CONFLICT (account_id, credit_no) DO NOTHING;

-- The next number guards the sum, as credit_add does: a number that is taken is a lost race.
-- credit_add_all :bulk
INSERT INTO credit_entry (account_id, credit_no, document_id, credit_kind, cause_id, reason)
VALUES (:account_id, :credit_no, :document_id, 'consume', :cause_id, '')
ON CONFLICT (account_id, credit_no) DO NOTHING;

-- Beside the version: a use case that holds the membership may move credit.
-- credit_mark_all :bulk
UPDATE membership SET has_credit = :has_credit WHERE account_id = :account_id;

-- credit_list :many credit_row
-- :book text
-- :max int
-- :credit_minor int
SELECT c.credit_no, c.document_id, c.credit_kind, c.cause_id, c.reason, l.booked_at, l.currency,
       CASE WHEN l.credit = :book THEN l.amount_minor ELSE -l.amount_minor END AS credit_minor
FROM credit_entry c JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE c.account_id = :account_id ORDER BY c.credit_no DESC LIMIT :max;

-- The same, the oldest first.
-- credit_story_rows :many credit_story_row
-- :book text
-- :max int
-- :credit_minor int
SELECT c.credit_kind, c.cause_id, l.booked_at,
       CASE WHEN l.credit = :book THEN l.amount_minor ELSE -l.amount_minor END AS credit_minor
FROM credit_entry c JOIN ledger_entry l ON l.document_id = c.document_id AND l.entry_no = 1
WHERE c.account_id = :account_id ORDER BY c.credit_no LIMIT :max;
