/* history: a member's charges, one row each however many attempts it took (SPEC E-17, H-02), with
 * what changed since the row before. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "billing/credit_rules.h"
#include "billing/dispute.h"
#include "billing/explain_rules.h"
#include "billing/refund.h"
#include "history_sql.h"
#include "membership/membership.h"

enum { HISTORY_MAX = 5000, CHANGES_MAX = 10 };

struct history_try {
    const struct history_attempt *attempt;
    const char *method;
    int64_t round; /* 1: when it fell due; 2, …: each time it was tried again */
};

/* What credit paid of a charge, card by card: several make up one month (SPEC H-13). */
struct history_part {
    const char *kind, *card; /* gft_… of a gift card; '' for other credit */
    int64_t minor;
};

/* A credit note: it is printed by its reference. */
struct history_note {
    const struct history_credit_note *note;
    const char *reference, *number; /* inv_… */
};

struct history_row {
    const struct history_charge *charge;
    const char *reference;      /* chg_…: stays the same for ever */
    const char *invoice_number; /* "" while a charge that would end a hold is unpaid */
    const char *credit_note;    /* the number of what takes back what was never paid; "" none */
    const char *method;         /* "visa 4242", "credit" where that paid all, or "none" */
    int64_t initiated_day, captured_day, expected_day; /* local dates (SPEC B-08); 0: not */
    size_t n_lines, n_tries, n_changes, n_parts;
    const struct history_part *parts; /* of what credit paid, in the order of the cards */
    const struct history_line *lines;
    const struct history_try *tries;
    struct evidence changes[CHANGES_MAX];
    size_t n_refunds;
    const struct refund *const *refunds; /* oldest first */
    int64_t refunded_minor;              /* decided; see their states */
    size_t n_notes;
    const struct history_note *notes; /* whatever takes it back, oldest first (SPEC H-03) */
    const struct dispute *dispute;    /* NULL: none */
    struct charge_facts facts;
};

struct history {
    struct account account;
    struct membership membership;
    const struct zone *zone; /* the account's */
    size_t n;
    struct history_row *rows; /* oldest first */
};

/* At most HISTORY_MAX charges, into cx->arena. Faults: ACCOUNT_UNKNOWN, ZONE_UNKNOWN. */
enum status history_load(struct ctx *cx, int64_t account_id, struct history *out) MUST_CHECK;
/* Whose it is, without any charge. The same faults. */
enum status history_begin(struct ctx *cx, int64_t account_id, struct history *out) MUST_CHECK;

/* A part of a history; its rows are as history_load gives them. */
struct history_page {
    struct history history;
    size_t first; /* the rows from here on are the page's; older ones are compared with those */
    bool found;   /* the charge before which it was to end is one of the member's */
    bool more;    /* there are charges older than these */
    bool partner_periods; /* a partner has told of periods that it billed */
};
/* The newest `max` charges of those older than `before`; 0: of all. The same faults. */
enum status history_load_page(struct ctx *cx, int64_t account_id, int64_t before, size_t max,
                              struct history_page *out) MUST_CHECK;
/* Of a history that has begun, the newest invoiced renewal before period k of a term, with its
 * lines but without attempts and whatever else became of it; no row: there is none. */
enum status history_load_last(struct ctx *cx, int64_t term, int64_t k,
                              struct history *h) MUST_CHECK;

/* The invoiced charge that a row is compared with: a renewal with the renewal before it; NULL:
 * none. */
const struct history_row *history_before(const struct history *h, size_t row);

/* What a charge that no invoice is for yet was asked for with: its quote, or the member's terms. */
struct rate_in history_asked_with(const struct history *h, const struct history_charge *c);

/* The primary method, as method_text. */
enum status method_now(struct ctx *cx, int64_t account_id, const char **out) MUST_CHECK;
/* "visa 4242"; the kind where there is no brand; "none" where there is no method. */
const char *method_text(const char *kind, const char *brand, const char *last4, struct arena *a);
/* "EU-2026-0-000123"; credit notes have numbers of their own: "EU-2026-0-CN-000007". */
const char *invoice_number_text(const char *seller, int64_t year, int64_t series, bool credit_note,
                                int64_t number, struct arena *a);
