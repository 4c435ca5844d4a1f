/* member: one member of a simulated world - what it pays with, what crossed the line to the
 * provider, and all that the auditor believes of it. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "auditor_sql.h"
#include "partners/partners.h"
#include "payments/payments.h"
#include "sim/market.h"
#include "sim/told.h"
#include "sim/walk.h"

/* One attempt as it crossed the line to the provider. */
struct sent {
    const char *key, *token, *currency;
    struct member *member;
    struct gateway_key parts;
    int64_t amount_minor, first_at, last_at, times;
    enum gateway_outcome told;  /* what Foyer was told last */
    enum gateway_outcome truth; /* what the provider did */
    int64_t told_at;            /* when it was told something final; 0: not yet */
    int64_t captured_at;
    bool closed;            /* never seen by the provider, and nobody will send it again */
    bool listed;            /* its end was read in the provider's list of events */
    int dispute;            /* 0: none, 1: open, 2: won by us, 3: lost */
    struct sent *next;      /* older one of the same member */
    struct sent *next_open; /* whose truth may still change */
};

/* A temporary authorization that may hold money (SPEC B-10). */
struct reserved {
    const char *key;
    const struct member *member;
    int64_t at;
    int64_t put_off_until; /* the provider gave no answer: Foyer may wait that long */
    bool gone;             /* voided, refused or never seen */
    struct reserved *next;
};

/* A refund as it crossed the line to the provider. */
struct returned {
    const char *key, *charge_key;
    int64_t amount_minor;
    bool refused;
    struct returned *next;
};

enum { TOKENS_MAX = 8, DECLINES_MAX = 96, REMINDERS_MAX = 32 };
struct token {
    const char *name;
    bool card, mastercard;
    int64_t added_at;
    int64_t opened_at; /* since then no dispute stands in its way */
    bool gone;         /* removed by the owner */
    bool shut;         /* a bank has closed or revoked it, or has won a dispute of what it paid */
    int64_t disputes;  /* that are open */
    int64_t shut_step; /* the step in which that was told */
    int64_t never_at;  /* a decline said "never again"; 0: none since it was last added */
    bool shy;          /* its newest decline leaves it open whether a retry makes sense */
    size_t n_declines; /* known to Foyer; those known longest are forgotten */
    int64_t declined_at[DECLINES_MAX];
};

/* What a member owes or has paid, as the auditor sees it. */
struct duty {
    int64_t charge_id, term, k, subject, start_day, end_day;
    int64_t served_day; /* the period ended earlier than end_day; 0: it did not */
    enum charge_kind kind;
    enum charge_cause cause; /* of its invoice */
    size_t plan;
    int64_t slots;     /* a bit for each */
    int64_t tried_day; /* local date of the first attempt: later than start_day after an outage */
    int64_t rated_at;  /* of a term to come: when it was wanted as it is rated here */
    struct owed owed;
    bool held;           /* period 0 of a term that only begins when it is paid */
    bool news_since;     /* a price was announced while its attempt was in flight */
    int64_t due_on_day;  /* of what is held: the day of its price */
    int64_t given_up_at; /* since then nobody waits for its payment; 0: somebody does */
    bool invoiced, late; /* late: paid when nobody waited for it any more; it begins nothing */
    enum charge_state state;
    int64_t captured_at, recognised_from;
    int64_t credit_minor;                 /* of what is owed, paid by credit */
    int64_t back_minor;                   /* given back, or about to be */
    int64_t back_method_minor;            /* of that, to the method that paid */
    bool disputed, in_dispute;            /* a bank takes it back, or has; it has not yet */
    int64_t lost_minor;                   /* taken back by a bank, for now or for good */
    int64_t noted_minor, noted_tax_minor; /* of both, in credit notes */
    struct duty *older;
};

/* What somebody has asked for, until the auditor has seen that it happened. */
struct wish {
    int64_t at;  /* 0: nothing is wished */
    bool system; /* it was not the owner who asked */
};
enum { EVENT_KINDS = MEV_RESTART_STOPPED + 1 };

/* A refund that has been asked for and must be there; or that the auditor expects by itself. */
struct give_back {
    int64_t charge_id, amount_minor, found_minor; /* what refunds of this kind have given */
    enum refund_circumstance circumstance;
    bool waits; /* for the end of a dispute */
    struct give_back *next;
};

/* A change of plan or billing day that waits for its payment, or has been paid. */
struct switching {
    int64_t change_id, asked_at, start_day, end_day;
    struct owed owed;
    size_t to;
    bool moves;         /* the billing day and not the plan */
    bool refused, over; /* over: the auditor knows what came of it */
    struct switching *next;
};
/* An extra-member slot that is, or was. */
struct bought {
    int64_t slot_id, no;
    int64_t from_day, paid_day, end_day; /* end_day 0: it stays */
    int64_t taken_at;                    /* when a partner's billing ended it; 0: none has */
    bool lost;                           /* it ends by a planned change */
    bool canceled;                       /* it ends by the owner's wish */
    int64_t price_day, whole;
    size_t plan;
    struct owed owed; /* for what was left of the period, where it is charged at once */
    struct bought *next;
};

/* What a partner tells. */
struct tale {
    int64_t number, order, start_day, until_day;
    enum partner_event_kind event;
    size_t plan; /* PLANS: nothing of it */
};

struct member {
    size_t no, place, plan;
    char external_id[24];
    const char *region, *zone_name;
    const struct zone *zone;
    int64_t joined_day, import_day, paid_through_day; /* 0: no such day */
    bool signs_up; /* comes by itself on its joining day; is not imported */
    struct token tokens[TOKENS_MAX];
    size_t n_tokens;
    int64_t account_id; /* 0: not there yet */
    struct sent *sent;  /* newest first */
    bool touched;
    int64_t put_off_at; /* until then the provider took no charge of the member's */
    int64_t doubt_at;   /* until then an outcome was open, or the provider had put something off */

    /* what the auditor believes */
    struct seen_membership row;
    enum membership_state state;
    int64_t term, anchor_day, prev_day;
    struct walk next;    /* stands on the first day of the next period to be booked */
    struct duty *duties; /* newest first */
    struct duty *debt;   /* unpaid, while in GRACE or HOLD */
    int64_t grace_day, hold_day, debt_day; /* of the debt: first days without, and its own day */
    int64_t failed_at, cancel_wanted_at, erase_told_at, cured_at; /* cured: a grace, by payment */
    int64_t reminded_at[REMINDERS_MAX], receipts; /* the newest letters, and their number */
    size_t n_reminded;
    int64_t charge_id;      /* the newest charge that has been seen */
    int64_t given_minor;    /* gift cards redeemed */
    int64_t unused_minor;   /* gift cards that were bought and refused */
    int64_t returned_minor; /* given back as credit */
    int64_t to_note_minor;  /* of all that was given or taken back: due in credit notes */
    bool purse_vague;       /* the newest one came while an attempt was in flight */

    struct wish wishes[EVENT_KINDS];
    enum membership_state back; /* where PENDING leads without a payment */
    int64_t pending_at;
    const char *lone_charge; /* a charge for a term that nobody has begun yet */
    int64_t end_day, retention_day, delete_day;
    int64_t over_at;                     /* when the state began, or a deletion was taken back */
    int64_t credit_until_day;            /* ENDING: goes on until then for as long as credit pays */
    int64_t contract_day, contract_term; /* the newest start, import or restart */
    int64_t began_at, restart_term;      /* the newest term that a restart began; 0: none */
    int64_t lifted_end_day, lifted_retention_day; /* of what that took up again */
    size_t ended_plan, lifted_plan;               /* with which it ended; and that took up again */
    int64_t added_at;                             /* the newest method that its owner added */
    int64_t refused_at;                           /* the newest try of others to restart */
    int64_t held_until; /* a restart that looks unusual waits; 0: none does */
    size_t held_plan;
    int64_t pause_months; /* decided or running */
    int64_t locked_at, unlocked_at;
    int64_t asked_at, answered_at; /* whether it stays: the letter, and its last sign of life */
    size_t next_plan, period_plan; /* PLANS: none is planned */
    int64_t slots, period_slots;
    bool cancel_begun; /* and not finished */
    bool shifted;      /* period 0 of this term follows a shift of the anchor */
    int64_t gap_day;   /* the billing day moves: the days from here to the new one are paid */
    bool paid_ahead;   /* the days before period 0 of this term are paid: its anchor was moved */
    int64_t known_day, new_day, from_day; /* the prices it has been told of */
    struct switching *switchings;
    struct bought *bought;
    struct notice *notices;
    struct leaving leaving;
    struct give_back *give_backs;
    int64_t disputed_from, disputed_until; /* the newest dispute; until: INT64_MAX while open */
    bool partner, partner_resumes, partner_linked; /* somebody else bills */
    int64_t partner_order, partner_until_day, partner_end_day, kept_days, tales;
    struct tale tale; /* the newest that was told */
};
