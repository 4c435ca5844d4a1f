-- Watching. SPDX-License-Identifier: Apache-2.0

-- The newest viewing of each account that has watched, or has said that it still wants to.
CREATE TABLE viewing (
    account_id INTEGER NOT NULL PRIMARY KEY,
    first_seen_at INTEGER NOT NULL, -- when we first heard of any; 0: never
    last_seen_at INTEGER NOT NULL,  -- 0: never
    confirmed_at INTEGER NOT NULL   -- the member stays without watching (SPEC B-15); 0: never
);
