/* history: loads a member's charges and lays their parts beside them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/history.h"

#include <string.h>

#include "base/id.h"
#include "billing/credit.h"
#include "billing/side.h"

const char *method_text(const char *kind, const char *brand, const char *last4, struct arena *a)
{
    const char *const what = *brand ? brand : kind;

    if (!*what) return "none";
    return *last4 ? arena_printf(a, "%s %s", what, last4) : what;
}

const char *invoice_number_text(const char *seller, int64_t year, int64_t series, bool credit_note,
                                int64_t number, struct arena *a)
{
    return arena_printf(a, "%s-%lld-%lld-%s%06lld", seller, (long long)year, (long long)series,
                        credit_note ? "CN-" : "", (long long)number);
}

/* Everything of one account; what belongs to a charge stands together. */
struct parts {
    size_t n_lines, n_attempts, n_notes, n_refunds, n_disputes;
    struct refund *refunds;
    struct dispute *disputes;
    struct history_line *lines;
    struct history_attempt *attempts;
    struct history_credit_note *notes;
    struct credit_life credit;
};

static enum status load_parts(struct ctx *cx, int64_t account_id, struct parts *p)
{
    TRY(history_lines(cx, &p->lines, &p->n_lines, .account_id = account_id,
                      .max = HISTORY_MAX * LINES_MAX));
    TRY(history_attempts(cx, &p->attempts, &p->n_attempts, .account_id = account_id,
                         .max = HISTORY_MAX * 20));
    TRY(credit_life_of(cx, account_id, &p->credit));
    TRY(refunds_of(cx, &p->refunds, &p->n_refunds, .account_id = account_id, .max = HISTORY_MAX));
    TRY(disputes_of(cx, &p->disputes, &p->n_disputes, .account_id = account_id,
                    .max = HISTORY_MAX));
    return history_credit_notes(cx, &p->notes, &p->n_notes, .account_id = account_id,
                                .max = HISTORY_MAX);
}

static void take_lines(struct history_row *r, const struct parts *p, struct arena *a)
{
    size_t from = 0;

    while (from < p->n_lines && p->lines[from].invoice_id != r->charge->charge_id) from++;
    r->lines = p->lines + from;
    while (from + r->n_lines < p->n_lines &&
           r->lines[r->n_lines].invoice_id == r->charge->charge_id)
        r->n_lines++;
    struct line_facts *facts = arena_array(a, struct line_facts, r->n_lines + 1);
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct history_line *l = &r->lines[i];

        facts[i] = (struct line_facts){(enum line_kind)l->line_kind,
                                       l->item,
                                       l->unit_minor,
                                       l->rate_ppm,
                                       l->effective_day,
                                       l->amount_minor};
    }
    r->facts.lines = facts;
    r->facts.n_lines = r->n_lines;
}

static void take_tries(struct history_row *r, const struct parts *p, const struct zone *z,
                       struct arena *a)
{
    struct try_round round = {0};
    size_t from = 0, n = 0;

    while (from < p->n_attempts && p->attempts[from].charge_id != r->charge->charge_id) from++;
    while (from + n < p->n_attempts && p->attempts[from + n].charge_id == r->charge->charge_id) n++;
    struct history_try *tries = arena_array(a, struct history_try, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct history_attempt *t = &p->attempts[from + i];

        tries[i] =
            (struct history_try){t, method_text(t->pays_by, t->brand, t->last4, a),
                                 try_round_next(&round, t->method_id, zone_day(z, t->sent_at))};
        if (strcmp(t->outcome, "declined") == 0) r->facts.refusals++;
    }
    r->tries = tries;
    r->n_tries = n;
}

static void take_credit(struct history_row *r, const struct parts *p, struct arena *a)
{
    const struct credit_story *s = &p->credit.story;

    if (r->charge->credit_minor == 0) return;
    struct credit_part *taken = arena_array(a, struct credit_part, s->n_lots + 1);
    r->n_parts = credit_parts_of(s, p->credit.steps, r->charge->charge_id, taken);
    struct history_part *list = arena_array(a, struct history_part, r->n_parts + 1);
    for (size_t i = 0; i < r->n_parts; i++)
        list[i] =
            (struct history_part){credit_kinds.at[p->credit.steps[s->lots[taken[i].lot].step].kind],
                                  credit_card_of(&p->credit, taken[i].lot, a), taken[i].minor};
    r->parts = list;
}

static const char *credit_note(const struct history_charge *c, const struct parts *p,
                               struct arena *a)
{
    for (size_t i = 0; i < p->n_notes; i++) {
        const struct history_credit_note *n = &p->notes[i];

        if (n->invoice_id == c->credit_note_id)
            return invoice_number_text(n->seller, n->series_year, n->series, true, n->number, a);
    }
    return "";
}

static void take_dates(struct ctx *cx, struct history_row *r, const struct zone *z)
{
    r->initiated_day = zone_day(z, r->charge->wanted_at);
    if (r->charge->captured_at == 0) return;
    r->captured_day = zone_day(z, r->charge->captured_at);
    r->expected_day = r->captured_day + cx->settings->statement_days;
}

static void take_back(struct history_row *r, const struct parts *p, struct arena *a)
{
    const struct refund **list = arena_array(a, const struct refund *, p->n_refunds + 1);

    for (size_t i = 0; i < p->n_refunds; i++) {
        if (p->refunds[i].charge_id != r->charge->charge_id) continue;
        list[r->n_refunds++] = &p->refunds[i];
        r->refunded_minor += p->refunds[i].amount_minor;
    }
    r->refunds = list;
    for (size_t i = 0; i < p->n_disputes; i++)
        if (p->disputes[i].charge_id == r->charge->charge_id) r->dispute = &p->disputes[i];
}

static void fill(struct ctx *cx, struct history_row *r, const struct history_charge *c,
                 const struct parts *p, const struct zone *z)
{
    struct arena *a = cx->arena;
    char id[ID_TEXT];

    *r = (struct history_row){.charge = c};
    r->reference = arena_strdup(a, id_text("chg", c->charge_id, id));
    r->invoice_number =
        c->invoiced ? invoice_number_text(c->seller, c->series_year, c->series, false, c->number, a)
                    : "";
    r->credit_note = credit_note(c, p, a);
    r->method = method_text(c->pays_by, c->brand, c->last4, a);
    take_dates(cx, r, z);
    r->facts = (struct charge_facts){
        .biller = "direct", /* what a partner collects is no charge of ours (SPEC B-07) */
        .plan = c->plan,
        .country = c->country,
        .region = c->region,
        .currency = c->currency,
        .kind = (enum charge_kind)c->kind,
        .recovered = strcmp(c->term_cause, "recovered") == 0,
        .shifted = strcmp(c->term_cause, TERM_ANCHOR_SHIFT) == 0,
        .moved = strcmp(c->term_cause, TERM_DAY_MOVED) == 0,
        .gap_start_day = c->cause == CAUSE_DAY_MOVED ? c->period_start_day : 0,
        .gap_end_day = c->cause == CAUSE_DAY_MOVED ? c->period_end_day : 0,
        .term = c->term,
        .k = c->k,
        .anchor_day = c->anchor_day,
        .due_day = c->due_on_day,
        .captured_day = r->captured_day,
        .expected_day = r->expected_day,
        .total_minor = c->total_minor,
    };
    take_lines(r, p, a);
    take_tries(r, p, z, a);
    take_credit(r, p, a);
    take_back(r, p, a);
    if (!*c->pays_by && r->n_tries) r->method = r->tries[r->n_tries - 1].method;
    if (r->n_parts && c->credit_minor == c->total_minor) r->method = "credit";
}

const struct history_row *history_before(const struct history *h, size_t row)
{
    bool const renewal = h->rows[row].charge->kind == CHARGE_RENEWAL;

    for (size_t i = row; i-- > 0;) {
        const struct history_charge *c = h->rows[i].charge;

        if (c->invoiced && (!renewal || c->kind == CHARGE_RENEWAL)) return &h->rows[i];
    }
    return NULL;
}

static enum status load_method(struct ctx *cx, const struct membership *m, const char **method)
{
    struct history_method_row *row;
    size_t n;

    TRY(history_method(cx, &row, &n, .account_id = m->account_id, .max = 1));
    *method = n ? method_text(row->pays_by, row->brand, row->last4, cx->arena) : "none";
    return OK;
}

/* The database gives them by term; a shifted day can let terms overlap. */
static void sort_by_day(struct history_charge *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct history_charge const one = list[i];
        size_t at = i;

        for (; at && list[at - 1].due_on_day > one.due_on_day; at--) list[at] = list[at - 1];
        list[at] = one;
    }
}

enum status history_load(struct ctx *cx, int64_t account_id, struct history *out)
{
    struct history h = {0};
    struct history_charge *charges;
    struct parts parts = {0};
    const struct zone *z;

    TRY(account_get(cx, account_id, &h.account));
    TRY(membership_get(cx, account_id, &h.membership));
    TRY(load_method(cx, &h.membership, &h.method));
    TRY(zone_find(h.account.zone, &z, cx->err));
    TRY(history_charges(cx, &charges, &h.n, .account_id = account_id, .max = HISTORY_MAX));
    sort_by_day(charges, h.n);
    TRY(load_parts(cx, account_id, &parts));
    h.rows = arena_array(cx->arena, struct history_row, h.n + 1);
    for (size_t i = 0; i < h.n; i++) {
        struct history_row *r = &h.rows[i];

        fill(cx, r, &charges[i], &parts, z);
        const struct history_row *was = history_before(&h, i);
        if (was && r->charge->invoiced)
            r->n_changes = charge_changes(&was->facts, &r->facts, was->method, r->method, cx->arena,
                                          r->changes, CHANGES_MAX);
    }
    *out = h;
    return OK;
}
