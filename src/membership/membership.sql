-- Memberships: state, term, period and what is due next. SPDX-License-Identifier: Apache-2.0

-- membership_by_account :one membership
SELECT account_id, plan, biller, state, term, anchor_day, k, period_start_day, period_end_day, step,
       due_at, due_day, method_id, end_day, retention_until_day, next_plan, cancel_started_at,
       pending_from, pause_months, price_known_day, price_new_day, price_from_day, slots,
       period_plan, period_slots, has_credit, version
FROM membership WHERE account_id = :account_id;

-- membership_add :exec
INSERT INTO membership (account_id, plan, biller, state, term, anchor_day, k, period_start_day,
    period_end_day, step, due_at, due_day, method_id, end_day, retention_until_day, next_plan,
    cancel_started_at, pending_from, pause_months, price_known_day, price_new_day, price_from_day,
    slots, period_plan, period_slots, has_credit, version)
VALUES (:account_id, :plan, :biller, :state, :term, :anchor_day, :k, :period_start_day,
    :period_end_day, :step, :due_at, :due_day, :method_id, :end_day, :retention_until_day, '', 0,
    'none', 0, :price_known_day, 0, 0, 0, '', 0, 0, 0);

-- membership_add_all :bulk
INSERT INTO membership (account_id, plan, biller, state, term, anchor_day, k, period_start_day,
    period_end_day, step, due_at, due_day, method_id, end_day, retention_until_day, next_plan,
    cancel_started_at, pending_from, pause_months, price_known_day, price_new_day, price_from_day,
    slots, period_plan, period_slots, has_credit, version)
VALUES (:account_id, :plan, :biller, :state, :term, :anchor_day, :k, :period_start_day,
    :period_end_day, :step, :due_at, :due_day, :method_id, :end_day, :retention_until_day, '', 0,
    'none', 0, :price_known_day, 0, 0, 0, '', 0, 0, 0);

-- While the account is locked only steps that neither take money nor destroy anything come due.
-- membership_save :exec
UPDATE membership SET plan = :plan, biller = :biller, state = :state, term = :term,
    anchor_day = :anchor_day, k = :k, period_start_day = :period_start_day,
    period_end_day = :period_end_day, step = :step, due_at = :due_at,
    due_day = CASE WHEN :step NOT IN ('none', 'look_up', 'period_end', 'pending_end')
                    AND EXISTS (SELECT 1 FROM account a WHERE a.account_id = membership.account_id
                                AND a.locked_at <> 0)
                   THEN 0 ELSE :due_day END,
    method_id = :method_id, end_day = :end_day, retention_until_day = :retention_until_day,
    next_plan = :next_plan, cancel_started_at = :cancel_started_at, pending_from = :pending_from,
    pause_months = :pause_months, price_known_day = :price_known_day,
    price_new_day = :price_new_day, price_from_day = :price_from_day, slots = :slots,
    period_plan = :period_plan, period_slots = :period_slots, version = version + 1
WHERE account_id = :account_id AND version = :version;

-- term_add :exec
INSERT INTO term (account_id, term, anchor_day, zone, started_at, term_cause, lifted_end_day,
    lifted_until_day, lifted_plan)
VALUES (:account_id, :term, :anchor_day, :zone, :started_at, :term_cause, :lifted_end_day,
    :lifted_until_day, :lifted_plan);

-- term_add_all :bulk
INSERT INTO term (account_id, term, anchor_day, zone, started_at, term_cause)
VALUES (:account_id, :term, :anchor_day, :zone, :started_at, :term_cause);

-- membership_event_newest :one newest_event
-- :newest_id int
SELECT CAST(COALESCE(MAX(event_id), 0) AS BIGINT) AS newest_id FROM membership_event
WHERE account_id = :account_id;

-- membership_event_add :exec
INSERT INTO membership_event (event_id, account_id, happened_at, event, state_from, state_to,
    actor_role, actor_id, actor_surface, device, network, reason, network_country)
VALUES (:event_id, :account_id, :happened_at, :event, :state_from, :state_to, :actor_role,
    :actor_id, :actor_surface, :device, :network, :reason, :network_country);

-- membership_event_add_all :bulk
INSERT INTO membership_event (event_id, account_id, happened_at, event, state_from, state_to,
    actor_role, actor_id, actor_surface, device, network, reason)
VALUES (:event_id, :account_id, :happened_at, :event, :state_from, :state_to, :actor_role,
    :actor_id, 'none', '', '', :reason);

-- membership_events_of :many membership_event_row
-- :max int
SELECT event_id, happened_at, event, state_from, state_to, actor_role, actor_id, actor_surface,
       device, network, reason
FROM membership_event WHERE account_id = :account_id ORDER BY event_id LIMIT :max;

-- terms_of :many term_row
-- :max int
SELECT term, anchor_day, zone, started_at, term_cause FROM term WHERE account_id = :account_id
ORDER BY term LIMIT :max;

-- term_newest :many term_row
-- :max int
SELECT term, anchor_day, zone, started_at, term_cause FROM term WHERE account_id = :account_id
ORDER BY term DESC LIMIT :max;
