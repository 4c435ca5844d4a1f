/* preview: the next charge, line by line, beside the last one (SPEC A-09, B-12). Preview and
 * billing
 * are the same code. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/charge_list.h"

struct preview_ask {
    const char *member;
    int64_t account_id;
    const char *locale; /* NULL: the account's */
};
struct preview_view_line {
    const char *kind, *item, *since;
    int64_t unit_minor, rate_ppm, amount_minor;
    int64_t before_minor; /* of the same line in the last charge; 0: it is new */
    bool differs;         /* also a line that the next charge has no more */
};
/* Dates are "2024-02-29", '' for none; amounts are in `currency`. */
struct preview_view {
    const char *member, *date, *date_note;
    bool by_partner; /* a partner bills, on its own dates: no amounts */
    bool if_paid;    /* nothing is tried by itself any more: so it would be if paid today */
    const char *plan, *plan_name, *currency;
    int64_t net_minor, tax_minor, total_minor;
    int64_t credit_minor, method_minor; /* what credit pays of it, and what is left for a method */
    const char *compared_with;          /* chg_…; '' when nothing was charged yet */
    int64_t before_minor;
    const struct preview_view_line *lines;
    size_t n_lines;
    const struct charge_cause_view *causes;
    size_t n_causes;
};
/* Faults: BILLING_NO_NEXT_CHARGE, the RATE_ faults. */
enum status preview_next(struct ctx *cx, const struct catalog *c, const struct preview_ask *in,
                         struct preview_view *out) MUST_CHECK;
