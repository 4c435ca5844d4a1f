/* preview_api: the op that shows the next charge. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/preview.h"
#include "billing/retire.h"
#include "http/op.h"

/* clang-format off */
static const struct field ask_fields[] = {
    MEMBER_FIELD(struct preview_ask),
    TEXT_OPT(struct preview_ask, locale, 2, 35, "Of the texts; else the account's."),
};
static const struct shape ask_shape = SHAPE(preview_ask, ask_fields);

static const struct field line_fields[] = {
    TEXT(struct preview_view_line, kind, 0, 0, "plan, slot or tax."),
    TEXT(struct preview_view_line, item, 0, 0, "A plan or slot; the tax's name."),
    TEXT(struct preview_view_line, since, 0, 0, "Since when the price or rate is in force."),
    INT(struct preview_view_line, unit_minor, 0, 0, "List price; of a tax: its base."),
    INT(struct preview_view_line, rate_ppm, 0, 0, "Of a tax, in parts per million."),
    INT(struct preview_view_line, amount_minor, 0, 0, "0: the next charge has it no more."),
    INT(struct preview_view_line, before_minor, 0, 0, "In the last charge; 0: it is new."),
    BOOL(struct preview_view_line, differs, "From the last charge."),
};
static const struct shape line_shape = SHAPE(preview_view_line, line_fields);

static const struct field view_fields[] = {
    TEXT(struct preview_view, member, 0, 0, NULL),
    TEXT(struct preview_view, date, 0, 0, "Local date of the next charge."),
    TEXT(struct preview_view, date_note, 0, 0,
         "A code: the bank may show a charge one day earlier or later."),
    BOOL(struct preview_view, by_partner, "A partner bills, on its own date; without amounts."),
    BOOL(struct preview_view, if_paid,
         "On hold, and no retry is left: what paying on that date, today, would begin."),
    TEXT(struct preview_view, plan, 0, 0, "That it is for."),
    TEXT(struct preview_view, plan_name, 0, 0, NULL),
    TEXT(struct preview_view, currency, 0, 0, "Of all amounts."),
    INT(struct preview_view, net_minor, 0, 0, NULL),
    INT(struct preview_view, tax_minor, 0, 0, NULL),
    INT(struct preview_view, total_minor, 0, 0, NULL),
    INT(struct preview_view, credit_minor, 0, 0, "What credit pays of it."),
    INT(struct preview_view, method_minor, 0, 0, "What is left for a payment method."),
    TEXT(struct preview_view, compared_with, 0, 0, "chg_…; empty when it is the first."),
    INT(struct preview_view, before_minor, 0, 0, "The total of that charge."),
    LIST(struct preview_view, lines, n_lines, line_shape, NULL),
    LIST(struct preview_view, causes, n_causes, charge_cause_shape, "Why it differs."),
};
static const struct shape view_shape = SHAPE(preview_view, view_fields);
/* clang-format on */

OP_RUN_CATALOG(preview_next, struct preview_ask, struct preview_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "preview.next",
        .method = "GET",
        .path = "/accounts/{member}/preview/next",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show the next charge line by line, and what differs from the last one.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct preview_ask),
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &BILLING_NO_NEXT_CHARGE, &ACCOUNT_LOCKED,
                         &RETIRE_ENDS, &RATE_NO_COUNTRY, &RATE_NO_PLAN, &RATE_NO_PRICE),
        .action = ACTION_MEMBERSHIP_VIEW,
        .run = run_preview_next,
    },
};
/* clang-format on */
const struct ops preview_ops = {COUNT(ops), ops};
