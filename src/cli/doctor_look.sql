-- What a database looks like, and what its checks compare with the world outside.
-- SPDX-License-Identifier: Apache-2.0

-- doctor_zones :many doctor_zone
-- :max int
SELECT DISTINCT zone FROM account ORDER BY zone LIMIT :max;

-- doctor_captured :many doctor_sum
-- :n int
-- :max int
SELECT c.currency, COUNT(*) AS n, CAST(SUM(p.amount_minor) AS BIGINT) AS amount_minor
FROM attempt p
JOIN charge c ON c.charge_id = p.charge_id
JOIN method m ON m.method_id = p.method_id
WHERE p.attempt_state = 'captured' AND m.gateway = :gateway
GROUP BY c.currency ORDER BY c.currency LIMIT :max;

-- doctor_open :many doctor_open_row
-- :n int
-- :max int
SELECT currency, COUNT(*) AS n FROM charge WHERE charge_state IN ('wanted', 'unknown')
GROUP BY currency ORDER BY currency LIMIT :max;

-- doctor_refunded :many doctor_refunded_row
-- :n int
-- :open int
-- :max int
SELECT r.currency, CAST(SUM(CASE WHEN r.refund_state = 'done' THEN 1 ELSE 0 END) AS BIGINT) AS n,
       CAST(SUM(CASE WHEN r.refund_state IN ('wanted', 'unknown') THEN 1 ELSE 0 END) AS BIGINT)
           AS open
FROM refund r JOIN attempt p ON p.charge_id = r.charge_id AND p.attempt_state = 'captured'
JOIN method m ON m.method_id = p.method_id
WHERE r.refund_to = 'method' AND m.gateway = :gateway
GROUP BY r.currency ORDER BY r.currency LIMIT :max;

-- doctor_counts :one doctor_counts_row
-- :accounts int
-- :members int
-- :charges int
-- :unknown int
-- :workers int
-- :sandbox int
SELECT (SELECT COUNT(*) FROM account) AS accounts,
       (SELECT COUNT(*) FROM membership WHERE state IN ('active', 'grace', 'ending')) AS members,
       (SELECT COUNT(*) FROM charge) AS charges,
       (SELECT COUNT(*) FROM charge WHERE charge_state = 'unknown') AS unknown,
       (SELECT COUNT(*) FROM worker) AS workers,
       (SELECT COUNT(*) FROM method WHERE gateway = 'sandbox') AS sandbox;
