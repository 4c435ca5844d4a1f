/* slot: extra-member slots as money - bought, charged, on hold, cancelled (SPEC O-02, O-03, O-12,
 * E-15). The people in them are another matter. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/change.h"

struct membership;

enum slot_state {
    SLOT_PENDING, /* its charge has no answer yet */
    SLOT_ACTIVE,
    SLOT_HOLD, /* its charge failed: no use until it is paid, or until paid_day (SPEC E-15) */
};
extern const struct names slot_states;
enum slot_end { SLOT_STAYS, SLOT_CANCELED, SLOT_LOST, SLOT_OVER };
extern const struct names slot_ends; /* none, canceled, plan_change, membership */

extern const struct fault SLOT_PLAN, SLOT_COUNTRY, SLOT_BILLER, SLOT_UNPAID, SLOT_NOT_NOW,
    SLOT_FULL, SLOT_UNKNOWN, SLOT_ENDING;

struct slot_buy {
    const char *member;
    int64_t account_id;
    bool preview; /* only show what it would cost */
};
struct slot_cancel {
    const char *member;
    int64_t account_id;
    const char *slot; /* slt_… */
};

struct slot_view {
    const char *slot; /* slt_… */
    int64_t slot_no, state, end_cause, effect;
    bool usable; /* today, for whoever will have it */
    bool alive;  /* it has not ended */
    const char *bought_on, *paid_from, *last_day;
    int64_t charge_minor; /* for the purchase, tax included */
    const char *currency;
};
struct slot_answer {
    const char *member, *slot; /* slt_…; '' of a preview */
    int64_t slot_no, state, end_cause, effect;
    bool usable;
    const char *bought_on, *paid_from, *last_day;
    int64_t charge_minor;
    const char *currency;
    const char *period_end, *next_charge_on;
    int64_t next_total_minor;
};

/* Buys one more slot by the country's policy; one that was cancelled and has not ended yet is kept
 * instead, for nothing; the charge of one on hold is tried again. It is charged from today on,
 * whether or not anybody uses it (SPEC O-12). Faults: SLOT_BILLER, SLOT_PLAN, SLOT_COUNTRY (the
 * failing factor, SPEC O-03), SLOT_UNPAID (DT-5), SLOT_FULL, SLOT_NOT_NOW,
 * BILLING_PAYMENT_IN_FLIGHT, CHANGE_RENEWAL_DUE. */
enum status slot_buy(struct ctx *cx, const struct catalog *c, const struct slot_buy *in,
                     struct slot_answer *out) MUST_CHECK;
/* Ends a slot with the period; one on hold at once. Faults: SLOT_UNKNOWN, SLOT_ENDING, SLOT_BILLER,
 * BILLING_PAYMENT_IN_FLIGHT. */
enum status slot_cancel(struct ctx *cx, const struct catalog *c, const struct slot_cancel *in,
                        struct slot_answer *out) MUST_CHECK;
/* A slot as it stands now. Faults: SLOT_UNKNOWN. */
enum status slot_look(struct ctx *cx, const struct catalog *c, int64_t account_id, int64_t slot_id,
                      struct slot_answer *out) MUST_CHECK;
/* All that the account has had, the newest first. */
enum status slot_list(struct ctx *cx, const struct membership *m, int64_t today,
                      struct slot_view **out, size_t *n) MUST_CHECK;
