/* remedy_rules: the table. SPDX-License-Identifier: Apache-2.0 */
#include "billing/remedy_rules.h"

#include "billing/billing_rules.h"

/* clang-format off */
static const struct remedy_rule rules[] = {
    {"unauthorized.recent", REFUND_UNAUTHORIZED, WHEN_RECENT, SHARE_FULL, SHARE_FULL, true,
     "A charge that the owner did not agree to is given back."},
    {"unauthorized.old", REFUND_UNAUTHORIZED, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, true,
     "This charge is too old to be given back here; the card's issuer can still be asked."},
    {"duplicate_account.recent", REFUND_DUPLICATE_ACCOUNT, WHEN_RECENT, SHARE_FULL, SHARE_FULL,
     true,
     "Who pays for two accounts by mistake is given back what the second one cost."},
    {"duplicate_account.old", REFUND_DUPLICATE_ACCOUNT, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, true,
     "This charge is too old to be given back; cancel the account that is not used."},
    {"billing_error", REFUND_BILLING_ERROR, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true,
     "What was charged by our mistake is given back, however old it is."},
    {"after_cancel", REFUND_AFTER_CANCEL, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true,
     "What was charged after a finished cancellation is given back."},
    {"withdrawal.in_time", REFUND_WITHDRAWAL, WHEN_WITHDRAWAL, SHARE_UNSERVED, SHARE_FULL, false,
     "The law of this country lets a new member withdraw; the days not served are given back."},
    {"withdrawal.none", REFUND_WITHDRAWAL, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false,
     "There is no right of withdrawal any more; cancelling ends the membership with its period."},
    {"service_failure", REFUND_SERVICE_FAILURE, WHEN_RECENT, SHARE_UNSERVED, SHARE_FULL, false,
     "Where the service has failed, the days to come or a named amount are given back."},
    {"service_failure.old", REFUND_SERVICE_FAILURE, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false,
     "This charge is too old to be given back; credit can be given instead."},
    {"goodwill.law", REFUND_GOODWILL, WHEN_LAW, SHARE_UNSERVED, SHARE_FULL, false,
     "The law of this country gives the days to come back."},
    {"goodwill", REFUND_GOODWILL, WHEN_RECENT, SHARE_UNSERVED, SHARE_FULL, false,
     "An agent may give back the days to come, or a named amount."},
    {"goodwill.old", REFUND_GOODWILL, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false,
     "This charge is too old to be given back; credit can be given instead."},
    {"not_used.law", REFUND_NOT_USED, WHEN_LAW, SHARE_UNSERVED, SHARE_UNSERVED, false,
     "The law of this country gives the days to come back."},
    {"not_used", REFUND_NOT_USED, WHEN_ALWAYS, SHARE_NONE, SHARE_NONE, false,
     "Not having used the service is by itself no reason for a refund; cancelling ends it."},
    {"takeover", REFUND_TAKEOVER, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true,
     "What was charged after a restart that was not the owner's is given back."},
    {"late_capture", REFUND_LATE_CAPTURE, WHEN_ALWAYS, SHARE_FULL, SHARE_FULL, true,
     "The payment came after the wait for it had ended, and is given back."},
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
