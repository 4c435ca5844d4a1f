-- Deliveries on their way. SPDX-License-Identifier: Apache-2.0

-- any account: couriers carry everybody's messages
-- deliveries_due :many delivery_due
-- :now int
-- :wall int
-- :max int
SELECT d.message_id, d.channel, d.place, d.account_id, d.address, d.delivery_state, d.urgency,
       d.due_at, d.stale_at, d.attempts, d.claim, m.topic, m.reference, m.happened_at, m.locale,
       m.facts, a.name
FROM delivery d JOIN message m ON m.message_id = d.message_id
JOIN account a ON a.account_id = d.account_id
WHERE d.due_at > 0 AND d.channel = :channel AND d.due_at <= :now AND d.claim_until <= :wall
ORDER BY d.urgency, d.due_at LIMIT :max;

-- delivery_claim :bulk
UPDATE delivery SET claim = claim + 1, claim_until = :claim_until, claim_process = :claim_process
WHERE message_id = :message_id AND channel = :channel AND place = :place AND claim = :claim;

-- delivery_mark :exec
UPDATE delivery SET delivery_state = :delivery_state, due_at = :due_at, attempts = :attempts,
    claim_until = 0, claim_process = '', done_at = :done_at, provider_ref = :provider_ref,
    code = :code
WHERE message_id = :message_id AND channel = :channel AND place = :place AND claim = :claim;

-- any account: couriers carry everybody's messages
-- delivery_holders :many delivery_holder
-- :wall int
-- :max int
SELECT DISTINCT claim_process FROM delivery
WHERE claim_until > 0 AND claim_until > :wall ORDER BY claim_process LIMIT :max;

-- any account: what a courier that is gone was sending
-- deliveries_release :exec
UPDATE delivery SET claim_until = 0 WHERE claim_until > 0 AND claim_process = :claim_process;

-- any account: nothing leaves on this way, so that it ends by itself
-- deliveries_expire :exec
-- :now int
UPDATE delivery SET delivery_state = 'stale', due_at = 0, done_at = :now
WHERE due_at > 0 AND channel = :channel AND stale_at <= :now;

-- any account: a provider names a message by its own number
-- delivery_by_ref :many delivery_reported
-- :max int
SELECT message_id, channel, place, account_id, delivery_state, urgency, stale_at FROM delivery
WHERE provider_ref = :provider_ref AND provider_ref <> '' ORDER BY message_id LIMIT :max;

-- delivery_report :exec
UPDATE delivery SET delivery_state = :delivery_state, code = :code
WHERE message_id = :message_id AND channel = :channel AND place = :place;

-- delivery_elsewhere :exec
INSERT INTO delivery (message_id, channel, place, account_id, address, delivery_state, urgency,
    due_at, stale_at, attempts, claim, claim_until, claim_process, done_at, provider_ref, code)
VALUES (:message_id, :channel, 1, :account_id, :address, 'wanted', :urgency, :due_at, :stale_at,
    0, 0, 0, '', 0, '', '')
ON CONFLICT (message_id, channel, place) DO NOTHING;
