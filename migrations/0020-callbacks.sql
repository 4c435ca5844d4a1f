-- What payment providers tell us by calling. SPDX-License-Identifier: Apache-2.0

-- Calls of the payment provider that were taken, for as long as the same one could come again: each
-- counts once.
CREATE TABLE payment_callback (
    callback_id TEXT NOT NULL PRIMARY KEY, -- the provider's own number of what it tells
    taken_at INTEGER NOT NULL              -- by the machine's clock
);
CREATE INDEX payment_callback_old ON payment_callback (taken_at);

-- One row: how many calls were taken. A worker that has seen another number reads the provider's
-- events at once (docs/decisions/0039).
CREATE TABLE payment_news (
    news_no INTEGER NOT NULL PRIMARY KEY,  -- always 1
    told INTEGER NOT NULL
);
INSERT INTO payment_news (news_no, told) VALUES (1, 0);
