-- What must always hold, each as the number of rows that break it and one of them.
-- SPDX-License-Identifier: Apache-2.0

-- doctor_ledger_entries :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(document_id AS TEXT) AS sample
      FROM ledger_entry
      WHERE amount_minor <= 0 OR debit = credit
         OR (debit NOT IN ('receivable', 'deferred_revenue', 'revenue', 'gateway_clearing',
                           'member_credit', 'gift_cards', 'gift_sales', 'refunds', 'chargebacks',
                           'write_off')
             AND debit NOT LIKE 'tax_payable:__')
         OR (credit NOT IN ('receivable', 'deferred_revenue', 'revenue', 'gateway_clearing',
                            'member_credit', 'gift_cards', 'gift_sales', 'refunds', 'chargebacks',
                           'write_off')
             AND credit NOT LIKE 'tax_payable:__')
     ) broken;

-- doctor_ledger_receivable :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry WHERE debit = 'receivable'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry WHERE credit = 'receivable'
          UNION ALL
          SELECT c.currency, CASE WHEN i.invoice_id IS NULL THEN c.credit_minor
                                  ELSE -c.amount_minor END
          FROM charge c LEFT JOIN invoice i ON i.invoice_id = c.charge_id
          WHERE c.charge_state IN ('wanted', 'unknown', 'failed')) side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_ledger_revenue :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry
          WHERE credit IN ('deferred_revenue', 'revenue')
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry
          WHERE debit IN ('deferred_revenue', 'revenue')
          UNION ALL
          SELECT currency, -net_minor FROM invoice) side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_ledger_tax :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(book AS TEXT) AS sample
      FROM (
          SELECT credit AS book, currency, amount_minor AS v FROM ledger_entry
          WHERE credit LIKE 'tax_payable:%'
          UNION ALL
          SELECT debit, currency, -amount_minor FROM ledger_entry WHERE debit LIKE 'tax_payable:%'
          UNION ALL
          SELECT 'tax_payable:' || country, currency, -tax_minor FROM invoice) side
      GROUP BY book, currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_ledger_clearing :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry
          WHERE debit = 'gateway_clearing' AND credit <> 'member_credit'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry
          WHERE credit = 'gateway_clearing' AND debit <> 'member_credit'
          UNION ALL
          SELECT c.currency, -p.amount_minor FROM charge c
          JOIN attempt p ON p.charge_id = c.charge_id WHERE p.attempt_state = 'captured'
          UNION ALL
          SELECT currency, amount_minor FROM refund
          WHERE refund_to = 'method' AND refund_state = 'done'
          UNION ALL
          SELECT currency, amount_minor FROM dispute WHERE dispute_state <> 'won') side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_ledger_recognised :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry WHERE credit = 'revenue'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry WHERE debit = 'revenue'
          UNION ALL
          SELECT currency, -recognised_minor FROM recognition) side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_ledger_documents :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(e.document_id AS TEXT) AS sample
      FROM ledger_entry e
      WHERE NOT EXISTS (SELECT 1 FROM invoice i WHERE i.invoice_id = e.document_id)
        AND e.document_id NOT IN (SELECT document_id FROM recognition_run)
        AND e.document_id NOT IN (SELECT document_id FROM credit_entry)
        AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.refund_id = e.document_id)
        AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.dispute_id = e.document_id)
        AND e.document_id NOT IN (SELECT card_id FROM gift_card)
     ) broken;

-- doctor_invoice_total :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(invoice_id AS TEXT) AS sample
      FROM invoice WHERE total_minor <> net_minor + tax_minor
     ) broken;

-- doctor_invoice_lines :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(i.invoice_id AS TEXT) AS sample
      FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.invoice_id
      GROUP BY i.invoice_id, i.total_minor, i.tax_minor
      HAVING COALESCE(SUM(l.amount_minor), 0) <> i.total_minor
          OR COALESCE(SUM(CASE WHEN l.line_kind = 'tax' THEN l.amount_minor ELSE 0 END), 0)
             <> i.tax_minor
     ) broken;

-- doctor_invoice_numbers :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(i.seller || ' ' || i.document AS TEXT) AS sample
      FROM invoice i LEFT JOIN invoice_series s
        ON s.seller = i.seller AND s.series_year = i.series_year AND s.document = i.document
       AND s.series = i.series
      GROUP BY i.seller, i.series_year, i.document, i.series
      HAVING MIN(i.number) <> 1 OR MAX(i.number) <> COUNT(*)
          OR COUNT(DISTINCT i.number) <> COUNT(*)
          OR COALESCE(MAX(s.next_number), 0) <> MAX(i.number) + 1
     ) broken;

-- doctor_invoice_charge :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(i.invoice_id AS TEXT) AS sample
      FROM invoice i LEFT JOIN charge c ON c.charge_id = i.invoice_id
      WHERE i.document = 'invoice'
        AND (c.charge_id IS NULL OR c.account_id <> i.account_id OR c.currency <> i.currency
             OR c.amount_minor + c.credit_minor <> i.total_minor)
     ) broken;

-- doctor_invoice_credit_notes :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(n.invoice_id AS TEXT) AS sample
      FROM invoice n
      LEFT JOIN invoice i ON i.invoice_id = n.credits_id AND i.document = 'invoice'
      LEFT JOIN charge c ON c.charge_id = n.credits_id
      WHERE n.document = 'credit_note'
        AND (i.invoice_id IS NULL OR c.charge_id IS NULL OR i.account_id <> n.account_id
             OR i.currency <> n.currency
             OR (n.cause = 'unpaid'
                 AND (i.net_minor <> -n.net_minor OR i.tax_minor <> -n.tax_minor
                      OR c.charge_state <> 'credited' OR c.credit_note_id <> n.invoice_id)))
     ) broken;

-- doctor_charge_invoice :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c JOIN membership m ON m.account_id = c.account_id
      LEFT JOIN invoice i ON i.invoice_id = c.charge_id AND i.document = 'invoice'
      WHERE (i.invoice_id IS NULL
             AND (c.charge_state IN ('captured', 'credited')
                  OR (c.kind = 'renewal'
                      AND (c.k <> 0 OR (c.term <= m.term AND c.charge_state <> 'canceled')))))
         OR (i.invoice_id IS NOT NULL AND c.charge_state = 'canceled')
     ) broken;

-- doctor_charge_once :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(MIN(charge_id) AS TEXT) AS sample
      FROM charge
      GROUP BY account_id, term, k, kind, subject HAVING COUNT(*) > 1
     ) broken;

-- Days that went back are not paid: after a withdrawal or an undone restart they may be bought
-- again. Credit notes that name no days of their own give the days back when they give all of the
-- money back, and not before. A shifted anchor cuts the period before it short.
-- doctor_charge_overlap :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(charge_id AS TEXT) AS sample
      FROM (
          SELECT c.charge_id, c.account_id, c.term, i.period_start_day,
                 LAG(CASE WHEN back.back_minor = i.total_minor THEN i.period_start_day
                          ELSE COALESCE(back.from_day, i.period_end_day) END,
                     1, i.period_start_day)
                     OVER (PARTITION BY c.account_id
                           ORDER BY c.term, c.k, i.period_start_day, c.charge_id) AS paid_until,
                 LAG(c.term, 1, c.term)
                     OVER (PARTITION BY c.account_id
                           ORDER BY c.term, c.k, i.period_start_day, c.charge_id) AS term_before
          FROM charge c CROSS JOIN invoice i
          LEFT JOIN (SELECT n.credits_id, SUM(-n.total_minor) AS back_minor,
                            MIN(CASE WHEN n.period_start_day > p.period_start_day
                                     THEN n.period_start_day END) AS from_day
                     FROM reversal v JOIN invoice n ON n.invoice_id = v.invoice_id
                     JOIN invoice p ON p.invoice_id = n.credits_id
                     GROUP BY n.credits_id) back ON back.credits_id = i.invoice_id
          WHERE i.invoice_id = c.charge_id AND c.charge_state = 'captured'
            AND (c.kind = 'renewal' OR i.cause = 'day_moved')) paid
      WHERE paid_until > period_start_day
        AND NOT EXISTS (SELECT 1 FROM term t
                        WHERE t.account_id = paid.account_id AND t.term > paid.term_before
                          AND t.term <= paid.term AND t.term_cause = 'anchor_shift')
     ) broken;

-- doctor_charge_capture :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c
      LEFT JOIN attempt p ON p.charge_id = c.charge_id AND p.attempt_state = 'captured'
      GROUP BY c.charge_id, c.charge_state, c.amount_minor
      HAVING COUNT(p.charge_id) <> CASE WHEN c.charge_state = 'captured' AND c.amount_minor > 0
                                        THEN 1 ELSE 0 END
          OR COALESCE(MAX(p.amount_minor), c.amount_minor) <> c.amount_minor
     ) broken;

-- What a charge took from credit, unless it came back with its credit note.
-- doctor_charge_credit :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c
      LEFT JOIN credit_entry e ON e.account_id = c.account_id AND e.cause_id = c.charge_id
                              AND e.credit_kind = 'consume'
      LEFT JOIN ledger_entry l ON l.document_id = e.document_id AND l.entry_no = 1
      GROUP BY c.charge_id, c.charge_state, c.credit_minor
      HAVING c.credit_minor < 0
          OR COALESCE(SUM(CASE WHEN l.debit = 'member_credit' THEN l.amount_minor
                               ELSE -l.amount_minor END), 0)
             <> CASE WHEN c.charge_state = 'credited' THEN 0 ELSE c.credit_minor END
     ) broken;

-- doctor_ledger_gifts :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(currency AS TEXT) AS sample
      FROM (
          SELECT currency, amount_minor AS v FROM ledger_entry WHERE credit = 'gift_cards'
          UNION ALL
          SELECT currency, -amount_minor FROM ledger_entry WHERE debit = 'gift_cards'
          UNION ALL
          SELECT currency, -amount_minor FROM gift_card WHERE gift_state = 'active') side
      GROUP BY currency HAVING SUM(v) <> 0
     ) broken;

-- doctor_gift_redeemed :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(g.card_id AS TEXT) AS sample
      FROM gift_card g
      LEFT JOIN credit_entry e ON e.account_id = g.account_id AND e.cause_id = g.card_id
                              AND e.credit_kind = 'redeem'
      LEFT JOIN ledger_entry l ON l.document_id = e.document_id AND l.entry_no = 1
      GROUP BY g.card_id, g.gift_state, g.amount_minor
      HAVING COUNT(e.document_id) <> CASE WHEN g.gift_state = 'used' THEN 1 ELSE 0 END
          OR COALESCE(SUM(l.amount_minor), g.amount_minor) <> g.amount_minor
     ) broken;

-- doctor_credit_balance :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m
      LEFT JOIN credit_entry e ON e.account_id = m.account_id
      LEFT JOIN ledger_entry l ON l.document_id = e.document_id AND l.entry_no = 1
      GROUP BY m.account_id, m.has_credit
      HAVING COALESCE(SUM(CASE WHEN l.credit = 'member_credit' THEN l.amount_minor
                               ELSE -l.amount_minor END), 0) < 0
          OR (COALESCE(SUM(CASE WHEN l.credit = 'member_credit' THEN l.amount_minor
                                ELSE -l.amount_minor END), 0) > 0) <> (m.has_credit = 1)
     ) broken;

-- doctor_charge_captured_at :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(charge_id AS TEXT) AS sample
      FROM charge
      WHERE (charge_state = 'captured') <> (captured_at > 0)
     ) broken;

-- doctor_charge_attempts :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c LEFT JOIN attempt p ON p.charge_id = c.charge_id
      GROUP BY c.charge_id, c.charge_state, c.attempts
      HAVING COUNT(p.charge_id) > c.attempts
          OR (COUNT(p.charge_id) < c.attempts
              AND (c.charge_state NOT IN ('wanted', 'unknown')
                   OR COUNT(p.charge_id) < c.attempts - 1))
     ) broken;

-- doctor_charge_credited :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(charge_id AS TEXT) AS sample
      FROM charge
      WHERE (charge_state = 'credited') <> (credit_note_id <> 0)
     ) broken;

-- doctor_charge_wanted :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(charge_id AS TEXT) AS sample
      FROM (
          SELECT c.charge_id FROM charge c
          WHERE c.charge_state = 'wanted'
            AND NOT EXISTS (SELECT 1 FROM charge_wanted w WHERE w.charge_id = c.charge_id)
          UNION ALL
          SELECT w.charge_id FROM charge_wanted w
          LEFT JOIN charge c ON c.charge_id = w.charge_id
          WHERE c.charge_id IS NULL OR c.account_id <> w.account_id
             OR c.charge_state NOT IN ('wanted', 'unknown')) wrong
     ) broken;

-- doctor_charge_stale :one finding
-- :findings int
-- :sample text
-- :before int
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge_wanted w JOIN charge c ON c.charge_id = w.charge_id
      LEFT JOIN account a ON a.account_id = w.account_id
      WHERE c.attempt_at < :before AND (COALESCE(a.locked_at, 0) = 0 OR c.charge_state = 'unknown')
     ) broken;

-- doctor_charge_unknown :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(c.charge_id AS TEXT) AS sample
      FROM charge c JOIN membership m ON m.account_id = c.account_id
      WHERE c.charge_state = 'unknown' AND m.step NOT IN ('look_up', 'pending_end')
        AND NOT EXISTS (SELECT 1 FROM charge_wanted w WHERE w.charge_id = c.charge_id)
        AND NOT EXISTS (SELECT 1 FROM errand e WHERE e.account_id = c.account_id
                        AND e.errand_kind = 'look_up' AND e.subject = c.charge_id)
     ) broken;

-- doctor_method_primary :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m
      LEFT JOIN method p ON p.method_id = m.method_id AND p.account_id = m.account_id
                        AND p.method_rank = 0 AND p.method_state <> 'removed'
      WHERE (m.method_id <> 0 AND p.method_id IS NULL)
         OR (m.method_id = 0
             AND EXISTS (SELECT 1 FROM method x WHERE x.account_id = m.account_id
                         AND x.method_rank = 0 AND x.method_state <> 'removed'))
     ) broken;

-- doctor_method_ranks :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(MIN(method_id) AS TEXT) AS sample
      FROM method
      WHERE method_state <> 'removed' GROUP BY account_id, method_rank HAVING COUNT(*) > 1
     ) broken;

-- doctor_method_digits :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(method_id AS TEXT) AS sample
      FROM method
      WHERE LENGTH(last4) > 4 OR (LENGTH(token) = 0 AND method_state <> 'removed')
     ) broken;

-- doctor_authorization_state :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(method_id AS TEXT) AS sample
      FROM method_authorization
      WHERE (ended_at > 0 AND (authorization_state IN ('unknown', 'held') OR due_at > 0))
         OR (ended_at = 0 AND (authorization_state IN ('voided', 'refused') OR due_at = 0))
         OR due_day <> due_at / 86400000
     ) broken;

-- Whoever is asked and does not answer is asked again.
-- doctor_authorization_overdue :one finding
-- :findings int
-- :sample text
-- :before int
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(method_id AS TEXT) AS sample
      FROM method_authorization
      WHERE ended_at = 0 AND (due_at < :before OR (tries = 0 AND void_due_at < :before))
     ) broken;

-- doctor_membership_step :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(account_id AS TEXT) AS sample
      FROM membership
      WHERE NOT ((biller <> 'direct' AND step = 'none')
              OR (state = 'none' AND step = 'none')
              OR (state = 'pending' AND step IN ('look_up', 'pending_end'))
              OR (state = 'paused' AND step = 'resume')
              OR (state = 'active' AND step IN ('renew', 'pause', 'look_up'))
              OR (state = 'ending' AND step IN ('period_end', 'renew', 'look_up'))
              OR (state = 'grace' AND step IN ('retry', 'remind', 'grace_end', 'look_up'))
              OR (state = 'hold' AND step IN ('retry', 'hold_end', 'look_up'))
              OR (state = 'canceled' AND step IN ('warn_erase', 'erase'))
              OR (state = 'deleted' AND step IN ('none', 'purge')))
     ) broken;

-- doctor_membership_due :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(account_id AS TEXT) AS sample
      FROM membership
      WHERE (step = 'none') <> (due_at = 0)
         OR (due_at <> 0 AND (due_day * 86400000 > due_at OR (due_day + 1) * 86400000 <= due_at)
             AND NOT (due_day = 0 AND EXISTS (SELECT 1 FROM account a
                 WHERE a.account_id = membership.account_id AND a.locked_at <> 0)))
         OR (due_at = 0 AND due_day <> 0)
     ) broken;

-- doctor_membership_overdue :one finding
-- :findings int
-- :sample text
-- :before int
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(account_id AS TEXT) AS sample
      FROM membership
      WHERE due_day > 0 AND due_day <= :before / 86400000 AND due_at < :before
     ) broken;

-- doctor_account_locked :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(a.account_id AS TEXT) AS sample
      FROM account a JOIN membership m ON m.account_id = a.account_id
      WHERE a.locked_at <> 0
        AND ((m.due_day <> 0 AND m.step NOT IN ('look_up', 'period_end', 'pending_end'))
          OR EXISTS (SELECT 1 FROM charge c JOIN attempt t ON t.charge_id = c.charge_id
                     WHERE c.account_id = a.account_id AND t.sent_at > a.locked_at))
     ) broken;

-- doctor_account_erased :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(a.account_id AS TEXT) AS sample
      FROM account a JOIN membership m ON m.account_id = a.account_id
      WHERE (m.state = 'deleted') <> (a.erased_at <> 0)
         OR (a.erased_at <> 0
             AND (a.email <> '' OR a.name <> '' OR a.import_hash <> ''
               OR EXISTS (SELECT 1 FROM method p WHERE p.account_id = a.account_id
                          AND (p.last4 <> '' OR p.token <> '' OR p.fingerprint <> ''))
               OR EXISTS (SELECT 1 FROM membership_event e WHERE e.account_id = a.account_id
                          AND (e.device <> '' OR e.network <> ''))))
     ) broken;

-- doctor_membership_terms :one finding
-- What was paid too late, or never, has begun no term.
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m LEFT JOIN term t ON t.account_id = m.account_id
      GROUP BY m.account_id, m.term, m.anchor_day
      HAVING COUNT(t.term) + (SELECT COUNT(*) FROM charge c
                              WHERE c.account_id = m.account_id AND c.term <= m.term AND c.k = 0
                                AND c.kind = 'renewal'
                                AND c.charge_state IN ('captured', 'canceled')
                                AND NOT EXISTS (SELECT 1 FROM term o
                                                WHERE o.account_id = c.account_id
                                                  AND o.term = c.term)) <> m.term
          OR COALESCE(MAX(t.term), 0) <> m.term
          OR COALESCE(MAX(CASE WHEN t.term = m.term THEN t.anchor_day END), 0) <> m.anchor_day
     ) broken;

-- What was paid too late may have asked for a term that a partner has begun since.
-- doctor_membership_newest :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m
      CROSS JOIN charge c CROSS JOIN invoice i
      WHERE c.account_id = m.account_id AND c.term = m.term AND c.kind = 'renewal'
        AND i.invoice_id = c.charge_id
      GROUP BY m.account_id, m.k, m.term
      HAVING MAX(c.k) <> m.k
         AND NOT EXISTS (SELECT 1 FROM term t WHERE t.account_id = m.account_id
                         AND t.term = m.term AND t.term_cause = 'partner')
     ) broken;

-- A partner's hold is the partner's affair (SPEC D-16).
-- doctor_membership_dunning :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m LEFT JOIN dunning d ON d.account_id = m.account_id
      WHERE (m.biller = 'direct' AND m.state IN ('grace', 'hold') AND d.account_id IS NULL)
         OR (d.account_id IS NOT NULL
             AND (m.biller <> 'direct'
                  OR (m.state NOT IN ('grace', 'hold') AND m.step <> 'look_up'
                      AND NOT (m.state = 'ending' AND m.step = 'period_end'))))
     ) broken;

-- doctor_membership_dunned_charge :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(d.account_id AS TEXT) AS sample
      FROM dunning d LEFT JOIN charge c ON c.charge_id = d.charge_id
      WHERE c.charge_id IS NULL OR c.account_id <> d.account_id
         OR c.charge_state NOT IN ('wanted', 'unknown', 'failed')
     ) broken;

-- doctor_membership_events :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m JOIN (
          SELECT account_id, state_to,
                 ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY event_id DESC) AS place
          FROM membership_event) e ON e.account_id = m.account_id AND e.place = 1
      WHERE e.state_to <> m.state
     ) broken;

-- doctor_orphan_account :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.account_id AS id FROM account t
          WHERE NOT EXISTS (
              SELECT 1 FROM membership o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM membership t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)) lost
     ) broken;

-- doctor_orphan_term :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.account_id AS id FROM term t
          WHERE NOT EXISTS (
              SELECT 1 FROM membership o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM membership_event t
          WHERE NOT EXISTS (
              SELECT 1 FROM membership o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM consent t
          WHERE NOT EXISTS (
              SELECT 1 FROM membership o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM renewal_skip t
          WHERE NOT EXISTS (
              SELECT 1 FROM membership o WHERE o.account_id = t.account_id)) lost
     ) broken;

-- doctor_orphan_charge :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.charge_id AS id FROM charge t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.invoice_id AS id FROM invoice t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.invoice_id AS id FROM invoice_line t
          WHERE NOT EXISTS (
              SELECT 1 FROM invoice o WHERE o.invoice_id = t.invoice_id)
          UNION ALL
          SELECT t.charge_id AS id FROM charge t
          WHERE NOT EXISTS (
              SELECT 1 FROM method o WHERE o.method_id = t.method_id)
            AND t.method_id <> 0
          UNION ALL
          SELECT t.charge_id AS id FROM charge t
          WHERE NOT EXISTS (
              SELECT 1 FROM invoice o WHERE o.invoice_id = t.credit_note_id)
            AND t.credit_note_id <> 0) lost
     ) broken;

-- doctor_orphan_attempt :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.charge_id AS id FROM attempt t
          WHERE NOT EXISTS (
              SELECT 1 FROM charge o WHERE o.charge_id = t.charge_id)
          UNION ALL
          SELECT t.charge_id AS id FROM attempt t
          WHERE NOT EXISTS (
              SELECT 1 FROM method o WHERE o.method_id = t.method_id)
          UNION ALL
          SELECT t.charge_id AS id FROM card_decline t
          WHERE NOT EXISTS (
              SELECT 1 FROM charge o WHERE o.charge_id = t.charge_id)) lost
     ) broken;

-- doctor_orphan_method :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.account_id AS id FROM method t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM method_authorization t
          WHERE NOT EXISTS (
              SELECT 1 FROM method o
              WHERE o.method_id = t.method_id AND o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM credit_entry t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
          UNION ALL
          SELECT t.account_id AS id FROM outbox t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
            AND t.account_id <> 0
          UNION ALL
          SELECT t.account_id AS id FROM ledger_entry t
          WHERE NOT EXISTS (
              SELECT 1 FROM account o WHERE o.account_id = t.account_id)
            AND t.account_id <> 0) lost
     ) broken;

-- doctor_orphan_catalog :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(id AS TEXT) AS sample
      FROM (
          SELECT t.invoice_id AS id FROM invoice t
          WHERE NOT EXISTS (
              SELECT 1 FROM catalog_version o WHERE o.catalog_version = t.catalog_version)
          UNION ALL
          SELECT t.charge_id AS id FROM charge t
          WHERE NOT EXISTS (
              SELECT 1 FROM catalog_version o WHERE o.catalog_version = t.catalog_version)) lost
     ) broken;

-- What the other checks compare.

-- doctor_message_delivery :one finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.message_id AS TEXT) AS sample FROM message m
      WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.account_id = m.account_id)
      UNION ALL
      SELECT CAST(d.message_id AS TEXT) AS sample FROM delivery d
      WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = d.message_id
                        AND m.account_id = d.account_id)
     ) broken;
