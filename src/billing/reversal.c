/* reversal: splits an amount over an invoice and writes the credit note.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/reversal.h"

#include <assert.h>

#include "base/calendar.h"
#include "base/money.h"
#include "billing/invoice.h"

enum { ENTRY_NET = 1, ENTRY_TAX = 2, ENTRY_OWED = 3, LINES_MANY = 200 };

/* How much tax is in the first `part` of an invoice's total: sums of differences are exact. */
static int64_t tax_within(const struct reversal_base *i, int64_t part)
{
    return i->total_minor ? money_part(i->tax_minor, part, i->total_minor) : 0;
}

/* Spreads an amount over the lines of tax, or over the others; adds sign times it to `to`. */
static void spread(const struct reversal_line *lines, size_t n, bool tax, int64_t amount,
                   int64_t sign, int64_t *to, struct arena *a)
{
    int64_t *weights = arena_array(a, int64_t, n + 1), *shares = arena_array(a, int64_t, n + 1);
    size_t first = n;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if ((lines[i].line_kind == LINE_TAX) != tax) continue;
        if (first == n) first = i;
        weights[i] = lines[i].amount_minor > 0 ? lines[i].amount_minor : 0;
        any = any || weights[i] > 0;
    }
    if (first == n) return;
    if (!any) weights[first] = 1;
    money_allocate(amount, weights, n, shares);
    for (size_t i = 0; i < n; i++) to[i] += sign * shares[i];
}

/* What the lines add up to after the first `part` of the total has been taken back. */
static void lines_after(const struct reversal_base *i, const struct reversal_line *lines, size_t n,
                        int64_t part, int64_t sign, int64_t *to, struct arena *a)
{
    int64_t const tax = tax_within(i, part);

    spread(lines, n, true, tax, sign, to, a);
    spread(lines, n, false, part - tax, sign, to, a);
}

static enum status add_lines(struct ctx *cx, const struct reversal *r, struct invoices *w,
                             int64_t note_id)
{
    struct reversal_line *lines;
    size_t n;

    TRY(reversal_lines(cx, &lines, &n, .invoice_id = r->invoice->invoice_id, .max = LINES_MANY));
    int64_t *amounts = arena_array(cx->arena, int64_t, n + 1);
    w->lines = arena_array(cx->arena, struct invoice_line_add_all_in, n + 1);
    lines_after(r->invoice, lines, n, r->before_minor + r->amount_minor, -1, amounts, cx->arena);
    lines_after(r->invoice, lines, n, r->before_minor, 1, amounts, cx->arena);
    for (size_t i = 0; i < n; i++)
        w->lines[w->n_lines++] = (struct invoice_line_add_all_in){
            note_id,   lines[i].line_no,    lines[i].line_kind, lines[i].item,
            r->cause,  lines[i].unit_minor, lines[i].rate_ppm,  lines[i].effective_day,
            amounts[i]};
    return OK;
}

static void post(struct ctx *cx, const struct reversal *r, struct invoices *w)
{
    const struct invoice_add_all_in *note = &w->invoices[0];
    struct ledger_entry_add_all_in e = {.document_id = note->invoice_id,
                                        .account_id = note->account_id,
                                        .booked_at = r->at,
                                        .currency = note->currency,
                                        .debit = BOOK_RECEIVABLE};

    e.entry_no = ENTRY_NET, e.credit = BOOK_DEFERRED, e.amount_minor = note->net_minor;
    ledger_post(cx->arena, &w->ledger, e);
    e.entry_no = ENTRY_TAX, e.credit = ledger_tax_account(cx->arena, note->country);
    e.amount_minor = note->tax_minor;
    ledger_post(cx->arena, &w->ledger, e);
    e.entry_no = ENTRY_OWED, e.credit = r->book, e.amount_minor = -note->total_minor;
    ledger_post(cx->arena, &w->ledger, e);
}

/* Like a capture that is known late, it counts in the first month that is open. */
static enum status count_from(struct ctx *cx, const struct reversal *r, int64_t note_id)
{
    int64_t from, closed_until;

    TRY(billing_closed_until(cx, &closed_until));
    from = r->at > closed_until ? r->at : closed_until;
    if (r->invoice->recognised_from > from) from = r->invoice->recognised_from;
    return reversal_put(cx, NULL, .invoice_id = note_id, .account_id = r->invoice->account_id,
                        .recognised_from = from);
}

enum status reversal_add(struct ctx *cx, const struct reversal *r, int64_t *credit_note_id)
{
    const struct reversal_base *i = r->invoice;
    int64_t const tax =
        tax_within(i, r->before_minor + r->amount_minor) - tax_within(i, r->before_minor);
    bool const days = r->until_day > r->from_day;
    struct invoices w;

    assert(r->amount_minor > 0 && r->before_minor + r->amount_minor <= i->total_minor);
    TRY(db_id(cx, credit_note_id));
    invoices_begin(cx->arena, &w, 1);
    w.invoices[w.n++] = (struct invoice_add_all_in){
        .invoice_id = *credit_note_id,
        .account_id = i->account_id,
        .document = DOC_CREDIT_NOTE,
        .credits_id = i->invoice_id,
        .seller = i->seller,
        .series_year = civil_of(r->at / DAY_MS).year,
        .plan = i->plan,
        .country = i->country,
        .region = i->region,
        .period_start_day = days ? r->from_day : i->period_start_day,
        .period_end_day = days ? r->until_day : i->period_end_day,
        .issued_at = r->at,
        .currency = i->currency,
        .net_minor = tax - r->amount_minor,
        .tax_minor = -tax,
        .total_minor = -r->amount_minor,
        .cause = r->cause,
        .catalog_version = i->catalog_version,
    };
    TRY(add_lines(cx, r, &w, *credit_note_id));
    post(cx, r, &w);
    TRY(invoices_write(cx, &w, r->series));
    return count_from(cx, r, *credit_note_id);
}
