-- Carrying out what billing wants charged. SPDX-License-Identifier: Apache-2.0

-- What is in doubt is asked for while an account is locked, and nothing is sent (SPEC 2.2).
-- wanted_batch :many wanted
-- :first int
-- :last int
-- :only_account int
-- :max int
-- :in_dunning int
-- :declined_before int
-- :now_term int
-- :now_k int
SELECT c.charge_id, c.account_id, c.term, c.k, c.kind, c.subject, c.amount_minor, c.credit_minor,
       c.currency, c.charge_state, c.attempts, c.method_id, c.attempt_at, c.recovered_by,
       m.state, m.plan, m.term AS now_term, m.anchor_day, m.k AS now_k, m.period_end_day,
       m.next_plan, m.slots, m.price_known_day, m.price_new_day, m.price_from_day,
       a.country, a.region,
       COALESCE(p.method_state, 'removed') AS method_state,
       CAST(COALESCE(p.method_rank, -1) AS BIGINT) AS method_rank,
       COALESCE(p.gateway, '') AS gateway, COALESCE(p.token, '') AS token,
       COALESCE(p.brand, '') AS brand, COALESCE(p.fingerprint, '') AS fingerprint,
       CAST(COALESCE(d.charge_id, 0) AS BIGINT) AS in_dunning,
       CAST(CASE WHEN EXISTS (SELECT 1 FROM card_decline x WHERE x.fingerprint = p.fingerprint)
                 THEN 1 ELSE 0 END AS BIGINT) AS declined_before,
       CAST(COALESCE(p.expiry_month, 0) AS BIGINT) AS expiry_month
FROM charge_wanted w
JOIN charge c ON c.charge_id = w.charge_id
JOIN membership m ON m.account_id = c.account_id
JOIN account a ON a.account_id = c.account_id
LEFT JOIN method p ON p.method_id = c.method_id
LEFT JOIN dunning d ON d.account_id = c.account_id
WHERE (w.account_id & 255) BETWEEN :first AND :last
  AND (:only_account = 0 OR w.account_id = :only_account)
  AND (a.locked_at = 0 OR c.charge_state = 'unknown')
ORDER BY w.charge_id LIMIT :max;

-- method_choices :many method_choice
-- With whether the charge was ever tried with it.
-- :tried int
-- :max int
SELECT method_id, method_rank, method_state, brand, fingerprint, gateway,
       CAST(CASE WHEN EXISTS (SELECT 1 FROM attempt t WHERE t.charge_id = :charge_id
                              AND t.method_id = method.method_id)
                 THEN 1 ELSE 0 END AS BIGINT) AS tried
FROM method
WHERE account_id = :account_id AND method_state <> 'removed'
ORDER BY method_rank, method_id LIMIT :max;

-- method_block :exec
UPDATE method SET method_state = 'blocked', blocked_code = :blocked_code
WHERE method_id = :method_id AND method_state = 'usable';

-- attempt_known :many attempt_known_row
-- any account: its number comes from rows of the account
-- :max int
SELECT attempt_no FROM attempt WHERE charge_id = :charge_id AND attempt_no = :attempt_no
ORDER BY attempt_no LIMIT :max;

-- attempt_put_all :bulk
INSERT INTO attempt (charge_id, attempt_no, account_id, method_id, attempt_state, amount_minor,
    code, decline_class, advice, gateway_ref, sent_at, answered_at)
VALUES (:charge_id, :attempt_no, :account_id, :method_id, :attempt_state, :amount_minor, :code,
    :decline_class, :advice, :gateway_ref, :sent_at, :answered_at)
ON CONFLICT (charge_id, attempt_no) DO UPDATE SET attempt_state = excluded.attempt_state,
    code = excluded.code, decline_class = excluded.decline_class, advice = excluded.advice,
    gateway_ref = excluded.gateway_ref, answered_at = excluded.answered_at;

-- wanted_by_charge :many wanted
-- :in_dunning int
-- :declined_before int
-- :now_term int
-- :now_k int
-- :max int
SELECT c.charge_id, c.account_id, c.term, c.k, c.kind, c.subject, c.amount_minor, c.credit_minor,
       c.currency, c.charge_state, c.attempts, c.method_id, c.attempt_at, c.recovered_by,
       m.state, m.plan, m.term AS now_term, m.anchor_day, m.k AS now_k, m.period_end_day,
       m.next_plan, m.slots, m.price_known_day, m.price_new_day, m.price_from_day,
       a.country, a.region,
       COALESCE(p.method_state, 'removed') AS method_state,
       CAST(COALESCE(p.method_rank, -1) AS BIGINT) AS method_rank,
       COALESCE(p.gateway, '') AS gateway, COALESCE(p.token, '') AS token,
       COALESCE(p.brand, '') AS brand, COALESCE(p.fingerprint, '') AS fingerprint,
       CAST(COALESCE(d.charge_id, 0) AS BIGINT) AS in_dunning,
       CAST(CASE WHEN EXISTS (SELECT 1 FROM card_decline x WHERE x.fingerprint = p.fingerprint)
                 THEN 1 ELSE 0 END AS BIGINT) AS declined_before,
       CAST(COALESCE(p.expiry_month, 0) AS BIGINT) AS expiry_month
FROM charge c
JOIN membership m ON m.account_id = c.account_id
JOIN account a ON a.account_id = c.account_id
LEFT JOIN method p ON p.method_id = c.method_id
LEFT JOIN dunning d ON d.account_id = c.account_id
WHERE c.account_id = :account_id AND c.term = :term AND c.k = :k AND c.kind = :kind
  AND c.subject = :subject
ORDER BY c.charge_id LIMIT :max;
