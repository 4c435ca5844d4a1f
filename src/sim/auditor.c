/* auditor: follows every membership with rules of its own, written from SPEC and not from the code
 * it judges: which charges may be, and that the rows say what they should. States and dates are in
 * auditor_life.c and auditor_due.c, plans and refunds in files of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "notify/notify.h"
#include "sim/purse.h"

enum { ROWS_MAX = 1 << 30 };
const int64_t SLACK_MS = 2 * DAY_MS; /* look-ups of open outcomes are a day apart at most */

struct duty *duty_of(const struct member *m, const struct seen_charge *c)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (d->charge_id == c->charge_id) return d;
    return NULL;
}

struct duty *duty_renewal(const struct member *m, int64_t term, int64_t k)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (d->kind == CHARGE_RENEWAL && d->term == term && d->k == k) return d;
    return NULL;
}

/* A charge that begins a term may be given up and taken up again. */
bool duty_final(const struct duty *d)
{
    return d->state == CHARGE_CAPTURED || d->state == CHARGE_CREDITED ||
           (d->state == CHARGE_CANCELED && !d->held);
}

int64_t start_of(const struct member *m, int64_t day)
{
    return zone_day_start(m->zone, day);
}

void check_time(struct sim *s, const struct member *m, const char *what, int64_t due, int64_t at)
{
    char a[INSTANT_TEXT], b[INSTANT_TEXT];

    if (at >= due && due < m->unlocked_at) due = m->unlocked_at < at ? m->unlocked_at : at;
    if (m->locked_at && due >= m->locked_at) due = at;
    if (at < due)
        complain(s, m, "%s came too early: at %s, due at %s", what, instant_text(at, a),
                 instant_text(due, b));
    else if (at > due && !s->real_clock && due > m->doubt_at + SLACK_MS)
        complain(s, m, "%s came late: at %s, due at %s", what, instant_text(at, a),
                 instant_text(due, b));
}

struct rules rules_of(const struct sim *s, const struct member *m)
{
    const struct law *l = &laws[m->place];

    return (struct rules){l->grace_days >= 0 ? l->grace_days : s->settings.grace_days,
                          l->hold_days >= 0 ? l->hold_days : s->settings.hold_limit_days,
                          l->retention_months >= 0 ? l->retention_months
                                                   : s->settings.retention_months};
}

/* --- charges --- */

static struct duty *add_duty(struct sim *s, struct member *m, const struct seen_charge *c)
{
    struct duty *d = arena_new(&s->seed_arena, struct duty);

    *d = (struct duty){.charge_id = c->charge_id,
                       .term = c->term,
                       .k = c->k,
                       .kind = (enum charge_kind)c->kind,
                       .subject = c->subject,
                       .plan = plan_to_book(m),
                       .slots = m->slots,
                       .tried_day = zone_day(m->zone, c->wanted_at),
                       .older = m->duties};
    return m->duties = d;
}

struct walk period_to_book(const struct sim *s, const struct member *m, int64_t at)
{
    int64_t const unlocked = m->unlocked_at ? zone_day(m->zone, m->unlocked_at) : 0;
    bool const only_current = !s->settings.bill_missed_periods && (s->real_clock || m->unlocked_at);
    int64_t const today = only_current ? zone_day(m->zone, at) : 0;
    struct walk w = m->next;

    while (walk_to(w, w.k + 1) <= (unlocked > today ? unlocked : today)) walk_next(&w);
    return w;
}

static void pass_missed(struct sim *s, struct member *m, int64_t at)
{
    struct walk const w = period_to_book(s, m, at);

    while (m->next.k < w.k) {
        m->prev_day = m->next.day;
        walk_next(&m->next);
    }
}

static int64_t dom_of(int64_t day)
{
    struct walk w;

    walk_begin(&w, day);
    return w.dom;
}

/* SPEC B-05: the first thing that is not as it was. */
static enum charge_cause cause_of(const struct sim *s, const struct member *m, const struct duty *d)
{
    struct walk w;

    if (m->shifted) return CAUSE_ANCHOR_SHIFT;
    if (d->term == 1 && d->k == 0) return CAUSE_FIRST;
    if (d->plan != m->period_plan) return CAUSE_PLAN_CHANGE;
    if (d->slots & ~m->period_slots) return CAUSE_SLOT_ADDED;
    if (m->period_slots & ~d->slots) return CAUSE_SLOT_REMOVED;
    walk_begin(&w, m->anchor_day);
    if (d->k > 0) {
        struct sale const sale = sale_of(m, d->plan, 0, walk_to(w, d->k - 1));
        struct owed const before = market_owed(&s->market, &sale);

        if (before.list_minor != d->owed.list_minor) return CAUSE_PRICE_CHANGE;
        if (before.rate_ppm != d->owed.rate_ppm) return CAUSE_TAX_CHANGE;
    }
    return dom_of(d->start_day) != w.anchor_dom ? CAUSE_MISSING_DAY : CAUSE_RENEWAL;
}

/* The owner's choice to go on for as long as credit pays (SPEC F-10). */
static bool goes_on(const struct member *m, const struct seen_charge *c)
{
    return m->state == M_ENDING && m->next.day < m->credit_until_day && c->amount_minor == 0;
}

static void new_renewal(struct sim *s, struct member *m, const struct seen_charge *c)
{
    pass_missed(s, m, c->wanted_at);
    if (m->state != M_ACTIVE && !goes_on(m, c))
        complain(s, m, "F-07: period %lld is charged in this state", (long long)c->k);
    if (m->pause_months) complain(s, m, "G-01: a paused month is charged");
    if (m->partner) complain(s, m, "B-07: a member whom a partner bills is charged");
    if (m->locked_at && c->wanted_at >= m->locked_at)
        complain(s, m, "2.2: a locked account is charged");
    if (c->k != m->next.k || c->due_on_day != m->next.day) {
        char is[DAY_TEXT], due[DAY_TEXT];

        complain(s, m, "B-03: period %lld is charged on %s, due is period %lld on %s",
                 (long long)c->k, day_text(c->due_on_day, is), (long long)m->next.k,
                 day_text(m->next.day, due));
    }
    int64_t const due = start_of(m, m->next.day);
    check_time(s, m, "B-01: a renewal", due > m->cured_at ? due : m->cured_at, c->wanted_at);
    retire_before(s, m, m->next.day, c->wanted_at);
    struct duty *d = add_duty(s, m, c);
    d->start_day = m->prev_day = m->next.day;
    walk_next(&m->next);
    d->end_day = m->next.day;
    d->owed = owed_for(s, m, d->start_day);
    d->invoiced = true;
    d->cause = cause_of(s, m, d);
    m->plan = m->period_plan = d->plan;
    m->next_plan = PLANS;
    m->period_slots = m->slots;
    m->shifted = m->paid_ahead = false;
    m->gap_day = 0;
}

/* Period 0 of a term that begins when it is paid. Nobody but who begins one may be charged so: the
 * event that begins it follows at once. */
static void new_term_charge(struct sim *s, struct member *m, const struct seen_charge *c)
{
    if (m->held_until) m->plan = m->held_plan;
    retire_before_term(s, m, c, c->wanted_at);
    struct duty *d = add_duty(s, m, c);

    d->held = true;
    audit_held(s, m, d, c);
    if (m->partner) complain(s, m, "B-07: a member whom a partner bills is charged");
    if (m->state != M_HOLD)
        m->lone_charge = arena_printf(&s->seed_arena, "term %lld", (long long)c->term);
}

static void new_charge(struct sim *s, struct member *m, const struct seen_charge *c)
{
    for (const struct duty *d = m->duties; d; d = d->older)
        if (d->term == c->term && d->k == c->k && d->kind == (enum charge_kind)c->kind &&
            d->subject == c->subject)
            complain(s, m, "B-11: period %lld of term %lld has two charges", (long long)c->k,
                     (long long)c->term);
    if (c->kind != CHARGE_RENEWAL)
        plan_side_charge(s, m, add_duty(s, m, c), c);
    else if (c->subject != 0)
        complain(s, m, "a charge that nobody asked for");
    else if (c->term == m->term)
        new_renewal(s, m, c);
    else if (c->term > m->term && c->k == 0 &&
             (m->state == M_HOLD || m->state == M_PAUSED || m->state == M_CANCELED ||
              m->state == M_NONE))
        new_term_charge(s, m, c);
    else
        complain(s, m, "E-16: a charge of term %lld, period %lld, in term %lld", (long long)c->term,
                 (long long)c->k, (long long)m->term);
    if (c->charge_id > m->charge_id) m->charge_id = c->charge_id;
}

/* --- one member --- */

/* The oldest charge that can still change, or the first that has not been seen. */
static int64_t first_open(const struct member *m)
{
    int64_t first = m->charge_id + 1;

    for (const struct duty *d = m->duties; d; d = d->older)
        if (!duty_final(d) && d->charge_id < first) first = d->charge_id;
    return first;
}

/* Charges and events in the order in which they came to be: their ids. */
static void follow(struct sim *s, struct member *m, const struct seen_charge *charges, size_t n,
                   const struct seen_event *events, size_t n_events)
{
    size_t i = 0, k = 0;

    while ((i < n || k < n_events) && !s->failed) {
        if (k < n_events && events[k].account_id != m->account_id) {
            k++;
        } else if (i < n && charges[i].charge_id <= m->charge_id) {
            i++;
        } else if (i < n && (k == n_events || charges[i].charge_id < events[k].event_id)) {
            if (m->lone_charge)
                complain(s, m, "F-07: a charge for %s, which nobody began", m->lone_charge);
            new_charge(s, m, &charges[i++]);
        } else {
            life_event(s, m, &events[k++]);
        }
    }
}

/* What it has, will have and until when. */
static void check_terms(struct sim *s, struct member *m, const struct seen_membership *row)
{
    const char *next = m->next_plan < PLANS ? plan_codes[m->next_plan] : "";
    bool const over = m->state == M_CANCELED || m->state == M_ENDING;

    if (strcmp(row->plan, plan_codes[m->plan]) != 0 || strcmp(row->next_plan, next) != 0)
        complain(s, m, "A-03: has the plan %s, then '%s'; should be %s, then '%s'", row->plan,
                 row->next_plan, plan_codes[m->plan], next);
    if (row->slots != m->slots)
        complain(s, m, "O-02: has slots %lld, should be %lld", (long long)row->slots,
                 (long long)m->slots);
    if (row->pause_months != m->pause_months)
        complain(s, m, "G-04: a pause of %lld months, should be %lld", (long long)row->pause_months,
                 (long long)m->pause_months);
    if ((strcmp(row->biller, "direct") == 0) == m->partner)
        complain(s, m, "D-01: %s bills", row->biller);
    if (over && row->end_day != m->end_day)
        complain(s, m, "F-06: ends on %lld, should be %lld", (long long)row->end_day,
                 (long long)m->end_day);
    if (m->state == M_CANCELED && row->retention_until_day != m->retention_day)
        complain(s, m, "E-06: kept until %lld, should be %lld", (long long)row->retention_until_day,
                 (long long)m->retention_day);
}

static void check_row(struct sim *s, struct member *m, const struct seen_membership *row)
{
    if (row->state != m->state)
        complain(s, m, "the state became %s without an event", membership_states.at[row->state]);
    else if (m->partner && (row->term != m->term || row->period_end_day != m->partner_until_day))
        complain(s, m, "D-13: the partner's period ends on %lld, should end on %lld",
                 (long long)row->period_end_day, (long long)m->partner_until_day);
    else if (m->partner)
        ; /* its dates are the partner's */
    else if (row->term != m->term || row->k != m->next.k - 1 || row->period_end_day != m->next.day)
        complain(s, m,
                 "B-03: stands at term %lld, period %lld to %lld, should be %lld, %lld to %lld",
                 (long long)row->term, (long long)row->k, (long long)row->period_end_day,
                 (long long)m->term, (long long)m->next.k - 1, (long long)m->next.day);
    if (row->anchor_day != m->anchor_day) complain(s, m, "B-02: the anchor is another day");
    /* A new term follows a period that nobody paid, and its month may be shorter. */
    if (row->term == m->row.term && row->period_end_day < m->row.period_end_day)
        complain(s, m, "the end of the paid period went back");
    if (row->version < m->row.version) complain(s, m, "an older row has come back");
    char due[INSTANT_TEXT];
    check_terms(s, m, row);
    note(s, "%s: %s %s due %s, version %lld", m->external_id, membership_states.at[row->state],
         membership_steps.at[row->step], instant_text(row->due_at, due), (long long)row->version);
    trace_number(&s->trace, row->account_id);
    trace_number(&s->trace, row->state * 1000 + row->step);
    trace_number(&s->trace, row->period_end_day);
    trace_number(&s->trace, row->due_at);
    m->row = *row;
}

static void look_at(struct sim *s, struct member *m, const struct seen_membership *row,
                    const struct seen_event *events, size_t n_events)
{
    struct seen_charge *charges;
    size_t n;

    if (seen_charges(&s->cx, &charges, &n, .account_id = m->account_id, .charge_id = first_open(m),
                     .max = ROWS_MAX) != OK) {
        complain(s, m, "charges cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct duty *d = duty_of(m, &charges[i]);

        if (d && d->held) audit_held(s, m, d, &charges[i]);
    }
    plan_follow(s, m);
    follow(s, m, charges, n, events, n_events);
    if (m->lone_charge) complain(s, m, "F-07: a charge for %s, which nobody began", m->lone_charge);
    life_check_wishes(s, m);
    retire_follow(s, m, row);
    for (size_t i = 0; i < n && !s->failed; i++) {
        struct duty *d = duty_of(m, &charges[i]);

        if (d) audit_charge(s, m, d, &charges[i]);
    }
    if (!s->failed) plan_audit(s, m);
    if (!s->failed) refund_audit(s, m);
    if (!s->failed) purse_audit(s, m);
    if (!s->failed) check_row(s, m, row);
}

/* --- everybody --- */

/* Of a payment for a period, in time or late. */
static bool is_receipt(const char *topic)
{
    static const char *const topics[] = {"billing.renewed",    "membership.recovered",
                                         "membership.started", "membership.restarted",
                                         "membership.resumed", "membership.late_payment"};

    for (size_t i = 0; i < COUNT(topics); i++)
        if (strcmp(topic, topics[i]) == 0) return true;
    return false;
}

/* Letters of a time before the failure belong to an older grace. */
static void read_letters(struct sim *s)
{
    struct seen_letter *rows;
    size_t n;

    if (seen_letters(&s->cx, &rows, &n, .outbox_id = s->seen_letter_id, .max = ROWS_MAX) != OK) {
        complain(s, NULL, "the outbox cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct member *m = member_by_account(s, rows[i].account_id);

        s->seen_letter_id = rows[i].outbox_id;
        const char *unlisted = event_unlisted(&s->job, rows[i].topic, rows[i].body);
        if (unlisted) complain(s, m, "%s tells %s, which no event lists", rows[i].topic, unlisted);
        if (!m) continue;
        m->receipts += is_receipt(rows[i].topic);
        if (strcmp(rows[i].topic, "plan.retiring") == 0) retire_told(s, m, &rows[i]);
        if (strcmp(rows[i].topic, "membership.use_question") == 0)
            m->asked_at = rows[i].happened_at;
        if (strcmp(rows[i].topic, "membership.grace_reminder") != 0) continue;
        m->reminded_at[m->n_reminded++ % REMINDERS_MAX] = rows[i].happened_at;
    }
}

void audit(struct sim *s)
{
    struct seen_membership *rows;
    struct seen_event *events;
    size_t n, n_events;

    arena_reset(&s->job);
    spy_settle(s);
    if (seen_memberships(&s->cx, &rows, &n, .max = ROWS_MAX) != OK ||
        seen_events(&s->cx, &events, &n_events, .event_id = s->seen_event_id, .max = ROWS_MAX) !=
            OK) {
        complain(s, NULL, "the database cannot be read: %s", s->err.fault->code);
        return;
    }
    read_letters(s);
    spy_check_reserved(s);
    if (n != s->n_imported) complain(s, NULL, "there are %zu members, not %zu", n, s->n_imported);
    for (size_t i = 0; i < n && !s->failed; i++) {
        struct member *m = member_by_account(s, rows[i].account_id);

        if (!m) continue;
        if (m->touched || rows[i].version != m->row.version || due_in_doubt(m))
            look_at(s, m, &rows[i], events, n_events);
        m->touched = false;
        if (!s->failed) due_check(s, m);
    }
    if (n_events) s->seen_event_id = events[n_events - 1].event_id;
}
