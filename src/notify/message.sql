-- The message centre. SPDX-License-Identifier: Apache-2.0

-- messages_of :many message_row
-- :before int
-- :max int
SELECT message_id, account_id, topic, reference, happened_at, locale, facts, read_at FROM message
WHERE account_id = :account_id AND message_id < :before ORDER BY message_id DESC LIMIT :max;

-- message_of :one message_row
SELECT message_id, account_id, topic, reference, happened_at, locale, facts, read_at FROM message
WHERE account_id = :account_id AND reference = :reference;

-- any account: who checks a message knows its reference alone, and is not told whose it is
-- message_by_reference :many message_row
-- :max int
SELECT message_id, account_id, topic, reference, happened_at, locale, facts, read_at FROM message
WHERE reference = :reference ORDER BY message_id LIMIT :max;

-- message_mark_read :exec
UPDATE message SET read_at = :read_at
WHERE account_id = :account_id AND message_id = :message_id AND read_at = 0;

-- deliveries_of :many delivery_row
-- :max int
SELECT message_id, channel, place, account_id, address, delivery_state, urgency, due_at, stale_at,
       attempts, claim, claim_until, claim_process, done_at, provider_ref, code
FROM delivery WHERE account_id = :account_id AND message_id = :message_id
ORDER BY channel, place LIMIT :max;
