/* overview: gathers. SPDX-License-Identifier: Apache-2.0 */
#include "billing/overview.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/biller.h"
#include "billing/pending.h"
#include "billing/reach.h"
#include "billing/side.h"
#include "catalog/catalog.h"

const struct names banners = NAMES("none", "grace", "hold", "ending");

enum { TERMS_MAX = 1000 };

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

/* Whether the days of its period are paid for; nothing is yet when its first charge is to come. */
static enum status is_booked(struct ctx *cx, const struct membership *m, bool *booked)
{
    bool ahead;

    TRY(change_paid_ahead(cx, m, &ahead));
    *booked = m->k >= 0 || ahead || (is_partner_billed(m) && m->period_end_day > m->anchor_day);
    return OK;
}

/* A term that was undone has left nothing: what is told is what was before it (SPEC I-05). */
static enum status before_undone(struct ctx *cx, struct membership *m)
{
    struct term_row *terms;
    size_t n;

    if (m->state != M_CANCELED || !m->end_day || m->anchor_day < m->end_day) return OK;
    TRY(terms_of(cx, &terms, &n, .account_id = m->account_id, .max = TERMS_MAX));
    while (n && terms[n - 1].anchor_day >= m->end_day) n--;
    if (!n) return OK;
    int64_t const anchor = terms[n - 1].anchor_day, k = period_on_or_after(anchor, m->end_day) - 1;
    m->anchor_day = anchor;
    m->period_start_day = period_start_day(anchor, k);
    m->period_end_day = period_start_day(anchor, k + 1);
    return OK;
}

/* An earlier deletion that the owner has asked for comes first (SPEC F-20). */
static int64_t kept_until_day(const struct trouble *t)
{
    int64_t const asked = t->account.delete_on_day, kept = t->m.retention_until_day;

    return asked && asked < kept ? asked : kept;
}

static enum status add_membership(struct ctx *cx, const struct trouble *t, struct overview *o)
{
    struct membership shown = t->m, *m = &shown;
    bool booked;

    TRY(before_undone(cx, m));
    o->plan = m->plan;
    o->biller = m->biller;
    o->state = m->state;
    o->standing = state_standing((enum membership_state)m->state);
    o->access = state_has_access((enum membership_state)m->state);
    o->anchor_on = m->anchor_day ? date(cx, m->anchor_day) : "";
    TRY(is_booked(cx, m, &booked));
    o->period_start = booked ? date(cx, m->period_start_day) : "";
    o->period_end = booked ? date(cx, m->period_end_day) : "";
    o->last_day = m->end_day ? date(cx, m->end_day - 1) : "";
    bool const pause = m->pause_months && (m->state == M_ACTIVE || m->state == M_PAUSED);
    o->pause_on = pause ? date(cx, m->period_end_day) : "";
    o->resume_on = pause ? date(cx, pause_until_day(m)) : "";
    o->unfinished_since = m->cancel_started_at ? instant_text(m->cancel_started_at,
                                                              arena_alloc(cx->arena, INSTANT_TEXT))
                                               : "";
    o->kept_until = kept_until_day(t) ? date(cx, kept_until_day(t)) : "";
    return OK;
}

static enum status add_biller(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                              struct overview *o)
{
    const struct partner *p = catalog_partner(c, t->m.biller);
    int64_t asked_at;

    o->biller_name = p ? p->name : is_partner_billed(&t->m) ? t->m.biller : "";
    o->to_pay = biller_route(c, t->m.biller, ROUTE_PAYMENT);
    o->to_cancel = biller_route(c, t->m.biller, ROUTE_CANCEL);
    o->to_refund = biller_route(c, t->m.biller, ROUTE_REFUND);
    TRY(biller_cancel_asked(cx, t->m.account_id, &asked_at));
    o->cancel_asked_at =
        asked_at ? instant_text(asked_at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
    return OK;
}

static enum status add_changes(struct ctx *cx, int64_t account_id, struct overview *o)
{
    struct plan_change *rows;

    TRY(plan_changes_of(cx, &rows, &o->n_changes, .account_id = account_id, .max = 100));
    struct plan_event *list = arena_array(cx->arena, struct plan_event, o->n_changes);
    for (size_t i = 0; i < o->n_changes; i++) {
        const struct plan_change *r = &rows[i];

        list[i] = (struct plan_event){
            .change = id_text("pch", r->change_id, arena_alloc(cx->arena, ID_TEXT)),
            .asked_at = instant_text(r->asked_at, arena_alloc(cx->arena, INSTANT_TEXT)),
            .by = roles.at[r->actor_role],
            .surface = surfaces.at[r->actor_surface],
            .device = r->device,
            .network = r->network,
            .from_plan = r->from_plan,
            .to_plan = r->to_plan,
            .effective_on = date(cx, r->effective_day),
            .effect = r->change_effect,
            .state = r->change_state,
            .amount_minor = r->amount_minor,
            .code = r->code,
        };
    }
    o->changes = list;
    return OK;
}

/* The day whose price is paid: of the period that runs, or of the plan that was taken inside it;
 * where none runs, of one that would begin today. */
static int64_t paid_day(struct ctx *cx, const struct trouble *t, const struct overview *o)
{
    int64_t const today = zone_day(t->zone, cx->now);
    bool const runs = o->access && *o->period_start && !is_partner_billed(&t->m);
    int64_t paid = runs ? t->m.period_start_day : today;

    for (size_t i = 0; runs && i < o->n_changes; i++) {
        const struct plan_event *e = &o->changes[i];
        int64_t day;

        if (e->state != CHANGE_DONE || strcmp(e->from_plan, e->to_plan) == 0) continue;
        if (day_parse(e->effective_on, &day) && day > paid && day <= today) paid = day;
    }
    return paid;
}

static void add_price(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                      struct overview *o)
{
    const struct plan *plan = catalog_plan(c, t->m.plan);
    const struct country *country = catalog_country(c, t->account.country);

    o->plan_name = plan ? plan->name : t->m.plan;
    o->price_minor = trouble_price(c, t, paid_day(cx, t, o));
    o->tax_mode = country ? country->tax_mode : 0;
}

static enum status add_next(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                            struct overview *o)
{
    const struct membership *m = &t->m;
    const struct fault *why;
    struct rated r;

    o->next_charge_on = o->next_problem = "";
    enum status const s = billing_preview(cx, c, m->account_id, &r);
    if (s != OK) {
        o->next_problem = cx->err->fault->code;
        return s == E_NOT_FOUND || s == E_CONFLICT || s == E_INVALID ? OK : s;
    }
    TRY(reach_next(cx, t, &r, &o->next_credit_minor));
    o->next_method_minor = r.total_minor - o->next_credit_minor;
    TRY(billing_waits(cx, m, o->next_method_minor, &why));
    if (why)
        o->next_problem = why->code;
    else
        o->next_charge_on = date(cx, r.start_day);
    o->next_net_minor = r.net_minor;
    o->next_tax_minor = r.tax_minor;
    o->next_total_minor = r.total_minor;
    struct overview_tax *taxes = arena_array(cx->arena, struct overview_tax, r.n_lines);
    for (size_t i = 0; i < r.n_lines; i++)
        if (r.lines[i].kind == LINE_TAX)
            taxes[o->n_taxes++] = (struct overview_tax){r.lines[i].item, r.lines[i].rate_ppm,
                                                        r.lines[i].amount_minor};
    o->taxes = taxes;
    return OK;
}

static enum status add_slots(struct ctx *cx, const struct trouble *t, struct overview *o)
{
    struct slot_view *all;
    size_t n;

    TRY(slot_list(cx, &t->m, zone_day(t->zone, cx->now), &all, &n));
    for (size_t i = 0; i < n; i++)
        if (all[i].alive) all[o->n_slots++] = all[i];
    o->slots = all;
    return OK;
}

static enum status add_consents(struct ctx *cx, int64_t account_id, struct overview *o)
{
    struct consent *rows;

    TRY(consent_list(cx, account_id, &rows, &o->n_consents));
    struct overview_consent *list = arena_array(cx->arena, struct overview_consent, o->n_consents);
    for (size_t i = 0; i < o->n_consents; i++)
        list[i] = (struct overview_consent){
            rows[i].text_version,
            instant_text(rows[i].consented_at, arena_alloc(cx->arena, INSTANT_TEXT)),
            rows[i].surface, rows[i].source_op, date(cx, rows[i].keep_until_day)};
    o->consents = list;
    return OK;
}

static enum status add_banner(struct ctx *cx, const struct trouble *t, struct overview *o)
{
    bool const grace = t->m.state == M_GRACE, hold = t->m.state == M_HOLD;

    o->banner = grace                    ? BANNER_GRACE
                : hold                   ? BANNER_HOLD
                : t->m.state == M_ENDING ? BANNER_ENDING
                                         : BANNER_NONE;
    bool const unpaid = t->exists && (grace || hold);
    o->unpaid_since = unpaid ? date(cx, t->d.debt_day) : "";
    o->grace_until = unpaid && grace ? date(cx, t->d.grace_until_day) : "";
    o->hold_until = unpaid ? date(cx, t->d.hold_until_day) : "";
    o->held_back = "";
    return unpaid ? trouble_held_back(cx, t, &o->held_back) : OK;
}

enum status overview_get(struct ctx *cx, const struct catalog *c, const struct overview_get *in,
                         struct overview *out)
{
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(trouble_load(cx, in->account_id, &t));
    *out = (struct overview){
        .member = id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .external_id = t.account.external_id,
        .country = t.account.country,
        .currency = t.account.currency,
        .time_zone = t.account.zone,
        .date_note = BANK_DATE_NOTE,
    };
    TRY(add_membership(cx, &t, out));
    TRY(add_biller(cx, c, &t, out));
    TRY(add_changes(cx, in->account_id, out));
    add_price(cx, c, &t, out);
    TRY(add_next(cx, c, &t, out));
    TRY(add_banner(cx, &t, out));
    TRY(temporary_load(cx, in->account_id, &out->temporary, &out->n_temporary));
    out->next_plan = t.m.next_plan;
    TRY(add_slots(cx, &t, out));
    TRY(add_consents(cx, in->account_id, out));
    return tx_commit(&tx);
}
