-- Keys as a backup keeps them. SPDX-License-Identifier: Apache-2.0

-- any account: a backup is of all
-- keys_all :scan keys_all_row
SELECT account_id, wrapped_key, wrapped_by, keyed_at, destroyed_at FROM account_key
ORDER BY account_id;

-- secrets_all :scan secrets_all_row
SELECT secret, secret_key, wrapped_by FROM secret ORDER BY secret;

-- migrations_all :scan migrations_all_row
-- :number int
-- :name text
-- :applied_at int
SELECT number, name, applied_at FROM migration ORDER BY number;

-- any account: a restored database gets all keys anew
-- keys_put :exec
INSERT INTO account_key (account_id, wrapped_key, wrapped_by, keyed_at, destroyed_at)
VALUES (:account_id, :wrapped_key, :wrapped_by, :keyed_at, :destroyed_at)
ON CONFLICT (account_id) DO UPDATE
SET wrapped_key = excluded.wrapped_key, wrapped_by = excluded.wrapped_by,
    keyed_at = excluded.keyed_at, destroyed_at = excluded.destroyed_at
WHERE account_key.destroyed_at = 0;

-- secrets_put :exec
INSERT INTO secret (secret, secret_key, wrapped_by) VALUES (:secret, :secret_key, :wrapped_by)
ON CONFLICT (secret) DO UPDATE
SET secret_key = excluded.secret_key, wrapped_by = excluded.wrapped_by;

-- migrations_put :exec
-- :number int
-- :name text
-- :applied_at int
INSERT INTO migration (number, name, applied_at) VALUES (:number, :name, :applied_at)
ON CONFLICT (number) DO NOTHING;

-- any account: who is to be erased again after a restore
-- tombstones_alive :many tombstone_row
-- :after int
-- :max int
SELECT k.account_id, k.destroyed_at FROM account_key k JOIN account a ON a.account_id = k.account_id
WHERE k.destroyed_at > 0 AND a.erased_at = 0 AND k.account_id > :after
ORDER BY k.account_id LIMIT :max;

-- any account: who was erased
-- tombstones_all :scan tombstone_row
SELECT account_id, destroyed_at FROM account_key WHERE destroyed_at > 0
ORDER BY destroyed_at, account_id;

-- any account: whether there is anything to lose
-- restore_counts :one restore_counts_row
-- :n int
SELECT CAST((SELECT COUNT(*) FROM account) + (SELECT COUNT(*) FROM charge)
          + (SELECT COUNT(*) FROM gift_card) AS BIGINT) AS n;
