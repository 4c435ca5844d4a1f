-- What payment providers tell by themselves, between their list and the worker who takes it.
-- SPDX-License-Identifier: Apache-2.0
-- enum told_kind gateway_event_kinds
-- enum told_outcome gateway_outcomes
-- enum told_dispute gateway_disputes

-- Read and not yet taken; a row goes when it is taken (docs/decisions/0044).
CREATE TABLE inbox (
    gateway TEXT NOT NULL,
    cursor INTEGER NOT NULL,               -- the provider's own, ascending in the order of delivery
    account_id INTEGER NOT NULL,
    told_id TEXT NOT NULL,                -- the same for duplicates
    told_kind TEXT NOT NULL,
    told_key TEXT NOT NULL,                -- of the attempt, refund or first charge it is about
    token TEXT NOT NULL,                   -- of a method, else ''
    last4 TEXT NOT NULL,
    expiry_month INTEGER NOT NULL,
    deliver_at INTEGER NOT NULL,
    told_outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    advice TEXT NOT NULL,
    gateway_ref TEXT NOT NULL,
    captured_at INTEGER NOT NULL,
    declined_at INTEGER NOT NULL,
    told_dispute TEXT NOT NULL,
    PRIMARY KEY (gateway, cursor)
);
CREATE INDEX inbox_by_account ON inbox (account_id);

-- How far each provider's list is read, for all workers.
CREATE TABLE inbox_cursor (
    gateway TEXT NOT NULL PRIMARY KEY,
    cursor INTEGER NOT NULL
);
-- Each bucket had its own. What was read of some buckets and not of all is read again, and known.
INSERT INTO inbox_cursor (gateway, cursor) SELECT 'sandbox', COALESCE(MIN(event_cursor), 0)
FROM bucket_lease;
ALTER TABLE bucket_lease DROP COLUMN event_cursor;
