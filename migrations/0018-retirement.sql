-- Plans that are retired. SPDX-License-Identifier: Apache-2.0

-- Who was told that their plan is retired, what they chose, and what happens if they did not (SPEC
-- A-10).
CREATE TABLE retirement (
    account_id INTEGER NOT NULL,
    plan TEXT NOT NULL,                -- the one that goes
    noticed_at INTEGER NOT NULL,
    applies_day INTEGER NOT NULL,      -- no period that starts on this local date or later has it
    to_plan TEXT NOT NULL,             -- without a choice; '' the membership ends
    amount_minor INTEGER NOT NULL,     -- of its first period as it was announced, tax included
    currency TEXT NOT NULL,
    chosen_plan TEXT NOT NULL,         -- '' nothing yet
    chosen_at INTEGER NOT NULL,        -- 0: not
    closed_at INTEGER NOT NULL,        -- since when it does not concern them any more; 0: it does
    PRIMARY KEY (account_id, plan)
);

-- For which catalog and month its members were looked for; one row.
CREATE TABLE retirement_search (
    search_id INTEGER NOT NULL PRIMARY KEY, -- 1
    catalog_version INTEGER NOT NULL,
    month INTEGER NOT NULL             -- year * 12 + month - 1, in UTC
);
