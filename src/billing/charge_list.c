/* charge_list: lays history and explanations out for clients.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/charge_list.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/reach.h"

enum { CHARGES_SHOWN = 24 };

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static const char *currency(const struct evidence_fact *f)
{
    return f->kind == FACT_MONEY ? f->text : "";
}

const struct charge_view_change *changes_view(struct arena *a, const char *locale,
                                              const struct evidence *e, size_t n)
{
    struct charge_view_change *list = arena_array(a, struct charge_view_change, n + 1);

    for (size_t i = 0; i < n; i++) {
        const struct evidence_fact *old = &e[i].old, *new_ = &e[i].new_;

        list[i] = (struct charge_view_change){
            .name = e[i].name,
            .kind = fact_kinds.at[new_->kind ? new_->kind : old->kind],
            .old = explain_value(a, old),
            .new_ = explain_value(a, new_),
            .old_currency = currency(old),
            .new_currency = currency(new_),
            .old_since = old->since_day ? day_text(old->since_day, arena_alloc(a, DAY_TEXT)) : "",
            .new_since = new_->since_day ? day_text(new_->since_day, arena_alloc(a, DAY_TEXT)) : "",
            .old_text = explain_fact(a, locale, old),
            .new_text = explain_fact(a, locale, new_)};
    }
    return list;
}

static const struct charge_view_line *lines(struct ctx *cx, const struct history_row *r)
{
    struct charge_view_line *list = arena_array(cx->arena, struct charge_view_line, r->n_lines + 1);

    for (size_t i = 0; i < r->n_lines; i++) {
        const struct history_line *l = &r->lines[i];

        list[i] = (struct charge_view_line){line_kinds.at[l->line_kind],
                                            l->item,
                                            date(cx, l->effective_day),
                                            l->unit_minor,
                                            l->rate_ppm,
                                            l->amount_minor};
    }
    return list;
}

static const struct charge_view_attempt *attempts(struct ctx *cx, const struct history_row *r)
{
    struct charge_view_attempt *list =
        arena_array(cx->arena, struct charge_view_attempt, r->n_tries + 1);

    for (size_t i = 0; i < r->n_tries; i++) {
        const struct history_attempt *t = r->tries[i].attempt;

        list[i] = (struct charge_view_attempt){
            r->tries[i].method, instant_text(t->sent_at, arena_alloc(cx->arena, INSTANT_TEXT)),
            t->outcome,         t->code,
            t->meaning,         r->tries[i].round};
    }
    return list;
}

static const struct charge_view_part *paid_by(struct ctx *cx, const struct history_row *r,
                                              size_t *n)
{
    int64_t const rest = r->charge->total_minor - r->charge->credit_minor;
    struct charge_view_part *list = arena_array(cx->arena, struct charge_view_part, r->n_parts + 2);

    *n = 0;
    for (size_t i = 0; i < r->n_parts; i++)
        list[(*n)++] =
            (struct charge_view_part){r->parts[i].kind, r->parts[i].card, r->parts[i].minor};
    if (rest > 0 && r->charge->charge_state == CHARGE_CAPTURED)
        list[(*n)++] = (struct charge_view_part){r->method, "", rest};
    return list;
}

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static const struct charge_view_refund *refunds(struct ctx *cx, const struct history_row *r)
{
    struct charge_view_refund *list =
        arena_array(cx->arena, struct charge_view_refund, r->n_refunds + 1);

    for (size_t i = 0; i < r->n_refunds; i++) {
        const struct refund *f = r->refunds[i];

        list[i] = (struct charge_view_refund){
            .refund = id_text("rfd", f->refund_id, arena_alloc(cx->arena, ID_TEXT)),
            .to = refund_targets.at[f->refund_to],
            .state = refund_states.at[f->refund_state],
            .circumstance = refund_circumstances.at[f->circumstance],
            .rule = f->rule,
            .decided_at = instant(cx, f->decided_at),
            .done_at = instant(cx, f->done_at),
            .amount_minor = f->amount_minor};
    }
    return list;
}

static const struct charge_view_note *credit_notes(struct ctx *cx, const struct history_row *r)
{
    struct charge_view_note *list = arena_array(cx->arena, struct charge_view_note, r->n_notes + 1);

    for (size_t i = 0; i < r->n_notes; i++) {
        const struct history_credit_note *n = r->notes[i].note;

        list[i] = (struct charge_view_note){r->notes[i].reference, r->notes[i].number,
                                            charge_causes.at[n->cause], instant(cx, n->issued_at),
                                            -n->total_minor};
    }
    return list;
}

void charge_view(struct ctx *cx, const char *locale, const struct history_row *r,
                 struct charge_view *out)
{
    const struct history_charge *c = r->charge;

    *out = (struct charge_view){
        .reference = r->reference,
        .invoice = r->invoice_number,
        .credit_note = r->credit_note,
        .descriptor = cx->settings->statement_descriptor,
        .kind = charge_kinds.at[c->kind],
        .cause = charge_causes.at[c->cause],
        .state = charge_states.at[c->charge_state],
        .recovered_by = recoveries.at[c->recovered_by],
        .date = date(cx, c->due_on_day),
        .period_start = date(cx, c->period_start_day),
        .period_end = date(cx, c->period_end_day),
        .initiated = date(cx, r->initiated_day),
        .captured = date(cx, r->captured_day),
        .expected_on_statement_by = date(cx, r->expected_day),
        .plan = c->plan,
        .biller = r->facts.biller,
        .method = r->method,
        .currency = c->currency,
        .net_minor = c->net_minor,
        .tax_minor = c->tax_minor,
        .total_minor = c->total_minor,
        .refunded_minor = r->refunded_minor,
        .dispute = r->dispute ? dispute_states.at[r->dispute->dispute_state] : "",
        .refunds = refunds(cx, r),
        .n_refunds = r->n_refunds,
        .credit_notes = credit_notes(cx, r),
        .n_credit_notes = r->n_notes,
        .lines = lines(cx, r),
        .n_lines = r->n_lines,
        .attempts = attempts(cx, r),
        .n_attempts = r->n_tries,
        .changes = changes_view(cx->arena, locale, r->changes, r->n_changes),
        .n_changes = r->n_changes,
    };
    out->paid_by = paid_by(cx, r, &out->n_paid_by);
}

enum status charge_list(struct ctx *cx, const struct catalog *c, const struct charges_ask *in,
                        struct charges_view *out)
{
    size_t const limit = in->limit ? (size_t)in->limit : CHARGES_SHOWN;
    struct history_page page;
    char id[ID_TEXT];
    int64_t before = 0;

    if (in->before && (!id_parse("chg", in->before, &before) || before == 0))
        return fail(cx->err, &EXPLAIN_NO_CHARGE, "before");
    TRY(history_load_page(cx, in->account_id, before, limit, &page));
    if (!page.found) return fail(cx->err, &EXPLAIN_NO_CHARGE, "before");
    const struct history *h = &page.history;
    size_t const n = h->n - page.first;
    struct charge_view *list = arena_array(cx->arena, struct charge_view, n + 1);
    for (size_t i = 0; i < n; i++)
        charge_view(cx, h->account.locale, &h->rows[h->n - 1 - i], &list[i]);
    *out =
        (struct charges_view){.member = arena_strdup(cx->arena, id_text("mem", in->account_id, id)),
                              .time_zone = h->account.zone,
                              .date_note = BANK_DATE_NOTE,
                              .charges = list,
                              .n = n,
                              .next = page.more ? list[n - 1].reference : ""};
    if (before || !(page.partner_periods || is_partner_billed(&h->membership))) return OK;
    return biller_periods(cx, c, &h->membership, h->account.locale, &out->billed_by,
                          &out->n_billed_by);
}

const struct charge_cause_view *charge_causes_view(struct ctx *cx, const char *locale,
                                                   const struct causes *from)
{
    struct charge_cause_view *list = arena_array(cx->arena, struct charge_cause_view, from->n + 1);

    for (size_t i = 0; i < from->n; i++) {
        const struct cause *c = &from->at[i];

        list[i] = (struct charge_cause_view){explain_causes.at[c->cause],
                                             explain_text(cx->arena, locale, c->cause),
                                             changes_view(cx->arena, locale, c->at, c->n), c->n};
    }
    return list;
}

/* What a person who asks about this charge can do next. */
static const char *next_step(const struct explanation *x)
{
    for (size_t i = 0; i < x->causes.n; i++)
        if (x->causes.at[i].cause == WHY_UNKNOWN) return "guide.unknown_charge";
    if (x->row->charge->charge_state == CHARGE_FAILED) return "method.update";
    return "none";
}

enum status charge_explain(struct ctx *cx, const struct catalog *c, const struct charge_ask *in,
                           struct charge_answer *out)
{
    struct charge_view *view = arena_new(cx->arena, struct charge_view);
    struct explanation x;
    struct trouble t;
    struct rated next;
    int64_t credit;

    TRY(explain_own(cx, in->account_id, in->reference, &x));
    const char *locale = in->locale ? in->locale : x.history.account.locale;
    charge_view(cx, locale, x.row, view);
    *out = (struct charge_answer){.charge = view,
                                  .n_charge = 1,
                                  .compared_with = x.before ? x.before->reference : "",
                                  .causes = charge_causes_view(cx, locale, &x.causes),
                                  .n_causes = x.causes.n,
                                  .catalog_version = x.row->charge->catalog_version,
                                  .reproduced = x.reproduced,
                                  .next_charge = "",
                                  .next_step = next_step(&x)};
    enum status const st = billing_preview(cx, c, in->account_id, &next);
    if (st == E_CONFLICT) return OK; /* nothing is planned */
    TRY(st);
    out->next_charge = date(cx, next.start_day);
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(reach_next(cx, &t, &next, &credit));
    out->next_minor = next.total_minor;
    out->next_method_minor = next.total_minor - credit;
    return OK;
}
