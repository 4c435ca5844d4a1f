-- Whose clock this database lives by. SPDX-License-Identifier: Apache-2.0

-- clock_all :many clock_row
-- :max int
SELECT is_test, clock_now FROM clock ORDER BY clock_id LIMIT :max;

-- clock_add :exec
INSERT INTO clock (clock_id, is_test, clock_now) VALUES (1, :is_test, :clock_now);

-- clock_set :exec
UPDATE clock SET clock_now = :clock_now WHERE is_test = 1 AND clock_now < :clock_now;

-- Who has made rows here, at times of the machine's clock.
-- id_writers :many id_writers_row
-- :max int
SELECT writer FROM id_writer ORDER BY writer LIMIT :max;
