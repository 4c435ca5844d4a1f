-- Failing charges. SPDX-License-Identifier: Apache-2.0

-- dunnings_of :many dunning
-- :max int
SELECT account_id, charge_id, debt_day, grace_until_day, hold_until_day, retries_done,
       reminders_done, quick_retries, look_ups
FROM dunning WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- dunning_put :exec
INSERT INTO dunning (account_id, charge_id, debt_day, grace_until_day, hold_until_day, retries_done,
    reminders_done, quick_retries, look_ups)
VALUES (:account_id, :charge_id, :debt_day, :grace_until_day, :hold_until_day, :retries_done,
    :reminders_done, :quick_retries, :look_ups)
ON CONFLICT (account_id) DO UPDATE SET charge_id = excluded.charge_id,
    debt_day = excluded.debt_day, grace_until_day = excluded.grace_until_day,
    hold_until_day = excluded.hold_until_day, retries_done = excluded.retries_done,
    reminders_done = excluded.reminders_done, quick_retries = excluded.quick_retries,
    look_ups = excluded.look_ups;

-- dunning_remove :exec
DELETE FROM dunning WHERE account_id = :account_id;
