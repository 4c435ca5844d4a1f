-- Keys of the whole database and of accounts, all wrapped. SPDX-License-Identifier: Apache-2.0

-- secret_by_name :many secret
-- :max int
SELECT secret, secret_key, wrapped_by FROM secret WHERE secret = :secret
ORDER BY secret LIMIT :max;

-- secrets_otherwise :many secret
-- :max int
SELECT secret, secret_key, wrapped_by FROM secret
WHERE wrapped_by <> :wrapped_by AND secret <> 'master'
ORDER BY secret LIMIT :max;

-- secret_add :exec
INSERT INTO secret (secret, secret_key, wrapped_by) VALUES (:secret, :secret_key, :wrapped_by)
ON CONFLICT (secret) DO NOTHING;

-- secret_rewrap :exec
UPDATE secret SET secret_key = :secret_key, wrapped_by = :wrapped_by WHERE secret = :secret;

-- any account: whether there is any key
-- keys_wrapped :one keys_wrapped_row
-- :n int
SELECT CAST((SELECT COUNT(*) FROM secret WHERE wrapped_by <> '')
          + (SELECT COUNT(*) FROM account_key) AS BIGINT) AS n;

-- any account: whether there is any key
-- keys_wrapped_otherwise :one keys_wrapped_otherwise_row
-- :n int
SELECT CAST((SELECT COUNT(*) FROM secret WHERE wrapped_by <> :wrapped_by)
          + (SELECT COUNT(*) FROM account_key
             WHERE wrapped_key <> '' AND wrapped_by <> :wrapped_by) AS BIGINT) AS n;

-- account_key_by_id :many account_key_row
-- :max int
SELECT account_id, wrapped_key, wrapped_by FROM account_key WHERE account_id = :account_id
ORDER BY account_id LIMIT :max;

-- account_key_add :exec
INSERT INTO account_key (account_id, wrapped_key, wrapped_by, keyed_at, destroyed_at)
VALUES (:account_id, :wrapped_key, :wrapped_by, :keyed_at, 0)
ON CONFLICT (account_id) DO NOTHING;

-- any account: a rotation wraps all of them anew
-- account_keys_otherwise :many account_key_row
-- :after int
-- :max int
SELECT account_id, wrapped_key, wrapped_by FROM account_key
WHERE account_id > :after AND wrapped_key <> '' AND wrapped_by <> :wrapped_by
ORDER BY account_id LIMIT :max;

-- account_key_rewrap :bulk
UPDATE account_key SET wrapped_key = :wrapped_key, wrapped_by = :wrapped_by
WHERE account_id = :account_id;

-- The tombstone stays.
-- account_key_destroy :exec
INSERT INTO account_key (account_id, wrapped_key, wrapped_by, keyed_at, destroyed_at)
VALUES (:account_id, '', '', :keyed_at, :destroyed_at)
ON CONFLICT (account_id) DO UPDATE
SET wrapped_key = '', wrapped_by = '', destroyed_at = excluded.destroyed_at;
