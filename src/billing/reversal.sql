-- Credit notes for a part of what was paid. SPDX-License-Identifier: Apache-2.0

-- The invoice of a charge, if it has one.
-- reversal_base_of :many reversal_base
-- :max int
SELECT i.invoice_id, i.account_id, i.seller, i.plan, i.country, i.region, i.period_start_day,
       i.period_end_day, i.currency, i.net_minor, i.tax_minor, i.total_minor, i.catalog_version,
       c.recognised_from
FROM invoice i JOIN charge c ON c.charge_id = i.invoice_id
WHERE i.invoice_id = :invoice_id AND i.account_id = :account_id AND i.document = 'invoice'
ORDER BY i.invoice_id LIMIT :max;

-- reversal_lines :many reversal_line
-- :max int
SELECT line_no, line_kind, item, unit_minor, rate_ppm, effective_day, amount_minor
FROM invoice_line WHERE invoice_id = :invoice_id ORDER BY line_no LIMIT :max;

-- reversal_sums :one reversal_sums_row
-- :invoice_id int
-- :minor int
SELECT CAST(COALESCE(-SUM(n.total_minor), 0) AS BIGINT) AS minor
FROM reversal v JOIN invoice n ON n.invoice_id = v.invoice_id
WHERE v.account_id = :account_id AND n.credits_id = :invoice_id;

-- reversal_put :exec
INSERT INTO reversal (invoice_id, account_id, recognised_from)
VALUES (:invoice_id, :account_id, :recognised_from);
