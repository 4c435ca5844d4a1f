/* auditor_life: the states of a membership, and what may lead from one to the other and when (SPEC
 * 2.2, E, F, G). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

/* SPEC 2.2. Where a payment is refused, the state before follows. */
/* clang-format off */
static const struct {
    enum membership_state from;
    enum membership_event_kind event;
    enum membership_state to;
} allowed[] = {
    {M_NONE,     MEV_SIGN_UP,         M_PENDING},
    {M_NONE,     MEV_IMPORT,          M_ACTIVE},
    {M_PENDING,  MEV_PAYMENT_OK,      M_ACTIVE},
    {M_PENDING,  MEV_PAYMENT_REFUSED, M_NONE},
    {M_PENDING,  MEV_PAYMENT_REFUSED, M_HOLD},
    {M_PENDING,  MEV_PAYMENT_REFUSED, M_PAUSED},
    {M_PENDING,  MEV_PAYMENT_REFUSED, M_CANCELED},
    {M_PENDING,  MEV_UNDO_RESTART,    M_CANCELED},
    {M_ACTIVE,   MEV_RENEWAL_FAILED,  M_GRACE},
    {M_ACTIVE,   MEV_GRACE_OVER,      M_HOLD},
    {M_ACTIVE,   MEV_CANCEL,          M_ENDING},
    {M_ACTIVE,   MEV_PAUSE,           M_ACTIVE},
    {M_ACTIVE,   MEV_EXTEND_PAUSE,    M_ACTIVE},
    {M_ACTIVE,   MEV_RESUME,          M_ACTIVE},
    {M_ACTIVE,   MEV_PAUSE_BEGIN,     M_PAUSED},
    {M_ACTIVE,   MEV_WITHDRAW,        M_CANCELED},
    {M_ACTIVE,   MEV_UNDO_RESTART,    M_CANCELED},
    {M_ACTIVE,   MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_ACTIVE,   MEV_PARTNER_SUSPEND, M_HOLD},
    {M_ACTIVE,   MEV_PARTNER_END,     M_ACTIVE},
    {M_GRACE,    MEV_GRACE_OVER,      M_HOLD},
    {M_GRACE,    MEV_PAYMENT_OK,      M_ACTIVE},
    {M_GRACE,    MEV_CANCEL,          M_ENDING},
    {M_GRACE,    MEV_UNDO_RESTART,    M_CANCELED},
    {M_GRACE,    MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_HOLD,     MEV_PAYMENT_OK,      M_ACTIVE},
    {M_HOLD,     MEV_HOLD_LIMIT,      M_CANCELED},
    {M_HOLD,     MEV_CANCEL,          M_CANCELED},
    {M_HOLD,     MEV_UNDO_RESTART,    M_CANCELED},
    {M_HOLD,     MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_HOLD,     MEV_PARTNER_RESUME,  M_ACTIVE},
    {M_PAUSED,   MEV_EXTEND_PAUSE,    M_PAUSED},
    {M_PAUSED,   MEV_RESUME,          M_PENDING},
    {M_PAUSED,   MEV_CANCEL,          M_CANCELED},
    {M_PAUSED,   MEV_UNDO_RESTART,    M_CANCELED},
    {M_PAUSED,   MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_ENDING,   MEV_UNDO_CANCEL,     M_ACTIVE},
    {M_ENDING,   MEV_PERIOD_END,      M_CANCELED},
    {M_ENDING,   MEV_RENEWAL_FAILED,  M_CANCELED}, /* cancelled while its outcome was open */
    {M_ENDING,   MEV_WITHDRAW,        M_CANCELED},
    {M_ENDING,   MEV_UNDO_RESTART,    M_CANCELED},
    {M_ENDING,   MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_CANCELED, MEV_RESTART,         M_PENDING},
    {M_CANCELED, MEV_PARTNER_ACTIVATE, M_ACTIVE},
    {M_CANCELED, MEV_ERASE_ANNOUNCED, M_CANCELED},
    {M_CANCELED, MEV_RETENTION_OVER,  M_DELETED},
};
/* Notes beside the state, in any of them. */
static const enum membership_event_kind notes[] = {MEV_CANCEL_BEGIN, MEV_LOCK, MEV_UNLOCK,
                                                   MEV_DELETE, MEV_UNDO_DELETE, MEV_RESTART_REFUSED,
                                                   MEV_RESTART_HELD, MEV_RESTART_STOPPED};
/* A cancel that was begun stays unfinished through these, until a term begins (SPEC F-02). */
static const enum membership_event_kind beside_a_cancel[] = {
    MEV_LOCK, MEV_UNLOCK, MEV_DELETE, MEV_UNDO_DELETE, MEV_RENEWAL_FAILED, MEV_GRACE_OVER,
    MEV_PAUSE_BEGIN, MEV_EXTEND_PAUSE, MEV_RESUME, MEV_PAYMENT_REFUSED};
/* What happens only because somebody asks for it. */
static const enum membership_event_kind wished[] = {
    MEV_SIGN_UP, MEV_UNDO_CANCEL, MEV_EXTEND_PAUSE, MEV_RESTART, MEV_RESTART_HELD, MEV_WITHDRAW,
    MEV_UNDO_RESTART, MEV_PAUSE, MEV_CANCEL_BEGIN, MEV_LOCK, MEV_UNLOCK, MEV_DELETE,
    MEV_UNDO_DELETE, MEV_PARTNER_ACTIVATE, MEV_PARTNER_SUSPEND, MEV_PARTNER_RESUME,
    MEV_PARTNER_END};
/* clang-format on */

static bool is_in(enum membership_event_kind event, const enum membership_event_kind *list,
                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == event) return true;
    return false;
}

/* Takes the wish that an event fulfils; false when there was none for this moment. */
static bool take_wish(struct member *m, const struct seen_event *e)
{
    struct wish *w = &m->wishes[e->event];
    bool const was = w->at != 0 && w->at == e->happened_at;

    if (was) w->at = 0;
    return was;
}

void life_check_wishes(struct sim *s, struct member *m)
{
    for (size_t i = 0; i < EVENT_KINDS; i++) {
        if (m->wishes[i].at && m->wishes[i].at < s->now)
            complain(s, m, "%s was answered as done and did not happen", membership_events.at[i]);
    }
}

int64_t resume_day_of(const struct member *m)
{
    return walk_to(m->next, m->next.k + m->pause_months);
}

/* --- debts --- */

static void owe(struct sim *s, struct member *m, struct duty *d)
{
    struct rules const r = rules_of(s, m);
    int64_t const free_day = m->unlocked_at ? zone_day(m->zone, m->unlocked_at) : 0;

    m->debt = d;
    m->debt_day = d->tried_day > d->start_day ? d->tried_day : d->start_day;
    if (free_day > m->debt_day) m->debt_day = free_day;
    m->grace_day = m->debt_day + r.grace_days;
    m->hold_day = m->grace_day + r.hold_days;
}

/* SPEC E-01: a failed renewal has been tried with every method that could be. */
static void check_all_tried(struct sim *s, struct member *m, int64_t at)
{
    for (size_t i = 0; i < m->n_tokens; i++) {
        const struct token *t = &m->tokens[i];
        bool tried = false;

        for (const struct sent *a = m->sent; a && !tried; a = a->next)
            tried = a->parts.term == m->debt->term && a->parts.k == m->debt->k &&
                    same_card(a->token, t->name);
        if (!tried && token_usable(s, t, at) && !t->shy && t->opened_at < at)
            complain(s, m, "E-01: the renewal failed and %s was not tried", t->name);
    }
}

static struct duty *newest_renewal(const struct member *m)
{
    struct duty *d = m->duties;

    while (d && (d->held || d->late || d->kind != CHARGE_RENEWAL)) d = d->older;
    return d;
}

static void renewal_failed(struct sim *s, struct member *m, const struct seen_event *e)
{
    bool const grace = rules_of(s, m).grace_days > 0;
    struct duty *d = newest_renewal(m);

    m->failed_at = e->happened_at;
    if (m->debt && strcmp(e->reason, "unpaid") == 0) return; /* back in the grace of before */
    if (!d) {
        complain(s, m, "a renewal failed that nobody knows");
        return;
    }
    owe(s, m, d);
    if (m->state != M_ENDING && (e->state_to == M_GRACE) != grace)
        complain(s, m, "E-02: with %lld days of grace a failed renewal led to %s",
                 (long long)rules_of(s, m).grace_days, membership_states.at[e->state_to]);
    /* While the debt before it was unpaid, as after a lock of months, it had to wait. */
    int64_t const due = start_of(m, d->start_day);
    check_time(s, m, "E-05: the failure", due > m->cured_at ? due : m->cured_at, e->happened_at);
    check_all_tried(s, m, e->happened_at);
}

/* --- terms --- */

static struct duty *newest_held(const struct member *m)
{
    struct duty *d = m->duties;

    while (d && !(d->held && d->term > m->term)) d = d->older;
    return d;
}

/* A new term from the day of payment (SPEC B-02, E-16). */
static void begin_term(struct sim *s, struct member *m, struct duty *d, enum charge_cause cause)
{
    m->term = d->term;
    d->state = CHARGE_WANTED; /* it may have been given up and taken up again */
    d->held = false;
    d->invoiced = true;
    d->cause = cause;
    m->anchor_day = d->start_day;
    walk_begin(&m->next, m->anchor_day);
    m->prev_day = m->next.day;
    walk_next(&m->next);
    d->end_day = m->next.day;
    m->plan = m->period_plan = d->plan = plan_to_book(m);
    m->next_plan = PLANS;
    m->slots = m->period_slots = d->slots;
    m->shifted = m->paid_ahead = false;
    m->gap_day = 0;
    m->pause_months = 0;
    (void)s;
}

static void paid(struct sim *s, struct member *m, const struct seen_event *e)
{
    struct duty *d = newest_held(m);

    if (m->state == M_GRACE) {
        m->cured_at = e->happened_at;
        return;
    }
    if (!d) {
        complain(s, m, "E-16: a payment began a term without a charge");
        return;
    }
    if (m->state == M_HOLD) {
        begin_term(s, m, d, CAUSE_RECOVERED);
        return;
    }
    begin_term(s, m, d,
               m->back == M_NONE       ? CAUSE_FIRST
               : m->back == M_CANCELED ? CAUSE_RESTARTED
                                       : CAUSE_RESUMED);
    if (m->back == M_NONE || m->back == M_CANCELED) {
        m->contract_day = m->anchor_day;
        m->contract_term = m->term;
    }
    if (m->back == M_NONE) m->began_at = 0;
    if (m->back == M_CANCELED) {
        m->began_at = e->happened_at;
        m->restart_term = m->term;
        m->lifted_end_day = m->end_day;
        m->lifted_retention_day = m->retention_day;
        m->lifted_plan = m->ended_plan;
    }
    m->end_day = m->retention_day = 0;
}

static void pend(struct member *m, const struct seen_event *e, enum membership_state back)
{
    struct duty *d = newest_held(m);

    m->back = back;
    m->pending_at = e->happened_at;
    m->lone_charge = NULL;
    if (d) d->given_up_at = 0;
}

/* On hold with nothing invoiced: access ended when the pause began (SPEC 2.2). */
static void refused(struct sim *s, struct member *m, const struct seen_event *e)
{
    struct duty *d = newest_held(m);
    int64_t const today = zone_day(m->zone, e->happened_at);

    if (e->state_to != m->back)
        complain(s, m, "2.2: a refused payment led to %s, not back to %s",
                 membership_states.at[e->state_to], membership_states.at[m->back]);
    if (!d) {
        complain(s, m, "a payment was refused that nobody knows");
        return;
    }
    d->given_up_at = e->happened_at;
    if (m->back != M_HOLD) return;
    m->pause_months = 0;
    m->failed_at = e->happened_at;
    owe(s, m, d);
    m->debt_day = today;
    m->grace_day = m->next.day;
    m->hold_day = today + rules_of(s, m).hold_days;
    d->given_up_at = 0;
}

/* --- ends --- */

static void end(struct sim *s, struct member *m, int64_t end_day)
{
    m->end_day = end_day;
    m->ended_plan = m->plan;
    m->retention_day = day_add_months(end_day, rules_of(s, m).retention_months);
    m->slots = 0;
    m->next_plan = PLANS;
    m->pause_months = 0;
    m->credit_until_day = 0;
    if (m->partner) m->next.day = m->partner_until_day; /* as the row keeps it */
    m->partner = m->partner_linked = false;
    for (struct bought *b = m->bought; b; b = b->next)
        if (!b->end_day || b->end_day > end_day) b->end_day = end_day;
}

/* Days that were paid and will not be served. */
static void cut_off(struct member *m, int64_t day)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (!d->held && (d->served_day ? d->served_day : d->end_day) > day)
            d->served_day = day > d->start_day ? day : d->start_day;
}

/* The owner's wish, or that nobody has said whether to stay (SPEC B-15). */
static void canceled(struct sim *s, struct member *m, const struct seen_event *e, bool asked)
{
    int64_t const asked_day = zone_day(m->zone, m->asked_at);
    int64_t const answer_by = start_of(m, asked_day + s->settings.inactive_answer_days);

    if (!asked && !retire_ends(s, m, e) &&
        (!m->asked_at || e->happened_at < answer_by || m->answered_at >= m->asked_at))
        complain(s, m, "F-07: nobody cancelled");
    m->cancel_wanted_at = e->happened_at;
    if (m->state == M_HOLD) {
        end(s, m, m->partner ? m->partner_end_day : m->grace_day);
    } else if (m->state == M_PAUSED) {
        end(s, m, m->next.day);
    } else {
        m->end_day = m->partner                ? m->partner_end_day
                     : m->state == M_GRACE     ? m->grace_day
                     : m->credit_until_day > 0 ? m->credit_until_day
                                               : m->next.day;
        m->pause_months = 0;
    }
}

static void period_ended(struct sim *s, struct member *m, const struct seen_event *e)
{
    if (m->next.day < m->credit_until_day && !m->debt) m->end_day = m->next.day;
    int64_t const due = start_of(m, m->end_day), told = m->partner ? m->cancel_wanted_at : 0;

    check_time(s, m, "F-06: the end", due > told ? due : told, e->happened_at);
    end(s, m, m->end_day);
}

/* SPEC F-24: what is not served goes back. */
static void withdrawn(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const today = zone_day(m->zone, e->happened_at), days = laws[m->place].withdrawal_days;

    if (today > m->contract_day + days) complain(s, m, "F-24: withdrawn too late");
    for (struct duty *d = m->duties; d; d = d->older) {
        int64_t const from = today > d->start_day ? today : d->start_day;

        if (d->state != CHARGE_CAPTURED || d->late || d->term < m->contract_term ||
            d->end_day <= today)
            continue;
        int64_t const unserved = d->owed.total_minor - d->owed.total_minor * (from - d->start_day) /
                                                           (d->end_day - d->start_day);
        refund_by_rule(s, m, d, REFUND_WITHDRAWAL, unserved, e->happened_at);
    }
    cut_off(m, today);
    end(s, m, today);
}

/* SPEC I-05: everything that the restart has cost goes back. */
static void restart_undone(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const today = zone_day(m->zone, e->happened_at);
    int64_t const since = m->state == M_PENDING ? m->pending_at : m->began_at;
    struct duty *held = m->state == M_PENDING ? newest_held(m) : NULL;

    if (!since || e->happened_at > since + s->settings.undo_days * DAY_MS)
        complain(s, m, "I-05: undone without a restart, or too late");
    for (struct duty *d = m->duties; d && m->state != M_PENDING; d = d->older)
        if (d->term >= m->restart_term && d->state == CHARGE_CAPTURED && !d->late)
            refund_by_rule(s, m, d, REFUND_TAKEOVER, d->owed.total_minor, e->happened_at);
    if (held) held->given_up_at = e->happened_at;
    if (m->state == M_PENDING) { /* it is over as it was before */
        m->plan = m->ended_plan;
        return;
    }
    cut_off(m, today);
    end(s, m, today);
    m->end_day = m->lifted_end_day;
    m->retention_day = m->lifted_retention_day;
    m->plan = m->ended_plan = m->lifted_plan;
}

static void announced(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const notice = s->settings.retention_notice_days;
    int64_t const soonest = zone_day(m->zone, e->happened_at) + notice;

    int64_t const due = start_of(m, m->retention_day - notice);

    check_time(s, m, "E-22: the notice of erasure", due > m->over_at ? due : m->over_at,
               e->happened_at);
    if (m->retention_day < soonest) m->retention_day = soonest;
    m->erase_told_at = e->happened_at;
}

/* Never early; late while money is on its way. */
static void erased(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const told_day = zone_day(m->zone, m->erase_told_at);
    int64_t const day = told_day + s->settings.retention_notice_days;

    if (m->delete_day) {
        if (e->happened_at < start_of(m, m->delete_day))
            complain(s, m, "F-20: deleted before the day");
    } else if (!m->erase_told_at || e->happened_at < start_of(m, day) ||
               e->happened_at < start_of(m, m->retention_day)) {
        complain(s, m, "E-22: erased and not told in time");
    }
}

static void delete_asked(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const day = zone_day(m->zone, e->happened_at) + s->settings.delete_wait_days;

    if (m->state == M_ENDING)
        m->delete_day = m->end_day;
    else
        m->delete_day = day < m->retention_day ? day : m->retention_day;
}

/* --- locks --- */

/* The clock of a debt stood still (SPEC 2.2). */
static void unlocked(struct member *m, const struct seen_event *e)
{
    int64_t const locked_day = zone_day(m->zone, m->locked_at);
    int64_t const from = locked_day > m->debt_day ? locked_day : m->debt_day;
    int64_t const days = zone_day(m->zone, e->happened_at) - from;

    if (m->debt && (m->state == M_GRACE || m->state == M_HOLD) && days > 0) {
        m->debt_day += days;
        m->grace_day += days;
        m->hold_day += days;
    }
    m->locked_at = 0;
    m->unlocked_at = e->happened_at;
}

/* --- all of it --- */

static void pause_extended(struct sim *s, struct member *m)
{
    m->pause_months += s->settings.pause_months;
    if (m->pause_months > s->settings.pause_max_months)
        complain(s, m, "G-04: a pause of %lld months", (long long)m->pause_months);
}

static void pause_begun(struct sim *s, struct member *m, const struct seen_event *e)
{
    check_time(s, m, "G-01: the pause", start_of(m, m->next.day), e->happened_at);
    if (!m->pause_months) complain(s, m, "G-01: nobody has decided a pause");
}

/* By its owner, before or after it has begun; or because its time is over. */
static void resumed(struct sim *s, struct member *m, const struct seen_event *e, bool asked)
{
    if (m->state == M_ACTIVE) {
        if (!asked) complain(s, m, "G-07: nobody withdrew the pause");
        m->pause_months = 0;
        return;
    }
    if (!asked)
        check_time(s, m, "G-05: the end of the pause", start_of(m, resume_day_of(m)),
                   e->happened_at);
    pend(m, e, asked ? M_PAUSED : M_HOLD);
}

static void happened(struct sim *s, struct member *m, const struct seen_event *e, bool asked)
{
    switch ((enum membership_event_kind)e->event) {
    case MEV_IMPORT: break;
    case MEV_SIGN_UP: pend(m, e, M_NONE); break;
    case MEV_RESTART:
        if (!asked) check_time(s, m, "F-12: an unusual restart", m->held_until, e->happened_at);
        pend(m, e, M_CANCELED);
        m->delete_day = m->held_until = 0;
        break;
    case MEV_PAYMENT_OK: paid(s, m, e); break;
    case MEV_PAYMENT_REFUSED: refused(s, m, e); break;
    case MEV_RENEWAL_FAILED:
        renewal_failed(s, m, e);
        if (m->state == M_ENDING && m->debt) end(s, m, m->debt->start_day);
        break;
    case MEV_GRACE_OVER:
        if (m->state == M_ACTIVE)
            renewal_failed(s, m, e);
        else
            check_time(s, m, "E-05: the end of grace", start_of(m, m->grace_day), e->happened_at);
        retire_held(s, m, e->happened_at);
        break;
    case MEV_HOLD_LIMIT:
        check_time(s, m, "E-19: the hold limit", start_of(m, m->hold_day), e->happened_at);
        end(s, m, m->grace_day);
        break;
    case MEV_CANCEL: canceled(s, m, e, asked); break;
    case MEV_UNDO_CANCEL:
        if (zone_day(m->zone, e->happened_at) >= m->end_day)
            complain(s, m, "DT-3: a cancel was undone after the end");
        m->end_day = m->credit_until_day = m->delete_day = 0;
        if (retire_concerns(s, m)) m->doubt_at = e->happened_at;
        break;
    case MEV_PERIOD_END: period_ended(s, m, e); break;
    case MEV_PAUSE: m->pause_months = s->settings.pause_months; break;
    case MEV_EXTEND_PAUSE: pause_extended(s, m); break;
    case MEV_PAUSE_BEGIN: pause_begun(s, m, e); break;
    case MEV_RESUME: resumed(s, m, e, asked); break;
    case MEV_WITHDRAW: withdrawn(s, m, e); break;
    case MEV_UNDO_RESTART: restart_undone(s, m, e); break;
    case MEV_RESTART_STOPPED: m->held_until = 0; break;
    case MEV_RESTART_REFUSED: m->refused_at = e->happened_at; break;
    case MEV_RESTART_HELD:
    case MEV_CANCEL_BEGIN: break;
    case MEV_LOCK: m->locked_at = e->happened_at, m->unlocked_at = 0; break;
    case MEV_UNLOCK:
        unlocked(m, e);
        if (retire_concerns(s, m)) m->doubt_at = e->happened_at;
        break;
    case MEV_DELETE: delete_asked(s, m, e); break;
    case MEV_UNDO_DELETE:
        m->delete_day = 0;
        m->over_at = e->happened_at;
        break;
    case MEV_ERASE_ANNOUNCED: announced(s, m, e); break;
    case MEV_RETENTION_OVER: erased(s, m, e); break;
    case MEV_PARTNER_ACTIVATE:
    case MEV_PARTNER_SUSPEND:
    case MEV_PARTNER_RESUME:
    case MEV_PARTNER_END: break; /* what they must come to was reckoned when they were told */
    }
}

static bool is_allowed(const struct member *m, const struct seen_event *e)
{
    enum membership_event_kind const event = (enum membership_event_kind)e->event;

    if (event == MEV_IMPORT) return true; /* the member starts ACTIVE in our eyes */
    if (e->state_from != m->state) return false;
    if (is_in(event, notes, COUNT(notes))) return e->state_to == m->state;
    for (size_t i = 0; i < COUNT(allowed); i++)
        if (allowed[i].from == e->state_from && allowed[i].event == event &&
            allowed[i].to == e->state_to)
            return true;
    return false;
}

void life_event(struct sim *s, struct member *m, const struct seen_event *e)
{
    enum membership_event_kind const event = (enum membership_event_kind)e->event;
    bool const asked = take_wish(m, e);

    note(s, "%s: %s -> %s (%s) %s", m->external_id, membership_states.at[e->state_from],
         membership_states.at[e->state_to], membership_events.at[event], e->reason);
    if (m->lone_charge && event != MEV_SIGN_UP && event != MEV_RESTART && event != MEV_RESUME)
        complain(s, m, "F-07: a charge for %s, which nobody began", m->lone_charge);
    if (!is_allowed(m, e))
        complain(s, m, "SPEC 2.2 knows no way from %s by %s to %s",
                 membership_states.at[e->state_from], membership_events.at[event],
                 membership_states.at[e->state_to]);
    if (!asked && is_in(event, wished, COUNT(wished)) && !(event == MEV_RESTART && m->held_until))
        complain(s, m, "nobody asked for %s", membership_events.at[event]);
    happened(s, m, e, asked);
    if (event == MEV_CANCEL_BEGIN)
        m->cancel_begun = true;
    else if (!is_in(event, beside_a_cancel, COUNT(beside_a_cancel)))
        m->cancel_begun = m->cancel_begun && (m->state == M_GRACE || m->state == M_HOLD);
    if (m->state != (enum membership_state)e->state_to) m->over_at = e->happened_at;
    m->state = (enum membership_state)e->state_to;
    if (m->state == M_PENDING) m->debt = NULL;
    if (m->state != M_GRACE && m->state != M_HOLD && m->state != M_ENDING &&
        event != MEV_UNDO_CANCEL)
        m->debt = NULL;
}
