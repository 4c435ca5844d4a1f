/* risk_rules: what makes a restart unusual (SPEC DT-3, L-13). Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum risk {
    RISK_NEW_COUNTRY,  /* never seen with this account before, and not its own */
    RISK_NEW_DEVICE,   /* the same of the device */
    RISK_METHOD_ADDED, /* a payment method was added just before */
    RISK_UNLOCKED,     /* a takeover was looked into until just before */
    RISK_REFUSED,      /* somebody who may not tried to restart just before */
    RISKS,
};
extern const struct names risks;
#define RISK(r) (1U << (r))

struct risk_rule {
    enum risk risk;
    int64_t points;
    const char *text; /* for people */
};
const struct risk_rule *risk_rules(size_t *n);

/* The points of a set of RISK(…); they add up. */
int64_t risk_points(unsigned set);
