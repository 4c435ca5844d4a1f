/* membership_rules: the states of SPEC 2.2 and what each event does to them. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/fsm.h"

enum membership_state {
    M_NONE,    /* signed up, nothing bought */
    M_PENDING, /* a start, restart or resume whose payment has no answer yet: no access */
    M_ACTIVE,
    M_GRACE,    /* a renewal failed; full access (SPEC E-02) */
    M_HOLD,     /* involuntary: no access, nothing deleted (SPEC E-05) */
    M_PAUSED,   /* voluntary (SPEC G-09: never to be confused with hold) */
    M_ENDING,   /* cancelled, access until the paid period is over (SPEC F-06) */
    M_CANCELED, /* over; kept for the retention time (SPEC E-06) */
    M_DELETED,
};
extern const struct names membership_states;

enum membership_event_kind {
    MEV_SIGN_UP,
    MEV_IMPORT, /* an existing member: everything before counts as paid */
    MEV_PAYMENT_OK,
    MEV_PAYMENT_REFUSED,
    MEV_RENEWAL_FAILED, /* all methods failed, and there is grace */
    MEV_GRACE_OVER,     /* unpaid; also a failed renewal when grace_days is 0 */
    MEV_HOLD_LIMIT,
    MEV_CANCEL,
    MEV_UNDO_CANCEL,
    MEV_PERIOD_END,
    MEV_PAUSE_BEGIN,
    MEV_EXTEND_PAUSE,
    MEV_RESUME,
    MEV_RESTART,
    MEV_WITHDRAW,
    MEV_UNDO_RESTART, /* it was not the owner's (SPEC I-05) */
    MEV_RETENTION_OVER,
    MEV_PAUSE,        /* beside the state, which stays: a pause is decided */
    MEV_CANCEL_BEGIN, /* the same: cancelling is begun and not finished (SPEC F-02) */
    MEV_LOCK,         /* beside the state, which stays: a takeover is reported */
    MEV_UNLOCK,
    MEV_DELETE, /* the owner asked for early deletion (SPEC F-20) */
    MEV_UNDO_DELETE,
    MEV_ERASE_ANNOUNCED,
    MEV_PARTNER_ACTIVATE, /* a partner bills from now on (SPEC D-10, D-13) */
    MEV_PARTNER_SUSPEND,  /* the partner says that it is not paid (SPEC D-16) */
    MEV_PARTNER_RESUME,
    MEV_PARTNER_END,     /* the partner's part is over and ours goes on (SPEC D-10) */
    MEV_RESTART_REFUSED, /* beside the state: somebody tried who may not (SPEC F-12) */
    MEV_RESTART_HELD,    /* the same: one that looks unusual waits (SPEC DT-3) */
    MEV_RESTART_STOPPED, /* and was stopped before it began */
};
extern const struct names membership_events;

/* What a move asks of the use case that makes it. */
enum membership_effect {
    FX_NOTIFY = 1,     /* tell the member */
    FX_NEW_TERM = 2,   /* a new anchor: the day of payment (SPEC B-02, E-16) */
    FX_CLOSE_DEBT = 4, /* unpaid periods are taken back by credit note, attempts end (SPEC E-20) */
    FX_RETENTION = 8,  /* access ends; the retention clock starts */
    FX_ERASE = 16,
};

extern const struct fsm membership_fsm;

/* What is due next for a membership; the queue's `step` column. */
enum membership_step {
    STEP_NONE,
    STEP_RENEW,   /* book the next period */
    STEP_LOOK_UP, /* ask the gateway what became of an attempt */
    STEP_RETRY,   /* try the unpaid charge again */
    STEP_REMIND,  /* a reminder during grace */
    STEP_GRACE_END,
    STEP_HOLD_END,
    STEP_PERIOD_END,  /* the end of a cancelled membership's paid period */
    STEP_PAUSE,       /* a pause that was decided begins at the end of the paid period */
    STEP_RESUME,      /* the pause is over */
    STEP_PENDING_END, /* the payment of a start, restart or resume had no answer in time */
    STEP_WARN_ERASE,  /* tell that everything will be deleted (SPEC E-22) */
    STEP_ERASE,       /* the retention time is over */
    STEP_PURGE,       /* so is the time that books and consents are kept after it */
};
extern const struct names membership_steps;

/* Whether a member in this state may watch (SPEC E-02, E-05, F-06, G-02). */
bool state_has_access(enum membership_state s);
/* The word that policy and people see: the state's, but `good` for an active member (SPEC 2.1). */
const char *state_standing(enum membership_state s);
