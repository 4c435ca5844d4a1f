-- What partners tell. SPDX-License-Identifier: Apache-2.0

-- any account: a partner's reference names one event, whosever
-- partner_event_by_reference :many partner_event_row
SELECT partner, reference, account_id, event_order, partner_event, plan, start_day, until_day,
       partner_outcome, told_at
FROM partner_event WHERE partner = :partner AND reference = :reference;

-- partner_event_newest :many partner_event_row
-- What moved the membership last, or could have.
-- :max int
SELECT partner, reference, account_id, event_order, partner_event, plan, start_day, until_day,
       partner_outcome, told_at
FROM partner_event
WHERE account_id = :account_id AND partner = :partner AND partner_outcome IN ('moved', 'same')
ORDER BY event_order DESC, reference LIMIT :max;

-- partner_event_add :exec
INSERT INTO partner_event (partner, reference, account_id, event_order, partner_event, plan,
    start_day, until_day, partner_outcome, told_at)
VALUES (:partner, :reference, :account_id, :event_order, :partner_event, :plan, :start_day,
    :until_day, :partner_outcome, :told_at);

-- any account: the same person's other ones are what is looked for
-- partner_same_email :many partner_other
-- :max int
SELECT a.account_id, m.biller FROM account a JOIN membership m ON m.account_id = a.account_id
WHERE lower(a.email) = lower(:email) AND a.email <> '' AND a.account_id <> :account_id
  AND m.state IN ('active', 'grace', 'hold', 'paused')
ORDER BY a.account_id LIMIT :max;

-- any account: the same person's other ones are what is looked for
-- partner_same_card :many partner_other
-- :max int
SELECT o.account_id, m.biller
FROM method o JOIN membership m ON m.account_id = o.account_id
WHERE o.fingerprint <> '' AND o.method_state <> 'removed' AND o.account_id <> :account_id
  AND o.fingerprint IN (SELECT p.fingerprint FROM method p
                        WHERE p.account_id = :account_id AND p.method_state <> 'removed')
  AND m.state IN ('active', 'grace', 'hold', 'paused')
GROUP BY o.account_id, m.biller
ORDER BY o.account_id LIMIT :max;
