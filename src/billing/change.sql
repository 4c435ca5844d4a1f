-- Plan changes. SPDX-License-Identifier: Apache-2.0

-- plan_change_add :exec
INSERT INTO plan_change (change_id, account_id, asked_at, from_plan, to_plan, change_state,
    change_effect, effective_day, amount_minor, currency, old_end_day, new_end_day, code, term, k,
    whole_days, slots, old_price_day, new_price_day, actor_role, actor_id, actor_surface, device,
    network)
VALUES (:change_id, :account_id, :asked_at, :from_plan, :to_plan, :change_state, :change_effect,
    :effective_day, :amount_minor, :currency, :old_end_day, :new_end_day, '', :term, :k,
    :whole_days, :slots, :old_price_day, :new_price_day, :actor_role, :actor_id, :actor_surface,
    :device, :network);

-- plan_changes_of :many plan_change
-- :max int
SELECT change_id, account_id, asked_at, from_plan, to_plan, change_state, change_effect,
       effective_day, amount_minor, currency, old_end_day, new_end_day, code, term, k, whole_days,
       slots, old_price_day, new_price_day, actor_role, actor_id, actor_surface, device, network
FROM plan_change WHERE account_id = :account_id ORDER BY change_id DESC LIMIT :max;

-- plan_change_by_id :one plan_change
SELECT change_id, account_id, asked_at, from_plan, to_plan, change_state, change_effect,
       effective_day, amount_minor, currency, old_end_day, new_end_day, code, term, k, whole_days,
       slots, old_price_day, new_price_day, actor_role, actor_id, actor_surface, device, network
FROM plan_change WHERE account_id = :account_id AND change_id = :change_id;

-- plan_change_close :exec
UPDATE plan_change SET change_state = :change_state, code = :code
WHERE account_id = :account_id AND change_id = :change_id
  AND change_state IN ('pending', 'scheduled');

-- Those that waited for the date that has come, or that never will.
-- plan_change_settle_all :bulk
UPDATE plan_change SET change_state = :change_state
WHERE account_id = :account_id AND change_state = 'scheduled';

-- charges_in_flight :many in_flight_row
-- :max int
SELECT charge_id FROM charge
WHERE account_id = :account_id AND charge_state IN ('wanted', 'unknown')
ORDER BY charge_id LIMIT :max;
