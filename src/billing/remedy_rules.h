/* remedy_rules: circumstance x terms x country says how much of a charge is given back (SPEC I-02).
 * Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/refund_rules.h"

enum refund_share { SHARE_NONE, SHARE_UNSERVED, SHARE_FULL };

/* What the rules look at besides the circumstance. */
struct remedy_terms {
    int64_t paid_days;                      /* since the charge was captured */
    int64_t member_days;                    /* since the term began */
    int64_t refund_days;                    /* the setting */
    int64_t withdrawal_days, unserved_days; /* the country's law (catalog); 0: grants nothing */
};

enum remedy_when {
    WHEN_ALWAYS,
    WHEN_RECENT,     /* paid within refund_days */
    WHEN_WITHDRAWAL, /* within the country's days of the start */
    WHEN_LAW,        /* the country grants the days to come, within its days of the payment */
};

struct remedy_rule {
    const char *id; /* stable; stored with each decision; its text is refund.ID */
    enum refund_circumstance circumstance;
    enum remedy_when when;
    enum refund_share usual; /* given when no amount is named */
    enum refund_share most;  /* what an amount may be */
    bool fast;               /* urgent, with a target time (SPEC I-03) */
};

/* The first rule that fits; there always is one. */
const struct remedy_rule *remedy_find(enum refund_circumstance c, const struct remedy_terms *t);
const struct remedy_rule *remedy_rules(size_t *n);

/* What is left to be served of a period that costs `total` from `day` on (exclusive of days that
 * have begun). */
int64_t remedy_unserved(int64_t total_minor, int64_t start_day, int64_t end_day, int64_t day);
