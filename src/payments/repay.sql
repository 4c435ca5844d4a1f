-- Refunds for couriers. SPDX-License-Identifier: Apache-2.0

-- any account: the worker's own question
-- repays_due :many repay
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT r.refund_id, r.account_id, r.amount_minor, r.currency, r.refund_state, r.due_at,
       c.term, c.k, c.kind, c.subject, p.attempt_no, p.gateway_ref, m.gateway
FROM refund r JOIN charge c ON c.charge_id = r.charge_id
JOIN attempt p ON p.charge_id = r.charge_id AND p.attempt_state = 'captured'
JOIN method m ON m.method_id = p.method_id
WHERE r.due_day = :due_day AND r.due_at < :until_at
  AND (r.account_id & 255) BETWEEN :first AND :last
ORDER BY r.due_day, r.account_id, r.refund_id LIMIT :max;

-- any account: the worker's own question
-- repay_first_due_of :many repay_first_due_row
-- :from_day int
-- :until_at int
-- :first_day int
-- :first int
-- :last int
-- :max int
SELECT due_day AS first_day FROM refund
WHERE due_day >= :from_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day LIMIT :max;
