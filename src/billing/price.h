/* price: announces prices that come into force later, to each member by itself (SPEC A-08).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/price_rules.h"
#include "db/db.h"

extern const struct fault PRICE_NOT_THERE, PRICE_NO_QUESTION;

struct price_change {
    const char *country, *plan, *from; /* the date on which the catalog has the new price */
    const char *after;                 /* `next` of the batch before; NULL: from the beginning */
    int64_t limit;                     /* members in one batch; 0: 1000 */
};
struct price_changed {
    const char *country, *plan, *from, *currency;
    int64_t old_minor, new_minor, notice_days;
    int64_t slot_old_minor, slot_new_minor; /* of each slot; 0: the plan has no price for them */
    bool consent;
    int64_t told;     /* members in this batch */
    const char *next; /* goes on as `after`; '' when everybody has been told */
};
/* Tells members whose month it changes, a batch in one commit, by an outbox message each, and dates
 * the price for them: it counts for periods that start when the notice is over, never for one that
 * is charged. Whoever has been told, or joined with that price or a newer one, is passed over, so
 * that it may be repeated, also for those who came since. Faults: COUNTRY_UNKNOWN, PLAN_UNKNOWN,
 * PRICE_NOT_THERE. */
enum status price_change(struct ctx *cx, const struct catalog *c, const struct price_change *in,
                         struct price_changed *out) MUST_CHECK;

struct price_ask {
    const char *member;
    int64_t account_id;
};
struct price_answer {
    const char *member, *plan, *from, *applies_on, *currency;
    int64_t old_minor, new_minor, consent;
    int64_t slots, slot_old_minor, slot_new_minor;
    int64_t total_old_minor, total_new_minor; /* of a whole month: the plan and these slots */
};
/* Whether a price waits for the member's consent. */
enum status price_question(struct ctx *cx, int64_t account_id, bool *open) MUST_CHECK;
/* Gives the consent that a country asks for: the new price counts from the announced date or, when
 * that is over, for the next period. Without it the old price goes on. Faults: PRICE_NO_QUESTION.
 */
enum status price_consent(struct ctx *cx, const struct price_ask *in,
                          struct price_answer *out) MUST_CHECK;
