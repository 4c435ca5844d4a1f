/* ledger: the books. Each entry moves one amount from one account to another, so that debits equal
 * credits by construction; entries are never changed. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ledger_sql.h"

/* The accounts of the books; tax has one per country, see ledger_tax_account. */
#define BOOK_RECEIVABLE "receivable"       /* owed for issued invoices */
#define BOOK_DEFERRED   "deferred_revenue" /* invoiced, not yet served */
#define BOOK_REVENUE    "revenue"          /* served */
#define BOOK_CLEARING   "gateway_clearing" /* captured, with the gateway */
#define BOOK_CREDIT     "member_credit" /* owed to members: gift cards redeemed, and other credit */
#define BOOK_GIFTS      "gift_cards"    /* owed to whoever holds a card that was sold */
#define BOOK_GIFT_SALES "gift_sales"    /* what those who sell cards have taken for them */
#define BOOK_REFUNDS    "refunds"
#define BOOK_DISPUTES   "chargebacks"
#define BOOK_WRITE_OFF  "write_off"
#define BOOK_TAX        "tax_payable:" /* + ISO country */

/* "tax_payable:DE", in the arena. */
const char *ledger_tax_account(struct arena *a, const char *country);

/* Entries of one transaction, written together. */
struct ledger_batch {
    struct ledger_entry_add_all_in *rows;
    size_t n, room;
};
/* Adds an entry; nothing when amount is 0. A negative amount is entered the other way round. The
 * texts must outlive ledger_write. entry_no is the caller's, unique within the document. */
void ledger_post(struct arena *a, struct ledger_batch *b, struct ledger_entry_add_all_in entry);
enum status ledger_write(struct ctx *cx, struct ledger_batch *b) MUST_CHECK; /* and empties it */
