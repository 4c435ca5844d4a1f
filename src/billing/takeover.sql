-- Restarts that were not the owner's. SPDX-License-Identifier: Apache-2.0

-- The newest term that a restart began; later ones go on with it.
-- takeover_term :many takeover_term_row
-- :max int
SELECT term, started_at, lifted_end_day, lifted_until_day, lifted_plan
FROM term WHERE account_id = :account_id AND term_cause = 'restarted'
ORDER BY term DESC LIMIT :max;

-- takeover_charges :many takeover_charge
-- :max int
SELECT charge_id, charge_state, wanted_at FROM charge
WHERE account_id = :account_id AND term >= :term ORDER BY term, charge_id LIMIT :max;
