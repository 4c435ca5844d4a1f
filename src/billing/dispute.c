/* dispute: books what banks take back, and what comes of it. SPDX-License-Identifier: Apache-2.0 */
#include "billing/dispute.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/billing.h"
#include "billing/ledger.h"
#include "billing/promise.h"
#include "billing/reversal.h"
#include "db/outbox.h"

const struct names dispute_states = NAMES("open", "won", "lost");
const struct names dispute_outcomes = NAMES("won", "lost");

const struct fault DISPUTE_CHARGE_UNKNOWN = {
    E_NOT_FOUND, "dispute.charge_unknown",
    "This account has no such charge; look it up in its history."};
const struct fault DISPUTE_NOT_PAID = {
    E_CONFLICT, "dispute.not_paid",
    "This charge was never paid, so no bank can take it back; look at its state."};
const struct fault DISPUTE_UNKNOWN = {E_NOT_FOUND, "dispute.unknown",
                                      "This charge is not disputed; open the dispute first."};
const struct fault DISPUTE_OVER = {E_CONFLICT, "dispute.over",
                                   "This dispute has ended; a charge can be disputed once only."};

#define WORK_DISPUTE "dispute.opened"
enum { ENTRY_WITHDRAWN = 1, ENTRY_BACK = 2, ENTRY_LOST = 3 };

static enum status post(struct ctx *cx, const struct dispute *d, int64_t entry_no, int64_t at,
                        const char *debit, const char *credit)
{
    struct ledger_batch batch = {0};

    ledger_post(cx->arena, &batch,
                (struct ledger_entry_add_all_in){.document_id = d->dispute_id,
                                                 .entry_no = entry_no,
                                                 .account_id = d->account_id,
                                                 .booked_at = at,
                                                 .debit = debit,
                                                 .credit = credit,
                                                 .currency = d->currency,
                                                 .amount_minor = d->amount_minor});
    return ledger_write(cx, &batch);
}

/* Facts for a letter that says how it can be resolved: with us, or by withdrawing it at the bank.
 */
static enum status tell(struct ctx *cx, const char *topic, const struct dispute *d, int64_t at)
{
    char charge[ID_TEXT];

    return outbox_put(cx, topic, d->account_id, at,
                      json_pack("{s:s, s:I, s:s, s:s, s:s}", "charge",
                                id_text("chg", d->charge_id, charge), "amount_minor",
                                (json_int_t)d->amount_minor, "currency", d->currency, "reason",
                                d->reason, "way_out", "charge.explain"));
}

static enum status find(struct ctx *cx, int64_t account_id, int64_t charge_id, struct dispute **out)
{
    size_t n;

    TRY(dispute_of_charge(cx, out, &n, .charge_id = charge_id, .account_id = account_id, .max = 1));
    if (n == 0) *out = NULL;
    return OK;
}

static enum status open_work(struct ctx *cx, const struct dispute *d)
{
    char charge[ID_TEXT];
    struct work_open const w = {
        .account_id = d->account_id,
        .kind = WORK_DISPUTE,
        .subject = d->charge_id,
        .priority = WORK_HIGH,
        .evidence = json_pack(
            "{s:s, s:I, s:s, s:s}", "charge", id_text("chg", d->charge_id, charge), "amount_minor",
            (json_int_t)d->amount_minor, "currency", d->currency, "reason", d->reason)};

    return work_open(cx, &w, NULL);
}

static enum status block_method(struct ctx *cx, struct dispute *d)
{
    struct dispute_method_row *methods;
    size_t n;

    TRY(dispute_method(cx, &methods, &n, .charge_id = d->charge_id, .account_id = d->account_id,
                       .max = 1));
    if (n == 0) return OK;
    d->method_id = methods->method_id;
    return dispute_block(cx, NULL, .method_id = d->method_id, .account_id = d->account_id);
}

/* What has been given back, or is about to be, is not taken a second time. */
static enum status begin_new(struct ctx *cx, const struct dispute_opening *o,
                             const struct dispute_charge_row *c, int64_t *dispute_id)
{
    struct refund_left left;
    int64_t added;
    struct dispute d = {.account_id = o->account_id,
                        .charge_id = o->charge_id,
                        .currency = c->currency,
                        .reason = o->reason,
                        .opened_at = o->at};

    TRY(refund_guard(cx, NULL, .charge_id = o->charge_id, .account_id = o->account_id));
    TRY(refund_left(cx, o->account_id, o->charge_id, &left));
    d.amount_minor = left.method_minor;
    TRY(db_id(cx, &d.dispute_id));
    if (!SABOTAGE("disputed_card_used")) TRY(block_method(cx, &d));
    TRY(dispute_add(cx, &added, .dispute_id = d.dispute_id, .account_id = d.account_id,
                    .charge_id = d.charge_id, .amount_minor = d.amount_minor,
                    .currency = d.currency, .reason = d.reason, .opened_at = d.opened_at,
                    .method_id = d.method_id));
    if (added != 1) return fail(cx->err, &REFUND_CHANGED, NULL);
    TRY(post(cx, &d, ENTRY_WITHDRAWN, o->at, BOOK_DISPUTES, BOOK_CLEARING));
    TRY(open_work(cx, &d));
    *dispute_id = d.dispute_id;
    return tell(cx, "billing.dispute_opened", &d, o->at);
}

enum status dispute_begin(struct ctx *cx, const struct dispute_opening *o, int64_t *dispute_id)
{
    struct dispute_charge_row *c;
    struct dispute *known;
    int64_t id = 0;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(dispute_charge(cx, &c, &n, .charge_id = o->charge_id, .account_id = o->account_id,
                       .max = 1));
    if (n == 0) return fail(cx->err, &DISPUTE_CHARGE_UNKNOWN, "charge");
    if (c->charge_state != CHARGE_CAPTURED) return fail(cx->err, &DISPUTE_NOT_PAID, "charge");
    TRY(find(cx, o->account_id, o->charge_id, &known));
    if (known)
        id = known->dispute_id;
    else
        TRY(begin_new(cx, o, c, &id));
    if (dispute_id) *dispute_id = id;
    return tx_commit(&tx);
}

/* The money is gone: a credit note takes the revenue back, as for a refund. */
static enum status lose(struct ctx *cx, struct dispute *d, const struct dispute_ending *e)
{
    struct reversal_base *invoices;
    struct reversal_sums_row before;
    size_t n;

    if (d->amount_minor == 0) return OK;
    TRY(reversal_base_of(cx, &invoices, &n, .invoice_id = d->charge_id, .account_id = d->account_id,
                         .max = 1));
    if (n == 0) return post(cx, d, ENTRY_LOST, e->at, BOOK_RECEIVABLE, BOOK_DISPUTES);
    TRY(reversal_sums(cx, &before, &DB_NO_ROW, .invoice_id = d->charge_id,
                      .account_id = d->account_id));
    struct reversal const v = {.invoice = invoices,
                               .before_minor = before.minor,
                               .amount_minor = d->amount_minor,
                               .cause = CAUSE_DISPUTE,
                               .book = BOOK_DISPUTES,
                               .series = e->by ? e->by->series : SERIES_BY_HAND,
                               .at = e->at};
    return reversal_add(cx, &v, &d->credit_note_id);
}

static enum status win(struct ctx *cx, const struct dispute *d, int64_t at)
{
    TRY(post(cx, d, ENTRY_BACK, at, BOOK_CLEARING, BOOK_DISPUTES));
    if (!d->method_id) return OK;
    return dispute_unblock(cx, NULL, .method_id = d->method_id, .account_id = d->account_id,
                           .dispute_id = d->dispute_id);
}

enum status dispute_end(struct ctx *cx, const struct dispute_ending *e)
{
    enum dispute_state const to = e->won ? DISPUTE_WON : DISPUTE_LOST;
    struct dispute *d;
    int64_t changed;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find(cx, e->account_id, e->charge_id, &d));
    if (!d) return fail(cx->err, &DISPUTE_UNKNOWN, "charge");
    if (d->dispute_state == to) return tx_commit(&tx);
    if (d->dispute_state != DISPUTE_OPEN)
        return e->by ? tx_commit(&tx) : fail(cx->err, &DISPUTE_OVER, "charge");
    TRY(e->won ? win(cx, d, e->at) : lose(cx, d, e));
    TRY(dispute_store(cx, &changed, .dispute_id = d->dispute_id, .account_id = d->account_id,
                      .dispute_state = to, .closed_at = e->at,
                      .credit_note_id = d->credit_note_id));
    if (changed != 1) return fail(cx->err, &REFUND_CHANGED, NULL);
    TRY(promise_keep(cx, d, e));
    TRY(work_settle(cx, d->account_id, WORK_DISPUTE, d->charge_id, dispute_states.at[to]));
    TRY(tell(cx, e->won ? "billing.dispute_won" : "billing.dispute_lost", d, e->at));
    return tx_commit(&tx);
}

enum status dispute_is_open(struct ctx *cx, int64_t account_id, bool *open)
{
    struct disputes_open_row row;

    TRY(disputes_open(cx, &row, &DB_NO_ROW, .account_id = account_id));
    *open = row.n > 0;
    return OK;
}

enum status dispute_stands(struct ctx *cx, int64_t account_id, const struct dispute_card *card,
                           bool *stands)
{
    struct disputes_of_card_row row;

    TRY(disputes_of_card(cx, &row, &DB_NO_ROW, .account_id = account_id, .gateway = card->gateway,
                         .token = card->token, .fingerprint = card->fingerprint));
    *stands = row.n > 0;
    return OK;
}

enum status dispute_hand_on(struct ctx *cx, int64_t account_id, int64_t from_id, int64_t to_id)
{
    return disputes_hand_on(cx, NULL, .to_id = to_id, .account_id = account_id,
                            .method_id = from_id);
}

/* --- the ops --- */

static enum status show(struct ctx *cx, int64_t account_id, int64_t charge_id,
                        struct dispute_view *out)
{
    struct arena *a = cx->arena;
    struct dispute *d;

    TRY(find(cx, account_id, charge_id, &d));
    if (!d) return fail(cx->err, &DISPUTE_UNKNOWN, "charge");
    *out = (struct dispute_view){
        .dispute = id_text("dsp", d->dispute_id, arena_alloc(a, ID_TEXT)),
        .charge = id_text("chg", d->charge_id, arena_alloc(a, ID_TEXT)),
        .state = d->dispute_state,
        .amount_minor = d->amount_minor,
        .currency = d->currency,
        .reason = d->reason,
        .opened_at = instant_text(d->opened_at, arena_alloc(a, INSTANT_TEXT)),
        .closed_at = d->closed_at ? instant_text(d->closed_at, arena_alloc(a, INSTANT_TEXT)) : ""};
    return OK;
}

static enum status read_charge(struct ctx *cx, const char *text, int64_t *id)
{
    if (id_parse("chg", text, id) || id_parse("inv", text, id)) return OK;
    return fail(cx->err, &DISPUTE_CHARGE_UNKNOWN, "charge");
}

enum status dispute_report(struct ctx *cx, const struct dispute_open *in, struct dispute_view *out)
{
    struct dispute_opening o = {
        .account_id = in->account_id, .reason = in->reason ? in->reason : "", .at = cx->now};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(read_charge(cx, in->charge, &o.charge_id));
    TRY(dispute_begin(cx, &o, NULL));
    TRY(show(cx, in->account_id, o.charge_id, out));
    return tx_commit(&tx);
}

enum status dispute_settle(struct ctx *cx, const struct dispute_close *in, struct dispute_view *out)
{
    struct dispute_ending e = {
        .account_id = in->account_id, .won = in->outcome == 0, .at = cx->now};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(read_charge(cx, in->charge, &e.charge_id));
    TRY(dispute_end(cx, &e));
    TRY(show(cx, in->account_id, e.charge_id, out));
    return tx_commit(&tx);
}
