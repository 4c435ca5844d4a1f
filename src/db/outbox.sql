-- Messages for couriers. SPDX-License-Identifier: Apache-2.0

-- outbox_add :exec
INSERT INTO outbox (outbox_id, account_id, topic, happened_at, body, untaken)
VALUES (:outbox_id, :account_id, :topic, :happened_at, :body, :outbox_id);

-- outbox_add_all :bulk
INSERT INTO outbox (outbox_id, account_id, topic, happened_at, body, untaken)
VALUES (:outbox_id, :account_id, :topic, :happened_at, :body, :outbox_id);

-- outbox_untaken :many outbox_row
-- :max int
SELECT outbox_id, account_id, topic, happened_at, body FROM outbox
WHERE untaken > 0 ORDER BY untaken LIMIT :max;

-- outbox_mark :bulk
UPDATE outbox SET untaken = 0 WHERE outbox_id = :outbox_id AND untaken > 0;

-- outbox_after :many outbox_row
-- :after int
-- :max int
SELECT outbox_id, account_id, topic, happened_at, body FROM outbox
WHERE outbox_id > :after ORDER BY outbox_id LIMIT :max;

-- outbox_scan :scan outbox_row
-- :after int
SELECT outbox_id, account_id, topic, happened_at, body FROM outbox
WHERE outbox_id > :after ORDER BY outbox_id;
