/* guide: the questions people ask about money that left, answered from data (SPEC D-08, F-16, H-04
 * to H-07, H-14). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "billing/billing.h"
#include "billing/guide_rules.h"

struct guide_ask {
    const char *member;
    int64_t account_id;
    const char *locale;   /* of the texts; NULL: the account's */
    int64_t days;         /* how far back to look; 0: 62 */
    const char *on;       /* guide.unknown_charge: the date of the charge; NULL: any */
    int64_t amount_minor; /* and its amount; 0: any */
    int64_t steps_done;   /* guide.unknown_charge: 0 to 7 */
    bool stolen;          /* the card was stolen */
};

struct guide_evidence {
    const char *name, *value;
    const char *text; /* the value for people, as their language writes it */
};
struct guide_item {
    const char *code, *text;
    int64_t verdict;
    const struct guide_evidence *evidence;
    size_t n_evidence;
};
struct guide_answer {
    const struct guide_item *checks; /* all that was looked at, in order */
    size_t n_checks;
    const struct guide_item *causes; /* those that hold, or `none` */
    size_t n_causes;
    const struct guide_item *steps; /* guide.unknown_charge: all seven */
    size_t n_steps;
    const char *next_step, *next_text;
    const char *work; /* wrk_…: the case that was opened; '' */
};

/* Each opens a case with all the evidence when no cause is found although there is something to
 * explain (SPEC F-17, H-14). Faults: MEMBERSHIP_UNKNOWN, GUIDE_DATE. */
extern const struct fault GUIDE_DATE;
enum status guide_charged_twice(struct ctx *cx, const struct guide_ask *in,
                                struct guide_answer *out) MUST_CHECK;
enum status guide_unknown_charge(struct ctx *cx, const struct guide_ask *in,
                                 struct guide_answer *out) MUST_CHECK;
enum status guide_charged_after_cancel(struct ctx *cx, const struct guide_ask *in,
                                       struct guide_answer *out) MUST_CHECK;

struct sign_up_ask {
    const char *member;
    int64_t account_id;
    bool resend; /* the confirmation, to the account's own contact */
};
struct sign_up_answer {
    const char *biller, *plan, *joined_on, *how; /* how: the first term's cause */
    const char *currency, *billing_day;          /* '': not known; "31" */
    int64_t price_minor;                         /* a month of the plan; 0: not known */
    const char *confirmed_at;                    /* RFC 3339; '' when it came before the import */
    bool sent;
};
/* How this membership came about, as its first period was agreed on, whatever is so by now (SPEC
 * D-08). */
enum status guide_sign_up(struct ctx *cx, const struct sign_up_ask *in,
                          struct sign_up_answer *out) MUST_CHECK;
