/* explain: what one charge, past or next, is made of and why it differs from the one before.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/history.h"

extern const struct fault EXPLAIN_NO_CHARGE;

struct explanation {
    struct history history;
    const struct history_row *row, *before; /* before: NULL when it is the first */
    struct causes causes;
    const char *plan_name; /* by the catalog version that produced the charge (SPEC A-15) */
    bool reproduced;       /* that version, asked again, gives the stored total */
    int64_t reproduced_minor;
};

/* A cause in one plain sentence; the numbers are in its evidence. */
char *explain_text(struct arena *a, const char *locale, enum explain_cause cause);

/* A fact for machines: "1299", "2024-02-29", "190000", "owner", ''; and for people of a locale:
 * "12,99 € seit 1. Januar 2022". */
const char *explain_value(struct arena *a, const struct evidence_fact *f);
const char *explain_fact(struct arena *a, const char *locale, const struct evidence_fact *f);
/* The charge that `chg_…` or `inv_…` (an invoice, or a credit note against one) names, and whose it
 * is. Faults: EXPLAIN_NO_CHARGE. */
enum status explain_find(struct ctx *cx, const char *reference, int64_t *charge_id,
                         int64_t *account_id) MUST_CHECK;
/* Explains the charge that `chg_…` or `inv_…` (an invoice, or a credit note against one) names.
 * Faults: EXPLAIN_NO_CHARGE, those of history_load and of catalog_load. */
enum status explain_reference(struct ctx *cx, const char *reference,
                              struct explanation *out) MUST_CHECK;
/* The same for one account's own charges; those of others are EXPLAIN_NO_CHARGE. */
enum status explain_own(struct ctx *cx, int64_t account_id, const char *reference,
                        struct explanation *out) MUST_CHECK;

/* One line of the next charge beside the same line of the last one. */
struct preview_line {
    const struct rated_line *next;   /* NULL: the last charge had it, the next one does not */
    const struct line_facts *before; /* NULL: it is new */
    bool differs;
};

struct preview {
    struct history history; /* of its charges no more than `before` */
    bool by_partner;  /* a partner bills: the date is the partner's, `next` and lines are empty */
    bool if_paid;     /* nothing is tried by itself any more: so it would be if paid today */
    int64_t date_day; /* 0: not known */
    struct rated next;
    int64_t credit_minor; /* what credit pays of it */
    const char *plan_name;
    const struct history_row *before; /* NULL: nothing was charged yet */
    struct causes causes;
    size_t n_lines;
    struct preview_line lines[2 * LINES_MAX];
};

/* The next charge as billing will make it, line by line, and which lines differ from the last
 * charge (SPEC, B-12); of a membership that a partner bills, the partner's date (SPEC
 * B-07). Faults: those of billing_preview and history_load. */
enum status explain_next(struct ctx *cx, const struct catalog *c, int64_t account_id,
                         struct preview *out) MUST_CHECK;
