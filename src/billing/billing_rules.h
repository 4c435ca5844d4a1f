/* billing_rules: the words of billing and the arithmetic of one period. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "policy/settings.h"

enum charge_kind { CHARGE_RENEWAL, CHARGE_SLOT, CHARGE_CHANGE };
extern const struct names charge_kinds;

enum charge_state {
    CHARGE_WANTED,   /* an attempt is decided; its answer is not known to us yet */
    CHARGE_UNKNOWN,  /* the gateway has it and has not told: only a look-up ends this */
    CHARGE_CAPTURED, /* paid */
    CHARGE_FAILED,   /* every method failed; to be tried again while dunning lasts */
    CHARGE_CREDITED, /* never paid: taken back by a credit note (SPEC E-20) */
    CHARGE_CANCELED, /* given up before anything was invoiced */
};
extern const struct names charge_states;

/* What turned a failing charge into a captured one (SPEC E-23). */
enum recovery { RECOVERED_NOT, RECOVERED_BACKUP, RECOVERED_RETRY, RECOVERED_MEMBER };
extern const struct names recoveries;

enum invoice_document { DOC_INVOICE, DOC_CREDIT_NOTE };
extern const struct names invoice_documents;

/* Why a charge is what it is, at its simplest; explanations compare rows (SPEC B-05). */
enum charge_cause {
    CAUSE_RENEWAL,     /* the same day and amount as ever */
    CAUSE_FIRST,       /* the first period of the first term */
    CAUSE_MISSING_DAY, /* the anchor day does not exist in this month */
    CAUSE_PRICE_CHANGE,
    CAUSE_TAX_CHANGE,
    CAUSE_RECOVERED, /* a new term from the day of payment after a hold (SPEC E-16) */
    CAUSE_UNPAID,    /* a credit note: the period was never paid */
};
extern const struct names charge_causes;

enum line_kind { LINE_PLAN, LINE_TAX };
extern const struct names line_kinds;

enum { TAXES_MAX = 6, LINES_MAX = TAXES_MAX + 1 };

struct rated_line {
    enum line_kind kind;
    const char *item;
    enum charge_cause cause;
    int64_t unit_minor, rate_ppm, effective_day, amount_minor;
};

/* One period of one membership, rated: what an invoice says. */
struct rated {
    const struct country *country;
    const char *plan, *region, *currency;
    int64_t start_day, end_day; /* local dates, end exclusive */
    int64_t net_minor, tax_minor, total_minor;
    enum charge_cause cause;
    size_t n_lines;
    struct rated_line lines[LINES_MAX];
};

struct rate_in {
    const char *plan, *country, *region;
    int64_t anchor_day, k;
    bool first;     /* period 0 of the first term */
    bool recovered; /* period 0 of a term that began with the payment that ended a hold */
};

extern const struct fault RATE_NO_COUNTRY, RATE_NO_PLAN, RATE_NO_PRICE;

/* The one rating of a period: renewals, previews and recoveries all call it (SPEC A-09: preview and
 * billing are the same code). Price and taxes are those in force on the period's first day. NULL
 * and *out filled, or the fault that says what the catalog lacks. */
const struct fault *rate_period(const struct catalog *c, const struct rate_in *in,
                                struct rated *out);

/* How much of a period's net amount is earned by `day` (exclusive), straight-line by day: 0 before
 * the period, all of it after; exact at the end, so that parts always add up. */
int64_t earned_minor(int64_t net_minor, int64_t start_day, int64_t end_day, int64_t day);
