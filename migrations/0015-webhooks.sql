-- Webhooks out: who is told what has happened, and how each telling went. Times of the courier are
-- by the machine's clock, also where the database has a test clock: receivers live by theirs.
-- SPDX-License-Identifier: Apache-2.0
-- enum endpoint_state endpoint_states
-- enum hook_state hook_states
-- enum attempt_result attempt_results

-- Addresses of others that want to hear.
CREATE TABLE webhook_endpoint (
    endpoint_id INTEGER NOT NULL PRIMARY KEY,
    endpoint_url TEXT NOT NULL,
    note TEXT NOT NULL,                   -- what it is for, in the operator's words
    event_filter TEXT NOT NULL,           -- patterns of types with commas between: "membership.*"
    endpoint_state TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,          -- of v1: 32 bytes, sealed; '' when deleted
    sealed_key TEXT NOT NULL,             -- of v1a: the seed of an Ed25519 pair, sealed alike
    public_key TEXT NOT NULL,             -- whpk_…: of that pair; ''
    old_secret TEXT NOT NULL,             -- sealed; signs beside the new one after a rotation; ''
    old_key TEXT NOT NULL,                -- sealed; ''
    old_until INTEGER NOT NULL,           -- when both stop signing; 0
    made_at INTEGER NOT NULL,
    failing_since INTEGER NOT NULL,       -- first failure since the last success; 0
    quiet_until INTEGER NOT NULL,         -- it asked for less: nothing is sent before; 0
    disabled_at INTEGER NOT NULL,         -- 0: enabled
    disabled_why TEXT NOT NULL            -- operator, gone, failing; ''
);

-- One row: how many deliveries were ever planned. Whoever plans holds it until the commit, so that
-- numbers ascend in the order of commits.
CREATE TABLE webhook_turn (
    turn_id INTEGER NOT NULL PRIMARY KEY, -- always 1
    last_turn INTEGER NOT NULL
);
INSERT INTO webhook_turn (turn_id, last_turn) VALUES (1, 0);

-- What is told: an event of the outbox in the words of docs/events.md, or a ping.
CREATE TABLE webhook_event (
    event_id INTEGER NOT NULL PRIMARY KEY, -- of the outbox; seen as webhook-id: msg_…
    account_id INTEGER NOT NULL,           -- 0: nobody in particular
    event_type TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    event_body TEXT NOT NULL               -- JSON, the bytes that are signed and sent
);
CREATE INDEX webhook_event_by_account ON webhook_event (account_id);
CREATE INDEX webhook_event_by_time ON webhook_event (happened_at);

-- One event on its way to one endpoint.
CREATE TABLE webhook_delivery (
    delivery_id INTEGER NOT NULL PRIMARY KEY, -- a turn: the order of an account's events
    endpoint_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    hook_state TEXT NOT NULL,
    attempts INTEGER NOT NULL,                -- since it was planned or replayed
    due_at INTEGER NOT NULL,                  -- 0: at once; while it is being sent: the claim's end
    ended_at INTEGER NOT NULL                 -- delivered, given up or missed; 0
);
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (endpoint_id, event_id);
CREATE INDEX webhook_delivery_open ON webhook_delivery (endpoint_id, hook_state, due_at);
CREATE INDEX webhook_delivery_order ON webhook_delivery
    (endpoint_id, account_id, hook_state, delivery_id);

-- Every attempt and its answer.
CREATE TABLE webhook_attempt (
    attempt_id INTEGER NOT NULL PRIMARY KEY,
    delivery_id INTEGER NOT NULL,
    endpoint_id INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,          -- from 1
    sent_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    http_status INTEGER NOT NULL,         -- 0: no answer
    attempt_result TEXT NOT NULL,
    answer_start TEXT NOT NULL            -- its first bytes, or what kept it away; printable ASCII
);
CREATE INDEX webhook_attempt_by_endpoint ON webhook_attempt (endpoint_id, attempt_id);
CREATE INDEX webhook_attempt_by_delivery ON webhook_attempt (delivery_id, attempt_id);
