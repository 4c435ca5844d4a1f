-- The newest viewing of each account. SPDX-License-Identifier: Apache-2.0

-- viewing_seen :exec
INSERT INTO viewing (account_id, first_seen_at, last_seen_at, confirmed_at)
VALUES (:account_id, :first_seen_at, :last_seen_at, 0)
ON CONFLICT (account_id) DO UPDATE SET last_seen_at = excluded.last_seen_at,
    first_seen_at = CASE WHEN viewing.first_seen_at = 0 THEN excluded.first_seen_at
                         ELSE viewing.first_seen_at END;

-- viewing_confirm :exec
INSERT INTO viewing (account_id, first_seen_at, last_seen_at, confirmed_at)
VALUES (:account_id, 0, 0, :confirmed_at)
ON CONFLICT (account_id) DO UPDATE SET confirmed_at = excluded.confirmed_at;

-- viewing_of :one viewing
SELECT account_id, first_seen_at, last_seen_at, confirmed_at FROM viewing
WHERE account_id = :account_id;
