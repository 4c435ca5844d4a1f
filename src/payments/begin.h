/* begin: starts, restarts and resumes - each wants its first payment and is PENDING until that is
 * answered (SPEC 2.2). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/method.h"

struct begin_start {
    const char *member; /* the operator's own id of the new member; NULL: its mem_… */
    const char *email, *name, *country, *region, *plan, *locale, *time_zone, *token;
    const char *consent, *surface; /* SPEC B-16 */
    /* Found out at the gateway by begin_describe. */
    const char *gateway;
    int64_t forget_seen; /* see payments/forget.h */
    struct gateway_method is;
};
struct begin_restart {
    const char *member;
    int64_t account_id;
    const char *plan; /* NULL: the same as before */
};
struct begin_confirm {
    const char *member;
    int64_t account_id;
    const char *code; /* that went to the account's contacts */
};
struct begin_resume {
    const char *member;
    int64_t account_id;
    bool preview; /* only tell the charge and the new date (SPEC G-06) */
};

struct begin_answer {
    const char *member, *plan;
    int64_t state;  /* of the membership, afterwards */
    int64_t trial;  /* what came of the payment */
    int64_t reason; /* of a decline, for the member */
    const char *text;
    int64_t amount_minor; /* of the payment, tax included; 0: none is needed */
    const char *currency;
    const char *anchor_on, *next_charge_on; /* once it is paid, or as it would be */
    const char *held_until; /* a restart that looks unusual waits so long (SPEC DT-3); '' */
    /* Between the use case and begin_try. */
    int64_t account_id;
    bool try_now;
};

extern const struct fault MEMBER_EXISTS, MEMBER_PLAN_CLOSED, METHOD_NEEDED;

/* Before begin_start and outside any transaction. Faults: as of method_describe. */
enum status begin_describe(struct ctx *cx, const struct world *w,
                           struct begin_start *in) MUST_CHECK;
/* Makes account, method, consent and a membership that is PENDING. After a refusal the same person
 * (same id, email and country) may try again. Faults: those of newcomer_read and method_add,
 * MEMBER_EXISTS, MEMBER_PLAN_CLOSED (SPEC A-10), BILLING_PAYMENT_IN_FLIGHT. */
enum status begin_start(struct ctx *cx, const struct catalog *c, const struct begin_start *in,
                        struct begin_answer *out) MUST_CHECK;
/* By the state (SPEC F-13, DT-3): while access lasts the end is undone; within the retention time a
 * new term begins on the day of payment, which asks for a fresh proof (SPEC F-12); after it
 * nothing. An owner's that looks unusual is held back: all contacts are asked, and nothing is
 * charged until then. Faults: those of billing_restart and billing_undo_cancel,
 * MEMBER_PLAN_UNKNOWN, MEMBER_PLAN_CLOSED, METHOD_NEEDED. */
enum status begin_restart(struct ctx *cx, const struct catalog *c, const struct begin_restart *in,
                          struct begin_answer *out) MUST_CHECK;
/* The owner confirms a restart that is held back. Faults: those of held_confirm. */
enum status begin_confirm(struct ctx *cx, const struct catalog *c, const struct begin_confirm *in,
                          struct begin_answer *out) MUST_CHECK;
/* Ends a pause: one that has not begun at no charge, else the payment begins a new term; refused,
 * it stays paused. Faults: those of pause_resume. */
enum status begin_resume(struct ctx *cx, const struct catalog *c, const struct begin_resume *in,
                         struct begin_answer *out) MUST_CHECK;
/* After these and outside any transaction: collects at once, and tells what came of it. */
enum status begin_try(struct ctx *cx, const struct world *w, const struct catalog *c,
                      struct begin_answer *out) MUST_CHECK;
