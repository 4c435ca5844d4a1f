-- Renewals that are due. SPDX-License-Identifier: Apache-2.0

-- A range of one day: with an equality PostgreSQL takes the order of account_id from the primary
-- key and reads all members.
-- renewals_due :many renewal
-- :first int
-- :last int
-- :until_at int
-- :max int
SELECT m.account_id, m.plan, m.term, m.anchor_day, m.k, m.due_at, m.method_id, m.next_plan,
       m.price_known_day, m.price_new_day, m.price_from_day, m.slots, m.period_plan,
       m.period_slots, m.has_credit, m.version, a.country, a.region, a.zone,
       a.unlocked_at
FROM membership m JOIN account a ON a.account_id = m.account_id
WHERE m.due_day BETWEEN :due_day AND :due_day AND m.due_at < :until_at AND m.step = 'renew'
  AND (m.account_id & 255) BETWEEN :first AND :last
ORDER BY m.due_day, m.account_id LIMIT :max;

-- A plan that was chosen for the next billing date takes effect (SPEC A-04).
-- renewal_book_all :bulk
UPDATE membership SET k = :k, period_start_day = :period_start_day,
    period_end_day = :period_end_day, due_at = :due_at, due_day = :due_day,
    step = CASE WHEN state = 'ending' THEN 'period_end' ELSE 'renew' END,
    plan = CASE WHEN next_plan = '' THEN plan ELSE next_plan END,
    period_plan = CASE WHEN next_plan = '' THEN plan ELSE next_plan END, next_plan = '',
    period_slots = slots, version = version + 1
WHERE account_id = :account_id AND version = :version;

-- renewal_skip_all :bulk
INSERT INTO renewal_skip (account_id, term, k, due_on_day, skip_reason, skipped_at)
VALUES (:account_id, :term, :k, :due_on_day, :skip_reason, :skipped_at)
ON CONFLICT (account_id, term, k, skip_reason) DO NOTHING;

-- renewal_postpone_all :bulk
UPDATE membership SET due_at = :due_at, due_day = :due_day, version = version + 1
WHERE account_id = :account_id AND version = :version;

-- The day of until_at bounds the range in the index, else nothing due means reading all members.
-- any account: the worker's own question
-- first_due_of :many first_due_row
-- :from_day int
-- :until_at int
-- :first_day int
-- :first int
-- :last int
-- :max int
SELECT due_day AS first_day FROM membership
WHERE due_day BETWEEN :from_day AND :until_at / 86400000 AND due_at < :until_at
  AND (account_id & 255) BETWEEN :first AND :last
ORDER BY due_day LIMIT :max;
