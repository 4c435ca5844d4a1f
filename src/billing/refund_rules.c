/* refund_rules: what each answer means. SPDX-License-Identifier: Apache-2.0 */
#include "billing/refund_rules.h"

#include "base/calendar.h"

const struct names refund_targets = NAMES("method", "credit");
const struct names refund_circumstances =
    NAMES("unauthorized", "duplicate_account", "billing_error", "after_cancel", "withdrawal",
          "service_failure", "goodwill", "not_used", "takeover", "late_capture");
const struct names refund_states = NAMES("wanted", "unknown", "done", "failed");

static void wait(struct refund_life *r, int64_t at, int64_t wait_ms)
{
    for (int64_t i = 0; i < r->tries && wait_ms < DAY_MS; i++) wait_ms *= 2;
    r->due_at = at + (wait_ms < DAY_MS ? wait_ms : DAY_MS);
    r->tries++;
}

static void end(struct refund_life *r, enum refund_state state)
{
    *r = (struct refund_life){.state = state};
}

void refund_live(struct refund_life *r, enum refund_news news, int64_t at, int64_t wait_ms)
{
    if (r->state == REFUND_DONE || r->state == REFUND_FAILED) return;
    switch (news) {
    case REFUND_NEWS_DONE: end(r, REFUND_DONE); break;
    case REFUND_NEWS_REFUSED: end(r, REFUND_FAILED); break;
    case REFUND_NEWS_PENDING:
    case REFUND_NEWS_NO_REPLY:
        r->state = REFUND_UNKNOWN;
        wait(r, at, wait_ms);
        break;
    case REFUND_NEWS_NEVER_SEEN:
        r->state = REFUND_WANTED;
        r->due_at = at;
        break;
    case REFUND_NEWS_LATER: wait(r, at, wait_ms); break;
    }
}
