/* recognition: turns deferred revenue into revenue, month by month, as it is served.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/billing.h"
#include "billing/ledger.h"
#include "recognition_sql.h"

enum { GROUPS_MAX = 100000, SLACK_DAYS = 93 };

/* An invoice is paid within grace, a hold's charge within the hold, and a doubt is looked up daily:
 * what is older than all that cannot still be earned, but for what a lock held up. */
static enum status oldest_id(struct ctx *cx, int64_t start_day, int64_t *id)
{
    const struct settings *s = cx->settings;
    int64_t const at = (start_day - s->grace_days - s->hold_limit_days - SLACK_DAYS) * DAY_MS;
    struct kept_by_lock_row kept;

    *id = db_id_floor(at);
    TRY(kept_by_lock(cx, &kept, &DB_NO_ROW, .floor_at = at));
    if (kept.oldest_id && kept.oldest_id < *id) *id = kept.oldest_id;
    return OK;
}

static enum status book(struct ctx *cx, int64_t month, int64_t document, const struct earned *e,
                        size_t n)
{
    struct recognition_add_all_in *rows = arena_array(cx->arena, struct recognition_add_all_in, n);
    int64_t const at = month_start_day(month + 1) * DAY_MS;
    struct ledger_batch ledger = {0};

    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct recognition_add_all_in){month, e[i].country, e[i].plan, e[i].currency,
                                                  e[i].earned_minor};
        ledger_post(cx->arena, &ledger,
                    (struct ledger_entry_add_all_in){.document_id = document,
                                                     .entry_no = (int64_t)i + 1,
                                                     .booked_at = at,
                                                     .debit = BOOK_DEFERRED,
                                                     .credit = BOOK_REVENUE,
                                                     .currency = e[i].currency,
                                                     .amount_minor = e[i].earned_minor});
    }
    TRY(recognition_add_all(cx, rows, n, NULL));
    return ledger_write(cx, &ledger);
}

/* Two workers may come to the same month: its row in recognition_run decides who books it. */
enum status billing_recognise(struct ctx *cx, int64_t month)
{
    int64_t const start = month_start_day(month), end = month_start_day(month + 1);
    struct months_done_row done;
    struct earned *rows;
    int64_t document, ours, floor_id;
    TX tx = {0};
    size_t n;

    TRY(tx_begin(&tx, cx));
    TRY(months_done(cx, &done, &DB_NO_ROW));
    if (month <= done.newest) return OK;
    TRY(db_id(cx, &document));
    TRY(recognition_run_add(cx, &ours, .month = month, .document_id = document,
                            .ran_at = end * DAY_MS));
    if (!ours) return OK;
    TRY(oldest_id(cx, start, &floor_id));
    TRY(earned_in_month(cx, &rows, &n, .floor_id = floor_id, .start_day = start, .end_day = end,
                        .start_at = (start - (SABOTAGE("revenue_twice") ? 20 : 0)) * DAY_MS,
                        .end_at = end * DAY_MS, .max = GROUPS_MAX));
    TRY(book(cx, month, document, rows, n));
    return tx_commit(&tx);
}

enum status billing_closed_until(struct ctx *cx, int64_t *at)
{
    struct months_done_row done;

    TRY(months_done(cx, &done, &DB_NO_ROW));
    *at = done.newest < 0 ? 0 : month_start_day(done.newest + 1) * DAY_MS;
    return OK;
}

enum status billing_collected_until(struct ctx *cx, int64_t at, int64_t *until_at)
{
    struct first_wanted_row wanted;

    TRY(first_wanted(cx, &wanted, &DB_NO_ROW));
    *until_at = wanted.at && wanted.at < at ? wanted.at : at;
    return OK;
}

enum status billing_recognise_until(struct ctx *cx, int64_t done_until_at)
{
    struct months_done_row done;
    struct first_invoice_row *first;
    size_t n;

    TRY(months_done(cx, &done, &DB_NO_ROW));
    TRY(first_invoice(cx, &first, &n, .max = 1));
    if (n == 0) return OK;
    int64_t month = done.newest >= 0 ? done.newest + 1 : month_of(first[0].issued_at / DAY_MS);
    for (; month_start_day(month + 1) * DAY_MS <= done_until_at; month++)
        TRY(billing_recognise(cx, month));
    return OK;
}
