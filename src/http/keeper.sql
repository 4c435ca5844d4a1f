-- A write that needs about as much room as a request does, and leaves nothing. Where it is cut
-- short the row is as old as the oldest and forgotten with them.
-- SPDX-License-Identifier: Apache-2.0

-- keeper_try :exec
INSERT INTO op_key (actor_role, actor_id, via, key_text, account_id, op, input_hash, answer,
    made_at)
VALUES (:actor_role, 0, 0, :key_text, 0, '', '', :answer, 0)
ON CONFLICT (actor_role, actor_id, via, key_text) DO UPDATE SET answer = excluded.answer;

-- keeper_tidy :exec
-- any account: a row of no account
DELETE FROM op_key WHERE actor_role = :actor_role AND actor_id = 0 AND via = 0
  AND key_text = :key_text;
