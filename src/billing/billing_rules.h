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
    CAUSE_RESTARTED, /* a new term from the day of payment after the membership had ended (B-02) */
    CAUSE_RESUMED,   /* the same after a pause (SPEC G-06) */
    CAUSE_UNPAID,    /* a credit note: the period was never paid */
    CAUSE_PLAN_CHANGE,
    CAUSE_SLOT_ADDED,
    CAUSE_SLOT_REMOVED,
    CAUSE_ANCHOR_SHIFT, /* the first period from a billing day that was moved: by its owner, or
                           because the rest of a period paid for a dearer plan or one more slot */
    CAUSE_REFUND,       /* a credit note: paid, and given back (SPEC I-04) */
    CAUSE_DISPUTE,      /* a credit note: a bank has taken it back (SPEC I-06) */
    CAUSE_DAY_MOVED,    /* the days until a new billing day (SPEC B-13) */
    CAUSE_HOLD_UNPAID,  /* no invoice's: it would end a hold, and is not paid */
};
extern const struct names charge_causes;

enum line_kind { LINE_PLAN, LINE_TAX, LINE_SLOT };
extern const struct names line_kinds;

#define ADDON_SLOT "extra_member" /* the catalog's name of an extra-member slot */
enum { TAXES_MAX = 6, SLOTS_MAX = 20, LINES_MAX = TAXES_MAX + 1 + SLOTS_MAX };

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

/* Which prices a member has been told of: those of known_day and, for periods that start on
 * from_day or later, those of new_day (SPEC A-08). known_day 0: whatever the catalog says. */
struct price_terms {
    int64_t known_day, new_day, from_day;
};

struct rate_in {
    const char *plan, *country, *region;
    int64_t anchor_day, k;
    bool first;     /* period 0 of the first term */
    bool recovered; /* period 0 of a term that began with the payment that ended a hold */
    bool shifted;   /* period 0 of a term whose anchor a plan change, a slot or its owner moved */
    int64_t slots;  /* a bit for each slot to charge: 1 for the first, 2 for the second, … */
    const char *plan_before; /* of the period before; NULL: the same */
    int64_t slots_before;
    struct price_terms prices;
};

extern const struct fault RATE_NO_COUNTRY, RATE_NO_PLAN, RATE_NO_PRICE;

/* The day whose prices hold for a period that starts on `start_day`. */
int64_t price_day(const struct price_terms *p, int64_t start_day);

/* The one rating of a period: renewals, previews and recoveries all call it (SPEC A-09: preview and
 * billing are the same code). Price and taxes are those in force on the period's first day. NULL
 * and *out filled, or the fault that says what the catalog lacks. */
const struct fault *rate_period(const struct catalog *c, const struct rate_in *in,
                                struct rated *out);

/* Part of a period that is charged or given away by itself: lines of list prices, with tax inside
 * or without as the country has it. Taxes are those of start_day. */
struct part {
    const char *plan, *country, *region;
    int64_t start_day, end_day;
    enum charge_cause cause;
    size_t n;
    struct rated_line lines[1 + SLOTS_MAX]; /* amount_minor is the list amount */
};
const struct fault *rate_part(const struct catalog *c, const struct part *in, struct rated *out);

/* "extra_member_2": what an invoice calls the second slot (numbers from 1). */
const char *slot_item(int64_t slot_no);
/* The number of the slot that an invoice's item names; 0: none. */
int64_t slot_of_item(const char *item);

/* What rules in a country: its own settings over the installation's. c may be NULL: the catalog
 * does not know it (any more). */
struct settings settings_in(const struct settings *s, const struct country *c);
/* The longest grace and hold of all countries, beside the installation's. */
struct settings settings_widest(const struct settings *s, const struct catalog *c);

/* The period to bill next, where `next` follows the newest billed: those that were over when a lock
 * ended on unlock_day (0: never) are passed over (SPEC 2.2). */
int64_t period_after_lock(int64_t anchor_day, int64_t next, int64_t unlock_day);
/* The same after an outage of ours, where only the current period is to be billed: the newest that
 * has begun by today. */
int64_t period_after_outage(const struct settings *s, int64_t anchor_day, int64_t next,
                            int64_t today);

/* How much of a period's net amount is earned by `day` (exclusive), straight-line by day: 0 before
 * the period, all of it after; exact at the end, so that parts always add up. */
int64_t earned_minor(int64_t net_minor, int64_t start_day, int64_t end_day, int64_t day);
