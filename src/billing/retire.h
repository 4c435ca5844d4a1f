/* retire: plans that end - members on them are told, choose another, and get what the catalog says
 * if they do not (SPEC A-10). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/change.h"
#include "billing/explain_rules.h"
#include "billing/retire_rules.h"

struct errand;
struct membership;
struct trouble;

extern const struct fault RETIRE_NONE, RETIRE_ENDS;

enum retire_default_action { RETIRE_MOVE, RETIRE_END };
extern const struct names retire_default_actions;

struct retire_choice {
    const char *plan, *name;
    int64_t price_minor; /* list price of a month */
    int64_t total_minor; /* of the first period, with the slots that stay and tax */
    bool is_default, chosen;
    size_t n_losses, n_slots;
    const struct loss *losses;
    const struct slot_loss *slots;
};
/* The choice screen. */
struct retire_view {
    const char *member, *plan, *plan_name;
    const char *last_day;  /* the last local date with it; until then the choice may be changed */
    const char *starts_on; /* what takes its place starts on this date */
    int64_t without_choice;
    const char *default_plan, *chosen_plan; /* '' ends; '' nothing chosen yet */
    const char *currency;
    size_t n_choices;
    const struct retire_choice *choices;
};

/* What a member whose plan is retired can choose. Faults: RETIRE_NONE. */
enum status plan_choices(struct ctx *cx, const struct catalog *c, const struct change_ref *in,
                         struct retire_view *out) MUST_CHECK;
/* Chooses, or chooses anew, what takes the plan's place; the same again is nothing. Faults:
 * RETIRE_NONE, CHANGE_BY_PARTNER, CHANGE_ON_HOLD, CHANGE_NOT_NOW, BILLING_PAYMENT_IN_FLIGHT,
 * PLAN_UNKNOWN, CHANGE_SAME_PLAN, CHANGE_PLAN_CLOSED, CHANGE_PLAN_NOT_HERE, CHANGE_LOSSES. */
enum status plan_choose(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                        struct retire_view *out) MUST_CHECK;

/* What was chosen in place of the plan counts no more: its owner has thought better of it, or has
 * planned another change. */
enum status retire_forget_choice(struct ctx *cx, const struct membership *m) MUST_CHECK;

/* Plans to tell the members of plans whose retirement is near; once for each catalog and UTC month
 * (any number that grows with them), however often it is called. */
enum status retire_find(struct ctx *cx, const struct catalog *c, int64_t month,
                        int64_t at) MUST_CHECK;
/* The errands: tells a member; does what was chosen, or what happens without a choice. */
enum status retire_tell(struct ctx *cx, const struct catalog *c, const struct errand *e,
                        int64_t at) MUST_CHECK;
enum status retire_act(struct ctx *cx, const struct catalog *c, const struct errand *e,
                       int64_t at) MUST_CHECK;

/* Whether the owner has a plan to choose. */
enum status retire_is_asked(struct ctx *cx, const struct membership *m, bool *asked) MUST_CHECK;
/* Whether a period of a plan that the catalog has no more must wait, because the member was told
 * and nothing has taken the plan's place; then that is done next. */
enum status retire_waits(struct ctx *cx, int64_t account_id, const char *plan, int64_t start_day,
                         int64_t at, bool *waits) MUST_CHECK;
/* The same for a term that would begin now: a lock or an outage may have outlived the day on which
 * the errand was due. */
enum status retire_comes_first(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                               int64_t at, bool *waits) MUST_CHECK;
/* Before a term begins that ends a hold or a pause: what takes the plan's place takes it at once,
 * and `t` is what that leaves. Where nothing does, the errand ends the membership, not who pays. */
enum status retire_first(struct ctx *cx, const struct catalog *c, struct trouble *t,
                         int64_t at) MUST_CHECK;
/* The period of a member who was told ends on another day now. */
enum status retire_looks_again(struct ctx *cx, const struct membership *m) MUST_CHECK;
/* A hold begins: what was planned for the end of the period that is not paid is planned anew when
 * the day of the retirement is near. Until then a term that ends the hold begins with the plan. */
enum status retire_on_hold(struct ctx *cx, struct trouble *t, int64_t at) MUST_CHECK;
/* Makes of a next period what it will be once the retirement is carried out. Faults: RETIRE_ENDS.
 */
enum status retire_foresee(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                           struct rate_in *in) MUST_CHECK;
/* Adds that the plan before was retired to the causes of a charge for another plan. */
enum status retire_explain(struct ctx *cx, int64_t account_id, int64_t due_day,
                           struct causes *causes) MUST_CHECK;
