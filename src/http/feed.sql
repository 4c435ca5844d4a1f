-- Events for open streams: what each writer of ids has come to, and the messages since.
-- SPDX-License-Identifier: Apache-2.0

-- feed_writers :many feed_writer_row
-- :max int
SELECT writer, last_id FROM id_writer ORDER BY writer LIMIT :max;

-- feed_messages :many feed_message_row
-- :after int
-- :upto int
-- :max int
SELECT outbox_id, account_id, topic, happened_at, body FROM outbox
WHERE outbox_id > :after AND outbox_id <= :upto ORDER BY outbox_id LIMIT :max;
