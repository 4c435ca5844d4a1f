-- Restarts that were not the owner's. SPDX-License-Identifier: Apache-2.0

-- takeover_term :many takeover_term_row
-- :max int
SELECT started_at, term_cause FROM term WHERE account_id = :account_id AND term = :term
ORDER BY term LIMIT :max;

-- takeover_charges :many takeover_charge
-- :max int
SELECT charge_id, charge_state, wanted_at FROM charge
WHERE account_id = :account_id AND term = :term ORDER BY charge_id LIMIT :max;
