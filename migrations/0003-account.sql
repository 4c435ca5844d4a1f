-- Accounts. SPDX-License-Identifier: Apache-2.0
-- enum opener_role roles
-- enum closer_role roles
-- enum priority work_priorities
-- enum work_state work_states

-- The person: who pays and how to reach them. A renewal reads it and never writes it.
CREATE TABLE account (
    account_id INTEGER NOT NULL PRIMARY KEY,
    external_id TEXT NOT NULL,    -- the operator's own id of this member
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,        -- ISO 3166-1 alpha-2: price, law and tax (SPEC A-14)
    region TEXT NOT NULL,         -- state or province where tax asks for it
    currency TEXT NOT NULL,       -- ISO 4217, of the country when the account was made
    zone TEXT NOT NULL,           -- IANA name: the one billing time zone (SPEC B-04)
    locale TEXT NOT NULL,         -- BCP 47
    joined_day INTEGER NOT NULL,
    import_hash TEXT NOT NULL,    -- of the imported row; '' when not imported
    created_at INTEGER NOT NULL,
    locked_at INTEGER NOT NULL,   -- a takeover is reported (SPEC 2.2): nothing is charged; 0: not
    unlocked_at INTEGER NOT NULL, -- the newest lock ended: periods over by then are not billed; 0
    delete_on_day INTEGER NOT NULL, -- the owner asked for early deletion (SPEC F-20); 0: not
    erased_at INTEGER NOT NULL    -- everything personal is gone (SPEC E-22); 0: not
);
CREATE UNIQUE INDEX account_by_external_id ON account (external_id);
CREATE INDEX account_unlocked ON account (unlocked_at) WHERE unlocked_at > 0;

-- What a person must look at: a case that a requirement opens. At most one is open for one thing.
CREATE TABLE work_item (
    work_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL, -- whom it concerns; 0: nobody in particular
    work_kind TEXT NOT NULL,     -- named by who opens it: 'account.takeover', …
    subject INTEGER NOT NULL,    -- the charge, dispute, … that it is about; 0: the account itself
    priority TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    opener_role TEXT NOT NULL,
    opener_id INTEGER NOT NULL,
    evidence TEXT NOT NULL,      -- JSON: facts and references, no wording
    work_state TEXT NOT NULL,
    closed_at INTEGER NOT NULL,  -- 0: open
    closer_role TEXT NOT NULL,
    closer_id INTEGER NOT NULL,
    outcome TEXT NOT NULL        -- what came of it (SPEC I-11); '' while open
);
CREATE UNIQUE INDEX work_item_open ON work_item (account_id, work_kind, subject)
    WHERE work_state = 'open';
