-- Payment methods and what became of each attempt to charge one.
-- SPDX-License-Identifier: Apache-2.0
-- enum method_state method_states
-- enum attempt_state attempt_states
-- enum decline_class decline_classes
-- enum method_kind method_kinds
-- enum funding fundings
-- enum authorization_state authorization_states
-- enum method_event method_events

-- What we may know of a method: never a full number or a security code (SPEC C-18).
CREATE TABLE method (
    method_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    method_rank INTEGER NOT NULL,     -- 0: primary; 1, 2, …: backups in order (SPEC C-11)
    method_state TEXT NOT NULL,
    method_kind TEXT NOT NULL,
    brand TEXT NOT NULL,
    funding TEXT NOT NULL,
    last4 TEXT NOT NULL,
    expiry_month INTEGER NOT NULL,    -- year * 12 + month - 1; 0: does not expire
    issuing_country TEXT NOT NULL,
    operator TEXT NOT NULL,           -- carrier billing
    gateway TEXT NOT NULL,
    token TEXT NOT NULL,              -- the gateway's name for it
    fingerprint TEXT NOT NULL,        -- the same card always gives the same; budgets count by it
    added_at INTEGER NOT NULL,
    blocked_code TEXT NOT NULL        -- why automatic attempts stopped (SPEC E-11); or ''
);
CREATE INDEX method_by_account ON method (account_id, method_rank);
-- Who else pays with the same card, for the guides; not for budgets, which count declines.
CREATE INDEX method_by_fingerprint ON method (fingerprint);

-- What has happened to a method, whoever did it: its owner, a bank, the card network (SPEC C-22).
CREATE TABLE method_event (
    method_event_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    method_id INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    method_event TEXT NOT NULL,
    last4 TEXT NOT NULL,              -- as they were from then on
    expiry_month INTEGER NOT NULL,
    code TEXT NOT NULL,               -- why it was blocked or closed; ''
    gateway_event TEXT NOT NULL,      -- the gateway's id of what it told; ''
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    actor_surface TEXT NOT NULL,
    device TEXT NOT NULL,
    network TEXT NOT NULL
);
CREATE INDEX method_event_by_account ON method_event (account_id, method_event_id);
-- What a gateway tells twice happens once.
CREATE UNIQUE INDEX method_event_once ON method_event (account_id, gateway_event)
    WHERE gateway_event <> '';

-- One answered attempt. An attempt in flight is its charge in state `wanted`.
CREATE TABLE attempt (
    charge_id INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,      -- with the charge's key the gateway's idempotency key
    account_id INTEGER NOT NULL,
    method_id INTEGER NOT NULL,
    attempt_state TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    code TEXT NOT NULL,               -- of the decline; ''
    decline_class TEXT NOT NULL,
    advice TEXT NOT NULL,             -- the network's advice code; ''
    gateway_ref TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (charge_id, attempt_no)
);

-- Declines by card: what the card networks' budgets count (SPEC E-10). Successes are not limited.
CREATE TABLE card_decline (
    fingerprint TEXT NOT NULL,
    declined_at INTEGER NOT NULL,
    charge_id INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, declined_at, charge_id, attempt_no)
);

-- Temporary authorizations: a small amount that a bank reserves to show that a method which was
-- added works. One is never captured, and it is voided by itself (SPEC B-10).
CREATE TABLE method_authorization (
    method_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    authorization_state TEXT NOT NULL, -- unknown from before the gateway is asked
    code TEXT NOT NULL,               -- why the bank refused it; ''
    made_at INTEGER NOT NULL,
    void_due_at INTEGER NOT NULL,     -- from then on it is voided, not asked for
    due_at INTEGER NOT NULL,          -- when the gateway is asked next; 0: never again
    due_day INTEGER NOT NULL,         -- UTC day of due_at, the due queue's key; 0: nothing
    tries INTEGER NOT NULL,           -- calls in a row that had no answer
    ended_at INTEGER NOT NULL         -- when it was voided or refused; 0: it may be on a statement
);
CREATE INDEX method_authorization_due ON method_authorization (due_day, account_id);
