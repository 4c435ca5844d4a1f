-- What must hold of dates, row by row: their arithmetic is C's. See doctor_calendar.c.
-- SPDX-License-Identifier: Apache-2.0

-- doctor_periods :scan doctor_period
-- :told_until int
SELECT m.account_id, m.state, m.anchor_day, m.k, m.period_start_day, m.period_end_day,
       COALESCE((SELECT MAX(p.until_day) FROM partner_period p
                 WHERE p.account_id = m.account_id AND p.start_day = m.period_start_day), 0)
           AS told_until
FROM membership m WHERE m.term <> 0;

-- doctor_steps :scan doctor_step
SELECT m.account_id, m.state, m.anchor_day, m.k, m.period_end_day, m.step, m.due_at,
       m.pause_months, m.end_day, m.retention_until_day, a.zone,
       COALESCE(d.grace_until_day, 0) AS grace_until_day,
       COALESCE(d.hold_until_day, 0) AS hold_until_day
FROM membership m JOIN account a ON a.account_id = m.account_id
LEFT JOIN dunning d ON d.account_id = m.account_id
WHERE m.due_at <> 0;

-- What was paid too late has begun no term, and stands in none.
-- doctor_renewals :scan doctor_renewal
-- :invoiced int
SELECT c.charge_id, c.k, c.due_on_day, t.anchor_day, t.term_cause,
       CASE WHEN i.invoice_id IS NULL THEN 0 ELSE 1 END AS invoiced,
       COALESCE(i.period_start_day, 0) AS period_start_day,
       COALESCE(i.period_end_day, 0) AS period_end_day
FROM charge c JOIN term t ON t.account_id = c.account_id AND t.term = c.term
LEFT JOIN invoice i ON i.invoice_id = c.charge_id
WHERE c.kind = 'renewal';

-- doctor_taxes :scan doctor_tax
SELECT l.invoice_id, l.unit_minor, l.rate_ppm, l.amount_minor, i.net_minor, i.total_minor
FROM invoice_line l JOIN invoice i ON i.invoice_id = l.invoice_id
WHERE l.line_kind = 'tax' AND i.document = 'invoice'
ORDER BY l.invoice_id, l.line_no;

-- A credit note takes a tax back as it was demanded.
-- doctor_taxes_back :one doctor_taxes_back_row
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(n.invoice_id AS TEXT) AS sample
      FROM invoice n JOIN invoice_line l ON l.invoice_id = n.invoice_id
      LEFT JOIN invoice_line o ON o.invoice_id = n.credits_id AND o.line_no = l.line_no
      WHERE n.document = 'credit_note' AND l.line_kind = 'tax'
        AND (o.invoice_id IS NULL OR o.line_kind <> 'tax' OR o.rate_ppm <> l.rate_ppm
             OR o.unit_minor <> l.unit_minor)
     ) broken;

-- doctor_newest_id :one doctor_newest_id_row
-- :newest_id int
SELECT CAST(COALESCE(MAX(last_id), 0) AS BIGINT) AS newest_id FROM id_writer;

-- Who came from elsewhere is asked for one once we have charged them: partners' members gave none.
-- doctor_consents :one doctor_consents_row
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(t.account_id AS TEXT) AS sample
      FROM term t JOIN account a ON a.account_id = t.account_id
      WHERE a.erased_at = 0 AND t.term_cause IN ('joined', 'restarted', 'imported')
        AND (t.term_cause <> 'imported'
             OR (a.import_hash <> ''
                 AND EXISTS (SELECT 1 FROM charge c WHERE c.account_id = t.account_id
                             AND c.term = t.term AND c.kind = 'renewal')))
      GROUP BY t.account_id, t.term_cause
      HAVING COUNT(*) > (SELECT COUNT(*) FROM consent s WHERE s.account_id = t.account_id
                         AND s.source_op = CASE t.term_cause
                                               WHEN 'joined' THEN 'membership.start'
                                               WHEN 'restarted' THEN 'membership.restart'
                                               ELSE 'import' END)
     ) broken;
