-- Messages to people. SPDX-License-Identifier: Apache-2.0
-- enum channel channels
-- enum delivery_state delivery_states

-- What was decided before there were couriers was told to nobody, and stays so: it counts as taken.
ALTER TABLE outbox ADD COLUMN untaken INTEGER NOT NULL DEFAULT 0; -- its id until couriers take it
CREATE INDEX outbox_untaken ON outbox (untaken) WHERE untaken > 0;

-- How to reach a person beside the account's email address, and when (SPEC Y-01, Y-15). No row: no
-- phone, no consent, the usual quiet hours, and nothing is known against the address.
CREATE TABLE contact (
    account_id INTEGER NOT NULL PRIMARY KEY,
    phone TEXT NOT NULL,              -- E.164: '+15550100'; '' none
    phone_verified_at INTEGER NOT NULL, -- 0: not, and nothing is sent there
    text_agreed_at INTEGER NOT NULL,  -- to text messages that are not about security; 0: not
    push_agreed_at INTEGER NOT NULL,  -- to push messages; 0: not
    quiet_from INTEGER NOT NULL,      -- minute of the local day; -1: as the setting says
    quiet_until INTEGER NOT NULL,     -- the same as quiet_from: never quiet
    email_failed_at INTEGER NOT NULL, -- the address refuses mail since (SPEC Y-14); 0: reachable
    email_failed_code TEXT NOT NULL,  -- what its server said: '550 5.1.1'
    phone_failed_at INTEGER NOT NULL, -- the same of text messages
    phone_failed_code TEXT NOT NULL
);

-- A message to a person: what a row of the outbox became, at most once (its id is that of the row).
-- It is listed in the account's message centre, whatever became of its deliveries (SPEC Y-12).
CREATE TABLE message (
    message_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reference TEXT NOT NULL,          -- random, printed in the message (SPEC R-06); without groups
    happened_at INTEGER NOT NULL,
    locale TEXT NOT NULL,             -- of the words, then and for ever
    facts TEXT NOT NULL,              -- JSON: what the words are made of
    read_at INTEGER NOT NULL          -- the owner opened it in the message centre; 0: not yet
);
CREATE UNIQUE INDEX message_by_reference ON message (reference);
CREATE INDEX message_of_account ON message (account_id, message_id);

-- One way on which a message goes out: at most one per message, channel and place (SPEC Y-13).
CREATE TABLE delivery (
    message_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    place INTEGER NOT NULL,           -- 1: the person's contact, 2: the one that it replaced
    account_id INTEGER NOT NULL,
    address TEXT NOT NULL,            -- email address, phone number; '' of push and once erased
    delivery_state TEXT NOT NULL,
    urgency INTEGER NOT NULL,         -- 1 goes first
    due_at INTEGER NOT NULL,          -- not before: quiet hours, the wait after a failure; 0: done
    stale_at INTEGER NOT NULL,        -- later than that nobody wants it
    attempts INTEGER NOT NULL,
    claim INTEGER NOT NULL,           -- the fencing number of who sends it now; 0: never taken
    claim_until INTEGER NOT NULL,     -- by the machine's clock: others leave it alone
    claim_process TEXT NOT NULL,      -- whose it is, so that one that died gives it up at once
    done_at INTEGER NOT NULL,         -- accepted, or given up; 0: not yet
    provider_ref TEXT NOT NULL,       -- the provider's own number of it
    code TEXT NOT NULL,               -- what the provider said last: '250', '451 4.7.1', '21610'
    PRIMARY KEY (message_id, channel, place)
);
CREATE INDEX delivery_due ON delivery (channel, urgency, due_at) WHERE due_at > 0;
CREATE INDEX delivery_stale ON delivery (channel, stale_at) WHERE due_at > 0;
CREATE INDEX delivery_claimed ON delivery (claim_until) WHERE claim_until > 0;
CREATE INDEX delivery_by_ref ON delivery (provider_ref) WHERE provider_ref <> '';
