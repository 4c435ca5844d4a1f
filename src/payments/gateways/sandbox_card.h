/* sandbox_card: cards that were entered in the sandbox's own form. Their numbers are never stored:
 * what stays is a token, brand, last four, expiry and a keyed hash that tells the same card again.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/sandbox_card_rules.h"
#include "payments/gateways/sandbox_parts.h"

struct sandbox_card_made {
    const char *token;
    const char *brand, *last4, *funding, *issuing_country;
    int64_t expiry_month;
};
/* Makes a token of what was typed. Where a field is wrong *wrong says which, and the status is OK.
 */
enum status sandbox_card_make(struct gateway *g, const struct sandbox_card_form *form,
                              struct sandbox_card_error *wrong, struct sandbox_card_made *out,
                              struct arena *a, struct error *e) MUST_CHECK;
/* Whether the form made the token. */
enum status sandbox_card_is_of_form(struct sandbox *s, const char *token, bool *by_form,
                                    struct error *e) MUST_CHECK;
/* Puts the entered card's own last four and fingerprint in place of its token's; nothing when the
 * token was not made by the form. */
enum status sandbox_card_recall(struct sandbox *s, const char *token, struct gateway_method *m,
                                struct arena *a, struct error *e) MUST_CHECK;
