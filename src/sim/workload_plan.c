/* workload_plan: members change their plans and buy slots, under the money policy of their country;
 * the operator announces prices. What it must come to is reckoned here before each call (SPEC A-03
 * to A-08, B-06, O-02, O-12). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "sim/workload.h"

static int64_t today_of(const struct sim *s, const struct member *m)
{
    return zone_day(m->zone, s->now);
}

static int64_t bit_of(int64_t no)
{
    return INT64_C(1) << (no - 1);
}

static int64_t number_of(json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

/* --- what is left of a period --- */

struct left {
    int64_t start_day, end_day, days, whole, old_price_day, new_price_day;
    bool unpaid; /* nothing was ever charged: whatever is chosen counts from the first charge */
};

static int64_t list_at(const struct sim *s, const struct member *m, int64_t price_day);

/* Where the days until a new billing day were dearer than those before, they count as all. */
static int64_t paid_price_day(const struct sim *s, const struct member *m)
{
    int64_t const before = price_day_of(m, m->prev_day), gap = price_day_of(m, m->gap_day);

    return m->gap_day && list_at(s, m, gap) > list_at(s, m, before) ? gap : before;
}

static struct left left_of(const struct sim *s, const struct member *m)
{
    int64_t const today = today_of(s, m), start = today > m->prev_day ? today : m->prev_day;
    struct walk month;

    walk_begin(&month, m->prev_day);
    return (struct left){
        .start_day = start,
        .end_day = m->next.day,
        .days = m->next.day - start,
        .whole = m->next.k == 0 ? walk_to(month, 1) - m->prev_day : m->next.day - m->prev_day,
        .old_price_day = paid_price_day(s, m),
        .new_price_day = price_day_of(m, today),
        .unpaid = m->next.k == 0 && m->term == 1,
    };
}

int64_t plan_foreseen(const struct sim *s, int64_t day)
{
    return s->news || day < s->market.news_day ? day : s->market.news_day;
}

static struct sale sale_at(const struct sim *s, const struct member *m, size_t plan, int64_t slots,
                           int64_t price_day, int64_t tax_day)
{
    return (struct sale){
        m->place, plan, m->region, slots, plan_foreseen(s, price_day), plan_foreseen(s, tax_day)};
}

static int64_t list_at(const struct sim *s, const struct member *m, int64_t price_day)
{
    struct sale const sale = sale_at(s, m, m->plan, m->slots, price_day, price_day);

    return market_list(&s->market, &sale);
}

/* Whether something inside the period may be changed at all. */
static bool may_change(const struct sim *s, const struct member *m)
{
    return m->state == M_ACTIVE && !m->locked_at && !m->partner && !workload_in_flight(m) &&
           m->row.due_at > s->now && today_of(s, m) <= m->next.day;
}

/* What a change or a purchase does about money. */
struct outcome {
    const char *effect;
    struct owed owed;
    int64_t new_end_day;
};

/* The value of the days left lasts for fewer at the dearer price; a day that has begun is whole. */
static int64_t lasts(int64_t days, int64_t was, int64_t is)
{
    int64_t n = 0;

    while (n < days && n * is < days * was) n++;
    return n;
}

static struct outcome outcome_of(const struct sim *s, const struct member *m, const struct left *l,
                                 const struct sale *from, const struct sale *to)
{
    struct outcome o = {.effect = "next_price", .new_end_day = l->end_day};

    if (l->unpaid) return o;
    if (laws[m->place].policy == PRORATE_NOW) {
        o.owed = market_part(&s->market, from, to, l->days, l->whole);
        if (o.owed.total_minor > 0) o.effect = "charged";
    } else if (laws[m->place].policy == SHIFT_ANCHOR) {
        int64_t const days =
            lasts(l->days, market_list(&s->market, from), market_list(&s->market, to));
        if (days < l->days) o.effect = "shifted", o.new_end_day = l->start_day + days;
    }
    return o;
}

static void check_outcome(struct sim *s, const struct member *m, const char *what,
                          const struct outcome *o, json_t *answer)
{
    bool const charged = strcmp(o->effect, "charged") == 0;
    int64_t const total = charged ? o->owed.total_minor : 0;
    char end[DAY_TEXT];

    if (strcmp(workload_text(answer, "effect"), o->effect) != 0)
        complain(s, m, "A-03: %s: %s, should be %s", what, workload_text(answer, "effect"),
                 o->effect);
    else if (number_of(answer, "charge_minor") != total)
        complain(s, m, "A-03: %s costs %lld, should cost %lld", what,
                 (long long)number_of(answer, "charge_minor"), (long long)total);
    else if (strcmp(workload_text(answer, "period_end"), day_text(o->new_end_day, end)) != 0)
        complain(s, m, "A-03: %s: the period ends on %s, should end on %s", what,
                 workload_text(answer, "period_end"), end);
}

/* --- plans --- */

void plan_unplan(const struct sim *s, struct member *m)
{
    if (m->next_plan == PLANS) return;
    m->next_plan = PLANS;
    plan_keep_slots(m, today_of(s, m));
    if (retire_concerns(s, m)) m->doubt_at = s->now; /* what follows may come a day late */
}

static void remember_change(struct sim *s, struct member *m, const struct left *l,
                            const struct outcome *o, size_t to, json_t *answer)
{
    struct switching *w = arena_new(&s->seed_arena, struct switching);

    *w = (struct switching){.asked_at = s->now,
                            .start_day = l->start_day,
                            .end_day = l->end_day,
                            .owed = o->owed,
                            .to = to,
                            .next = m->switchings};
    if (!id_parse("pch", workload_text(answer, "change"), &w->change_id))
        complain(s, m, "A-03: a change has no number");
    m->switchings = w;
}

static void changed(struct sim *s, struct member *m, const struct left *l, size_t to,
                    json_t *answer)
{
    int64_t const lost = plan_slots_lost(m, to), from_day = l->start_day;
    struct sale const from = sale_at(s, m, m->plan, m->slots, l->old_price_day, from_day);
    struct sale const then = sale_at(s, m, to, m->slots, l->new_price_day, from_day);
    struct sale const bare = sale_at(s, m, m->plan, 0, l->new_price_day, from_day);
    struct sale const other = sale_at(s, m, to, 0, l->new_price_day, from_day);
    bool const now =
        !lost && (l->unpaid || market_list(&s->market, &other) >= market_list(&s->market, &bare));
    struct outcome o = {.effect = "next_date", .new_end_day = l->end_day};

    if (now) o = outcome_of(s, m, l, &from, &then);
    check_outcome(s, m, "a change of plan", &o, answer);
    if (!now) {
        m->leaving.choice = PLANS;
        m->next_plan = to;
        plan_lose_slots(m, lost, l->end_day);
    } else if (strcmp(o.effect, "charged") == 0) {
        remember_change(s, m, l, &o, to, answer);
    } else {
        m->plan = to;
        if (strcmp(o.effect, "shifted") == 0) plan_shift(m, o.new_end_day);
    }
}

/* What a cheaper plan lacks must be accepted first (SPEC A-07). */
void plan_switch(struct sim *s, struct member *m)
{
    size_t const to = (size_t)chance_upto(&s->chance, PLANS);
    bool const accept = !chance_one_in(&s->chance, 6);
    bool const losses = to < m->plan;
    struct left const l = left_of(s, m);
    json_t *out;

    bool const may =
        may_change(s, m) && to != m->plan && workload_sells(s, to) && (accept || !losses);
    enum status const st = workload_call(
        s, m, "membership.change_plan",
        json_pack("{s:s, s:b}", "plan", plan_codes[to], "accept_losses", (int)accept), &out);
    workload_expect(s, m, "a change of plan", st, may);
    if (st == OK && !s->failed) {
        plan_unplan(s, m);
        changed(s, m, &l, to, out);
    }
    json_decref(out);
}

void plan_unswitch(struct sim *s, struct member *m)
{
    bool const may = m->next_plan < PLANS && !m->locked_at && !m->partner;
    json_t *out;

    enum status const st = workload_call(s, m, "membership.undo_change", json_object(), &out);
    workload_expect(s, m, "an undone change of plan", st, may);
    if (st == OK) {
        m->leaving.choice = PLANS;
        plan_unplan(s, m);
    }
    json_decref(out);
}

/* --- billing days --- */

static bool slot_leaves(const struct member *m, int64_t today)
{
    const struct bought *b = m->bought;

    while (b && b->end_day <= today) b = b->next;
    return b != NULL;
}

static bool may_move(struct sim *s, const struct member *m, int64_t dom)
{
    struct walk anchor;

    walk_begin(&anchor, m->anchor_day);
    return s->settings.billing_day_moves && may_change(s, m) && !m->pause_months &&
           m->next_plan == PLANS && !retire_concerns(s, m) && !slot_leaves(m, today_of(s, m)) &&
           (m->next.k > 0 || (m->paid_ahead && !m->gap_day)) && today_of(s, m) != m->prev_day &&
           anchor.anchor_dom != dom && workload_has_method(s, m);
}

/* From the end of the paid period day by day to the first with that number. */
static int64_t next_with(const struct member *m, int64_t dom)
{
    struct walk w;

    for (walk_begin(&w, m->next.day); w.dom != dom;) walk_begin(&w, w.day + 1);
    return w.day;
}

static void moved(struct sim *s, struct member *m, int64_t dom, json_t *answer)
{
    int64_t const from = m->next.day, to = next_with(m, dom);
    struct left const l = {.start_day = from, .end_day = to};
    struct sale const sale = sale_at(s, m, m->plan, m->slots, price_day_of(m, from), from);
    struct outcome const o = {
        .owed = market_days(&s->market, &sale, to - from, walk_to(m->next, m->next.k + 1) - from)};
    char day[DAY_TEXT];

    if (number_of(answer, "charge_minor") != o.owed.total_minor)
        complain(s, m, "B-13: %lld days until a new billing day cost %lld, should cost %lld",
                 (long long)(to - from), (long long)number_of(answer, "charge_minor"),
                 (long long)o.owed.total_minor);
    if (strcmp(workload_text(answer, "period_start"), day_text(to, day)) != 0)
        complain(s, m, "B-13: the billing day moves to %s, should move to %s",
                 workload_text(answer, "period_start"), day);
    if (o.owed.total_minor <= 0) {
        plan_day_moved(m, to);
        return;
    }
    remember_change(s, m, &l, &o, m->plan, answer);
    m->switchings->moves = true;
}

void plan_move(struct sim *s, struct member *m)
{
    int64_t const dom = chance_between(&s->chance, 1, 28);
    bool const may = may_move(s, m, dom);
    json_t *out;

    enum status const st = workload_call(s, m, "membership.move_billing_day",
                                         json_pack("{s:I}", "day", (json_int_t)dom), &out);
    workload_expect(s, m, "a move of the billing day", st, may);
    if (st == OK && !s->failed) moved(s, m, dom, out);
    json_decref(out);
}

/* --- slots --- */

static bool is_alive(const struct bought *b, int64_t today)
{
    return !b->end_day || b->end_day > today;
}

static struct duty *charge_of(const struct member *m, const struct bought *b)
{
    struct duty *d = m->duties;

    while (d && !(d->kind == CHARGE_SLOT && d->subject == b->slot_id)) d = d->older;
    return d;
}

/* Its own charge has failed, and no renewal has paid for it yet (SPEC E-15). */
static bool on_hold(const struct member *m, const struct bought *b, int64_t today)
{
    const struct duty *d = charge_of(m, b);

    return d && d->state == CHARGE_FAILED && today < b->paid_day;
}

static struct bought *held_one(const struct member *m, int64_t today)
{
    struct bought *b = m->bought;

    while (b && !(is_alive(b, today) && !b->end_day && on_hold(m, b, today))) b = b->next;
    return b;
}

static struct bought *canceled_one(const struct member *m, int64_t today)
{
    struct bought *b = m->bought;

    while (b && !(b->end_day > today && b->canceled && !b->lost)) b = b->next;
    return b;
}

static int64_t free_place(const struct member *m, int64_t today)
{
    int64_t taken = 0, n = 0, no = 1;

    for (const struct bought *b = m->bought; b; b = b->next)
        if (is_alive(b, today) && !(taken & bit_of(b->no))) taken |= bit_of(b->no), n++;
    while (taken & bit_of(no)) no++;
    return n < plan_slots[m->plan] ? no : 0;
}

static struct owed rest_of(const struct sim *s, const struct bought *b, const struct member *m,
                           int64_t from_day, int64_t price_day, int64_t whole)
{
    struct sale const without = sale_at(s, m, b->plan, 0, price_day, from_day);
    struct sale const with = sale_at(s, m, b->plan, bit_of(b->no), price_day, from_day);

    return market_part(&s->market, &without, &with, b->paid_day - from_day, whole);
}

/* Only the days from now on are paid for. */
static void try_again(struct sim *s, struct member *m, struct bought *b, json_t *answer)
{
    struct duty *d = charge_of(m, b);

    b->from_day = d->start_day = today_of(s, m);
    b->owed = d->owed = rest_of(s, b, m, b->from_day, b->price_day, b->whole);
    if (number_of(answer, "charge_minor") != b->owed.total_minor)
        complain(s, m, "E-15: a slot on hold costs %lld, should cost %lld",
                 (long long)number_of(answer, "charge_minor"), (long long)b->owed.total_minor);
}

static void buy_new(struct sim *s, struct member *m, const struct left *l, int64_t no,
                    json_t *answer)
{
    struct bought *b = arena_new(&s->seed_arena, struct bought);
    struct sale const from = sale_at(s, m, m->plan, m->slots, l->old_price_day, l->start_day);
    struct sale const to =
        sale_at(s, m, m->plan, m->slots | bit_of(no), l->new_price_day, l->start_day);
    struct outcome o = outcome_of(s, m, l, &from, &to);

    *b = (struct bought){.no = no,
                         .plan = m->plan,
                         .from_day = l->start_day,
                         .paid_day = l->end_day,
                         .price_day = l->new_price_day,
                         .whole = l->whole,
                         .next = m->bought};
    if (laws[m->place].policy == PRORATE_NOW && !l->unpaid) {
        o.owed = rest_of(s, b, m, b->from_day, b->price_day, b->whole);
        o.effect = o.owed.total_minor > 0 ? "charged" : "next_price";
    }
    check_outcome(s, m, "a slot", &o, answer);
    if (!id_parse("slt", workload_text(answer, "slot"), &b->slot_id) ||
        number_of(answer, "slot_no") != no)
        complain(s, m, "O-02: the slot is number %lld, should be %lld",
                 (long long)number_of(answer, "slot_no"), (long long)no);
    if (strcmp(o.effect, "charged") == 0) b->owed = o.owed;
    if (strcmp(o.effect, "shifted") == 0) {
        b->paid_day = o.new_end_day;
        plan_shift(m, o.new_end_day);
    }
    m->slots |= bit_of(no);
    m->bought = b;
}

void plan_buy(struct sim *s, struct member *m)
{
    int64_t const today = today_of(s, m), no = free_place(m, today);
    struct left const l = left_of(s, m);
    struct bought *held = held_one(m, today), *canceled = canceled_one(m, today);
    json_t *out;

    bool const may = may_change(s, m) && laws[m->place].slots && plan_slots[m->plan] &&
                     m->next_plan == PLANS && (held || canceled || no);
    enum status const st = workload_call(s, m, "slot.buy", json_object(), &out);
    workload_expect(s, m, "a slot", st, may);
    if (st == OK && !s->failed) {
        if (held) {
            try_again(s, m, held, out);
        } else if (canceled) {
            canceled->end_day = 0;
            canceled->canceled = false;
            m->slots |= bit_of(canceled->no);
        } else {
            buy_new(s, m, &l, no, out);
        }
    }
    json_decref(out);
}

void plan_unbuy(struct sim *s, struct member *m)
{
    int64_t const today = today_of(s, m);
    struct bought *b = m->bought;
    char id[ID_TEXT];
    json_t *out;

    while (b && (!is_alive(b, today) || b->canceled)) b = b->next;
    if (!b) return;
    bool const may = !m->locked_at && !m->partner && !workload_in_flight(m);
    bool const unpaid = on_hold(m, b, today);
    enum status const st = workload_call(
        s, m, "slot.cancel", json_pack("{s:s}", "slot", id_text("slt", b->slot_id, id)), &out);
    if (!m->locked_at && (m->slots || m->partner))
        workload_expect(s, m, "the end of a slot", st, may);
    if (st == OK) {
        b->end_day = unpaid || m->next.day <= today ? today : m->next.day;
        b->canceled = true;
        b->lost = false;
        m->slots &= ~bit_of(b->no);
    }
    json_decref(out);
}

/* --- prices --- */

/* What a member knows by the time it is told of prices from a day on. */
static int64_t known_by(const struct member *m, int64_t today, int64_t from_day)
{
    if (!m->known_day) return from_day - 1;
    return m->new_day && m->from_day <= today ? m->new_day : m->known_day;
}

/* What an attempt in flight asks for stays (SPEC A-08). */
static void prices_change(struct member *m)
{
    for (struct duty *d = m->duties; d; d = d->older)
        if (d->held && (d->state == CHARGE_WANTED || d->state == CHARGE_UNKNOWN))
            d->news_since = true;
}

/* Whether a letter goes out: not to whom knows that price, or pays as much already. */
static bool tell(struct sim *s, struct member *m, size_t plan, int64_t from_day)
{
    const struct law *law = &laws[m->place];
    int64_t const today = today_of(s, m), known = known_by(m, today, from_day);
    struct sale const before = {m->place, plan, m->region, 0, known, known},
                      then = {m->place, plan, m->region, 0, from_day, from_day};
    int64_t const old = market_list(&s->market, &before), price = market_list(&s->market, &then);
    bool const dearer = price > old;
    int64_t const notice = law->notice_days >= 0 ? law->notice_days : s->settings.price_notice_days;
    int64_t const told = today + (dearer ? notice : 0), applies = told > from_day ? told : from_day;
    bool const asks = dearer && law->consent;

    if (known >= from_day || m->new_day >= from_day) return false;
    prices_change(m);
    m->known_day = known;
    m->new_day = asks ? 0 : from_day;
    m->from_day = asks ? 0 : applies;
    if (price == old) return false;
    struct notice *n = arena_new(&s->seed_arena, struct notice);
    *n = (struct notice){.plan = plan,
                         .from_day = from_day,
                         .applies_day = applies,
                         .asks = asks,
                         .next = m->notices};
    m->notices = n;
    return true;
}

static bool was_told(const struct member *m, size_t plan, int64_t from_day)
{
    for (const struct notice *n = m->notices; n; n = n->next)
        if (n->plan == plan && n->from_day == from_day) return true;
    return false;
}

static bool is_concerned(const struct member *m, size_t place, size_t plan)
{
    return m->account_id && m->place == place && plan_to_book(m) == plan && !m->partner &&
           m->state != M_NONE && m->state != M_CANCELED && m->state != M_DELETED;
}

static void announce(struct sim *s, size_t place, size_t plan, const struct ladder *l, size_t step)
{
    int64_t want = 0, told = 0;
    const char *after = "-";
    char from[DAY_TEXT];
    json_t *out;

    for (size_t i = 0; i < s->n_members; i++) {
        struct member *m = &s->members[i];

        if (!is_concerned(m, place, plan) || was_told(m, plan, l->day[step])) continue;
        want += tell(s, m, plan, l->day[step]);
    }
    while (*after && !s->failed) {
        json_t *in = json_pack("{s:s, s:s, s:s, s:i}", "country", places[place].code, "plan",
                               plan_codes[plan], "from", day_text(l->day[step], from), "limit", 50);
        if (*after != '-') json_object_set_new(in, "after", json_string(after));
        enum status const st = workload_call(s, NULL, "price.change", in, &out);
        told += number_of(out, "told");
        after = st == OK ? arena_strdup(&s->job, workload_text(out, "next")) : "";
        json_decref(out);
    }
    if (told != want)
        complain(s, NULL, "A-08: %lld members are told of a price, should be %lld", (long long)told,
                 (long long)want);
}

void plan_announce(struct sim *s)
{
    s->cx.now = s->now;
    for (size_t p = 0; p < PLACES && !s->failed; p++)
        for (size_t k = 0; k < PLANS && !s->failed; k++)
            for (size_t i = 1; i < s->market.price[p][k].n && !s->failed; i++)
                announce(s, p, k, &s->market.price[p][k], i);
}

/* The newest question that has no answer (SPEC A-08). */
static struct notice *question_of(const struct member *m)
{
    struct notice *best = NULL;

    for (struct notice *n = m->notices; n; n = n->next)
        if (n->asks && (!best || n->from_day > best->from_day ||
                        (n->from_day == best->from_day &&
                         strcmp(plan_codes[n->plan], plan_codes[best->plan]) < 0)))
            best = n;
    return best;
}

void plan_agree(struct sim *s, struct member *m)
{
    struct notice *n = question_of(m);
    int64_t const today = today_of(s, m);
    json_t *out;

    if (!n && !chance_one_in(&s->chance, 20)) return;
    enum status const st = workload_call(s, m, "price.consent", json_object(), &out);
    workload_expect(s, m, "a consent", st, n && !m->partner && !m->locked_at);
    if (st == OK && n) {
        prices_change(m);
        m->known_day = known_by(m, today, n->from_day);
        m->new_day = n->from_day;
        m->from_day = n->applies_day > today ? n->applies_day : today;
        n->asks = false;
    }
    json_decref(out);
}
