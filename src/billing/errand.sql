-- Small things that are due beside a membership's own step. SPDX-License-Identifier: Apache-2.0
-- enum errand_kind errand_kinds

-- errand_put :exec
INSERT INTO errand (account_id, errand_kind, subject, due_at, due_day)
VALUES (:account_id, :errand_kind, :subject, :due_at, :due_day)
ON CONFLICT (account_id, errand_kind, subject) DO UPDATE SET due_at = excluded.due_at,
    due_day = excluded.due_day;

-- errand_keep :exec
-- The one that is planned already stays as it is.
INSERT INTO errand (account_id, errand_kind, subject, due_at, due_day)
VALUES (:account_id, :errand_kind, :subject, :due_at, :due_day)
ON CONFLICT (account_id, errand_kind, subject) DO NOTHING;

-- errand_remove :exec
DELETE FROM errand
WHERE account_id = :account_id AND errand_kind = :errand_kind AND subject = :subject;

-- any account: the worker's own question
-- errands_due :many errand
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT account_id, errand_kind, subject, due_at FROM errand
WHERE due_day = :due_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day, account_id, errand_kind, subject LIMIT :max;

-- any account: the worker's own question
-- errand_first_due_of :many errand_first_due_row
-- :from_day int
-- :until_at int
-- :first_day int
-- :first int
-- :last int
-- :max int
SELECT due_day AS first_day FROM errand
WHERE due_day >= :from_day AND due_at < :until_at AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day LIMIT :max;
