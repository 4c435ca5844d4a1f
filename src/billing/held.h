/* held: restarts that look unusual wait for their owner, and those of people who may not are told
 * to them (SPEC F-12, F-15, DT-3). While one waits the membership stays CANCELED and nothing is
 * charged: the wish is an errand (docs/decisions/0017). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

#include "billing/risk_rules.h"
#include "db/db.h"

struct catalog;
struct errand;
struct membership;
struct trouble;

struct restart_risk {
    unsigned set; /* RISK(…) */
    bool high;
};
/* How unusual it would be if cx->actor restarted the membership now. Of the operator's own systems
 * and of agents it is never. */
enum status held_risk(struct ctx *cx, int64_t account_id, struct restart_risk *out) MUST_CHECK;

/* Keeps the wish to restart and tells all contacts; a second one while the first waits changes
 * nothing. *go_at: when it is carried out unless it is stopped. Faults: as billing_restart would
 * have now. */
enum status held_keep(struct ctx *cx, const struct catalog *c, int64_t account_id, const char *plan,
                      const struct restart_risk *risk, int64_t *go_at) MUST_CHECK;
/* The errand: the time to stop it is over. */
enum status held_over(struct ctx *cx, const struct catalog *c, const struct errand *e,
                      int64_t at) MUST_CHECK;
/* Its owner confirms it with the code that went to the contacts: it is carried out now. Faults:
 * PROOF_UNKNOWN, HELD_NONE and those of billing_restart. */
enum status held_confirm(struct ctx *cx, const struct catalog *c, int64_t account_id,
                         const char *code) MUST_CHECK;
/* It waits no longer, because it begins; nothing when none waits. */
enum status held_forget(struct ctx *cx, int64_t account_id) MUST_CHECK;
/* Drops the wish, if there is one, and notes it. */
enum status held_stop(struct ctx *cx, const struct membership *m, bool *stopped) MUST_CHECK;
/* Whether what was cancelled can be taken up today with t's plan. Faults: those of billing_restart
 * but for the proof. */
enum status restart_allowed(struct ctx *cx, const struct catalog *c,
                            const struct trouble *t) MUST_CHECK;

extern const struct fault HELD_NONE;

/* Somebody on the account who may not restart it tried: notes it, and tells all contacts, so many
 * times a day. An owner who has only to prove who it is is not told of itself. */
enum status held_refused(struct ctx *cx, int64_t account_id, const struct fault *why) MUST_CHECK;

/* "who": …, "at": … of cx->actor, for messages about restarts, to all contacts. */
json_t *held_who(struct ctx *cx);
