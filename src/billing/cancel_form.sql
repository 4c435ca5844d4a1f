-- Cancellations by form. SPDX-License-Identifier: Apache-2.0
-- enum event membership_events

-- form_add :exec
INSERT INTO cancel_form (form_id, account_id, received_at, email, name, member_text, form_ground,
    ground_text, form_outcome, device, network)
VALUES (:form_id, :account_id, :received_at, :email, :name, :member_text, :form_ground,
    :ground_text, 'received', :device, :network);

-- form_by_id :many cancel_form
-- :max int
SELECT form_id, account_id, received_at, email, name, member_text, form_ground, ground_text,
       form_outcome, device, network
FROM cancel_form WHERE form_id = :form_id ORDER BY form_id LIMIT :max;

-- form_end :exec
UPDATE cancel_form SET form_outcome = :form_outcome
WHERE form_id = :form_id AND account_id = :account_id;

-- Forms that named nobody are forgotten with the time in which they could be asked after.
-- form_forget :exec
-- any account: nobody's
DELETE FROM cancel_form WHERE account_id = 0 AND form_id < :form_id;

-- form_newest_event :one form_newest_event_row
-- :newest_at int
SELECT CAST(COALESCE(MAX(happened_at), 0) AS BIGINT) AS newest_at FROM membership_event
WHERE account_id = :account_id;

-- form_charges_since :many form_charge
-- Renewals that were wanted after a form came in.
-- :max int
SELECT charge_id, charge_state FROM charge
WHERE account_id = :account_id AND wanted_at > :received_at AND kind = 'renewal'
ORDER BY charge_id LIMIT :max;
