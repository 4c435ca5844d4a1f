-- Partners who bill members in our place. SPDX-License-Identifier: Apache-2.0
-- enum partner_event partner_events
-- enum partner_outcome partner_outcomes

-- What partners have told, each thing once (SPEC D-13).
CREATE TABLE partner_event (
    partner TEXT NOT NULL,             -- code in the catalog
    reference TEXT NOT NULL,           -- the partner's own of this event
    account_id INTEGER NOT NULL,
    event_order INTEGER NOT NULL,      -- ascending per member: its sequence, or occurred_at
    partner_event TEXT NOT NULL,
    plan TEXT NOT NULL,                -- ''
    start_day INTEGER NOT NULL,        -- of a period; 0: none given
    until_day INTEGER NOT NULL,        -- exclusive; of a cancel the first day without access
    partner_outcome TEXT NOT NULL,     -- what it came to
    told_at INTEGER NOT NULL,
    PRIMARY KEY (partner, reference)
);
CREATE INDEX partner_event_by_account ON partner_event (account_id, partner, event_order);

-- Periods that a partner has billed: what a history shows in place of charges (SPEC D-07).
CREATE TABLE partner_period (
    account_id INTEGER NOT NULL,
    partner TEXT NOT NULL,
    start_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,        -- exclusive
    plan TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, partner, start_day)
);

-- Members of ours whom a partner has taken over, while it lasts (SPEC D-10).
CREATE TABLE partner_link (
    account_id INTEGER NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    resumes INTEGER NOT NULL,          -- 1: we may charge again afterwards; 0: it was ending
    kept_days INTEGER NOT NULL         -- paid to us and not served; they follow the partner's end
);
