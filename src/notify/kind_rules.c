/* kind_rules: the table of messages. SPDX-License-Identifier: Apache-2.0 */
#include "notify/kind_rules.h"

#include <string.h>

#include "membership/membership.h"

const struct names channels = NAMES("email", "text", "push");

/* clang-format off */
#define E    (1U << CHANNEL_EMAIL)
#define P    (1U << CHANNEL_PUSH)
#define ALL  (E | P | 1U << CHANNEL_TEXT)
#define DAYS(n) ((n) * 24)
#define IN(state) (1U << (state))

#define SECURITY .urgency = URGENCY_SECURITY
#define ANSWER   .urgency = URGENCY_ANSWER
#define ROUTINE  .urgency = URGENCY_ROUTINE
#define TO(list) .channels = (list)
#define TO_ALL   .channels = ALL, .everywhere = true
#define NEXT     .next = true
#define LATE(hours) .stale_hours = (hours)
#define UNTIL(fact) .until = (fact)
#define WHILE(set)  .states = (set)
#define FORETELLS .foretells = true

#define W(fact) {ARG_WORD, fact, NULL}
#define T(fact) {ARG_TEXT, fact, NULL}
#define D(fact) {ARG_DATE, fact, NULL}
#define M(fact) {ARG_MONEY, fact, "currency"}
#define M_IN(fact, currency) {ARG_MONEY, fact, currency}
#define SAYS(...) .args = {__VA_ARGS__}
#define CANCEL_FACTS SAYS(D("last_day"), T("reference"), D("kept_until"))
#define SIGN_UP_FACTS                                                                              \
    SAYS(T("biller_name"), T("plan_name"), M_IN("price_minor", "price_currency"),                  \
         T("billing_day"), T("email"), D("joined_on"))
#define PAUSE_FACTS SAYS(D("pause_on"), D("resume_on"))
#define PLAN_FACTS  SAYS(T("from_name"), T("to_name"), D("effective_on"), M("amount_minor"))
#define DAY_FACTS   SAYS(D("days_from"), D("days_until"), M("amount_minor"), D("moved_to"))
#define SLOT_FACTS  SAYS(D("from"), D("last_day"), M("amount_minor"))
#define REFUND_FACTS SAYS(M("amount_minor"), W("to"))
#define PARTNER_FACTS SAYS(T("partner_name"), T("plan_name"), T("place"), D("period_end"))
#define METHOD_FACTS SAYS(T("method_name"), D("next_charge_on"))

const struct message_kind message_kinds[] = {
    /* joining, restarting, resuming */
    {"membership.started", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)), SIGN_UP_FACTS},
    {"membership.confirmation_again", ANSWER, TO(E), NEXT, LATE(DAYS(7)), SIGN_UP_FACTS},
    {"membership.payment_refused", ANSWER, TO(E | P), LATE(DAYS(2)), SAYS(M("amount_minor"))},
    {"membership.late_payment", ROUTINE, TO(E), LATE(DAYS(30)), SAYS(M("amount_minor"))},
    {"membership.restart_begun", SECURITY, TO_ALL, LATE(DAYS(14)),
     SAYS(T("plan_name"), D("at_on"), T("device"), T("not_me_code"))},
    {"membership.restart_blocked", SECURITY, TO_ALL, LATE(DAYS(14)),
     SAYS(D("at_on"), T("device"), T("country"))},
    {"membership.restart_held", SECURITY, TO_ALL, LATE(DAYS(14)),
     SAYS(D("at_on"), T("device"), T("country"), T("confirm_code"), T("not_me_code"))},
    {"membership.restart_dropped", ANSWER, TO_ALL, LATE(DAYS(14))},
    {"membership.restarted", SECURITY, TO_ALL, NEXT, LATE(DAYS(14)),
     SAYS(T("plan_name"), M("amount_minor"))},
    {"membership.restart_undone", SECURITY, TO_ALL, LATE(DAYS(14)),
     SAYS(M("amount_minor"), M("waits_minor"))},
    {"membership.resumed", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)),
     SAYS(T("plan_name"), M("amount_minor"))},

    /* charges */
    {"account.compare_code", SECURITY, TO_ALL, LATE(1), SAYS(T("compare_code"))},
    {"charge.matched", ANSWER, TO(E), LATE(DAYS(7)),
     SAYS(T("charge"), M("amount_minor"), D("on"))},
    {"billing.renewed", ROUTINE, TO(E), NEXT, LATE(DAYS(14)),
     SAYS(M("amount_minor"), M("credit_minor"))},
    {"billing.credit_low", ROUTINE, TO(E | P), NEXT, LATE(DAYS(7)), FORETELLS, UNTIL("short_on"),
     SAYS(M("balance_minor"), D("short_on"), M("charge_minor"), M("short_minor"))},
    {"billing.refund_decided", ROUTINE, TO(E), LATE(DAYS(14)), REFUND_FACTS},
    {"billing.refunded", ROUTINE, TO(E), LATE(DAYS(14)), REFUND_FACTS},
    {"billing.refund_failed", ROUTINE, TO(E), LATE(DAYS(14)), REFUND_FACTS},
    {"billing.dispute_opened", ROUTINE, TO(E), LATE(DAYS(14)), SAYS(M("amount_minor"))},
    {"billing.dispute_won", ROUTINE, TO(E), LATE(DAYS(30)), SAYS(M("amount_minor"))},
    {"billing.dispute_lost", ROUTINE, TO(E), LATE(DAYS(30)), SAYS(M("amount_minor"))},
    {"price.notice", ROUTINE, TO(E | P), NEXT, LATE(DAYS(14)), UNTIL("applies_on"),
     SAYS(T("plan_name"), M("old_minor"), M("new_minor"), D("applies_on"), W("asks_consent"),
          M("slot_old_minor"), M("slot_new_minor"), M("total_old_minor"), M("total_new_minor"),
          W("changes"))},
    {"plan.retiring", ROUTINE, TO(E | P), NEXT, LATE(DAYS(14)), UNTIL("applies_on"), FORETELLS,
     SAYS(T("plan_name"), D("last_day"), T("to_name"), M("amount_minor"), T("choices_text"))},

    /* a payment that fails */
    {"membership.grace_started", ROUTINE, TO(ALL), NEXT, LATE(DAYS(3)), UNTIL("grace_until"),
     WHILE(IN(M_GRACE)), SAYS(D("grace_until"), M("amount_minor"), W("held_back"))},
    {"membership.grace_reminder", ROUTINE, TO(E | P), NEXT, LATE(DAYS(2)), UNTIL("grace_until"),
     WHILE(IN(M_GRACE)), SAYS(D("grace_until"))},
    {"membership.held", ROUTINE, TO(ALL), NEXT, LATE(DAYS(7)), WHILE(IN(M_HOLD)),
     SAYS(D("hold_until"), W("held_back"))},
    {"membership.recovered", ROUTINE, TO(E | P), NEXT, LATE(DAYS(7)), SAYS(M("amount_minor"))},

    /* ending */
    {"membership.cancel_unfinished", ROUTINE, TO(E | P), NEXT, LATE(DAYS(3)),
     WHILE(IN(M_ACTIVE) | IN(M_GRACE) | IN(M_HOLD) | IN(M_PAUSED)), SAYS(D("since_on"))},
    {"membership.cancel_form_received", ANSWER, TO(E), LATE(DAYS(30)),
     SAYS(T("form"), T("received_text"), W("outcome"), D("last_day"), T("keep_code"), T("route"))},
    {"membership.ending", ANSWER, TO(E | P), LATE(DAYS(14)),
     SAYS(D("last_day"), T("reference"), D("kept_until"), T("partner_name"), T("place"))},
    {"membership.canceled", ANSWER, TO(E | P), LATE(DAYS(14)), CANCEL_FACTS},
    {"membership.cancel_confirmed", ANSWER, TO(E), LATE(DAYS(14)), CANCEL_FACTS},
    {"membership.cancel_undone", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)), SAYS({0})},
    {"membership.ended", ROUTINE, TO(E), LATE(DAYS(14)), SAYS(D("kept_until"))},
    {"membership.withdrawn", ANSWER, TO(E), LATE(DAYS(14)),
     SAYS(M("amount_minor"), M("waits_minor"))},
    {"membership.use_question", ROUTINE, TO(E | P), NEXT, LATE(DAYS(14)), UNTIL("answer_by"),
     WHILE(IN(M_ACTIVE)), SAYS(D("answer_by"))},
    {"membership.unused_ended", ROUTINE, TO(E), LATE(DAYS(14)), SAYS(D("last_day"))},

    /* pausing */
    {"pause.decided", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)), PAUSE_FACTS},
    {"pause.extended", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)), PAUSE_FACTS},
    {"pause.withdrawn", ANSWER, TO(E), NEXT, LATE(DAYS(7)), SAYS({0})},
    {"membership.paused", ROUTINE, TO(E | P), NEXT, LATE(DAYS(7)), WHILE(IN(M_PAUSED)),
     PAUSE_FACTS},
    {"membership.resume_reminder", ROUTINE, TO(E | P), NEXT, LATE(DAYS(3)), UNTIL("resume_on"),
     WHILE(IN(M_PAUSED)), PAUSE_FACTS},

    /* plans and slots */
    {"membership.plan_changed", ROUTINE, TO_ALL, NEXT, LATE(DAYS(7)), PLAN_FACTS},
    {"membership.plan_change_scheduled", ANSWER, TO_ALL, NEXT, LATE(DAYS(7)), PLAN_FACTS},
    {"membership.plan_change_withdrawn", ANSWER, TO(E | P), NEXT, LATE(DAYS(7)), PLAN_FACTS},
    {"membership.plan_change_refused", ROUTINE, TO(E | P), NEXT, LATE(DAYS(3)), PLAN_FACTS},
    {"membership.billing_day_moved", ROUTINE, TO_ALL, NEXT, LATE(DAYS(7)), DAY_FACTS},
    {"membership.billing_day_refused", ROUTINE, TO(E | P), NEXT, LATE(DAYS(3)), DAY_FACTS},
    {"slot.bought", ANSWER, TO_ALL, NEXT, LATE(DAYS(7)), SLOT_FACTS},
    {"slot.paid", ROUTINE, TO(E), NEXT, LATE(DAYS(7)), SLOT_FACTS},
    {"slot.held", ROUTINE, TO(E | P), NEXT, LATE(DAYS(7)), SLOT_FACTS},
    {"slot.canceled", ANSWER, TO_ALL, NEXT, LATE(DAYS(7)), SLOT_FACTS},
    {"slot.kept", ANSWER, TO(E), NEXT, LATE(DAYS(7)), SLOT_FACTS},

    /* methods */
    {"method.added", SECURITY, TO_ALL, LATE(DAYS(14)), METHOD_FACTS},
    {"method.updated", SECURITY, TO_ALL, LATE(DAYS(14)), METHOD_FACTS},
    {"method.removed", SECURITY, TO_ALL, LATE(DAYS(14)), METHOD_FACTS},
    {"method.primary_changed", SECURITY, TO_ALL, LATE(DAYS(14)), METHOD_FACTS},
    {"method.replaced", ROUTINE, TO(E), LATE(DAYS(14)), METHOD_FACTS},
    {"method.closed", ROUTINE, TO(E), LATE(DAYS(14)), METHOD_FACTS},
    {"method.revoked", ROUTINE, TO(E), LATE(DAYS(14)), METHOD_FACTS},
    {"method.expires", ROUTINE, TO(E | P), NEXT, LATE(DAYS(14)), UNTIL("next_charge_on"),
     FORETELLS, METHOD_FACTS},
    {"method.endangers_charge", ROUTINE, TO(E | P), NEXT, LATE(DAYS(14)), UNTIL("next_charge_on"),
     FORETELLS, METHOD_FACTS},

    /* the account */
    {"account.locked", SECURITY, TO_ALL, LATE(DAYS(14)), SAYS({0})},
    {"account.unlocked", SECURITY, TO_ALL, LATE(DAYS(14)), SAYS({0})},
    {"contact.changed", SECURITY, TO_ALL, .old_contact = true, LATE(DAYS(14)), SAYS(W("which"))},
    {"account.erase_announced", ROUTINE, TO(E), LATE(DAYS(30)), UNTIL("erase_on"),
     WHILE(IN(M_CANCELED)), SAYS(D("erase_on"))},
    {"account.delete_decided", ANSWER, TO(E), LATE(DAYS(14)), SAYS(D("erase_on"))},
    {"account.delete_undone", ANSWER, TO(E), LATE(DAYS(14)), SAYS({0})},

    /* partners */
    {"membership.partner_activated", ANSWER, TO(E), NEXT, LATE(DAYS(14)), PARTNER_FACTS},
    {"membership.partner_plan", ROUTINE, TO(E), NEXT, LATE(DAYS(14)), PARTNER_FACTS},
    {"membership.partner_held", ROUTINE, TO(E | P), LATE(DAYS(7)), WHILE(IN(M_HOLD)),
     PARTNER_FACTS},
    {"membership.partner_resumed", ROUTINE, TO(E), NEXT, LATE(DAYS(7)), PARTNER_FACTS},
    {"membership.direct_resumes", ROUTINE, TO(E | P), LATE(DAYS(14)), UNTIL("next_charge_on"),
     SAYS(T("partner_name"), D("next_charge_on"), M("total_minor"))},
    {"membership.paid_twice", ROUTINE, TO(E), LATE(DAYS(14)), PARTNER_FACTS},
};
/* clang-format on */
const size_t n_message_kinds = COUNT(message_kinds);

const struct silent_topic silent_topics[] = {
    {"account.compare_none",
     "It is nobody's; it is written so that it takes as long as for somebody."                },
    {"charge.match_none",
     "Nobody has paid it; it is written so that a miss costs what a hit costs."               },
    {"account.erased",
     "Nobody is left to write to; account.erase_announced and account.delete_decided told it."},
};
const size_t n_silent_topics = COUNT(silent_topics);

const struct message_kind *message_kind_find(const char *topic)
{
    for (size_t i = 0; i < n_message_kinds; i++)
        if (strcmp(message_kinds[i].topic, topic) == 0) return &message_kinds[i];
    return NULL;
}
