-- Work for people. SPDX-License-Identifier: Apache-2.0

-- work_add :exec
INSERT INTO work_item (work_id, account_id, work_kind, subject, priority, opened_at, opener_role,
    opener_id, evidence, work_state, closed_at, closer_role, closer_id, outcome)
VALUES (:work_id, :account_id, :work_kind, :subject, :priority, :opened_at, :opener_role,
    :opener_id, :evidence, 'open', 0, 'visitor', 0, '');

-- work_opened :many work_item
-- :max int
SELECT work_id, account_id, work_kind, subject, priority, opened_at, opener_role, opener_id,
       evidence, work_state, closed_at, closer_role, closer_id, outcome
FROM work_item
WHERE account_id = :account_id AND work_kind = :work_kind AND subject = :subject
  AND work_state = 'open'
ORDER BY work_id LIMIT :max;

-- work_extend :exec
UPDATE work_item SET evidence = :evidence
WHERE account_id = :account_id AND work_id = :work_id AND work_state = 'open';

-- any account: support looks at a queue
-- work_by_id :one work_item
SELECT work_id, account_id, work_kind, subject, priority, opened_at, opener_role, opener_id,
       evidence, work_state, closed_at, closer_role, closer_id, outcome
FROM work_item WHERE work_id = :work_id;

-- any account: support looks at a queue
-- work_newest :many work_item
-- :only_account int
-- :only_state text
-- :only_kind text
-- :before int
-- :max int
SELECT work_id, account_id, work_kind, subject, priority, opened_at, opener_role, opener_id,
       evidence, work_state, closed_at, closer_role, closer_id, outcome
FROM work_item
WHERE work_id < :before AND (:only_account = 0 OR account_id = :only_account)
  AND (:only_state = '' OR work_state = :only_state)
  AND (:only_kind = '' OR work_kind = :only_kind)
ORDER BY work_id DESC LIMIT :max;

-- any account: support closes what is in its queue
-- work_end :exec
-- any account: its number comes from rows of the account, or from a queue
UPDATE work_item SET work_state = 'closed', closed_at = :closed_at, closer_role = :closer_role,
    closer_id = :closer_id, outcome = :outcome
WHERE work_id = :work_id AND work_state = 'open';
