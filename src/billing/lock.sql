-- Locked accounts. SPDX-License-Identifier: Apache-2.0

-- wishes_of :many wish
-- :max int
SELECT charge_id FROM charge_wanted WHERE account_id = :account_id ORDER BY charge_id LIMIT :max;
