-- Messages to people: what becomes of the outbox. SPDX-License-Identifier: Apache-2.0

-- What was decided before there were couriers was told to nobody, and stays so: it counts as taken.
ALTER TABLE outbox ADD COLUMN untaken INTEGER NOT NULL DEFAULT 0; -- its id until couriers take it
CREATE INDEX outbox_untaken ON outbox (untaken) WHERE untaken > 0;
