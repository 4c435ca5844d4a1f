-- Payment methods of accounts. SPDX-License-Identifier: Apache-2.0

-- methods_of :many method
-- Primary first, then backups in order.
-- :max int
SELECT method_id, account_id, method_rank, method_state, method_kind, brand, funding, last4,
       expiry_month, issuing_country, operator, gateway, token, fingerprint, added_at, blocked_code
FROM method WHERE account_id = :account_id AND method_state <> 'removed'
ORDER BY method_rank, method_id LIMIT :max;

-- method_by_id :one method
-- any account: its number comes from rows of the account
SELECT method_id, account_id, method_rank, method_state, method_kind, brand, funding, last4,
       expiry_month, issuing_country, operator, gateway, token, fingerprint, added_at, blocked_code
FROM method WHERE method_id = :method_id;

-- method_put :exec
INSERT INTO method (method_id, account_id, method_rank, method_state, method_kind, brand, funding,
    last4, expiry_month, issuing_country, operator, gateway, token, fingerprint, added_at,
    copy_of, blocked_code)
VALUES (:method_id, :account_id, :method_rank, :method_state, :method_kind, :brand, :funding,
    :last4, :expiry_month, :issuing_country, :operator, :gateway, :token, :fingerprint, :added_at,
    :copy_of, '');

-- method_rank_put :exec
UPDATE method SET method_rank = :method_rank
WHERE method_id = :method_id AND account_id = :account_id;

-- method_attempts :many method_attempt
-- The newest first.
-- :max int
SELECT a.charge_id, a.attempt_no, a.attempt_state, a.code, a.advice, a.amount_minor, c.currency
FROM charge c JOIN attempt a ON a.charge_id = c.charge_id
WHERE c.account_id = :account_id AND a.method_id = :method_id
ORDER BY a.charge_id DESC, a.attempt_no DESC LIMIT :max;

-- method_open_charges :many method_open_charge
-- Charges with an attempt whose answer is still to come.
-- :max int
SELECT charge_id, charge_state, method_id FROM charge
WHERE account_id = :account_id AND charge_state IN ('wanted', 'unknown')
ORDER BY charge_id LIMIT :max;

-- method_charges_touch :exec
UPDATE charge SET charge_state = charge_state
WHERE account_id = :account_id AND charge_state = 'unknown';

-- Of charges that are still being tried only with `open_too`.
-- method_hand_on_attempts :exec
-- :to_id int
-- :open_too int
UPDATE attempt SET method_id = :to_id
WHERE method_id = :method_id AND account_id = :account_id
  AND charge_id IN (SELECT charge_id FROM charge WHERE account_id = :account_id
                    AND (:open_too = 1 OR charge_state NOT IN ('wanted', 'unknown')));

-- What is on its way stays.
-- method_hand_on_charges :exec
-- :to_id int
UPDATE charge SET method_id = :to_id
WHERE account_id = :account_id AND method_id = :method_id
  AND charge_state NOT IN ('wanted', 'unknown');

-- method_change :exec
UPDATE method SET method_state = 'usable', blocked_code = '', brand = :brand, funding = :funding,
    last4 = :last4, expiry_month = :expiry_month, issuing_country = :issuing_country,
    operator = :operator, token = :token, fingerprint = :fingerprint
WHERE method_id = :method_id AND account_id = :account_id;

-- method_remove_row :exec
UPDATE method SET method_state = 'removed'
WHERE method_id = :method_id AND account_id = :account_id;

-- method_event_add :exec
INSERT INTO method_event (method_event_id, account_id, method_id, happened_at, method_event, last4,
    expiry_month, code, gateway_event, actor_role, actor_id, actor_surface, device, network)
VALUES (:method_event_id, :account_id, :method_id, :happened_at, :method_event, :last4,
    :expiry_month, :code, :gateway_event, :actor_role, :actor_id, :actor_surface, :device,
    :network);

-- method_event_known :many method_event_known_row
-- :max int
SELECT method_event_id FROM method_event
WHERE account_id = :account_id AND gateway_event = :gateway_event AND gateway_event <> ''
ORDER BY method_event_id LIMIT :max;

-- method_outside :exec
UPDATE method SET method_state = :method_state, blocked_code = :blocked_code, last4 = :last4,
    expiry_month = :expiry_month
WHERE method_id = :method_id AND account_id = :account_id;

-- method_events_of :many method_event_row
-- The newest first.
-- :max int
SELECT method_id, happened_at, method_event, last4, expiry_month, code, actor_role
FROM method_event WHERE account_id = :account_id ORDER BY method_event_id DESC LIMIT :max;
