-- Invoices, credit notes and their numbers. SPDX-License-Identifier: Apache-2.0

-- invoice_by_id :one invoice
-- any account: its number comes from rows of the account
SELECT invoice_id, account_id, document, credits_id, seller, series_year, series, number, plan,
       country, region, period_start_day, period_end_day, issued_at, currency, net_minor, tax_minor,
       total_minor, cause, catalog_version
FROM invoice WHERE invoice_id = :invoice_id;

-- invoice_add_all :bulk
INSERT INTO invoice (invoice_id, account_id, document, credits_id, seller, series_year, series,
    number, plan, country, region, period_start_day, period_end_day, issued_at, currency, net_minor,
    tax_minor, total_minor, cause, catalog_version)
VALUES (:invoice_id, :account_id, :document, :credits_id, :seller, :series_year, :series, :number,
    :plan, :country, :region, :period_start_day, :period_end_day, :issued_at, :currency, :net_minor,
    :tax_minor, :total_minor, :cause, :catalog_version);

-- invoice_line_add_all :bulk
INSERT INTO invoice_line (invoice_id, line_no, line_kind, item, line_cause, unit_minor, rate_ppm,
    effective_day, amount_minor)
VALUES (:invoice_id, :line_no, :line_kind, :item, :line_cause, :unit_minor, :rate_ppm,
    :effective_day, :amount_minor);

-- invoice_line_credit :exec
INSERT INTO invoice_line (invoice_id, line_no, line_kind, item, line_cause, unit_minor, rate_ppm,
    effective_day, amount_minor)
SELECT :credit_note_id, line_no, line_kind, item, :line_cause, unit_minor, rate_ppm, effective_day,
    -amount_minor
FROM invoice_line WHERE invoice_id = :invoice_id;

-- series_take :one series_taken_row
-- :count int
INSERT INTO invoice_series (seller, series_year, document, series, next_number)
VALUES (:seller, :series_year, :document, :series, 1 + :count)
ON CONFLICT (seller, series_year, document, series)
DO UPDATE SET next_number = invoice_series.next_number + :count
RETURNING next_number;
