-- The sandbox's own store, beside Foyer's database and never in a transaction of it.
-- SPDX-License-Identifier: Apache-2.0

-- What was sent and has arrived, with its first answer.
CREATE TABLE IF NOT EXISTS sandbox_charge (
    charge_key TEXT NOT NULL PRIMARY KEY, -- idempotency key
    token TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    outcome TEXT NOT NULL,                -- in the end: captured or declined
    code TEXT NOT NULL,                   -- of the decline; ''
    advice TEXT NOT NULL,                 -- ''
    sent_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL           -- from when the outcome stands; pending before
);

-- Temporary authorizations. None of them is ever a charge.
CREATE TABLE IF NOT EXISTS sandbox_authorization (
    authorization_key TEXT NOT NULL PRIMARY KEY, -- idempotency key
    token TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    held INTEGER NOT NULL,                -- 1; 0: the bank refused it
    code TEXT NOT NULL,                   -- of the refusal; ''
    made_at INTEGER NOT NULL,
    voided_at INTEGER NOT NULL            -- 0: not voided
);

-- Keys whose first sending was scripted to be turned away or lost; the next one arrives.
CREATE TABLE IF NOT EXISTS sandbox_sending (
    charge_key TEXT NOT NULL PRIMARY KEY
);

-- Callbacks, one row per delivery.
CREATE TABLE IF NOT EXISTS sandbox_event (
    event_id TEXT NOT NULL,
    copy INTEGER NOT NULL,                -- 0; 1 for the second delivery of the same event
    event_kind TEXT NOT NULL,
    charge_key TEXT NOT NULL,             -- of the charge or refund it is about
    deliver_at INTEGER NOT NULL,
    cursor INTEGER NOT NULL,              -- given when it is delivered, ascending; 0 before
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    advice TEXT NOT NULL,
    settled_at INTEGER NOT NULL,
    PRIMARY KEY (event_id, copy)
);
CREATE INDEX IF NOT EXISTS sandbox_event_by_cursor ON sandbox_event (cursor, deliver_at);

-- Money given back, with the first answer to each key.
CREATE TABLE IF NOT EXISTS sandbox_refund (
    refund_key TEXT NOT NULL PRIMARY KEY, -- idempotency key
    charge_key TEXT NOT NULL,             -- of the charge
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    outcome TEXT NOT NULL,                -- in the end: captured (given back) or declined
    code TEXT NOT NULL,                   -- of the refusal; ''
    sent_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL           -- from when the outcome stands; pending before
);
CREATE INDEX IF NOT EXISTS sandbox_refund_by_charge ON sandbox_refund (charge_key);

-- Tokens that were forgotten: nothing new is charged to them.
CREATE TABLE IF NOT EXISTS sandbox_forgotten (
    token TEXT NOT NULL PRIMARY KEY,
    forgotten_at INTEGER NOT NULL
);

-- Cards that were entered in the sandbox's own form; never their numbers.
CREATE TABLE IF NOT EXISTS sandbox_card (
    suffix TEXT NOT NULL PRIMARY KEY,     -- of its token, and of what updates make of that
    last4 TEXT NOT NULL,
    fingerprint TEXT NOT NULL             -- a hash of the number under the key below
);
CREATE TABLE IF NOT EXISTS sandbox_key (
    key_no INTEGER NOT NULL PRIMARY KEY,  -- always 1
    fingerprint_key TEXT NOT NULL         -- 32 bytes, hex
);

-- How far the events were told by calling, one row.
CREATE TABLE IF NOT EXISTS sandbox_told (
    told_no INTEGER NOT NULL PRIMARY KEY, -- always 1
    cursor INTEGER NOT NULL               -- of the newest that was told, or given up
);
