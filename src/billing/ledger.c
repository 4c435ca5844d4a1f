/* ledger: writes entries. SPDX-License-Identifier: Apache-2.0 */
#include "billing/ledger.h"

#include <string.h>

const char *ledger_tax_account(struct arena *a, const char *country)
{
    return arena_printf(a, BOOK_TAX "%s", country);
}

void ledger_post(struct arena *a, struct ledger_batch *b, struct ledger_entry_add_all_in entry)
{
    if (entry.amount_minor == 0) return;
    if (entry.amount_minor < 0) {
        const char *const debit = entry.debit;

        entry.amount_minor = -entry.amount_minor;
        entry.debit = entry.credit;
        entry.credit = debit;
    }
    if (b->n == b->room) {
        struct ledger_entry_add_all_in *more =
            arena_array(a, struct ledger_entry_add_all_in, b->room ? 2 * b->room : 16);

        if (b->n) memcpy(more, b->rows, b->n * sizeof *more);
        b->room = b->room ? 2 * b->room : 16;
        b->rows = more;
    }
    b->rows[b->n++] = entry;
}

enum status ledger_write(struct ctx *cx, struct ledger_batch *b)
{
    size_t const n = b->n;

    b->n = 0;
    return ledger_entry_add_all(cx, b->rows, n, NULL);
}
