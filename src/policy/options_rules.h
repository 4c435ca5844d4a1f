/* options_rules: what somebody may do with an account, and why not (SPEC ). One pure
 * function over who bills, where the member lives, how the membership stands, where it is asked, by
 * whom, and what else the tables of an action name. docs/options.md is written from the tables.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/role.h"

/* Who collects the money (SPEC D-01). */
enum biller_kind {
    BILLER_DIRECT,
    BILLER_APP_STORE,
    BILLER_CARRIER,
    BILLER_CABLE,
    BILLER_ISP,
    BILLER_CHANNELS,
    BILLER_PACKAGE,
};
extern const struct names biller_kinds;

/* How the membership stands; the same order as its states. Locked stands beside it (SPEC 2.1). */
enum standing {
    STANDING_NONE,
    STANDING_PENDING,
    STANDING_GOOD,
    STANDING_GRACE,
    STANDING_HOLD,
    STANDING_PAUSED,
    STANDING_ENDING,
    STANDING_CANCELED,
    STANDING_DELETED,
};
extern const struct names standings;

/* The named facts of the tables, as a set of bits. */
enum option_fact {
    FACT_PROVEN,              /* a fresh proof of who it is (SPEC C-19, F-12) */
    FACT_LINKS_FORBIDDEN,     /* the store of this app forbids links to a payment page */
    FACT_CANCEL_FORM,         /* the country asks for a form without signing in (SPEC F-25) */
    FACT_CREDIT_LEFT,         /* (SPEC F-10) */
    FACT_RISK_HIGH,           /* (SPEC L-13) */
    FACT_PLAN_PAUSABLE,       /* (SPEC G-03) */
    FACT_METHOD_PAUSABLE,     /* of the primary method's kind */
    FACT_PAUSE_LEFT,          /* fewer months are used than a pause may have (SPEC G-04) */
    FACT_PAUSE_PLANNED,       /* decided, and not begun (SPEC G-07) */
    FACT_CHANGE_PLANNED,      /* another plan is set for the next billing date (SPEC A-04) */
    FACT_PLAN_HAS_SLOTS,      /* (SPEC O-02) */
    FACT_COUNTRY_HAS_SLOTS,   /* the country has a price for one */
    FACT_PARTNER_HAS_SLOTS,   /* the partner's record allows them (SPEC D-11) */
    FACT_SLOT_FREE,           /* fewer are taken than the plan has */
    FACT_SLOT_TAKEN,          /* at least one is */
    FACT_CURRENCY_EQUAL,      /* the gift card's is the account's (SPEC J-06) */
    FACT_PARTNER_PERIOD_OVER, /* the partner's last period has ended (SPEC J-07) */
    FACT_WITHDRAWAL_OPEN,     /* the country grants it and its days are not over (SPEC F-24) */
    FACT_RETENTION_OVER,      /* what ended cannot be restarted any more (SPEC F-13, E-22) */
    FACT_DELETE_PLANNED,      /* early deletion is asked for (SPEC F-20) */
    FACT_CONTACT,             /* a link or code can be sent to it (SPEC K-07, D-14) */
    FACT_PRICE_QUESTION,      /* a price was announced that asks for consent (SPEC A-08) */
    FACT_RESTARTED,           /* its term began with a restart, or one is pending (SPEC F-15) */
    FACT_RESTART_RECENT,      /* and that restart's days of undoing are not over (SPEC I-05) */
    FACT_PLAN_RETIRED,        /* its plan is retired, and it was told (SPEC A-10) */
    FACT_END_REACHED,         /* the last day is over, the end itself is still to come (DT-3) */
    FACT_DAY_MOVES,           /* billing days can be moved at all (SPEC B-13) */
    FACT_METHOD_MOVES,        /* with the primary method's kind */
    FACT_BILLING_DAY,         /* today a period begins */
    FACT_FREE_PERIOD,         /* nothing was paid to us for the days that run */
    FACT_DAY_MOVED,           /* the first period with a new billing day is still to come */
    FACT_SLOT_ENDING,         /* a slot ends with the period */
    FACTS,
};
extern const struct names option_facts;
#define FACT(f)   (1U << (f))
#define ALL_FACTS (FACT(FACTS - 1) | (FACT(FACTS - 1) - 1))

/* What somebody can ask of an account; the order is that of docs/options.md. */
enum option_action {
    ACTION_NONE, /* of ops that are no account's option */
    ACTION_MEMBERSHIP_VIEW,
    ACTION_CHARGES_VIEW,
    ACTION_RECEIPT,
    ACTION_PAYMENT_VIEW,
    ACTION_CREDIT_VIEW,
    ACTION_PAYMENT_CHANGE,
    ACTION_START,
    ACTION_RESTART,
    ACTION_UNDO_RESTART,
    ACTION_CANCEL,
    ACTION_UNDO_CANCEL,
    ACTION_CANCEL_FORM,
    ACTION_WITHDRAW,
    ACTION_PAUSE,
    ACTION_EXTEND_PAUSE,
    ACTION_RESUME,
    ACTION_PLAN_CHANGE,
    ACTION_UNDO_PLAN_CHANGE,
    ACTION_BILLING_DAY,
    ACTION_PRICE_CONSENT,
    ACTION_PLAN_CHOOSE,
    ACTION_CONFIRM_USE,
    ACTION_SLOT_BUY,
    ACTION_SLOT_CANCEL,
    ACTION_GIFT_REDEEM,
    ACTION_REFUND,
    ACTION_REFUND_ASK,
    ACTION_CHARGE_MATCH,
    ACTION_TAKEOVER_REPORT,
    ACTION_UNLOCK,
    ACTION_DELETE,
    ACTION_UNDO_DELETE,
    ACTION_SIGN_OUT,
    ACTION_RECOVER,
    ACTION_CONTACT_CHANGE,
    ACTIONS,
};

enum option_result { OPTION_ALLOWED, OPTION_HIDDEN, OPTION_DISABLED, OPTION_REDIRECT };
extern const struct names option_results;

/* Where to go: a page, or who can help. */
enum option_place {
    TO_HERE, /* where the action itself is */
    TO_OWNER,
    TO_PROFILES,
    TO_SIGN_IN,
    TO_SIGN_UP,
    TO_WEB,
    TO_ACCOUNT,
    TO_PAYMENT,
    TO_CANCEL,
    TO_UNDO_CANCEL,
    TO_CANCEL_FORM,
    TO_RESTART,
    TO_RESUME,
    TO_PLANS,
    TO_IDENTITY,
    TO_SECURITY,
    TO_SUPPORT,
    TO_PARTNER_PAYMENT,
    TO_PARTNER,
};
extern const struct names option_places;

/* Why, for people: the code is stable, and of anything but an allowed option it is a fault that ops
 * answer with. */
struct option_reason {
    struct fault fault; /* its status is OK where the option is allowed */
    enum option_place place;
};

/* The variables of SPEC 2.1 and the facts. */
struct option_case {
    enum biller_kind biller;
    enum standing standing;
    bool locked;          /* a takeover is reported */
    enum surface surface; /* none, as of the operator's own systems, counts as the web */
    enum role role;
    unsigned facts; /* FACT(…) of all that hold */
};

/* One row of a decision table. A set that is 0 leaves its variable open. */
struct option_rule {
    unsigned roles, billers, standings, surfaces; /* sets of 1 << value */
    bool if_locked;
    unsigned with, without; /* facts that must hold, and that must not */
    enum option_result result;
    const struct option_reason *why;
};

/* An action and its tables, which are read as one: the first row that matches decides. */
struct option_table {
    size_t n;
    const struct option_rule *at;
};
enum { OPTION_TABLES_MAX = 7 };
struct option_about {
    const char *id, *text; /* "cancel", "Cancel the membership" */
    const char *source;    /* ids of SPEC */
    struct option_table tables[OPTION_TABLES_MAX];
};
extern const struct option_about option_abouts[ACTIONS];

/* The row that decides; every case of every action but ACTION_NONE has one, which a test proves. */
const struct option_rule *option_decide(enum option_action action, const struct option_case *c);
/* The facts that an action's tables name. */
unsigned option_facts_of(enum option_action action);
