/* purchase_api: the ops that buy something beside a renewal - another plan, a slot. What is charged
 * now is collected at once. SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "http/op.h"
#include "payments/payments.h"
#include "policy/reasons_rules.h"

/* clang-format off */
static const struct field change_in_fields[] = {
    MEMBER_FIELD(struct change_plan),
    TEXT(struct change_plan, plan, 1, 64, "Code or name of the plan to have."),
    BOOL_OPT(struct change_plan, accept_losses, "What preview.change shows as lost may be lost."),
};
static const struct shape change_in_shape = SHAPE(change_plan, change_in_fields);

static const struct field look_in_fields[] = {
    MEMBER_FIELD(struct change_plan),
    TEXT(struct change_plan, plan, 1, 64, "Code or name of the plan to have."),
};
static const struct shape look_in_shape = SHAPE(change_plan, look_in_fields);

static const struct field ref_fields[] = {MEMBER_FIELD(struct change_ref)};
static const struct shape ref_shape = SHAPE(change_ref, ref_fields);

static const struct field loss_fields[] = {
    TEXT(struct loss, what, 0, 0, "streams, download_devices, resolution, hdr, audio, ads, slots."),
    TEXT(struct loss, old, 0, 0, NULL),
    {"new", F_TEXT, offsetof(struct loss, new_), 0, 0, 0, NULL, NULL, NULL, 0},
};
static const struct shape loss_shape = SHAPE(loss, loss_fields);

static const struct field slot_loss_fields[] = {
    TEXT(struct slot_loss, slot, 0, 0, "slt_…"),
    TEXT(struct slot_loss, last_day, 0, 0, "The last local date with it."),
};
static const struct shape slot_loss_shape = SHAPE(slot_loss, slot_loss_fields);

static const struct field change_fields[] = {
    TEXT(struct change_view, member, 0, 0, NULL),
    TEXT(struct change_view, change, 0, 0, "pch_…; empty in a preview."),
    TEXT(struct change_view, from_plan, 0, 0, NULL),
    TEXT(struct change_view, to_plan, 0, 0, NULL),
    ENUM(struct change_view, effect, change_effects,
         "charged: at once, once it is paid; shifted: at once, and the period ends earlier; "
         "next_price: at once, the price from the next date; next_date: all of it then; moved: the "
         "billing day alone."),
    ENUM(struct change_view, state, change_states, "Of a preview: what it would be in."),
    TEXT(struct change_view, policy, 0, 0, "The country's, for changes that count at once."),
    TEXT(struct change_view, effective_on, 0, 0, "Local date from which the new plan counts."),
    INT(struct change_view, charge_net_minor, 0, 0, NULL),
    INT(struct change_view, charge_tax_minor, 0, 0, NULL),
    INT(struct change_view, charge_minor, 0, 0, "Charged now, for what is left of the period."),
    TEXT(struct change_view, currency, 0, 0, "Of all amounts."),
    TEXT(struct change_view, code, 0, 0, "Why it was refused; empty when it was not."),
    INT(struct change_view, days_left, 0, 0, "Of the period, when it was asked for."),
    TEXT(struct change_view, period_end, 0, 0, "Where the next period starts; moves when shifted."),
    TEXT(struct change_view, next_charge_on, 0, 0, "Local date."),
    INT(struct change_view, next_total_minor, 0, 0, "Of the next charge, tax included."),
    LIST(struct change_view, losses, n_losses, loss_shape, "What the old plan has more."),
    LIST(struct change_view, slots, n_slots, slot_loss_shape, "Slots that end by it."),
};
static const struct shape change_shape = SHAPE(change_view, change_fields);

static const struct field move_in_fields[] = {
    MEMBER_FIELD(struct move_day),
    INT(struct move_day, day, 1, 28, "The day of the month to be charged on."),
};
static const struct shape move_in_shape = SHAPE(move_day, move_in_fields);

static const struct field move_fields[] = {
    TEXT(struct move_view, member, 0, 0, NULL),
    TEXT(struct move_view, change, 0, 0, "pch_…; empty in a preview."),
    ENUM(struct move_view, state, change_states,
         "done: moved; pending: the payment has no answer yet, and the day stays until then; "
         "refused: it stays. Of a preview: what it would be in."),
    INT(struct move_view, old_day, 0, 0, "The day of the month before."),
    INT(struct move_view, day, 0, 0, "The new one."),
    INT(struct move_view, days, 0, 0,
        "Charged now: from the end of the paid period to the new day; 0: none."),
    TEXT(struct move_view, from, 0, 0, "The first of them, a local date."),
    TEXT(struct move_view, until, 0, 0, "The last of them."),
    INT(struct move_view, charge_net_minor, 0, 0, NULL),
    INT(struct move_view, charge_tax_minor, 0, 0, NULL),
    INT(struct move_view, charge_minor, 0, 0, "Charged now, for those days."),
    TEXT(struct move_view, currency, 0, 0, "Of all amounts."),
    TEXT(struct move_view, code, 0, 0, "Why it was refused; empty when it was not."),
    TEXT(struct move_view, period_start, 0, 0, "The first date with the new day."),
    TEXT(struct move_view, period_end, 0, 0, "Where the period that begins then ends."),
    TEXT(struct move_view, next_charge_on, 0, 0, "Local date."),
    INT(struct move_view, next_total_minor, 0, 0, "Of the next charge, tax included."),
};
static const struct shape move_shape = SHAPE(move_view, move_fields);

static const struct field choice_fields[] = {
    TEXT(struct retire_choice, plan, 0, 0, "Its code, as membership.choose_plan takes it."),
    TEXT(struct retire_choice, name, 0, 0, NULL),
    INT(struct retire_choice, price_minor, 0, 0, "The list price of a month."),
    INT(struct retire_choice, total_minor, 0, 0, "Of its first period, tax and slots included."),
    BOOL(struct retire_choice, is_default, "What happens without a choice."),
    BOOL(struct retire_choice, chosen, NULL),
    LIST(struct retire_choice, losses, n_losses, loss_shape, "What the retired plan has more."),
    LIST(struct retire_choice, slots, n_slots, slot_loss_shape, "Slots that end by it."),
};
static const struct shape choice_shape = SHAPE(retire_choice, choice_fields);

static const struct field choices_fields[] = {
    TEXT(struct retire_view, member, 0, 0, NULL),
    TEXT(struct retire_view, plan, 0, 0, "The one that is retired."),
    TEXT(struct retire_view, plan_name, 0, 0, NULL),
    TEXT(struct retire_view, last_day, 0, 0, "The last local date with it, and for a choice."),
    TEXT(struct retire_view, starts_on, 0, 0, "Local date from which the other plan counts."),
    ENUM(struct retire_view, without_choice, retire_default_actions,
         "move: to default_plan; end: the membership ends with its period."),
    TEXT(struct retire_view, default_plan, 0, 0, "Empty: it ends."),
    TEXT(struct retire_view, chosen_plan, 0, 0, "Empty: nothing is chosen yet."),
    TEXT(struct retire_view, currency, 0, 0, "Of all amounts."),
    LIST(struct retire_view, choices, n_choices, choice_shape, NULL),
};
static const struct shape choices_shape = SHAPE(retire_view, choices_fields);

static const struct field choose_in_fields[] = {
    MEMBER_FIELD(struct change_plan),
    TEXT(struct change_plan, plan, 1, 64, "Code or name of one that plan.choices shows."),
    BOOL_OPT(struct change_plan, accept_losses, "What plan.choices shows as lost may be lost."),
};
static const struct shape choose_in_shape = SHAPE(change_plan, choose_in_fields);

static const struct field buy_fields[] = {
    MEMBER_FIELD(struct slot_buy),
    BOOL_OPT(struct slot_buy, preview, "Only show what it would cost."),
};
static const struct shape buy_shape = SHAPE(slot_buy, buy_fields);

static const struct field cancel_fields[] = {
    MEMBER_FIELD(struct slot_cancel),
    TEXT(struct slot_cancel, slot, 1, 40, "Which one: slt_… of membership.get."),
};
static const struct shape cancel_shape = SHAPE(slot_cancel, cancel_fields);

static const struct field answer_fields[] = {
    TEXT(struct slot_answer, member, 0, 0, NULL),
    TEXT(struct slot_answer, slot, 0, 0, "slt_…; empty in a preview."),
    INT(struct slot_answer, slot_no, 0, 0, "Its line on invoices: extra_member_1, …."),
    ENUM(struct slot_answer, state, slot_states, NULL),
    ENUM(struct slot_answer, end_cause, slot_ends, "Why it ends, if it does."),
    ENUM(struct slot_answer, effect, change_effects, "What the purchase did about money."),
    BOOL(struct slot_answer, usable, "Whether somebody in it may watch today, if the owner may."),
    TEXT(struct slot_answer, bought_on, 0, 0, "Charged from this local date on, used or not."),
    TEXT(struct slot_answer, paid_from, 0, 0, "Renewals pay for it from this local date on."),
    TEXT(struct slot_answer, last_day, 0, 0, "The last local date with it; empty: open."),
    INT(struct slot_answer, charge_minor, 0, 0, "For the purchase, tax included."),
    TEXT(struct slot_answer, currency, 0, 0, "Of all amounts."),
    TEXT(struct slot_answer, period_end, 0, 0, "Where the next period starts."),
    TEXT(struct slot_answer, next_charge_on, 0, 0, "Local date."),
    INT(struct slot_answer, next_total_minor, 0, 0, "Of the next charge, tax included."),
};
static const struct shape answer_shape = SHAPE(slot_answer, answer_fields);
/* clang-format on */

OP_RUN_CATALOG(change_preview, struct change_plan, struct change_view)
OP_RUN_CATALOG(change_plan, struct change_plan, struct change_view)
OP_RUN_CATALOG(move_preview, struct move_day, struct move_view)
OP_RUN_CATALOG(move_day, struct move_day, struct move_view)
OP_RUN_CATALOG(change_undo, struct change_ref, struct change_view)
OP_RUN_CATALOG(plan_choices, struct change_ref, struct retire_view)
OP_RUN_CATALOG(plan_choose, struct change_plan, struct retire_view)
OP_RUN_CATALOG(slot_buy, struct slot_buy, struct slot_answer)
OP_RUN_CATALOG(slot_cancel, struct slot_cancel, struct slot_answer)

/* The attempt is decided and stored: whatever stops us here, the worker carries it out. */
static void collect(struct ctx *cx, const struct op_world *w, int64_t account_id)
{
    enum { TRIES = 5 };
    enum status s = E_BUSY;

    for (int i = 0; i < TRIES && s == E_BUSY; i++)
        s = payments_collect_account(cx, w->world, w->catalog, account_id);
}

static enum status pay_change(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    int64_t const account_id = ((const struct change_plan *)in)->account_id;
    struct change_view *view = out;

    if (view->state != CHANGE_PENDING) return OK;
    collect(cx, w, account_id);
    return change_look(cx, w->catalog, account_id, view);
}

static enum status pay_move(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    int64_t const account_id = ((const struct move_day *)in)->account_id;
    struct move_view *view = out;

    if (view->state != CHANGE_PENDING) return OK;
    collect(cx, w, account_id);
    return move_look(cx, w->catalog, account_id, view);
}

static enum status pay_slot(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    const struct slot_buy *buy = in;
    struct slot_answer *view = out;
    int64_t slot_id;

    if (buy->preview || view->state != SLOT_PENDING || !id_parse("slt", view->slot, &slot_id))
        return OK;
    collect(cx, w, buy->account_id);
    return slot_look(cx, w->catalog, buy->account_id, slot_id, view);
}

#define REFUSALS                                                                                   \
    &MEMBERSHIP_UNKNOWN, &CHANGE_ON_HOLD, &CHANGE_BY_PARTNER, &CHANGE_NOT_NOW,                     \
        &CHANGE_RENEWAL_DUE, &BILLING_PAYMENT_IN_FLIGHT, &PLAN_UNKNOWN, &CHANGE_PLAN_CLOSED,       \
        &CHANGE_PLAN_NOT_HERE, &CHANGE_SAME_PLAN

#define MOVE_REFUSALS                                                                              \
    &MEMBERSHIP_UNKNOWN, &CHANGE_ON_HOLD, &CHANGE_BY_PARTNER, &CHANGE_NOT_NOW,                     \
        &CHANGE_RENEWAL_DUE, &BILLING_PAYMENT_IN_FLIGHT, &MOVE_SAME_DAY, &COUNTRY_UNKNOWN,         \
        &RATE_NO_COUNTRY, &RATE_NO_PRICE

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "preview.change",
        .method = "GET",
        .path = "/accounts/{member}/preview/change",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show what changing the plan would cost and lose.",
        .in = &look_in_shape,
        .out = &change_shape,
        .subject = ABOUT_MEMBER(struct change_plan),
        .faults = FAULTS(REFUSALS),
        .action = ACTION_MEMBERSHIP_VIEW,
        .run = run_change_preview,
    },
    {
        .id = "membership.change_plan",
        .method = "POST",
        .path = "/accounts/{member}/membership/plan",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Change the plan: a dearer one now, a cheaper one at the next date.",
        .in = &change_in_shape,
        .out = &change_shape,
        .subject = ABOUT_MEMBER(struct change_plan),
        .faults = FAULTS(REFUSALS, &CHANGE_LOSSES),
        .action = ACTION_PLAN_CHANGE,
        .writes = true,
        .run = run_change_plan,
        .after = pay_change,
    },
    {
        .id = "preview.billing_day",
        .method = "GET",
        .path = "/accounts/{member}/preview/billing-day",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show what moving the billing day would cost, and what is charged next, or why "
                   "it cannot be moved.",
        .in = &move_in_shape,
        .out = &move_shape,
        .subject = ABOUT_MEMBER(struct move_day),
        .faults = FAULTS(MOVE_REFUSALS, &WHY_DAY_FIXED.fault, &WHY_PARTNER_DAY.fault,
                         &WHY_LOCKED.fault, &WHY_NO_MEMBERSHIP.fault, &WHY_PENDING.fault,
                         &WHY_UNPAID.fault, &WHY_PAUSED.fault, &WHY_ENDING.fault,
                         &WHY_ENDED.fault, &WHY_DAY_PAUSE.fault, &WHY_DAY_PLANNED.fault,
                         &WHY_DAY_FREE.fault, &WHY_DAY_MOVED_ALREADY.fault, &WHY_DAY_TODAY.fault,
                         &WHY_DAY_METHOD.fault),
        .action = ACTION_MEMBERSHIP_VIEW,
        .run = run_move_preview,
    },
    {
        .id = "membership.move_billing_day",
        .method = "POST",
        .path = "/accounts/{member}/membership/billing-day",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Move the billing day once the days until then are paid.",
        .in = &move_in_shape,
        .out = &move_shape,
        .subject = ABOUT_MEMBER(struct move_day),
        .faults = FAULTS(MOVE_REFUSALS),
        .action = ACTION_BILLING_DAY,
        .writes = true,
        .run = run_move_day,
        .after = pay_move,
    },
    {
        .id = "plan.choices",
        .method = "GET",
        .path = "/accounts/{member}/membership/plan/choices",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show what can take the place of a plan that is retired, and what does if not.",
        .in = &ref_shape,
        .out = &choices_shape,
        .subject = ABOUT_MEMBER(struct change_ref),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &COUNTRY_UNKNOWN, &RETIRE_NONE),
        .action = ACTION_MEMBERSHIP_VIEW,
        .run = run_plan_choices,
    },
    {
        .id = "membership.choose_plan",
        .method = "POST",
        .path = "/accounts/{member}/membership/plan/choose",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Choose what takes the place of a plan that is retired, from its last day on.",
        .in = &choose_in_shape,
        .out = &choices_shape,
        .subject = ABOUT_MEMBER(struct change_plan),
        .faults = FAULTS(REFUSALS, &CHANGE_LOSSES, &COUNTRY_UNKNOWN, &RETIRE_NONE),
        .action = ACTION_PLAN_CHOOSE,
        .writes = true,
        .run = run_plan_choose,
    },
    {
        .id = "membership.undo_change",
        .method = "POST",
        .path = "/accounts/{member}/membership/plan/undo",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Withdraw a plan change that waits for the next date.",
        .in = &ref_shape,
        .out = &change_shape,
        .subject = ABOUT_MEMBER(struct change_ref),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &CHANGE_NONE),
        .action = ACTION_UNDO_PLAN_CHANGE,
        .writes = true,
        .run = run_change_undo,
    },
    {
        .id = "slot.buy",
        .method = "POST",
        .path = "/accounts/{member}/slots",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Buy an extra-member slot; charged from today on, used or not.",
        .in = &buy_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct slot_buy),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &SLOT_BILLER, &SLOT_PLAN, &SLOT_COUNTRY, &SLOT_UNPAID,
                         &SLOT_FULL, &SLOT_NOT_NOW, &SLOT_UNKNOWN, &BILLING_PAYMENT_IN_FLIGHT,
                         &CHANGE_RENEWAL_DUE),
        .action = ACTION_SLOT_BUY,
        .writes = true,
        .run = run_slot_buy,
        .after = pay_slot,
    },
    {
        .id = "slot.cancel",
        .method = "POST",
        .path = "/accounts/{member}/slots/{slot}/cancel",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "End an extra-member slot with the paid period.",
        .in = &cancel_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct slot_cancel),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &SLOT_UNKNOWN, &SLOT_ENDING, &SLOT_BILLER,
                         &BILLING_PAYMENT_IN_FLIGHT),
        .action = ACTION_SLOT_CANCEL,
        .writes = true,
        .run = run_slot_cancel,
    },
};
/* clang-format on */
const struct ops purchase_ops = {COUNT(ops), ops};
