/* preview: lays the next charge out. SPDX-License-Identifier: Apache-2.0 */
#include "billing/preview.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static const struct preview_view_line *lines(struct ctx *cx, const struct preview *p)
{
    struct preview_view_line *out = arena_array(cx->arena, struct preview_view_line, p->n_lines);

    for (size_t i = 0; i < p->n_lines; i++) {
        const struct rated_line *l = p->lines[i].next;
        const struct line_facts *was = p->lines[i].before;

        out[i] = (struct preview_view_line){
            .kind = line_kinds.at[l ? l->kind : was->kind],
            .item = l ? l->item : was->item,
            .since = date(cx, l ? l->effective_day : was->effective_day),
            .unit_minor = l ? l->unit_minor : 0,
            .rate_ppm = l ? l->rate_ppm : 0,
            .amount_minor = l ? l->amount_minor : 0,
            .before_minor = was ? was->amount_minor : 0,
            .differs = p->lines[i].differs,
        };
    }
    return out;
}

enum status preview_next(struct ctx *cx, const struct catalog *c, const struct preview_ask *in,
                         struct preview_view *out)
{
    struct preview p;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(explain_next(cx, c, in->account_id, &p));
    *out = (struct preview_view){
        .member = id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .date = date(cx, p.date_day),
        .date_note = BANK_DATE_NOTE,
        .by_partner = p.by_partner,
        .if_paid = p.if_paid,
        .plan = p.by_partner ? p.history.membership.plan : p.next.plan,
        .plan_name = p.plan_name,
        .currency = p.by_partner ? p.history.account.currency : p.next.currency,
        .net_minor = p.next.net_minor,
        .tax_minor = p.next.tax_minor,
        .total_minor = p.next.total_minor,
        .credit_minor = p.credit_minor,
        .method_minor = p.next.total_minor - p.credit_minor,
        .compared_with = p.before ? p.before->reference : "",
        .before_minor = p.before ? p.before->charge->total_minor : 0,
        .lines = lines(cx, &p),
        .n_lines = p.n_lines,
        .causes =
            charge_causes_view(cx, in->locale ? in->locale : p.history.account.locale, &p.causes),
        .n_causes = p.causes.n,
    };
    return tx_commit(&tx);
}
