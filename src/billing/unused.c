/* unused: finds, asks, ends. SPDX-License-Identifier: Apache-2.0 */
#include "billing/unused.h"

#include "base/calendar.h"
#include "billing/dunning.h"
#include "db/outbox.h"
#include "unused_sql.h"

static int64_t months_before(int64_t at, int64_t months)
{
    return day_add_months(divide_down(at, DAY_MS), -months) * DAY_MS;
}

/* Nobody is asked before viewing has been told of for as long as the question reaches back: else a
 * service that begins to tell would ask everybody. */
enum status billing_find_unused(struct ctx *cx, int64_t at)
{
    int64_t const never_at = months_before(at, cx->settings->inactive_never_months);
    int64_t const stopped_at = months_before(at, cx->settings->inactive_stopped_months);
    struct viewing_since_row since;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(viewing_since(cx, &since, &DB_NO_ROW, .none = 0));
    if (!since.first_at || since.first_at >= never_at) return OK;
    TRY(unused_find(cx, NULL, .due_at = at, .due_day = divide_down(at, DAY_MS),
                    .never_at = never_at, .never_day = never_at / DAY_MS,
                    .stopped_at = stopped_at));
    return tx_commit(&tx);
}

enum status billing_is_used(struct ctx *cx, int64_t account_id)
{
    TRY(errand_drop(cx, account_id, ERRAND_USE_QUESTION, 0));
    return errand_drop(cx, account_id, ERRAND_USE_ANSWER, 0);
}

static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t,
                        const char *field, int64_t day, int64_t at)
{
    char text[DAY_TEXT];

    return outbox_put(cx, topic, t->m.account_id, at,
                      json_pack("{s:s}", field, day_text(day, text)));
}

enum status unused_ask(struct ctx *cx, const struct errand *e, int64_t at)
{
    struct trouble t;

    TRY(trouble_load(cx, e->account_id, &t));
    if (t.m.state != M_ACTIVE || t.account.locked_at || is_partner_billed(&t.m)) return OK;
    int64_t const day = zone_day(t.zone, at) + t.rules.inactive_answer_days;
    TRY(errand_plan(cx, e->account_id, ERRAND_USE_ANSWER, 0, zone_day_start(t.zone, day)));
    return tell(cx, "membership.use_question", &t, "answer_by", day, at);
}

enum status unused_end(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct ctx then = *cx;
    struct membership ended;
    struct trouble t;

    TRY(trouble_load(cx, e->account_id, &t));
    if (t.m.state != M_ACTIVE || t.account.locked_at || is_partner_billed(&t.m)) return OK;
    then.now = at;
    TRY(billing_cancel(&then, c, e->account_id, &ended));
    return tell(cx, "membership.unused_ended", &t, "end_day", ended.end_day, at);
}
