-- Everything that is due except renewals. SPDX-License-Identifier: Apache-2.0
-- enum step membership_steps

-- steps_due :many step_due
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT account_id, step, due_at FROM membership
WHERE due_day BETWEEN :due_day AND :due_day AND due_at < :until_at AND step <> 'renew'
  AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day, account_id LIMIT :max;

-- charge_look_up :exec
UPDATE charge SET attempt_at = :attempt_at
WHERE charge_id = :charge_id AND charge_state = 'unknown';
