/* charge_api: the ops that read charges. SPDX-License-Identifier: Apache-2.0 */
#include "billing/billing.h"
#include "billing/charge_list.h"
#include "http/op.h"

/* clang-format off */
static const struct field line_fields[] = {
    TEXT(struct charge_view_line, kind, 0, 0, NULL),
    TEXT(struct charge_view_line, item, 0, 0, "A plan or add-on; the tax's name."),
    TEXT(struct charge_view_line, since, 0, 0, "Since when the price or rate is in force."),
    INT(struct charge_view_line, unit_minor, 0, 0, "List price; of a tax: its base."),
    INT(struct charge_view_line, rate_ppm, 0, 0, "Of a tax, in parts per million."),
    INT(struct charge_view_line, amount_minor, 0, 0, NULL),
};
static const struct shape line_shape = SHAPE(charge_view_line, line_fields);

static const struct field attempt_fields[] = {
    TEXT(struct charge_view_attempt, method, 0, 0, "Brand and last four digits."),
    TEXT(struct charge_view_attempt, at, 0, 0, NULL),
    TEXT(struct charge_view_attempt, outcome, 0, 0, NULL),
    TEXT(struct charge_view_attempt, code, 0, 0, "Of a decline."),
    TEXT(struct charge_view_attempt, meaning, 0, 0, "The decline's class."),
    INT(struct charge_view_attempt, round, 0, 0, "1: when it fell due; then each retry."),
};
static const struct shape attempt_shape = SHAPE(charge_view_attempt, attempt_fields);

static const struct field change_fields[] = {
    TEXT(struct charge_view_change, name, 0, 0, "What differs."),
    TEXT(struct charge_view_change, kind, 0, 0, "word, text, count, date, money or rate."),
    TEXT(struct charge_view_change, old, 0, 0,
         "Of money minor units, of a rate millionths, of a date 2024-02-29; empty: none."),
    {"new", F_TEXT, offsetof(struct charge_view_change, new_), 0, 0, 0, NULL, NULL, NULL, 0},
    TEXT(struct charge_view_change, old_currency, 0, 0, "Of money."),
    TEXT(struct charge_view_change, new_currency, 0, 0, NULL),
    TEXT(struct charge_view_change, old_since, 0, 0, "In force from then on; empty: not known."),
    TEXT(struct charge_view_change, new_since, 0, 0, NULL),
    TEXT(struct charge_view_change, old_text, 0, 0, "The same as people of the language write it."),
    TEXT(struct charge_view_change, new_text, 0, 0, NULL),
};
const struct shape charge_change_shape = SHAPE(charge_view_change, change_fields);

static const struct field part_fields[] = {
    TEXT(struct charge_view_part, by, 0, 0, "The method, or where the credit came from."),
    TEXT(struct charge_view_part, card, 0, 0, "A gift card's reference, gft_…; else ''."),
    INT(struct charge_view_part, amount_minor, 0, 0, NULL),
};
static const struct shape part_shape = SHAPE(charge_view_part, part_fields);

static const struct field given_back_fields[] = {
    TEXT(struct charge_view_refund, refund, 0, 0, "rfd_…"),
    TEXT(struct charge_view_refund, to, 0, 0, "method or credit."),
    TEXT(struct charge_view_refund, state, 0, 0, "wanted, unknown, done; failed: given as credit."),
    TEXT(struct charge_view_refund, circumstance, 0, 0, NULL),
    TEXT(struct charge_view_refund, rule, 0, 0, "The rule that was applied."),
    TEXT(struct charge_view_refund, decided_at, 0, 0, NULL),
    TEXT(struct charge_view_refund, done_at, 0, 0, "Empty until the money has gone back."),
    INT(struct charge_view_refund, amount_minor, 0, 0, NULL),
};
static const struct shape given_back_shape = SHAPE(charge_view_refund, given_back_fields);

static const struct field note_fields[] = {
    TEXT(struct charge_view_note, document, 0, 0, "inv_…: receipt.pdf takes it as reference."),
    TEXT(struct charge_view_note, number, 0, 0, "The document's."),
    TEXT(struct charge_view_note, cause, 0, 0,
         "refund, dispute or unpaid."),
    TEXT(struct charge_view_note, issued_at, 0, 0, NULL),
    INT(struct charge_view_note, amount_minor, 0, 0, "That it takes back, tax included."),
};
static const struct shape note_shape = SHAPE(charge_view_note, note_fields);

static const struct field view_fields[] = {
    TEXT(struct charge_view, reference, 0, 0, "chg_…: stays the same for ever."),
    TEXT(struct charge_view, invoice, 0, 0, "The document's number; '' while there is none."),
    TEXT(struct charge_view, credit_note, 0, 0,
         "The number of the one that took back what was never paid; else ''."),
    TEXT(struct charge_view, descriptor, 0, 0, "What the bank's statement shows."),
    TEXT(struct charge_view, kind, 0, 0, NULL),
    TEXT(struct charge_view, cause, 0, 0, NULL),
    TEXT(struct charge_view, state, 0, 0, NULL),
    TEXT(struct charge_view, recovered_by, 0, 0, "What turned a failure into success."),
    TEXT(struct charge_view, date, 0, 0, "When it was due."),
    TEXT(struct charge_view, period_start, 0, 0, NULL),
    TEXT(struct charge_view, period_end, 0, 0, "Exclusive."),
    TEXT(struct charge_view, initiated, 0, 0, NULL),
    TEXT(struct charge_view, captured, 0, 0, NULL),
    TEXT(struct charge_view, expected_on_statement_by, 0, 0, NULL),
    TEXT(struct charge_view, plan, 0, 0, "At that time."),
    TEXT(struct charge_view, biller, 0, 0, NULL),
    TEXT(struct charge_view, method, 0, 0, "Brand and last four digits."),
    TEXT(struct charge_view, currency, 0, 0, NULL),
    INT(struct charge_view, net_minor, 0, 0, NULL),
    INT(struct charge_view, tax_minor, 0, 0, NULL),
    INT(struct charge_view, total_minor, 0, 0, NULL),
    INT(struct charge_view, refunded_minor, 0, 0, "Given back, or on its way."),
    TEXT(struct charge_view, dispute, 0, 0, "'' or how a bank's dispute stands: open, won, lost."),
    LIST(struct charge_view, refunds, n_refunds, given_back_shape, "Oldest first."),
    LIST(struct charge_view, credit_notes, n_credit_notes, note_shape,
         "All that take it back, of refunds and lost disputes too; oldest first."),
    LIST(struct charge_view, lines, n_lines, line_shape, "What it is made of."),
    LIST(struct charge_view, paid_by, n_paid_by, part_shape,
         "Once paid: what each gift card, other credit and the method paid of it."),
    LIST(struct charge_view, attempts, n_attempts, attempt_shape, "One charge, however many."),
    LIST(struct charge_view, changes, n_changes, charge_change_shape, "Since the charge before."),
};
const struct shape charge_view_shape = SHAPE(charge_view, view_fields);

static const struct field list_fields[] = {
    MEMBER_FIELD(struct charges_ask),
    INT_OPT(struct charges_ask, limit, 1, 200, "How many, the newest first; else 24."),
    TEXT_OPT(struct charges_ask, before, 1, 40, "`next` of the page before."),
};
static const struct shape list_shape = SHAPE(charges_ask, list_fields);

static const struct field period_fields[] = {
    TEXT(struct biller_period, partner, 0, 0, "Its code."),
    TEXT(struct biller_period, name, 0, 0, "Who billed it."),
    TEXT(struct biller_period, period_start, 0, 0, "'' where only the partner knows it."),
    TEXT(struct biller_period, period_end, 0, 0, "Exclusive."),
    TEXT(struct biller_period, plan, 0, 0, NULL),
    TEXT(struct biller_period, place, 0, 0, "Where that partner's bill is."),
    TEXT(struct biller_period, link, 0, 0, "'' when there is none."),
    TEXT(struct biller_period, text, 0, 0, "The same in a sentence."),
};
static const struct shape period_shape = SHAPE(biller_period, period_fields);

static const struct field listed_fields[] = {
    TEXT(struct charges_view, member, 0, 0, "mem_…"),
    TEXT(struct charges_view, time_zone, 0, 0, "All dates are local there."),
    TEXT(struct charges_view, date_note, 0, 0,
         "A code: the bank may show a charge one day earlier or later."),
    LIST(struct charges_view, charges, n, charge_view_shape, "The newest first."),
    LIST(struct charges_view, billed_by, n_billed_by, period_shape,
         "Periods that a partner has billed, in place of charges: the newest first, on the first "
         "page."),
    TEXT(struct charges_view, next, 0, 0, "Gives the next page as `before`; empty on the last."),
};
static const struct shape listed_shape = SHAPE(charges_view, listed_fields);

static const struct field ask_fields[] = {
    MEMBER_FIELD(struct charge_ask),
    TEXT(struct charge_ask, reference, 1, 40, "The charge (chg_…) or document (inv_…)."),
    TEXT_OPT(struct charge_ask, locale, 2, 35, "Of the texts; else the account's."),
};
static const struct shape ask_shape = SHAPE(charge_ask, ask_fields);

static const struct field cause_fields[] = {
    TEXT(struct charge_cause_view, code, 0, 0, NULL),
    TEXT(struct charge_cause_view, text, 0, 0, "One plain sentence."),
    LIST(struct charge_cause_view, evidence, n_evidence, charge_change_shape,
         "Old and new numbers."),
};
const struct shape charge_cause_shape = SHAPE(charge_cause_view, cause_fields);

static const struct field answer_fields[] = {
    LIST(struct charge_answer, charge, n_charge, charge_view_shape, "The one that was asked for."),
    TEXT(struct charge_answer, compared_with, 0, 0, "chg_…; '' when it is the first."),
    LIST(struct charge_answer, causes, n_causes, charge_cause_shape, "At least one."),
    INT(struct charge_answer, catalog_version, 0, 0, "That produced it."),
    BOOL(struct charge_answer, reproduced, "Asked again, that version says the same."),
    TEXT(struct charge_answer, next_charge, 0, 0, "Date of the next one; '' when none is planned."),
    INT(struct charge_answer, next_minor, 0, 0, "Its total."),
    INT(struct charge_answer, next_method_minor, 0, 0, "What credit leaves of it for a method."),
    TEXT(struct charge_answer, next_step, 0, 0, "What to do: an op or guide; `none`."),
};
static const struct shape answer_shape = SHAPE(charge_answer, answer_fields);

OP_RUN_CATALOG(charge_list, struct charges_ask, struct charges_view)
OP_RUN_CATALOG(charge_explain, struct charge_ask, struct charge_answer)

static const struct op ops[] = {
    {
        .id = "charge.list",
        .method = "GET",
        .path = "/accounts/{member}/charges",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List a member's charges, what each is made of and what changed.",
        .in = &list_shape,
        .out = &listed_shape,
        .subject = ABOUT_MEMBER(struct charges_ask),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&EXPLAIN_NO_CHARGE, &MEMBERSHIP_UNKNOWN),
        .run = run_charge_list,
    },
    {
        .id = "charge.explain",
        .method = "GET",
        .path = "/accounts/{member}/charges/{reference}/explanation",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Say why a charge has its date and its amount, and what comes next.",
        .in = &ask_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct charge_ask),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&EXPLAIN_NO_CHARGE, &MEMBERSHIP_UNKNOWN),
        .run = run_charge_explain,
    },
};
/* clang-format on */
const struct ops charge_ops = {COUNT(ops), ops};
