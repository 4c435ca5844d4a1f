/* retire_choice: its owner chooses a plan's successor. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire.h"

#include <string.h>

#include "billing/biller.h"
#include "billing/retiring.h"

static enum status load_asked(struct ctx *cx, const struct catalog *c, int64_t account_id,
                              struct retiring *r)
{
    TRY(retiring_load_open(cx, c, account_id, r));
    if (!r->country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    return r->row ? OK : fail(cx->err, &RETIRE_NONE, NULL);
}

enum status plan_choices(struct ctx *cx, const struct catalog *c, const struct change_ref *in,
                         struct retire_view *out)
{
    struct retiring r;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(load_asked(cx, c, in->account_id, &r));
    TRY(retiring_show(cx, &r, out));
    return tx_commit(&tx);
}

static enum status refuse(struct ctx *cx, const struct retiring *r)
{
    const struct membership *m = &r->t.m;

    if (is_partner_billed(m)) return fail(cx->err, &CHANGE_BY_PARTNER, NULL);
    if (m->state == M_GRACE || m->state == M_HOLD) return fail(cx->err, &CHANGE_ON_HOLD, NULL);
    if (m->state != M_ACTIVE && m->state != M_PAUSED) return fail(cx->err, &CHANGE_NOT_NOW, NULL);
    TRY(change_at_rest(cx, m->account_id));
    bool const due = m->state == M_ACTIVE && (r->t.exists || m->due_at <= cx->now);
    return due ? fail(cx->err, &CHANGE_RENEWAL_DUE, NULL) : OK;
}

static enum status find_choice(struct ctx *cx, const struct retiring *r, const char *text,
                               const struct plan **out)
{
    const struct plan *p = *out = catalog_plan_named(r->c, text);

    if (!p) return fail(cx->err, &PLAN_UNKNOWN, "plan");
    if (strcmp(p->code, r->row->plan) == 0) return fail(cx->err, &CHANGE_SAME_PLAN, "plan");
    if (retiring_offers(r, p)) return OK;
    return fail(cx->err, plan_open(p, r->start_day) ? &CHANGE_PLAN_NOT_HERE : &CHANGE_PLAN_CLOSED,
                "plan");
}

/* What is chosen is kept with who chose it, for the change is made when nobody asks (SPEC A-06). */
static enum status store_choice(struct ctx *cx, const struct membership *m, struct retirement *row)
{
    const struct actor *by = &cx->actor;

    row->chosen_at = cx->now;
    row->actor_role = by->role;
    row->actor_id = by->id;
    row->actor_surface = by->surface;
    row->device = text_or_empty(by->device);
    row->network = text_or_empty(by->network);
    return retirement_choose(
        cx, NULL, .account_id = m->account_id, .plan = row->plan, .chosen_plan = row->chosen_plan,
        .chosen_at = row->chosen_at, .actor_role = row->actor_role, .actor_id = row->actor_id,
        .actor_surface = row->actor_surface, .device = row->device, .network = row->network);
}

enum status plan_choose(struct ctx *cx, const struct catalog *c, const struct change_plan *in,
                        struct retire_view *out)
{
    struct retire_choice shown;
    const struct plan *to;
    struct retiring r;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load_asked(cx, c, in->account_id, &r));
    TRY(refuse(cx, &r));
    TRY(find_choice(cx, &r, in->plan, &to));
    TRY(retiring_show_choice(cx, &r, to, &shown));
    if ((shown.n_losses || shown.n_slots) && !in->accept_losses)
        return fail(cx->err, &CHANGE_LOSSES, "accept_losses");
    r.row->chosen_plan = to->code;
    if (!shown.chosen) TRY(store_choice(cx, &r.t.m, r.row));
    if (retiring_is_time(&r, cx->now)) TRY(retiring_move(cx, &r, to));
    TRY(retiring_show(cx, &r, out));
    return tx_commit(&tx);
}

enum status retire_forget_choice(struct ctx *cx, const struct membership *m)
{
    struct retirement *row;

    TRY(retiring_find(cx, m->account_id, m->plan, &row));
    if (!row || !*row->chosen_plan) return OK;
    return retirement_choose(cx, NULL, .account_id = m->account_id, .plan = row->plan,
                             .chosen_plan = "", .chosen_at = 0, .actor_role = ROLE_SYSTEM,
                             .actor_surface = SURFACE_NONE, .device = "", .network = "");
}
