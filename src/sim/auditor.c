/* auditor: follows every membership with rules of its own, written from SPEC and not from the code
 * it judges: what is due when, which states may follow each other, who has access.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "notify/notify.h"
#include "sim/purse.h"

enum { ROWS_MAX = 1 << 30 };
static const int64_t SLACK_MS = 2 * DAY_MS; /* look-ups of open outcomes are a day apart at most */

/* SPEC 2.2, as far as directly billed memberships get without starts and pauses. */
/* clang-format off */
static const struct {
    enum membership_state from;
    enum membership_event_kind event;
    enum membership_state to;
} allowed[] = {
    {M_NONE,   MEV_IMPORT,         M_ACTIVE},
    {M_ACTIVE, MEV_RENEWAL_FAILED, M_GRACE},
    {M_ACTIVE, MEV_GRACE_OVER,     M_HOLD},
    {M_GRACE,  MEV_GRACE_OVER,     M_HOLD},
    {M_GRACE,  MEV_PAYMENT_OK,     M_ACTIVE},
    {M_HOLD,   MEV_PAYMENT_OK,     M_ACTIVE},
    {M_HOLD,   MEV_HOLD_LIMIT,     M_CANCELED},
    {M_HOLD,   MEV_CANCEL,         M_CANCELED},
    {M_GRACE,  MEV_CANCEL,         M_ENDING},
    {M_ACTIVE, MEV_CANCEL,         M_ENDING},
    {M_ENDING, MEV_PERIOD_END,     M_CANCELED},
    {M_ENDING, MEV_RENEWAL_FAILED, M_CANCELED}, /* cancelled while the renewal's outcome was open */
    {M_CANCELED, MEV_ERASE_ANNOUNCED, M_CANCELED},
    {M_CANCELED, MEV_RETENTION_OVER, M_DELETED},
};
/* clang-format on */

struct duty *duty_of(const struct member *m, int64_t term, int64_t k)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (d->term == term && d->k == k) return d;
    return NULL;
}

bool duty_final(const struct duty *d)
{
    return d->state == CHARGE_CAPTURED || d->state == CHARGE_CREDITED ||
           d->state == CHARGE_CANCELED;
}

static int64_t start_of(const struct member *m, int64_t day)
{
    return zone_day_start(m->zone, day);
}

/* Something happened at `at` that was due at `due`: never before, and on a test clock to the
 * millisecond, unless an outcome was open then. */
static void check_time(struct sim *s, const struct member *m, const char *what, int64_t due,
                       int64_t at)
{
    char a[INSTANT_TEXT], b[INSTANT_TEXT];

    if (at < due)
        complain(s, m, "%s came too early: at %s, due at %s", what, instant_text(at, a),
                 instant_text(due, b));
    else if (at > due && !s->real_clock && due > m->doubt_at + SLACK_MS)
        complain(s, m, "%s came late: at %s, due at %s", what, instant_text(at, a),
                 instant_text(due, b));
}

/* --- renewals --- */

static struct duty *add_duty(struct sim *s, struct member *m, const struct seen_charge *c)
{
    struct duty *d = arena_new(&s->seed_arena, struct duty);

    *d = (struct duty){.charge_id = c->charge_id,
                       .term = c->term,
                       .k = c->k,
                       .tried_day = zone_day(m->zone, c->wanted_at),
                       .older = m->duties};
    return m->duties = d;
}

/* Only where the operator bills the current period alone after an outage may periods be missing. */
static void pass_missed(struct sim *s, struct member *m, const struct seen_charge *c)
{
    if (!s->real_clock || s->settings.bill_missed_periods) return;
    while (m->next.k < c->k && walk_to(m->next, m->next.k + 1) <= zone_day(m->zone, c->wanted_at)) {
        m->prev_day = m->next.day;
        walk_next(&m->next);
    }
}

static void new_renewal(struct sim *s, struct member *m, const struct seen_charge *c)
{
    pass_missed(s, m, c);
    if (m->state != M_ACTIVE)
        complain(s, m, "F-07: period %lld is charged in this state", (long long)c->k);
    if (c->k != m->next.k || c->due_on_day != m->next.day) {
        char is[DAY_TEXT], due[DAY_TEXT];

        complain(s, m, "B-03: period %lld is charged on %s, due is period %lld on %s",
                 (long long)c->k, day_text(c->due_on_day, is), (long long)m->next.k,
                 day_text(m->next.day, due));
    }
    check_time(s, m, "B-01: a renewal", start_of(m, m->next.day), c->wanted_at);
    struct duty *d = add_duty(s, m, c);
    d->start_day = m->prev_day = m->next.day;
    walk_next(&m->next);
    d->end_day = m->next.day;
    d->owed = market_owed(&s->market, m->place, m->region, m->plan, d->start_day);
    d->invoiced = true;
}

static void new_charge(struct sim *s, struct member *m, const struct seen_charge *c)
{
    if (duty_of(m, c->term, c->k))
        complain(s, m, "B-11: period %lld of term %lld has two charges", (long long)c->k,
                 (long long)c->term);
    if (c->kind != CHARGE_RENEWAL || c->subject != 0)
        complain(s, m, "a charge that nobody asked for");
    if (c->term == m->term) {
        new_renewal(s, m, c);
    } else if (c->term == m->term + 1 && c->k == 0 && m->state == M_HOLD) {
        struct duty *d = add_duty(s, m, c);

        d->held = true;
        audit_held(s, m, d, c);
    } else {
        complain(s, m, "E-16: a charge of term %lld, period %lld, in term %lld", (long long)c->term,
                 (long long)c->k, (long long)m->term);
    }
    if (c->charge_id > m->charge_id) m->charge_id = c->charge_id;
}

/* --- states --- */

/* SPEC E-01: a failed renewal has been tried with every method that could be. */
/* Grace and hold count from here. */
static int64_t debt_day_of(const struct member *m)
{
    if (!m->debt) return 0;
    return m->debt->tried_day > m->debt->start_day ? m->debt->tried_day : m->debt->start_day;
}

static void check_all_tried(struct sim *s, struct member *m, int64_t at)
{
    for (size_t i = 0; i < m->n_tokens; i++) {
        const struct token *t = &m->tokens[i];
        bool tried = false;

        for (const struct sent *a = m->sent; a && !tried; a = a->next)
            tried = a->parts.term == m->debt->term && a->parts.k == m->debt->k &&
                    strcmp(a->token, t->name) == 0;
        if (!tried && token_usable(s, t, at) && !t->shy)
            complain(s, m, "E-01: the renewal failed and %s was not tried", t->name);
    }
}

static void renewal_failed(struct sim *s, struct member *m, const struct seen_event *e)
{
    bool const grace = s->settings.grace_days > 0;

    for (m->debt = m->duties; m->debt && m->debt->held;) m->debt = m->debt->older;
    m->failed_at = e->happened_at;
    if (!m->debt) {
        complain(s, m, "a renewal failed that nobody knows");
        return;
    }
    if (m->state != M_ENDING && (e->state_to == M_GRACE) != grace)
        complain(s, m, "E-02: with %lld days of grace a failed renewal led to %s",
                 (long long)s->settings.grace_days, membership_states.at[e->state_to]);
    check_time(s, m, "E-05: the failure", start_of(m, m->debt->start_day), e->happened_at);
    check_all_tried(s, m, e->happened_at);
}

/* SPEC E-16: a new term from the day of payment. */
static void recovered(struct sim *s, struct member *m)
{
    struct duty *d = duty_of(m, m->term + 1, 0);

    if (!d || !d->held) {
        complain(s, m, "E-16: a hold ended without a charge of a new term");
        return;
    }
    m->term++;
    d->held = false;
    d->invoiced = true;
    m->anchor_day = d->start_day;
    walk_begin(&m->next, m->anchor_day);
    m->prev_day = m->next.day;
    walk_next(&m->next);
    d->end_day = m->next.day;
}

static void happened(struct sim *s, struct member *m, const struct seen_event *e)
{
    int64_t const grace = s->settings.grace_days, limit = s->settings.hold_limit_days;
    int64_t const debt_day = debt_day_of(m);

    switch ((enum membership_event_kind)e->event) {
    case MEV_RENEWAL_FAILED: renewal_failed(s, m, e); break;
    case MEV_GRACE_OVER:
        if (m->state == M_ACTIVE)
            renewal_failed(s, m, e);
        else
            check_time(s, m, "E-05: the end of grace", start_of(m, debt_day + grace),
                       e->happened_at);
        break;
    case MEV_HOLD_LIMIT:
        check_time(s, m, "E-19: the hold limit", start_of(m, debt_day + grace + limit),
                   e->happened_at);
        break;
    case MEV_PAYMENT_OK:
        if (m->state == M_HOLD) recovered(s, m);
        break;
    case MEV_CANCEL:
        if (e->happened_at != m->cancel_wanted_at) complain(s, m, "F-07: nobody cancelled");
        break;
    case MEV_PERIOD_END:
        check_time(s, m, "F-06: the end", start_of(m, m->debt ? debt_day + grace : m->next.day),
                   e->happened_at);
        break;
    case MEV_SIGN_UP:
    case MEV_IMPORT:
    case MEV_PAYMENT_REFUSED:
    case MEV_UNDO_CANCEL:
    case MEV_PAUSE_BEGIN:
    case MEV_EXTEND_PAUSE:
    case MEV_RESUME:
    case MEV_RESTART:
    case MEV_WITHDRAW:
    case MEV_UNDO_RESTART:
    case MEV_PAUSE:
    case MEV_CANCEL_BEGIN:
    case MEV_LOCK:
    case MEV_UNLOCK:
    case MEV_PARTNER_ACTIVATE:
    case MEV_PARTNER_SUSPEND:
    case MEV_PARTNER_RESUME:
    case MEV_PARTNER_END:
    case MEV_RESTART_REFUSED:
    case MEV_RESTART_HELD:
    case MEV_RESTART_STOPPED:
    case MEV_DELETE:
    case MEV_UNDO_DELETE: break;
    case MEV_ERASE_ANNOUNCED: m->erase_told_at = e->happened_at; break;
    case MEV_RETENTION_OVER:
        if (!m->erase_told_at ||
            e->happened_at < m->erase_told_at + (s->settings.retention_notice_days - 1) * DAY_MS)
            complain(s, m, "E-22: erased and not told in time");
        break;
    }
}

static void new_event(struct sim *s, struct member *m, const struct seen_event *e)
{
    bool ok = e->event == MEV_IMPORT; /* the member starts ACTIVE in our eyes */

    note(s, "%s: %s -> %s (%s) %s", m->external_id, membership_states.at[e->state_from],
         membership_states.at[e->state_to], membership_events.at[e->event], e->reason);
    for (size_t i = 0; i < COUNT(allowed) && !ok; i++)
        ok = allowed[i].from == e->state_from && allowed[i].event == e->event &&
             allowed[i].to == e->state_to;
    if (!ok || (e->event != MEV_IMPORT && e->state_from != m->state))
        complain(s, m, "SPEC 2.2 knows no way from %s by %s to %s",
                 membership_states.at[e->state_from], membership_events.at[e->event],
                 membership_states.at[e->state_to]);
    happened(s, m, e);
    m->state = (enum membership_state)e->state_to;
    if (m->state != M_GRACE && m->state != M_HOLD && m->state != M_ENDING) m->debt = NULL;
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
            new_charge(s, m, &charges[i++]);
        } else {
            new_event(s, m, &events[k++]);
        }
    }
}

static void check_row(struct sim *s, struct member *m, const struct seen_membership *row)
{
    if (row->state != m->state)
        complain(s, m, "the state became %s without an event", membership_states.at[row->state]);
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
        struct duty *d = duty_of(m, charges[i].term, charges[i].k);

        if (d && d->held) audit_held(s, m, d, &charges[i]);
    }
    follow(s, m, charges, n, events, n_events);
    for (size_t i = 0; i < n && !s->failed; i++) {
        struct duty *d = duty_of(m, charges[i].term, charges[i].k);

        if (d) audit_charge(s, m, d, &charges[i]);
    }
    if (!s->failed) purse_audit(s, m);
    if (!s->failed) check_row(s, m, row);
}

/* --- what should have happened by now --- */

static bool is_open(const struct duty *d)
{
    return d && (d->state == CHARGE_WANTED || d->state == CHARGE_UNKNOWN);
}

static bool in_doubt(const struct member *m)
{
    for (const struct duty *d = m->duties; d; d = d->older)
        if (is_open(d)) return true;
    return false;
}

static void check_due(struct sim *s, const struct member *m, const char *what, int64_t day)
{
    char due[DAY_TEXT];

    if (start_of(m, day) < s->now && start_of(m, day) > m->doubt_at + SLACK_MS)
        complain(s, m, "%s was due on %s and has not come", what, day_text(day, due));
}

/* SPEC E-09: every day of the retry schedule has had its attempt, unless there was nothing to try.
 */
static void check_retries(struct sim *s, const struct member *m)
{
    int64_t const debt_day = debt_day_of(m);
    int64_t const end = debt_day + s->settings.grace_days + s->settings.hold_limit_days;

    for (int64_t i = 0, d; (d = days_at(s->settings.retry_schedule_days, i)) != -1; i++) {
        int64_t const day = debt_day + d, due = start_of(m, day);
        int64_t const until = s->real_clock ? s->now + 1 : start_of(m, day + 1);
        bool tried = false, could = false;

        if (day >= end || due <= m->failed_at || due + DAY_MS >= s->now) continue;
        if (due <= m->doubt_at + SLACK_MS || day <= zone_day(m->zone, m->failed_at)) continue;
        for (const struct sent *a = m->sent; a && !tried; a = a->next)
            tried = a->first_at >= due && a->first_at < until;
        for (size_t t = 0; t < m->n_tokens && !could; t++)
            could = !m->tokens[t].shy && m->tokens[t].added_at < due &&
                    token_usable(s, &m->tokens[t], due);
        if (!tried && could)
            complain(s, m, "E-09: nothing was tried on day %lld of the retry schedule",
                     (long long)d);
    }
}

/* SPEC E-03: every day of the reminders' schedule has had its letter, or a later one after an
 * outage.
 */
static void check_reminders(struct sim *s, const struct member *m)
{
    int64_t const debt_day = debt_day_of(m);

    for (int64_t i = 0, d; (d = days_at(s->settings.grace_reminder_days, i)) != -1; i++) {
        int64_t const due = start_of(m, debt_day + d);
        int64_t const until = s->real_clock ? s->now + 1 : start_of(m, debt_day + d + 1);
        bool reminded = false;

        if (d >= s->settings.grace_days || due <= m->failed_at || due + DAY_MS >= s->now) continue;
        if (due <= m->doubt_at + SLACK_MS) continue;
        for (size_t k = 0; k < REMINDERS_MAX && !reminded; k++)
            reminded = m->reminded_at[k] >= due && m->reminded_at[k] < until;
        if (!reminded)
            complain(s, m, "E-03: no reminder was sent on day %lld of grace", (long long)d);
    }
}

static void check_member_now(struct sim *s, struct member *m)
{
    int64_t const debt_day = debt_day_of(m);
    int64_t const grace_end = debt_day + s->settings.grace_days;
    const struct duty *d = m->duties;
    bool const access = m->state == M_ACTIVE || m->state == M_GRACE || m->state == M_ENDING;

    if (in_doubt(m)) m->doubt_at = s->now;
    if (m->state == M_ACTIVE) check_due(s, m, "B-01: a renewal", m->next.day);
    if (m->state == M_GRACE) check_due(s, m, "E-05: the end of grace", grace_end);
    if (m->state == M_HOLD)
        check_due(s, m, "E-19: the hold limit", grace_end + s->settings.hold_limit_days);
    if (m->state == M_ENDING) check_due(s, m, "F-06: the end", m->debt ? grace_end : m->next.day);
    if (m->debt && m->state != M_ENDING) check_retries(s, m);
    if (m->state == M_GRACE) check_reminders(s, m);
    if (d && d->state == CHARGE_CAPTURED && start_of(m, d->end_day) > s->now && !access)
        complain(s, m, "F-06: has paid and has no access");
    if (m->row.due_at && m->row.due_at < s->now)
        complain(s, m, "B-17: what was due (%s) is not done", membership_steps.at[m->row.step]);
    for (d = m->duties; d; d = d->older)
        if (d->state == CHARGE_WANTED && m->put_off_at < s->now)
            complain(s, m, "B-17: period %lld is left uncollected", (long long)d->k);
    if (access != state_has_access(m->state)) complain(s, m, "E-02: access is wrong");
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
        if (strcmp(rows[i].topic, "billing.renewed") == 0 ||
            strcmp(rows[i].topic, "membership.recovered") == 0)
            m->receipts++;
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
        if (m->touched || rows[i].version != m->row.version || in_doubt(m))
            look_at(s, m, &rows[i], events, n_events);
        m->touched = false;
        if (!s->failed) check_member_now(s, m);
    }
    if (n_events) s->seen_event_id = events[n_events - 1].event_id;
}
