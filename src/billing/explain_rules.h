/* explain_rules: why a charge has its date and its amount, found by comparing it with the charge
 * before (SPEC B-05, H-11). Facts here, wording apart. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"

/* What every screen with billing dates says beside them, as a code (SPEC B-04): they are local
 * dates of the account's billing zone, and a bank may show a charge one day earlier or later. */
#define BANK_DATE_NOTE "bank_date_may_differ_by_a_day"

/* The first seven are those of SPEC B-05. */
enum explain_cause {
    WHY_MISSING_DAY, /* the anchor day does not exist in this month, or did not in the last */
    WHY_PLAN_UPGRADE,
    WHY_SLOT_ADDED,
    WHY_PRICE_CHANGE,
    WHY_TAX_ADDED,
    WHY_PARTNER,      /* a partner bills, on its own dates */
    WHY_BANK_POSTING, /* confirmed on a later day than it was begun, without any refusal */
    WHY_TAX_CHANGED,  /* another rate, or a tax that is gone */
    WHY_PLAN_DOWNGRADE,
    WHY_SLOT_REMOVED,
    WHY_COUNTRY_CHANGE,  /* other prices, taxes or currency because the member has moved */
    WHY_CHANGE_NOT_MADE, /* it was for a change beside the renewals that has not come about */
    WHY_FIRST,
    WHY_RECOVERED,      /* a new term from the day of payment after a hold (SPEC E-16) */
    WHY_HOLD_UNPAID,    /* it would be that, and was not paid */
    WHY_ANCHOR_SHIFT,   /* the rest of a period paid for a plan change or a slot (A-03, B-06) */
    WHY_DAY_MOVED,      /* its owner has moved the billing day (SPEC B-13) */
    WHY_PAUSE_OVER,     /* a new term from the day of payment after a pause (SPEC G-06) */
    WHY_NEW_TERM,       /* a new anchor for any other reason */
    WHY_TERM_NOT_BEGUN, /* it would be that, or after a pause, and has not come about */
    WHY_GAP,            /* periods between the two were not charged */
    WHY_RETRIED,        /* paid later than due because an attempt was refused */
    WHY_LOCK,           /* begun late: the account was locked when it was due (SPEC 2.2) */
    WHY_DISPUTED,       /* not tried when it was due: a bank disputed an earlier one (SPEC I-06) */
    WHY_BEGUN_LATE,     /* begun late for any other reason of ours or the member's */
    WHY_CARD_EXPIRED,   /* taken from a card whose date had passed (SPEC C-16, H-10) */
    WHY_CARD_UPDATED,   /* taken from a card whose details the network had replaced */
    WHY_PLAN_RETIRED,   /* the plan before is sold no more (SPEC A-10); said by billing/retire.c */
    WHY_CREDIT,         /* credit pays another part of it than of the one before (SPEC H-11) */
    WHY_AS_BEFORE,      /* the pattern: nothing to explain */
    WHY_UNKNOWN, /* date or amount differ and nothing above says why: for a person to look at */
};
extern const struct names explain_causes;

/* A value as it is, for explain_value and for the texts of a language: words apart from numbers. */
enum fact_kind {
    FACT_NONE, /* there is no such value */
    FACT_WORD, /* a code that has words: "included", "owner" */
    FACT_TEXT, /* a name that stays as it is */
    FACT_COUNT,
    FACT_DATE, /* a local date */
    FACT_MONEY,
    FACT_RATE, /* in millionths */
};
extern const struct names fact_kinds;
struct evidence_fact {
    enum fact_kind kind;
    const char *text; /* word or name; of money its currency */
    int64_t number;
    int64_t since_day; /* in force from then on; 0: that is not known */
};

/* One fact that differs: "price", 12.99 EUR since 2022-01-01, 13.99 EUR since 2024-03-01. */
struct evidence {
    const char *name;
    struct evidence_fact old, new_;
};

enum { CREDIT_OPEN = -1 };
enum { EVIDENCE_MAX = 12, CAUSES_MAX = WHY_UNKNOWN + 1 };

struct cause {
    enum explain_cause cause;
    size_t n;
    struct evidence at[EVIDENCE_MAX];
};

struct causes {
    size_t n;
    struct cause at[CAUSES_MAX];
};

/* One line of an invoice as it was stored or rated. */
struct line_facts {
    enum line_kind kind;
    const char *item;
    int64_t unit_minor, rate_ppm, effective_day, amount_minor;
};

/* What a membership is made of once a charge is made: a charge beside the renewals has lines for
 * what it adds alone. */
struct basket {
    const char *plan;
    int64_t day; /* its billing day, as a date */
    size_t n;
    const struct line_facts *lines; /* the plan and each slot; others count for nothing */
};

/* Which days of a period a charge beside the renewals is for; whole_days 0: that is not known. */
struct share {
    int64_t start_day, end_day, whole_days;
};

/* A card when it was charged; '' and 0: not known. */
struct card_facts {
    const char *last4, *last4_before;     /* before its network replaced its details */
    const char *expires, *expires_before; /* "2024-02" */
    int64_t updated_day;                  /* when that was; 0: it was not */
    bool expired;
};

/* What is known of one charge. Days are local dates, 0: none. */
struct charge_facts {
    const char *biller, *plan, *country, *region, *currency;
    enum charge_kind kind;
    int64_t subject;    /* of a charge beside the renewals: the plan change or the slot */
    bool recovered;     /* its term began with the payment that ended a hold */
    bool shifted;       /* its term began earlier than the period before was to end */
    bool moved;         /* its term began on a billing day that the owner chose */
    bool resumed;       /* its term began with the payment that ended a pause */
    bool in_vain;       /* what it is for has not come about: it is not paid, or was so too late */
    int64_t paused_day; /* when the pause began that it ends; 0: not known */
    int64_t gap_start_day, gap_end_day; /* it is for the days until that day alone; 0: it is not */
    int64_t term, k, anchor_day, due_day;
    int64_t begun_day;                  /* its first attempt; 0: on the day it was due */
    int64_t captured_day, expected_day; /* paid; on the statement by (SPEC B-08) */
    int64_t locked_day, unlocked_day;   /* a lock that kept it from being begun when it was due */
    int64_t disputed_day, settled_day;  /* a dispute that did; settled 0: it is still open */
    struct card_facts card;             /* with what it was paid */
    int64_t refusals;                   /* declined attempts before it was paid */
    int64_t total_minor;
    int64_t
        credit_minor; /* what credit pays of it; CREDIT_OPEN: that is decided when it is tried */
    int64_t credits;  /* gift cards and other credit that this is from */
    size_t n_lines;
    const struct line_facts *lines;
    const char *plan_before; /* a plan change's own; NULL: that of the charge before */
    struct share share;
    struct basket basket; /* lines NULL: what its own lines say */
};

/* What the membership is made of after *is, *was being the invoiced charge before it (NULL: there
 * is none). */
struct basket charge_basket(const struct charge_facts *was, const struct charge_facts *is,
                            struct arena *a);

/* The causes of *is, *was being the charge before it (NULL: there is none), in the order of the
 * enum; at least one. WHY_UNKNOWN appears only when date or amount differ from the pattern and no
 * other cause says why. */
void explain_charge(const struct charge_facts *was, const struct charge_facts *is,
                    struct causes *out);

/* Why a membership that a partner bills is charged when it is: the partner's own dates, which we
 * are told and never make (SPEC B-07). */
void explain_partner(const char *biller, int64_t date_day, struct causes *out);

/* The line that charges the plan itself; NULL when there is none. */
const struct line_facts *facts_plan_line(const struct charge_facts *f);
/* The line of *f for the same thing as *l: the plan, the add-on or the tax of that name; or NULL.
 */
const struct line_facts *facts_line_like(const struct charge_facts *f, const struct line_facts *l);

/* "19 %", "8.875 %" */
const char *rate_text(int64_t rate_ppm, struct arena *a);

/* What the rows of a payment history say of a charge against the one before: plan, price, tax,
 * slots, method and date (SPEC H-02, E-17); at most max. `method_was` and `method_is` are labels
 * such as "visa 4242". */
size_t charge_changes(const struct charge_facts *was, const struct charge_facts *is,
                      const char *method_was, const char *method_is, struct arena *a,
                      struct evidence *out, size_t max);

/* Numbers the attempts of one charge by round: one round tries each method once, so a method that
 * comes again, or another local date, begins the next. Zeroed before the first attempt. */
struct try_round {
    int64_t number, day;
    size_t n;
    int64_t methods[16];
};
int64_t try_round_next(struct try_round *r, int64_t method_id, int64_t day);
