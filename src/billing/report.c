/* report: groups of members, read table by table and told as stories.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/report.h"

#include <string.h>

#include "base/calendar.h"
#include "base/zone.h"
#include "billing/history.h"
#include "report_sql.h"

enum { GROUP = 256, ROWS_MAX = GROUP * HISTORY_MAX, RECOGNITIONS_MAX = 1000000 };

/* What was read of one group. The cursors move from account to account, in the order of the rows.
 */
struct group {
    struct ctx cx; /* with an arena of its own */
    size_t n, n_terms, n_events, n_charges, n_notes, n_attempts, n_skips;
    struct report_member *members;
    struct report_term *terms;
    struct report_event *events;
    struct report_charge *charges;
    struct report_note *notes;
    struct report_attempt *attempts;
    struct report_skip *skips;
    size_t term, event, charge, note, attempt, skip;
};

static enum status load(struct group *g, int64_t after)
{
    struct ctx *cx = &g->cx;

    TRY(report_members(cx, &g->members, &g->n, .after = after, .max = GROUP));
    if (g->n == 0) return OK;
    int64_t const first = g->members[0].account_id, last = g->members[g->n - 1].account_id;
    TRY(report_terms(cx, &g->terms, &g->n_terms, .first = first, .last = last, .max = ROWS_MAX));
    TRY(report_events(cx, &g->events, &g->n_events, .first = first, .last = last, .max = ROWS_MAX));
    TRY(report_charges(cx, &g->charges, &g->n_charges, .first = first, .last = last,
                       .max = ROWS_MAX));
    TRY(report_notes(cx, &g->notes, &g->n_notes, .first = first, .last = last, .max = ROWS_MAX));
    TRY(report_attempts(cx, &g->attempts, &g->n_attempts, .first = first, .last = last,
                        .max = ROWS_MAX));
    return report_skips(cx, &g->skips, &g->n_skips, .first = first, .last = last, .max = ROWS_MAX);
}

/* Numbers the rounds of a charge's attempts and finds why the first one was refused. */
static void take_attempts(struct group *g, const struct report_charge *row, const struct zone *z,
                          struct story_charge *c)
{
    struct try_round round = {0};

    c->code = row->code;
    c->decline_class = "";
    c->rounds = 0;
    for (bool first = true;
         g->attempt < g->n_attempts && g->attempts[g->attempt].charge_id == row->charge_id;
         g->attempt++) {
        const struct report_attempt *p = &g->attempts[g->attempt];

        c->rounds = try_round_next(&round, p->method_id, zone_day(z, p->sent_at));
        if (!first || strcmp(p->outcome, "declined") != 0) continue;
        c->code = p->code;
        c->decline_class = p->meaning;
        first = false;
    }
}

/* A term that begins with a payment begins when that is made, which may be days after it was asked
 * for. */
static int64_t due_day_of(const struct report_charge *row)
{
    bool const later = row->k == 0 && row->invoiced && row->period_start_day > row->due_on_day;

    return later ? row->period_start_day : row->due_on_day;
}

static struct story_charge charge_of(struct group *g, const struct report_charge *row,
                                     const struct report_member *m, const struct zone *z)
{
    bool const unpaid = row->charge_state == CHARGE_WANTED || row->charge_state == CHARGE_UNKNOWN;
    struct story_charge c = {
        .term = row->term,
        .k = row->k,
        .renewal = row->kind == CHARGE_RENEWAL,
        .invoiced = row->invoiced,
        .begins_term = row->term > 1 && row->k == 0 && row->cause == CAUSE_RECOVERED,
        .dunned = unpaid && row->dunned_id == row->charge_id && m->state != M_ACTIVE &&
                  m->state != M_ENDING,
        .state = (enum charge_state)row->charge_state,
        .recovered_by = (enum recovery)row->recovered_by,
        .due_day = due_day_of(row),
        .period_start_day = row->period_start_day,
        .captured_day = row->captured_at ? zone_day(z, row->captured_at) : 0,
        .amount_minor = row->amount_minor,
        .net_minor = row->net_minor,
        .tax_minor = row->tax_minor,
        .total_minor = row->total_minor,
        .plan = row->invoiced ? row->plan : m->plan,
        .country = row->invoiced ? row->country : m->country,
        .currency = row->currency,
    };

    take_attempts(g, row, z, &c);
    return c;
}

/* How many of the rows from *at on are the account's, whose number is the first column; moves on.
 */
static size_t run_of(const void *rows, size_t n, size_t size, size_t *at, int64_t account_id)
{
    size_t const from = *at;

    while (*at < n &&
           *(const int64_t *)(const void *)((const char *)rows + *at * size) == account_id)
        ++*at;
    return *at - from;
}

#define RUN_OF(g, list, m)                                                                         \
    run_of((g)->list##s, (g)->n_##list##s, sizeof *(g)->list##s, &(g)->list, (m)->account_id)

static void take_charges(struct group *g, const struct report_member *m, const struct zone *z,
                         struct story *s)
{
    const struct report_charge *rows = g->charges + g->charge;
    size_t const n = RUN_OF(g, charge, m);
    struct story_charge *list = arena_array(g->cx.arena, struct story_charge, n + 1);
    for (size_t i = 0; i < n; i++) list[i] = charge_of(g, &rows[i], m, z);
    s->charges = list;
    s->n_charges = n;
}

static void take_notes(struct group *g, const struct report_member *m, const struct zone *z,
                       struct story *s)
{
    const struct report_note *rows = g->notes + g->note;
    size_t const n = RUN_OF(g, note, m);
    struct story_note *list = arena_array(g->cx.arena, struct story_note, n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct story_note){zone_day(z, rows[i].issued_at),
                                      -rows[i].tax_minor,
                                      -rows[i].total_minor,
                                      rows[i].plan,
                                      rows[i].country,
                                      rows[i].currency};
    }
    s->notes = list;
    s->n_notes = n;
}

static void take_events(struct group *g, const struct report_member *m, const struct zone *z,
                        struct story *s)
{
    const struct report_event *rows = g->events + g->event;
    size_t const n = RUN_OF(g, event, m);
    struct story_event *list = arena_array(g->cx.arena, struct story_event, n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct story_event){
            zone_day(z, rows[i].happened_at), (enum membership_state)rows[i].state_from,
            (enum membership_state)rows[i].state_to, (enum membership_event_kind)rows[i].event};
    }
    s->events = list;
    s->n_events = n;
}

static void take_terms(struct group *g, const struct report_member *m, const struct zone *z,
                       struct story *s)
{
    const struct report_term *rows = g->terms + g->term;
    size_t const n = RUN_OF(g, term, m);
    struct story_term *list = arena_array(g->cx.arena, struct story_term, n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] =
            (struct story_term){rows[i].term, rows[i].anchor_day, zone_day(z, rows[i].started_at),
                                strcmp(rows[i].term_cause, "imported") == 0,
                                strcmp(rows[i].term_cause, "partner") == 0};
    }
    s->terms = list;
    s->n_terms = n;
}

static void take_skips(struct group *g, const struct report_member *m, struct story *s)
{
    const struct report_skip *rows = g->skips + g->skip;
    size_t const n = RUN_OF(g, skip, m);
    struct story_skip *list = arena_array(g->cx.arena, struct story_skip, n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct story_skip){rows[i].term, rows[i].k, rows[i].due_on_day};
    }
    s->skips = list;
    s->n_skips = n;
}

/* A renewal whose date has come is booked at once, but where the worker has yet to come by, it was
 * put off to the next day, or the one before it is in doubt, which is looked up every day. */
static bool is_soon(const struct ctx *cx, const struct report_member *m)
{
    return (m->step == STEP_RENEW || m->step == STEP_LOOK_UP) && m->due_at <= cx->now + DAY_MS;
}

static enum status tell(struct group *g, const struct report_member *m, struct report *r)
{
    struct story s = {.plan = m->plan,
                      .country = m->country,
                      .currency = m->currency,
                      .state = (enum membership_state)m->state,
                      .term = m->term,
                      .k = m->k,
                      .direct = strcmp(m->biller, "direct") == 0,
                      .pauses = m->step == STEP_PAUSE,
                      .waits = is_soon(&g->cx, m)};
    const struct zone *z;

    TRY(zone_find(m->zone, &z, g->cx.err));
    take_charges(g, m, z, &s);
    take_notes(g, m, z, &s);
    take_events(g, m, z, &s);
    take_terms(g, m, z, &s);
    take_skips(g, m, &s);
    s.until_day = zone_day(z, g->cx.now - 1) + 1;
    report_story(r, &s);
    return OK;
}

static enum status add_recognised(struct ctx *cx, struct report *r)
{
    struct report_recognition *rows;
    size_t n;

    TRY(report_recognitions(cx, &rows, &n, .max = RECOGNITIONS_MAX));
    for (size_t i = 0; i < n; i++)
        report_recognised(r, rows[i].month, rows[i].plan, rows[i].country, rows[i].currency,
                          rows[i].recognised_minor);
    return OK;
}

enum status report_make(struct ctx *cx, int64_t from_day, int64_t until_day, unsigned by,
                        struct report *out)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    int64_t after = -1;
    TX tx = {0};

    report_begin(out, cx->arena, from_day, until_day, by);
    TRY(tx_begin_kind(&tx, cx, TX_READ));
    for (bool more = true; more;) {
        struct group g = {.cx = *cx};

        arena_reset(&arena);
        g.cx.arena = &arena;
        TRY(load(&g, after));
        for (size_t i = 0; i < g.n; i++) TRY(tell(&g, &g.members[i], out));
        more = g.n == GROUP;
        if (g.n) after = g.members[g.n - 1].account_id;
    }
    TRY(add_recognised(cx, out));
    report_end(out);
    return tx_commit(&tx);
}

enum status report_span(struct ctx *cx, int64_t *from_day, int64_t *until_day)
{
    struct report_days_row row;

    TRY(report_days(cx, &row, &DB_NO_ROW));
    bool const due = row.next_day && row.next_day * DAY_MS < cx->now;
    *from_day =
        due && (!row.first_day || row.next_day < row.first_day) ? row.next_day : row.first_day;
    *until_day = row.last_day ? row.last_day + 1 : 0;
    return OK;
}
