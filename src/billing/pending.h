/* pending: a start, restart or resume whose payment has no answer yet (SPEC 2.2). Its charge is for
 * period 0 of the next term; the invoice and the term are made when it is captured. Billing's own;
 * others use billing.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/dunning.h"
#include "billing/errand.h"

/* Moves to PENDING by `event` and wants the charge, rated as of the local date of `at`. A refusal
 * leads to `back`. The caller stores. Faults: BILLING_PAYMENT_IN_FLIGHT while an earlier payment of
 * the kind is in doubt, the RATE_ faults, MEMBERSHIP_NOT_NOW. */
struct pending_begin {
    enum membership_event_kind event;
    enum membership_state back;
    int64_t at;
};
enum status pending_begin(struct ctx *cx, const struct catalog *c, struct trouble *t,
                          const struct pending_begin *in) MUST_CHECK;
/* What it will cost from the local date of `at`: the rating that pending_begin makes. */
enum status pending_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                         int64_t at, struct rated *out) MUST_CHECK;

/* Whether an answered charge is such a payment's, in time or late. */
bool pending_is(const struct membership *m, const struct charge *c);
/* The answers. Captured in time: a new term. Late: it goes back by itself. */
enum status pending_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                             const struct charge *c, const struct settled *s) MUST_CHECK;
enum status pending_failed(struct ctx *cx, struct trouble *t, struct charge *c,
                           const struct settled *s, const char *code) MUST_CHECK;
enum status pending_unknown(struct ctx *cx, struct trouble *t, const struct charge *c,
                            const struct settled *s) MUST_CHECK;

/* The steps: a look-up of what is in doubt; pending_minutes are over. */
enum status pending_look_up(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
enum status pending_over(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
/* The errand: asks what became of a payment that nobody waits for. */
enum status pending_look_up_late(struct ctx *cx, const struct errand *e, int64_t at) MUST_CHECK;

/* ---- pauses ---- */

/* NULL when the owner may pause now, else why not, in the order of DT-4 (SPEC G-03). */
enum status pause_refusal(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                          const struct fault **why) MUST_CHECK;

/* The steps: the paid period is over; the pause is over. */
enum status pause_begin(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
enum status pause_over(struct ctx *cx, const struct catalog *c, struct trouble *t,
                       int64_t at) MUST_CHECK;
/* The errand: charging restarts soon. */
enum status pause_remind(struct ctx *cx, const struct errand *e, int64_t at) MUST_CHECK;

/* ---- cancels ---- */

/* The errand: a cancel that was begun is not finished (SPEC F-02). */
enum status cancel_remind(struct ctx *cx, const struct errand *e, int64_t at) MUST_CHECK;
/* At the end of a paid period: whether an ENDING membership goes on, because its owner chose so and
 * credit pays the next period whole (SPEC F-10). */
enum status cancel_goes_on(struct ctx *cx, const struct catalog *c, struct trouble *t, int64_t at,
                           bool *on) MUST_CHECK;
/* There is more credit: whoever ends when it is used up ends later. An end that a deletion has been
 * announced for stays. */
enum status cancel_reaches_further(struct ctx *cx, const struct catalog *c,
                                   int64_t account_id) MUST_CHECK;
/* Tells a completed cancel under `topic`, with its reference and final date (SPEC F-03). */
enum status cancel_tell(struct ctx *cx, const struct membership *m, const char *topic) MUST_CHECK;

/* MEMBERSHIP_PARTNER_BILLED unless we bill it. */
enum status refuse_partner(struct ctx *cx, const struct membership *m) MUST_CHECK;

/* The local date on which a pause that is decided or runs is over (SPEC G-05). */
int64_t pause_until_day(const struct membership *m);
