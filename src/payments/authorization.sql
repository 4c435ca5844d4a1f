-- Temporary authorizations. SPDX-License-Identifier: Apache-2.0
-- enum authorization_state authorization_states

-- authorization_add :exec
INSERT INTO method_authorization (method_id, account_id, amount_minor, currency,
    authorization_state, code, made_at, void_due_at, due_at, due_day, tries, ended_at)
VALUES (:method_id, :account_id, :amount_minor, :currency, 'unknown', '', :made_at, :void_due_at,
    :due_at, :due_day, 0, 0);

-- authorization_of :many authorization
-- :max int
SELECT t.method_id, t.account_id, t.amount_minor, t.currency, t.authorization_state, t.code,
       t.made_at, t.void_due_at, t.due_at, t.tries, t.ended_at, m.gateway, m.token
FROM method_authorization t JOIN method m ON m.method_id = t.method_id
WHERE t.method_id = :method_id AND t.account_id = :account_id ORDER BY t.method_id LIMIT :max;

-- authorization_store :exec
UPDATE method_authorization SET authorization_state = :authorization_state, code = :code,
    due_at = :due_at, due_day = :due_day, tries = :tries, ended_at = :ended_at
WHERE method_id = :method_id AND account_id = :account_id;

-- authorization_hurry :exec
UPDATE method_authorization SET void_due_at = :void_due_at, due_at = :void_due_at,
    due_day = :due_day
WHERE method_id = :method_id AND account_id = :account_id AND ended_at = 0
  AND void_due_at > :void_due_at;

-- any account: the worker's own question
-- authorizations_due :many authorization
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT t.method_id, t.account_id, t.amount_minor, t.currency, t.authorization_state, t.code,
       t.made_at, t.void_due_at, t.due_at, t.tries, t.ended_at, m.gateway, m.token
FROM method_authorization t JOIN method m ON m.method_id = t.method_id
WHERE t.due_day = :due_day AND t.due_at < :until_at
  AND (t.account_id & 255) BETWEEN :first AND :last
ORDER BY t.due_day, t.account_id, t.method_id LIMIT :max;

-- any account: the worker's own question
-- authorization_first_due_of :many authorization_first_due_row
-- :from_day int
-- :until_at int
-- :first_day int
-- :first int
-- :last int
-- :max int
SELECT due_day AS first_day FROM method_authorization
WHERE due_day >= :from_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day LIMIT :max;
