/* charge_list: a member's charges as clients read them (SPEC H-01, H-02, H-16).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "billing/biller.h"
#include "billing/explain.h"

struct charges_ask {
    const char *member;
    int64_t account_id;
    const char *before; /* `next` of the page before; NULL: from the newest on */
    int64_t limit;      /* 0: 24, two years of months */
};

/* Dates are "2024-02-29", '' for none; amounts are in `currency`. */
struct charge_view_line {
    const char *kind, *item, *since;
    int64_t unit_minor, rate_ppm, amount_minor;
};
struct charge_view_attempt {
    const char *method, *at, *outcome, *code, *meaning;
    int64_t round;
};
struct charge_view_change {
    const char *name, *kind, *old, *new_; /* as facts: 1299, 2024-02-29, premium; '' for none */
    const char *old_currency, *new_currency, *old_since, *new_since;
    const char *old_text, *new_text; /* as people write them */
};
struct charge_view_part {
    const char *by, *card;
    int64_t amount_minor;
};
struct charge_view_refund {
    const char *refund, *to, *state, *circumstance, *rule, *decided_at, *done_at;
    int64_t amount_minor;
};
struct charge_view_note {
    const char *document, *number, *cause, *issued_at;
    int64_t amount_minor;
};
struct charge_view {
    const char *reference, *invoice, *credit_note, *descriptor;
    const char *kind, *cause, *state, *recovered_by;
    const char *date, *period_start, *period_end;
    const char *initiated, *captured, *expected_on_statement_by; /* SPEC B-08 */
    const char *plan, *biller, *method, *currency;
    int64_t net_minor, tax_minor, total_minor, refunded_minor;
    const char *dispute; /* '', open, won or lost (SPEC I-06) */
    const struct charge_view_refund *refunds;
    size_t n_refunds;
    const struct charge_view_note *credit_notes; /* each is a document (SPEC H-03) */
    size_t n_credit_notes;
    const struct charge_view_line *lines;
    const struct charge_view_attempt *attempts; /* one charge, however many (SPEC E-17) */
    const struct charge_view_change *changes;   /* since the charge before */
    const struct charge_view_part *paid_by;     /* card by card, then the method (SPEC H-13) */
    size_t n_paid_by, n_lines, n_attempts, n_changes;
};
struct charges_view {
    const char *member, *time_zone, *date_note;
    const struct charge_view *charges; /* newest first */
    size_t n;
    const struct biller_period *billed_by; /* in place of charges; on the first page */
    size_t n_billed_by;
    const char *next; /* gives the next page as `before`; '' when this was the last */
};
extern const struct shape charge_view_shape;

struct charge_cause_view {
    const char *code, *text;
    const struct charge_view_change *evidence;
    size_t n_evidence;
};
extern const struct shape charge_cause_shape;
/* As many as there are. */
const struct charge_cause_view *charge_causes_view(struct ctx *cx, const char *locale,
                                                   const struct causes *from);
/* The view of one row of a loaded history. */
void charge_view(struct ctx *cx, const char *locale, const struct history_row *r,
                 struct charge_view *out);
extern const struct shape charge_change_shape;
const struct charge_view_change *changes_view(struct arena *a, const char *locale,
                                              const struct evidence *e, size_t n);
/* Faults: ACCOUNT_UNKNOWN, MEMBERSHIP_UNKNOWN, EXPLAIN_NO_CHARGE when `before` is none of theirs.
 */
enum status charge_list(struct ctx *cx, const struct catalog *c, const struct charges_ask *in,
                        struct charges_view *out) MUST_CHECK;

struct charge_ask {
    const char *member;
    int64_t account_id;
    const char *reference; /* chg_… or inv_… */
    const char *locale;    /* NULL: the account's */
};
/* Why this charge, this date and this amount (SPEC B-05, H-11), what comes next and what to do. */
struct charge_answer {
    const struct charge_view *charge; /* the one that was asked for */
    size_t n_charge;
    const char *compared_with; /* chg_…; '' when it is the first */
    const struct charge_cause_view *causes;
    size_t n_causes;
    int64_t catalog_version;
    bool reproduced;         /* that version, asked again, says the same (SPEC A-15) */
    const char *next_charge; /* its date; '' when none is planned */
    int64_t next_minor, next_method_minor; /* its total, and what credit leaves of that */
    const char *next_step; /* a code: none, guide.unknown_charge, method.update, … */
};
/* Faults: EXPLAIN_NO_CHARGE, also for the charge of another account. */
enum status charge_explain(struct ctx *cx, const struct catalog *c, const struct charge_ask *in,
                           struct charge_answer *out) MUST_CHECK;
