/* ops_faults_test: which faults an op may answer with, and what they speak of.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <string.h>

#include "http/op.h"

/* Whether the row names the fault, or every op may answer with it. */
static inline bool may_answer(const struct op *op, const struct fault *f)
{
    static const char *const generic[] = {"op.", "input.", "account.unknown", "membership.unknown"};

    for (size_t i = 0; i < COUNT(generic); i++)
        if (strncmp(f->code, generic[i], strlen(generic[i])) == 0) return true;
    for (size_t i = 0; op->faults && op->faults[i]; i++)
        if (op->faults[i] == f) return true;
    return op->action != ACTION_NONE && strncmp(f->code, "policy.", 7) == 0;
}

/* Refusals for how the membership stands and who bills it: what the policy is there to say. One
 * that names a field is about that input. */
static inline bool speaks_of_standing(const struct error *e)
{
    static const char *const codes[] = {
        "membership.not_now",
        "membership.partner_billed",
        "membership.retention_over",
        "account.locked",
        "account.not_locked",
        "account.not_ended",
        "change.by_partner",
        "change.payment_failed",
        "change.not_now",
        "gift.not_now",
        "gift.partner_billed",
        "method.partner_billed",
        "pause.plan",
        "pause.method",
        "pause.payment_problem",
        "pause.already",
        "pause.none",
        "price.no_question",
        "slot.biller",
        "slot.country",
        "slot.not_now",
        "slot.plan",
        "slot.unpaid",
        "takeover.no_restart",
        "takeover.too_late",
    };

    for (size_t i = 0; i < COUNT(codes); i++)
        if (!e->field && strcmp(codes[i], e->fault->code) == 0) return true;
    return false;
}
