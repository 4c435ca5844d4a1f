/* leave: the second screen of cancelling - when it ends, and what is removed with it (SPEC F-10,
 * F-21). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/method.h"

struct leave {
    const char *member;
    int64_t account_id;
    int64_t until;       /* of cancel_untils */
    bool remove_methods; /* also the stored payment methods, at once */
};

/* Ends a membership at the owner's wish. Faults: those of billing_cancel, and of method_remove. */
enum status leave(struct ctx *cx, const struct catalog *c, const struct leave *in,
                  struct overview *out) MUST_CHECK;
