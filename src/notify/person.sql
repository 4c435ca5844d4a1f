-- What is kept about one person, table by table; without hashes, the providers' tokens and the
-- places of work in progress. SPDX-License-Identifier: Apache-2.0

-- person_account :many person_account_row
-- :max int
SELECT external_id, email, name, country, region, currency, zone, locale, joined_day, created_at,
    locked_at, unlocked_at, delete_on_day, erased_at
FROM account WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_account_key :many person_account_key_row
-- :max int
SELECT keyed_at, destroyed_at
FROM account_key WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_attempt :many person_attempt_row
-- :max int
SELECT charge_id, attempt_no, method_id, attempt_state, amount_minor, code, decline_class, advice,
    gateway_ref, sent_at, answered_at
FROM attempt WHERE account_id = :account_id ORDER BY charge_id, attempt_no LIMIT :max;

-- person_audit_entry :many person_audit_entry_row
-- :max int
SELECT entry_no, happened_at, audit_kind, audit_what, actor_role, actor_id, sealed_facts
FROM audit_entry WHERE account_id = :account_id ORDER BY entry_no LIMIT :max;

-- person_audit_head :many person_audit_head_row
-- :max int
SELECT entry_no, unsigned_no
FROM audit_head WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_audit_sign_head :many person_audit_sign_head_row
-- :max int
SELECT sign_no, entry_no
FROM audit_sign_head WHERE account_id = :account_id ORDER BY sign_no LIMIT :max;

-- person_cancel_form :many person_cancel_form_row
-- :max int
SELECT form_id, received_at, email, name, member_text, form_ground, ground_text, form_outcome,
    device, network
FROM cancel_form WHERE account_id = :account_id ORDER BY form_id LIMIT :max;

-- person_charge :many person_charge_row
-- :max int
SELECT charge_id, term, k, kind, subject, due_on_day, amount_minor, currency, charge_state,
    attempts, method_id, wanted_at, attempt_at, captured_at, recognised_from, recovered_by, code,
    catalog_version, credit_note_id, credit_minor
FROM charge WHERE account_id = :account_id ORDER BY charge_id LIMIT :max;

-- person_charge_wanted :many person_charge_wanted_row
-- :max int
SELECT charge_id
FROM charge_wanted WHERE account_id = :account_id ORDER BY charge_id LIMIT :max;

-- person_consent :many person_consent_row
-- :max int
SELECT consent_id, text_version, consented_at, surface, source_op, keep_until_day
FROM consent WHERE account_id = :account_id ORDER BY consent_id LIMIT :max;

-- person_contact :many person_contact_row
-- :max int
SELECT phone, phone_verified_at, text_agreed_at, push_agreed_at, quiet_from, quiet_until,
    email_failed_at, email_failed_code, phone_failed_at, phone_failed_code
FROM contact WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_contact_proof :many person_contact_proof_row
-- :max int
SELECT proof_for, made_at, until_at
FROM contact_proof WHERE account_id = :account_id ORDER BY proof_for LIMIT :max;

-- person_credit_entry :many person_credit_entry_row
-- :max int
SELECT credit_no, document_id, credit_kind, cause_id, reason
FROM credit_entry WHERE account_id = :account_id ORDER BY credit_no LIMIT :max;

-- person_delivery :many person_delivery_row
-- :max int
SELECT message_id, channel, place, address, delivery_state, urgency, due_at, stale_at, attempts,
    done_at, provider_ref, code
FROM delivery WHERE account_id = :account_id ORDER BY message_id, channel, place LIMIT :max;

-- person_dispute :many person_dispute_row
-- :max int
SELECT dispute_id, charge_id, amount_minor, currency, dispute_state, reason, opened_at, closed_at,
    credit_note_id, method_id
FROM dispute WHERE account_id = :account_id ORDER BY dispute_id LIMIT :max;

-- person_dunning :many person_dunning_row
-- :max int
SELECT charge_id, debt_day, grace_until_day, hold_until_day, retries_done, reminders_done,
    quick_retries, look_ups
FROM dunning WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_errand :many person_errand_row
-- :max int
SELECT errand_kind, subject, due_at, due_day
FROM errand WHERE account_id = :account_id ORDER BY errand_kind, subject LIMIT :max;

-- person_gift_card :many person_gift_card_row
-- :max int
SELECT card_id, gift_state, amount_minor, currency, issued_at, activated_at, redeemed_at
FROM gift_card WHERE account_id = :account_id ORDER BY card_id LIMIT :max;

-- person_inbox :many person_inbox_row
-- :max int
SELECT gateway, cursor, told_id, told_kind, told_key, last4, expiry_month, deliver_at,
    told_outcome, code, advice, gateway_ref, captured_at, declined_at, told_dispute
FROM inbox WHERE account_id = :account_id ORDER BY gateway, cursor LIMIT :max;

-- person_invoice :many person_invoice_row
-- :max int
SELECT invoice_id, document, credits_id, seller, series_year, series, number, plan, country, region,
    period_start_day, period_end_day, issued_at, currency, net_minor, tax_minor, total_minor, cause,
    catalog_version
FROM invoice WHERE account_id = :account_id ORDER BY invoice_id LIMIT :max;

-- person_invoice_line :many person_invoice_line_row
-- :max int
SELECT l.invoice_id, l.line_no, l.line_kind, l.item, l.line_cause, l.unit_minor, l.rate_ppm,
    l.effective_day, l.amount_minor
FROM invoice_line l JOIN invoice i ON i.invoice_id = l.invoice_id
WHERE i.account_id = :account_id ORDER BY l.invoice_id, l.line_no LIMIT :max;

-- person_ledger_entry :many person_ledger_entry_row
-- :max int
SELECT document_id, entry_no, booked_at, debit, credit, currency, amount_minor
FROM ledger_entry WHERE account_id = :account_id ORDER BY document_id, entry_no LIMIT :max;

-- person_membership :many person_membership_row
-- :max int
SELECT plan, biller, state, term, anchor_day, k, period_start_day, period_end_day, step, due_at,
    due_day, method_id, end_day, retention_until_day, next_plan, cancel_started_at, pending_from,
    pause_months, price_known_day, price_new_day, price_from_day, slots, period_plan, period_slots,
    has_credit, version
FROM membership WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_membership_event :many person_membership_event_row
-- :max int
SELECT event_id, happened_at, event, state_from, state_to, actor_role, actor_id, actor_surface,
    device, network, reason, network_country
FROM membership_event WHERE account_id = :account_id ORDER BY event_id LIMIT :max;

-- person_message :many person_message_row
-- :max int
SELECT message_id, topic, reference, happened_at, locale, facts, read_at
FROM message WHERE account_id = :account_id ORDER BY message_id LIMIT :max;

-- person_method :many person_method_row
-- :max int
SELECT method_id, method_rank, method_state, method_kind, brand, funding, last4, expiry_month,
    issuing_country, operator, gateway, added_at, blocked_code
FROM method WHERE account_id = :account_id ORDER BY method_id LIMIT :max;

-- person_method_authorization :many person_method_authorization_row
-- :max int
SELECT method_id, amount_minor, currency, authorization_state, code, made_at, void_due_at, due_at,
    due_day, tries, ended_at
FROM method_authorization WHERE account_id = :account_id ORDER BY method_id LIMIT :max;

-- person_method_event :many person_method_event_row
-- :max int
SELECT method_event_id, method_id, happened_at, method_event, last4, expiry_month, code,
    gateway_event, actor_role, actor_id, actor_surface, device, network
FROM method_event WHERE account_id = :account_id ORDER BY method_event_id LIMIT :max;

-- person_op_key :many person_op_key_row
-- :max int
SELECT actor_role, actor_id, via, key_text, op, made_at
FROM op_key WHERE account_id = :account_id ORDER BY actor_role, actor_id, via, key_text LIMIT :max;

-- person_outbox :many person_outbox_row
-- :max int
SELECT outbox_id, topic, happened_at, body
FROM outbox WHERE account_id = :account_id ORDER BY outbox_id LIMIT :max;

-- person_partner_event :many person_partner_event_row
-- :max int
SELECT partner, reference, event_order, partner_event, plan, start_day, until_day, partner_outcome,
    told_at
FROM partner_event WHERE account_id = :account_id ORDER BY partner, reference LIMIT :max;

-- person_partner_link :many person_partner_link_row
-- :max int
SELECT partner, linked_at, resumes, kept_days
FROM partner_link WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_partner_period :many person_partner_period_row
-- :max int
SELECT partner, start_day, until_day, plan, told_at
FROM partner_period WHERE account_id = :account_id ORDER BY partner, start_day LIMIT :max;

-- person_plan_change :many person_plan_change_row
-- :max int
SELECT change_id, asked_at, from_plan, to_plan, change_state, change_effect, effective_day,
    amount_minor, currency, old_end_day, new_end_day, code, term, k, whole_days, slots,
    old_price_day, new_price_day, actor_role, actor_id, actor_surface, device, network
FROM plan_change WHERE account_id = :account_id ORDER BY change_id LIMIT :max;

-- person_price_notice :many person_price_notice_row
-- :max int
SELECT plan, from_day, noticed_at, applies_day, old_minor, new_minor, currency, price_consent,
       slot_old_minor, slot_new_minor
FROM price_notice WHERE account_id = :account_id ORDER BY plan, from_day LIMIT :max;

-- person_quote :many person_quote_row
-- :max int
SELECT charge_id, plan, country, region, slots, plan_before, slots_before, price_known_day,
       price_new_day, price_from_day
FROM quote WHERE account_id = :account_id ORDER BY charge_id LIMIT :max;

-- person_retirement :many person_retirement_row
-- :max int
SELECT plan, noticed_at, applies_day, to_plan, amount_minor, currency, chosen_plan, chosen_at,
    closed_at, actor_role, actor_id, actor_surface, device, network
FROM retirement WHERE account_id = :account_id ORDER BY plan LIMIT :max;

-- person_refund :many person_refund_row
-- :max int
SELECT refund_id, charge_id, refund_no, order_key, amount_minor, currency, refund_to, circumstance,
    rule, refund_state, credit_note_id, credit_document_id, code, gateway_ref, decided_at, done_at,
    due_at, due_day, tries, actor_role, actor_id
FROM refund WHERE account_id = :account_id ORDER BY refund_id LIMIT :max;

-- person_remedy :many person_remedy_row
-- :max int
SELECT remedy_id, charge_id, circumstance, rule, remedy_outcome, amount_minor, refund_to, from_day,
    until_day, note, refund_id, asked_at, actor_role, actor_id, approved_at, approved_by
FROM remedy WHERE account_id = :account_id ORDER BY remedy_id LIMIT :max;

-- person_renewal_skip :many person_renewal_skip_row
-- :max int
SELECT term, k, due_on_day, skip_reason, skipped_at
FROM renewal_skip WHERE account_id = :account_id ORDER BY term, k, skip_reason LIMIT :max;

-- person_restart_wish :many person_restart_wish_row
-- :max int
SELECT plan, asked_at, go_at, risks, actor_role, actor_id, actor_surface, device, network,
    network_country
FROM restart_wish WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_reversal :many person_reversal_row
-- :max int
SELECT invoice_id, recognised_from
FROM reversal WHERE account_id = :account_id ORDER BY invoice_id LIMIT :max;

-- person_settlement_line :many person_settlement_line_row
-- :max int
SELECT line_id, partner, month_day, line, reference, start_day, amount_minor, currency,
    expected_minor, settlement_finding, told_at
FROM settlement_line WHERE account_id = :account_id ORDER BY line_id LIMIT :max;

-- person_slot :many person_slot_row
-- :max int
SELECT slot_id, slot_no, slot_state, slot_end, bought_at, from_day, end_day, paid_day,
    change_effect, amount_minor, currency, plan, term, k, whole_days, price_day, actor_role,
    actor_id, actor_surface, device, network
FROM slot WHERE account_id = :account_id ORDER BY slot_id LIMIT :max;

-- person_term :many person_term_row
-- :max int
SELECT term, anchor_day, zone, started_at, term_cause, lifted_end_day, lifted_until_day,
    lifted_plan
FROM term WHERE account_id = :account_id ORDER BY term LIMIT :max;

-- person_token_forget :many person_token_forget_row
-- :max int
SELECT method_id, gateway, forget_state, sent_no, wanted_at, due_at, due_day, tries
FROM token_forget WHERE account_id = :account_id ORDER BY method_id LIMIT :max;

-- person_viewing :many person_viewing_row
-- :max int
SELECT first_seen_at, last_seen_at, confirmed_at
FROM viewing WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- person_webhook_delivery :many person_webhook_delivery_row
-- :max int
SELECT delivery_id, endpoint_id, event_id, event_type, happened_at, hook_state, attempts, due_at,
    ended_at
FROM webhook_delivery WHERE account_id = :account_id ORDER BY delivery_id LIMIT :max;

-- person_webhook_event :many person_webhook_event_row
-- :max int
SELECT event_id, event_type, happened_at, event_body
FROM webhook_event WHERE account_id = :account_id ORDER BY event_id LIMIT :max;

-- person_work_item :many person_work_item_row
-- :max int
SELECT work_id, work_kind, subject, priority, opened_at, opener_role, opener_id, evidence,
    work_state, closed_at, closer_role, closer_id, outcome
FROM work_item WHERE account_id = :account_id ORDER BY work_id LIMIT :max;
