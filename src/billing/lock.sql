-- Locked accounts. SPDX-License-Identifier: Apache-2.0

-- What waited is sent now, not when it was decided.
-- wishes_begin :exec
UPDATE charge SET attempt_at = :attempt_at
WHERE account_id = :account_id AND charge_state = 'wanted';

-- wishes_of :many wish
-- :max int
SELECT charge_id FROM charge_wanted WHERE account_id = :account_id ORDER BY charge_id LIMIT :max;
