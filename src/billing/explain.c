/* explain: finds the charge and what to compare it with; explain_rules judges.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/explain.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/billing.h"
#include "billing/change_who.h"
#include "billing/reach.h"
#include "billing/retire.h"
#include "billing/side.h"

const struct fault EXPLAIN_NO_CHARGE = {
    E_NOT_FOUND, "charge.unknown",
    "There is no such charge; take its reference, chg_…, from the member's history."};

char *explain_text(struct arena *a, const char *locale, enum explain_cause cause)
{
    return message_of(a, locale, "why", explain_causes.at[cause]);
}

const char *explain_value(struct arena *a, const struct evidence_fact *f)
{
    switch (f->kind) {
    case FACT_NONE: return "";
    case FACT_WORD:
    case FACT_TEXT: return f->text;
    case FACT_DATE: return day_text(f->number, arena_alloc(a, DAY_TEXT));
    case FACT_COUNT:
    case FACT_MONEY:
    case FACT_RATE: return arena_printf(a, "%lld", (long long)f->number);
    }
    return "";
}

static const char *plain(struct arena *a, const char *locale, const struct evidence_fact *f)
{
    switch (f->kind) {
    case FACT_WORD: return message_of(a, locale, "fact", f->text);
    case FACT_DATE: return locale_date(a, locale, f->number);
    case FACT_MONEY: return locale_money(a, locale, f->number, f->text);
    case FACT_RATE: return locale_rate(a, locale, f->number);
    case FACT_NONE:
    case FACT_TEXT:
    case FACT_COUNT: break;
    }
    return explain_value(a, f);
}

const char *explain_fact(struct arena *a, const char *locale, const struct evidence_fact *f)
{
    const char *text = plain(a, locale, f);

    if (f->kind == FACT_NONE || !f->since_day) return text;
    return MESSAGE(a, locale, "fact.since", text, locale_date(a, locale, f->since_day));
}

enum status explain_find(struct ctx *cx, const char *reference, int64_t *charge_id,
                         int64_t *account_id)
{
    struct charge_owner_row owner;
    struct invoice_owner_row invoice;

    if (id_parse("inv", reference, charge_id)) {
        TRY(invoice_owner(cx, &invoice, &EXPLAIN_NO_CHARGE, .invoice_id = *charge_id));
        if (invoice.credits_id) *charge_id = invoice.credits_id;
    } else if (!id_parse("chg", reference, charge_id)) {
        return fail(cx->err, &EXPLAIN_NO_CHARGE, "reference");
    }
    TRY(charge_owner(cx, &owner, &EXPLAIN_NO_CHARGE, .charge_id = *charge_id));
    *account_id = owner.account_id;
    return OK;
}

/* Lines of a rated period as facts. */
static void take_lines(struct charge_facts *f, const struct rated *r, struct arena *a)
{
    struct line_facts *lines = arena_array(a, struct line_facts, r->n_lines + 1);

    for (size_t i = 0; i < r->n_lines; i++) {
        const struct rated_line *l = &r->lines[i];

        lines[i] = (struct line_facts){l->kind,     l->item,          l->unit_minor,
                                       l->rate_ppm, l->effective_day, l->amount_minor};
    }
    f->lines = lines;
    f->n_lines = r->n_lines;
}

/* The slots that a charge was for, and a day on which all its prices were in force. */
static void take_choices(const struct charge_facts *f, struct rate_in *in)
{
    for (size_t i = 0; i < f->n_lines; i++) {
        const struct line_facts *l = &f->lines[i];
        int64_t const slot = l->kind == LINE_SLOT ? slot_of_item(l->item) : 0;

        if (slot) in->slots |= INT64_C(1) << (slot - 1);
        if (l->kind != LINE_TAX && l->effective_day > in->prices.known_day)
            in->prices.known_day = l->effective_day;
    }
}

static const char *plan_name(const struct catalog *c, const char *code)
{
    const struct plan *plan = catalog_plan(c, code);
    return plan ? plan->name : code;
}

static void rate_renewal(const struct catalog *catalog, struct explanation *x, struct rated *out)
{
    const struct history_charge *c = x->row->charge;
    struct rate_in in = history_asked_with(&x->history, c);

    if (c->invoiced) {
        in.slots = 0;
        in.prices = (struct price_terms){0};
        take_choices(&x->row->facts, &in);
    }
    in.first = c->term == 1 && c->k == 0;
    in.recovered = x->row->facts.recovered && c->k == 0;
    if (rate_period(catalog, &in, out)) *out = (struct rated){0};
}

/* By the arithmetic that billed it. */
static enum status rate_side(struct ctx *cx, const struct catalog *catalog,
                             const struct explanation *x, struct charge_facts *facts,
                             struct rated *out)
{
    const struct history_charge *c = x->row->charge;
    struct side_ask const ask = {x->history.account.account_id, (enum charge_kind)c->kind,
                                 c->subject, c->country, c->region};
    struct side_rated side;

    enum status const s = side_rate(cx, catalog, &ask, &side);
    facts->plan_before = side.plan_before;
    facts->share = side.share;
    *out = side.rated;
    if (s != E_NOT_FOUND && s != E_CONFLICT) return s;
    *out = (struct rated){0}; /* its catalog, or its own row, is not what it was */
    return OK;
}

/* Asks the version that produced the charge again; what is not invoiced yet has its lines from
 * there. */
static enum status reproduce(struct ctx *cx, struct explanation *x, struct charge_facts *facts)
{
    const struct history_charge *c = x->row->charge;
    const struct catalog *catalog;
    struct rated rated;

    TRY(catalog_load(cx, c->catalog_version, &catalog));
    x->plan_name = plan_name(catalog, c->plan);
    if (c->kind == CHARGE_RENEWAL)
        rate_renewal(catalog, x, &rated);
    else
        TRY(rate_side(cx, catalog, x, facts, &rated));
    if (!rated.country) return OK;
    x->reproduced_minor = rated.total_minor;
    x->reproduced =
        rated.total_minor == c->total_minor && (!c->invoiced || rated.tax_minor == c->tax_minor);
    if (!c->invoiced) take_lines(facts, &rated, cx->arena);
    return OK;
}

/* A charge that was begun after it was due, and the lock in between, if there was one. */
static enum status take_lock(struct ctx *cx, const struct explanation *x, struct charge_facts *f)
{
    struct history_lock *rows;
    int64_t locked_day = 0;
    size_t n;

    if (f->begun_day <= f->due_day) return OK;
    TRY(history_locks(cx, &rows, &n, .account_id = x->history.account.account_id, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        int64_t const day = zone_day(x->history.zone, rows[i].happened_at);

        if (rows[i].event == MEV_LOCK)
            locked_day = day;
        else if (locked_day && locked_day <= f->begun_day && day > f->due_day) {
            f->locked_day = locked_day;
            f->unlocked_day = day;
            return OK;
        }
    }
    return OK;
}

/* It was wanted when it was due and no method could be tried, as a bank disputed what one has paid.
 */
static bool was_held_back(const struct history_row *r)
{
    if (r->n_tries) return r->facts.begun_day > r->initiated_day;
    return strcmp(r->charge->code, METHOD_UNUSABLE) == 0;
}

static void take_dispute(const struct explanation *x, struct charge_facts *f)
{
    const struct history *h = &x->history;

    if (!was_held_back(x->row)) return;
    for (size_t i = 0; i < h->n && !f->disputed_day; i++) {
        const struct dispute *d = h->rows[i].dispute;

        if (!d || d->opened_at > x->row->charge->wanted_at ||
            (d->closed_at && d->closed_at <= x->row->charge->wanted_at))
            continue;
        f->disputed_day = zone_day(h->zone, d->opened_at);
        f->settled_day = d->closed_at ? zone_day(h->zone, d->closed_at) : 0;
    }
}

/* When the pause began that it ended. */
static enum status take_pause(struct ctx *cx, const struct explanation *x, struct charge_facts *f)
{
    struct history_pause *rows;
    size_t n;

    if (!f->resumed) return OK;
    TRY(history_pauses(cx, &rows, &n, .account_id = x->history.account.account_id, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        int64_t const day = zone_day(x->history.zone, rows[i].happened_at);

        if (day <= f->due_day) f->paused_day = day;
    }
    return OK;
}

/* The card as it was when it was charged: what came later is not counted, and what no event says is
 * as it is now, or was when its method became another one. */
static enum status take_card(struct ctx *cx, const struct explanation *x, struct charge_facts *f)
{
    const struct history_charge *c = x->row->charge;
    const struct history_card *is = NULL, *was = NULL;
    struct history_card *rows;
    int64_t sent_at = c->captured_at;
    size_t n;

    if (!c->captured_at || !c->method_id || !c->expiry_month) return OK;
    if (x->row->n_tries) sent_at = x->row->tries[x->row->n_tries - 1].attempt->sent_at;
    TRY(history_cards(cx, &rows, &n, .account_id = x->history.account.account_id,
                      .method_id = c->copy_of ? c->copy_of : c->method_id, .max = 1000));
    for (size_t i = 0; i < n && rows[i].happened_at <= sent_at; i++) was = is, is = &rows[i];
    if (!is && n && !c->copy_of) return OK; /* nobody knows what it was before */
    int64_t const month = is ? is->expiry_month : c->expiry_month;
    int64_t const sent_day = zone_day(x->history.zone, sent_at);
    f->card = (struct card_facts){
        .last4 = is ? is->last4 : c->last4,
        .last4_before = was ? was->last4 : "",
        .expires = month_text(month, arena_alloc(cx->arena, MONTH_TEXT)),
        .expires_before =
            was ? month_text(was->expiry_month, arena_alloc(cx->arena, MONTH_TEXT)) : "",
        .expired = month && month < month_of(sent_day)};
    if (is && strcmp(is->happened, "network_updated") == 0)
        f->card.updated_day = zone_day(x->history.zone, is->happened_at);
    return OK;
}

enum status explain_own(struct ctx *cx, int64_t account_id, const char *reference,
                        struct explanation *out)
{
    struct charge_facts facts;
    int64_t id;

    *out = (struct explanation){0};
    if ((!id_parse("inv", reference, &id) && !id_parse("chg", reference, &id)) || id == 0)
        return fail(cx->err, &EXPLAIN_NO_CHARGE, "reference");
    TRY(history_load(cx, account_id, &out->history));
    for (size_t i = 0; i < out->history.n; i++)
        if (out->history.rows[i].charge->charge_id == id ||
            out->history.rows[i].charge->credit_note_id == id) {
            out->row = &out->history.rows[i];
            out->before = history_before(&out->history, i);
        }
    if (!out->row) return fail(cx->err, &EXPLAIN_NO_CHARGE, "reference");
    facts = out->row->facts;
    TRY(reproduce(cx, out, &facts));
    TRY(take_lock(cx, out, &facts));
    take_dispute(out, &facts);
    TRY(take_card(cx, out, &facts));
    TRY(take_pause(cx, out, &facts));
    explain_charge(out->before ? &out->before->facts : NULL, &facts, &out->causes);
    TRY(change_who(cx, &out->history, &facts, &out->causes));
    return retire_explain(cx, account_id, facts.due_day, &out->causes);
}

enum status explain_reference(struct ctx *cx, const char *reference, struct explanation *out)
{
    int64_t charge_id, account_id;

    TRY(explain_find(cx, reference, &charge_id, &account_id));
    return explain_own(cx, account_id, reference, out);
}

/* The next charge is the first of a new term that begins with it: on hold, or after a pause. */
static bool begins_term(const struct membership *m)
{
    return m->state == M_HOLD || m->state == M_PAUSED ||
           (m->state == M_ACTIVE && m->pause_months > 0);
}

/* The period that it is for; a lock may have left some out. */
static int64_t next_k(const struct membership *m, const struct rated *next)
{
    if (begins_term(m)) return 0;
    return m->state == M_GRACE ? m->k : period_on_or_after(m->anchor_day, next->start_day);
}

/* In grace the next charge is the unpaid period; on hold the first of a new term. */
static enum status rated_facts(struct ctx *cx, const struct preview *p, struct charge_facts *f)
{
    const struct membership *m = &p->history.membership;
    bool const begins = begins_term(m);
    bool const runs = m->state == M_ACTIVE || m->state == M_ENDING;
    bool const new_anchor = runs && m->term > 1 && m->k < 0 && !begins;
    const char *term_cause = "";

    if (new_anchor) TRY(membership_term_cause(cx, m->account_id, &term_cause));
    bool const day_moved = strcmp(term_cause, TERM_DAY_MOVED) == 0;
    *f = (struct charge_facts){
        .biller = m->biller,
        .plan = p->next.plan,
        .country = p->next.country->code,
        .region = p->next.region,
        .currency = p->next.currency,
        .kind = CHARGE_RENEWAL,
        .recovered = m->state == M_HOLD,
        .in_vain = m->state == M_HOLD,
        .shifted = new_anchor && !day_moved,
        .moved = day_moved,
        .resumed = begins && m->state != M_HOLD,
        .paused_day = begins && m->state != M_HOLD ? m->period_end_day : 0,
        .term = m->term + begins,
        .k = next_k(m, &p->next),
        .anchor_day = begins ? p->next.start_day : m->anchor_day,
        .due_day = p->next.start_day,
        .total_minor = p->next.total_minor,
        .credit_minor = p->credit_minor,
    };
    take_lines(f, &p->next, cx->arena);
    return OK;
}

static enum status take_credit(struct ctx *cx, struct preview *p)
{
    struct trouble t;

    TRY(trouble_load(cx, p->history.account.account_id, &t));
    return reach_next(cx, &t, &p->next, &p->credit_minor);
}

static bool differs(const struct rated_line *l, const struct line_facts *before)
{
    return !before || before->amount_minor != l->amount_minor ||
           before->unit_minor != l->unit_minor || before->rate_ppm != l->rate_ppm;
}

static void lay_beside(struct preview *p, const struct charge_facts *next)
{
    const struct charge_facts *was = p->before ? &p->before->facts : NULL;

    for (size_t i = 0; i < p->next.n_lines; i++) {
        const struct line_facts *before = was ? facts_line_like(was, &next->lines[i]) : NULL;

        p->lines[p->n_lines++] = (struct preview_line){&p->next.lines[i], before,
                                                       was && differs(&p->next.lines[i], before)};
    }
    for (size_t i = 0; was && i < was->n_lines && p->n_lines < COUNT(p->lines); i++)
        if (!facts_line_like(next, &was->lines[i]))
            p->lines[p->n_lines++] = (struct preview_line){NULL, &was->lines[i], true};
}

enum status explain_next(struct ctx *cx, const struct catalog *c, int64_t account_id,
                         struct preview *out)
{
    const struct membership *m = &out->history.membership;
    const struct fault *waits;
    struct charge_facts next;

    *out = (struct preview){0};
    TRY(history_begin(cx, account_id, &out->history));
    if (is_partner_billed(m)) {
        out->by_partner = true;
        out->plan_name = plan_name(c, m->plan);
        out->date_day = m->period_end_day;
        explain_partner(m->biller, out->date_day, &out->causes);
        return OK;
    }
    TRY(billing_preview(cx, c, account_id, &out->next));
    out->plan_name = plan_name(c, out->next.plan);
    out->date_day = out->next.start_day;
    TRY(take_credit(cx, out));
    TRY(billing_waits(cx, m, out->next.total_minor - out->credit_minor, &waits));
    out->if_paid = waits != NULL;
    TRY(rated_facts(cx, out, &next));
    TRY(history_load_last(cx, next.term, next.k, &out->history));
    out->before = out->history.n ? out->history.rows : NULL;
    explain_charge(out->before ? &out->before->facts : NULL, &next, &out->causes);
    TRY(change_who(cx, &out->history, &next, &out->causes));
    TRY(retire_explain(cx, account_id, next.due_day, &out->causes));
    lay_beside(out, &next);
    return OK;
}
