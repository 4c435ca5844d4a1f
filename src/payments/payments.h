/* payments: methods, and carrying out what billing wants charged.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>

#include "billing/billing.h"
#include "payments/gateways/sandbox.h"
#include "payments/gateways/sandbox_service.h"
#include "payments/gateways/sandbox_tell.h"
#include "payments/intake.h"
#include "payments/news.h"

enum method_state { METHOD_USABLE, METHOD_BLOCKED, METHOD_REMOVED };
extern const struct names method_states;
enum attempt_state { ATTEMPT_CAPTURED, ATTEMPT_DECLINED, ATTEMPT_UNKNOWN };
extern const struct names attempt_states;

/* The world that work is done in: production, a test or the simulator. */
struct world {
    const struct machine *machine;
    struct gateway *gateway;
    bool test_clock;
    bool deaf;                                /* asks the gateway for no events this time */
    void (*progress)(void *arg, int64_t day); /* may be NULL; a UTC day is done */
    void *progress_arg;
    const atomic_bool *stopping; /* may be NULL; true: end early, with PAYMENTS_STOPPED */
};
extern const struct fault PAYMENTS_STOPPED;

/* Sends the wanted charges of the shift's accounts and settles their answers, at most s->max at a
 * time; a decline is followed by the next backup in the same group (SPEC E-01). *done counts the
 * charges that got further: all that it took. 0: nothing is wanted any more. */
enum status payments_collect(struct ctx *cx, const struct world *w, const struct shift *s,
                             size_t *done) MUST_CHECK;
/* Reads what the gateway tells by itself, and settles what it ends of the shift's accounts, up to
 * s->until_at (exclusive). *done counts events, those of others and known ones too. */
enum status payments_take_events(struct ctx *cx, const struct world *w, const struct shift *s,
                                 size_t *done) MUST_CHECK;

/* Carries out what is wanted of one account at once, until its outcome is known or in doubt (SPEC
 * E-08). */
enum status payments_collect_account(struct ctx *cx, const struct world *w, const struct catalog *c,
                                     int64_t account_id) MUST_CHECK;

/* Works through everything due before `until_at`, each obligation at its own due time on a test
 * clock, and moves that clock. Reruns what loses races; returns what it cannot mend. Safe to kill
 * anywhere and to run twice at once (SPEC B-17). */
enum status payments_run(struct ctx *cx, const struct world *w, int64_t until_at) MUST_CHECK;

/* The idempotency key of one attempt (SPEC B-11). */
char *payments_key(int64_t account_id, int64_t term, int64_t k, enum charge_kind kind,
                   int64_t subject, int64_t attempt_no, char to[static GATEWAY_KEY_TEXT]);
