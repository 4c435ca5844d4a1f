/* side: wants, invoices and answers. SPDX-License-Identifier: Apache-2.0 */
#include "billing/side.h"

#include "base/id.h"
#include "billing/errand.h"
#include "billing/invoice.h"
#include "billing/settle.h"
#include "billing/spend.h"

enum status side_want(struct ctx *cx, const struct trouble *t, const struct side_want *w)
{
    struct charge c;
    int64_t id;

    TRY(db_id(cx, &id));
    struct charge_add_all_in const row = {.charge_id = id,
                                          .account_id = t->m.account_id,
                                          .term = t->m.term,
                                          .k = t->m.k,
                                          .kind = w->kind,
                                          .subject = w->subject,
                                          .due_on_day = w->day,
                                          .amount_minor = w->rated->total_minor,
                                          .currency = w->rated->currency,
                                          .wanted_at = cx->now,
                                          .catalog_version = w->catalog_version};
    struct charge_wanted_add_all_in const wanted = {id, t->m.account_id};
    TRY(charge_add_all(cx, &row, 1, NULL));
    TRY(charge_by_id(cx, &c, &DB_NO_ROW, .charge_id = id));
    TRY(spend_take(cx, &c, cx->now));
    return charge_wanted_add_all(cx, &wanted, 1, NULL);
}

enum status side_catalog(struct ctx *cx, const struct issuer *by, const struct charge *c,
                         const struct catalog **out)
{
    *out = by->catalog;
    return by->catalog->version == c->catalog_version ? OK
                                                      : catalog_load(cx, c->catalog_version, out);
}

static enum status rate_change(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                               int64_t change_id, struct side_rated *out)
{
    struct plan_change row;

    TRY(change_row(cx, t->m.account_id, change_id, &row));
    if (row.change_effect == EFFECT_MOVED) {
        out->share = (struct share){row.old_end_day, row.new_end_day, row.whole_days};
        return move_rate(cx, c, t, &row, &out->rated);
    }
    out->plan_before = row.from_plan;
    out->share = (struct share){row.effective_day, row.old_end_day, row.whole_days};
    return change_rate(cx, c, t, &row, &out->rated);
}

enum status side_rate(struct ctx *cx, const struct catalog *c, const struct side_ask *in,
                      struct side_rated *out)
{
    struct trouble const t = {
        .m = {.account_id = in->account_id},
        .account = { .country = in->country,        .region = in->region}
    };
    struct slot row;

    *out = (struct side_rated){0};
    if (in->kind == CHARGE_CHANGE) return rate_change(cx, c, &t, in->subject, out);
    TRY(slot_by_id(cx, &row, &SLOT_UNKNOWN, .account_id = in->account_id, .slot_id = in->subject));
    out->share = (struct share){row.from_day, row.paid_day, row.whole_days};
    return slot_rate(cx, c, &t.account, &row, &out->rated);
}

enum status side_invoice(struct ctx *cx, const struct issuer *by, const struct charge *c,
                         const struct rated *r, int64_t at)
{
    struct invoices w;

    invoices_begin(cx->arena, &w, 1);
    invoices_add(cx, &w, r, c->charge_id, c->account_id, c->catalog_version, at);
    return invoices_write(cx, &w, by->series);
}

enum status side_late(struct ctx *cx, const struct issuer *by, const struct charge *c, int64_t at)
{
    struct refund_order const order = {
        .account_id = c->account_id,
        .charge_id = c->charge_id,
        .to = REFUND_TO_METHOD,
        .circumstance = REFUND_LATE_CAPTURE,
        .rule = "late_capture",
        .key = id_text("chg", c->charge_id, arena_alloc(cx->arena, ID_TEXT)),
        .at = at,
        .by = by};

    return refund_order(cx, &order, NULL);
}

enum status side_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, const struct settled *s)
{
    TRY(settle_book(cx, c, s));
    TRY(errand_drop(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id));
    return c->kind == CHARGE_CHANGE ? change_captured(cx, by, t, c, s->at)
                                    : slot_captured(cx, by, t, c, s->at);
}

/* A change that was not paid is over; a slot's charge may be tried again. */
enum status side_failed(struct ctx *cx, struct trouble *t, struct charge *c,
                        const struct settled *s, const char *code)
{
    TRY(charge_fail(cx, NULL, .charge_id = c->charge_id, .code = code, .attempts = s->attempts));
    TRY(settle_unwant(cx, c->charge_id));
    TRY(errand_drop(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id));
    TRY(spend_undo(cx, c, s->at));
    if (c->kind == CHARGE_SLOT) return slot_failed(cx, t, c, code, s->at);
    TRY(charge_close(cx, NULL, .charge_id = c->charge_id, .charge_state = CHARGE_CANCELED,
                     .credit_note_id = 0));
    return change_failed(cx, t, c, code, s->at);
}

/* Nothing else waits for it: the membership goes on, and only look-ups end the doubt. */
enum status side_unknown(struct ctx *cx, const struct charge *c, const struct settled *s)
{
    TRY(charge_doubt(cx, NULL, .charge_id = c->charge_id));
    TRY(settle_unwant(cx, c->charge_id));
    return errand_plan_once(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id,
                            s->at + cx->settings->look_up_minutes * 60000);
}
