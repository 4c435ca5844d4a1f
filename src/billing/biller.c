/* biller: what a partner's word does to a membership. SPDX-License-Identifier: Apache-2.0 */
#include "billing/biller.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/message.h"
#include "base/sabotage.h"
#include "billing/dunning.h"
#include "billing/side.h"
#include "db/outbox.h"

bool is_partner_billed(const struct membership *m)
{
    return strcmp(m->biller, "direct") != 0;
}

enum status biller_ask_cancel(struct ctx *cx, const struct membership *m)
{
    struct work_open const w = {.account_id = m->account_id,
                                .kind = WORK_PARTNER_CANCEL,
                                .priority = WORK_NORMAL,
                                .evidence = json_pack("{s:s, s:s}", "partner", m->biller, "state",
                                                      membership_states.at[m->state])};

    return work_open(cx, &w, NULL);
}

enum status biller_cancel_asked(struct ctx *cx, int64_t account_id, int64_t *at)
{
    struct biller_request_row *rows;
    size_t n;

    TRY(biller_request(cx, &rows, &n, .account_id = account_id, .work_kind = WORK_PARTNER_CANCEL,
                       .max = 1));
    *at = n ? rows[0].opened_at : 0;
    return OK;
}

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static struct biller_period view(struct ctx *cx, const struct catalog *c, const char *locale,
                                 const struct partner_period *p)
{
    const struct partner *partner = catalog_partner(c, p->partner);
    const char *name = partner ? partner->name : p->partner;
    struct route const bill = biller_route(c, p->partner, ROUTE_PAYMENT);

    return (struct biller_period){
        .partner = p->partner,
        .name = name,
        .period_start = date(cx, p->start_day),
        .period_end = date(cx, p->until_day),
        .plan = p->plan,
        .place = bill.text,
        .link = bill.link,
        .text = MESSAGE(cx->arena, locale, "billed_by.period", name, bill.text)};
}

/* An imported member's partner may not have told of any period yet. */
static bool is_told(const struct membership *m, const struct partner_period *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].partner, m->biller) == 0 && rows[i].until_day >= m->period_end_day)
            return true;
    return false;
}

enum status biller_periods(struct ctx *cx, const struct catalog *c, const struct membership *m,
                           const char *locale, const struct biller_period **out, size_t *n)
{
    enum { PERIODS_MAX = 1000 };
    bool const dated = m->period_end_day > m->period_start_day;
    struct partner_period *rows;

    TRY(partner_periods_of(cx, &rows, n, .account_id = m->account_id, .max = PERIODS_MAX));
    struct biller_period *list = arena_array(cx->arena, struct biller_period, *n + 1);
    bool const now = is_partner_billed(m) && state_has_access((enum membership_state)m->state) &&
                     !is_told(m, rows, *n);
    struct partner_period const present = {.partner = m->biller,
                                           .start_day = dated ? m->period_start_day : 0,
                                           .until_day = dated ? m->period_end_day : 0,
                                           .plan = m->plan};
    if (now) list[0] = view(cx, c, locale, &present);
    for (size_t i = 0; i < *n; i++) list[now + i] = view(cx, c, locale, &rows[i]);
    *n += now;
    *out = list;
    return OK;
}

/* One word of a partner, being carried out. */
struct telling {
    struct ctx *cx;
    const struct catalog *catalog;
    const struct partner_told *told;
    struct trouble t;
    int64_t today;
    bool moved;
};

static enum status tell(struct telling *s, const char *topic, json_t *more)
{
    const struct membership *m = &s->t.m;
    struct route const pay = s->told->partner->routes[ROUTE_PAYMENT];
    char start[DAY_TEXT], until[DAY_TEXT], end[DAY_TEXT];
    json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "state",
                             membership_states.at[m->state], "partner", s->told->partner->code,
                             "partner_name", s->told->partner->name, "place", pay.text, "link",
                             pay.link, "period_start", day_text(m->period_start_day, start),
                             "period_end", day_text(m->period_end_day, until), "end_day",
                             m->end_day ? day_text(m->end_day, end) : "");

    if (more) json_object_update(body, more);
    json_decref(more);
    return outbox_put(s->cx, topic, m->account_id, s->cx->now, body);
}

/* Of that moment: a letter may be written later. */
static json_t *its_plan(const struct telling *s)
{
    return json_pack("{s:s}", "plan", s->t.m.plan);
}

static enum status move(struct telling *s, enum membership_event_kind event)
{
    s->moved = true;
    return membership_move(s->cx, &s->t.m, event, s->cx->now, s->told->partner->code, NULL);
}

static enum status begin_term(struct telling *s, int64_t anchor_day, const char *cause)
{
    struct membership *m = &s->t.m;

    m->term++;
    m->anchor_day = anchor_day;
    m->k = -1;
    m->period_start_day = m->period_end_day = anchor_day;
    return term_add(s->cx, NULL, .account_id = m->account_id, .term = m->term,
                    .anchor_day = anchor_day, .zone = s->t.account.zone, .started_at = s->cx->now,
                    .term_cause = cause, .lifted_plan = "");
}

/* The newest period that the partner has told of; an older one is only kept. */
static enum status take_period(struct telling *s)
{
    const struct partner_told *told = s->told;
    struct membership *m = &s->t.m;

    if (!told->start_day || !told->until_day) return OK;
    TRY(partner_period_put(s->cx, NULL, .account_id = m->account_id, .partner = told->partner->code,
                           .start_day = told->start_day, .until_day = told->until_day,
                           .plan = m->plan, .told_at = s->cx->now));
    if (told->until_day <= m->period_end_day) return OK;
    m->period_start_day = told->start_day;
    m->period_end_day = told->until_day;
    s->moved = true;
    return OK;
}

/* Nothing of ours may be on its way when somebody else takes over: its answer comes first. */
static enum status refuse_in_flight(struct telling *s)
{
    struct biller_open_charge *rows;
    size_t n;

    if (s->t.m.state == M_PENDING) return fail(s->cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    TRY(biller_open_charges(s->cx, &rows, &n, .account_id = s->t.m.account_id, .max = 1));
    return n ? fail(s->cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL) : OK;
}

/* Days that a member of ours has paid and will not be served by us (SPEC D-10). */
static enum status unserved(const struct telling *s, int64_t from_day, int64_t *days)
{
    const struct membership *m = &s->t.m;
    bool const serves = (m->state == M_ACTIVE || m->state == M_ENDING) && !s->t.exists;
    bool ahead;
    int64_t const left = m->period_end_day - from_day,
                  all = m->period_end_day - m->period_start_day;

    TRY(change_paid_ahead(s->cx, m, &ahead));
    *days = !serves || (m->k < 0 && !ahead) || left <= 0 ? 0 : left < all ? left : all;
    return OK;
}

static void nothing_due(struct membership *m)
{
    membership_due_at(m, STEP_NONE, 0);
    m->end_day = m->retention_until_day = 0;
    m->next_plan = "";
    m->cancel_started_at = m->pause_months = 0;
}

/* SPEC D-11 */
static enum status end_slots(struct telling *s, int64_t end_day)
{
    if (s->told->partner->slots) return OK;
    s->t.m.slots = 0;
    return slots_end(s->cx, NULL, .account_id = s->t.m.account_id, .end_day = end_day);
}

static enum status link_ours(struct telling *s, int64_t from_day)
{
    const struct membership *m = &s->t.m;
    bool const ours = state_has_access((enum membership_state)m->state) || m->state == M_HOLD ||
                      m->state == M_PAUSED;
    int64_t kept_days;

    if (!ours) return OK;
    TRY(unserved(s, from_day, &kept_days));
    TRY(partner_link_put(s->cx, NULL, .account_id = m->account_id,
                         .partner = s->told->partner->code, .linked_at = s->cx->now,
                         .resumes = m->state == M_ACTIVE || m->state == M_GRACE,
                         .kept_days = kept_days));
    TRY(change_drop(s->cx, &s->t.m));
    TRY(end_slots(s, from_day));
    return trouble_close_debt(s->cx, &s->t, SERIES_BY_HAND, s->cx->now);
}

static enum status take_over(struct telling *s)
{
    int64_t const start = s->told->start_day ? s->told->start_day : s->today;

    TRY(refuse_in_flight(s));
    TRY(link_ours(s, start > s->today ? start : s->today));
    TRY(move(s, MEV_PARTNER_ACTIVATE));
    if (!SABOTAGE("partner_and_us")) s->t.m.biller = s->told->partner->code;
    if (!SABOTAGE("partner_and_us")) nothing_due(&s->t.m);
    return begin_term(s, start, "partner");
}

static enum status take_plan(struct telling *s)
{
    struct membership *m = &s->t.m;
    const char *from = m->plan;

    if (!*s->told->plan || strcmp(m->plan, s->told->plan) == 0) return take_period(s);
    m->plan = s->told->plan;
    s->moved = true;
    TRY(take_period(s));
    return tell(s, "membership.partner_plan",
                json_pack("{s:s, s:s, s:s}", "from", from, "to", m->plan, "plan", m->plan));
}

static enum status activate(struct telling *s)
{
    struct membership *m = &s->t.m;
    bool const theirs = strcmp(m->biller, s->told->partner->code) == 0;

    if (!theirs || m->state == M_NONE || m->state == M_CANCELED) {
        TRY(take_over(s));
    } else if (m->state == M_HOLD || m->state == M_ENDING) {
        TRY(move(s, MEV_PARTNER_ACTIVATE));
        nothing_due(m);
    } else {
        return take_plan(s);
    }
    if (*s->told->plan) m->plan = s->told->plan;
    TRY(take_period(s));
    return s->moved ? tell(s, "membership.partner_activated", its_plan(s)) : OK;
}

/* No grace, no dunning, no charge of ours: the partner collects (SPEC D-16). */
static enum status suspend(struct telling *s)
{
    if (s->t.m.state != M_ACTIVE) return OK;
    TRY(move(s, MEV_PARTNER_SUSPEND));
    return tell(s, "membership.partner_held", its_plan(s));
}

static enum status resume(struct telling *s)
{
    if (s->t.m.state != M_HOLD) return take_period(s);
    TRY(move(s, MEV_PARTNER_RESUME));
    TRY(take_period(s));
    return tell(s, "membership.partner_resumed", its_plan(s));
}

/* ---- the end ---- */

/* Access until end_day, and nothing after it. */
static enum status end(struct telling *s, int64_t end_day)
{
    struct membership *m = &s->t.m;
    struct trouble_end e = {MEV_PERIOD_END, s->told->partner->code, s->cx->now, SERIES_BY_HAND,
                            end_day};

    s->moved = true;
    if (m->state == M_HOLD) {
        e.event = MEV_CANCEL;
        TRY(trouble_move(s->cx, &s->t, &e));
        return tell(s, "membership.canceled", NULL);
    }
    if (m->state == M_ACTIVE) TRY(move(s, MEV_CANCEL));
    m->end_day = end_day;
    membership_due(m, STEP_PERIOD_END, s->t.zone, end_day);
    if (end_day > s->today) return tell(s, "membership.ending", NULL);
    TRY(trouble_move(s->cx, &s->t, &e));
    return tell(s, "membership.canceled", NULL);
}

/* The member is ours again from resume_day on: period 0 of a new term begins and is charged then.
 */
static enum status return_to_us(struct telling *s, int64_t resume_day)
{
    struct membership *m = &s->t.m;
    char day[DAY_TEXT];
    struct rated r;

    TRY(move(s, MEV_PARTNER_END));
    m->biller = "direct";
    nothing_due(m);
    TRY(begin_term(s, resume_day, "partner_ended"));
    membership_due(m, STEP_RENEW, s->t.zone, resume_day);
    struct rate_in in = trouble_rate_in(&s->t);
    in.anchor_day = resume_day;
    const struct fault *f = rate_period(s->catalog, &in, &r);
    if (f) return fail(s->cx->err, f, NULL);
    return tell(s, "membership.direct_resumes",
                json_pack("{s:s, s:I, s:s}", "next_charge_on", day_text(resume_day, day),
                          "total_minor", (json_int_t)r.total_minor, "currency", r.currency));
}

/* Whether we may charge again without asking: there is a method, and the country asks for no
 * consent. */
static bool may_resume(const struct telling *s)
{
    const struct country *country = catalog_country(s->catalog, s->t.account.country);

    return s->t.m.state == M_ACTIVE && s->t.m.method_id && country &&
           !country->settings.price_consent && country_price(country, s->t.m.plan, NULL, s->today);
}

static enum status cancel(struct telling *s)
{
    struct membership *m = &s->t.m;
    int64_t end_day = s->told->until_day ? s->told->until_day : s->today;
    struct partner_link *link;
    size_t n;

    if (m->state == M_CANCELED || m->state == M_NONE) return OK;
    if (end_day < s->today) end_day = s->today;
    TRY(partner_links_of(s->cx, &link, &n, .account_id = m->account_id, .max = 1));
    TRY(work_settle(s->cx, m->account_id, WORK_PARTNER_CANCEL, 0, "partner_canceled"));
    if (!n) return end(s, end_day);
    TRY(partner_link_remove(s->cx, NULL, .account_id = m->account_id));
    end_day += link[0].kept_days;
    if (!link[0].resumes || !may_resume(s)) return end(s, end_day);
    int64_t const notice = s->today + s->cx->settings->partner_end_notice_days;
    return return_to_us(s, end_day > notice ? end_day : notice);
}

static enum status carry_out(struct telling *s)
{
    switch (s->told->tale) {
    case TELL_ACTIVATE: return activate(s);
    case TELL_CHANGE_PLAN: return take_plan(s);
    case TELL_SUSPEND: return suspend(s);
    case TELL_RESUME: return resume(s);
    case TELL_RENEWED: return take_period(s);
    case TELL_CANCEL: return cancel(s);
    }
    return OK;
}

enum status biller_told(struct ctx *cx, const struct catalog *c, const struct partner_told *told,
                        bool *moved)
{
    struct telling s = {.cx = cx, .catalog = c, .told = told};

    TRY(trouble_load(cx, told->account_id, &s.t));
    trouble_in_country(&s.t, c);
    if (s.t.m.state == M_DELETED) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    s.today = zone_day(s.t.zone, cx->now);
    TRY(carry_out(&s));
    *moved = s.moved;
    return s.moved ? trouble_store(cx, &s.t) : OK;
}
