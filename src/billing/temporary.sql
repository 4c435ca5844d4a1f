-- Authorizations that a bank may show. SPDX-License-Identifier: Apache-2.0

-- temporary_of :many temporary_row
-- :shown_state text
-- :max int
SELECT t.method_id, t.authorization_state AS shown_state, t.amount_minor, t.currency, t.made_at,
       t.void_due_at, a.zone
FROM method m
JOIN method_authorization t ON t.method_id = m.method_id
JOIN account a ON a.account_id = m.account_id
WHERE m.account_id = :account_id AND t.ended_at = 0
ORDER BY m.method_rank, m.method_id LIMIT :max;
