-- Endpoints. SPDX-License-Identifier: Apache-2.0

-- webhook_add :exec
INSERT INTO webhook_endpoint (endpoint_id, endpoint_url, note, event_filter, endpoint_state,
    sealed_secret, sealed_key, public_key, old_secret, old_key, old_until, made_at, failing_since,
    quiet_until, disabled_at, disabled_why)
VALUES (:endpoint_id, :endpoint_url, :note, :event_filter, 'enabled', :sealed_secret, :sealed_key,
    :public_key, '', '', 0, :made_at, 0, 0, 0, '');

-- webhook_by_id :one webhook_endpoint
SELECT endpoint_id, endpoint_url, note, event_filter, endpoint_state, sealed_secret, sealed_key,
       public_key, old_secret, old_key, old_until, made_at, failing_since, quiet_until, disabled_at,
       disabled_why
FROM webhook_endpoint WHERE endpoint_id = :endpoint_id;

-- webhooks :many webhook_endpoint
-- :max int
SELECT endpoint_id, endpoint_url, note, event_filter, endpoint_state, sealed_secret, sealed_key,
       public_key, old_secret, old_key, old_until, made_at, failing_since, quiet_until, disabled_at,
       disabled_why
FROM webhook_endpoint WHERE endpoint_state <> 'deleted' ORDER BY endpoint_id LIMIT :max;

-- webhook_change :exec
UPDATE webhook_endpoint SET endpoint_url = :endpoint_url, note = :note,
    event_filter = :event_filter, endpoint_state = :endpoint_state,
    failing_since = :failing_since, quiet_until = :quiet_until, disabled_at = :disabled_at,
    disabled_why = :disabled_why
WHERE endpoint_id = :endpoint_id;

-- webhook_keys_change :exec
UPDATE webhook_endpoint SET sealed_secret = :sealed_secret, sealed_key = :sealed_key,
    public_key = :public_key,
    old_secret = :old_secret, old_key = :old_key, old_until = :old_until
WHERE endpoint_id = :endpoint_id;

-- webhook_waiting :one webhook_waiting_row
-- :n int
SELECT COUNT(*) AS n FROM webhook_delivery
WHERE endpoint_id = :endpoint_id AND hook_state IN ('waiting', 'sending');
