-- Keys of the API. SPDX-License-Identifier: Apache-2.0

-- key_by_hash :many api_key
-- :max int
SELECT key_id, key_name, key_scopes, key_roles, created_at, expires_at, revoked_at, used_at,
       replaced_by
FROM api_key WHERE key_hash = :key_hash ORDER BY key_id LIMIT :max;

-- key_by_id :one api_key
SELECT key_id, key_name, key_scopes, key_roles, created_at, expires_at, revoked_at, used_at,
       replaced_by
FROM api_key WHERE key_id = :key_id;

-- keys_newest :many api_key
-- :before int
-- :max int
SELECT key_id, key_name, key_scopes, key_roles, created_at, expires_at, revoked_at, used_at,
       replaced_by
FROM api_key WHERE key_id < :before ORDER BY key_id DESC LIMIT :max;

-- key_add :exec
INSERT INTO api_key (key_id, key_name, key_hash, key_scopes, key_roles, created_at, expires_at,
    revoked_at, used_at, replaced_by)
VALUES (:key_id, :key_name, :key_hash, :key_scopes, :key_roles, :created_at, :expires_at, 0, 0, 0);

-- key_replace :exec
UPDATE api_key SET replaced_by = :replaced_by, expires_at = :expires_at
WHERE key_id = :key_id AND replaced_by = 0 AND revoked_at = 0;

-- key_end :exec
UPDATE api_key SET revoked_at = :revoked_at WHERE key_id = :key_id AND revoked_at = 0;

-- key_use :exec
UPDATE api_key SET used_at = :used_at WHERE key_id = :key_id AND used_at < :used_at;
