-- The sandbox's store. SPDX-License-Identifier: Apache-2.0
-- enum outcome gateway_outcomes
-- enum event_kind gateway_event_kinds

-- sandbox_charge_add :bulk
INSERT INTO sandbox_charge (charge_key, token, currency, amount_minor, outcome, code, advice,
    sent_at, settled_at)
VALUES (:charge_key, :token, :currency, :amount_minor, :outcome, :code, :advice,
    :sent_at, :settled_at)
ON CONFLICT (charge_key) DO NOTHING;

-- sandbox_charge_by_key :many sandbox_charge
SELECT charge_key, token, currency, amount_minor, outcome, code, advice, sent_at, settled_at
FROM sandbox_charge WHERE charge_key = :charge_key;

-- sandbox_captures :scan sandbox_capture
-- :at int
SELECT charge_key, currency, amount_minor FROM sandbox_charge
WHERE outcome = 'captured' AND settled_at <= :at ORDER BY charge_key;

-- sandbox_sending_add :exec
INSERT INTO sandbox_sending (charge_key) VALUES (:charge_key) ON CONFLICT (charge_key) DO NOTHING;

-- sandbox_event_add :bulk
INSERT INTO sandbox_event (event_id, copy, event_kind, charge_key, deliver_at, cursor, outcome,
    code, advice, settled_at)
VALUES (:event_id, :copy, :event_kind, :charge_key, :deliver_at, 0, :outcome, :code, :advice,
    :settled_at)
ON CONFLICT (event_id, copy) DO NOTHING;

-- sandbox_events_due :many sandbox_event_due
-- :at int
-- :max int
SELECT event_id, copy FROM sandbox_event WHERE cursor = 0 AND deliver_at <= :at
ORDER BY deliver_at, event_id, copy LIMIT :max;

-- sandbox_cursor_newest :one sandbox_cursor
SELECT CAST(COALESCE(MAX(cursor), 0) AS BIGINT) AS cursor FROM sandbox_event;

-- sandbox_event_deliver :bulk
UPDATE sandbox_event SET cursor = :cursor WHERE event_id = :event_id AND copy = :copy;

-- sandbox_events_after :many sandbox_event
-- :max int
SELECT e.event_id, e.event_kind, e.charge_key, e.deliver_at, e.cursor, e.outcome, e.code, e.advice,
       e.settled_at, COALESCE(c.token, '') AS token
FROM sandbox_event e LEFT JOIN sandbox_charge c ON c.charge_key = e.charge_key
WHERE e.cursor > :cursor ORDER BY e.cursor LIMIT :max;

-- sandbox_authorization_add :exec
INSERT INTO sandbox_authorization (authorization_key, token, currency, amount_minor, held, code,
    made_at, voided_at)
VALUES (:authorization_key, :token, :currency, :amount_minor, :held, :code, :made_at, 0)
ON CONFLICT (authorization_key) DO NOTHING;

-- sandbox_authorization_by_key :many sandbox_authorization
SELECT token, currency, amount_minor, held, code, voided_at FROM sandbox_authorization
WHERE authorization_key = :authorization_key;

-- sandbox_authorization_void :exec
UPDATE sandbox_authorization SET voided_at = :voided_at
WHERE authorization_key = :authorization_key AND held = 1 AND voided_at = 0;

-- sandbox_refund_add :exec
INSERT INTO sandbox_refund (refund_key, charge_key, currency, amount_minor, outcome, code, sent_at,
    settled_at)
VALUES (:refund_key, :charge_key, :currency, :amount_minor, :outcome, :code, :sent_at,
    :settled_at)
ON CONFLICT (refund_key) DO NOTHING;

-- sandbox_refund_by_key :many sandbox_refund
SELECT refund_key, charge_key, currency, amount_minor, outcome, code, sent_at, settled_at
FROM sandbox_refund WHERE refund_key = :refund_key;

-- sandbox_refunded :one sandbox_refunded_row
-- :minor int
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS minor FROM sandbox_refund
WHERE charge_key = :charge_key AND outcome = 'captured';

-- sandbox_refund_sums :many sandbox_refund_sum
-- :at int
-- :n int
-- :minor int
SELECT currency, COUNT(*) AS n, CAST(SUM(amount_minor) AS BIGINT) AS minor FROM sandbox_refund
WHERE outcome = 'captured' AND settled_at <= :at GROUP BY currency ORDER BY currency;

-- sandbox_card_add :exec
INSERT INTO sandbox_card (suffix, last4, fingerprint) VALUES (:suffix, :last4, :fingerprint);

-- sandbox_card_find :many sandbox_card_row
-- :max int
SELECT last4, fingerprint FROM sandbox_card WHERE suffix = :suffix ORDER BY suffix LIMIT :max;

-- sandbox_key_find :many sandbox_key_row
-- :max int
SELECT fingerprint_key FROM sandbox_key WHERE key_no = 1 ORDER BY key_no LIMIT :max;

-- sandbox_key_add :exec
INSERT INTO sandbox_key (key_no, fingerprint_key) VALUES (1, :fingerprint_key)
ON CONFLICT (key_no) DO NOTHING;

-- sandbox_forgotten_add :exec
INSERT INTO sandbox_forgotten (token, forgotten_at) VALUES (:token, :forgotten_at)
ON CONFLICT (token) DO NOTHING;

-- sandbox_forgotten_any :many sandbox_forgotten_row
-- :max int
SELECT token FROM sandbox_forgotten ORDER BY token LIMIT :max;

-- sandbox_forgotten_find :many sandbox_forgotten_row
-- :max int
SELECT token FROM sandbox_forgotten WHERE token = :token ORDER BY token LIMIT :max;

-- sandbox_forgotten_drop :exec
DELETE FROM sandbox_forgotten WHERE token = :token;

-- sandbox_told_find :many sandbox_told_row
-- :max int
SELECT cursor FROM sandbox_told WHERE told_no = 1 ORDER BY told_no LIMIT :max;

-- sandbox_told_put :exec
INSERT INTO sandbox_told (told_no, cursor) VALUES (1, :cursor)
ON CONFLICT (told_no) DO UPDATE SET cursor = excluded.cursor;
