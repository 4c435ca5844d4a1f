/* match: what a line of a bank statement is, for somebody who need not be signed in - the kind of
 * match alone, never whose (SPEC H-06, X-10). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "billing/match_rules.h"
#include "db/db.h"

struct charge_match {
    const char *on; /* the date on the statement */
    int64_t amount_minor;
    const char *currency, *last4, *descriptor;
    const char *locale; /* of the text; NULL: English */
};
struct match_answer {
    int64_t kind;
    const char *text, *next_step;
};

extern const struct fault MATCH_DATE, MATCH_LAST4, MATCH_TRIES;

/* Looks through the charges of methods with these last four digits, and of partners by the
 * descriptor. Where one account alone fits, its own contact gets the details. A hit and a miss do
 * the same work. Faults: MATCH_DATE, MATCH_LAST4, MATCH_TRIES. */
enum status charge_match(struct ctx *cx, const struct catalog *c, const struct charge_match *in,
                         struct match_answer *out) MUST_CHECK;
