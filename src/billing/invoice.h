/* invoice: writes invoices and credit notes with their lines, numbers and entries in the books.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "billing/ledger.h"
#include "invoice_sql.h"

/* Documents of one transaction, written together; all texts outlive invoices_write. */
struct invoices {
    struct invoice_add_all_in *invoices;
    struct invoice_line_add_all_in *lines;
    struct ledger_batch ledger;
    size_t n, n_lines, room, lines_room;
};
void invoices_begin(struct arena *a, struct invoices *w, size_t room);
/* An invoice for a rated period, owed from now on: receivable against deferred revenue and tax. */
void invoices_add(struct ctx *cx, struct invoices *w, const struct rated *r, int64_t invoice_id,
                  int64_t account_id, int64_t catalog_version, int64_t at);
/* Numbers everything within `series` without gaps and writes it, entries included. */
enum status invoices_write(struct ctx *cx, struct invoices *w, int64_t series) MUST_CHECK;

/* Takes an unpaid invoice back: the same amounts, negative, and the entries the other way round.
 * What credit had paid of it comes back. */
enum status invoice_credit(struct ctx *cx, int64_t invoice_id, int64_t series, int64_t at,
                           int64_t *credit_note_id) MUST_CHECK;
