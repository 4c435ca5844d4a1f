/* guide_rules: what the guides find, from facts: why money left twice, where an unknown charge
 * comes from, why there was a charge after cancelling. Facts in, findings out; wording is in
 * texts/. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "membership/membership_rules.h"

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_CANNOT_TELL };
extern const struct names verdicts;

/* What the database says of one account; windows end now. */
struct guide_facts {
    enum membership_state state;
    bool by_partner;          /* a partner bills it */
    int64_t others;           /* other accounts that pay with one of its methods */
    int64_t others_other_way; /* of those: billed by a partner where this is not, or the reverse */
    /* of the time that the guide looks at */
    int64_t captures;        /* charges that were paid */
    int64_t upgrades, slots; /* of those: for a plan change, for an extra member */
    int64_t moves;           /* of those: for the days until a new billing day */
    int64_t late;            /* of those: too late, so that they go back */
    bool apart;              /* all of those are renewals, each of a period after the one before */
    int64_t retried;         /* of those: paid after an attempt was refused */
    int64_t temporary;       /* authorizations that may show and are never charged */
    int64_t own_matches, others_matches; /* charges of the amount and date that were asked about */
    int64_t by_others;                   /* changes made by others of the household */
    bool asked_amount;                   /* an amount was given to look for */
    bool stolen;                         /* the asker says that the card was stolen */
    /* of cancelling */
    bool cancel_started, cancel_finished; /* begun and left; confirmed to the end, and not undone */
    bool cancel_confirmed; /* the cancel that the newest charge followed; later it may have been
                              undone */
    bool restarted;        /* after that cancel, or newly in the time */
    bool undone;           /* it was, and that has been undone in the time */
    bool locked;           /* the account is, and a person looks into it */
};

/* One thing a guide looked at. `code` ends the key of its text: guide.GUIDE.CODE. */
struct guide_found {
    const char *code;
    enum verdict verdict;
    const char *next_step; /* what to do if so: an op, or a code */
};
enum { GUIDE_FOUND_MAX = 11 };
struct guide_finding {
    size_t n;
    struct guide_found at[GUIDE_FOUND_MAX];
    const char *next_step; /* of the first cause that holds */
    bool none;             /* no cause was found, and there is something to explain */
};

/* The seven causes of SPEC H-07, in its order; and, where it is so, that a restart was undone, that
 * the billing day moved, that a payment came too late, and that they are simply the charges of two
 * months. */
void guide_twice(const struct guide_facts *f, struct guide_finding *out);
/* The four origins of SPEC H-04. */
void guide_unknown(const struct guide_facts *f, struct guide_finding *out);
/* The eight checks of SPEC F-16, in its order; of them those that SPEC F-17 names are causes. And,
 * where it is so, that a restart was undone. */
void guide_canceled(const struct guide_facts *f, struct guide_finding *out);

/* The seven steps of SPEC H-05. The card's issuer is named only when the search is over or theft
 * was said (SPEC H-15). `done` steps are behind the asker; writes n codes and which one is next. */
enum { GUIDE_STEPS = 7 };
extern const char *const guide_steps[GUIDE_STEPS];
size_t guide_next_step(size_t done, bool stolen);
