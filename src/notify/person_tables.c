/* person_tables: the table of tables. SPDX-License-Identifier: Apache-2.0 */
#include "notify/person.h"

#include "person_sql.h"

/* More than a life of daily use leaves in any table. */
enum { ROWS_MAX = 1000000 };

/* clang-format off */
#define READ(table)                                                                                \
    static enum status read_##table(struct ctx *cx, int64_t account_id, void **rows, size_t *n)    \
    {                                                                                              \
        struct person_##table##_row *at;                                                           \
                                                                                                   \
        TRY(person_##table(cx, &at, n, .account_id = account_id, .max = ROWS_MAX));                \
        *rows = at;                                                                                \
        return OK;                                                                                 \
    }
READ(account)
READ(account_key)
READ(attempt)
READ(audit_entry)
READ(audit_head)
READ(audit_sign_head)
READ(cancel_form)
READ(charge)
READ(charge_wanted)
READ(consent)
READ(contact)
READ(contact_proof)
READ(credit_entry)
READ(delivery)
READ(dispute)
READ(dunning)
READ(errand)
READ(gift_card)
READ(inbox)
READ(invoice)
READ(invoice_line)
READ(ledger_entry)
READ(membership)
READ(membership_event)
READ(message)
READ(method)
READ(method_authorization)
READ(method_event)
READ(op_key)
READ(outbox)
READ(partner_event)
READ(partner_link)
READ(partner_period)
READ(plan_change)
READ(price_notice)
READ(quote)
READ(refund)
READ(remedy)
READ(renewal_skip)
READ(restart_wish)
READ(retirement)
READ(reversal)
READ(settlement_line)
READ(slot)
READ(term)
READ(token_forget)
READ(viewing)
READ(webhook_delivery)
READ(webhook_event)
READ(work_item)

#define TABLE(table) #table
#define ROWS(table) &person_##table##_row_shape, read_##table
#define BOOKS "The books, which are kept for books_keep_years; it names nobody."

/* Each table that has rows about accounts. */
static const struct person_table tables[] = {
    {TABLE(account), "The person: how they are called and reached, and where they live.",
     PERSON_EMPTIED, "external_id country region currency zone locale",
     "The books point at it: place, currency and zone explain taxes and dates; its"
     " name becomes our number. A keyed hash of the operator's own id stays elsewhere,"
     " pointing at nobody, so that no import brings the person back.",
     ROWS(account)},
    {TABLE(account_key), "That there is a key that seals what is personal.",
     PERSON_EMPTIED, "wrapped_by",
     "The tombstone: it tells a restored backup whom not to bring back.",
     ROWS(account_key)},
    {TABLE(attempt), "Attempts to charge a payment method.",
     PERSON_KEPT, "attempt_state code decline_class advice gateway_ref",
     BOOKS,
     ROWS(attempt)},
    {TABLE(audit_entry), "What was done to the account and who looked at it.",
     PERSON_EMPTIED, "audit_kind audit_what actor_role sealed_facts chain",
     "The chain covers it; the key that opens what is sealed is destroyed.",
     ROWS(audit_entry)},
    {TABLE(audit_head), "The end of that list.",
     PERSON_KEPT, "chain seal",
     "A number and hashes.",
     ROWS(audit_head)},
    {TABLE(audit_sign_head), "Signed heads of that list.",
     PERSON_KEPT, "chain",
     "A number and a hash.",
     ROWS(audit_sign_head)},
    {TABLE(cancel_form), "Cancellations declared by the form.",
     PERSON_EMPTIED, "form_ground form_outcome",
     "That one came in, and when, must be provable.",
     ROWS(cancel_form)},
    {TABLE(charge), "What was to be collected.",
     PERSON_KEPT, "kind currency charge_state recovered_by code",
     BOOKS,
     ROWS(charge)},
    {TABLE(charge_wanted), "Charges that are being collected.",
     PERSON_KEPT, "",
     "Erasure waits for them.",
     ROWS(charge_wanted)},
    {TABLE(consent), "Consents to recurring charges.",
     PERSON_KEPT, "text_version surface source_op",
     "Proof of the consent until keep_until_day (consent_keep_years); it names "
     "nobody.",
     ROWS(consent)},
    {TABLE(contact), "Phone number, consent to messages, quiet hours.",
     PERSON_DELETED, "",
     "",
     ROWS(contact)},
    {TABLE(contact_proof), "That a code was sent, and for what.",
     PERSON_DELETED, "",
     "",
     ROWS(contact_proof)},
    {TABLE(credit_entry), "Credit gained and spent.",
     PERSON_KEPT, "credit_kind reason",
     BOOKS,
     ROWS(credit_entry)},
    {TABLE(delivery), "Ways on which messages went out.",
     PERSON_DELETED, "",
     "",
     ROWS(delivery)},
    {TABLE(dispute), "Charges that a bank took back.",
     PERSON_KEPT, "currency dispute_state reason",
     BOOKS,
     ROWS(dispute)},
    {TABLE(dunning), "A payment that fails, and its dates.",
     PERSON_KEPT, "",
     "Over before anybody is erased.",
     ROWS(dunning)},
    {TABLE(errand), "What is to be done next.",
     PERSON_DELETED, "",
     "",
     ROWS(errand)},
    {TABLE(gift_card), "Gift cards that were redeemed.",
     PERSON_KEPT, "code_hash gift_state currency",
     BOOKS,
     ROWS(gift_card)},
    {TABLE(inbox), "What a payment provider has told, until it is taken.",
     PERSON_DELETED, "",
     "",
     ROWS(inbox)},
    {TABLE(invoice), "Invoices and credit notes.",
     PERSON_KEPT, "document seller plan country region currency cause",
     BOOKS,
     ROWS(invoice)},
    {TABLE(invoice_line), "Their lines.",
     PERSON_KEPT, "line_kind item line_cause",
     BOOKS,
     ROWS(invoice_line)},
    {TABLE(ledger_entry), "The journal.",
     PERSON_KEPT, "debit credit currency",
     BOOKS,
     ROWS(ledger_entry)},
    {TABLE(membership), "The membership as it stands.",
     PERSON_KEPT, "plan biller state step next_plan pending_from period_plan",
     "Says that it is over; it names nobody.",
     ROWS(membership)},
    {TABLE(membership_event), "How it came to stand so, who did it, and from where.",
     PERSON_EMPTIED, "event state_from state_to actor_role actor_surface reason",
     "Explains the books, and goes with them after books_keep_years.",
     ROWS(membership_event)},
    {TABLE(message), "Messages to the person.",
     PERSON_DELETED, "",
     "",
     ROWS(message)},
    {TABLE(method), "Payment methods.",
     PERSON_EMPTIED, "method_state method_kind funding gateway",
     "Charges point at it.",
     ROWS(method)},
    {TABLE(method_authorization), "Small amounts reserved to test a method.",
     PERSON_DELETED, "",
     "",
     ROWS(method_authorization)},
    {TABLE(method_event), "What has happened to payment methods, and from where.",
     PERSON_DELETED, "",
     "",
     ROWS(method_event)},
    {TABLE(op_key), "Calls that may be sent twice without harm.",
     PERSON_DELETED, "",
     "",
     ROWS(op_key)},
    {TABLE(outbox), "What has happened, for those who carry it out.",
     PERSON_EMPTIED, "topic",
     "That it happened; what was said of it is gone.",
     ROWS(outbox)},
    {TABLE(partner_event), "What a billing partner has told.",
     PERSON_DELETED, "",
     "",
     ROWS(partner_event)},
    {TABLE(partner_link), "Which partner has taken the membership over.",
     PERSON_DELETED, "",
     "",
     ROWS(partner_link)},
    {TABLE(partner_period), "Periods that a partner has billed.",
     PERSON_DELETED, "",
     "",
     ROWS(partner_period)},
    {TABLE(plan_change), "Changes of plan, who asked for them, and from where.",
     PERSON_EMPTIED, "from_plan to_plan change_state change_effect currency code actor_role "
     "actor_surface",
     BOOKS,
     ROWS(plan_change)},
    {TABLE(price_notice), "New prices that were announced.",
     PERSON_KEPT, "plan currency price_consent",
     BOOKS,
     ROWS(price_notice)},
    {TABLE(quote), "What a payment was rated with that is to begin a term.",
     PERSON_DELETED, "",
     "",
     ROWS(quote)},
    {TABLE(refund), "Money given back.",
     PERSON_KEPT, "order_key currency refund_to circumstance rule refund_state code gateway_ref"
     " actor_role",
     BOOKS,
     ROWS(refund)},
    {TABLE(remedy), "What was asked of a charge and what came of it.",
     PERSON_EMPTIED, "circumstance rule remedy_outcome refund_to actor_role",
     BOOKS,
     ROWS(remedy)},
    {TABLE(renewal_skip), "Renewals that were not booked, and why.",
     PERSON_KEPT, "skip_reason",
     BOOKS,
     ROWS(renewal_skip)},
    {TABLE(restart_wish), "A restart that waits for confirmation.",
     PERSON_DELETED, "",
     "",
     ROWS(restart_wish)},
    {TABLE(retirement), "Plans that were retired, what was chosen, by whom, and from where.",
     PERSON_EMPTIED, "plan to_plan currency chosen_plan actor_role actor_surface",
     BOOKS,
     ROWS(retirement)},
    {TABLE(reversal), "Credit notes of paid invoices.",
     PERSON_KEPT, "",
     BOOKS,
     ROWS(reversal)},
    {TABLE(settlement_line), "What a partner has paid us for the member.",
     PERSON_EMPTIED, "partner line currency settlement_finding",
     "The partner's statement; it points at nobody any more.",
     ROWS(settlement_line)},
    {TABLE(slot), "Places for extra members as money, who bought them, and from where.",
     PERSON_EMPTIED, "slot_state slot_end change_effect currency plan actor_role actor_surface",
     BOOKS,
     ROWS(slot)},
    {TABLE(term), "Each anchor that the membership has had.",
     PERSON_KEPT, "zone term_cause lifted_plan",
     BOOKS,
     ROWS(term)},
    {TABLE(token_forget), "Methods that the payment provider is to forget.",
     PERSON_KEPT, "gateway token forget_state",
     "Until the provider has forgotten it; goes a day later.",
     ROWS(token_forget)},
    {TABLE(viewing), "When something was watched last.",
     PERSON_DELETED, "",
     "",
     ROWS(viewing)},
    {TABLE(webhook_delivery), "To whom events were told.",
     PERSON_KEPT, "event_type hook_state",
     "That something was told; it goes after webhook_log_days.",
     ROWS(webhook_delivery)},
    {TABLE(webhook_event), "What was told to other systems.",
     PERSON_EMPTIED, "event_type",
     "That something was told; what it was is gone.",
     ROWS(webhook_event)},
    {TABLE(work_item), "Cases that somebody must look at, and what came of them.",
     PERSON_EMPTIED, "work_kind priority opener_role work_state closer_role outcome",
     "Open work must be done; it says no more of whom.",
     ROWS(work_item)},
};
/* clang-format on */
const struct person_tables person_tables = {COUNT(tables), tables};
