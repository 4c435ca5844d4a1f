/* pause: decides, begins and ends pauses. SPDX-License-Identifier: Apache-2.0 */
#include "billing/pending.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/retire.h"
#include "db/outbox.h"
#include "pause_sql.h"

const struct fault PAUSE_PLAN = {
    E_CONFLICT, "pause.plan",
    "This plan cannot be paused; cancel instead, or change to a plan that can."};
const struct fault PAUSE_METHOD = {
    E_CONFLICT, "pause.method",
    "A membership that is paid this way cannot be paused; choose another payment method first."};
const struct fault PAUSE_PAYMENT_PROBLEM = {
    E_CONFLICT, "pause.payment_problem",
    "The last payment has failed; settle it first, then pause."};
const struct fault PAUSE_LIMIT = {
    E_LIMIT, "pause.limit",
    "A pause cannot be longer than that; resume or cancel when it is over."};
const struct fault PAUSE_ALREADY = {
    E_CONFLICT, "pause.already",
    "A pause is decided or runs already; extend it with membership.extend_pause."};
const struct fault PAUSE_NONE = {E_CONFLICT, "pause.none",
                                 "There is no pause; look at the membership with membership.get."};

/* ---- what it says ---- */

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

/* The charge on the date on which it ends; 0 when the catalog cannot tell it. */
static int64_t price_then(struct ctx *cx, const struct catalog *c, const struct trouble *t)
{
    struct rated r;

    return pending_rate(cx, c, t, zone_day_start(t->zone, pause_until_day(&t->m)), &r) == OK
               ? r.total_minor
               : 0;
}

static void view(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                 struct pause_view *out)
{
    *out = (struct pause_view){
        .member = id_text("mem", t->m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .state = t->m.state,
        .months = t->m.pause_months,
        .pause_on = date(cx, t->m.period_end_day),
        .resume_on = date(cx, pause_until_day(&t->m)),
        .amount_minor = price_then(cx, c, t),
        .currency = t->account.currency,
    };
}

static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t, int64_t at)
{
    char pause[DAY_TEXT], resume[DAY_TEXT];

    return outbox_put(cx, topic, t->m.account_id, at,
                      json_pack("{s:s, s:I, s:s, s:s}", "state", membership_states.at[t->m.state],
                                "months", (json_int_t)t->m.pause_months, "pause_on",
                                day_text(t->m.period_end_day, pause), "resume_on",
                                day_text(pause_until_day(&t->m), resume)));
}

/* ---- deciding ---- */

/* The kinds of methods are words with commas between them. */
static bool kind_listed(const char *list, const char *kind)
{
    size_t const n = strlen(kind);

    for (const char *s = list; *s; s += strcspn(s, ","), s += *s == ',')
        if (strncmp(s, kind, n) == 0 && (s[n] == ',' || !s[n])) return true;
    return false;
}

enum status pause_method_in(struct ctx *cx, const struct membership *m, const char *kinds, bool *in)
{
    struct pause_method *method;
    size_t n;

    TRY(pause_method_of(cx, &method, &n, .method_id = m->method_id, .account_id = m->account_id,
                        .max = 1));
    if (n) *in = kind_listed(kinds, method_kinds.at[method->method_kind]);
    return OK;
}

enum status pause_method(struct ctx *cx, const struct membership *m, bool *pausable)
{
    *pausable = true;
    return pause_method_in(cx, m, cx->settings->pausable_methods, pausable);
}

enum status pause_refusal(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                          const struct fault **why)
{
    const struct plan *plan = catalog_plan(c, t->m.plan);
    bool pausable;

    *why = NULL;
    TRY(pause_method(cx, &t->m, &pausable));
    if (!plan || !plan->pausable)
        *why = &PAUSE_PLAN;
    else if (!pausable)
        *why = &PAUSE_METHOD;
    else if (t->m.state == M_GRACE || t->m.state == M_HOLD)
        *why = &PAUSE_PAYMENT_PROBLEM;
    else if (t->m.state == M_PAUSED || (t->m.state == M_ACTIVE && t->m.pause_months))
        *why = &PAUSE_ALREADY;
    else if (t->m.state != M_ACTIVE)
        *why = &MEMBERSHIP_NOT_NOW;
    else if (t->m.step != STEP_RENEW)
        *why = &BILLING_PAYMENT_IN_FLIGHT;
    return OK;
}

static enum status plan_reminder(struct ctx *cx, const struct trouble *t)
{
    int64_t const day = pause_until_day(&t->m) - cx->settings->resume_notice_days;

    return errand_plan(cx, t->m.account_id, ERRAND_RESUME_REMINDER, 0,
                       zone_day_start(t->zone, day));
}

static enum status load(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct trouble *t)
{
    TRY(trouble_load(cx, account_id, t));
    trouble_in_country(t, c);
    TRY(refuse_partner(cx, &t->m));
    return account_refuse_locked(cx, &t->account);
}

enum status pause_decide(struct ctx *cx, const struct catalog *c, const struct pause_do *in,
                         struct pause_view *out)
{
    const struct fault *why;
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, c, in->account_id, &t));
    TRY(pause_refusal(cx, c, &t, &why));
    if (why) return fail(cx->err, why, NULL);
    TRY(membership_note(cx, &t.m, MEV_PAUSE, cx->now, ""));
    t.m.pause_months = cx->settings->pause_months;
    t.m.cancel_started_at = 0;
    membership_due(&t.m, SABOTAGE("pause_forgotten") ? STEP_RENEW : STEP_PAUSE, t.zone,
                   t.m.period_end_day);
    TRY(plan_reminder(cx, &t));
    TRY(trouble_store(cx, &t));
    TRY(tell(cx, "pause.decided", &t, cx->now));
    view(cx, c, &t, out);
    return tx_commit(&tx);
}

static bool is_decided(const struct membership *m)
{
    return m->state == M_ACTIVE && m->pause_months > 0;
}

enum status pause_extend(struct ctx *cx, const struct catalog *c, const struct pause_do *in,
                         struct pause_view *out)
{
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, c, in->account_id, &t));
    if (t.m.state != M_PAUSED && !is_decided(&t.m)) return fail(cx->err, &PAUSE_NONE, NULL);
    int64_t const months = t.m.pause_months + cx->settings->pause_months;
    if (months > cx->settings->pause_max_months) return fail(cx->err, &PAUSE_LIMIT, NULL);
    if (t.m.state == M_PAUSED)
        TRY(membership_move(cx, &t.m, MEV_EXTEND_PAUSE, cx->now, "", NULL));
    else
        TRY(membership_note(cx, &t.m, MEV_EXTEND_PAUSE, cx->now, ""));
    t.m.pause_months = months;
    if (t.m.state == M_PAUSED) membership_due(&t.m, STEP_RESUME, t.zone, pause_until_day(&t.m));
    TRY(plan_reminder(cx, &t));
    TRY(trouble_store(cx, &t));
    TRY(tell(cx, "pause.extended", &t, cx->now));
    view(cx, c, &t, out);
    return tx_commit(&tx);
}

/* ---- ending by the owner ---- */

static enum status withdraw(struct ctx *cx, struct trouble *t)
{
    TRY(membership_note(cx, &t->m, MEV_RESUME, cx->now, "before_it_began"));
    t->m.pause_months = 0;
    /* A renewal that was on its way when the pause was decided may be in doubt: it is looked up. */
    if (t->m.step == STEP_PAUSE) membership_due(&t->m, STEP_RENEW, t->zone, t->m.period_end_day);
    TRY(errand_drop(cx, t->m.account_id, ERRAND_RESUME_REMINDER, 0));
    return tell(cx, "pause.withdrawn", t, cx->now);
}

enum status pause_resume(struct ctx *cx, const struct catalog *c, int64_t account_id, bool *charged)
{
    struct pending_begin const in = {MEV_RESUME, M_PAUSED, cx->now};
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, c, account_id, &t));
    *charged = t.m.state == M_PAUSED;
    if (!*charged && !is_decided(&t.m)) return fail(cx->err, &PAUSE_NONE, NULL);
    if (*charged) {
        TRY(retire_first(cx, c, &t, cx->now));
        TRY(pending_begin(cx, c, &t, &in));
    } else {
        TRY(withdraw(cx, &t));
    }
    TRY(trouble_store(cx, &t));
    return tx_commit(&tx);
}

enum status pause_offer(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct pause_offer *out)
{
    struct trouble t;
    struct rated r;

    TRY(load(cx, c, account_id, &t));
    *out =
        (struct pause_offer){0, t.account.currency, t.m.anchor_day, t.m.period_end_day, t.m.plan};
    if (is_decided(&t.m)) return OK;
    if (t.m.state != M_PAUSED) return fail(cx->err, &PAUSE_NONE, NULL);
    TRY(pending_rate(cx, c, &t, cx->now, &r));
    *out = (struct pause_offer){r.total_minor, r.currency, r.start_day,
                                period_start_day(r.start_day, 1), r.plan};
    return OK;
}

/* ---- what falls due ---- */

enum status pause_begin(struct ctx *cx, struct trouble *t, int64_t at)
{
    TRY(membership_move(cx, &t->m, MEV_PAUSE_BEGIN, at, "", NULL));
    trouble_due(t, STEP_RESUME, pause_until_day(&t->m), at);
    return tell(cx, "membership.paused", t, at);
}

/* What cannot be charged today, because the account is locked, the catalog has no price or the plan
 * no more, or an earlier payment is in doubt, is so on the next day. */
enum status pause_over(struct ctx *cx, const struct catalog *c, struct trouble *t, int64_t at)
{
    struct pending_begin const in = {MEV_RESUME, M_HOLD, at};
    bool const locked = t->account.locked_at != 0;

    if (!locked) TRY(retire_first(cx, c, t, at));
    enum status const s = locked ? E_CONFLICT : pending_begin(cx, c, t, &in);
    if (s != E_CONFLICT) return s;
    membership_due_at(&t->m, STEP_RESUME, at + DAY_MS);
    return OK;
}

enum status pause_remind(struct ctx *cx, const struct errand *e, int64_t at)
{
    struct trouble t;

    TRY(trouble_load(cx, e->account_id, &t));
    if (t.m.state != M_PAUSED && !is_decided(&t.m)) return OK;
    return tell(cx, "membership.resume_reminder", &t, at);
}
