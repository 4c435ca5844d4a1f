-- Money given back. SPDX-License-Identifier: Apache-2.0

-- refund_charge :many refund_charge_row
-- :max int
SELECT charge_id, account_id, amount_minor, currency, charge_state, captured_at
FROM charge WHERE charge_id = :charge_id AND account_id = :account_id
ORDER BY charge_id LIMIT :max;

-- Whoever decides on what is left of a charge changes its row, so that two of them conflict.
-- refund_guard :exec
UPDATE charge SET credit_note_id = credit_note_id
WHERE charge_id = :charge_id AND account_id = :account_id;

-- refund_sums :one refund_sums_row
-- :n int
-- :all_minor int
-- :method_minor int
SELECT COUNT(*) AS n, CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS all_minor,
       CAST(COALESCE(SUM(CASE WHEN refund_to = 'method' THEN amount_minor ELSE 0 END), 0) AS BIGINT)
           AS method_minor
FROM refund WHERE charge_id = :charge_id AND account_id = :account_id;

-- refund_disputed :one refund_disputed_row
-- :open int
-- :minor int
SELECT CAST(COALESCE(SUM(CASE WHEN dispute_state = 'open' THEN 1 ELSE 0 END), 0) AS BIGINT) AS open,
       CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS minor
FROM dispute
WHERE charge_id = :charge_id AND account_id = :account_id AND dispute_state <> 'won';

-- refund_by_key :many refund
-- :max int
SELECT refund_id, account_id, charge_id, refund_no, order_key, amount_minor, currency, refund_to,
       circumstance, rule, refund_state, credit_note_id, credit_document_id, code, gateway_ref,
       decided_at, done_at, due_at, due_day, tries, actor_role, actor_id
FROM refund WHERE account_id = :account_id AND order_key = :order_key
ORDER BY refund_id LIMIT :max;

-- refund_by_id :many refund
-- :max int
SELECT refund_id, account_id, charge_id, refund_no, order_key, amount_minor, currency, refund_to,
       circumstance, rule, refund_state, credit_note_id, credit_document_id, code, gateway_ref,
       decided_at, done_at, due_at, due_day, tries, actor_role, actor_id
FROM refund WHERE account_id = :account_id AND refund_id = :refund_id
ORDER BY refund_id LIMIT :max;

-- Charge by charge, the oldest first for each.
-- refunds_of :many refund
-- :max int
SELECT r.refund_id, r.account_id, r.charge_id, r.refund_no, r.order_key, r.amount_minor, r.currency,
       r.refund_to, r.circumstance, r.rule, r.refund_state, r.credit_note_id, r.credit_document_id,
       r.code, r.gateway_ref, r.decided_at, r.done_at, r.due_at, r.due_day, r.tries, r.actor_role,
       r.actor_id
FROM charge c
JOIN refund r ON r.charge_id = c.charge_id
WHERE c.account_id = :account_id
ORDER BY c.term, c.k, c.kind, c.subject, r.refund_no LIMIT :max;

-- refund_add :exec
INSERT INTO refund (refund_id, account_id, charge_id, refund_no, order_key, amount_minor, currency,
    refund_to, circumstance, rule, refund_state, credit_note_id, credit_document_id, code,
    gateway_ref, decided_at, done_at, due_at, due_day, tries, actor_role, actor_id)
VALUES (:refund_id, :account_id, :charge_id, :refund_no, :order_key, :amount_minor, :currency,
    :refund_to, :circumstance, :rule, :refund_state, :credit_note_id, :credit_document_id, '', '',
    :decided_at, :done_at, :due_at, :due_day, 0, :actor_role, :actor_id)
ON CONFLICT DO NOTHING;

-- refund_store :exec
UPDATE refund SET refund_state = :refund_state, credit_document_id = :credit_document_id,
    code = :code, gateway_ref = :gateway_ref, done_at = :done_at, due_at = :due_at,
    due_day = :due_day, tries = :tries
WHERE refund_id = :refund_id AND account_id = :account_id;
