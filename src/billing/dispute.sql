-- Charges that banks take back. SPDX-License-Identifier: Apache-2.0

-- dispute_charge :many dispute_charge_row
-- :max int
SELECT charge_id, account_id, amount_minor, currency, charge_state
FROM charge WHERE charge_id = :charge_id AND account_id = :account_id
ORDER BY charge_id LIMIT :max;

-- dispute_add :exec
INSERT INTO dispute (dispute_id, account_id, charge_id, amount_minor, currency, dispute_state,
    reason, opened_at, closed_at, credit_note_id, method_id)
VALUES (:dispute_id, :account_id, :charge_id, :amount_minor, :currency, 'open', :reason, :opened_at,
    0, 0, :method_id)
ON CONFLICT (charge_id) DO NOTHING;

-- dispute_of_charge :many dispute
-- :max int
SELECT dispute_id, account_id, charge_id, amount_minor, currency, dispute_state, reason, opened_at,
       closed_at, credit_note_id, method_id
FROM dispute WHERE charge_id = :charge_id AND account_id = :account_id
ORDER BY dispute_id LIMIT :max;

-- disputes_of :many dispute
-- :max int
SELECT dispute_id, account_id, charge_id, amount_minor, currency, dispute_state, reason, opened_at,
       closed_at, credit_note_id, method_id
FROM dispute WHERE account_id = :account_id ORDER BY dispute_state, dispute_id LIMIT :max;

-- disputes_open :one disputes_open_row
-- :n int
SELECT COUNT(*) AS n FROM dispute WHERE account_id = :account_id AND dispute_state = 'open';

-- dispute_store :exec
UPDATE dispute SET dispute_state = :dispute_state, closed_at = :closed_at,
    credit_note_id = :credit_note_id
WHERE dispute_id = :dispute_id AND account_id = :account_id AND dispute_state = 'open';

-- dispute_method :many dispute_method_row
-- :max int
SELECT m.method_id FROM attempt p JOIN method m ON m.method_id = p.method_id
WHERE p.charge_id = :charge_id AND p.account_id = :account_id AND p.attempt_state = 'captured'
ORDER BY m.method_id LIMIT :max;

-- The one that paid may have been taken away and added again: what counts is the card.
-- dispute_block :exec
UPDATE method SET method_state = 'blocked', blocked_code = 'disputed'
WHERE account_id = :account_id AND method_state = 'usable'
  AND EXISTS (SELECT 1 FROM method p WHERE p.method_id = :method_id
              AND p.gateway = method.gateway
              AND (p.token = method.token
                   OR (p.fingerprint = method.fingerprint AND p.fingerprint <> '')));

-- Only when no other dispute of it is open or was lost.
-- dispute_unblock :exec
UPDATE method SET method_state = 'usable', blocked_code = ''
WHERE account_id = :account_id AND method_state = 'blocked' AND blocked_code = 'disputed'
  AND EXISTS (SELECT 1 FROM method p WHERE p.method_id = :method_id
              AND p.gateway = method.gateway
              AND (p.token = method.token
                   OR (p.fingerprint = method.fingerprint AND p.fingerprint <> '')))
  AND NOT EXISTS (SELECT 1 FROM dispute d JOIN method p ON p.method_id = d.method_id
                  WHERE d.account_id = :account_id AND d.dispute_id <> :dispute_id
                    AND d.dispute_state <> 'won' AND p.gateway = method.gateway
                    AND (p.token = method.token
                         OR (p.fingerprint = method.fingerprint AND p.fingerprint <> '')));

-- disputes_of_card :one disputes_of_card_row
-- Open or lost ones of what it has paid, whatever has become of the method since.
-- :n int
SELECT COUNT(*) AS n FROM dispute d
JOIN attempt p ON p.charge_id = d.charge_id AND p.attempt_state = 'captured'
JOIN method m ON m.method_id = p.method_id
WHERE d.account_id = :account_id AND d.dispute_state <> 'won' AND m.gateway = :gateway
  AND (m.token = :token OR (m.fingerprint = :fingerprint AND m.fingerprint <> ''));

-- A method becomes another card: what is disputed stays with the one that paid.
-- disputes_hand_on :exec
-- :to_id int
UPDATE dispute SET method_id = :to_id WHERE account_id = :account_id AND method_id = :method_id;
