-- What clients of the API may send twice. SPDX-License-Identifier: Apache-2.0
-- enum actor_role roles

-- Idempotency keys of calls that changed something: whoever sends the same call again under its key
-- is answered from here, and nothing is done twice. A refused call leaves no row.
CREATE TABLE op_key (
    actor_role TEXT NOT NULL,     -- with actor_id: whose key it is
    actor_id INTEGER NOT NULL,
    key_text TEXT NOT NULL,       -- as the client chose it
    account_id INTEGER NOT NULL,  -- whom the call was about; 0: nobody
    op TEXT NOT NULL,
    input_hash TEXT NOT NULL,     -- BLAKE2b of the input's canonical JSON, hexadecimal
    answer TEXT NOT NULL,         -- JSON: what was answered
    made_at INTEGER NOT NULL,     -- forgotten op_key_hours later
    PRIMARY KEY (actor_role, actor_id, key_text)
);
CREATE INDEX op_key_by_age ON op_key (made_at);
