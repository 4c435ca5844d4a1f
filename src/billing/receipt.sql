-- The documents of a charge. SPDX-License-Identifier: Apache-2.0

-- receipt_of :one receipt_row
-- :pays_by text
-- :charged_minor int
SELECT i.invoice_id, i.document, i.credits_id, i.seller, i.series_year, i.series, i.number, i.plan,
       i.country, i.period_start_day, i.period_end_day, i.issued_at, i.currency, i.net_minor,
       i.tax_minor, i.total_minor, i.cause, i.catalog_version, c.charge_id, c.charge_state,
       c.captured_at, c.amount_minor AS charged_minor,
       COALESCE(m.method_kind, '') AS pays_by, COALESCE(m.brand, '') AS brand,
       COALESCE(m.last4, '') AS last4
FROM invoice i
JOIN charge c ON c.charge_id = CASE WHEN i.credits_id = 0 THEN i.invoice_id ELSE i.credits_id END
LEFT JOIN method m ON m.method_id = c.method_id
WHERE i.invoice_id = :invoice_id AND i.account_id = :account_id;

-- receipt_lines_of :many receipt_line_row
-- :max int
SELECT l.line_kind, l.item, l.rate_ppm, l.amount_minor
FROM invoice_line l JOIN invoice i ON i.invoice_id = l.invoice_id
WHERE l.invoice_id = :invoice_id AND i.account_id = :account_id ORDER BY l.line_no LIMIT :max;

-- receipt_charge :many receipt_charge_row
-- :max int
SELECT charge_id FROM charge
WHERE charge_id = :charge_id AND account_id = :account_id ORDER BY charge_id LIMIT :max;
