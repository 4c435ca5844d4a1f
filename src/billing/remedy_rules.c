/* remedy_rules: the table. SPDX-License-Identifier: Apache-2.0 */
#include "billing/remedy_rules.h"

#include "billing/billing_rules.h"

/* clang-format off */
static const struct remedy_rule rules[] = {
    {"unauthorized.recent", REFUND_UNAUTHORIZED, WHEN_RECENT, SHARE_FULL, SHARE_FULL, true},
    {"unauthorized.old", REFUND_UNAUTHORIZED, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, true},
    {"duplicate_account.recent", REFUND_DUPLICATE_ACCOUNT, WHEN_RECENT, SHARE_FULL, SHARE_FULL,
     true},
    {"duplicate_account.old", REFUND_DUPLICATE_ACCOUNT, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, true},
    {"billing_error", REFUND_BILLING_ERROR, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true},
    {"after_cancel", REFUND_AFTER_CANCEL, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true},
    {"withdrawal.in_time", REFUND_WITHDRAWAL, WHEN_WITHDRAWAL, SHARE_UNSERVED, SHARE_FULL, false},
    {"withdrawal.none", REFUND_WITHDRAWAL, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false},
    {"service_failure", REFUND_SERVICE_FAILURE, WHEN_RECENT, SHARE_UNSERVED, SHARE_FULL, false},
    {"service_failure.old", REFUND_SERVICE_FAILURE, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false},
    {"goodwill.law", REFUND_GOODWILL, WHEN_LAW, SHARE_UNSERVED, SHARE_FULL, false},
    {"goodwill", REFUND_GOODWILL, WHEN_RECENT, SHARE_UNSERVED, SHARE_FULL, false},
    {"goodwill.old", REFUND_GOODWILL, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false},
    {"not_used.law", REFUND_NOT_USED, WHEN_LAW, SHARE_UNSERVED, SHARE_UNSERVED, false},
    {"not_used", REFUND_NOT_USED, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false},
    {"takeover", REFUND_TAKEOVER, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true},
    {"late_capture", REFUND_LATE_CAPTURE, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true},
};
/* clang-format on */

static bool fits(enum remedy_when when, const struct remedy_terms *t)
{
    switch (when) {
    case WHEN_ALWAYS: return true;
    case WHEN_RECENT: return t->paid_days <= t->refund_days;
    case WHEN_WITHDRAWAL: return t->withdrawal_days > 0 && t->member_days <= t->withdrawal_days;
    case WHEN_LAW: return t->unserved_days > 0 && t->paid_days <= t->unserved_days;
    }
    return false;
}

const struct remedy_rule *remedy_find(enum refund_circumstance c, const struct remedy_terms *t)
{
    const struct remedy_rule *r = rules;

    while (r->circumstance != c || !fits(r->when, t)) r++;
    return r;
}

const struct remedy_rule *remedy_rules(size_t *n)
{
    *n = COUNT(rules);
    return rules;
}

int64_t remedy_unserved(int64_t total_minor, int64_t start_day, int64_t end_day, int64_t day)
{
    return total_minor - earned_minor(total_minor, start_day, end_day, day);
}
