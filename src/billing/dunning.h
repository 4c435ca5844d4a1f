/* dunning: one membership whose renewal is in trouble, with everything about it at hand. Billing's
 * own; others use billing.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "billing/dunning_rules.h"
#include "charge_sql.h"
#include "dunning_sql.h"

struct trouble {
    struct membership m;
    struct account account;
    const struct zone *zone;
    struct dunning d;
    struct dunning_dates dates; /* the same dates, for the rules */
    bool exists;                /* d is stored */
    struct settings rules;      /* of the account's country */
};

/* By the installation's rules, until trouble_in_country says which ones the catalog has. */
enum status trouble_load(struct ctx *cx, int64_t account_id, struct trouble *t) MUST_CHECK;
void trouble_in_country(struct trouble *t, const struct catalog *c);
/* What the next charge of a membership is for, but for anchor, period and reason. */
struct rate_in trouble_rate_in(const struct trouble *t);
/* What a month of the plan costs this member on a day: the catalog's price of the newest day of
 * prices that they have been told of (SPEC ). 0: the catalog has none. */
int64_t trouble_price(const struct catalog *c, const struct trouble *t, int64_t day);
/* The whole of it: the next period, with what takes the place of a retired plan; in grace the
 * unpaid one; on hold a new term at the next retry, or today where none is left. Faults:
 * BILLING_NO_NEXT_CHARGE, RETIRE_ENDS. */
enum status trouble_next_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              struct rate_in *in) MUST_CHECK;
/* The next period that is booked, past those that a lock or an outage has outlived. */
int64_t trouble_next_k(const struct ctx *cx, const struct trouble *t, int64_t at);
/* Begins dunning for a renewal's charge unless it has begun. */
void trouble_begin(struct trouble *t, const struct charge *c);
/* The local date of the debt's clock, which stands still while the account is locked (SPEC 2.2). */
int64_t trouble_today(const struct trouble *t, int64_t at);
enum status trouble_store(struct ctx *cx,
                          struct trouble *t) MUST_CHECK; /* dunning and membership */
enum status trouble_remove(struct ctx *cx, struct trouble *t) MUST_CHECK; /* dunning alone */
/* Sets the membership's next step, on a local date, never before `at`. */
void trouble_due(struct trouble *t, enum membership_step step, int64_t day, int64_t at);
/* The same by the rules of dunning. */
void trouble_next(struct trouble *t, int64_t at);

/* The charge that an attempt now would be for: in grace the unpaid renewal; on hold period 0 of a
 * new term, rated as of today's local date and made when it is missing. `open` is false when
 * nothing may be tried: an attempt is in flight, or the catalog cannot rate it today. */
enum status trouble_charge(struct ctx *cx, const struct catalog *cat, struct trouble *t, int64_t at,
                           struct charge *c, bool *open) MUST_CHECK;
/* The newest charge for a term that has not begun; *n is 0 or 1. */
enum status trouble_ahead(struct ctx *cx, const struct trouble *t, struct charge **c,
                          size_t *n) MUST_CHECK;
/* Makes the charge of period 0 of a new term; no attempt is begun. */
struct trouble_first {
    const struct rated *rated;
    int64_t term, catalog_version, at;
};
enum status trouble_first_charge(struct ctx *cx, const struct trouble *t,
                                 const struct trouble_first *f, int64_t *charge_id) MUST_CHECK;
/* Why what is unpaid was not even tried: HELD_BY_DISPUTE; '' when it was, or is paid. */
enum status trouble_held_back(struct ctx *cx, const struct trouble *t, const char **why) MUST_CHECK;
/* Whether an attempt's answer is still to come, and for which charge. */
enum status trouble_in_flight(struct ctx *cx, const struct trouble *t, bool *flies,
                              struct charge *c) MUST_CHECK;
/* Decides one more attempt, for what credit leaves; method 0 lets payments choose, or settle it
 * where credit pays all. */
enum status trouble_want(struct ctx *cx, struct charge *c, int64_t method_id,
                         enum recovery recovery, int64_t at) MUST_CHECK;
/* Takes everything unpaid back by credit note and gives up what was still to be collected (SPEC
 * E-20). */
enum status trouble_close_debt(struct ctx *cx, struct trouble *t, int64_t series,
                               int64_t at) MUST_CHECK;

/* An event that may end a membership. */
struct trouble_end {
    enum membership_event_kind event;
    const char *reason; /* '' or a decline's code */
    int64_t at, series;
    int64_t end_day; /* since which local date there is no access, should this end it */
};
/* The hold begins; the caller stores it. Faults: MEMBERSHIP_NOT_NOW. */
enum status trouble_hold(struct ctx *cx, struct trouble *t, const char *code,
                         int64_t at) MUST_CHECK;
/* Moves the membership and does what the row of SPEC 2.2 asks: closes the debt, starts the
 * retention clock. Faults: MEMBERSHIP_NOT_NOW. */
enum status trouble_move(struct ctx *cx, struct trouble *t, const struct trouble_end *e) MUST_CHECK;
/* Ends it as its owner's wish would, for another reason, and stores it. Faults: MEMBERSHIP_NOT_NOW,
 * BILLING_PAYMENT_IN_FLIGHT. */
enum status billing_end_because(struct ctx *cx, struct trouble *t, const char *reason) MUST_CHECK;
