-- Idempotency keys. SPDX-License-Identifier: Apache-2.0

-- op_key_by_text :many op_key_row
-- any account: a key belongs to the actor who chose it
-- :oldest_at int
-- :max int
SELECT op, input_hash, answer FROM op_key
WHERE actor_role = :actor_role AND actor_id = :actor_id AND via = :via
  AND key_text = :key_text AND made_at > :oldest_at
ORDER BY made_at LIMIT :max;

-- op_key_put :exec
INSERT INTO op_key (actor_role, actor_id, via, key_text, account_id, op, input_hash, answer,
    made_at)
VALUES (:actor_role, :actor_id, :via, :key_text, :account_id, :op, :input_hash, :answer, :made_at)
ON CONFLICT (actor_role, actor_id, via, key_text) DO UPDATE
SET account_id = excluded.account_id, op = excluded.op, input_hash = excluded.input_hash,
    answer = excluded.answer, made_at = excluded.made_at;

-- op_keys_drop :exec
-- :oldest_at int
DELETE FROM op_key WHERE made_at <= :oldest_at;
