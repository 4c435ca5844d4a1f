/* report_rules: adds members up, one after the other. SPDX-License-Identifier: Apache-2.0 */
#include "billing/report_rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

/* clang-format off */
static const struct field row_fields[] = {
    TEXT(struct report_row, month, 0, 0, "The calendar month, by each member's local dates."),
    TEXT(struct report_row, plan, 0, 0,
     "The plan: of money the invoice's, of members the present one."),
    TEXT(struct report_row, country, 0, 0,
     "The country: of money the invoice's, of members the present one."),
    TEXT(struct report_row, currency, 0, 0, "ISO 4217; money of two currencies is never added up."),
    INT(struct report_row, invoiced_minor, 0, 0,
     "Total, tax included, of the invoices whose period begins in the month."),
    INT(struct report_row, credited_minor, 0, 0,
     "Total, tax included, that credit notes issued in the month took back."),
    INT(struct report_row, tax_minor, 0, 0, "Tax in invoiced_minor less tax in credited_minor."),
    INT(struct report_row, collected_minor, 0, 0, "Payments captured in the month."),
    INT(struct report_row, recognised_minor, 0, 0,
     "Net revenue of the days served in the month (UTC), of paid periods; written when the "
     "month is over."),
    INT(struct report_row, failed, 0, 0,
     "Renewals due in the month whose first round of attempts failed: the primary method "
     "and every backup."),
    INT(struct report_row, recovered_retry, 0, 0,
     "Payments of the month that a scheduled retry brought after such a failure."),
    INT(struct report_row, recovered_backup, 0, 0,
     "Payments of the month that a backup method brought when the primary one failed."),
    INT(struct report_row, recovered_member, 0, 0,
     "Payments of the month that the member's own action brought after such a failure."),
    INT(struct report_row, grace, 0, 0, "Members who entered grace in the month."),
    INT(struct report_row, hold, 0, 0, "Members who went on hold in the month."),
    INT(struct report_row, lost, 0, 0, "Members canceled in the month after a hold."),
    INT(struct report_row, ended, 0, 0, "Members canceled in the month otherwise."),
    INT(struct report_row, active_before, 0, 0, "Members with access when the month began."),
    INT(struct report_row, active, 0, 0, "Members with access when the month ended."),
    INT(struct report_row, mrr_minor, 0, 0,
     "Monthly net amount of those active: of each the newest invoice so far, or the first "
     "to come."),
    INT(struct report_row, churn_ppm, 0, 0,
     "(lost + ended) / active_before, in parts per million; 0 when nobody was active."),
};
static const struct field sum_fields[] = {
    INT(struct reconciliation, due, 0, 0,
     "Renewals that fell due, counted from the calendar of each term."),
    INT(struct reconciliation, charged, 0, 0, "Paid."),
    INT(struct reconciliation, failed, 0, 0, "Every attempt so far failed; still owed."),
    INT(struct reconciliation, credited, 0, 0, "Never paid and taken back by a credit note."),
    INT(struct reconciliation, skipped, 0, 0, "Not booked, for a reason that is stored."),
    INT(struct reconciliation, waiting, 0, 0, "No answer yet, or the worker has not come by."),
    INT(struct reconciliation, difference, 0, 0,
     "due less all the others: 0, or something is wrong."),
};
static const struct field reason_fields[] = {
    TEXT(struct report_reason, code, 0, 0, "The first decline's code."),
    TEXT(struct report_reason, decline_class, 0, 0, "What the code means for further attempts."),
    INT(struct report_reason, failed, 0, 0, "Renewals, as in failed."),
};
static const struct field retry_fields[] = {
    INT(struct report_retry, retry, 0, 0, "1 is the first retry after the round that failed."),
    INT(struct report_retry, recovered, 0, 0, "Payments, as in recovered_retry."),
};
/* clang-format on */
const struct shape report_row_shape = SHAPE(report_row, row_fields);
const struct shape reconciliation_shape = SHAPE(reconciliation, sum_fields);
const struct shape report_reason_shape = SHAPE(report_reason, reason_fields);
const struct shape report_retry_shape = SHAPE(report_retry, retry_fields);

/* ---- rows by key ---- */

static uint64_t hash_text(uint64_t h, const char *s)
{
    for (; *s; s++) h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return (h ^ 0xFF) * UINT64_C(1099511628211);
}

static uint64_t hash_row(const struct report_row *r)
{
    uint64_t const h = hash_text(UINT64_C(14695981039346656037), r->month);
    return hash_text(hash_text(hash_text(h, r->plan), r->country), r->currency);
}

static bool same_key(const struct report_row *a, const struct report_row *b)
{
    return strcmp(a->month, b->month) == 0 && strcmp(a->plan, b->plan) == 0 &&
           strcmp(a->country, b->country) == 0 && strcmp(a->currency, b->currency) == 0;
}

/* The place of the key in the index: its own or a free one. */
static size_t *place(struct report *r, const struct report_row *key)
{
    size_t i = (size_t)hash_row(key) & (r->index_size - 1);

    while (r->index[i] && !same_key(&r->rows[r->index[i] - 1], key))
        i = (i + 1) & (r->index_size - 1);
    return &r->index[i];
}

static void grow(struct report *r)
{
    struct report_row *rows = arena_array(r->arena, struct report_row, 2 * r->room);

    memcpy(rows, r->rows, r->n * sizeof *rows);
    r->rows = rows;
    r->room *= 2;
    r->index_size = 4 * r->room;
    r->index = arena_array(r->arena, size_t, r->index_size);
    for (size_t i = 0; i < r->n; i++) *place(r, &r->rows[i]) = i + 1;
}

static struct report_row *row_of_month(struct report *r, int64_t month, const char *plan,
                                       const char *country, const char *currency)
{
    char text[MONTH_TEXT];
    struct report_row key = {.month = r->by & REPORT_BY_MONTH ? month_text(month, text) : "",
                             .plan = r->by & REPORT_BY_PLAN ? plan : "",
                             .country = r->by & REPORT_BY_COUNTRY ? country : "",
                             .currency = currency};
    size_t *at = place(r, &key);

    if (*at) return &r->rows[*at - 1];
    if (r->n == r->room) {
        grow(r);
        at = place(r, &key);
    }
    key.month = arena_strdup(r->arena, key.month);
    key.plan = arena_strdup(r->arena, key.plan);
    key.country = arena_strdup(r->arena, key.country);
    key.currency = arena_strdup(r->arena, key.currency);
    r->rows[r->n] = key;
    *at = ++r->n;
    return &r->rows[r->n - 1];
}

static bool inside(const struct report *r, int64_t day)
{
    return day != 0 && day >= r->from_day && day < r->until_day;
}

void report_begin(struct report *r, struct arena *a, int64_t from_day, int64_t until_day,
                  unsigned by)
{
    *r = (struct report){.arena = a, .from_day = from_day, .until_day = until_day, .by = by};
    r->room = 64;
    r->rows = arena_array(a, struct report_row, r->room);
    r->index_size = 4 * r->room;
    r->index = arena_array(a, size_t, r->index_size);
}

/* ---- money ---- */

static struct report_row *row_of_charge(struct report *r, const struct story_charge *c, int64_t day)
{
    return row_of_month(r, month_of(day), c->plan, c->country, c->currency);
}

static bool first_round_failed(const struct story_charge *c)
{
    if (!c->renewal || !c->invoiced || c->begins_term) return false;
    if (c->state == CHARGE_FAILED || c->state == CHARGE_CREDITED || c->dunned) return true;
    return c->state == CHARGE_CAPTURED &&
           (c->recovered_by == RECOVERED_RETRY || c->recovered_by == RECOVERED_MEMBER);
}

/* The list, in a bigger place when it is full. */
static void *list_room(struct arena *a, void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room) return list;
    *room = n ? 2 * n : 16;
    void *more = arena_alloc(a, *room * size);
    if (n) memcpy(more, list, n * size);
    return more;
}

static void count_reason(struct report *r, const struct story_charge *c)
{
    for (size_t i = 0; i < r->n_reasons; i++)
        if (strcmp(r->reasons[i].code, c->code) == 0 &&
            strcmp(r->reasons[i].decline_class, c->decline_class) == 0) {
            r->reasons[i].failed++;
            return;
        }
    r->reasons =
        list_room(r->arena, r->reasons, r->n_reasons, &r->reasons_room, sizeof *r->reasons);
    r->reasons[r->n_reasons++] = (struct report_reason){
        arena_strdup(r->arena, c->code), arena_strdup(r->arena, c->decline_class), 1};
}

static void count_retry(struct report *r, int64_t retry)
{
    for (size_t i = 0; i < r->n_retries; i++)
        if (r->retries[i].retry == retry) {
            r->retries[i].recovered++;
            return;
        }
    r->retries =
        list_room(r->arena, r->retries, r->n_retries, &r->retries_room, sizeof *r->retries);
    r->retries[r->n_retries++] = (struct report_retry){retry, 1};
}

/* Rounds before the one that paid: on hold those of the unpaid renewal came first. */
static int64_t retry_number(const struct story *s, size_t i)
{
    const struct story_charge *c = &s->charges[i];
    int64_t const before = c->begins_term && i > 0 ? s->charges[i - 1].rounds : 0;
    int64_t const n = before + c->rounds - 1;

    return n > 0 ? n : 1;
}

static void add_captured(struct report *r, const struct story *s, size_t i)
{
    const struct story_charge *c = &s->charges[i];
    struct report_row *row = row_of_charge(r, c, c->captured_day);

    row->collected_minor += c->amount_minor;
    switch (c->recovered_by) {
    case RECOVERED_NOT: break;
    case RECOVERED_BACKUP: row->recovered_backup++; break;
    case RECOVERED_MEMBER: row->recovered_member++; break;
    case RECOVERED_RETRY:
        row->recovered_retry++;
        count_retry(r, retry_number(s, i));
        break;
    }
}

static void add_charge(struct report *r, const struct story *s, size_t i)
{
    const struct story_charge *c = &s->charges[i];

    if (c->invoiced && inside(r, c->period_start_day)) {
        struct report_row *row = row_of_charge(r, c, c->period_start_day);

        row->invoiced_minor += c->total_minor;
        row->tax_minor += c->tax_minor;
    }
    if (c->state == CHARGE_CAPTURED && inside(r, c->captured_day)) add_captured(r, s, i);
    if (first_round_failed(c) && inside(r, c->due_day)) {
        row_of_charge(r, c, c->due_day)->failed++;
        count_reason(r, c);
    }
}

static void add_note(struct report *r, const struct story_note *n)
{
    if (!inside(r, n->day)) return;
    struct report_row *row = row_of_month(r, month_of(n->day), n->plan, n->country, n->currency);
    row->credited_minor += n->total_minor;
    row->tax_minor -= n->tax_minor;
}

/* ---- members ---- */

/* Before its first event a member was in that event's first state, since the first term began. */
static enum membership_state state_before(const struct story *s, int64_t day)
{
    enum membership_state state = s->n_events ? s->events[0].from : s->state;

    if (s->n_terms && s->terms[0].start_day >= day) state = M_NONE;
    for (size_t i = 0; i < s->n_events && s->events[i].day < day; i++) state = s->events[i].to;
    return state;
}

static int64_t net_before(const struct story *s, int64_t day)
{
    int64_t first = 0, newest = 0;
    bool any = false, reached = false;

    for (size_t i = 0; i < s->n_charges; i++) {
        const struct story_charge *c = &s->charges[i];

        if (!c->invoiced || !c->renewal) continue;
        if (!any) first = c->net_minor;
        any = true;
        if (c->period_start_day >= day) continue;
        newest = c->net_minor;
        reached = true;
    }
    return reached ? newest : first;
}

static void add_standing(struct report *r, const struct story *s, int64_t month)
{
    int64_t const start = month_start_day(month), end = month_start_day(month + 1);
    int64_t const from = start > r->from_day ? start : r->from_day;
    int64_t const until = end < r->until_day ? end : r->until_day;
    bool const before = state_has_access(state_before(s, from));
    bool const after = state_has_access(state_before(s, until));

    if (!before && !after) return;
    struct report_row *row = row_of_month(r, month, s->plan, s->country, s->currency);
    bool const months = r->by & REPORT_BY_MONTH;
    if (before && (months || from == r->from_day)) row->active_before++;
    if (!after || !(months || until == r->until_day)) return;
    row->active++;
    row->mrr_minor += net_before(s, until);
}

static void add_event(struct report *r, const struct story *s, const struct story_event *e)
{
    bool const lost = e->from == M_HOLD;

    if (!inside(r, e->day) || e->to == e->from) return; /* a note is no change */
    if (e->to != M_GRACE && e->to != M_HOLD && e->to != M_CANCELED) return;
    struct report_row *row = row_of_month(r, month_of(e->day), s->plan, s->country, s->currency);
    if (e->to == M_GRACE) row->grace++;
    if (e->to == M_HOLD) row->hold++;
    if (e->to == M_CANCELED && lost) row->lost++;
    if (e->to == M_CANCELED && !lost) row->ended++;
}

/* ---- the reconciliation ---- */

static const struct story_charge *renewal_at(const struct story *s, int64_t term, int64_t k)
{
    for (size_t i = 0; i < s->n_charges; i++) {
        const struct story_charge *c = &s->charges[i];

        if (c->renewal && c->invoiced && c->term == term && c->k == k) return c;
    }
    return NULL;
}

/* The first and the last period of a term that is stored; false when none is. A member who was
 * imported has earlier periods that were never ours. */
static bool term_range(const struct story *s, const struct story_term *t, int64_t *first,
                       int64_t *last)
{
    *first = INT64_MAX;
    *last = -1;
    for (size_t i = 0; i < s->n_charges; i++) {
        const struct story_charge *c = &s->charges[i];

        if (!c->renewal || !c->invoiced || c->term != t->term) continue;
        if (c->k < *first) *first = c->k;
        if (c->k > *last) *last = c->k;
    }
    for (size_t i = 0; i < s->n_skips; i++) {
        if (s->skips[i].term != t->term) continue;
        if (s->skips[i].k < *first) *first = s->skips[i].k;
        if (s->skips[i].k > *last) *last = s->skips[i].k;
    }
    if (*last >= 0 && t->term == s->term && s->k > *last) *last = s->k;
    if (*last >= 0 && !t->imported) *first = 0;
    return *last >= 0;
}

/* Whether periods of a term are ours although none is stored: a partner's member who was imported
 * has such a term, too. */
static bool is_ours(const struct story *s, const struct story_term *t, bool stored)
{
    bool const lives = s->state != M_NONE && s->state != M_CANCELED && s->state != M_DELETED;

    if (t->partner) return false;
    return stored || !t->imported || (t->term == s->term && s->direct && lives);
}

/* The date since which the member is to be billed without a break; INT64_MAX: is not. */
static int64_t billed_since(const struct story *s)
{
    bool locked = false;
    int64_t since = INT64_MIN;

    for (size_t i = 0; i < s->n_events; i++) {
        const struct story_event *e = &s->events[i];
        bool const lock = e->event == MEV_LOCK || e->event == MEV_UNLOCK;

        if (lock) locked = e->event == MEV_LOCK;
        if (lock || e->to != e->from) since = e->day;
    }
    return s->state == M_ACTIVE && !locked && !s->pauses ? since : INT64_MAX;
}

/* What the calendar of the present term has beyond what is stored. What was missed before the
 * member's state changed was not demanded any more. */
static void count_not_stored(struct report *r, const struct story *s, const struct story_term *t,
                             int64_t k)
{
    int64_t const since = billed_since(s);

    for (;; k++) {
        int64_t const start = period_start_day(t->anchor_day, k);

        if (start >= s->until_day || start >= r->until_day) return;
        if (!inside(r, start) || start < since) continue;
        r->sum.due++;
        if (s->waits) r->sum.waiting++;
    }
}

static void count_due(struct report *r, const struct story *s)
{
    int64_t first, last;

    for (size_t i = 0; i < s->n_terms; i++) {
        const struct story_term *t = &s->terms[i];
        bool const stored = !t->partner && term_range(s, t, &first, &last);

        for (int64_t k = first; stored && k <= last; k++)
            if (inside(r, period_start_day(t->anchor_day, k))) r->sum.due++;
        if (t->term == s->term && is_ours(s, t, stored))
            count_not_stored(r, s, t, stored ? last + 1 : t->imported ? s->k + 1 : 0);
    }
}

/* What was paid too late for the term that it was to begin went back, and fell due in none of ours:
 * a partner may have begun that one. */
static bool has_term(const struct story *s, int64_t term)
{
    for (size_t i = 0; i < s->n_terms; i++)
        if (s->terms[i].term == term) return !s->terms[i].partner;
    return false;
}

static void count_outcome(struct report *r, const struct story *s, const struct story_charge *c)
{
    if (!c->renewal || !c->invoiced || !inside(r, c->due_day) || !has_term(s, c->term)) return;
    switch (c->state) {
    case CHARGE_WANTED:
    case CHARGE_UNKNOWN: r->sum.waiting++; break;
    case CHARGE_CAPTURED: r->sum.charged++; break;
    case CHARGE_FAILED: r->sum.failed++; break;
    case CHARGE_CREDITED:
    case CHARGE_CANCELED: r->sum.credited++; break;
    }
}

/* A period may have been skipped for several reasons, one after the other, and booked in the end.
 */
static void count_skips(struct report *r, const struct story *s)
{
    for (size_t i = 0; i < s->n_skips; i++) {
        const struct story_skip *k = &s->skips[i];

        if (i > 0 && k[-1].term == k->term && k[-1].k == k->k) continue;
        if (inside(r, k->due_day) && !renewal_at(s, k->term, k->k)) r->sum.skipped++;
    }
}

void report_story(struct report *r, const struct story *s)
{
    for (size_t i = 0; i < s->n_charges; i++) {
        add_charge(r, s, i);
        count_outcome(r, s, &s->charges[i]);
    }
    for (size_t i = 0; i < s->n_notes; i++) add_note(r, &s->notes[i]);
    for (size_t i = 0; i < s->n_events; i++) add_event(r, s, &s->events[i]);
    if (r->until_day > r->from_day)
        for (int64_t m = month_of(r->from_day); m <= month_of(r->until_day - 1); m++)
            add_standing(r, s, m);
    count_due(r, s);
    count_skips(r, s);
}

void report_recognised(struct report *r, int64_t month, const char *plan, const char *country,
                       const char *currency, int64_t minor)
{
    if (month_start_day(month + 1) <= r->from_day || month_start_day(month) >= r->until_day) return;
    row_of_month(r, month, plan, country, currency)->recognised_minor += minor;
}

static int row_order(const void *pa, const void *pb)
{
    const struct report_row *a = pa, *b = pb;
    int const month = strcmp(a->month, b->month), plan = strcmp(a->plan, b->plan);
    int const country = strcmp(a->country, b->country);

    if (month) return month;
    if (plan) return plan;
    return country ? country : strcmp(a->currency, b->currency);
}

static int reason_order(const void *pa, const void *pb)
{
    const struct report_reason *a = pa, *b = pb;
    int const code = strcmp(a->code, b->code);

    if (a->failed != b->failed) return a->failed < b->failed ? 1 : -1;
    return code ? code : strcmp(a->decline_class, b->decline_class);
}

static int retry_order(const void *pa, const void *pb)
{
    const struct report_retry *a = pa, *b = pb;
    return a->retry < b->retry ? -1 : a->retry > b->retry;
}

void report_end(struct report *r)
{
    struct reconciliation *s = &r->sum;

    for (size_t i = 0; i < r->n; i++) {
        struct report_row *row = &r->rows[i];

        if (row->active_before)
            row->churn_ppm = money_part(PPM, row->lost + row->ended, row->active_before);
    }
    if (r->n) qsort(r->rows, r->n, sizeof *r->rows, row_order);
    if (r->n_reasons) qsort(r->reasons, r->n_reasons, sizeof *r->reasons, reason_order);
    if (r->n_retries) qsort(r->retries, r->n_retries, sizeof *r->retries, retry_order);
    s->difference = s->due - s->charged - s->failed - s->credited - s->skipped - s->waiting;
}
