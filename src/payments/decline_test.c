/* decline_test: every decline code has a class, a reason and words for the member.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/message.h"
#include "base/test.h"
#include "payments/decline_rules.h"

/* The codes that payment providers publish. */
static const char *const published[] = {
    "authentication_required",
    "approve_with_id",
    "call_issuer",
    "card_not_supported",
    "card_velocity_exceeded",
    "currency_not_supported",
    "do_not_honor",
    "do_not_try_again",
    "duplicate_transaction",
    "expired_card",
    "fraudulent",
    "generic_decline",
    "incorrect_cvc",
    "incorrect_number",
    "insufficient_funds",
    "invalid_account",
    "invalid_amount",
    "issuer_not_available",
    "lost_card",
    "merchant_blacklist",
    "pickup_card",
    "processing_error",
    "reenter_transaction",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "stolen_card",
    "testmode_decline",
    "transaction_not_allowed",
    "try_again_later",
    "withdrawal_count_limit_exceeded",
};

static void table_is_sorted_and_whole(void **state)
{
    size_t n;
    const struct decline *all = decline_list(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        if (i && strcmp(all[i - 1].code, all[i].code) >= 0) FAIL("%s is out of order", all[i].code);
        CHECK(decline_find(all[i].code) == &all[i]);
        CHECK(all[i].class != DECLINE_NONE && all[i].reason != REASON_NONE);
        bool const waits = all[i].class == DECLINE_LATER || all[i].class == DECLINE_TECHNICAL;
        if (all[i].retry && !waits) FAIL("%s may not be retried", all[i].code);
    }
    for (size_t i = 0; i < COUNT(published); i++)
        if (!decline_find(published[i])) FAIL("%s is missing", published[i]);
}

static void never_again(void **state)
{
    static const char *const codes[] = {
        "lost_card",
        "stolen_card",
        "pickup_card",
        "invalid_account",
        "incorrect_number",
        "do_not_try_again",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "transaction_not_allowed",
    };
    static const char *const advices[] = {"do_not_try_again", "03", "21"};
    size_t n;
    const struct decline *all = decline_list(&n);

    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct decline const d = decline_read(codes[i], "try_again_later");
        if (d.class != DECLINE_NEVER || d.retry) FAIL("%s is tried again", codes[i]);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT(advices); k++) {
            struct decline const d = decline_read(all[i].code, advices[k]);
            if (d.class != DECLINE_NEVER || d.retry)
                FAIL("%s with %s is tried again", all[i].code, advices[k]);
        }
    CHECK(decline_read("a_new_code", "03").class == DECLINE_NEVER);
    CHECK(strcmp(decline_kept("do_not_honor", "03"), "do_not_try_again") == 0);
    CHECK(strcmp(decline_kept("stolen_card", "03"), "stolen_card") == 0);
}

static void advice_only_tightens(void **state)
{
    static const char *const advices[] = {
        "",  "01", "02", "03", "21", "try_again_later", "confirm_card_data", "do_not_try_again",
        "99"};
    size_t n;
    const struct decline *all = decline_list(&n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT(advices); k++) {
            struct decline const d = decline_read(all[i].code, advices[k]);
            CHECK(d.class <= all[i].class && d.retry <= all[i].retry);
        }
    CHECK(decline_read("processing_error", "try_again_later").class == DECLINE_TECHNICAL);
    struct decline const renewed = decline_read("do_not_honor", "01");
    CHECK(renewed.class == DECLINE_FIX_DATA && renewed.reason == REASON_EXPIRED_OR_INVALID);
    struct decline const typed = decline_read("generic_decline", "confirm_card_data");
    CHECK(typed.class == DECLINE_FIX_DATA && typed.reason == REASON_DETAILS_MISMATCH);
}

static void reasons(void **state)
{
    static const struct {
        const char *code;
        enum decline_class class;
        enum decline_reason reason;
    } rows[] = {
        {"insufficient_funds",      DECLINE_LATER,        REASON_FUNDS             },
        {"card_velocity_exceeded",  DECLINE_LATER,        REASON_FUNDS             },
        {"expired_card",            DECLINE_FIX_DATA,     REASON_EXPIRED_OR_INVALID},
        {"incorrect_number",        DECLINE_NEVER,        REASON_EXPIRED_OR_INVALID},
        {"incorrect_cvc",           DECLINE_FIX_DATA,     REASON_DETAILS_MISMATCH  },
        {"incorrect_zip",           DECLINE_FIX_DATA,     REASON_POSTAL_MISMATCH   },
        {"authentication_required", DECLINE_NEEDS_MEMBER, REASON_BANK_REFUSED      },
        {"do_not_honor",            DECLINE_LATER,        REASON_BANK_REFUSED      },
        {"processing_error",        DECLINE_TECHNICAL,    REASON_BANK_REFUSED      },
        {"fraudulent",              DECLINE_NEVER,        REASON_BANK_REFUSED      },
        {"lost_card",               DECLINE_NEVER,        REASON_BANK_REFUSED      },
        {"stolen_card",             DECLINE_NEVER,        REASON_BANK_REFUSED      },
        {"merchant_blacklist",      DECLINE_NEVER,        REASON_BANK_REFUSED      },
        {"never_heard_of",          DECLINE_LATER,        REASON_BANK_REFUSED      },
        {"",                        DECLINE_LATER,        REASON_BANK_REFUSED      },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct decline const d = decline_read(rows[i].code, "");
        if (d.class != rows[i].class || d.reason != rows[i].reason)
            FAIL("%s is read wrongly", rows[i].code);
        CHECK(strcmp(d.code, rows[i].code) == 0);
    }
    CHECK(decline_read("never_heard_of", "").retry);
    CHECK(!decline_read("idempotency_key_in_use", "").retry);
}

static void words_for_people(void **state)
{
    (void)state;
    CLEANUP(arena_clear) struct arena arena = {0};

    CHECK(decline_reasons.n == 6 && decline_classes.n == 6);
    CHECK(strcmp(decline_reasons.at[REASON_POSTAL_MISMATCH], "postal_mismatch") == 0);
    CHECK(strcmp(decline_classes.at[DECLINE_TECHNICAL], "technical") == 0);
    for (size_t i = 1; i < decline_reasons.n; i++) {
        const char *text = message_of(&arena, "en", "decline", decline_reasons.at[i]);
        CHECK(strlen(text) > 20 && text[strlen(text) - 1] == '.');
        CHECK(!strstr(text, "stolen") && !strstr(text, "fraud") && !strstr(text, "lost"));
    }
}

static void seven_actions(void **state)
{
    static const char *const order[] = {"check_details",  "check_funds",  "ask_bank",
                                        "check_support",  "other_method", "update_method",
                                        "contact_partner"};
    const struct decline_action *out[DECLINE_ACTIONS];
    CLEANUP(arena_clear) struct arena arena = {0};

    (void)state;
    CHECK(decline_actions(true, out) == 7);
    for (size_t i = 0; i < 7; i++) CHECK(strcmp(out[i]->code, order[i]) == 0);
    CHECK(decline_actions(false, out) == 6);
    for (size_t i = 0; i < 6; i++)
        CHECK(strcmp(out[i]->code, order[i]) == 0 &&
              message_exists(arena_printf(&arena, "todo.%s", order[i])));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-12 every code has a class and a reason", table_is_sorted_and_whole),
        CASE("E-11 lost, stolen, closed and do-not-try-again are never retried", never_again),
        CASE("E-11 an advice code only makes a decline stricter", advice_only_tightens),
        CASE("E-12 codes read as the five reasons, unknown ones as refused by the bank", reasons),
        CASE("E-12 each reason has a sentence that accuses nobody", words_for_people),
        CASE("C-14 the decline page lists seven actions", seven_actions),
    };
    return RUN_CASES("decline", cases);
}
