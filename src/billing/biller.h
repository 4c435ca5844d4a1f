/* biller: memberships whose money a partner collects. Such a membership has the partner's dates and
 * nothing of ours is ever due for it: no charge, no dunning (SPEC B-07, D-16).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "biller_sql.h"
#include "membership/membership.h"

struct catalog;
struct partner;

/* The work item that keeps a cancellation open until the partner's event arrives (SPEC D-06). */
#define WORK_PARTNER_CANCEL "membership.partner_cancel"

bool is_partner_billed(const struct membership *m);

/* The owner asks to end what a partner bills: nothing is ended; the request stays open, once. */
enum status biller_ask_cancel(struct ctx *cx, const struct membership *m) MUST_CHECK;
/* When that was; 0: there is no open request. */
enum status biller_cancel_asked(struct ctx *cx, int64_t account_id, int64_t *at) MUST_CHECK;

/* A period that a partner has billed, for people: it stands in a history in place of a charge (SPEC
 * D-07). Days are "2024-02-05", until exclusive; '' where only the partner knows them. */
struct biller_period {
    const char *partner, *name; /* its code, and as it is called */
    const char *period_start, *period_end, *plan;
    const char *place, *link; /* where its bill is; link '' when there is none */
    const char *text;         /* all that in a sentence */
};
/* The newest first, that in which a partner bills the membership now among them. */
enum status biller_periods(struct ctx *cx, const struct catalog *c, const struct membership *m,
                           const char *locale, const struct biller_period **out,
                           size_t *n) MUST_CHECK;

/* What a partner says of a membership, in order. Days are local dates; until_day is exclusive, of
 * TELL_CANCEL the first day without access (0: today). */
enum partner_tale {
    TELL_ACTIVATE, /* from now on it bills, whoever did before (SPEC D-10) */
    TELL_CHANGE_PLAN,
    TELL_SUSPEND,
    TELL_RESUME,
    TELL_RENEWED,
    TELL_CANCEL,
};
struct partner_told {
    int64_t account_id;
    const struct partner *partner;
    enum partner_tale tale;
    const char *plan; /* "": as it is */
    int64_t start_day, until_day;
};
/* Does to the membership what its biller says, inside the caller's transaction. *moved is false
 * when it was so already. Of a member of ours it stops our charges at once and keeps the days that
 * are paid; when the partner's part ends, they are served, and then we charge again - after notice
 * with date and amount, and only where no consent is asked for; else the membership ends.
 * Faults: BILLING_PAYMENT_IN_FLIGHT, MEMBERSHIP_NOT_NOW. */
enum status biller_told(struct ctx *cx, const struct catalog *c, const struct partner_told *told,
                        bool *moved) MUST_CHECK;
