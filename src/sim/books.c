/* books: the auditor's look at money - every charge beside what is owed and what the provider did,
 * its documents and entries, number series, balances, recognised revenue.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

enum { ROWS_MAX = 1 << 30 };

static bool is_of(const struct sent *a, const struct duty *d)
{
    return a->parts.term == d->term && a->parts.k == d->k && a->parts.subject == d->subject &&
           strcmp(a->parts.kind, charge_kinds.at[d->kind]) == 0;
}

/* The one capture of a duty, NULL when there is none. */
static const struct sent *capture_of(const struct member *m, const struct duty *d)
{
    for (const struct sent *a = m->sent; a; a = a->next)
        if (is_of(a, d) && a->truth == GATEWAY_CAPTURED) return a;
    return NULL;
}

/* --- the charge and its attempts --- */

static void check_attempts(struct sim *s, struct member *m, const struct duty *d)
{
    struct seen_attempt *rows;
    size_t n;

    if (seen_attempts(&s->cx, &rows, &n, .charge_id = d->charge_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "attempts cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct sent *a = m->sent;

        while (a && !(is_of(a, d) && a->parts.attempt == rows[i].attempt_no)) a = a->next;
        if (!a)
            complain(s, m, "attempt %lld of period %lld was never sent",
                     (long long)rows[i].attempt_no, (long long)d->k);
        else if (rows[i].attempt_state == ATTEMPT_CAPTURED && a->truth != GATEWAY_CAPTURED)
            complain(s, m, "%s is noted as captured; the provider says %s", a->key,
                     gateway_outcomes.at[a->truth]);
        else if (rows[i].attempt_state == ATTEMPT_DECLINED && a->truth != GATEWAY_DECLINED &&
                 !(a->truth == GATEWAY_NEVER_SEEN &&
                   strcmp(rows[i].code, "payment.never_sent") == 0))
            complain(s, m, "%s is noted as declined; the provider says %s", a->key,
                     gateway_outcomes.at[a->truth]);
        else if (rows[i].amount_minor != a->amount_minor)
            complain(s, m, "%s is noted with another amount", a->key);
    }
}

static int64_t last_day_of(const struct duty *d)
{
    return d->served_day ? d->served_day : d->end_day;
}

static bool served_together(const struct duty *a, const struct duty *b)
{
    int64_t const from = a->start_day > b->start_day ? a->start_day : b->start_day;
    int64_t const until = last_day_of(a) < last_day_of(b) ? last_day_of(a) : last_day_of(b);

    return from < until;
}

/* SPEC B-14: nobody pays twice for one day. Changes and slots are paid beside their period. */
static void check_overlap(struct sim *s, struct member *m, const struct duty *d)
{
    for (const struct duty *b = m->duties; b; b = b->older)
        if (b != d && b->state == CHARGE_CAPTURED && plan_owns_days(m, b) && plan_owns_days(m, d) &&
            served_together(b, d))
            complain(s, m, "B-14: the days of periods %lld/%lld and %lld/%lld were paid twice",
                     (long long)b->term, (long long)b->k, (long long)d->term, (long long)d->k);
}

/* Revenue counts from the capture on, or from when Foyer heard of it; of an event, the day after.
 */
static void check_recognition(struct sim *s, struct member *m, const struct seen_charge *c)
{
    if (c->recognised_from < c->captured_at || c->recognised_from > s->now + DAY_MS)
        complain(s, m, "period %lld is recognised from an odd day on", (long long)c->k);
}

static void check_outcome(struct sim *s, struct member *m, struct duty *d,
                          const struct seen_charge *c)
{
    const struct sent *paid = capture_of(m, d);

    if (d->state == CHARGE_CAPTURED && c->amount_minor == 0) {
        if (paid || c->captured_at < c->attempt_at ||
            (!s->real_clock && c->captured_at > c->attempt_at))
            complain(s, m, "J-03: period %lld was paid by credit and by a method", (long long)d->k);
        check_recognition(s, m, c);
        check_overlap(s, m, d);
    } else if (d->state == CHARGE_CAPTURED) {
        if (!paid)
            complain(s, m, "period %lld counts as paid; the provider has no money for it",
                     (long long)d->k);
        else if (paid->amount_minor != d->owed.total_minor - d->credit_minor)
            complain(s, m, "period %lld was paid with another amount", (long long)d->k);
        else if (paid->captured_at != c->captured_at)
            complain(s, m, "B-08: period %lld was captured at another time", (long long)d->k);
        if (paid) check_recognition(s, m, c);
        check_overlap(s, m, d);
    } else if (paid && d->state != CHARGE_WANTED && d->state != CHARGE_UNKNOWN) {
        complain(s, m, "B-11: %s was paid, the charge is %s", paid->key,
                 charge_states.at[d->state]);
    }
}

/* --- documents --- */

static void check_document(struct sim *s, struct member *m, const struct duty *d, int64_t id,
                           int64_t sign)
{
    const char *what = sign > 0 ? "invoice" : "credit note";
    struct seen_invoice_row *i;
    struct seen_lines_row *lines;
    size_t n, n_lines;

    if (seen_invoice(&s->cx, &i, &n, .invoice_id = id, .max = 1) != OK ||
        seen_lines(&s->cx, &lines, &n_lines, .invoice_id = id, .max = 1) != OK || n == 0) {
        complain(s, m, "period %lld has no %s", (long long)d->k, what);
        return;
    }
    if (i->net_minor != sign * d->owed.net_minor || i->tax_minor != sign * d->owed.tax_minor ||
        i->total_minor != sign * d->owed.total_minor || lines->total != i->total_minor)
        complain(s, m, "A-14: the %s for period %lld says %lld + %lld, owed is %lld + %lld", what,
                 (long long)d->k, (long long)i->net_minor, (long long)i->tax_minor,
                 (long long)d->owed.net_minor, (long long)d->owed.tax_minor);
    if (i->period_start_day != d->start_day || i->period_end_day != d->end_day ||
        strcmp(i->currency, places[m->place].currency) != 0 ||
        strcmp(i->country, places[m->place].code) != 0 || strcmp(i->region, m->region) != 0 ||
        strcmp(i->plan, plan_codes[d->plan]) != 0 || i->account_id != m->account_id)
        complain(s, m, "the %s for period %lld is about something else", what, (long long)d->k);
    if (sign < 0 ? i->document != DOC_CREDIT_NOTE || i->credits_id != d->charge_id
                 : i->document != DOC_INVOICE)
        complain(s, m, "E-20: the %s for period %lld is none", what, (long long)d->k);
    enum charge_cause const cause = sign < 0 ? CAUSE_UNPAID : d->cause;
    if (i->cause != cause)
        complain(s, m, "B-05: period %lld says %s, the cause is %s", (long long)d->k,
                 charge_causes.at[i->cause], charge_causes.at[cause]);
}

/* What a document's entries must add up to, by account of the books; debits count positive. */
struct sums {
    int64_t receivable, deferred, tax, clearing, other;
};

static void add_entry(struct sums *t, const char *book, int64_t amount, const char *country)
{
    if (strcmp(book, "receivable") == 0)
        t->receivable += amount;
    else if (strcmp(book, "deferred_revenue") == 0)
        t->deferred += amount;
    else if (strcmp(book, "gateway_clearing") == 0)
        t->clearing += amount;
    else if (strncmp(book, "tax_payable:", 12) == 0 && strcmp(book + 12, country) == 0)
        t->tax += amount;
    else
        t->other += amount > 0 ? amount : -amount;
}

static void check_entries(struct sim *s, struct member *m, int64_t document_id,
                          const struct sums *want)
{
    struct seen_entry *rows;
    struct sums is = {0};
    size_t n;

    if (seen_entries(&s->cx, &rows, &n, .document_id = document_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "the journal cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        add_entry(&is, rows[i].debit, rows[i].amount_minor, places[m->place].code);
        add_entry(&is, rows[i].credit, -rows[i].amount_minor, places[m->place].code);
        if (strcmp(rows[i].currency, places[m->place].currency) != 0 || rows[i].amount_minor <= 0)
            complain(s, m, "an entry of %lld in %s", (long long)rows[i].amount_minor,
                     rows[i].currency);
    }
    if (memcmp(&is, want, sizeof is) != 0)
        complain(s, m,
                 "the journal says receivable %lld, deferred %lld, tax %lld, clearing %lld, other "
                 "%lld; should be %lld, %lld, %lld, %lld, 0",
                 (long long)is.receivable, (long long)is.deferred, (long long)is.tax,
                 (long long)is.clearing, (long long)is.other, (long long)want->receivable,
                 (long long)want->deferred, (long long)want->tax, (long long)want->clearing);
}

static void check_money(struct sim *s, struct member *m, const struct duty *d, int64_t note_id)
{
    const struct owed *o = &d->owed;
    struct sums invoice = {0};

    if (d->invoiced) {
        invoice = (struct sums){o->total_minor, -o->net_minor, -o->tax_minor, 0, 0};
        check_document(s, m, d, d->charge_id, 1);
    }
    if (d->state == CHARGE_CAPTURED) {
        invoice.receivable -= o->total_minor - d->credit_minor;
        invoice.clearing += o->total_minor - d->credit_minor;
    }
    check_entries(s, m, d->charge_id, &invoice);
    if ((d->state == CHARGE_CREDITED) != (note_id != 0))
        complain(s, m, "E-20: period %lld is %s, its credit note %lld", (long long)d->k,
                 charge_states.at[d->state], (long long)note_id);
    if (!note_id) return;
    check_document(s, m, d, note_id, -1);
    check_entries(s, m, note_id, &(struct sums){-o->total_minor, o->net_minor, o->tax_minor, 0, 0});
}

/* Period 0 of a term that begins when it is paid: rated on the day of the attempt. */
void audit_held(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c)
{
    bool const given_up = d->given_up_at && c->wanted_at <= d->given_up_at;
    int64_t const rated_until = start_of(m, c->due_on_day + 1) - 1; /* look-ups come later */
    struct walk w;

    if (given_up && c->charge_state == CHARGE_CANCELED) return;
    retire_before_term(s, m, c, c->attempt_at < rated_until ? c->attempt_at : rated_until);
    d->start_day = c->captured_at ? zone_day(m->zone, c->captured_at) : c->due_on_day;
    d->tried_day = zone_day(m->zone, c->wanted_at);
    if (c->charge_state == CHARGE_FAILED || c->due_on_day != d->due_on_day) d->news_since = false;
    d->due_on_day = c->due_on_day;
    if (!given_up || c->wanted_at > d->rated_at) {
        d->rated_at = c->wanted_at;
        d->plan = plan_to_book(m);
        d->slots = m->slots;
        if (!d->news_since) d->owed = owed_for(s, m, c->due_on_day);
    }
    walk_begin(&w, d->start_day);
    d->end_day = walk_to(w, 1);
    if (c->due_on_day > zone_day(m->zone, c->attempt_at))
        complain(s, m, "E-16: the new term begins after the attempt");
}

/* It was paid and has begun nothing: it goes back by itself (SPEC 2.2). */
static void came_late(struct sim *s, struct member *m, struct duty *d)
{
    if (!d->given_up_at)
        complain(s, m, "2.2: the payment for term %lld came in time and began nothing",
                 (long long)d->term);
    d->held = false;
    d->late = d->invoiced = true;
    d->cause = m->term == 0 || d->term == 1 ? CAUSE_FIRST : CAUSE_RESTARTED;
    refund_expect(s, m, d, REFUND_LATE_CAPTURE, 0);
}

/* A debt that is over was credited, paid or is still there. */
static void check_state(struct sim *s, struct member *m, const struct duty *d)
{
    bool const over = m->debt != d && d != m->duties && d->invoiced && d->start_day < m->prev_day;
    bool const doubt = d->given_up_at && d->state == CHARGE_UNKNOWN;

    if (d->state == CHARGE_CANCELED && d->invoiced)
        complain(s, m, "E-20: an invoiced charge was given up without a credit note");
    if (over && d->state == CHARGE_FAILED)
        complain(s, m, "E-20: period %lld stays a debt", (long long)d->k);
    if (d->kind == CHARGE_SLOT) return; /* unpaid it is of no use and no debt */
    if ((m->state == M_CANCELED || m->state == M_DELETED) && !duty_final(d) &&
        d->state != CHARGE_CANCELED && !doubt)
        complain(s, m, "E-20: period %lld stays open after the end", (long long)d->k);
    if (d == m->debt && d->state != CHARGE_FAILED && d->state != CHARGE_WANTED &&
        d->state != CHARGE_UNKNOWN)
        complain(s, m, "E-05: in trouble for a charge that is %s", charge_states.at[d->state]);
    if (d->state == CHARGE_FAILED && !d->held && m->debt != d && m->state != M_CANCELED)
        complain(s, m, "E-02: period %lld has failed and nothing follows", (long long)d->k);
}

void audit_charge(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c)
{
    bool const was_final = duty_final(d);

    if (was_final && d->state != (enum charge_state)c->charge_state)
        complain(s, m, "a charge that was %s became %s", charge_states.at[d->state],
                 charge_states.at[c->charge_state]);
    d->state = (enum charge_state)c->charge_state;
    if (c->amount_minor + c->credit_minor != d->owed.total_minor && d->state != CHARGE_CANCELED &&
        !(d->held && d->state == CHARGE_FAILED))
        complain(s, m, "A-14: period %lld costs %lld, charged is %lld and credit %lld",
                 (long long)d->k, (long long)d->owed.total_minor, (long long)c->amount_minor,
                 (long long)c->credit_minor);
    if (d->kind != CHARGE_RENEWAL) d->invoiced = d->state == CHARGE_CAPTURED;
    if (d->held && d->state == CHARGE_CAPTURED) came_late(s, m, d);
    d->credit_minor = c->credit_minor;
    d->captured_at = c->captured_at;
    d->recognised_from = c->recognised_from;
    check_outcome(s, m, d, c);
    check_attempts(s, m, d);
    check_money(s, m, d, c->credit_note_id);
    check_state(s, m, d);
    trace_number(&s->trace, c->charge_id);
    trace_number(&s->trace, c->charge_state * 100 + c->attempts);
    trace_number(&s->trace, c->captured_at);
}

/* --- everything, at the end and now and then --- */

static bool same_series(const struct seen_number *a, const struct seen_number *b)
{
    return a->series_year == b->series_year && a->document == b->document &&
           a->series == b->series && strcmp(a->seller, b->seller) == 0;
}

static void check_numbers(struct sim *s)
{
    struct seen_number *rows;
    size_t n;

    if (seen_numbers(&s->cx, &rows, &n, .max = ROWS_MAX) != OK) {
        complain(s, NULL, "invoices cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool const first = i == 0 || !same_series(&rows[i - 1], &rows[i]);
        bool const last = i + 1 == n || !same_series(&rows[i], &rows[i + 1]);

        if (rows[i].number != (first ? 1 : rows[i - 1].number + 1))
            complain(s, NULL, "number %lld of %s %lld/%lld is out of turn",
                     (long long)rows[i].number, rows[i].seller, (long long)rows[i].series_year,
                     (long long)rows[i].series);
        if (last && rows[i].next_number != rows[i].number + 1)
            complain(s, NULL, "series %s %lld/%lld has a gap at its end", rows[i].seller,
                     (long long)rows[i].series_year, (long long)rows[i].series);
    }
}

static struct till *till_of(struct till *tills, const char *currency)
{
    while (tills->currency && strcmp(tills->currency, currency) != 0) tills++;
    tills->currency = currency;
    return tills;
}

static void count_duty(struct till *t, const struct duty *d)
{
    bool const captured = d->state == CHARGE_CAPTURED, credited = d->state == CHARGE_CREDITED;

    t->invoices += d->invoiced;
    t->credit_notes += credited;
    if (captured) t->clearing += d->owed.total_minor - d->credit_minor;
    if (!credited) t->credit += d->credit_minor;
    if (!d->invoiced) t->receivable -= d->credit_minor;
    if (!d->invoiced || credited) return;
    if (!captured) t->receivable += d->owed.total_minor - d->credit_minor;
    t->deferred -= d->owed.net_minor;
    t->tax -= d->owed.tax_minor;
}

static void check_balances(struct sim *s, struct till *tills)
{
    struct seen_balance *rows;
    size_t n;

    if (seen_balances(&s->cx, &rows, &n, .max = ROWS_MAX) != OK) {
        complain(s, NULL, "the journal cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct till *t = till_of(tills, rows[i].currency);

        trace_text(&s->result, rows[i].book);
        trace_number(&s->result, rows[i].balance);
        if (strcmp(rows[i].book, "receivable") == 0)
            t->receivable -= rows[i].balance;
        else if (strcmp(rows[i].book, "gateway_clearing") == 0)
            t->clearing -= rows[i].balance;
        else if (strcmp(rows[i].book, "deferred_revenue") == 0 ||
                 strcmp(rows[i].book, "revenue") == 0)
            t->deferred -= rows[i].balance;
        else if (strncmp(rows[i].book, "tax_payable:", 12) == 0)
            t->tax -= rows[i].balance;
        else if (strcmp(rows[i].book, "member_credit") == 0)
            t->credit -= rows[i].balance;
        else if (strcmp(rows[i].book, "gift_sales") == 0)
            t->gift_sales -= rows[i].balance;
        else if (strcmp(rows[i].book, "refunds") == 0)
            t->refunds -= rows[i].balance;
        else if (strcmp(rows[i].book, "chargebacks") == 0)
            t->disputes -= rows[i].balance;
        else if (strcmp(rows[i].book, "gift_cards") == 0)
            t->credit -= rows[i].balance;
        else
            complain(s, NULL, "the books have %s", rows[i].book);
        if (strcmp(rows[i].book, "revenue") == 0) t->revenue -= rows[i].balance;
    }
    for (struct till *t = tills; t->currency; t++)
        if (t->receivable || t->clearing || t->deferred || t->tax || t->credit || t->gift_sales ||
            t->refunds || t->disputes)
            complain(s, NULL,
                     "the books in %s are off: receivable %lld, clearing %lld, revenue and "
                     "deferred %lld, tax %lld, credit %lld, gift sales %lld, refunds %lld, "
                     "disputes %lld",
                     t->currency, (long long)t->receivable, (long long)t->clearing,
                     (long long)t->deferred, (long long)t->tax, (long long)t->credit,
                     (long long)t->gift_sales, (long long)t->refunds, (long long)t->disputes);
}

/* Straight-line by day, rounded towards nothing, all of it at the end. */
static int64_t part_until(int64_t net, int64_t start_day, int64_t end_day, int64_t day)
{
    if (day <= start_day) return 0;
    return day >= end_day ? net : net * (day - start_day) / (end_day - start_day);
}

static int64_t earned(const struct duty *d, int64_t day)
{
    if (d->state != CHARGE_CAPTURED) return 0;
    return part_until(d->owed.net_minor, d->start_day, d->end_day, day);
}

static void add_revenue(int64_t sums[PLACES][PLANS], const char *country, const char *plan,
                        int64_t amount)
{
    for (size_t p = 0; p < PLACES; p++)
        for (size_t k = 0; k < PLANS; k++)
            if (strcmp(country, places[p].code) == 0 && strcmp(plan, plan_codes[k]) == 0)
                sums[p][k] += amount;
}

/* What was given back is taken back from the days that it is for. */
static void add_reversed(struct sim *s, int64_t end_day, int64_t sums[PLACES][PLANS])
{
    struct seen_reversal *rows;
    size_t n;

    if (seen_reversals(&s->cx, &rows, &n, .max = ROWS_MAX) != OK) {
        complain(s, NULL, "credit notes cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (rows[i].recognised_from < end_day * DAY_MS)
            add_revenue(sums, rows[i].country, rows[i].plan,
                        part_until(rows[i].net_minor, rows[i].period_start_day,
                                   rows[i].period_end_day, end_day));
}

/* All that was recognised until the end of the newest month, beside all that was earned by then. */
static void check_revenue(struct sim *s, struct till *tills)
{
    struct seen_recognised_row *rows;
    int64_t sums[PLACES][PLANS] = {0}, newest = 0;
    size_t n;

    if (seen_recognised(&s->cx, &rows, &n, .max = ROWS_MAX) != OK || n == 0) return;
    newest = rows[n - 1].month;
    int64_t const end = day_of(newest / 12, newest % 12 + 1, 1);
    int64_t const end_day = day_add_months(end, 1);
    for (size_t i = 0; i < s->n_members; i++)
        for (const struct duty *d = s->members[i].duties; d; d = d->older)
            if (d->captured_at && d->recognised_from < end_day * DAY_MS)
                sums[s->members[i].place][d->plan] += earned(d, end_day);
    add_reversed(s, end_day, sums);
    for (size_t i = 0; i < n; i++) {
        add_revenue(sums, rows[i].country, rows[i].plan, -rows[i].recognised_minor);
        till_of(tills, rows[i].currency)->revenue -= rows[i].recognised_minor;
    }
    for (size_t p = 0; p < PLACES; p++)
        for (size_t k = 0; k < PLANS; k++)
            if (sums[p][k])
                complain(s, NULL, "revenue of %s in %s until month %lld is off by %lld",
                         plan_codes[k], places[p].code, (long long)newest, (long long)sums[p][k]);
    if (day_add_months(end_day, 1) * DAY_MS < s->now - 40 * DAY_MS)
        complain(s, NULL, "revenue was not recognised after month %lld", (long long)newest);
}

/* The provider's own sum of what it has captured. */
static void check_bank(struct sim *s, struct till *tills)
{
    struct sandbox_sum *sums;
    struct error e = {0};
    size_t n;

    if (sandbox_captured(s->bank, s->now, &sums, &n, &s->job, &e) != OK) {
        complain(s, NULL, "the provider's books cannot be read");
        return;
    }
    for (size_t i = 0; i < s->n_members; i++)
        for (const struct sent *a = s->members[i].sent; a; a = a->next)
            till_of(tills, places[s->members[i].place].currency)->captures +=
                a->truth == GATEWAY_CAPTURED;
    for (size_t i = 0; i < n; i++) {
        struct till *t = till_of(tills, sums[i].currency);

        if (sums[i].doubled) complain(s, NULL, "B-11: the provider has captured twice");
        t->captures -= sums[i].captured;
    }
    for (struct till *t = tills; t->currency; t++)
        if (t->captures != 0)
            complain(s, NULL, "the provider has %lld captures in %s that nobody asked for",
                     (long long)-t->captures, t->currency);
}

/* Credit notes of what was given back or taken back. */
static void count_notes(struct sim *s, struct till *tills, int64_t *documents)
{
    struct seen_reversal *rows;
    size_t n;

    if (seen_reversals(&s->cx, &rows, &n, .max = ROWS_MAX) != OK) {
        complain(s, NULL, "credit notes cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct member *m = member_by_account(s, rows[i].account_id);
        struct duty *d = m ? duty_by_id(m, rows[i].credits_id) : NULL;

        if (!d) {
            complain(s, m, "a credit note of no charge");
            return;
        }
        struct till *t = till_of(tills, places[m->place].currency);
        d->noted_minor -= rows[i].total_minor;
        d->noted_tax_minor -= rows[i].tax_minor;
        t->deferred -= rows[i].net_minor;
        t->tax -= rows[i].tax_minor;
        if (rows[i].net_minor + rows[i].tax_minor != rows[i].total_minor)
            complain(s, m, "I-04: a credit note does not add up");
    }
    *documents += (int64_t)n;
    for (size_t i = 0; i < s->n_members; i++) refund_check_notes(s, &s->members[i]);
}

void audit_books(struct sim *s)
{
    struct till tills[PLACES + 64] = {0};
    struct seen_counts_row *counts;
    int64_t documents = 0, charges = 0;
    size_t n;

    s->result = 0;
    for (size_t i = 0; i < s->n_members; i++) {
        struct till *t = till_of(tills, places[s->members[i].place].currency);

        t->credit -= s->members[i].given_minor + s->members[i].unused_minor;
        t->gift_sales += s->members[i].given_minor + s->members[i].unused_minor;
        refund_count(s, &s->members[i], t);
    }
    for (size_t i = 0; i < s->n_members; i++)
        for (const struct duty *d = s->members[i].duties; d; d = d->older) {
            count_duty(till_of(tills, places[s->members[i].place].currency), d);
            documents += d->invoiced + (d->state == CHARGE_CREDITED);
            charges++;
            trace_number(&s->result, d->term * 100000 + d->k);
            trace_number(&s->result, d->start_day * 10 + d->state);
            note(s, "%s: term %lld, period %lld from %lld: %s at %lld", s->members[i].external_id,
                 (long long)d->term, (long long)d->k, (long long)d->start_day,
                 charge_states.at[d->state], (long long)d->captured_at);
        }
    count_notes(s, tills, &documents);
    check_numbers(s);
    if (seen_counts(&s->cx, &counts, &n, .max = 1) != OK || counts->invoices != documents ||
        counts->charges != charges || counts->numbered != documents)
        complain(s, NULL, "there are %lld documents and %lld charges, should be %lld and %lld",
                 (long long)counts->invoices, (long long)counts->charges, (long long)documents,
                 (long long)charges);
    check_bank(s, tills);
    check_balances(s, tills);
    check_revenue(s, tills);
}

/* Once more, from the first charge on: what was final has not changed since. */
void audit_everything(struct sim *s)
{
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        struct member *m = &s->members[i];
        struct seen_charge *charges;
        size_t n;

        if (!m->account_id) continue;
        if (seen_charges(&s->cx, &charges, &n, .account_id = m->account_id, .charge_id = 0,
                         .max = ROWS_MAX) != OK)
            complain(s, m, "charges cannot be read");
        for (size_t k = 0; k < n && !s->failed; k++) {
            struct duty *d = duty_of(m, &charges[k]);

            if (!d)
                complain(s, m, "a charge has come from nowhere");
            else
                audit_charge(s, m, d, &charges[k]);
        }
    }
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        int64_t captures = 0;

        for (const struct duty *d = s->members[i].duties; d; d = d->older)
            captures += d->state == CHARGE_CAPTURED && d->kind == CHARGE_RENEWAL;
        if (captures != s->members[i].receipts)
            complain(s, &s->members[i], "B-12: %lld receipts for %lld payments",
                     (long long)s->members[i].receipts, (long long)captures);
    }
    if (!s->failed) audit_books(s);
}
