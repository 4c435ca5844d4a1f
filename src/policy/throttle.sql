-- Tries of the last day. SPDX-License-Identifier: Apache-2.0

-- throttle_add_all :bulk
INSERT INTO throttle_try (try_id, tried_what, tried_scope, tried_by, tried_at)
VALUES (:try_id, :tried_what, :tried_scope, :tried_by, :tried_at);

-- throttle_tries :one throttle_tries_row
-- :n int
-- :after int
SELECT COUNT(*) AS n FROM throttle_try
WHERE tried_what = :tried_what AND tried_scope = :tried_scope AND tried_by = :tried_by
  AND tried_at > :after;

-- throttle_drop :exec
-- :until int
DELETE FROM throttle_try WHERE tried_at <= :until;
