/* pause: a voluntary break that begins at the end of the paid period (SPEC G, DT-4); not to be
 * confused with a hold (G-09). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "membership/membership.h"

struct pause_do {
    const char *member;
    int64_t account_id;
};
struct pause_view {
    const char *member;
    int64_t state;
    int64_t months;        /* of the pause in all */
    const char *pause_on;  /* the first local date without access */
    const char *resume_on; /* when charging restarts (SPEC G-05) */
    int64_t amount_minor;  /* of that charge, as the catalog is today */
    const char *currency;
};

extern const struct fault PAUSE_PLAN, PAUSE_METHOD, PAUSE_PAYMENT_PROBLEM, PAUSE_LIMIT,
    PAUSE_ALREADY, PAUSE_NONE;

/* Whether the kind of the primary method can pause; without one nothing forbids it (SPEC G-03). */
enum status pause_method(struct ctx *cx, const struct membership *m, bool *pausable) MUST_CHECK;

/* Whether its kind is among these words, with commas between them; of no method: *in as it was. */
enum status pause_method_in(struct ctx *cx, const struct membership *m, const char *kinds,
                            bool *in) MUST_CHECK;

/* Decides a pause of pause_months from the end of the paid period on. Faults: those above,
 * MEMBERSHIP_PARTNER_BILLED, ACCOUNT_LOCKED, MEMBERSHIP_NOT_NOW. */
enum status pause_decide(struct ctx *cx, const struct catalog *c, const struct pause_do *in,
                         struct pause_view *out) MUST_CHECK;
/* Makes one that is decided or runs longer by pause_months, to pause_max_months in all (SPEC G-04).
 * Faults: PAUSE_NONE, PAUSE_LIMIT. */
enum status pause_extend(struct ctx *cx, const struct catalog *c, const struct pause_do *in,
                         struct pause_view *out) MUST_CHECK;
/* Ends it: one that has not begun is withdrawn without a charge (SPEC G-07), else the membership is
 * PENDING and *charged true. Faults: PAUSE_NONE, ACCOUNT_LOCKED, BILLING_PAYMENT_IN_FLIGHT,
 * RETIRE_ENDS, the RATE_ faults. */
enum status pause_resume(struct ctx *cx, const struct catalog *c, int64_t account_id,
                         bool *charged) MUST_CHECK;

/* What ending it now would cost, and the dates that follow. Faults: as of pause_resume. */
struct pause_offer {
    int64_t amount_minor; /* 0: it has not begun, so nothing is due now */
    const char *currency;
    int64_t anchor_day, next_day;
    const char *plan; /* another one where the plan is retired by then */
};
enum status pause_offer(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct pause_offer *out) MUST_CHECK;
