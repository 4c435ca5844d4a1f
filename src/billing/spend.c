/* spend: credit before methods. SPDX-License-Identifier: Apache-2.0 */
#include "billing/spend.h"

#include <string.h>

#include "base/sabotage.h"
#include "billing/ledger.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum status spending_begin(struct ctx *cx, struct spending *s, const struct credit_left_due_in *in,
                           size_t due, bool anybody)
{
    struct credit_left_due_in range = *in;
    struct credit_left *left;

    *s = (struct spending){0};
    if (!anybody || SABOTAGE("credit_ignored")) return OK;
    range.book = BOOK_CREDIT;
    range.max = (int64_t)due;
    TRY(q_credit_left_due(cx, &range, &left, &s->n_left));
    s->left = left;
    s->entries = arena_array(cx->arena, struct credit_add_all_in, s->n_left);
    s->journal = arena_array(cx->arena, struct ledger_entry_add_all_in, s->n_left);
    s->marks = arena_array(cx->arena, struct credit_mark_all_in, s->n_left);
    return OK;
}

static const struct credit_left *find(const struct spending *s, int64_t account_id)
{
    size_t low = 0, high = s->n_left;

    while (low < high) {
        size_t const at = low + (high - low) / 2;

        if (s->left[at].account_id == account_id) return &s->left[at];
        if (s->left[at].account_id < account_id)
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

enum status spending_add(struct ctx *cx, struct spending *s, const struct credit_move *invoice,
                         int64_t *paid_minor)
{
    const struct credit_left *left = find(s, invoice->account_id);
    int64_t id;

    *paid_minor = 0;
    if (!left || left->minor <= 0 || strcmp(left->currency, invoice->currency) != 0) return OK;
    *paid_minor = smaller(left->minor, invoice->amount_minor);
    TRY(db_id(cx, &id));
    s->entries[s->n] = (struct credit_add_all_in){.account_id = invoice->account_id,
                                                  .credit_no = left->n + 1,
                                                  .document_id = id,
                                                  .cause_id = invoice->cause_id};
    s->journal[s->n] = (struct ledger_entry_add_all_in){.document_id = id,
                                                        .entry_no = 1,
                                                        .account_id = invoice->account_id,
                                                        .booked_at = invoice->at,
                                                        .debit = BOOK_CREDIT,
                                                        .credit = credit_counter(CREDIT_CONSUME),
                                                        .currency = left->currency,
                                                        .amount_minor = *paid_minor};
    s->marks[s->n++] = (struct credit_mark_all_in){left->minor > *paid_minor, invoice->account_id};
    return OK;
}

enum status spending_write(struct ctx *cx, const struct spending *s)
{
    int64_t changed;

    if (s->n == 0 || SABOTAGE("credit_twice_spent")) return OK;
    TRY(credit_add_all(cx, s->entries, s->n, &changed));
    if (changed != (int64_t)s->n) return fail(cx->err, &CREDIT_CHANGED, NULL);
    TRY(ledger_entry_add_all(cx, s->journal, s->n, NULL));
    return credit_mark_all(cx, s->marks, s->n, NULL);
}

static enum status split(struct ctx *cx, struct charge *c, int64_t credit_minor)
{
    c->amount_minor += c->credit_minor - credit_minor;
    c->credit_minor = credit_minor;
    return charge_split(cx, NULL, .charge_id = c->charge_id, .amount_minor = c->amount_minor,
                        .credit_minor = c->credit_minor);
}

enum status spend_take(struct ctx *cx, struct charge *c, int64_t at)
{
    struct account account;
    int64_t left;

    if (c->amount_minor == 0 || SABOTAGE("credit_ignored")) return OK;
    TRY(credit_balance(cx, c->account_id, &left));
    if (left <= 0) return OK;
    TRY(account_get(cx, c->account_id, &account));
    if (strcmp(account.currency, c->currency) != 0) return OK;
    struct credit_move const m = {
        .account_id = c->account_id,
        .kind = CREDIT_CONSUME,
        .amount_minor = smaller(left, c->amount_minor),
        .currency = c->currency,
        .cause_id = c->charge_id,
        .at = at,
    };
    TRY(credit_post(cx, &m, NULL));
    return split(cx, c, c->credit_minor + m.amount_minor);
}

enum status spend_give_back(struct ctx *cx, int64_t account_id, int64_t charge_id, int64_t at)
{
    struct credit_spent_row spent;

    TRY(credit_spent(cx, &spent, &DB_NO_ROW, .account_id = account_id, .cause_id = charge_id,
                     .book = BOOK_CREDIT));
    if (spent.minor <= 0) return OK;
    struct credit_move const m = {
        .account_id = account_id,
        .kind = CREDIT_CONSUME,
        .amount_minor = spent.minor,
        .currency = spent.currency,
        .cause_id = charge_id,
        .reason = "invoice_credited",
        .at = at,
    };
    return credit_return(cx, &m);
}

enum status spend_undo(struct ctx *cx, struct charge *c, int64_t at)
{
    if (c->credit_minor == 0) return OK;
    TRY(spend_give_back(cx, c->account_id, c->charge_id, at));
    return split(cx, c, 0);
}
