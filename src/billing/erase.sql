-- Erasing a person. What the books need loses everything that points at somebody.
-- SPDX-License-Identifier: Apache-2.0

-- erase_waits :one erase_waits_row
-- :n int
SELECT CAST((SELECT COUNT(*) FROM charge c WHERE c.account_id = :account_id
             AND c.charge_state IN ('wanted', 'unknown'))
          + (SELECT COUNT(*) FROM refund r WHERE r.account_id = :account_id AND r.due_at <> 0)
          + (SELECT COUNT(*) FROM dispute d WHERE d.account_id = :account_id
             AND d.dispute_state = 'open')
          + (SELECT COUNT(*) FROM method m
             JOIN method_authorization h ON h.method_id = m.method_id
             WHERE m.account_id = :account_id AND h.ended_at = 0) AS BIGINT) AS n;

-- erase_person :exec
UPDATE account SET external_id = :external_id, email = '', name = '',
    import_hash = '', delete_on_day = 0, erased_at = :erased_at
WHERE account_id = :account_id;

-- erase_forgotten :exec
DELETE FROM token_forget WHERE account_id = :account_id AND forget_state = 'done';

-- What gateways still know is to be forgotten there too; payments carries it out.
-- erase_at_gateways :exec
-- :at int
-- :due_day int
INSERT INTO token_forget (method_id, account_id, gateway, token, forget_state, sent_no, wanted_at,
    due_at, due_day, tries)
SELECT method_id, account_id, gateway, token, 'wanted', 0, :at, :at, :due_day, 0
FROM method WHERE account_id = :account_id AND token <> ''
ON CONFLICT (method_id) DO NOTHING;

-- erase_declines :exec
DELETE FROM card_decline
WHERE fingerprint IN (SELECT fingerprint FROM method WHERE account_id = :account_id)
  AND charge_id IN (SELECT charge_id FROM charge WHERE account_id = :account_id);

-- erase_authorizations :exec
DELETE FROM method_authorization WHERE account_id = :account_id;

-- erase_method_events :exec
DELETE FROM method_event WHERE account_id = :account_id;

-- The row stays: charges point at it.
-- erase_methods :exec
UPDATE method SET method_state = 'removed', brand = '', funding = 'none', last4 = '',
    expiry_month = 0, issuing_country = '', operator = '', token = '', fingerprint = '',
    blocked_code = ''
WHERE account_id = :account_id;

-- erase_traces :exec
UPDATE membership_event SET device = '', network = '', network_country = ''
WHERE account_id = :account_id;

-- What a change did about money explains charges and stays; from where it was asked for does not.
-- erase_change_traces :exec
UPDATE plan_change SET device = '', network = '' WHERE account_id = :account_id;

-- erase_choice_traces :exec
UPDATE retirement SET device = '', network = '' WHERE account_id = :account_id;

-- erase_slot_traces :exec
UPDATE slot SET device = '', network = '' WHERE account_id = :account_id;

-- erase_consents :exec
-- :today int
DELETE FROM consent WHERE account_id = :account_id AND keep_until_day <= :today;

-- consents_kept :one consents_kept_row
-- :first_day int
SELECT CAST(COALESCE(MIN(keep_until_day), 0) AS BIGINT) AS first_day FROM consent
WHERE account_id = :account_id;

-- erase_cases :exec
DELETE FROM work_item WHERE account_id = :account_id AND work_state = 'closed';

-- erase_evidence :exec
UPDATE work_item SET evidence = '{}' WHERE account_id = :account_id;

-- any account: all that were erased at once, in one pass
-- erase_outbox :exec
-- :first_at int
-- :last_at int
UPDATE outbox SET body = '{}'
WHERE body <> '{}' AND account_id IN (SELECT account_id FROM account
                                      WHERE erased_at > 0
                                        AND erased_at BETWEEN :first_at AND :last_at);

-- erase_deliveries :exec
DELETE FROM delivery WHERE account_id = :account_id
    AND message_id IN (SELECT m.message_id FROM message m WHERE m.account_id = :account_id);

-- erase_letters :exec
DELETE FROM message WHERE account_id = :account_id;

-- erase_contact :exec
DELETE FROM contact WHERE account_id = :account_id;

-- erase_remedies :exec
UPDATE remedy SET note = '' WHERE account_id = :account_id;
-- erase_viewing :exec
DELETE FROM viewing WHERE account_id = :account_id;

-- What others were told of somebody; what is still to be told is told to nobody.
-- erase_webhooks :exec
UPDATE webhook_event SET event_body = '' WHERE account_id = :account_id;

-- erase_errands :exec
DELETE FROM errand WHERE account_id = :account_id;

-- erase_partner_events :exec
DELETE FROM partner_event WHERE account_id = :account_id;

-- erase_partner_periods :exec
DELETE FROM partner_period WHERE account_id = :account_id;

-- What was paid for whom is no business of the books; that it was paid is.
-- erase_settlement_lines :exec
UPDATE settlement_line SET account_id = 0, reference = '',
    line = CASE WHEN settlement_finding IN ('missing', 'made_up') AND line LIKE 'missing/%'
                THEN 'missing/' || line_id ELSE line END
WHERE account_id = :account_id;

-- erase_partner_link :exec
DELETE FROM partner_link WHERE account_id = :account_id;

-- erase_told :exec
DELETE FROM inbox WHERE account_id = :account_id;

-- erase_quotes :exec
DELETE FROM quote WHERE account_id = :account_id;

-- What its owner's calls were answered, and by which keys.
-- erase_op_keys :exec
DELETE FROM op_key WHERE account_id = :account_id;

-- Wrong guesses of the account; a day later they would be gone anyway.
-- any account: the account is in the text
-- erase_tries :exec
DELETE FROM throttle_try WHERE tried_scope = 'account' AND tried_by = :tried_by;

-- erase_events :exec
DELETE FROM membership_event WHERE account_id = :account_id;

-- erase_references :exec
UPDATE attempt SET gateway_ref = ''
WHERE charge_id IN (SELECT charge_id FROM charge WHERE account_id = :account_id);

-- erase_proofs :exec
DELETE FROM contact_proof WHERE account_id = :account_id;

-- erase_wish :exec
DELETE FROM restart_wish WHERE account_id = :account_id;

-- That a cancellation came in, and when, stays for as long as the account's row.
-- erase_forms :exec
UPDATE cancel_form SET email = '', name = '', member_text = '', ground_text = '', device = '',
    network = ''
WHERE account_id = :account_id;
