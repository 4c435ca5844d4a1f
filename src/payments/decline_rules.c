/* decline_rules: the table of decline codes. SPDX-License-Identifier: Apache-2.0 */
#include "payments/decline_rules.h"

#include <stdlib.h>
#include <string.h>

const struct names decline_classes =
    NAMES("", "never", "fix_data", "needs_member", "later", "technical");
const struct names decline_reasons =
    NAMES("", "funds", "expired_or_invalid", "bank_refused", "details_mismatch", "postal_mismatch");

const struct names decline_details = NAMES("", "number", "expiry", "code", "postal");

/* clang-format off */
static const struct decline declines[] = { /* sorted by code */
    {"approve_with_id",                  DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"authentication_required",          DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"call_issuer",                      DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"card_declined",                    DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"card_not_supported",               DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"card_velocity_exceeded",           DECLINE_LATER,        REASON_FUNDS,              true},
    {"currency_not_supported",           DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"do_not_honor",                     DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"do_not_try_again",                 DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"duplicate_transaction",            DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"expired_card",                     DECLINE_FIX_DATA,     REASON_EXPIRED_OR_INVALID, false},
    {"fraudulent",                       DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"generic_decline",                  DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"highest_risk_level",               DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"idempotency_key_in_use",           DECLINE_TECHNICAL,    REASON_BANK_REFUSED,       false},
    {"incorrect_address",                DECLINE_FIX_DATA,     REASON_DETAILS_MISMATCH,   false},
    {"incorrect_cvc",                    DECLINE_FIX_DATA,     REASON_DETAILS_MISMATCH,   false},
    {"incorrect_number",                 DECLINE_NEVER,        REASON_EXPIRED_OR_INVALID, false},
    {"incorrect_zip",                    DECLINE_FIX_DATA,     REASON_POSTAL_MISMATCH,    false},
    {"insufficient_funds",               DECLINE_LATER,        REASON_FUNDS,              true},
    {"invalid_account",                  DECLINE_NEVER,        REASON_EXPIRED_OR_INVALID, false},
    {"invalid_amount",                   DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"invalid_cvc",                      DECLINE_FIX_DATA,     REASON_DETAILS_MISMATCH,   false},
    {"invalid_expiry_month",             DECLINE_FIX_DATA,     REASON_EXPIRED_OR_INVALID, false},
    {"invalid_expiry_year",              DECLINE_FIX_DATA,     REASON_EXPIRED_OR_INVALID, false},
    {"invalid_number",                   DECLINE_NEVER,        REASON_EXPIRED_OR_INVALID, false},
    {"issuer_not_available",             DECLINE_TECHNICAL,    REASON_BANK_REFUSED,       true},
    {"lost_card",                        DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"merchant_blacklist",               DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"method_unknown",                   DECLINE_NEVER,        REASON_EXPIRED_OR_INVALID, false},
    {"new_account_information_available",
                                         DECLINE_FIX_DATA,     REASON_EXPIRED_OR_INVALID, false},
    {"no_action_taken",                  DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"not_permitted",                    DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"pickup_card",                      DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"processing_error",                 DECLINE_TECHNICAL,    REASON_BANK_REFUSED,       true},
    {"reenter_transaction",              DECLINE_TECHNICAL,    REASON_BANK_REFUSED,       true},
    {"restricted_card",                  DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"revocation_of_all_authorizations", DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"revocation_of_authorization",      DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"security_violation",               DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"service_not_allowed",              DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED,       false},
    {"stolen_card",                      DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"stop_payment_order",               DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"testmode_decline",                 DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"transaction_not_allowed",          DECLINE_NEVER,        REASON_BANK_REFUSED,       false},
    {"try_again_later",                  DECLINE_LATER,        REASON_BANK_REFUSED,       true},
    {"withdrawal_count_limit_exceeded",  DECLINE_LATER,        REASON_FUNDS,              true},
};
/* clang-format on */

/* What makes a decline stricter than its code alone; 02 and try_again_later say nothing new. */
static const struct {
    const char *advice;
    enum decline_class class;
    enum decline_reason reason; /* where the code told no better one */
} advices[] = {
    {"do_not_try_again",  DECLINE_NEVER,    REASON_BANK_REFUSED      },
    {"03",                DECLINE_NEVER,    REASON_BANK_REFUSED      }, /* Mastercard: never */
    {"21",                DECLINE_NEVER,    REASON_BANK_REFUSED      }, /* Mastercard: stop */
    {"confirm_card_data", DECLINE_FIX_DATA, REASON_DETAILS_MISMATCH  },
    {"01",                DECLINE_FIX_DATA, REASON_EXPIRED_OR_INVALID}, /* Mastercard: new data */
};

static const struct decline_action actions[DECLINE_ACTIONS] = {
    {"check_details",   false},
    {"check_funds",     false},
    {"ask_bank",        false},
    {"check_support",   false},
    {"other_method",    false},
    {"update_method",   false},
    {"contact_partner", true },
};

static int by_code(const void *key, const void *row)
{
    return strcmp(key, ((const struct decline *)row)->code);
}

const struct decline *decline_find(const char *code)
{
    return bsearch(code, declines, COUNT(declines), sizeof declines[0], by_code);
}

const struct decline *decline_list(size_t *n)
{
    *n = COUNT(declines);
    return declines;
}

/* The classes stand in the order of their strictness. */
struct decline decline_read(const char *code, const char *advice)
{
    const struct decline *known = decline_find(code);
    struct decline d =
        known ? *known : (struct decline){code, DECLINE_LATER, REASON_BANK_REFUSED, true};

    for (size_t i = 0; i < COUNT(advices); i++) {
        if (strcmp(advices[i].advice, advice) != 0 || advices[i].class >= d.class) continue;
        d.class = advices[i].class;
        d.retry = false;
        if (d.reason == REASON_BANK_REFUSED) d.reason = advices[i].reason;
    }
    return d;
}

const char *decline_kept(const char *code, const char *advice)
{
    enum decline_class const class = decline_read(code, advice).class;

    if (decline_read(code, "").class == class) return code;
    return class == DECLINE_NEVER ? "do_not_try_again" : "new_account_information_available";
}

enum decline_detail decline_detail(const char *code)
{
    static const struct {
        const char *code;
        enum decline_detail detail;
    } said[] = {
        {"expired_card",         DETAIL_EXPIRY},
        {"incorrect_cvc",        DETAIL_CODE  },
        {"incorrect_number",     DETAIL_NUMBER},
        {"incorrect_zip",        DETAIL_POSTAL},
        {"invalid_cvc",          DETAIL_CODE  },
        {"invalid_expiry_month", DETAIL_EXPIRY},
        {"invalid_expiry_year",  DETAIL_EXPIRY},
        {"invalid_number",       DETAIL_NUMBER},
    };

    for (size_t i = 0; i < COUNT(said); i++)
        if (strcmp(said[i].code, code) == 0) return said[i].detail;
    return DETAIL_NONE;
}

size_t decline_actions(bool packaged, const struct decline_action *out[static DECLINE_ACTIONS])
{
    size_t n = 0;

    for (size_t i = 0; i < DECLINE_ACTIONS; i++)
        if (packaged || !actions[i].packaged) out[n++] = &actions[i];
    return n;
}
