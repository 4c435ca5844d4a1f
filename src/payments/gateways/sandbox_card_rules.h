/* sandbox_card_rules: what the sandbox's card form takes. Only the public test cards, so that no
 * real
 * number is ever of use here. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* As they were typed. */
struct sandbox_card_form {
    const char *number; /* digits, blanks and dashes */
    const char *expiry; /* MM/YY or MM / YYYY */
    const char *cvc, *postal;
    int64_t today_month; /* year * 12 + month - 1 */
};
struct sandbox_card_read {
    const char *name; /* of the token that behaves so: "visa", "lost_card" */
    const char *brand, *last4;
    int64_t expiry_month;
};
/* What is wrong with a field, in the words of a payment provider; field NULL when nothing is. */
struct sandbox_card_error {
    const char *field, *code, *text;
};
/* `digits` receives the number's digits alone: for a keyed hash, and to be wiped. */
enum { SANDBOX_CARD_DIGITS = 20 };
struct sandbox_card_error sandbox_card_read(const struct sandbox_card_form *form,
                                            char digits[static SANDBOX_CARD_DIGITS],
                                            struct sandbox_card_read *out);
