/* slot: buys, retries, keeps and cancels slots. SPDX-License-Identifier: Apache-2.0 */
#include "billing/slot.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/pending.h"
#include "billing/side.h"
#include "db/outbox.h"

const struct names slot_states = NAMES("pending", "active", "hold");
const struct names slot_ends = NAMES("none", "canceled", "plan_change", "membership");

const struct fault SLOT_PLAN = {
    E_CONFLICT, "slot.plan",
    "This plan has no extra-member slots; change to a plan that has some."};
const struct fault SLOT_COUNTRY = {
    E_CONFLICT, "slot.country",
    "Extra-member slots are not offered in this country; somebody else can join by themselves."};
const struct fault SLOT_BILLER = {
    E_CONFLICT, "slot.biller",
    "A partner bills this membership, and its package has no extra-member slots."};
const struct fault SLOT_UNPAID = {
    E_CONFLICT, "slot.unpaid", "The last payment has failed; there are new slots once it is paid."};
const struct fault SLOT_NOT_NOW = {
    E_CONFLICT, "slot.not_now",
    "Only an active membership without a planned plan change can buy slots; withdraw what is "
    "planned first."};
const struct fault SLOT_FULL = {E_CONFLICT, "slot.none_left",
                                "The plan's slots are all bought; cancel one or change the plan."};
const struct fault SLOT_UNKNOWN = {
    E_NOT_FOUND, "slot.unknown",
    "There is no such slot; take its reference, slt_…, from membership.get."};
const struct fault SLOT_ENDING = {E_CONFLICT, "slot.ending",
                                  "This slot is cancelled already; slot.buy keeps it."};

enum { ROWS_MAX = 1000 };

static int64_t bit_of(int64_t slot_no)
{
    return INT64_C(1) << (slot_no - 1);
}

static bool is_alive(const struct slot *s, int64_t today)
{
    return s->end_day == 0 || s->end_day > today;
}

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

/* The first charge for it: a pause that was decided comes before (SPEC G-10). */
static int64_t paid_from_day(const struct membership *m, const struct slot *s)
{
    return m->pause_months && s->paid_day == m->period_end_day ? pause_until_day(m) : s->paid_day;
}

/* Its own charge failed, and a renewal has paid for it since: not one that is unpaid itself. */
static bool is_renewed(const struct membership *m, const struct slot *s, int64_t today)
{
    return today >= s->paid_day && !(m->state == M_GRACE && m->period_start_day <= s->paid_day);
}

/* Nobody in a slot may watch while the owner may not (SPEC G-10, E-05). */
static bool is_usable(const struct membership *m, const struct slot *s, int64_t today)
{
    return state_has_access((enum membership_state)m->state) && is_alive(s, today) &&
           (s->slot_state == SLOT_ACTIVE || is_renewed(m, s, today));
}

static struct slot_view view(struct ctx *cx, const struct membership *m, const struct slot *s,
                             int64_t today)
{
    return (struct slot_view){
        .slot = id_text("slt", s->slot_id, arena_alloc(cx->arena, ID_TEXT)),
        .slot_no = s->slot_no,
        .state = s->slot_state,
        .end_cause = s->slot_end,
        .effect = s->change_effect,
        .usable = is_usable(m, s, today),
        .alive = is_alive(s, today),
        .bought_on = date(cx, s->from_day),
        .paid_from = date(cx, paid_from_day(m, s)),
        .last_day = s->end_day ? date(cx, s->end_day - 1) : "",
        .charge_minor = s->amount_minor,
        .currency = s->currency,
    };
}

enum status slot_list(struct ctx *cx, const struct membership *m, int64_t today,
                      struct slot_view **out, size_t *n)
{
    struct slot *rows;

    TRY(slots_of(cx, &rows, n, .account_id = m->account_id, .max = ROWS_MAX));
    *out = arena_array(cx->arena, struct slot_view, *n);
    for (size_t i = 0; i < *n; i++) (*out)[i] = view(cx, m, &rows[i], today);
    return OK;
}

static enum status answer(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                          const struct slot *s, struct slot_answer *out)
{
    struct slot_view const v = view(cx, &t->m, s, zone_day(t->zone, cx->now));

    *out = (struct slot_answer){
        .member = id_text("mem", t->m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .slot = s->slot_id ? v.slot : "",
        .slot_no = v.slot_no,
        .state = v.state,
        .end_cause = v.end_cause,
        .effect = v.effect,
        .usable = v.usable,
        .bought_on = v.bought_on,
        .paid_from = v.paid_from,
        .last_day = v.last_day,
        .charge_minor = v.charge_minor,
        .currency = v.currency,
        .period_end = date(cx, t->m.period_end_day),
    };
    return change_next(cx, c, t, &out->next_charge_on, &out->next_total_minor);
}

static enum status tell(struct ctx *cx, const char *topic, const struct slot *s, const char *code,
                        int64_t at)
{
    char from[DAY_TEXT], last[DAY_TEXT];

    return outbox_put(cx, topic, s->account_id, at,
                      json_pack("{s:I, s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "slot_id",
                                (json_int_t)s->slot_id, "slot_no", (json_int_t)s->slot_no, "state",
                                slot_states.at[s->slot_state], "from", day_text(s->from_day, from),
                                "last_day", s->end_day ? day_text(s->end_day - 1, last) : "",
                                "amount_minor", (json_int_t)s->amount_minor, "currency",
                                s->currency, "who", roles.at[s->actor_role], "code", code));
}

/* ---- what a plan leaves room for ---- */

int64_t slots_lost(const struct country *country, const struct plan *to, int64_t slots,
                   int64_t price_day)
{
    int64_t room = country_price(country, to->code, ADDON_SLOT, price_day) ? to->slots : 0;
    int64_t lost = 0;

    for (int64_t no = 1; no <= SLOTS_MAX; no++)
        if ((slots & bit_of(no)) && room-- <= 0) lost |= bit_of(no);
    return lost;
}

enum status slots_lose(struct ctx *cx, int64_t account_id, int64_t lost, int64_t end_day,
                       struct slot_loss *out, size_t *n, bool store)
{
    struct slot *rows;
    size_t n_rows;

    *n = 0;
    if (!lost) return OK;
    TRY(slots_of(cx, &rows, &n_rows, .account_id = account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < n_rows; i++) {
        bool const planned = rows[i].slot_end == SLOT_LOST && rows[i].end_day == end_day;

        if (!(lost & bit_of(rows[i].slot_no)) || (rows[i].end_day && !planned)) continue;
        out[(*n)++] =
            (struct slot_loss){id_text("slt", rows[i].slot_id, arena_alloc(cx->arena, ID_TEXT)),
                               date(cx, end_day - 1)};
        if (store)
            TRY(slot_set_end(cx, NULL, .account_id = account_id, .slot_id = rows[i].slot_id,
                             .end_day = end_day, .slot_end = SLOT_LOST));
    }
    return OK;
}

/* ---- buying ---- */

struct purchase {
    const struct catalog *c;
    struct trouble t;
    struct change_ground g;
    const struct plan *plan;
    int64_t today;
    struct slot *rows; /* the newest first */
    size_t n_rows;
    struct slot slot; /* what is bought */
    struct rated now;
};

/* SPEC DT-5, in its order: the failing factor is the reason. */
static enum status refuse(struct ctx *cx, const struct purchase *p)
{
    const struct membership *m = &p->t.m;
    const struct country *country = catalog_country(p->c, p->t.account.country);

    if (!p->plan || p->plan->slots == 0) return fail(cx->err, &SLOT_PLAN, NULL);
    if (is_partner_billed(m)) return fail(cx->err, &SLOT_BILLER, NULL);
    if (!country || !country_price(country, m->plan, ADDON_SLOT, p->today))
        return fail(cx->err, &SLOT_COUNTRY, NULL);
    if (m->state == M_GRACE || m->state == M_HOLD) return fail(cx->err, &SLOT_UNPAID, NULL);
    return m->state != M_ACTIVE || *m->next_plan ? fail(cx->err, &SLOT_NOT_NOW, NULL) : OK;
}

static enum status load(struct ctx *cx, const struct catalog *c, int64_t account_id,
                        struct purchase *p)
{
    *p = (struct purchase){.c = c};
    TRY(trouble_load(cx, account_id, &p->t));
    p->plan = catalog_plan(c, p->t.m.plan);
    p->today = zone_day(p->t.zone, cx->now);
    TRY(refuse(cx, p));
    TRY(change_ground(cx, c, &p->t, &p->g));
    return slots_of(cx, &p->rows, &p->n_rows, .account_id = account_id, .max = ROWS_MAX);
}

/* A slot that is still there: cancelled, or on hold for its own charge, until a renewal has paid
 * for it. */
static struct slot *find(const struct purchase *p, enum slot_state state, enum slot_end end)
{
    for (size_t i = 0; i < p->n_rows; i++) {
        struct slot *s = &p->rows[i];
        bool const renewed = s->slot_state == SLOT_HOLD && p->today >= s->paid_day;
        enum slot_state const now = renewed ? SLOT_ACTIVE : (enum slot_state)s->slot_state;

        if (is_alive(s, p->today) && now == state && s->slot_end == end) return s;
    }
    return NULL;
}

static int64_t free_place(const struct purchase *p)
{
    int64_t taken = 0, n = 0;

    for (size_t i = 0; i < p->n_rows; i++)
        if (is_alive(&p->rows[i], p->today)) taken |= bit_of(p->rows[i].slot_no);
    for (int64_t bits = taken; bits; bits >>= 1) n += bits & 1;
    if (n >= p->plan->slots || n >= SLOTS_MAX) return 0;
    for (n = 1; taken & bit_of(n);) n++;
    return n;
}

enum status slot_rate(struct ctx *cx, const struct catalog *c, const struct account *a,
                      const struct slot *s, struct rated *out)
{
    const struct country *country = catalog_country(c, a->country);
    struct choice const from = {s->plan, 0, s->price_day};
    struct choice const to = {s->plan, bit_of(s->slot_no), s->price_day};
    struct remainder const left = {s->from_day, s->paid_day, s->whole_days};
    struct part part = {.country = a->country, .region = a->region};

    if (!country) return fail(cx->err, &RATE_NO_COUNTRY, NULL);
    change_part(country, &from, &to, &left, &part);
    const struct fault *fault = rate_part(c, &part, out);
    return fault ? fail(cx->err, fault, NULL) : OK;
}

/* What the purchase does about money (SPEC B-06). */
static enum status price(struct ctx *cx, struct purchase *p, int64_t *new_end_day)
{
    struct slot *s = &p->slot;
    struct choice const from = {s->plan, p->t.m.slots, p->g.old_price_day};
    struct choice const to = {s->plan, p->t.m.slots | bit_of(s->slot_no), s->price_day};

    s->change_effect = EFFECT_NEXT_PRICE;
    s->slot_state = SLOT_ACTIVE;
    if (p->g.unpaid) return OK;
    switch (p->g.country->settings.change_policy) {
    case PRORATE_NOW:
        TRY(slot_rate(cx, p->c, &p->t.account, s, &p->now));
        if (p->now.total_minor <= 0) return OK;
        s->change_effect = EFFECT_CHARGED;
        s->slot_state = SLOT_PENDING;
        s->amount_minor = p->now.total_minor;
        return OK;
    case SHIFT_ANCHOR:
        *new_end_day = p->g.left.start_day + shifted_days(p->g.left.end_day - p->g.left.start_day,
                                                          choice_minor(p->g.country, &from),
                                                          choice_minor(p->g.country, &to));
        if (*new_end_day >= p->g.left.end_day) return OK;
        s->change_effect = EFFECT_SHIFTED;
        s->paid_day = *new_end_day;
        return OK;
    case NEW_PRICE_NEXT_DATE: break;
    }
    return OK;
}

static enum status fill(struct ctx *cx, struct purchase *p, int64_t *new_end_day)
{
    int64_t const place = free_place(p);

    if (!place) return fail(cx->err, &SLOT_FULL, NULL);
    p->slot = (struct slot){
        .account_id = p->t.m.account_id,
        .slot_no = place,
        .bought_at = cx->now,
        .from_day = p->g.left.start_day,
        .paid_day = p->g.left.end_day,
        .currency = p->g.country->currency,
        .plan = p->t.m.plan,
        .term = p->t.m.term,
        .k = p->t.m.k,
        .whole_days = p->g.left.whole_days,
        .price_day = p->g.new_price_day,
        .actor_role = cx->actor.role,
        .actor_id = cx->actor.id,
        .actor_surface = cx->actor.surface,
        .device = cx->actor.device ? cx->actor.device : "",
        .network = cx->actor.network ? cx->actor.network : "",
    };
    return price(cx, p, new_end_day);
}

static enum status store(struct ctx *cx, struct purchase *p)
{
    struct slot *s = &p->slot;

    TRY(db_id(cx, &s->slot_id));
    return slot_add(cx, NULL, .slot_id = s->slot_id, .account_id = s->account_id,
                    .slot_no = s->slot_no, .slot_state = s->slot_state, .bought_at = s->bought_at,
                    .from_day = s->from_day, .paid_day = s->paid_day,
                    .change_effect = s->change_effect, .amount_minor = s->amount_minor,
                    .currency = s->currency, .plan = s->plan, .term = s->term, .k = s->k,
                    .whole_days = s->whole_days, .price_day = s->price_day,
                    .actor_role = s->actor_role, .actor_id = s->actor_id,
                    .actor_surface = s->actor_surface, .device = s->device, .network = s->network);
}

static enum status buy_new(struct ctx *cx, struct purchase *p, bool preview)
{
    int64_t new_end_day = p->t.m.period_end_day;

    TRY(fill(cx, p, &new_end_day));
    p->t.m.slots |= bit_of(p->slot.slot_no);
    if (preview) {
        if (p->slot.change_effect == EFFECT_SHIFTED) change_shift_in_memory(&p->t.m, new_end_day);
        return OK;
    }
    TRY(store(cx, p));
    if (p->slot.change_effect == EFFECT_SHIFTED)
        TRY(change_shift(cx, &p->t, new_end_day, TERM_ANCHOR_SHIFT));
    if (p->slot.change_effect == EFFECT_CHARGED)
        TRY(side_want(cx, &p->t,
                      &(struct side_want){CHARGE_SLOT, p->slot.slot_id, p->slot.from_day, &p->now,
                                          p->c->version}));
    TRY(membership_store(cx, &p->t.m));
    return tell(cx, "slot.bought", &p->slot, "", cx->now);
}

/* The same days are never charged twice (SPEC B-14). */
static enum status keep(struct ctx *cx, struct purchase *p, struct slot *s, bool preview)
{
    s->end_day = 0;
    s->slot_end = SLOT_STAYS;
    p->slot = *s;
    p->t.m.slots |= bit_of(s->slot_no);
    if (preview) return OK;
    TRY(slot_set_end(cx, NULL, .account_id = s->account_id, .slot_id = s->slot_id, .end_day = 0,
                     .slot_end = SLOT_STAYS));
    TRY(membership_store(cx, &p->t.m));
    return tell(cx, "slot.kept", s, "", cx->now);
}

/* Only the days from now on are charged; on hold it was of no use to anybody. */
static enum status retry(struct ctx *cx, struct purchase *p, struct slot *s, bool preview)
{
    struct charge *c;
    size_t n;

    TRY(charges_by_key(cx, &c, &n, .account_id = s->account_id, .term = s->term, .k = s->k,
                       .kind = CHARGE_SLOT, .subject = s->slot_id, .max = 1));
    if (n == 0 || c->charge_state != CHARGE_FAILED) return fail(cx->err, &SLOT_UNKNOWN, NULL);
    s->from_day = p->today;
    s->slot_state = SLOT_PENDING;
    TRY(slot_rate(cx, p->c, &p->t.account, s, &p->now));
    s->amount_minor = p->now.total_minor;
    p->slot = *s;
    if (preview) return OK;
    TRY(slot_rerate(cx, NULL, .account_id = s->account_id, .slot_id = s->slot_id,
                    .from_day = s->from_day, .amount_minor = s->amount_minor));
    TRY(charge_rerate(cx, NULL, .charge_id = c->charge_id, .amount_minor = s->amount_minor,
                      .due_on_day = s->from_day, .catalog_version = p->c->version));
    c->amount_minor = s->amount_minor;
    TRY(trouble_want(cx, c, 0, RECOVERED_MEMBER, cx->now));
    return membership_store(cx, &p->t.m);
}

enum status slot_buy(struct ctx *cx, const struct catalog *c, const struct slot_buy *in,
                     struct slot_answer *out)
{
    struct purchase p;
    struct slot *s;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, c, in->account_id, &p));
    if ((s = find(&p, SLOT_HOLD, SLOT_STAYS)))
        TRY(retry(cx, &p, s, in->preview));
    else if ((s = find(&p, SLOT_ACTIVE, SLOT_CANCELED)))
        TRY(keep(cx, &p, s, in->preview));
    else
        TRY(buy_new(cx, &p, in->preview));
    TRY(answer(cx, c, &p.t, &p.slot, out));
    return tx_commit(&tx);
}

/* ---- cancelling ---- */

static enum status give_up_charge(struct ctx *cx, const struct slot *s)
{
    struct charge *c;
    size_t n;

    TRY(charges_by_key(cx, &c, &n, .account_id = s->account_id, .term = s->term, .k = s->k,
                       .kind = CHARGE_SLOT, .subject = s->slot_id, .max = 1));
    if (n == 0) return OK;
    return charge_close(cx, NULL, .charge_id = c->charge_id, .charge_state = CHARGE_CANCELED,
                        .credit_note_id = 0);
}

/* To the end of what is paid; a slot whose charge failed and that no renewal has paid since: now.
 */
static enum status end(struct ctx *cx, struct trouble *t, struct slot *s, int64_t today)
{
    bool const unpaid = s->slot_state == SLOT_HOLD && today < s->paid_day;

    s->end_day = unpaid || t->m.period_end_day <= today ? today : t->m.period_end_day;
    s->slot_end = SLOT_CANCELED;
    if (unpaid) TRY(give_up_charge(cx, s));
    t->m.slots &= ~bit_of(s->slot_no);
    TRY(slot_set_end(cx, NULL, .account_id = s->account_id, .slot_id = s->slot_id,
                     .end_day = s->end_day, .slot_end = SLOT_CANCELED));
    return membership_store(cx, &t->m);
}

enum status slot_cancel(struct ctx *cx, const struct catalog *c, const struct slot_cancel *in,
                        struct slot_answer *out)
{
    struct trouble t;
    struct slot s;
    TX tx = {0};
    int64_t id;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    int64_t const today = zone_day(t.zone, cx->now);
    if (!id_parse("slt", in->slot, &id)) return fail(cx->err, &SLOT_UNKNOWN, "slot");
    TRY(slot_by_id(cx, &s, &SLOT_UNKNOWN, .account_id = in->account_id, .slot_id = id));
    if (is_partner_billed(&t.m)) return fail(cx->err, &SLOT_BILLER, NULL);
    if (!is_alive(&s, today)) return fail(cx->err, &SLOT_UNKNOWN, "slot");
    if (s.slot_end == SLOT_CANCELED) return fail(cx->err, &SLOT_ENDING, "slot");
    TRY(change_at_rest(cx, in->account_id));
    TRY(end(cx, &t, &s, today));
    TRY(tell(cx, "slot.canceled", &s, "", cx->now));
    TRY(answer(cx, c, &t, &s, out));
    return tx_commit(&tx);
}

enum status slot_look(struct ctx *cx, const struct catalog *c, int64_t account_id, int64_t slot_id,
                      struct slot_answer *out)
{
    struct trouble t;
    struct slot s;

    TRY(trouble_load(cx, account_id, &t));
    TRY(slot_by_id(cx, &s, &SLOT_UNKNOWN, .account_id = account_id, .slot_id = slot_id));
    return answer(cx, c, &t, &s, out);
}

/* ---- answers ---- */

enum status slot_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, int64_t at)
{
    int64_t const today = zone_day(t->zone, at);
    const struct catalog *catalog;
    struct rated r;
    struct slot s;

    TRY(slot_by_id(cx, &s, &SLOT_UNKNOWN, .account_id = c->account_id, .slot_id = c->subject));
    TRY(side_catalog(cx, by, c, &catalog));
    TRY(slot_rate(cx, catalog, &t->account, &s, &r));
    TRY(side_invoice(cx, by, c, &r, at));
    s.slot_state = SLOT_ACTIVE;
    TRY(slot_set_state(cx, NULL, .account_id = s.account_id, .slot_id = s.slot_id,
                       .slot_state = SLOT_ACTIVE));
    if (!is_alive(&s, today) || today >= s.paid_day) return side_late(cx, by, c, at);
    return tell(cx, "slot.paid", &s, "", at);
}

enum status slot_failed(struct ctx *cx, const struct trouble *t, const struct charge *c,
                        const char *code, int64_t at)
{
    struct slot s;

    TRY(slot_by_id(cx, &s, &SLOT_UNKNOWN, .account_id = t->m.account_id, .slot_id = c->subject));
    s.slot_state = SLOT_HOLD;
    TRY(slot_set_state(cx, NULL, .account_id = s.account_id, .slot_id = s.slot_id,
                       .slot_state = SLOT_HOLD));
    return tell(cx, "slot.held", &s, code, at);
}
