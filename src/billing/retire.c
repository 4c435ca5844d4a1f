/* retire: finds, tells, asks, and acts without an answer. SPDX-License-Identifier: Apache-2.0 */
#include "billing/retire.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/errand.h"
#include "billing/pending.h"
#include "billing/side.h"
#include "db/outbox.h"
#include "retire_sql.h"

const struct names retire_default_actions = NAMES("move", "end");

const struct fault RETIRE_NONE = {
    E_CONFLICT, "retire.none",
    "The plan of this membership is not being retired; membership.change_plan changes it."};
const struct fault RETIRE_PLAN_OVER = {
    E_CONFLICT, "retire.plan_over",
    "The plan of this membership is retired; choose one that plan.list shows as open."};
const struct fault RETIRE_ENDS = {
    E_CONFLICT, "retire.ends",
    "No further charge is planned: the plan is retired and the membership ends with it, unless "
    "another plan is chosen with membership.choose_plan."};

enum { ROWS_MAX = 100, FIND_AHEAD_DAYS = 31, HOUR_IN_MS = 3600000 };

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

static bool is_direct(const struct membership *m)
{
    return strcmp(m->biller, "direct") == 0;
}

/* The retirement of a plan, while it concerns the member; NULL: there is none. */
static enum status find_open(struct ctx *cx, int64_t account_id, const char *plan,
                             struct retirement **out)
{
    struct retirement *rows;
    size_t n;

    TRY(retirement_open(cx, &rows, &n, .account_id = account_id, .plan = plan, .max = 1));
    *out = n ? rows : NULL;
    return OK;
}

/* The first date on which a period of the member's may start without the plan. While a payment has
 * failed for good that is any date. */
static int64_t first_start(const struct trouble *t, int64_t applies_day, int64_t next_k)
{
    bool const pauses = t->m.state == M_PAUSED || (t->m.state == M_ACTIVE && t->m.pause_months);
    int64_t const anchor = pauses ? pause_until_day(&t->m) : t->m.anchor_day;
    int64_t const next = pauses ? 0 : next_k;
    int64_t const k = period_on_or_after(anchor, applies_day);

    if (t->m.state == M_HOLD) return applies_day;
    return period_start_day(anchor, k > next ? k : next);
}

static int64_t prices_on(const struct trouble *t, int64_t day)
{
    struct price_terms const p = {t->m.price_known_day, t->m.price_new_day, t->m.price_from_day};

    return price_day(&p, day);
}

/* ---- what can be chosen ---- */

/* A retirement as it stands for one member. */
struct retiring {
    const struct catalog *c;
    const struct country *country;
    struct trouble t;
    struct retirement *row;
    int64_t next_k;    /* the next period that is booked */
    int64_t start_day; /* of the first period without the plan */
};

/* What takes the place of the plan; NULL: nothing, and the membership ends. A plan that has gone
 * since it was announced or chosen cannot. */
static const struct plan *place_of(const struct retiring *r)
{
    const char *const chosen = SABOTAGE("choice_forgotten") ? "" : r->row->chosen_plan;
    const char *const wanted[] = {chosen, r->row->to_plan};

    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct plan *p = *wanted[i] ? catalog_plan(r->c, wanted[i]) : NULL;

        if (p && country_price(r->country, p->code, NULL, prices_on(&r->t, r->start_day))) return p;
    }
    return NULL;
}

static bool is_choice(const struct retiring *r, const struct plan *p)
{
    if (strcmp(p->code, r->row->plan) == 0) return false;
    return strcmp(p->code, r->row->to_plan) == 0 ||
           retire_offers(r->country, p, r->start_day, prices_on(&r->t, r->start_day));
}

static int64_t total_of(const struct retiring *r, const struct plan *p, int64_t lost)
{
    struct rate_in in = trouble_rate_in(&r->t);
    struct rated rated;

    in.plan = p->code;
    in.slots &= ~lost;
    in.anchor_day = r->start_day;
    return rate_period(r->c, &in, &rated) ? 0 : rated.total_minor;
}

static enum status show_choice(struct ctx *cx, const struct retiring *r, const struct plan *p,
                               struct retire_choice *out)
{
    const struct plan *from = catalog_plan(r->c, r->row->plan);
    int64_t const day = prices_on(&r->t, r->start_day);
    int64_t const lost = slots_lost(r->country, p, r->t.m.slots, day);
    struct loss *losses = arena_array(cx->arena, struct loss, LOSSES_MAX);
    struct slot_loss *slots = arena_array(cx->arena, struct slot_loss, SLOTS_MAX);
    const struct price *price = country_price(r->country, p->code, NULL, day);

    *out = (struct retire_choice){
        .plan = p->code,
        .name = p->name,
        .price_minor = price ? price->amount_minor : 0,
        .total_minor = total_of(r, p, lost),
        .is_default = strcmp(p->code, r->row->to_plan) == 0,
        .chosen = strcmp(p->code, r->row->chosen_plan) == 0,
        .losses = losses,
        .slots = slots,
    };
    if (from) out->n_losses = change_losses(from, p, cx->arena, losses);
    return slots_lose(cx, r->t.m.account_id, lost, r->start_day, slots, &out->n_slots, false);
}

static enum status show(struct ctx *cx, const struct retiring *r, struct retire_view *out)
{
    struct retire_choice *choices = arena_array(cx->arena, struct retire_choice, r->c->n_plans);
    const struct plan *from = catalog_plan(r->c, r->row->plan);

    *out = (struct retire_view){
        .member = id_text("mem", r->t.m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .plan = r->row->plan,
        .plan_name = from ? from->name : r->row->plan,
        .last_day = date(cx, r->start_day - 1),
        .starts_on = date(cx, r->start_day),
        .without_choice = *r->row->to_plan ? RETIRE_MOVE : RETIRE_END,
        .default_plan = r->row->to_plan,
        .chosen_plan = r->row->chosen_plan,
        .currency = r->country->currency,
        .choices = choices,
    };
    for (size_t i = 0; i < r->c->n_plans; i++)
        if (is_choice(r, &r->c->plans[i]))
            TRY(show_choice(cx, r, &r->c->plans[i], &choices[out->n_choices++]));
    return OK;
}

static enum status load(struct ctx *cx, const struct catalog *c, int64_t account_id, int64_t at,
                        struct retiring *r)
{
    *r = (struct retiring){.c = c};
    TRY(trouble_load(cx, account_id, &r->t));
    trouble_in_country(&r->t, c);
    r->country = catalog_country(c, r->t.account.country);
    r->next_k = trouble_next_k(cx, &r->t, at);
    return OK;
}

/* With the retirement of its plan; no row: there is none. */
static enum status load_open(struct ctx *cx, const struct catalog *c, int64_t account_id,
                             struct retiring *r)
{
    TRY(load(cx, c, account_id, cx->now, r));
    TRY(find_open(cx, account_id, r->t.m.plan, &r->row));
    if (r->row) r->start_day = first_start(&r->t, r->row->applies_day, r->next_k);
    return OK;
}

static enum status load_asked(struct ctx *cx, const struct catalog *c, int64_t account_id,
                              struct retiring *r)
{
    TRY(load_open(cx, c, account_id, r));
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
    TRY(show(cx, &r, out));
    return tx_commit(&tx);
}

enum status retire_is_asked(struct ctx *cx, const struct membership *m, bool *asked)
{
    struct retirement *row;

    TRY(find_open(cx, m->account_id, m->plan, &row));
    *asked = row != NULL;
    return OK;
}

/* ---- acting ---- */

/* No period runs: on hold, paused, or in a grace that is over and that nobody has ended yet. */
static bool rests(const struct retiring *r, int64_t at)
{
    const struct membership *m = &r->t.m;

    return m->state == M_HOLD || m->state == M_PAUSED ||
           (m->state == M_GRACE && at >= zone_day_start(r->t.zone, r->t.dates.grace_until_day));
}

/* A term that begins on the day before still has the plan, and lasts. */
static bool is_over_for(const struct trouble *t, const struct retirement *row, int64_t at)
{
    return at >= zone_day_start(t->zone, row->applies_day);
}

/* When what takes the plan's place is planned: as soon as the last period with it has begun, or a
 * lock or an outage has outlived it; where no period runs, with the day. */
static bool is_time(const struct retiring *r, int64_t at)
{
    if (rests(r, at)) return is_over_for(&r->t, r->row, at);
    return r->t.m.period_end_day >= r->row->applies_day ||
           period_start_day(r->t.m.anchor_day, r->next_k) >= r->row->applies_day;
}

static enum status move(struct ctx *cx, struct retiring *r, const struct plan *to)
{
    bool const chosen = strcmp(to->code, r->row->chosen_plan) == 0;
    struct actor const by = {.role = (enum role)r->row->actor_role,
                             .id = r->row->actor_id,
                             .surface = (enum surface)r->row->actor_surface,
                             .device = r->row->device,
                             .network = r->row->network};
    struct change_to const change = {to, r->start_day, chosen ? &by : NULL, r->row->chosen_at};

    if (strcmp(r->t.m.next_plan, to->code) == 0) return OK;
    TRY(change_schedule(cx, r->c, &r->t, &change));
    return trouble_store(cx, &r->t);
}

/* Whoever ends already, but goes on for as long as credit pays, ends with this period. */
static enum status end(struct ctx *cx, struct retiring *r)
{
    if (r->t.m.state != M_ENDING) return billing_end_because(cx, &r->t, "plan.retired");
    if (r->t.exists || r->t.m.end_day <= r->t.m.period_end_day) return OK; /* a grace may last */
    r->t.m.end_day = r->t.m.period_end_day;
    trouble_due(&r->t, STEP_PERIOD_END, r->t.m.end_day, cx->now);
    return trouble_store(cx, &r->t);
}

static enum status refuse(struct ctx *cx, const struct retiring *r)
{
    const struct membership *m = &r->t.m;

    if (!is_direct(m)) return fail(cx->err, &CHANGE_BY_PARTNER, NULL);
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
    if (is_choice(r, p)) return OK;
    return fail(cx->err, plan_open(p, r->start_day) ? &CHANGE_PLAN_NOT_HERE : &CHANGE_PLAN_CLOSED,
                "plan");
}

static const char *known(const char *text)
{
    return text ? text : "";
}

/* What is chosen is kept with who chose it, for the change is made when nobody asks (SPEC A-06). */
static enum status store_choice(struct ctx *cx, const struct membership *m, struct retirement *row)
{
    const struct actor *by = &cx->actor;

    row->chosen_at = cx->now;
    row->actor_role = by->role;
    row->actor_id = by->id;
    row->actor_surface = by->surface;
    row->device = known(by->device);
    row->network = known(by->network);
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
    TRY(show_choice(cx, &r, to, &shown));
    if ((shown.n_losses || shown.n_slots) && !in->accept_losses)
        return fail(cx->err, &CHANGE_LOSSES, "accept_losses");
    r.row->chosen_plan = to->code;
    if (!shown.chosen) TRY(store_choice(cx, &r.t.m, r.row));
    if (is_time(&r, cx->now)) TRY(move(cx, &r, to));
    TRY(show(cx, &r, out));
    return tx_commit(&tx);
}

enum status retire_forget_choice(struct ctx *cx, const struct membership *m)
{
    struct retirement *row;

    TRY(find_open(cx, m->account_id, m->plan, &row));
    if (!row || !*row->chosen_plan) return OK;
    return retirement_choose(cx, NULL, .account_id = m->account_id, .plan = row->plan,
                             .chosen_plan = "", .chosen_at = 0, .actor_role = ROLE_SYSTEM,
                             .actor_surface = SURFACE_NONE, .device = "", .network = "");
}

/* The day of what comes next: the hold after a grace, the end of the period, or the retirement. */
static int64_t next_turn(const struct retiring *r, int64_t at)
{
    const struct membership *m = &r->t.m;
    int64_t const grace_day = r->t.dates.grace_until_day;

    if (rests(r, at)) return r->row->applies_day;
    return m->state == M_GRACE && grace_day < m->period_end_day ? grace_day : m->period_end_day;
}

/* When to look again at a member for whom nothing is to be done now; 0: never. */
static int64_t look_at(const struct retiring *r, int64_t at)
{
    int64_t const start_at = zone_day_start(r->t.zone, next_turn(r, at));

    if (is_time(r, at) || rests(r, at)) {
        if (at < start_at - DAY_MS) return start_at - DAY_MS; /* another period may run by then */
    }
    return start_at > at ? start_at : at + DAY_MS;
}

/* Whether the retirement is over for the member: it has another plan or none, or the catalog keeps
 * the plan after all. */
static bool is_done(const struct retiring *r, const struct retirement *row)
{
    const struct plan *p = catalog_plan(r->c, row->plan);
    enum membership_state const s = (enum membership_state)r->t.m.state;

    return s == M_NONE || s == M_CANCELED || s == M_DELETED || !is_direct(&r->t.m) ||
           strcmp(row->plan, r->t.m.plan) != 0 || (p && !p->retired_day);
}

/* Nothing is decided while a payment is on its way or the account is locked. */
static enum status must_wait(struct ctx *cx, const struct retiring *r, bool *waits)
{
    bool flies;

    TRY(change_flies(cx, r->t.m.account_id, &flies));
    *waits = flies || r->t.account.locked_at || r->t.m.state == M_PENDING;
    return OK;
}

static enum status act(struct ctx *cx, struct retiring *r, int64_t at, int64_t *next_at)
{
    const struct plan *to = place_of(r);
    bool const planned = *r->t.m.next_plan && strcmp(r->t.m.next_plan, r->row->plan) != 0;
    bool waits;

    TRY(must_wait(cx, r, &waits));
    if (waits) return *next_at = at + HOUR_IN_MS, OK;
    *next_at = look_at(r, at);
    if (planned || !is_time(r, at) || SABOTAGE("retired_goes_on")) return OK;
    if (to) return move(cx, r, to);
    int64_t const last_at = zone_day_start(r->t.zone, r->t.m.period_end_day) - DAY_MS;
    return !rests(r, at) && at < last_at ? OK : end(cx, r);
}

enum status retire_act(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct ctx then = *cx;
    struct retirement *rows;
    struct retiring r;
    int64_t next_at = 0;
    size_t n;

    then.now = at;
    TRY(load(cx, c, e->account_id, at, &r));
    if (!r.country) return errand_plan(cx, e->account_id, ERRAND_RETIRE, 0, at + DAY_MS);
    TRY(retirements_of(cx, &rows, &n, .account_id = e->account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].closed_at) continue;
        if (is_done(&r, &rows[i])) {
            TRY(retirement_close(cx, NULL, .account_id = e->account_id, .plan = rows[i].plan,
                                 .closed_at = at));
            continue;
        }
        r.row = &rows[i];
        r.start_day = first_start(&r.t, r.row->applies_day, r.next_k);
        TRY(act(&then, &r, at, &next_at));
    }
    return next_at ? errand_plan(cx, e->account_id, ERRAND_RETIRE, 0, next_at) : OK;
}

enum status retire_waits(struct ctx *cx, int64_t account_id, const char *plan, int64_t start_day,
                         int64_t at, bool *waits)
{
    struct retirement *row;

    TRY(find_open(cx, account_id, plan, &row));
    *waits = row && row->applies_day <= start_day && !SABOTAGE("retired_goes_on");
    return *waits ? errand_plan(cx, account_id, ERRAND_RETIRE, 0, at) : OK;
}

enum status retire_comes_first(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                               int64_t at, bool *waits)
{
    const char *plan = trouble_rate_in(t).plan;
    int64_t const today = zone_day(t->zone, at);

    *waits = false;
    if (!retire_is_over(c, plan, today)) return OK;
    return retire_waits(cx, t->m.account_id, plan, today, at, waits);
}

enum status retire_first(struct ctx *cx, const struct catalog *c, struct trouble *t, int64_t at)
{
    struct errand const e = {.account_id = t->m.account_id};
    struct ctx system = *cx; /* it is nobody's wish */
    struct retiring r;
    bool waits;

    if (t->m.state != M_HOLD && t->m.state != M_PAUSED) return OK;
    TRY(retire_comes_first(cx, c, t, at, &waits));
    if (!waits) return OK;
    TRY(load_open(cx, c, e.account_id, &r));
    if (!r.country || !r.row || !place_of(&r)) return OK;
    system.actor = (struct actor){.role = ROLE_SYSTEM};
    TRY(retire_act(&system, c, &e, at));
    TRY(trouble_load(cx, e.account_id, t));
    trouble_in_country(t, c);
    return OK;
}

enum status retire_looks_again(struct ctx *cx, const struct membership *m)
{
    struct retirement *row;

    TRY(find_open(cx, m->account_id, m->plan, &row));
    return row ? errand_plan(cx, m->account_id, ERRAND_RETIRE, 0, cx->now) : OK;
}

enum status retire_on_hold(struct ctx *cx, struct trouble *t, int64_t at)
{
    struct ctx then = *cx;
    struct retirement *row;

    if (!*t->m.next_plan) return OK;
    TRY(find_open(cx, t->m.account_id, t->m.plan, &row));
    if (!row || is_over_for(t, row, at)) return OK;
    if (strcmp(t->m.next_plan, row->chosen_plan) != 0 && strcmp(t->m.next_plan, row->to_plan) != 0)
        return OK; /* a change that the owner wants of their own */
    then.now = at;
    TRY(change_withdraw(&then, t));
    return errand_plan(cx, t->m.account_id, ERRAND_RETIRE, 0, at);
}

enum status retire_foresee(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                           struct rate_in *in)
{
    int64_t const start_day = period_start_day(in->anchor_day, in->k);
    struct retiring r;

    if (t->m.state == M_GRACE || !retire_is_over(c, in->plan, start_day)) return OK;
    r = (struct retiring){.c = c,
                          .country = catalog_country(c, t->account.country),
                          .t = *t,
                          .next_k = in->k,
                          .start_day = start_day};
    TRY(find_open(cx, t->m.account_id, in->plan, &r.row));
    if (!r.country || !r.row || r.row->applies_day > start_day) return OK;
    const struct plan *to = place_of(&r);
    if (!to) return fail(cx->err, &RETIRE_ENDS, NULL);
    in->plan = to->code;
    in->slots &= ~slots_lost(r.country, to, t->m.slots, prices_on(t, start_day));
    return OK;
}

/* ---- telling ---- */

static json_t *choices_of(const struct retire_view *v)
{
    json_t *list = json_array();

    for (size_t i = 0; i < v->n_choices; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:I}", "plan", v->choices[i].plan, "amount_minor",
                                        (json_int_t)v->choices[i].total_minor));
    return list;
}

static enum status announce(struct ctx *cx, struct retiring *r, int64_t at)
{
    const struct plan *to;
    struct retire_view v;

    r->start_day = first_start(&r->t, r->row->applies_day, r->next_k);
    int64_t const day = prices_on(&r->t, r->start_day);
    to = retire_default(r->c, r->country, catalog_plan(r->c, r->row->plan), r->start_day, day);
    r->row->to_plan = to ? to->code : "";
    if (to) r->row->amount_minor = total_of(r, to, slots_lost(r->country, to, r->t.m.slots, day));
    TRY(show(cx, r, &v));
    TRY(retirement_put(cx, NULL, .account_id = r->t.m.account_id, .plan = r->row->plan,
                       .noticed_at = at, .applies_day = r->row->applies_day,
                       .to_plan = r->row->to_plan, .amount_minor = r->row->amount_minor,
                       .currency = r->country->currency));
    TRY(errand_plan(cx, r->t.m.account_id, ERRAND_RETIRE, 0, at));
    return outbox_put(cx, "plan.retiring", r->t.m.account_id, at,
                      json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:o}", "plan", r->row->plan,
                                "last_day", v.last_day, "applies_on", v.starts_on, "to_plan",
                                r->row->to_plan, "amount_minor", (json_int_t)r->row->amount_minor,
                                "currency", r->country->currency, "choices", choices_of(&v)));
}

static bool lives(const struct membership *m)
{
    return m->state != M_NONE && m->state != M_CANCELED && m->state != M_DELETED && is_direct(m);
}

enum status retire_tell(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct retirement row = {.chosen_plan = "", .to_plan = ""}, *told;
    struct retiring r;

    TRY(load(cx, c, e->account_id, at, &r));
    const struct plan *p = catalog_plan(c, r.t.m.plan);
    if (!p || !p->retired_day || !r.country || !lives(&r.t.m) || *r.t.m.next_plan) return OK;
    TRY(find_open(cx, e->account_id, p->code, &told));
    if (told) return OK;
    int64_t const days = retire_notice_days(cx->settings, r.country);
    int64_t const today = zone_day(r.t.zone, at), early = p->retired_day - days - RETIRE_EARLY_DAYS;
    if (today < early)
        return errand_plan(cx, e->account_id, ERRAND_RETIRE_NOTICE, 0,
                           zone_day_start(r.t.zone, early));
    row.plan = p->code;
    row.applies_day =
        retire_applies_day(p->retired_day, today, SABOTAGE("retired_at_once") ? 0 : days);
    r.row = &row;
    return announce(cx, &r, at);
}

/* ---- finding ---- */

enum status retire_find(struct ctx *cx, const struct catalog *c, int64_t month, int64_t at)
{
    int64_t const ahead = retire_notice_widest(cx->settings, c) + RETIRE_EARLY_DAYS;
    int64_t const today = divide_down(at, DAY_MS);
    struct retirement_searched_row searched = {0};
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    enum status const s = retirement_searched(cx, &searched, &RETIRE_NONE);
    if (s != OK && s != RETIRE_NONE.status) return s;
    if (s == OK && searched.catalog_version == c->version && searched.month >= month) return OK;
    for (size_t i = 0; i < c->n_plans; i++) {
        const struct plan *p = &c->plans[i];

        if (!p->retired_day || p->retired_day - ahead - FIND_AHEAD_DAYS > today) continue;
        TRY(retire_find_members(cx, NULL, .plan = p->code, .due_at = at, .due_day = today));
    }
    TRY(retirement_search_put(cx, NULL, .catalog_version = c->version, .month = month));
    return tx_commit(&tx);
}

/* ---- explaining ---- */

static bool of_plan(const struct cause *c)
{
    return c->cause == WHY_PLAN_UPGRADE || c->cause == WHY_PLAN_DOWNGRADE;
}

static const struct retirement *behind(const struct causes *causes, const struct retirement *rows,
                                       size_t n, int64_t due_day)
{
    for (size_t i = 0; i < causes->n; i++)
        for (size_t j = 0; of_plan(&causes->at[i]) && causes->at[i].n && j < n; j++)
            if (causes->at[i].at[0].old.text &&
                strcmp(causes->at[i].at[0].old.text, rows[j].plan) == 0 &&
                due_day >= rows[j].applies_day)
                return &rows[j];
    return NULL;
}

enum status retire_explain(struct ctx *cx, int64_t account_id, int64_t due_day,
                           struct causes *causes)
{
    bool changed = false;
    struct retirement *rows;
    size_t n, at = causes->n;

    for (size_t i = 0; i < causes->n; i++) changed = changed || of_plan(&causes->at[i]);
    if (!changed) return OK;
    TRY(retirements_of(cx, &rows, &n, .account_id = account_id, .max = ROWS_MAX));
    const struct retirement *r = behind(causes, rows, n, due_day);
    if (!r) return OK;
    for (; at > 0 && causes->at[at - 1].cause > WHY_PLAN_RETIRED; at--)
        causes->at[at] = causes->at[at - 1];
    causes->at[at] = (struct cause){
        .cause = WHY_PLAN_RETIRED,
        .n = 2,
        .at = {{.name = "plan_retired", .old = {FACT_TEXT, r->plan, 0, 0}},
               {.name = "not_from", .new_ = {FACT_DATE, NULL, r->applies_day, 0}}},
    };
    if (*r->chosen_plan)
        causes->at[at].at[causes->at[at].n++] = (struct evidence){
            .name = "chosen", .new_ = {FACT_TEXT, r->chosen_plan, 0, 0}
        };
    causes->n++;
    return OK;
}
