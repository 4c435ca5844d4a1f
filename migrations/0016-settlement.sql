-- What partners pay us, month by month. SPDX-License-Identifier: Apache-2.0
-- enum settlement_finding settlement_findings

-- The lines of partners' monthly statements, each once, and what each was found to be (SPEC D-17).
-- A period of a partner that its statement lacks is a line of our own making: finding `missing`.
CREATE TABLE settlement_line (
    line_id INTEGER NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL,             -- code in the catalog
    month_day INTEGER NOT NULL,        -- first day of the statement's month
    line TEXT NOT NULL,                -- the partner's own number of it; ours begin with `missing/`
    reference TEXT NOT NULL,           -- of the sale or of an event, as the partner has it; ''
    account_id INTEGER NOT NULL,       -- 0: nobody we know, or erased
    start_day INTEGER NOT NULL,        -- first day of the period that it pays
    amount_minor INTEGER NOT NULL,     -- below 0: the partner takes a payment back
    currency TEXT NOT NULL,
    expected_minor INTEGER NOT NULL,   -- by the plan's price and the partner's share; 0: nothing
    settlement_finding TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    UNIQUE (partner, month_day, line)
);
CREATE INDEX settlement_line_by_period ON settlement_line (partner, account_id, start_day);

-- Whole statements: after this a month's missing lines are looked for.
CREATE TABLE settlement (
    partner TEXT NOT NULL,
    month_day INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,        -- when its last line was said to have been told
    PRIMARY KEY (partner, month_day)
);

-- Which periods began in a month, whosever.
CREATE INDEX partner_period_by_start ON partner_period (partner, start_day, account_id);
