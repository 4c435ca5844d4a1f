-- Tokens that gateways are to forget. SPDX-License-Identifier: Apache-2.0
-- enum forget_state forget_states

-- token_forget_add :exec
-- :at int
INSERT INTO token_forget (method_id, account_id, gateway, token, forget_state, sent_no, wanted_at,
    due_at, due_day, tries)
SELECT method_id, account_id, gateway, token, 'wanted', 0, :at, :at, :due_day, 0
FROM method WHERE method_id = :method_id AND account_id = :account_id AND token <> ''
ON CONFLICT (method_id) DO NOTHING;

-- any account: a token may be on methods of several
-- token_forgets_of :many token_forget_of_row
-- :max int
SELECT forget_state, sent_no FROM token_forget
WHERE token = :token AND gateway = :gateway ORDER BY sent_no DESC LIMIT :max;

-- any account: a token may be on methods of several
-- token_forget_spare :exec
DELETE FROM token_forget
WHERE token = :token AND gateway = :gateway AND forget_state = 'wanted';

-- any account: a token may be on methods of several
-- token_users :many token_user
-- :max int
SELECT method_id FROM method
WHERE token = :token AND gateway = :gateway AND method_state <> 'removed'
ORDER BY method_id LIMIT :max;

-- token_forget_by_method :many token_forget
-- :max int
SELECT method_id, account_id, gateway, token, forget_state, due_at, tries FROM token_forget
WHERE method_id = :method_id AND account_id = :account_id ORDER BY method_id LIMIT :max;

-- any account: the worker's own question
-- token_forgets_due :many token_forget
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT method_id, account_id, gateway, token, forget_state, due_at, tries FROM token_forget
WHERE due_day = :due_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day, account_id, method_id LIMIT :max;

-- any account: the worker's own question
-- token_forget_first_due_of :many token_forget_first_due_row
-- :from_day int
-- :until_at int
-- :first_day int
-- :first int
-- :last int
-- :max int
SELECT due_day AS first_day FROM token_forget
WHERE due_day >= :from_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day LIMIT :max;

-- token_forget_send :exec
UPDATE token_forget SET forget_state = 'sent',
    sent_no = CASE WHEN forget_state = 'wanted' THEN :sent_no ELSE sent_no END
WHERE method_id = :method_id AND account_id = :account_id AND forget_state <> 'done';

-- token_forget_store :exec
UPDATE token_forget SET forget_state = :forget_state, due_at = :due_at, due_day = :due_day,
    tries = :tries
WHERE method_id = :method_id AND account_id = :account_id AND forget_state = 'sent';

-- token_forget_drop :exec
DELETE FROM token_forget WHERE method_id = :method_id AND account_id = :account_id;
