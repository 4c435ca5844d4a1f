-- What the program itself needs before any business. All times are Unix milliseconds UTC, all
-- `_day` columns days since 1970-01-01; 0 and '' mean "none": no column is ever NULL.
-- SPDX-License-Identifier: Apache-2.0

-- How far each writer of ids has come, so that no id is used twice (DESIGN "Ids").
CREATE TABLE id_writer (
    writer INTEGER NOT NULL PRIMARY KEY, -- 0 to 1023
    last_id INTEGER NOT NULL             -- the newest id it has committed
);

-- One row: whose clock this database lives by.
CREATE TABLE clock (
    clock_id INTEGER NOT NULL PRIMARY KEY, -- always 1
    is_test INTEGER NOT NULL,              -- 1: only `run` moves it; 0: the machine's clock rules
    clock_now INTEGER NOT NULL             -- test: everything due before this instant is done
);

-- Settings that differ from their defaults (SPEC 2.4).
CREATE TABLE setting (
    setting TEXT NOT NULL PRIMARY KEY,
    setting_value TEXT NOT NULL
);

-- Work is shared by 256 buckets of accounts. A worker's number is its fencing token: whoever takes
-- a bucket writes a newer one, and each batch checks its own at commit.
CREATE TABLE bucket_lease (
    bucket INTEGER NOT NULL PRIMARY KEY, -- account_id & 255
    worker_id INTEGER NOT NULL,          -- 0: free
    event_cursor INTEGER NOT NULL        -- how far the gateway's events about its accounts are read
);

-- Every running worker, so that they can share the buckets fairly.
CREATE TABLE worker (
    worker_id INTEGER NOT NULL PRIMARY KEY,
    process TEXT NOT NULL,       -- boot, process id and start time: tells whether it is gone
    alive_until INTEGER NOT NULL -- by the machine's clock
);

-- Keys of hashes, random and made when first needed. Whoever has a backup of this table has them;
-- what they hash must be long enough to be safe without (docs/decisions/0013).
CREATE TABLE secret (
    secret TEXT NOT NULL PRIMARY KEY,    -- what it is for: 'gift_code'
    secret_key TEXT NOT NULL             -- 32 bytes, hex
);

-- Messages that couriers carry out after the commit that decided them: letters, banners, webhooks.
CREATE TABLE outbox (
    outbox_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,   -- whom it concerns; 0: nobody in particular
    topic TEXT NOT NULL,           -- named by who emits it: "membership.grace_started"
    happened_at INTEGER NOT NULL,
    body TEXT NOT NULL             -- JSON: facts and references, no wording
);

-- Wrong guesses and limited tries of the last day (SPEC J-12, H-06).
CREATE TABLE throttle_try (
    try_id INTEGER NOT NULL,
    tried_what TEXT NOT NULL,   -- gift, match, …
    tried_scope TEXT NOT NULL,  -- account, agent, device, network or card
    tried_by TEXT NOT NULL,     -- which one
    tried_at INTEGER NOT NULL,
    PRIMARY KEY (tried_what, tried_scope, tried_by, try_id)
);
CREATE INDEX throttle_try_old ON throttle_try (tried_at);
