-- Who may call over HTTP. SPDX-License-Identifier: Apache-2.0

-- Keys of the API. What is told to its owner once is stored as a hash alone.
CREATE TABLE api_key (
    key_id INTEGER NOT NULL PRIMARY KEY,
    key_name TEXT NOT NULL,        -- what its owner calls it
    key_hash TEXT NOT NULL UNIQUE, -- BLAKE2b of the secret, 32 bytes, hexadecimal
    key_scopes TEXT NOT NULL,      -- patterns of op ids, with commas between them
    key_roles TEXT NOT NULL,       -- as whom it may act: roles, with commas between them
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,   -- no good from this instant on; 0: never
    revoked_at INTEGER NOT NULL,   -- 0: it was not
    used_at INTEGER NOT NULL,      -- about when it was last good, to the minute; 0: never
    replaced_by INTEGER NOT NULL   -- the key that it was rotated to; 0: none
);

-- Idempotency keys belong to an actor and the API key that acts as them: two operators' systems
-- may choose the same text.
ALTER TABLE op_key RENAME TO op_key_before;
CREATE TABLE op_key (
    actor_role TEXT NOT NULL,     -- with actor_id and via: whose key it is
    actor_id INTEGER NOT NULL,
    via INTEGER NOT NULL,         -- the API key; 0: none
    key_text TEXT NOT NULL,       -- as the client chose it
    account_id INTEGER NOT NULL,  -- whom the call was about; 0: nobody
    op TEXT NOT NULL,
    input_hash TEXT NOT NULL,     -- BLAKE2b of the input's canonical JSON, hexadecimal
    answer TEXT NOT NULL,         -- JSON: what was answered
    made_at INTEGER NOT NULL,     -- forgotten op_key_hours later
    PRIMARY KEY (actor_role, actor_id, via, key_text)
);
INSERT INTO op_key (actor_role, actor_id, via, key_text, account_id, op, input_hash, answer,
    made_at)
SELECT actor_role, actor_id, 0, key_text, account_id, op, input_hash, answer, made_at
FROM op_key_before;
DROP TABLE op_key_before;
CREATE INDEX op_key_by_age ON op_key (made_at);
