/* auditor_plan: what members have bought - plans, slots, and the prices that they have been told of
 * - and what became of changes inside a period (SPEC, O-02, O-12).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

enum { ROWS_MAX = 1 << 30 };

size_t plan_to_book(const struct member *m)
{
    return m->next_plan < PLANS ? m->next_plan : m->plan;
}

/* Whoever has been told of prices pays the newest that has been told and counts by then; others
 * those of the day. Never prices of days to come. */
int64_t price_day_of(const struct member *m, int64_t start_day)
{
    int64_t day = m->known_day;

    if (!m->known_day) return start_day;
    if (m->new_day && m->from_day <= start_day) day = m->new_day;
    return day < start_day ? day : start_day;
}

struct sale sale_of(const struct member *m, size_t plan, int64_t slots, int64_t start_day)
{
    return (struct sale){.place = m->place,
                         .plan = plan,
                         .region = m->region,
                         .slots = slots,
                         .price_day = price_day_of(m, start_day),
                         .tax_day = start_day};
}

struct owed owed_for(const struct sim *s, const struct member *m, int64_t start_day)
{
    struct sale const sale = sale_of(m, plan_to_book(m), m->slots, start_day);

    return market_owed(&s->market, &sale);
}

static void begin_shifted(struct member *m, int64_t new_end_day)
{
    m->term++;
    m->shifted = m->paid_ahead = true;
    m->anchor_day = new_end_day;
    walk_begin(&m->next, new_end_day);
}

void plan_shift(struct member *m, int64_t new_end_day)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (plan_owns_days(m, d) && !d->held &&
            (d->served_day ? d->served_day : d->end_day) > new_end_day)
            d->served_day = new_end_day > d->start_day ? new_end_day : d->start_day;
    begin_shifted(m, new_end_day);
    m->gap_day = 0;
}

void plan_day_moved(struct member *m, int64_t new_end_day)
{
    m->gap_day = m->next.day;
    begin_shifted(m, new_end_day);
}

/* --- slots without room --- */

static int64_t bit_of(int64_t no)
{
    return INT64_C(1) << (no - 1);
}

/* Those with the highest numbers. */
int64_t plan_slots_lost(const struct member *m, size_t plan)
{
    int64_t room = laws[m->place].slots ? plan_slots[plan] : 0, lost = 0;

    for (int64_t no = 1; bit_of(no) <= m->slots; no++)
        if ((m->slots & bit_of(no)) && room-- <= 0) lost |= bit_of(no);
    return lost;
}

void plan_lose_slots(struct member *m, int64_t lost, int64_t day)
{
    m->slots &= ~lost;
    for (struct bought *b = m->bought; b; b = b->next)
        if ((lost & bit_of(b->no)) && !b->end_day) {
            b->lost = true;
            b->end_day = day;
        }
}

void plan_keep_slots(struct member *m, int64_t day)
{
    for (struct bought *b = m->bought; b; b = b->next)
        if (b->lost && b->end_day > day) {
            m->slots |= bit_of(b->no);
            b->lost = false;
            b->end_day = 0;
        }
}

/* --- changes that wait for a payment --- */

static struct switching *switching_of(const struct member *m, int64_t change_id)
{
    struct switching *w = m->switchings;

    while (w && w->change_id != change_id) w = w->next;
    return w;
}

static void follow_change(struct sim *s, struct member *m, struct switching *w,
                          const struct seen_change *row)
{
    int64_t const until = w->asked_at + s->settings.pending_minutes * 60000;

    if (row->change_state == CHANGE_PENDING) {
        if (until + SLACK_MS < s->now && !m->locked_at)
            complain(s, m, "A-03: a change waits for its payment for too long");
        return;
    }
    w->over = true;
    w->refused = row->change_state != CHANGE_DONE;
    if (w->refused) return;
    if (w->moves)
        plan_day_moved(m, w->end_day);
    else
        m->plan = w->to;
}

void plan_follow(struct sim *s, struct member *m)
{
    struct seen_change *rows;
    bool open = false;
    size_t n;

    for (const struct switching *w = m->switchings; w; w = w->next) open = open || !w->over;
    if (!open) return;
    if (seen_changes(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "changes cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct switching *w = switching_of(m, rows[i].change_id);

        if (w && !w->over) follow_change(s, m, w, &rows[i]);
    }
}

/* --- their charges, and those of slots --- */

static struct bought *bought_of(const struct member *m, int64_t slot_id)
{
    struct bought *b = m->bought;

    while (b && b->slot_id != slot_id) b = b->next;
    return b;
}

void plan_side_charge(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c)
{
    const struct switching *w = d->kind == CHARGE_CHANGE ? switching_of(m, c->subject) : NULL;
    const struct bought *b = d->kind == CHARGE_SLOT ? bought_of(m, c->subject) : NULL;

    if (m->partner) complain(s, m, "B-07: a member whom a partner bills is charged");
    if (w) {
        d->start_day = w->start_day, d->end_day = w->end_day;
        d->owed = w->owed;
        d->plan = w->to;
        d->cause = w->moves ? CAUSE_DAY_MOVED : CAUSE_PLAN_CHANGE;
    } else if (b && b->owed.total_minor > 0) {
        d->start_day = b->from_day, d->end_day = b->paid_day;
        d->owed = b->owed;
        d->plan = b->plan;
        d->cause = CAUSE_SLOT_ADDED;
    } else {
        complain(s, m, "B-06: a %s that nobody has bought is charged", charge_kinds.at[d->kind]);
    }
}

/* What was decided since for the end of the period stands. */
static bool is_decided_anew(const struct member *m)
{
    return m->state != M_ACTIVE || m->pause_months || m->next_plan < PLANS;
}

/* It came when the change had been given up, or the slot was over: it goes back. */
static bool came_late(const struct member *m, const struct duty *d)
{
    const struct switching *w = switching_of(m, d->subject);
    const struct bought *b = bought_of(m, d->subject);
    int64_t const day = zone_day(m->zone, d->captured_at);

    bool const passed =
        d->term != m->term || d->k != m->next.k - 1 || (w && w->moves && is_decided_anew(m));

    if (d->kind == CHARGE_CHANGE) return w && (w->over ? w->refused : passed);
    bool const in_time = b && b->taken_at && d->captured_at <= b->taken_at; /* earlier that day */

    return b && ((b->end_day && day >= b->end_day && !in_time) || day >= b->paid_day);
}

bool plan_owns_days(const struct member *m, const struct duty *d)
{
    if (d->kind == CHARGE_RENEWAL) return !d->late;
    return d->cause == CAUSE_DAY_MOVED && !d->late && !came_late(m, d);
}

static void check_side(struct sim *s, struct member *m, struct duty *d)
{
    const struct switching *w = switching_of(m, d->subject);

    if (d->kind == CHARGE_CHANGE && w && w->over && !w->refused && d->state != CHARGE_CAPTURED)
        complain(s, m, "A-03: the plan was changed without a payment");
    if (d->late || d->state != CHARGE_CAPTURED || !came_late(m, d)) return;
    d->late = true;
    refund_expect(s, m, d, REFUND_LATE_CAPTURE, 0);
}

static void check_slots(struct sim *s, struct member *m)
{
    struct seen_slot *rows;
    size_t n;

    if (!m->bought) return;
    if (seen_slots(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "slots cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct bought *b = bought_of(m, rows[i].slot_id);

        if (!b)
            complain(s, m, "O-02: a slot that nobody has bought");
        else if (rows[i].end_day != b->end_day)
            complain(s, m, "O-13: slot %lld ends on %lld, should be %lld", (long long)b->no,
                     (long long)rows[i].end_day, (long long)b->end_day);
    }
}

void plan_audit(struct sim *s, struct member *m)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (d->kind != CHARGE_RENEWAL) check_side(s, m, d);
    check_slots(s, m);
}
