-- Members who do not watch. SPDX-License-Identifier: Apache-2.0

-- any account: since when anything is known of anybody's viewing
-- viewing_since :one viewing_since_row
-- :first_at int
SELECT CAST(COALESCE(MIN(first_seen_at), 0) AS BIGINT) AS first_at FROM viewing
WHERE first_seen_at > 0;

-- any account: one pass over all members when a month is over
-- unused_find :exec
-- :never_at int
-- :never_day int
-- :stopped_at int
INSERT INTO errand (account_id, errand_kind, subject, due_at, due_day)
SELECT m.account_id, 'use_question', 0, :due_at, :due_day
FROM membership m
JOIN account a ON a.account_id = m.account_id
JOIN term t ON t.account_id = m.account_id AND t.term = m.term
LEFT JOIN viewing v ON v.account_id = m.account_id
WHERE m.state = 'active' AND m.biller = 'direct' AND a.locked_at = 0
  AND ((COALESCE(v.last_seen_at, 0) = 0 AND COALESCE(v.confirmed_at, 0) < :never_at
        AND t.started_at < :never_at AND a.joined_day < :never_day)
    OR (v.last_seen_at > 0 AND v.last_seen_at < :stopped_at AND v.confirmed_at < :stopped_at
        AND t.started_at < :stopped_at))
  AND NOT EXISTS (SELECT 1 FROM errand e WHERE e.account_id = m.account_id
                  AND e.errand_kind IN ('use_question', 'use_answer'))
ON CONFLICT (account_id, errand_kind, subject) DO NOTHING;
