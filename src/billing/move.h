/* move: another billing day, at the owner's wish (SPEC B-13). The days between the end of the paid
 * period and the first date with the new day are charged at once; when that is paid a new term
 * begins on that date. What preview.billing_day shows is what membership.move_billing_day does.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/change_rules.h"
#include "db/db.h"

struct membership;

extern const struct fault MOVE_SAME_DAY;

struct move_day {
    const char *member;
    int64_t account_id;
    int64_t day; /* of the month, 1 to 28: every month has it */
};
/* A move as it would be, or as it is. */
struct move_view {
    const char *member, *change; /* pch_…; '' of a preview */
    int64_t state, old_day, day; /* of a preview the state it would be in */
    int64_t days;                /* that are charged now; 0: the new day is the next date already */
    const char *from, *until;    /* the first and the last of them; '' */
    int64_t charge_net_minor, charge_tax_minor, charge_minor; /* now */
    const char *currency, *code;                              /* code: of a refusal */
    const char *period_start, *period_end; /* the first period with the new day; end exclusive */
    const char *next_charge_on;
    int64_t next_total_minor;
};

/* Shows what moving the billing day would cost; changes nothing. Faults: those of move_day. */
enum status move_preview(struct ctx *cx, const struct catalog *c, const struct move_day *in,
                         struct move_view *out) MUST_CHECK;
/* Moves it once the days until then are paid; at once where there are none. Faults: whatever the
 * policy says of ACTION_BILLING_DAY, MOVE_SAME_DAY, those of change_ground, the RATE_ faults. */
enum status move_day(struct ctx *cx, const struct catalog *c, const struct move_day *in,
                     struct move_view *out) MUST_CHECK;
/* The newest change, which was a move, as it stands now. Faults: CHANGE_NONE. */
enum status move_look(struct ctx *cx, const struct catalog *c, int64_t account_id,
                      struct move_view *out) MUST_CHECK;

/* What the policy asks: of a membership on a local date. */
struct move_facts {
    bool offered;     /* the installation lets billing days be moved */
    bool method;      /* the primary method is of a kind that may */
    bool billing_day; /* today a period begins */
    bool free_period; /* nothing was paid to us for the days that run */
    bool moved;       /* the day was moved already, and the first period with it is still to come */
    bool slot_ending; /* an extra member's slot ends with the period */
};
enum status move_facts(struct ctx *cx, const struct membership *m, int64_t today,
                       struct move_facts *out) MUST_CHECK;
