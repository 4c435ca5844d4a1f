-- Catalog queries. SPDX-License-Identifier: Apache-2.0

-- catalog_add :exec
INSERT INTO catalog_version (catalog_version, applied_at, applied_by, document_hash, document_text)
VALUES (:catalog_version, :applied_at, :applied_by, :document_hash, :document_text)
ON CONFLICT (catalog_version) DO NOTHING;

-- catalog_entries :many catalog_entry
-- :max int
SELECT catalog_version, applied_at, applied_by, document_hash FROM catalog_version
ORDER BY catalog_version DESC LIMIT :max;

-- catalog_document :one catalog_document_row
SELECT document_text FROM catalog_version WHERE catalog_version = :catalog_version;

-- What members have and will have, and the first day whose price a charge of theirs may want.
-- catalog_sales :many catalog_sale
-- :from_day int
-- :today int
-- :max int
SELECT a.country, m.plan, m.next_plan,
       CAST(MIN(CASE WHEN m.period_end_day = 0 THEN :today
                     WHEN m.price_known_day <> 0 AND m.price_known_day < m.period_end_day
                     THEN m.price_known_day ELSE m.period_end_day END) AS BIGINT) AS from_day
FROM membership m JOIN account a ON a.account_id = m.account_id
WHERE m.biller = 'direct'
  AND m.state IN ('pending', 'active', 'grace', 'hold', 'paused', 'ending')
GROUP BY a.country, m.plan, m.next_plan ORDER BY a.country, m.plan, m.next_plan LIMIT :max;
