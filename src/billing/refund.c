/* refund: decides, books and follows refunds. SPDX-License-Identifier: Apache-2.0 */
#include "billing/refund.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/ledger.h"
#include "billing/reversal.h"
#include "db/outbox.h"

const struct fault REFUND_CHARGE_UNKNOWN = {
    E_NOT_FOUND, "refund.charge_unknown",
    "This account has no such charge; look it up in its history."};
const struct fault REFUND_NOT_PAID = {
    E_CONFLICT, "refund.not_paid",
    "This charge was never paid, so there is nothing to give back; look at its state."};
const struct fault REFUND_TOO_MUCH = {
    E_CONFLICT, "refund.too_much",
    "That is more than is left of the charge; give less, or leave the amount out for the rest."};
const struct fault REFUND_NOTHING_LEFT = {
    E_CONFLICT, "refund.nothing_left",
    "All of this charge has been given back already; see its refunds in the history."};
const struct fault REFUND_KEY_USED = {
    E_CONFLICT, "refund.key_used",
    "This key was used for another refund; use a new key for a new decision."};
const struct fault REFUND_CHANGED = {E_BUSY, "refund.changed",
                                     "The refunds of this charge have just changed; try again."};

const struct fault REFUND_DISPUTED = {
    E_CONFLICT, "refund.disputed",
    "A bank is taking this charge back; it can be given back here once that dispute has ended."};

enum { ENTRY_OWED = 1, ENTRY_PAID = 2 }; /* of the refund's own document */

/* What a refund is decided on. */
struct basis {
    const struct refund_charge_row *charge;
    const struct reversal_base *invoice; /* NULL: nothing was invoiced */
    struct refund_sums_row given;
    struct refund_disputed_row disputed; /* taken by a bank, for now or for good */
    struct refund_left left;
};

static int64_t positive(int64_t n)
{
    return n > 0 ? n : 0;
}

static enum status load(struct ctx *cx, int64_t account_id, int64_t charge_id, struct basis *b)
{
    struct refund_charge_row *charges;
    struct reversal_base *invoices;
    size_t n, n_invoices;

    TRY(refund_charge(cx, &charges, &n, .charge_id = charge_id, .account_id = account_id,
                      .max = 1));
    if (n == 0) return fail(cx->err, &REFUND_CHARGE_UNKNOWN, "charge");
    TRY(reversal_base_of(cx, &invoices, &n_invoices, .invoice_id = charge_id,
                         .account_id = account_id, .max = 1));
    TRY(refund_sums(cx, &b->given, &DB_NO_ROW, .charge_id = charge_id, .account_id = account_id));
    TRY(refund_disputed(cx, &b->disputed, &DB_NO_ROW, .charge_id = charge_id,
                        .account_id = account_id));
    b->charge = charges;
    b->invoice = n_invoices ? invoices : NULL;
    int64_t const paid = b->invoice ? b->invoice->total_minor : charges->amount_minor;
    bool const captured = charges->charge_state == CHARGE_CAPTURED;
    b->left.total_minor = captured ? positive(paid - b->given.all_minor - b->disputed.minor) : 0;
    b->left.method_minor =
        captured ? positive(charges->amount_minor - b->given.method_minor - b->disputed.minor) : 0;
    b->left.disputed = b->disputed.open > 0;
    b->left.held_minor = b->left.disputed ? b->disputed.minor : 0;
    if (b->left.method_minor > b->left.total_minor) b->left.method_minor = b->left.total_minor;
    return OK;
}

enum status refund_left(struct ctx *cx, int64_t account_id, int64_t charge_id,
                        struct refund_left *out)
{
    struct basis b;

    TRY(load(cx, account_id, charge_id, &b));
    *out = b.left;
    return OK;
}

static enum status post(struct ctx *cx, const struct refund *r, int64_t entry_no, int64_t at,
                        const char *debit, const char *credit)
{
    struct ledger_batch batch = {0};

    ledger_post(cx->arena, &batch,
                (struct ledger_entry_add_all_in){.document_id = r->refund_id,
                                                 .entry_no = entry_no,
                                                 .account_id = r->account_id,
                                                 .booked_at = at,
                                                 .debit = debit,
                                                 .credit = credit,
                                                 .currency = r->currency,
                                                 .amount_minor = r->amount_minor});
    return ledger_write(cx, &batch);
}

/* The books owe the money to the member from now on: by credit note where there is an invoice. */
static enum status book(struct ctx *cx, const struct refund_order *o, const struct basis *b,
                        struct refund *r)
{
    struct reversal const v = {.invoice = b->invoice,
                               .before_minor = b->given.all_minor + b->disputed.minor,
                               .amount_minor = r->amount_minor,
                               .cause = CAUSE_REFUND,
                               .from_day = o->from_day,
                               .until_day = o->until_day,
                               .book = BOOK_REFUNDS,
                               .series = o->by ? o->by->series : SERIES_BY_HAND,
                               .at = o->at};

    if (b->invoice) return reversal_add(cx, &v, &r->credit_note_id);
    return post(cx, r, ENTRY_OWED, o->at, BOOK_RECEIVABLE, BOOK_REFUNDS);
}

static enum status give_credit(struct ctx *cx, struct refund *r)
{
    struct credit_move const move = {.account_id = r->account_id,
                                     .kind = CREDIT_REFUND,
                                     .amount_minor = r->amount_minor,
                                     .currency = r->currency,
                                     .cause_id = r->charge_id,
                                     .reason = refund_circumstances.at[r->circumstance]};

    return credit_post(cx, &move, &r->credit_document_id);
}

static enum status tell_owner(struct ctx *cx, const char *topic, const struct refund *r, int64_t at)
{
    char charge[ID_TEXT], refund[ID_TEXT];

    return outbox_put(cx, topic, r->account_id, at,
                      json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "refund",
                                id_text("rfd", r->refund_id, refund), "charge",
                                id_text("chg", r->charge_id, charge), "amount_minor",
                                (json_int_t)r->amount_minor, "currency", r->currency, "to",
                                refund_targets.at[r->refund_to], "circumstance",
                                refund_circumstances.at[r->circumstance]));
}

/* The next number guards the sum: at any isolation, of two refunds that read the same sum only one
 * can be stored. */
static enum status add(struct ctx *cx, const struct refund *r)
{
    int64_t added;

    TRY(refund_add(cx, &added, .refund_id = r->refund_id, .account_id = r->account_id,
                   .charge_id = r->charge_id, .refund_no = r->refund_no, .order_key = r->order_key,
                   .amount_minor = r->amount_minor, .currency = r->currency,
                   .refund_to = r->refund_to, .circumstance = r->circumstance, .rule = r->rule,
                   .refund_state = r->refund_state, .credit_note_id = r->credit_note_id,
                   .credit_document_id = r->credit_document_id, .decided_at = r->decided_at,
                   .done_at = r->done_at, .due_at = r->due_at, .due_day = r->due_day,
                   .actor_role = cx->actor.role, .actor_id = cx->actor.id));
    return added == 1 ? OK : fail(cx->err, &REFUND_CHANGED, NULL);
}

/* One refund row, and what it means for the books. */
static enum status place(struct ctx *cx, const struct refund_order *o, struct basis *b,
                         enum refund_to to, const char *key, int64_t amount_minor, int64_t *id)
{
    bool const credit = to == REFUND_TO_CREDIT;
    struct refund r = {.account_id = o->account_id,
                       .charge_id = o->charge_id,
                       .refund_no = b->given.n + 1,
                       .order_key = key,
                       .amount_minor = amount_minor,
                       .currency = b->charge->currency,
                       .refund_to = to,
                       .circumstance = o->circumstance,
                       .rule = o->rule,
                       .refund_state = credit ? REFUND_DONE : REFUND_WANTED,
                       .decided_at = o->at,
                       .done_at = credit ? o->at : 0,
                       .due_at = credit ? 0 : o->at,
                       .due_day = credit ? 0 : divide_down(o->at, DAY_MS)};

    TRY(db_id(cx, &r.refund_id));
    TRY(book(cx, o, b, &r));
    if (credit) TRY(give_credit(cx, &r));
    TRY(add(cx, &r));
    b->given.n++;
    b->given.all_minor += amount_minor;
    *id = r.refund_id;
    return tell_owner(cx, "billing.refund_decided", &r, o->at);
}

static enum status check(struct ctx *cx, const struct basis *b, int64_t amount_minor)
{
    if (b->charge->charge_state != CHARGE_CAPTURED)
        return fail(cx->err, &REFUND_NOT_PAID, "charge");
    if (b->disputed.open) return fail(cx->err, &REFUND_DISPUTED, "charge");
    if (b->left.total_minor == 0) return fail(cx->err, &REFUND_NOTHING_LEFT, "charge");
    if (amount_minor < 0 || (amount_minor > b->left.total_minor))
        return fail(cx->err, &REFUND_TOO_MUCH, "amount_minor");
    return OK;
}

static enum status decide(struct ctx *cx, const struct refund_order *o, int64_t *id)
{
    int64_t beside = 0;
    struct basis b;

    TRY(refund_guard(cx, NULL, .charge_id = o->charge_id, .account_id = o->account_id));
    TRY(load(cx, o->account_id, o->charge_id, &b));
    TRY(check(cx, &b, o->amount_minor));
    int64_t const all = o->amount_minor ? o->amount_minor : b.left.total_minor;
    int64_t method = o->to == REFUND_TO_METHOD ? b.left.method_minor : 0;
    if (method > all) method = all;
    if (method > 0) TRY(place(cx, o, &b, REFUND_TO_METHOD, o->key, method, id));
    if (method == all) return OK;
    const char *key = method ? arena_printf(cx->arena, "%s/credit", o->key) : o->key;
    return place(cx, o, &b, REFUND_TO_CREDIT, key, all - method, method ? &beside : id);
}

enum status refund_order(struct ctx *cx, const struct refund_order *o, int64_t *refund_id)
{
    struct refund *known;
    int64_t id = 0;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(refund_by_key(cx, &known, &n, .account_id = o->account_id, .order_key = o->key, .max = 1));
    if (n && (known->charge_id != o->charge_id || known->circumstance != o->circumstance))
        return fail(cx->err, &REFUND_KEY_USED, "key");
    if (n)
        id = known->refund_id;
    else
        TRY(decide(cx, o, &id));
    if (refund_id) *refund_id = id;
    return tx_commit(&tx);
}

/* Refused for good: the member has the money as credit, and somebody looks at it. An account that
 * has moved to another currency cannot have credit, so that it stays owed. */
static enum status fall_back(struct ctx *cx, struct refund *r, int64_t at)
{
    struct account account;
    char charge[ID_TEXT];

    TRY(account_get(cx, r->account_id, &account));
    bool const given = strcmp(account.currency, r->currency) == 0;
    if (given) TRY(give_credit(cx, r));
    struct work_open const work = {
        .account_id = r->account_id,
        .kind = "refund.refused",
        .subject = r->refund_id,
        .priority = given ? WORK_NORMAL : WORK_HIGH,
        .evidence =
            json_pack("{s:s, s:I, s:s, s:s, s:b}", "charge", id_text("chg", r->charge_id, charge),
                      "amount_minor", (json_int_t)r->amount_minor, "currency", r->currency, "code",
                      r->code, "given_as_credit", (int)given)};
    TRY(work_open(cx, &work, NULL));
    return tell_owner(cx, "billing.refund_failed", r, at);
}

static enum status carry_out(struct ctx *cx, struct refund *r, const struct refund_told *t)
{
    r->gateway_ref = t->ref;
    if (t->news == REFUND_NEWS_REFUSED) {
        r->code = t->code;
        return fall_back(cx, r, t->at);
    }
    r->done_at = t->done_at ? t->done_at : t->at;
    TRY(post(cx, r, ENTRY_PAID, t->at, BOOK_REFUNDS, BOOK_CLEARING));
    return tell_owner(cx, "billing.refunded", r, t->at);
}

enum status refund_tell(struct ctx *cx, const struct refund_told *t)
{
    struct refund *r;
    size_t n;

    TRY(refund_by_id(cx, &r, &n, .account_id = t->account_id, .refund_id = t->refund_id, .max = 1));
    if (n == 0 || r->refund_to != REFUND_TO_METHOD) return OK;
    struct refund_life life = {(enum refund_state)r->refund_state, r->due_at, r->tries};
    if (life.state == REFUND_DONE || life.state == REFUND_FAILED) return OK;
    refund_live(&life, t->news, t->at, cx->settings->look_up_minutes * 60000);
    if (life.state == REFUND_DONE || life.state == REFUND_FAILED) TRY(carry_out(cx, r, t));
    return refund_store(cx, NULL, .refund_id = r->refund_id, .account_id = r->account_id,
                        .refund_state = life.state, .credit_document_id = r->credit_document_id,
                        .code = r->code, .gateway_ref = r->gateway_ref, .done_at = r->done_at,
                        .due_at = life.due_at, .due_day = divide_down(life.due_at, DAY_MS),
                        .tries = life.tries);
}
