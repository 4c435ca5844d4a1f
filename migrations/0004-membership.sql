-- Memberships. SPDX-License-Identifier: Apache-2.0
-- enum state membership_states
-- enum state_from membership_states
-- enum state_to membership_states
-- enum step membership_steps
-- enum event membership_events
-- enum actor_role roles
-- enum actor_surface surfaces
-- enum pending_from membership_states

-- One account's right to watch, for life: a restart is a new term of the same membership, which
-- therefore shares its account's number.
CREATE TABLE membership (
    account_id INTEGER NOT NULL PRIMARY KEY,
    plan TEXT NOT NULL,
    biller TEXT NOT NULL,              -- 'direct' or one named partner (SPEC D-01)
    state TEXT NOT NULL,               -- SPEC 2.2
    term INTEGER NOT NULL,             -- 1, 2, …: a new one with each new anchor
    anchor_day INTEGER NOT NULL,       -- local date of period 0 of the term (SPEC B-02)
    k INTEGER NOT NULL,                -- the newest booked period of the term; -1: none yet
    period_start_day INTEGER NOT NULL, -- of period k, local dates
    period_end_day INTEGER NOT NULL,   -- exclusive: where period k + 1 starts
    step TEXT NOT NULL,                -- what is due next
    due_at INTEGER NOT NULL,           -- when: a cache of the step's local date; 0: nothing
    due_day INTEGER NOT NULL,          -- UTC day of due_at, the due queue's key; 0: nothing
    method_id INTEGER NOT NULL,        -- the primary payment method (SPEC C-01); 0: none
    end_day INTEGER NOT NULL,          -- first local date without access; 0: open
    retention_until_day INTEGER NOT NULL, -- kept until this date after the end (SPEC E-06); 0: open
    next_plan TEXT NOT NULL,           -- from the next billing date on (SPEC A-04); ''
    cancel_started_at INTEGER NOT NULL, -- cancelling was begun and not finished (SPEC F-02); 0: not
    pending_from TEXT NOT NULL,        -- PENDING: the state it falls back to; else 'none'
    pause_months INTEGER NOT NULL,     -- of the pause that is decided or runs (SPEC G-04); 0: none
    price_known_day INTEGER NOT NULL,  -- newest day of prices announced (SPEC A-08); 0: any
    price_new_day INTEGER NOT NULL,    -- the next day of prices announced; 0: none
    price_from_day INTEGER NOT NULL,   -- periods that start on this date or later have those
    slots INTEGER NOT NULL,            -- the next renewal charges these: 1 first, 2 second, 4 …
    period_plan TEXT NOT NULL,         -- the plan that the newest period was charged for; '': plan
    period_slots INTEGER NOT NULL,     -- the slots that the newest renewal charged
    has_credit INTEGER NOT NULL,       -- 1: the journal says that there is some (SPEC J-03)
    version INTEGER NOT NULL           -- counts changes; guards against lost updates
);
-- The due queue. By day, so that a day's work runs through memberships in order of their ids.
CREATE INDEX membership_due ON membership (due_day, account_id);

-- Each anchor a membership has had.
CREATE TABLE term (
    account_id INTEGER NOT NULL,
    term INTEGER NOT NULL,
    anchor_day INTEGER NOT NULL,
    zone TEXT NOT NULL,        -- in which the anchor was set
    started_at INTEGER NOT NULL,
    term_cause TEXT NOT NULL,  -- why there is a new anchor: joined, imported, recovered, …
    PRIMARY KEY (account_id, term)
);

-- Every change of state, and who made it. Renewals that go well are no change.
CREATE TABLE membership_event (
    event_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    event TEXT NOT NULL,       -- an event of SPEC 2.2
    state_from TEXT NOT NULL,
    state_to TEXT NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    actor_surface TEXT NOT NULL, -- where: web, app, …; 'none' for work that falls due (SPEC F-23)
    device TEXT NOT NULL,      -- as the session names it; '' when there is none
    network TEXT NOT NULL,     -- address it came from; ''
    reason TEXT NOT NULL       -- '' or a stable code, such as a decline's
);
CREATE INDEX membership_event_by_account ON membership_event (account_id, event_id);

-- Consents to recurring charges: which text, when and where (SPEC B-16).
CREATE TABLE consent (
    consent_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    text_version TEXT NOT NULL,      -- 'imported': given before the member was taken over
    consented_at INTEGER NOT NULL,
    surface TEXT NOT NULL,           -- where it was given: 'web', 'tv', 'import', …
    source_op TEXT NOT NULL,         -- what recorded it: 'method.add', 'import'
    keep_until_day INTEGER NOT NULL  -- may not be deleted before this date
);
CREATE INDEX consent_by_account ON consent (account_id, consent_id);
