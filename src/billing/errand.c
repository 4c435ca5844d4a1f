/* errand: plans, finds and runs errands. SPDX-License-Identifier: Apache-2.0 */
#include "billing/errand.h"

#include "base/calendar.h"
#include "billing/cancel_form.h"
#include "billing/held.h"
#include "billing/pending.h"
#include "billing/reach.h"
#include "billing/retire.h"
#include "billing/side.h"
#include "billing/unused.h"

const struct names errand_kinds =
    NAMES("look_up", "resume_reminder", "change_end", "cancel_reminder", "credit_low",
          "use_question", "use_answer", "cancel_form", "restart", "retire_notice", "retire");

enum status errand_plan(struct ctx *cx, int64_t account_id, enum errand_kind kind, int64_t subject,
                        int64_t due_at)
{
    return errand_put(cx, NULL, .account_id = account_id, .errand_kind = kind, .subject = subject,
                      .due_at = due_at, .due_day = divide_down(due_at, DAY_MS));
}

enum status errand_plan_once(struct ctx *cx, int64_t account_id, enum errand_kind kind,
                             int64_t subject, int64_t due_at)
{
    return errand_keep(cx, NULL, .account_id = account_id, .errand_kind = kind, .subject = subject,
                       .due_at = due_at, .due_day = divide_down(due_at, DAY_MS));
}

enum status errand_drop(struct ctx *cx, int64_t account_id, enum errand_kind kind, int64_t subject)
{
    return errand_remove(cx, NULL, .account_id = account_id, .errand_kind = kind,
                         .subject = subject);
}

static enum status run(struct ctx *cx, const struct shift *s, const struct errand *e, int64_t at)
{
    switch ((enum errand_kind)e->errand_kind) {
    case ERRAND_LOOK_UP: return pending_look_up_late(cx, e, at);
    case ERRAND_RESUME_REMINDER: return pause_remind(cx, e, at);
    case ERRAND_CHANGE_END: return change_over(cx, e->account_id, e->subject, at);
    case ERRAND_CANCEL_REMINDER: return cancel_remind(cx, e, at);
    case ERRAND_CREDIT_LOW: return reach_watch(cx, s->catalog, e, at);
    case ERRAND_USE_QUESTION: return unused_ask(cx, e, at);
    case ERRAND_USE_ANSWER: return unused_end(cx, s->catalog, e, at);
    case ERRAND_CANCEL_FORM: return cancel_form_do(cx, s->catalog, e, at);
    case ERRAND_RESTART: return held_over(cx, s->catalog, e, at);
    case ERRAND_RETIRE_NOTICE: return retire_tell(cx, s->catalog, e, at);
    case ERRAND_RETIRE: return retire_act(cx, s->catalog, e, at);
    }
    return OK;
}

/* The row goes first, so that what it asks for may plan the next one. */
static enum status do_errand(struct ctx *cx, const struct shift *s, const struct errand *e)
{
    TRY(errand_drop(cx, e->account_id, (enum errand_kind)e->errand_kind, e->subject));
    return run(cx, s, e, s->test_clock ? e->due_at : cx->now);
}

enum status billing_do_errands(struct ctx *cx, const struct shift *s, size_t *done)
{
    struct errand *due;
    TX tx = {0};
    size_t n;

    *done = 0;
    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(errands_due(cx, &due, &n, .due_day = s->due_day, .until_at = s->until_at,
                    .first = s->lease->first, .last = s->lease->last, .max = (int64_t)s->max));
    if (n == 0) return OK;
    TRY(lease_check(cx, s->machine, s->lease));
    for (size_t i = 0; i < n; i++) TRY(do_errand(cx, s, &due[i]));
    TRY(tx_commit(&tx));
    *done = n;
    return OK;
}

enum status billing_first_errand(struct ctx *cx, const struct lease *l, int64_t until_at,
                                 int64_t *day)
{
    struct errand_first_due_row *rows;
    size_t n;

    TRY(errand_first_due_of(cx, &rows, &n, .from_day = 1, .until_at = until_at,
                            .first = l ? l->first : 0, .last = l ? l->last : BUCKETS - 1,
                            .max = 1));
    *day = n ? rows[0].first_day : 0;
    return OK;
}
