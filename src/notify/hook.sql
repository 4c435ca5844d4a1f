-- Deliveries and their log. SPDX-License-Identifier: Apache-2.0

-- hook_turns :one hook_turn
-- :n int
UPDATE webhook_turn SET last_turn = last_turn + :n WHERE turn_id = 1 RETURNING last_turn;

-- hook_event_add :bulk
INSERT INTO webhook_event (event_id, account_id, event_type, happened_at, event_body)
VALUES (:event_id, :account_id, :event_type, :happened_at, :event_body)
ON CONFLICT (event_id) DO NOTHING;

-- event_by_id :many webhook_event
-- :max int
SELECT event_id, account_id, event_type, happened_at, event_body FROM webhook_event
WHERE event_id = :event_id ORDER BY event_id LIMIT :max;

-- hook_add :bulk
INSERT INTO webhook_delivery (delivery_id, endpoint_id, event_id, account_id, event_type,
    happened_at, hook_state, attempts, due_at, ended_at)
VALUES (:delivery_id, :endpoint_id, :event_id, :account_id, :event_type, :happened_at,
    :hook_state, 0, 0, :ended_at)
ON CONFLICT (endpoint_id, event_id) DO NOTHING;

-- hook_by_id :one webhook_delivery
SELECT delivery_id, endpoint_id, event_id, account_id, event_type, happened_at, hook_state,
       attempts, due_at, ended_at
FROM webhook_delivery WHERE delivery_id = :delivery_id;

-- hook_newest :many webhook_delivery
-- :only_endpoint int
-- :only_state text
-- :before int
-- :max int
SELECT delivery_id, endpoint_id, event_id, account_id, event_type, happened_at, hook_state,
       attempts, due_at, ended_at
FROM webhook_delivery
WHERE delivery_id < :before AND (:only_endpoint = 0 OR endpoint_id = :only_endpoint)
  AND (:only_state = '' OR hook_state = :only_state)
ORDER BY delivery_id DESC LIMIT :max;

-- hook_attempts :many webhook_attempt
-- :max int
SELECT attempt_no, sent_at, duration_ms, http_status, attempt_result, answer_start
FROM webhook_attempt WHERE delivery_id = :delivery_id ORDER BY attempt_id DESC LIMIT :max;

-- Back to where it was planned; what it went through stays in the log.
-- hook_reopen :exec
UPDATE webhook_delivery SET hook_state = :hook_state, attempts = 0, due_at = 0, ended_at = 0
WHERE delivery_id = :delivery_id AND hook_state IN ('delivered', 'given_up', 'missed');

-- hook_reopen_all :exec
-- :since int
-- :until int
-- :with_delivered int
UPDATE webhook_delivery SET hook_state = :hook_state, attempts = 0, due_at = 0, ended_at = 0
WHERE endpoint_id = :endpoint_id AND happened_at >= :since AND happened_at < :until
  AND (hook_state IN ('given_up', 'missed')
       OR (hook_state = 'delivered' AND :with_delivered = 1));

-- hook_drop_waiting :exec
UPDATE webhook_delivery SET hook_state = 'missed', due_at = 0, ended_at = :ended_at
WHERE endpoint_id = :endpoint_id AND hook_state = 'waiting';

-- hook_forget :exec
-- :before int
DELETE FROM webhook_delivery WHERE ended_at > 0 AND ended_at < :before;

-- event_forget :exec
DELETE FROM webhook_event
WHERE event_id NOT IN (SELECT event_id FROM webhook_delivery);

-- attempt_forget :exec
-- :before int
DELETE FROM webhook_attempt WHERE sent_at < :before;

-- hook_due :many hook_due
-- :now int
-- :max int
SELECT d.delivery_id, d.endpoint_id, d.event_id, d.account_id, d.attempts,
       COALESCE(v.event_body, '') AS event_body
FROM webhook_delivery d LEFT JOIN webhook_event v ON v.event_id = d.event_id
WHERE d.endpoint_id = :endpoint_id AND d.hook_state = 'waiting' AND d.due_at <= :now
  AND (d.account_id = 0
       OR NOT EXISTS (SELECT 1 FROM webhook_delivery b
                      WHERE b.endpoint_id = d.endpoint_id AND b.account_id = d.account_id
                        AND b.hook_state IN ('waiting', 'sending')
                        AND b.delivery_id < d.delivery_id))
ORDER BY d.due_at, d.delivery_id LIMIT :max;

-- hook_lapsed :many hook_lapsed
-- :now int
-- :max int
SELECT delivery_id, endpoint_id FROM webhook_delivery
WHERE endpoint_id = :endpoint_id AND hook_state = 'sending' AND due_at <= :now
ORDER BY delivery_id LIMIT :max;

-- hook_release :exec
-- :now int
UPDATE webhook_delivery SET hook_state = :hook_state, due_at = 0
WHERE delivery_id = :delivery_id AND hook_state = 'sending' AND due_at <= :now;

-- hook_claim :exec
UPDATE webhook_delivery SET hook_state = :hook_state, due_at = :due_at,
    attempts = attempts + 1
WHERE delivery_id = :delivery_id AND hook_state = 'waiting' AND attempts = :attempts;

-- Only by who has it: a claim that lapsed meanwhile is somebody else's.
-- hook_settle :exec
UPDATE webhook_delivery SET hook_state = :hook_state, due_at = :due_at,
    ended_at = :ended_at
WHERE delivery_id = :delivery_id AND hook_state = 'sending' AND attempts = :attempts;

-- What waits for it need not be looked at before.
-- hook_postpone :exec
UPDATE webhook_delivery SET due_at = :due_at
WHERE endpoint_id = :endpoint_id AND account_id = :account_id AND hook_state = 'waiting'
  AND delivery_id > :delivery_id AND due_at < :due_at;

-- attempt_log :exec
INSERT INTO webhook_attempt (attempt_id, delivery_id, endpoint_id, attempt_no, sent_at, duration_ms,
    http_status, attempt_result, answer_start)
VALUES (:attempt_id, :delivery_id, :endpoint_id, :attempt_no, :sent_at, :duration_ms, :http_status,
    :attempt_result, :answer_start);

-- endpoint_heard :exec
UPDATE webhook_endpoint SET failing_since = 0, quiet_until = 0
WHERE endpoint_id = :endpoint_id AND (failing_since > 0 OR quiet_until > 0);

-- endpoint_failed :exec
UPDATE webhook_endpoint
SET failing_since = CASE WHEN failing_since = 0 THEN :failing_since ELSE failing_since END,
    quiet_until = CASE WHEN quiet_until < :quiet_until THEN :quiet_until ELSE quiet_until END
WHERE endpoint_id = :endpoint_id;
