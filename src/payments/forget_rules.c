/* forget_rules: what each answer means. SPDX-License-Identifier: Apache-2.0 */
#include "payments/forget_rules.h"

#include "base/calendar.h"

const struct names forget_states = NAMES("wanted", "sent", "done");

void forget_hear(struct forget_life *f, enum forget_outcome said, int64_t at, int64_t wait_ms)
{
    if (f->state == FORGET_IS_DONE) return;
    if (said == FORGET_DONE) {
        *f = (struct forget_life){FORGET_IS_DONE, at + DAY_MS, 0};
        return;
    }
    for (int64_t i = 0; i < f->tries && wait_ms < DAY_MS; i++) wait_ms *= 2;
    f->state = FORGET_SENT;
    f->tries++;
    f->due_at = at + (wait_ms < DAY_MS ? wait_ms : DAY_MS);
}
