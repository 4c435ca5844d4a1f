/* auditor_refund: money that goes back. Each refund was asked for, or must be by itself; none of a
 * charge exceeds what was paid; its credit notes take back the same share of tax (SPEC I-01 to
 * I-06). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

enum { ROWS_MAX = 1 << 30 };

struct duty *duty_by_id(const struct member *m, int64_t charge_id)
{
    struct duty *d = m->duties;

    while (d && d->charge_id != charge_id) d = d->older;
    return d;
}

int64_t refund_left_of(const struct duty *d)
{
    int64_t const left = d->owed.total_minor - d->back_minor - d->lost_minor;

    return d->state == CHARGE_CAPTURED && left > 0 ? left : 0;
}

void refund_expect(struct sim *s, struct member *m, struct duty *d,
                   enum refund_circumstance circumstance, int64_t amount_minor)
{
    struct give_back *g = arena_new(&s->seed_arena, struct give_back);

    *g = (struct give_back){.charge_id = d->charge_id,
                            .amount_minor = amount_minor ? amount_minor : refund_left_of(d),
                            .circumstance = circumstance,
                            .next = m->give_backs};
    m->give_backs = g;
    m->touched = true;
}

static int64_t waiting(const struct member *m, const struct duty *d)
{
    int64_t sum = 0;

    for (const struct give_back *g = m->give_backs; g; g = g->next)
        if (g->waits && g->charge_id == d->charge_id) sum += g->amount_minor;
    return sum;
}

static int64_t found_of_waiting(const struct member *m, const struct duty *d)
{
    int64_t sum = 0;

    for (const struct give_back *g = m->give_backs; g; g = g->next)
        if (g->waits && g->charge_id == d->charge_id) sum += g->found_minor;
    return sum;
}

void refund_by_rule(struct sim *s, struct member *m, struct duty *d,
                    enum refund_circumstance circumstance, int64_t most_minor, int64_t at)
{
    int64_t left = d->owed.total_minor - d->back_minor;
    struct seen_dispute *rows;
    bool open = false;
    size_t n;

    if (seen_disputes(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "disputes cannot be read");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool const begun = rows[i].opened_at <= at, ended = rows[i].closed_at;

        if (rows[i].charge_id != d->charge_id || !begun) continue;
        open = !ended || rows[i].closed_at > at;
        if (!open && rows[i].dispute_state == DISPUTE_LOST) left -= rows[i].amount_minor;
    }
    if (open) left -= waiting(m, d);
    if (left > most_minor) left = most_minor;
    if (left <= 0) return;
    refund_expect(s, m, d, circumstance, left);
    m->give_backs->waits = open;
}

/* The oldest that is not fulfilled yet: refunds come in the order in which they were asked for. */
static struct give_back *expectation_of(struct member *m, const struct seen_refund *r)
{
    struct give_back *oldest = NULL;

    for (struct give_back *g = m->give_backs; g; g = g->next)
        if (g->charge_id == r->charge_id &&
            g->circumstance == (enum refund_circumstance)r->circumstance &&
            g->found_minor + r->amount_minor <= g->amount_minor)
            oldest = g;
    return oldest;
}

static void look_at(struct sim *s, struct member *m, const struct seen_refund *r)
{
    struct duty *d = duty_by_id(m, r->charge_id);
    struct give_back *g = expectation_of(m, r);
    bool const as_credit = r->refund_to == REFUND_TO_CREDIT || r->refund_state == REFUND_FAILED;

    note(s, "%s: refund of %lld (%s): %s", m->external_id, (long long)r->amount_minor,
         refund_circumstances.at[r->circumstance], refund_states.at[r->refund_state]);
    trace_number(&s->trace, r->amount_minor * 10 + r->refund_state);
    if (!d || d->state != CHARGE_CAPTURED) {
        complain(s, m, "I-04: %lld is given back of what was never paid",
                 (long long)r->amount_minor);
        return;
    }
    if (!g)
        complain(s, m, "I-01: %lld is given back (%s), which nobody asked for",
                 (long long)r->amount_minor, refund_circumstances.at[r->circumstance]);
    else
        g->found_minor += r->amount_minor;
    d->back_minor += r->amount_minor;
    if (as_credit)
        m->returned_minor += r->amount_minor;
    else
        d->back_method_minor += r->amount_minor;
    if (r->due_at && r->due_at < s->now)
        complain(s, m, "I-04: a refund is decided and not carried out");
}

static bool was_told(const struct member *m, const struct duty *d)
{
    for (const struct sent *a = m->sent; a; a = a->next)
        if (a->dispute && a->parts.term == d->term && a->parts.k == d->k &&
            a->parts.subject == d->subject)
            return true;
    return false;
}

/* SPEC I-06: a bank has said so, and takes no more than there is. */
static void look_at_dispute(struct sim *s, struct member *m, const struct seen_dispute *r)
{
    struct duty *d = duty_by_id(m, r->charge_id);

    trace_number(&s->trace, r->amount_minor * 10 + r->dispute_state);
    if (!d || d->state != CHARGE_CAPTURED || !was_told(m, d)) {
        complain(s, m, "I-06: a dispute that no bank has told of");
        return;
    }
    d->disputed = true;
    d->in_dispute = r->dispute_state == DISPUTE_OPEN;
    if (r->dispute_state != DISPUTE_WON) d->lost_minor += r->amount_minor;
    if (r->dispute_state == DISPUTE_OPEN) m->disputed_until = INT64_MAX;
    if (!m->disputed_from || r->opened_at < m->disputed_from) m->disputed_from = r->opened_at;
    if (r->dispute_state != DISPUTE_OPEN && r->closed_at > m->disputed_until)
        m->disputed_until = r->closed_at;
}

/* What waits goes back when the dispute is won; what the bank has given back need not. */
static void check_promises(struct sim *s, struct member *m, const struct duty *d)
{
    int64_t const promised = waiting(m, d), found = found_of_waiting(m, d);
    int64_t const rest = promised > d->lost_minor ? promised - d->lost_minor : 0;

    if (found != (d->in_dispute ? 0 : rest))
        complain(s, m, "I-06: of %lld to be given back after a dispute %lld are",
                 (long long)promised, (long long)found);
}

static void check_sums(struct sim *s, struct member *m)
{
    for (struct duty *d = m->duties; d; d = d->older) {
        if (d->back_minor + d->lost_minor > d->owed.total_minor)
            complain(s, m, "I-04: %lld go back of a charge of %lld",
                     (long long)(d->back_minor + d->lost_minor), (long long)d->owed.total_minor);
        if (d->back_method_minor > d->owed.total_minor - d->credit_minor)
            complain(s, m, "I-04: more goes back to a method than it has paid");
        if (!d->disputed && d->state == CHARGE_CAPTURED && was_told(m, d))
            complain(s, m, "I-06: a bank's dispute was not taken down");
        check_promises(s, m, d);
    }
    for (const struct give_back *g = m->give_backs; g; g = g->next)
        if (!g->waits && g->found_minor != g->amount_minor)
            complain(s, m, "I-01: of %lld to be given back (%s) %lld are",
                     (long long)g->amount_minor, refund_circumstances.at[g->circumstance],
                     (long long)g->found_minor);
}

void refund_audit(struct sim *s, struct member *m)
{
    struct seen_refund *rows;
    struct seen_dispute *disputes;
    size_t n, n_disputes;

    if (seen_refunds(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK ||
        seen_disputes(&s->cx, &disputes, &n_disputes, .account_id = m->account_id,
                      .max = ROWS_MAX) != OK) {
        complain(s, m, "refunds cannot be read");
        return;
    }
    for (struct duty *d = m->duties; d; d = d->older)
        d->back_minor = d->back_method_minor = d->lost_minor = d->disputed = d->in_dispute = 0;
    for (struct give_back *g = m->give_backs; g; g = g->next) g->found_minor = 0;
    m->returned_minor = m->disputed_from = m->disputed_until = 0;
    for (size_t i = 0; i < n && !s->failed; i++) look_at(s, m, &rows[i]);
    for (size_t i = 0; i < n_disputes && !s->failed; i++) look_at_dispute(s, m, &disputes[i]);
    check_sums(s, m);
}

/* --- at the end --- */

void refund_check_notes(struct sim *s, const struct member *m)
{
    int64_t noted = m->to_note_minor;

    for (const struct duty *d = m->duties; d; d = d->older) noted -= d->noted_minor;
    if (noted) complain(s, m, "I-04: credit notes are off by %lld", (long long)-noted);
    for (const struct duty *d = m->duties; d; d = d->older) {
        const struct owed *o = &d->owed;

        if (!d->noted_minor) continue;
        int64_t const tax = market_round((__int128)o->tax_minor * d->noted_minor, o->total_minor);
        if (d->noted_tax_minor != tax)
            complain(s, m, "I-04: credit notes give back %lld of tax, should be %lld",
                     (long long)d->noted_tax_minor, (long long)tax);
    }
}

void refund_count(struct sim *s, struct member *m, struct till *t)
{
    struct seen_refund *rows;
    struct seen_dispute *disputes;
    size_t n, n_disputes;

    if (!m->account_id) return;
    if (seen_refunds(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK ||
        seen_disputes(&s->cx, &disputes, &n_disputes, .account_id = m->account_id,
                      .max = ROWS_MAX) != OK) {
        complain(s, m, "refunds cannot be read");
        return;
    }
    m->to_note_minor = 0;
    for (struct duty *d = m->duties; d; d = d->older) d->noted_minor = d->noted_tax_minor = 0;
    for (size_t i = 0; i < n; i++) {
        bool const open =
            rows[i].refund_to == REFUND_TO_METHOD &&
            (rows[i].refund_state == REFUND_WANTED || rows[i].refund_state == REFUND_UNKNOWN);

        m->to_note_minor += rows[i].amount_minor;
        if (open) t->refunds -= rows[i].amount_minor;
        if (rows[i].refund_to == REFUND_TO_METHOD && rows[i].refund_state == REFUND_DONE)
            t->clearing -= rows[i].amount_minor;
    }
    for (size_t i = 0; i < n_disputes; i++) {
        if (disputes[i].dispute_state == DISPUTE_LOST) m->to_note_minor += disputes[i].amount_minor;
        if (disputes[i].dispute_state == DISPUTE_OPEN) t->disputes += disputes[i].amount_minor;
        if (disputes[i].dispute_state != DISPUTE_WON) t->clearing -= disputes[i].amount_minor;
    }
    t->credit -= m->returned_minor;
}
