/* told: what a member was told of its prices and of its plan's retirement, and what has become of
 * that. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* A price that the member was told of. */
struct notice {
    size_t plan;
    int64_t from_day, applies_day;
    bool asks; /* for a consent that is not given yet */
    struct notice *next;
};

/* What it was told of its plan's retirement, and what has become of that. */
struct leaving {
    int64_t told_at, told_id, applies_day; /* from that day on no period begins with the plan */
    int64_t starts_day, amount_minor;
    size_t choice; /* PLANS: none yet */
    bool open, fresh;
    bool left;     /* it had another plan or biller, or none, since it was told */
    int64_t since; /* it has had a plan that is retired, untold; 0: it has not */
};
