-- What providers have told and no worker has taken. SPDX-License-Identifier: Apache-2.0

-- inbox_cursors_of :many inbox_cursor_row
-- :max int
SELECT cursor FROM inbox_cursor WHERE gateway = :gateway ORDER BY gateway LIMIT :max;

-- inbox_cursor_begin :exec
INSERT INTO inbox_cursor (gateway, cursor) VALUES (:gateway, 0) ON CONFLICT (gateway) DO NOTHING;

-- inbox_cursor_move :exec
-- :from_cursor int
UPDATE inbox_cursor SET cursor = :cursor WHERE gateway = :gateway AND cursor = :from_cursor;

-- inbox_add_all :bulk
INSERT INTO inbox (gateway, cursor, account_id, told_id, told_kind, told_key, token, last4,
    expiry_month, deliver_at, told_outcome, code, advice, gateway_ref, captured_at, declined_at,
    told_dispute)
VALUES (:gateway, :cursor, :account_id, :told_id, :told_kind, :told_key, :token, :last4,
    :expiry_month, :deliver_at, :told_outcome, :code, :advice, :gateway_ref, :captured_at,
    :declined_at, :told_dispute)
ON CONFLICT (gateway, cursor) DO NOTHING;

-- any account: the worker's own question
-- inbox_due :many inbox_row
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT cursor, account_id, told_id, told_kind, told_key, token, last4, expiry_month, deliver_at,
       told_outcome, code, advice, gateway_ref, captured_at, declined_at, told_dispute
FROM inbox
WHERE gateway = :gateway AND deliver_at < :until_at
  AND (account_id & 255) BETWEEN :first AND :last
ORDER BY deliver_at, told_id, cursor LIMIT :max;

-- any account: months are everybody's
-- inbox_oldest :one inbox_oldest_row
-- :at int
SELECT CAST(COALESCE(MIN(deliver_at), 0) AS BIGINT) AS at FROM inbox WHERE gateway = :gateway;

-- inbox_remove_all :bulk
DELETE FROM inbox WHERE gateway = :gateway AND cursor = :cursor AND account_id = :account_id;
