/* workload_partner: what a billing partner tells of its members - in order, late, twice - and what
 * it must come to by the auditor's own reading (SPEC D-01, D-10, D-11, D-13, D-16).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "partners/partners.h"
#include "sim/workload.h"

enum { ONE_IN_LINKED = 8, PERIOD_DAYS = 30 };

static int64_t today_of(const struct sim *s, const struct member *m)
{
    return zone_day(m->zone, s->now);
}

static json_t *words_of(struct sim *s, const struct member *m, const struct tale *t)
{
    char day[DAY_TEXT];
    json_t *in = json_pack("{s:s, s:s, s:s, s:I}", "partner", partner_code, "reference",
                           arena_printf(&s->job, "%s-%lld", m->external_id, (long long)t->number),
                           "event", partner_events.at[t->event], "sequence", (json_int_t)t->order);

    if (t->start_day) {
        json_object_set_new(in, "period_start", json_string(day_text(t->start_day, day)));
        json_object_set_new(in, "period_end", json_string(day_text(t->until_day, day)));
    } else if (t->until_day) {
        json_object_set_new(in, "end_on", json_string(day_text(t->until_day, day)));
    }
    if (t->plan < PLANS) json_object_set_new(in, "plan", json_string(plan_codes[t->plan]));
    return in;
}

/* A new word, mostly one that fits; now and then one that comes after a newer one. */
static struct tale invent(struct sim *s, struct member *m)
{
    static const enum partner_event_kind theirs[] = {
        EVENT_RENEWED, EVENT_RENEWED, EVENT_RENEWED, EVENT_SUSPEND,  EVENT_RESUME,
        EVENT_RESUME,  EVENT_CANCEL,  EVENT_CANCEL,  EVENT_ACTIVATE, EVENT_CHANGE_PLAN};
    struct chance *c = &s->chance;
    int64_t const today = today_of(s, m);
    struct tale t = {.number = ++m->tales, .plan = PLANS};

    t.event =
        m->partner || chance_one_in(c, 5) ? theirs[chance_upto(c, COUNT(theirs))] : EVENT_ACTIVATE;
    t.order = m->partner_order + 1 + chance_upto(c, 3);
    if (chance_one_in(c, 6) && m->partner_order > 1) t.order = 1 + chance_upto(c, m->partner_order);
    if (t.event == EVENT_ACTIVATE || t.event == EVENT_RENEWED) {
        t.start_day = today;
        if (t.event == EVENT_RENEWED && m->partner_until_day > today)
            t.start_day = m->partner_until_day;
        t.until_day = t.start_day + PERIOD_DAYS;
    }
    if (t.event == EVENT_CANCEL && chance_one_in(c, 2)) t.until_day = today + chance_upto(c, 20);
    if (t.event == EVENT_CHANGE_PLAN || chance_one_in(c, 8)) t.plan = (size_t)chance_upto(c, PLANS);
    return t;
}

/* --- what it must come to --- */

static void take_period(struct member *m, const struct tale *t)
{
    if (t->start_day && t->until_day > m->partner_until_day) m->partner_until_day = t->until_day;
}

static void stop_ours(struct sim *s, struct member *m, int64_t from_day)
{
    bool const ours = m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_ENDING ||
                      m->state == M_HOLD || m->state == M_PAUSED;
    bool const paid = (m->state == M_ACTIVE || m->state == M_ENDING) && !m->debt &&
                      (m->next.k > 0 || m->paid_ahead);
    int64_t const left = m->next.day - from_day, all = m->next.day - m->prev_day;

    if (!ours) return;
    m->partner_linked = true;
    m->partner_resumes = m->state == M_ACTIVE || m->state == M_GRACE;
    m->kept_days = !paid || left <= 0 ? 0 : left < all ? left : all;
    m->next_plan = PLANS;
    m->slots = 0;
    for (struct bought *b = m->bought; b; b = b->next) {
        if (b->end_day && b->end_day <= from_day) continue;
        b->end_day = from_day;
        b->taken_at = s->now;
        b->lost = false;
    }
    for (struct duty *b = m->duties; b; b = b->older)
        if (!b->held && (b->served_day ? b->served_day : b->end_day) > from_day)
            b->served_day = from_day > b->start_day ? from_day : b->start_day;
}

static void begin_theirs(struct sim *s, struct member *m, const struct tale *t)
{
    stop_ours(s, m, today_of(s, m));
    m->wishes[MEV_PARTNER_ACTIVATE].at = s->now;
    m->partner = true;
    m->term++;
    m->anchor_day = m->prev_day = m->partner_until_day = t->start_day;
    walk_begin(&m->next, t->start_day);
    m->shifted = m->paid_ahead = false;
    m->gap_day = 0;
    m->pause_months = m->end_day = m->retention_day = m->credit_until_day = m->delete_day = 0;
}

static void activate(struct sim *s, struct member *m, const struct tale *t)
{
    if (!m->partner) {
        begin_theirs(s, m, t);
    } else if (m->state == M_HOLD || m->state == M_ENDING) {
        m->wishes[MEV_PARTNER_ACTIVATE].at = s->now;
        m->pause_months = m->end_day = m->delete_day = 0;
    }
    if (t->plan < PLANS) m->plan = t->plan;
    take_period(m, t);
}

static void end_theirs(struct sim *s, struct member *m, int64_t end_day)
{
    m->partner_end_day = end_day;
    if (m->state == M_ACTIVE || m->state == M_HOLD)
        m->wishes[MEV_CANCEL].at = s->now;
    else
        m->end_day = end_day, m->cancel_wanted_at = s->now;
}

/* Ours again, with notice, and only where nobody has to be asked (SPEC D-10). */
static void come_back(struct sim *s, struct member *m, int64_t day)
{
    m->wishes[MEV_PARTNER_END].at = s->now;
    m->partner = false;
    m->term++;
    m->shifted = true;
    m->paid_ahead = false;
    m->gap_day = 0;
    m->anchor_day = m->prev_day = day;
    walk_begin(&m->next, day);
    m->end_day = 0;
}

static void cancel(struct sim *s, struct member *m, const struct tale *t, bool has_method)
{
    int64_t const today = today_of(s, m), notice = today + s->settings.partner_end_notice_days;
    int64_t end_day = t->until_day > today ? t->until_day : today;

    if (m->partner_linked) end_day += m->kept_days;
    bool const back = m->partner_linked && m->partner_resumes && m->state == M_ACTIVE &&
                      has_method && !laws[m->place].consent;
    m->partner_linked = false;
    if (back)
        come_back(s, m, end_day > notice ? end_day : notice);
    else
        end_theirs(s, m, end_day);
}

static void carry_out(struct sim *s, struct member *m, const struct tale *t, bool has_method)
{
    switch (t->event) {
    case EVENT_ACTIVATE: activate(s, m, t); break;
    case EVENT_CHANGE_PLAN:
        if (t->plan < PLANS) m->plan = t->plan;
        break;
    case EVENT_SUSPEND:
        if (m->state == M_ACTIVE) m->wishes[MEV_PARTNER_SUSPEND].at = s->now;
        break;
    case EVENT_RESUME:
        if (m->state == M_HOLD) m->wishes[MEV_PARTNER_RESUME].at = s->now;
        break;
    case EVENT_RENEWED: take_period(m, t); break;
    case EVENT_CANCEL: cancel(s, m, t, has_method); break;
    case EVENT_PROVISION: break;
    }
}

bool workload_has_method(struct sim *s, const struct member *m)
{
    struct seen_primary *rows;
    size_t n;

    return seen_primaries(&s->cx, &rows, &n, .account_id = m->account_id, .max = 1) == OK && n &&
           rows[0].method_id;
}

static void tell(struct sim *s, struct member *m, const struct tale *t)
{
    bool const late = t->order <= m->partner_order, begins = t->event == EVENT_ACTIVATE;
    bool const ours = m->partner || begins, counts = !late && ours;
    bool const busy =
        counts && begins && !m->partner && (m->state == M_PENDING || workload_in_flight(m));
    bool const method = workload_has_method(s, m);
    json_t *out;

    enum status const st = workload_call_as(s, &(struct actor){.role = ROLE_SYSTEM}, m,
                                            "partner.event", words_of(s, m, t), &out);
    const char *want = late ? "late" : !ours ? "not_theirs" : "";
    workload_expect(s, m, "a partner's event", st, !busy);
    if (st == OK && *want && strcmp(workload_text(out, "outcome"), want) != 0)
        complain(s, m, "D-13: %s is taken as %s, should be %s", partner_events.at[t->event],
                 workload_text(out, "outcome"), want);
    json_decref(out);
    if (st != OK || s->failed) return;
    m->tale = *t;
    if (counts) m->partner_order = t->order;
    if (counts) carry_out(s, m, t, method);
}

/* The same word again, under the same reference: nothing comes of it. */
static void tell_again(struct sim *s, struct member *m)
{
    json_t *out;

    enum status const st = workload_call_as(s, &(struct actor){.role = ROLE_SYSTEM}, m,
                                            "partner.event", words_of(s, m, &m->tale), &out);
    if (st != OK || !json_is_true(json_object_get(out, "known")))
        complain(s, m, "D-13: an event was taken twice");
    json_decref(out);
}

void partner_act(struct sim *s, struct member *m)
{
    if (m->no % ONE_IN_LINKED != 0 || m->state == M_DELETED || !m->account_id) return;
    if (m->tale.number && chance_one_in(&s->chance, 5)) {
        tell_again(s, m);
    } else {
        struct tale const t = invent(s, m);

        tell(s, m, &t);
    }
}
