/* change: another plan (SPEC ). What preview.change shows is what
 * membership.change_plan does: one offer serves both. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/change_rules.h"
#include "db/db.h"

extern const struct fault CHANGE_ON_HOLD, CHANGE_BY_PARTNER, CHANGE_NOT_NOW, CHANGE_RENEWAL_DUE,
    CHANGE_PLAN_CLOSED, CHANGE_PLAN_NOT_HERE, CHANGE_SAME_PLAN, CHANGE_LOSSES, CHANGE_NONE;

struct change_plan {
    const char *member;
    int64_t account_id;
    const char *plan;
    bool accept_losses; /* the owner has seen what will be lost and wants it (SPEC A-07) */
};
struct change_ref {
    const char *member;
    int64_t account_id;
};

struct slot_loss {
    const char *slot, *last_day; /* slt_…; the last local date with it */
};
/* A change as it would be, or as it is. */
struct change_view {
    const char *member, *change; /* pch_…; '' of a preview */
    const char *from_plan, *to_plan;
    int64_t effect, state; /* of a preview the state it would be in */
    const char *policy;    /* the country's, of enum change_policy */
    const char *effective_on;
    int64_t charge_net_minor, charge_tax_minor, charge_minor; /* now */
    const char *currency, *code;                              /* code: of a refusal */
    int64_t days_left;                                        /* of the period */
    const char *period_end; /* afterwards: earlier when the anchor is shifted */
    const char *next_charge_on;
    int64_t next_total_minor;
    size_t n_losses, n_slots;
    const struct loss *losses;
    const struct slot_loss *slots;
};

/* Shows what changing to the plan would do; changes nothing. Faults: those of change_plan but
 * CHANGE_LOSSES. */
enum status change_preview(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                           struct change_view *out) MUST_CHECK;
/* Changes the plan: a dearer or equal one by the country's policy, at once or once its charge is
 * paid; a cheaper one at the next date. Faults: CHANGE_ON_HOLD (SPEC A-05), CHANGE_BY_PARTNER,
 * CHANGE_NOT_NOW, CHANGE_RENEWAL_DUE, BILLING_PAYMENT_IN_FLIGHT, PLAN_UNKNOWN, CHANGE_PLAN_CLOSED,
 * CHANGE_PLAN_NOT_HERE, CHANGE_SAME_PLAN, CHANGE_LOSSES. */
enum status change_plan(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                        struct change_view *out) MUST_CHECK;
/* Withdraws a change that waits for the next date (SPEC A-04). Faults: CHANGE_NONE. */
enum status change_undo(struct ctx *cx, const struct catalog *c, const struct change_ref *in,
                        struct change_view *out) MUST_CHECK;
/* The newest change as it stands now. Faults: CHANGE_NONE. */
enum status change_look(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct change_view *out) MUST_CHECK;
