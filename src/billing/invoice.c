/* invoice: documents, numbers and what they mean for the books.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/invoice.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/spend.h"

static const struct fault INVOICE_UNKNOWN = {
    E_INTERNAL, "billing.invoice_unknown",
    "The invoice to credit does not exist; let `foyer doctor` examine the database."};

enum { ENTRY_NET = 1, ENTRY_TAX = 2 };

void invoices_begin(struct arena *a, struct invoices *w, size_t room)
{
    *w = (struct invoices){.room = room};
    w->invoices = arena_array(a, struct invoice_add_all_in, room);
    w->lines_room = room * 3 + LINES_MAX; /* a plan and two taxes; more is rare */
    w->lines = arena_array(a, struct invoice_line_add_all_in, w->lines_room);
}

static void post(struct ctx *cx, struct invoices *w, const struct invoice_add_all_in *i)
{
    struct ledger_entry_add_all_in entry = {.document_id = i->invoice_id,
                                            .account_id = i->account_id,
                                            .booked_at = i->issued_at,
                                            .debit = BOOK_RECEIVABLE,
                                            .currency = i->currency};

    entry.entry_no = ENTRY_NET;
    entry.credit = BOOK_DEFERRED;
    entry.amount_minor = i->net_minor;
    ledger_post(cx->arena, &w->ledger, entry);
    if (i->tax_minor == 0 || (SABOTAGE("credit_without_tax") && i->tax_minor < 0)) return;
    entry.entry_no = ENTRY_TAX;
    entry.credit = ledger_tax_account(cx->arena, i->country);
    entry.amount_minor = i->tax_minor;
    ledger_post(cx->arena, &w->ledger, entry);
}

static void make_room(struct arena *a, struct invoices *w, size_t n)
{
    if (w->n_lines + n <= w->lines_room) return;
    struct invoice_line_add_all_in *const old = w->lines;

    w->lines_room = 2 * (w->n_lines + n);
    w->lines = arena_array(a, struct invoice_line_add_all_in, w->lines_room);
    memcpy(w->lines, old, w->n_lines * sizeof *old);
}

void invoices_add(struct ctx *cx, struct invoices *w, const struct rated *r, int64_t invoice_id,
                  int64_t account_id, int64_t catalog_version, int64_t at)
{
    assert(w->n < w->room);
    make_room(cx->arena, w, r->n_lines);
    w->invoices[w->n] = (struct invoice_add_all_in){
        .invoice_id = invoice_id,
        .account_id = account_id,
        .document = DOC_INVOICE,
        .seller = r->country->seller,
        .series_year = civil_of(at / DAY_MS).year,
        .plan = r->plan,
        .country = r->country->code,
        .region = r->region,
        .period_start_day = r->start_day,
        .period_end_day = r->end_day,
        .issued_at = at,
        .currency = r->currency,
        .net_minor = r->net_minor,
        .tax_minor = r->tax_minor,
        .total_minor = r->total_minor,
        .cause = r->cause,
        .catalog_version = catalog_version,
    };
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct rated_line *l = &r->lines[i];

        w->lines[w->n_lines++] = (struct invoice_line_add_all_in){
            invoice_id,    (int64_t)i + 1, l->kind,          l->item,        l->cause,
            l->unit_minor, l->rate_ppm,    l->effective_day, l->amount_minor};
    }
    post(cx, w, &w->invoices[w->n++]);
}

/* Numbers all invoices that share the first unnumbered one's seller, year and document. */
static enum status number_some(struct ctx *cx, struct invoices *w, size_t first, int64_t series)
{
    const struct invoice_add_all_in *key = &w->invoices[first];
    struct series_taken_row row;
    int64_t count = 0;

    for (size_t i = first; i < w->n; i++)
        if (!w->invoices[i].number && w->invoices[i].series_year == key->series_year &&
            w->invoices[i].document == key->document &&
            strcmp(w->invoices[i].seller, key->seller) == 0)
            w->invoices[i].number = -++count; /* marked: its place in the range */
    if (SABOTAGE("number_gap") && count > 2) count++;
    TRY(series_take(cx, &row, &DB_NO_ROW, .seller = key->seller, .series_year = key->series_year,
                    .document = key->document, .series = series, .count = count));
    for (size_t i = first; i < w->n; i++)
        if (w->invoices[i].number < 0) {
            w->invoices[i].number = row.next_number - count - 1 - w->invoices[i].number;
            w->invoices[i].series = series;
        }
    return OK;
}

enum status invoices_write(struct ctx *cx, struct invoices *w, int64_t series)
{
    for (size_t i = 0; i < w->n; i++)
        if (!w->invoices[i].number) TRY(number_some(cx, w, i, series));
    TRY(invoice_add_all(cx, w->invoices, w->n, NULL));
    TRY(invoice_line_add_all(cx, w->lines, w->n_lines, NULL));
    return ledger_write(cx, &w->ledger);
}

enum status invoice_credit(struct ctx *cx, int64_t invoice_id, int64_t series, int64_t at,
                           int64_t *credit_note_id)
{
    struct invoices w;
    struct invoice i;

    TRY(invoice_by_id(cx, &i, &INVOICE_UNKNOWN, .invoice_id = invoice_id));
    TRY(db_id(cx, credit_note_id));
    invoices_begin(cx->arena, &w, 1);
    w.invoices[w.n++] = (struct invoice_add_all_in){
        .invoice_id = *credit_note_id,
        .account_id = i.account_id,
        .document = DOC_CREDIT_NOTE,
        .credits_id = invoice_id,
        .seller = i.seller,
        .series_year = civil_of(at / DAY_MS).year,
        .plan = i.plan,
        .country = i.country,
        .region = i.region,
        .period_start_day = i.period_start_day,
        .period_end_day = i.period_end_day,
        .issued_at = at,
        .currency = i.currency,
        .net_minor = -i.net_minor,
        .tax_minor = -i.tax_minor,
        .total_minor = -i.total_minor,
        .cause = CAUSE_UNPAID,
        .catalog_version = i.catalog_version,
    };
    TRY(invoice_line_credit(cx, NULL, .credit_note_id = *credit_note_id, .invoice_id = invoice_id,
                            .line_cause = CAUSE_UNPAID));
    post(cx, &w, &w.invoices[0]);
    TRY(spend_give_back(cx, i.account_id, invoice_id, at));
    return invoices_write(cx, &w, series);
}
