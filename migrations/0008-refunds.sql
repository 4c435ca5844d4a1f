-- Money that goes back: refunds, what was asked for, and disputes.
-- SPDX-License-Identifier: Apache-2.0
-- enum refund_to refund_targets
-- enum circumstance refund_circumstances
-- enum refund_state refund_states
-- enum remedy_outcome remedy_outcomes
-- enum dispute_state dispute_states

-- A credit note for a part of a paid invoice takes revenue back over its own period.
CREATE TABLE reversal (
    invoice_id INTEGER NOT NULL PRIMARY KEY, -- the credit note
    account_id INTEGER NOT NULL,
    recognised_from INTEGER NOT NULL   -- it counts in the month of this instant and later
);

-- Money given back of one charge (SPEC I-04): decided and booked at once, carried out by couriers.
CREATE TABLE refund (
    refund_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    charge_id INTEGER NOT NULL,
    refund_no INTEGER NOT NULL,        -- 1, 2, … of the charge: only one can be next
    order_key TEXT NOT NULL,           -- whoever orders it again gets this one
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    refund_to TEXT NOT NULL,           -- method or credit
    circumstance TEXT NOT NULL,
    rule TEXT NOT NULL,                -- the rule that decided it (SPEC I-02)
    refund_state TEXT NOT NULL,
    credit_note_id INTEGER NOT NULL,   -- 0: nothing was invoiced
    credit_document_id INTEGER NOT NULL, -- paid as credit: its ledger document; else 0
    code TEXT NOT NULL,                -- why the provider refused it; ''
    gateway_ref TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    done_at INTEGER NOT NULL,          -- 0: not yet
    due_at INTEGER NOT NULL,           -- when the provider is asked next; 0: never again
    due_day INTEGER NOT NULL,          -- UTC day of due_at, the due queue's key; 0: nothing
    tries INTEGER NOT NULL,            -- calls in a row that settled nothing
    actor_role TEXT NOT NULL,          -- who decided it
    actor_id INTEGER NOT NULL
);
CREATE UNIQUE INDEX refund_once ON refund (charge_id, refund_no);
CREATE UNIQUE INDEX refund_by_key ON refund (account_id, order_key);
CREATE INDEX refund_due ON refund (due_day, account_id);

-- What somebody asked of a charge, the rule that was applied and what came of it (SPEC I-02).
CREATE TABLE remedy (
    remedy_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    charge_id INTEGER NOT NULL,        -- 0: a partner bills
    circumstance TEXT NOT NULL,
    rule TEXT NOT NULL,
    remedy_outcome TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,     -- to be given back
    refund_to TEXT NOT NULL,
    from_day INTEGER NOT NULL,         -- the days given back; both 0: the whole period
    until_day INTEGER NOT NULL,
    note TEXT NOT NULL,
    refund_id INTEGER NOT NULL,        -- 0: none
    asked_at INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,      -- by a second person (SPEC X-09); 0: not
    approved_by INTEGER NOT NULL       -- the agent's number; 0: nobody
);
CREATE INDEX remedy_by_account ON remedy (account_id, remedy_id);

-- A charge that a bank takes back; the flag that stands beside a captured charge (SPEC I-06).
CREATE TABLE dispute (
    dispute_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    charge_id INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,     -- what had not been given back; 0: all had
    currency TEXT NOT NULL,
    dispute_state TEXT NOT NULL,
    reason TEXT NOT NULL,              -- as the provider spells it; ''
    opened_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,        -- 0: open
    credit_note_id INTEGER NOT NULL,   -- lost: takes the revenue back; else 0
    method_id INTEGER NOT NULL         -- blocked because of it; 0: none
);
CREATE UNIQUE INDEX dispute_once ON dispute (charge_id);
CREATE INDEX dispute_by_account ON dispute (account_id, dispute_state);
