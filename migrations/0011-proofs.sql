-- Look-ups by what people know of themselves, codes sent to their contacts, the form for
-- cancelling, and restarts that are held back.
-- SPDX-License-Identifier: Apache-2.0
-- enum proof_for proof_kinds
-- enum form_ground form_grounds
-- enum form_outcome form_outcomes
-- enum actor_role roles
-- enum actor_surface surfaces

-- Whoever names an e-mail address (SPEC D-09, F-25), and a line of a bank statement (SPEC H-06).
-- None of them is written by a renewal (docs/decisions/0015).
CREATE INDEX account_by_email ON account (lower(email)) WHERE email <> '';
CREATE INDEX method_by_last4 ON method (last4) WHERE last4 <> '';
CREATE INDEX method_event_by_last4 ON method_event (last4) WHERE last4 <> '';

-- The country that the network address is in, as the session tells it; ''. A restart from another
-- one than ever before is unusual (SPEC DT-3).
ALTER TABLE membership_event ADD COLUMN network_country TEXT NOT NULL DEFAULT '';

-- Codes that were sent to an account's contacts: who brings one back has read what was sent there.
-- Only the newest of a kind counts.
CREATE TABLE contact_proof (
    account_id INTEGER NOT NULL,
    proof_for TEXT NOT NULL,          -- what it may be used for
    code_hash TEXT NOT NULL,          -- keyed hash of the code, which is stored nowhere
    made_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,        -- exclusive
    PRIMARY KEY (account_id, proof_for)
);
CREATE UNIQUE INDEX contact_proof_by_code ON contact_proof (code_hash);

-- Cancellations declared by the form that works without signing in, as they came in (SPEC F-25).
CREATE TABLE cancel_form (
    form_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,      -- whose membership it names; 0: nobody's that we know
    received_at INTEGER NOT NULL,     -- it counts from this instant
    email TEXT NOT NULL,              -- as they were typed, like the next four
    name TEXT NOT NULL,
    member_text TEXT NOT NULL,        -- '' or the reference that was given
    form_ground TEXT NOT NULL,
    ground_text TEXT NOT NULL,        -- ''
    form_outcome TEXT NOT NULL,       -- what came of it
    device TEXT NOT NULL,             -- '' when not known, like the next one
    network TEXT NOT NULL
);
CREATE INDEX cancel_form_by_account ON cancel_form (account_id, form_id);

-- A restart that looks unusual waits here until its owner confirms it or its time comes (DT-3).
CREATE TABLE restart_wish (
    account_id INTEGER NOT NULL PRIMARY KEY,
    plan TEXT NOT NULL,               -- '': the same as before
    asked_at INTEGER NOT NULL,
    go_at INTEGER NOT NULL,           -- when it is carried out unless it is stopped
    risks TEXT NOT NULL,              -- why it waits: codes with commas between them
    actor_role TEXT NOT NULL,         -- who asked, and from where
    actor_id INTEGER NOT NULL,
    actor_surface TEXT NOT NULL,
    device TEXT NOT NULL,
    network TEXT NOT NULL,
    network_country TEXT NOT NULL
);
