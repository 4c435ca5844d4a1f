/* change_rules: what a change inside a period is worth - of a plan, or by one more slot. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"

/* What a change does about money (SPEC ). */
enum change_effect {
    EFFECT_CHARGED,    /* at once, and the difference for the rest of the period is charged */
    EFFECT_SHIFTED,    /* at once, and what is left of the period pays for fewer days */
    EFFECT_NEXT_PRICE, /* at once, and the new price counts from the next date */
    EFFECT_NEXT_DATE,  /* all of it from the next date */
    EFFECT_MOVED,      /* no other plan: another billing day, and the days until then are charged */
};
extern const struct names change_effects;

enum change_state {
    CHANGE_PENDING,   /* its payment has no answer yet: nothing has changed */
    CHANGE_SCHEDULED, /* waits for the next date */
    CHANGE_DONE,
    CHANGE_REFUSED, /* the payment failed, or had no answer in time: nothing has changed */
    CHANGE_UNDONE,  /* withdrawn, or overtaken by the membership's end */
};
extern const struct names change_states;

/* What is left of a paid period from start_day on. */
struct remainder {
    int64_t start_day, end_day; /* local dates, end exclusive */
    int64_t whole_days;         /* of the period that was paid for in full */
};

/* A monthly amount's share for what is left, rounded half away from zero. More than the whole where
 * days until a new billing day were paid on top. */
int64_t prorate_minor(int64_t month_minor, const struct remainder *r);

/* For how many days the value of `days` at one monthly price lasts at a dearer one: rounded up, so
 * never 0 while any is left, and never more than `days`. */
int64_t shifted_days(int64_t days, int64_t old_minor, int64_t new_minor);

/* A plan with slots, at the prices of a day. */
struct choice {
    const char *plan;
    int64_t slots, price_day;
};
/* Its monthly list price; -1: the country has none. */
int64_t choice_minor(const struct country *c, const struct choice *choice);

/* The difference between two choices for what is left, as lines of a charge of its own: the plan,
 * and each slot whose price differs. Its total may be 0 or less: then nothing is to be charged. */
void change_part(const struct country *c, const struct choice *from, const struct choice *to,
                 const struct remainder *left, struct part *out);

/* The first date from from_day on that has this day of the month, 1 to 28 (SPEC B-13). */
int64_t moved_day(int64_t from_day, int64_t day_of_month);

/* A choice for the days of *gap alone, as lines of a charge of its own: the plan and each slot. */
void move_part(const struct country *c, const struct choice *choice, const struct remainder *gap,
               struct part *out);

/* Something that a plan has and another lacks: "streams", "4", "2". */
struct loss {
    const char *what, *old, *new_;
};
enum { LOSSES_MAX = 8 };
size_t change_losses(const struct plan *from, const struct plan *to, struct arena *a,
                     struct loss out[static LOSSES_MAX]);
