-- Extra-member slots. SPDX-License-Identifier: Apache-2.0

-- slot_add :exec
INSERT INTO slot (slot_id, account_id, slot_no, slot_state, slot_end, bought_at, from_day, end_day,
    paid_day, change_effect, amount_minor, currency, plan, term, k, whole_days, price_day,
    actor_role, actor_id, actor_surface, device, network)
VALUES (:slot_id, :account_id, :slot_no, :slot_state, 'none', :bought_at, :from_day, 0, :paid_day,
    :change_effect, :amount_minor, :currency, :plan, :term, :k, :whole_days, :price_day,
    :actor_role, :actor_id, :actor_surface, :device, :network);

-- The newest first.
-- slots_of :many slot
-- :max int
SELECT slot_id, account_id, slot_no, slot_state, slot_end, bought_at, from_day, end_day, paid_day,
       change_effect, amount_minor, currency, plan, term, k, whole_days, price_day, actor_role,
       actor_id, actor_surface, device, network
FROM slot WHERE account_id = :account_id ORDER BY slot_id DESC LIMIT :max;

-- slot_by_id :one slot
SELECT slot_id, account_id, slot_no, slot_state, slot_end, bought_at, from_day, end_day, paid_day,
       change_effect, amount_minor, currency, plan, term, k, whole_days, price_day, actor_role,
       actor_id, actor_surface, device, network
FROM slot WHERE account_id = :account_id AND slot_id = :slot_id;

-- A retry charges from its own day on.
-- slot_rerate :exec
UPDATE slot SET slot_state = 'pending', from_day = :from_day, amount_minor = :amount_minor
WHERE account_id = :account_id AND slot_id = :slot_id;

-- slot_set_state :exec
UPDATE slot SET slot_state = :slot_state WHERE account_id = :account_id AND slot_id = :slot_id;

-- The period that pays for it next begins on another date.
-- slots_shift :exec
-- :old_day int
UPDATE slot SET paid_day = :paid_day
WHERE account_id = :account_id AND paid_day = :old_day AND change_effect <> 'charged';

-- slot_set_end :exec
UPDATE slot SET end_day = :end_day, slot_end = :slot_end
WHERE account_id = :account_id AND slot_id = :slot_id;

-- The main membership ends, and with it every slot that has not ended before (SPEC O-16).
-- slots_end :exec
UPDATE slot SET end_day = :end_day, slot_end = 'membership'
WHERE account_id = :account_id AND (end_day = 0 OR end_day > :end_day);

-- Slots that a plan change was to take stay after all.
-- slots_spare :exec
UPDATE slot SET end_day = 0, slot_end = 'none'
WHERE account_id = :account_id AND slot_end = 'plan_change' AND end_day > :from_day;
