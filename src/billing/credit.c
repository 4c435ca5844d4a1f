/* credit: posts and sums. SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"

#include <string.h>

#include "base/id.h"
#include "billing/ledger.h"
#include "billing/reach.h"

const struct fault CREDIT_CURRENCY = {
    E_CONFLICT, "credit.currency",
    "The credit is in another currency than the account; use credit of the account's currency."};
const struct fault CREDIT_AMOUNT = {E_INVALID, "credit.amount",
                                    "The amount must be above zero and the balance stay below "
                                    "10^15 minor units; give another amount."};
const struct fault CREDIT_TOO_LITTLE = {E_CONFLICT, "credit.too_little",
                                        "There is less credit than that; look at the balance."};
const struct fault CREDIT_CHANGED = {E_BUSY, "credit.changed",
                                     "The credit has just been changed; try again."};

/* Far above any real balance, and far from where sums overflow. */
#define CREDIT_MAX INT64_C(1000000000000000)
enum { ENTRIES_MAX = 100000 };

/* Where the money of each kind comes from: a credit of member_credit is a debit there. */
static const char *const counters[] = {
    [CREDIT_ISSUE] = BOOK_WRITE_OFF,    /* given away */
    [CREDIT_REDEEM] = BOOK_GIFTS,       /* was owed to whoever held the card */
    [CREDIT_CONSUME] = BOOK_RECEIVABLE, /* the invoice is paid */
    [CREDIT_ADJUST] = BOOK_WRITE_OFF,   [CREDIT_REFUND] = BOOK_REFUNDS,
};

const char *credit_counter(enum credit_kind kind)
{
    return counters[kind];
}

/* What the move adds to the balance; 0 when its amount is not allowed. */
static int64_t change_of(const struct credit_move *m)
{
    if (m->amount_minor > CREDIT_MAX || m->amount_minor < -CREDIT_MAX) return 0;
    if (m->amount_minor < 0 && m->kind != CREDIT_ADJUST) return 0;
    return m->kind == CREDIT_CONSUME ? -m->amount_minor : m->amount_minor;
}

/* The next number guards the sum: at any isolation, of two moves that read the same sum only one
 * can store it. */
static enum status store(struct ctx *cx, const struct credit_move *m, int64_t change, int64_t no,
                         int64_t document_id)
{
    struct ledger_batch batch = {0};
    int64_t changed;

    TRY(credit_add(cx, &changed, .account_id = m->account_id, .credit_no = no,
                   .document_id = document_id, .credit_kind = m->kind, .cause_id = m->cause_id,
                   .reason = m->reason ? m->reason : ""));
    if (changed != 1) return fail(cx->err, &CREDIT_CHANGED, NULL);
    ledger_post(cx->arena, &batch,
                (struct ledger_entry_add_all_in){.document_id = document_id,
                                                 .entry_no = 1,
                                                 .account_id = m->account_id,
                                                 .booked_at = m->at ? m->at : cx->now,
                                                 .debit = counters[m->kind],
                                                 .credit = BOOK_CREDIT,
                                                 .currency = m->currency,
                                                 .amount_minor = change});
    return ledger_write(cx, &batch);
}

/* Renewals look at nothing but the mark, in the row that they change: so a race is a conflict. */
static enum status mark(struct ctx *cx, int64_t account_id, int64_t before, int64_t after)
{
    struct credit_mark_all_in const row = {after > 0, account_id};

    return (before > 0) == (after > 0) ? OK : credit_mark_all(cx, &row, 1, NULL);
}

static enum status post(struct ctx *cx, const struct credit_move *m, int64_t change,
                        int64_t *document_id)
{
    struct credit_sum sum;
    struct account account;
    int64_t id;
    TX tx = {0};

    if (change == 0) return fail(cx->err, &CREDIT_AMOUNT, "amount_minor");
    TRY(tx_begin(&tx, cx));
    TRY(account_get(cx, m->account_id, &account));
    if (strcmp(account.currency, m->currency) != 0)
        return fail(cx->err, &CREDIT_CURRENCY, "currency");
    TRY(credit_sum(cx, &sum, &DB_NO_ROW, .account_id = m->account_id, .book = BOOK_CREDIT));
    if (sum.minor + change < 0) return fail(cx->err, &CREDIT_TOO_LITTLE, "amount_minor");
    if (sum.minor + change > CREDIT_MAX) return fail(cx->err, &CREDIT_AMOUNT, "amount_minor");
    TRY(db_id(cx, &id));
    TRY(store(cx, m, change, sum.n + 1, id));
    TRY(mark(cx, m->account_id, sum.minor, sum.minor + change));
    if (change > 0) TRY(reach_watch_from(cx, m->account_id, m->at ? m->at : cx->now));
    TRY(tx_commit(&tx));
    if (document_id) *document_id = id;
    return OK;
}

enum status credit_post(struct ctx *cx, const struct credit_move *m, int64_t *document_id)
{
    return post(cx, m, change_of(m), document_id);
}

enum status credit_return(struct ctx *cx, const struct credit_move *m)
{
    return post(cx, m, m->amount_minor, NULL);
}

enum status credit_balance(struct ctx *cx, int64_t account_id, int64_t *minor)
{
    struct credit_sum sum;

    TRY(credit_sum(cx, &sum, &DB_NO_ROW, .account_id = account_id, .book = BOOK_CREDIT));
    *minor = sum.minor;
    return OK;
}

enum status credit_entries(struct ctx *cx, int64_t account_id, int64_t max, struct credit_row **out,
                           size_t *n)
{
    return credit_list(cx, out, n, .account_id = account_id, .book = BOOK_CREDIT, .max = max);
}

enum status credit_life_of(struct ctx *cx, int64_t account_id, struct credit_life *out)
{
    struct credit_story_row *rows;
    size_t n;

    TRY(credit_story_rows(cx, &rows, &n, .account_id = account_id, .book = BOOK_CREDIT,
                          .max = ENTRIES_MAX));
    struct credit_step *steps = arena_array(cx->arena, struct credit_step, n + 1);
    for (size_t i = 0; i < n; i++)
        steps[i] = (struct credit_step){(enum credit_kind)rows[i].credit_kind, rows[i].cause_id,
                                        rows[i].credit_minor};
    *out = (struct credit_life){.steps = steps, .rows = rows, .n = n};
    credit_tell(steps, n, cx->arena, &out->story);
    return OK;
}

const char *credit_card_of(const struct credit_life *l, size_t lot, struct arena *a)
{
    const struct credit_step *s = &l->steps[l->story.lots[lot].step];
    char text[ID_TEXT];

    if (s->kind != CREDIT_REDEEM || s->cause_id == 0) return "";
    return arena_strdup(a, id_text("gft", s->cause_id, text));
}
