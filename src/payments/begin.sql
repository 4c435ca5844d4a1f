-- Payments that begin a term. SPDX-License-Identifier: Apache-2.0
-- enum charge_state charge_states

-- begin_payments :many begin_payment
-- The newest first.
-- :max int
SELECT charge_id, charge_state, amount_minor, currency, code FROM charge
WHERE account_id = :account_id AND kind = 'renewal' AND k = 0
ORDER BY term DESC LIMIT :max;

-- account_id_of :many account_id_of_row
-- :max int
SELECT account_id FROM account WHERE external_id = :external_id ORDER BY account_id LIMIT :max;
