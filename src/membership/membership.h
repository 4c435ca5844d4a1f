/* membership: one account's right to watch - its state, term, period and what is due next. Money is
 * billing's matter. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/zone.h"
#include "membership/consent.h"
#include "membership/membership_rules.h"
#include "membership_sql.h" /* struct membership: the row */

extern const struct fault MEMBERSHIP_UNKNOWN, MEMBERSHIP_NOT_NOW, MEMBERSHIP_CHANGED,
    MEMBERSHIP_RETENTION_OVER, MEMBERSHIP_PROOF_NEEDED, MEMBERSHIP_PARTNER_BILLED,
    MEMBERSHIP_NOT_CANCELLED, MEMBERSHIP_NO_WITHDRAWAL, MEMBERSHIP_NO_CREDIT;

/* Faults: MEMBERSHIP_UNKNOWN. */
enum status membership_get(struct ctx *cx, int64_t account_id, struct membership *out) MUST_CHECK;

/* Why its newest term began: joined, restarted, …; '' when there is none. */
enum status membership_term_cause(struct ctx *cx, int64_t account_id,
                                  const char **cause) MUST_CHECK;

/* Makes one move of SPEC 2.2 at `at`, inside the caller's transaction: changes m->state and writes
 * the event with its actor; the caller has set the other columns of *m and calls membership_store.
 * *effects (may be NULL) receives the row's effects. Faults: MEMBERSHIP_NOT_NOW. */
enum status membership_move(struct ctx *cx, struct membership *m, enum membership_event_kind event,
                            int64_t at, const char *reason, unsigned *effects) MUST_CHECK;
/* Writes an event that leaves the state as it is, such as a lock. */
enum status membership_note(struct ctx *cx, const struct membership *m,
                            enum membership_event_kind event, int64_t at,
                            const char *reason) MUST_CHECK;
/* Stores *m unless somebody else has changed the row since it was read (E_BUSY: rerun).
 * While the account is locked, steps that take money or data stand still: they keep due_at and
 * leave the due queue. */
enum status membership_store(struct ctx *cx, struct membership *m) MUST_CHECK;

/* Sets what is due next, from a local date of the zone; STEP_NONE with day 0 clears it. */
void membership_due(struct membership *m, enum membership_step step, const struct zone *z,
                    int64_t local_day);
void membership_due_at(struct membership *m, enum membership_step step, int64_t at);
