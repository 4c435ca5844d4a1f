/* membership_rules: SPEC 2.2 as a table. SPDX-License-Identifier: Apache-2.0 */
#include "membership/membership_rules.h"

const struct names membership_states =
    NAMES("none", "pending", "active", "grace", "hold", "paused", "ending", "canceled", "deleted");
const struct names membership_events = NAMES(
    "sign_up", "import", "payment_ok", "payment_refused", "renewal_failed", "grace_over",
    "hold_limit", "cancel", "undo_cancel", "period_end", "pause_begin", "extend_pause", "resume",
    "restart", "withdraw", "undo_restart", "retention_over", "pause", "cancel_begin", "lock",
    "unlock", "delete", "undo_delete", "erase_announced", "partner_activate", "partner_suspend",
    "partner_resume", "partner_end", "restart_refused", "restart_held", "restart_stopped");
const struct names membership_steps =
    NAMES("none", "renew", "look_up", "retry", "remind", "grace_end", "hold_end", "period_end",
          "pause", "resume", "pending_end", "warn_erase", "erase", "purge");

/* A refused payment leads back to the state before PENDING, which the pending row remembers; the
 * table names the one for a first start. A renewal that goes well is no move. Cancelling in
 * grace keeps the access that grace gives and ends with it (SPEC DT-2): no attempt follows, and the
 * period that nobody paid is taken back. */
/* clang-format off */
static const struct move moves[] = {
    /* from        event                to          effects */
    {M_NONE,     MEV_SIGN_UP,         M_PENDING,  0},
    {M_NONE,     MEV_IMPORT,          M_ACTIVE,   0},
    {M_PENDING,  MEV_PAYMENT_OK,      M_ACTIVE,   FX_NOTIFY | FX_NEW_TERM},
    {M_PENDING,  MEV_PAYMENT_REFUSED, M_NONE,     FX_NOTIFY},
    {M_ACTIVE,   MEV_RENEWAL_FAILED,  M_GRACE,    FX_NOTIFY},
    {M_ACTIVE,   MEV_GRACE_OVER,      M_HOLD,     FX_NOTIFY},
    {M_GRACE,    MEV_GRACE_OVER,      M_HOLD,     FX_NOTIFY},
    {M_GRACE,    MEV_PAYMENT_OK,      M_ACTIVE,   FX_NOTIFY},
    {M_HOLD,     MEV_PAYMENT_OK,      M_ACTIVE,   FX_NOTIFY | FX_NEW_TERM | FX_CLOSE_DEBT},
    {M_HOLD,     MEV_HOLD_LIMIT,      M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_HOLD,     MEV_CANCEL,          M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_GRACE,    MEV_CANCEL,          M_ENDING,   FX_NOTIFY},
    {M_ACTIVE,   MEV_CANCEL,          M_ENDING,   FX_NOTIFY},
    {M_ENDING,   MEV_UNDO_CANCEL,     M_ACTIVE,   FX_NOTIFY},
    {M_ENDING,   MEV_RENEWAL_FAILED,  M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_ENDING,   MEV_PERIOD_END,      M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_ACTIVE,   MEV_PAUSE_BEGIN,     M_PAUSED,   FX_NOTIFY},
    {M_PAUSED,   MEV_EXTEND_PAUSE,    M_PAUSED,   FX_NOTIFY},
    {M_PAUSED,   MEV_RESUME,          M_PENDING,  0},
    {M_PAUSED,   MEV_CANCEL,          M_CANCELED, FX_NOTIFY | FX_RETENTION},
    {M_CANCELED, MEV_RESTART,         M_PENDING,  FX_NOTIFY},
    {M_ACTIVE,   MEV_WITHDRAW,        M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_ENDING,   MEV_WITHDRAW,        M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_PENDING,  MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY},
    {M_ACTIVE,   MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_GRACE,    MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_HOLD,     MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_PAUSED,   MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY | FX_RETENTION},
    {M_ENDING,   MEV_UNDO_RESTART,    M_CANCELED, FX_NOTIFY | FX_CLOSE_DEBT | FX_RETENTION},
    {M_NONE,     MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_ACTIVE,   MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_GRACE,    MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_HOLD,     MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_PAUSED,   MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_ENDING,   MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_CANCELED, MEV_PARTNER_ACTIVATE, M_ACTIVE,  FX_NOTIFY},
    {M_ACTIVE,   MEV_PARTNER_SUSPEND, M_HOLD,     FX_NOTIFY},
    {M_HOLD,     MEV_PARTNER_RESUME,  M_ACTIVE,   FX_NOTIFY},
    {M_ACTIVE,   MEV_PARTNER_END,     M_ACTIVE,   FX_NOTIFY},
    {M_CANCELED, MEV_RETENTION_OVER,  M_DELETED,  FX_ERASE},
};
/* clang-format on */

const struct fsm membership_fsm = {"membership", &membership_states, &membership_events, moves,
                                   COUNT(moves)};

bool state_has_access(enum membership_state s)
{
    return s == M_ACTIVE || s == M_GRACE || s == M_ENDING;
}

const char *state_standing(enum membership_state s)
{
    return s == M_ACTIVE ? "good" : membership_states.at[s];
}
