/* caller: whom somebody acts as, and where - in the same words on the command line and in the
 * headers of a request. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/op.h"

/* As it was said; NULL: nothing was. */
struct caller {
    const char *as; /* system, visitor, agent:NUMBER, or owner:MEMBER, profile:, kids:, extra: */
    const char *surface; /* of surfaces, not none; else where such people are mostly */
    const char *proof;   /* fresh, or left out */
    const char *device, *network;
    const char *country; /* that the network is in: two letters */
};

extern const struct fault CALLER_ACTOR, CALLER_SURFACE, CALLER_PROOF, CALLER_SESSION;

/* Checks the words and looks the member up; nobody said is the system. Faults: those above and
 * INPUT_CARD_NUMBER, whose field is that of struct caller, and those of find_member, with the field
 * `as`. */
enum status caller_read(struct ctx *cx, const struct op_world *w, const struct caller *c,
                        struct actor *out) MUST_CHECK;
