-- What the outbox becomes. SPDX-License-Identifier: Apache-2.0

-- message_add :exec
INSERT INTO message (message_id, account_id, topic, reference, happened_at, locale, facts, read_at)
VALUES (:message_id, :account_id, :topic, :reference, :happened_at, :locale, :facts, 0)
ON CONFLICT (message_id) DO NOTHING;

-- delivery_add :exec
INSERT INTO delivery (message_id, channel, place, account_id, address, delivery_state, urgency,
    due_at, stale_at, attempts, claim, claim_until, claim_process, done_at, provider_ref, code)
VALUES (:message_id, :channel, :place, :account_id, :address, 'wanted', :urgency, :due_at,
    :stale_at, 0, 0, 0, '', 0, '', '')
ON CONFLICT (message_id, channel, place) DO NOTHING;
