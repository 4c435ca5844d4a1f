-- Invoices, what collects them, and the books.
-- SPDX-License-Identifier: Apache-2.0
-- enum document invoice_documents
-- enum cause charge_causes
-- enum line_cause charge_causes
-- enum line_kind line_kinds
-- enum charge_state charge_states
-- enum kind charge_kinds
-- enum recovered_by recoveries
-- enum change_state change_states
-- enum change_effect change_effects
-- enum slot_state slot_states
-- enum slot_end slot_ends
-- enum price_consent price_consents
-- enum actor_role roles
-- enum actor_surface surfaces
-- enum credit_kind credit_kinds
-- enum gift_state gift_states
-- enum errand_kind errand_kinds

-- A demand for one period, or a credit note against one; immutable. An invoice shares the number of
-- the charge that collects it.
CREATE TABLE invoice (
    invoice_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    document TEXT NOT NULL,            -- invoice or credit_note
    credits_id INTEGER NOT NULL,       -- credit note: the invoice it takes back; else 0
    seller TEXT NOT NULL,
    series_year INTEGER NOT NULL,
    series INTEGER NOT NULL,           -- one per worker, so that none waits for another
    number INTEGER NOT NULL,           -- 1, 2, … without gaps in seller, year, document, series
    plan TEXT NOT NULL,
    country TEXT NOT NULL,             -- where it was taxed
    region TEXT NOT NULL,
    period_start_day INTEGER NOT NULL, -- local dates
    period_end_day INTEGER NOT NULL,   -- exclusive
    issued_at INTEGER NOT NULL,
    currency TEXT NOT NULL,
    net_minor INTEGER NOT NULL,        -- negative on a credit note, like the next two
    tax_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,      -- net + tax
    cause TEXT NOT NULL,               -- why this charge, at its simplest (SPEC B-05)
    catalog_version INTEGER NOT NULL   -- whose prices and taxes these are (SPEC A-15)
);

-- Each line stores why it is there and what it was computed from.
CREATE TABLE invoice_line (
    invoice_id INTEGER NOT NULL,
    line_no INTEGER NOT NULL,          -- 1, 2, …
    line_kind TEXT NOT NULL,           -- plan, tax, …
    item TEXT NOT NULL,                -- plan or add-on code; the tax's name
    line_cause TEXT NOT NULL,
    unit_minor INTEGER NOT NULL,       -- plan: the list price; tax: the amount it was computed on
    rate_ppm INTEGER NOT NULL,         -- tax: its rate; else 0
    effective_day INTEGER NOT NULL,    -- since when that price or rate is in force
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, line_no)
);

-- The next number of each series; taken in the transaction that uses it, hence no gaps.
CREATE TABLE invoice_series (
    seller TEXT NOT NULL,
    series_year INTEGER NOT NULL,
    document TEXT NOT NULL,
    series INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    PRIMARY KEY (seller, series_year, document, series)
);

-- What is to be collected, and how that stands: one row however many attempts it takes (SPEC E-17).
CREATE TABLE charge (
    charge_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    term INTEGER NOT NULL,
    k INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL,          -- 0: a renewal; else the slot or change that caused it
    due_on_day INTEGER NOT NULL,       -- local date
    amount_minor INTEGER NOT NULL,     -- for a payment method: what credit leaves of it
    currency TEXT NOT NULL,
    charge_state TEXT NOT NULL,
    attempts INTEGER NOT NULL,         -- begun so far, the one in flight included
    method_id INTEGER NOT NULL,        -- of the newest attempt; 0: none, or still to be chosen
    wanted_at INTEGER NOT NULL,        -- initiated (SPEC B-08)
    attempt_at INTEGER NOT NULL,       -- when the newest attempt was decided
    captured_at INTEGER NOT NULL,      -- 0: not
    recognised_from INTEGER NOT NULL,  -- its revenue counts in the month of this instant and later:
                                       -- captured_at, or when we learned of it
    recovered_by TEXT NOT NULL,        -- what turned a failure into success (SPEC E-23); while an
                                       -- attempt is in flight, what its success would be
    code TEXT NOT NULL,                -- the newest decline's code; '' when none
    catalog_version INTEGER NOT NULL,
    credit_note_id INTEGER NOT NULL,   -- 0: none
    credit_minor INTEGER NOT NULL      -- taken from the member's credit beforehand (SPEC J-03)
);
-- No member is ever charged twice for one thing (SPEC B-11).
CREATE UNIQUE INDEX charge_once ON charge (account_id, term, k, kind, subject);

-- billing.charge_wanted: the charges whose next attempt is decided and not yet answered.
CREATE TABLE charge_wanted (
    charge_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL
);

-- A failing charge of a membership and the dates that follow from its debt; gone when it is over.
CREATE TABLE dunning (
    account_id INTEGER NOT NULL PRIMARY KEY,
    charge_id INTEGER NOT NULL,        -- the unpaid renewal
    debt_day INTEGER NOT NULL,         -- the local date it was due: everything counts from here
    grace_until_day INTEGER NOT NULL,
    hold_until_day INTEGER NOT NULL,   -- the hold limit
    retries_done INTEGER NOT NULL,     -- places of the retry schedule that are behind us
    reminders_done INTEGER NOT NULL,
    quick_retries INTEGER NOT NULL,    -- after technical failures, in this round
    look_ups INTEGER NOT NULL          -- of an unknown outcome
);

-- Small things that are due beside a membership's own step: look-ups, reminders, notices.
CREATE TABLE errand (
    account_id INTEGER NOT NULL,
    errand_kind TEXT NOT NULL,
    subject INTEGER NOT NULL,          -- what it is about: a charge, …; 0: the membership
    due_at INTEGER NOT NULL,
    due_day INTEGER NOT NULL,          -- UTC day of due_at, the due queue's key
    PRIMARY KEY (account_id, errand_kind, subject)
);
CREATE INDEX errand_due ON errand (due_day, account_id);

-- The journal: each entry moves one amount from one account of the books to another, so that debits
-- equal credits by construction. Entries are never changed.
CREATE TABLE ledger_entry (
    document_id INTEGER NOT NULL,      -- invoice, charge, recognition run … that caused it
    entry_no INTEGER NOT NULL,
    account_id INTEGER NOT NULL,       -- whose; 0: a summary
    booked_at INTEGER NOT NULL,
    debit TEXT NOT NULL,               -- receivable, tax_payable:DE, …
    credit TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,     -- above 0
    PRIMARY KEY (document_id, entry_no)
);

-- What a member's credit is made of (SPEC J-11): each row points at the ledger entry that moved the
-- amount, so that a balance is a sum over the journal and stands nowhere else.
CREATE TABLE credit_entry (
    account_id INTEGER NOT NULL,
    credit_no INTEGER NOT NULL,        -- 1, 2, … for the account: only one move can be next
    document_id INTEGER NOT NULL,      -- its ledger entry, entry_no 1
    credit_kind TEXT NOT NULL,
    cause_id INTEGER NOT NULL,         -- the invoice it paid, the charge it refunds, …; 0: none
    reason TEXT NOT NULL,              -- '' or why, as a stable code
    PRIMARY KEY (account_id, credit_no)
);

-- Gift cards. Each is redeemed whole, once (SPEC J-01), and never expires (SPEC J-05).
CREATE TABLE gift_card (
    card_id INTEGER NOT NULL PRIMARY KEY, -- also the document of its entry in the journal
    code_hash TEXT NOT NULL,              -- keyed hash of the code, which is stored nowhere
    gift_state TEXT NOT NULL,             -- inactive, active, used
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    activated_at INTEGER NOT NULL,        -- sold, owed since then; 0: not
    account_id INTEGER NOT NULL,          -- who has redeemed it; 0: nobody
    redeemed_at INTEGER NOT NULL          -- 0: not
);
CREATE UNIQUE INDEX gift_card_by_code ON gift_card (code_hash);

-- Revenue by the month in which it was served; its sums are ledger entries.
CREATE TABLE recognition (
    month INTEGER NOT NULL,            -- year * 12 + month - 1, UTC
    country TEXT NOT NULL,
    plan TEXT NOT NULL,
    currency TEXT NOT NULL,
    recognised_minor INTEGER NOT NULL,
    PRIMARY KEY (month, country, plan, currency)
);
-- The months that are done.
CREATE TABLE recognition_run (
    month INTEGER NOT NULL PRIMARY KEY,
    document_id INTEGER NOT NULL,
    ran_at INTEGER NOT NULL
);

-- Renewals that fell due and were not booked, and why (SPEC B-17); each was tried again later.
CREATE TABLE renewal_skip (
    account_id INTEGER NOT NULL,
    term INTEGER NOT NULL,
    k INTEGER NOT NULL,
    due_on_day INTEGER NOT NULL,
    skip_reason TEXT NOT NULL,
    skipped_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, term, k, skip_reason)
);

-- Every change of plan that somebody asked for: who, when, from, to, and what it did about money
-- (SPEC A-06). The last columns reproduce what was charged.
CREATE TABLE plan_change (
    change_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    from_plan TEXT NOT NULL,
    to_plan TEXT NOT NULL,
    change_state TEXT NOT NULL,
    change_effect TEXT NOT NULL,
    effective_day INTEGER NOT NULL,    -- local date from which to_plan counts
    amount_minor INTEGER NOT NULL,     -- charged now, tax included; 0: nothing
    currency TEXT NOT NULL,
    old_end_day INTEGER NOT NULL,      -- where the period was to end
    new_end_day INTEGER NOT NULL,      -- and where it ends; earlier when the anchor was shifted
    code TEXT NOT NULL,                -- why it was refused; ''
    term INTEGER NOT NULL,             -- with k: the period in which it happened
    k INTEGER NOT NULL,
    whole_days INTEGER NOT NULL,       -- of that period
    slots INTEGER NOT NULL,            -- bits as in membership.slots
    old_price_day INTEGER NOT NULL,    -- whose prices the rest of the period was paid at
    new_price_day INTEGER NOT NULL,    -- whose prices count for to_plan
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    actor_surface TEXT NOT NULL,
    device TEXT NOT NULL,              -- '' when not known, like the next one
    network TEXT NOT NULL
);
CREATE INDEX plan_change_by_account ON plan_change (account_id, change_id);

-- Extra-member slots as money: a place that somebody else may be given (SPEC O-04, O-12).
CREATE TABLE slot (
    slot_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    slot_no INTEGER NOT NULL,          -- 1, 2, …: its place, and its bit in membership.slots
    slot_state TEXT NOT NULL,
    slot_end TEXT NOT NULL,            -- why it ends
    bought_at INTEGER NOT NULL,
    from_day INTEGER NOT NULL,         -- local date of the purchase: charged from here on
    end_day INTEGER NOT NULL,          -- first local date without it; 0: open
    paid_day INTEGER NOT NULL,         -- renewals pay for it from this date on
    change_effect TEXT NOT NULL,       -- what the purchase did about money
    amount_minor INTEGER NOT NULL,     -- charged at the purchase, tax included; 0: nothing
    currency TEXT NOT NULL,
    plan TEXT NOT NULL,                -- then; the next five reproduce the charge
    term INTEGER NOT NULL,
    k INTEGER NOT NULL,
    whole_days INTEGER NOT NULL,
    price_day INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    actor_surface TEXT NOT NULL,
    device TEXT NOT NULL,
    network TEXT NOT NULL
);
CREATE INDEX slot_by_account ON slot (account_id, slot_id);

-- Who was told of which new price, and from when it counts for them (SPEC A-08).
CREATE TABLE price_notice (
    account_id INTEGER NOT NULL,
    plan TEXT NOT NULL,
    from_day INTEGER NOT NULL,         -- since when the catalog has the price
    noticed_at INTEGER NOT NULL,
    applies_day INTEGER NOT NULL,      -- periods that start on this date or later have it
    old_minor INTEGER NOT NULL,        -- list prices
    new_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    price_consent TEXT NOT NULL,       -- where the country asks for the member's consent
    PRIMARY KEY (account_id, plan, from_day)
);
