/* partners: takes what billing partners tell about memberships, each event once and in the order of
 * the member (SPEC D-13). What it does to a membership is billing's matter (biller.h).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "billing/billing.h"
#include "catalog/catalog.h"
#include "partners/settlement.h"

enum partner_event_kind {
    EVENT_PROVISION, /* announced; nothing begins yet */
    EVENT_ACTIVATE,
    EVENT_CHANGE_PLAN,
    EVENT_SUSPEND,
    EVENT_RESUME,
    EVENT_RENEWED,
    EVENT_CANCEL,
};
extern const struct names partner_events;

/* What became of an event. */
enum partner_outcome {
    OUTCOME_MOVED,
    OUTCOME_SAME,       /* it was so already */
    OUTCOME_LATE,       /* a newer event of this partner came before: kept, moves nothing */
    OUTCOME_NOT_THEIRS, /* somebody else bills this membership: kept, moves nothing */
};
extern const struct names partner_outcomes;

struct partner_tell {
    const char *member;
    int64_t account_id;
    const char *partner, *reference;
    int64_t event;
    int64_t sequence;                      /* ascending per member; 0: none, occurred_at orders */
    int64_t occurred_at;                   /* Unix ms */
    const char *plan;                      /* NULL: as it is */
    const char *period_start, *period_end; /* "2024-02-29", end exclusive; NULL */
    const char *end_on;                    /* cancel: the first date without access; NULL: today */
};
struct partner_answer {
    const char *member, *biller, *plan;
    int64_t outcome;
    bool known; /* told before, under this reference: nothing was done now */
    int64_t membership;
    const char *period_start, *period_end;
    /* Somebody with the same email or card pays on another account too (SPEC D-09). */
    int64_t doubles;
};

extern const struct fault PARTNER_UNKNOWN, PARTNER_CLOSED, PARTNER_PLAN, PARTNER_REFERENCE_REUSED,
    PARTNER_ORDER_MISSING, PARTNER_DATE, PARTNER_PERIOD;

/* Takes one event. Nothing is kept of a refused one, so that the partner may tell it again. Faults:
 * PARTNER_UNKNOWN, PARTNER_CLOSED (D-12), PARTNER_PLAN when it may not sell the plan,
 * PARTNER_REFERENCE_REUSED for another event, PARTNER_ORDER_MISSING, PARTNER_DATE, PARTNER_PERIOD,
 * BILLING_PAYMENT_IN_FLIGHT, MEMBERSHIP_NOT_NOW. */
enum status partner_event(struct ctx *cx, const struct catalog *c, const struct partner_tell *in,
                          struct partner_answer *out) MUST_CHECK;

/* Accounts that seem to be the same person's and pay too. */
struct partner_doubles {
    const char *member;
    int64_t account_id;
};
struct partner_double {
    const char *member, *biller; /* "" for an owner, who must prove the other one first (H-08) */
    const char *same;            /* email or card */
};
struct partner_doubles_view {
    const struct partner_double *doubles;
    size_t n;
    const char *way_out; /* what ends one of the two */
};
/* The same person paying directly and through a partner, or twice (SPEC D-09). */
enum status partner_doubles(struct ctx *cx, const struct catalog *c,
                            const struct partner_doubles *in,
                            struct partner_doubles_view *out) MUST_CHECK;
