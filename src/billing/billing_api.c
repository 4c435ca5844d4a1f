/* billing_api: the ops of a membership that need to know about money.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "http/op.h"

/* clang-format off */
static const struct field get_fields[] = {MEMBER_FIELD(struct overview_get)};
static const struct shape get_shape = SHAPE(overview_get, get_fields);

static const struct field tax_fields[] = {
    TEXT(struct overview_tax, name, 0, 0, NULL),
    INT(struct overview_tax, rate_ppm, 0, 0, "Parts per million: 190000 is 19 %."),
    INT(struct overview_tax, amount_minor, 0, 0, NULL),
};
static const struct shape tax_shape = SHAPE(overview_tax, tax_fields);

static const struct field given_fields[] = {
    TEXT(struct overview_consent, text_version, 0, 0, "`imported`: given before the import."),
    TEXT(struct overview_consent, consented_at, 0, 0, NULL),
    TEXT(struct overview_consent, surface, 0, 0, "Where it was given."),
    TEXT(struct overview_consent, source, 0, 0, "What recorded it."),
    TEXT(struct overview_consent, kept_until, 0, 0, "It is not deleted before this date."),
};
static const struct shape given_shape = SHAPE(overview_consent, given_fields);

static const struct field slot_fields[] = {
    TEXT(struct slot_view, slot, 0, 0, "slt_…"),
    INT(struct slot_view, slot_no, 0, 0, "Its line on invoices: extra_member_1, …."),
    ENUM(struct slot_view, state, slot_states, NULL),
    ENUM(struct slot_view, end_cause, slot_ends, "Why it ends, if it does."),
    BOOL(struct slot_view, usable, "Whether somebody in it may watch today."),
    TEXT(struct slot_view, bought_on, 0, 0, "Charged from this local date on, used or not."),
    TEXT(struct slot_view, paid_from, 0, 0, "Renewals pay for it from this local date on."),
    TEXT(struct slot_view, last_day, 0, 0, "The last local date with it; empty: open."),
    INT(struct slot_view, charge_minor, 0, 0, "For the purchase, tax included."),
};
static const struct shape slot_shape = SHAPE(slot_view, slot_fields);

static const struct field event_fields[] = {
    TEXT(struct plan_event, change, 0, 0, "pch_…"),
    TEXT(struct plan_event, asked_at, 0, 0, NULL),
    TEXT(struct plan_event, by, 0, 0, "Whose role it was."),
    TEXT(struct plan_event, surface, 0, 0, NULL),
    TEXT(struct plan_event, device, 0, 0, NULL),
    TEXT(struct plan_event, network, 0, 0, NULL),
    TEXT(struct plan_event, from_plan, 0, 0, NULL),
    TEXT(struct plan_event, to_plan, 0, 0, NULL),
    TEXT(struct plan_event, effective_on, 0, 0, "Local date from which the new plan counts."),
    ENUM(struct plan_event, effect, change_effects, NULL),
    ENUM(struct plan_event, state, change_states, NULL),
    INT(struct plan_event, amount_minor, 0, 0, "Charged for it, tax included."),
    TEXT(struct plan_event, code, 0, 0, "Why it was refused; empty when it was not."),
};
static const struct shape event_shape = SHAPE(plan_event, event_fields);
#define ROUTE_FIELD(name_, at_, doc_) {name_, F_TEXT, at_, 0, 0, 0, NULL, doc_, NULL, 0}
#define ROUTE(name_, member_, doc_)                                                                \
    ROUTE_FIELD(#name_ "_place", offsetof(struct overview, member_.text), doc_),                   \
    ROUTE_FIELD(#name_ "_link", offsetof(struct overview, member_.link),                           \
                "The same as a link; empty when there is none.")

static const struct field overview_fields[] = {
    TEXT(struct overview, member, 0, 0, "The membership's reference."),
    TEXT(struct overview, external_id, 0, 0, "The operator's own id."),
    TEXT(struct overview, plan, 0, 0, NULL),
    TEXT(struct overview, plan_name, 0, 0, NULL),
    TEXT(struct overview, biller, 0, 0, "Who collects the money: direct, or a partner."),
    TEXT(struct overview, biller_name, 0, 0, "The partner, as on its bill; empty when we bill."),
    ROUTE(payment, to_pay, "Where to change payment."),
    ROUTE(cancel, to_cancel, "Where to cancel."),
    ROUTE(refund, to_refund, "Where to ask for a refund."),
    TEXT(struct overview, cancel_asked_at, 0, 0,
         "The member has asked to cancel; it stays open until the partner has ended it."),
    ENUM(struct overview, state, membership_states, NULL),
    TEXT(struct overview, standing, 0, 0, NULL),
    BOOL(struct overview, access, "Whether the member may watch now."),
    TEXT(struct overview, country, 0, 0, NULL),
    TEXT(struct overview, currency, 0, 0, "Of all amounts."),
    TEXT(struct overview, time_zone, 0, 0, "The billing time zone; all dates are local there."),
    TEXT(struct overview, date_note, 0, 0,
         "A code: the bank may show a charge one day earlier or later."),
    INT(struct overview, price_minor, 0, 0,
         "What a month of the plan costs this member now, as the period that runs."),
    ENUM(struct overview, tax_mode, tax_modes, "Whether that price has tax in it."),
    TEXT(struct overview, anchor_on, 0, 0, "The date whose day of month every period starts on."),
    TEXT(struct overview, period_start, 0, 0, "Of the period that was booked last; local date."),
    TEXT(struct overview, period_end, 0, 0, "Where the next one starts."),
    TEXT(struct overview, next_charge_on, 0, 0,
         "Local date; when unpaid, since when it is due; on hold that of the next retry. Empty "
         "where nothing is tried by itself: the amounts are then those of paying today."),
    INT(struct overview, next_net_minor, 0, 0, NULL),
    INT(struct overview, next_tax_minor, 0, 0, NULL),
    INT(struct overview, next_total_minor, 0, 0, "The next charge."),
    INT(struct overview, next_credit_minor, 0, 0, "What credit pays of it."),
    INT(struct overview, next_method_minor, 0, 0, "What is left for a payment method."),
    LIST(struct overview, taxes, n_taxes, tax_shape, "In the next charge."),
    TEXT(struct overview, next_problem, 0, 0,
         "Why there is no next charge, or none that comes by itself; else empty."),
    TEXT(struct overview, next_plan, 0, 0, "The plan from the next date on; empty: the same."),
    LIST(struct overview, slots, n_slots, slot_shape, "Extra-member slots that have not ended."),
    LIST(struct overview, changes, n_changes, event_shape, "Of the plan, the newest first."),
    LIST(struct overview, temporary, n_temporary, temporary_shape,
         "Authorizations that the bank may show for now; they are never charged."),
    LIST(struct overview, consents, n_consents, given_shape, "To recurring charges."),
    ENUM(struct overview, banner, banners, "What the member must be told on every screen."),
    TEXT(struct overview, unpaid_since, 0, 0, "The date whose payment has failed."),
    TEXT(struct overview, held_back, 0, 0, "Why what is unpaid was not even tried: dispute; ''."),
    TEXT(struct overview, grace_until, 0, 0, "Access ends on this date unless it is paid."),
    TEXT(struct overview, hold_until, 0, 0, "The membership ends on this date unless it is paid."),
    TEXT(struct overview, last_day, 0, 0, "The final service date of a membership that ends."),
    TEXT(struct overview, pause_on, 0, 0, "A pause begins on this date; none when empty."),
    TEXT(struct overview, resume_on, 0, 0, "Charging restarts on this date."),
    TEXT(struct overview, unfinished_since, 0, 0,
         "A cancel was begun then and is not finished: nothing is cancelled."),
    TEXT(struct overview, kept_until, 0, 0,
         "Profiles, history and settings are kept until this date."),
};
const struct shape overview_shape = SHAPE(overview, overview_fields);
/* clang-format on */

OP_RUN_CATALOG(overview_get, struct overview_get, struct overview)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "membership.get",
        .method = "GET",
        .path = "/accounts/{member}/membership",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show a membership: plan, price, state and the next charge.",
        .in = &get_shape,
        .out = &overview_shape,
        .subject = ABOUT_MEMBER(struct overview_get),
        .action = ACTION_MEMBERSHIP_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .run = run_overview_get,
    },
};
/* clang-format on */
const struct ops membership_ops = {COUNT(ops), ops};
