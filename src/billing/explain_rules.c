/* explain_rules: a row per cause; each row looks at two charges and leaves its evidence.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/explain_rules.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"

const struct names fact_kinds = NAMES("none", "word", "text", "count", "date", "money", "rate");
const struct names explain_causes =
    NAMES("missing_day", "plan_upgrade", "slot_added", "price_change", "tax_added",
          "partner_calendar", "bank_posting", "tax_changed", "plan_downgrade", "slot_removed",
          "country_change", "change_not_made", "first_charge", "recovered_after_hold",
          "hold_unpaid", "anchor_shift", "day_moved", "pause_over", "new_term", "term_not_begun",
          "periods_skipped", "retried", "account_locked", "disputed", "begun_late", "card_expired",
          "card_updated", "plan_retired", "credit", "as_before", "unknown");

const char *rate_text(int64_t rate_ppm, struct arena *a)
{
    int64_t const whole = rate_ppm / 10000;
    int64_t part = rate_ppm % 10000;
    int digits = 4;

    if (part == 0) return arena_printf(a, "%lld %%", (long long)whole);
    for (; part % 10 == 0; part /= 10) digits--;
    return arena_printf(a, "%lld.%0*lld %%", (long long)whole, digits, (long long)part);
}

static struct evidence_fact text(const char *s)
{
    return *s ? (struct evidence_fact){FACT_TEXT, s, 0, 0} : (struct evidence_fact){0};
}

static struct evidence_fact word(const char *s)
{
    return (struct evidence_fact){FACT_WORD, s, 0, 0};
}

static struct evidence_fact date(int64_t day)
{
    return day ? (struct evidence_fact){FACT_DATE, NULL, day, 0} : (struct evidence_fact){0};
}

static struct evidence_fact number(int64_t n)
{
    return (struct evidence_fact){FACT_COUNT, NULL, n, 0};
}

static struct evidence_fact money(int64_t minor, const char *currency)
{
    return (struct evidence_fact){FACT_MONEY, currency, minor, 0};
}

static struct evidence_fact price_since(const struct charge_facts *f, const struct line_facts *l)
{
    return l ? (struct evidence_fact){FACT_MONEY, f->currency, l->unit_minor, l->effective_day}
             : (struct evidence_fact){0};
}

static struct evidence_fact rate_since(const struct line_facts *l)
{
    return l ? (struct evidence_fact){FACT_RATE, NULL, l->rate_ppm, l->effective_day}
             : (struct evidence_fact){0};
}

static const struct evidence_fact nothing = {0};

static void add(struct cause *c, const char *name, struct evidence_fact old,
                struct evidence_fact new_)
{
    assert(c->n < EVIDENCE_MAX);
    c->at[c->n++] = (struct evidence){name, old, new_};
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool is_plan_line(const struct charge_facts *f, const struct line_facts *l)
{
    return l->kind == LINE_PLAN && same(l->item, f->plan);
}

const struct line_facts *facts_plan_line(const struct charge_facts *f)
{
    for (size_t i = 0; i < f->n_lines; i++)
        if (is_plan_line(f, &f->lines[i])) return &f->lines[i];
    return NULL;
}

const struct line_facts *facts_line_like(const struct charge_facts *f, const struct line_facts *l)
{
    for (size_t i = 0; i < f->n_lines; i++)
        if (f->lines[i].kind == l->kind && same(f->lines[i].item, l->item)) return &f->lines[i];
    return NULL;
}

/* Of days until a new billing day it is that day. */
static struct basket stands(const struct charge_facts *f)
{
    if (f->basket.lines) return f->basket;
    return (struct basket){f->plan, f->gap_end_day ? f->gap_end_day : f->due_day, f->n_lines,
                           f->lines};
}

/* A membership has one plan; each slot has a name. */
static const struct line_facts *basket_like(const struct basket *s, const struct line_facts *l)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->lines[i].kind == l->kind &&
            (l->kind == LINE_PLAN || same(s->lines[i].item, l->item)))
            return &s->lines[i];
    return NULL;
}

static const struct line_facts *basket_plan(const struct basket *s)
{
    return basket_like(s, &(struct line_facts){.kind = LINE_PLAN});
}

struct basket charge_basket(const struct charge_facts *was, const struct charge_facts *is,
                            struct arena *a)
{
    struct charge_facts own = *is;

    own.basket.lines = NULL;
    struct basket s = stands(&own);
    if (!was || is->kind == CHARGE_RENEWAL) return s;
    struct basket const before = stands(was);
    struct line_facts *lines = arena_array(a, struct line_facts, before.n + is->n_lines + 1);
    s.n = 0;
    for (size_t i = 0; i < before.n; i++) {
        const struct line_facts *now =
            basket_like(&(struct basket){.n = is->n_lines, .lines = is->lines}, &before.lines[i]);

        lines[s.n++] = now ? *now : before.lines[i];
    }
    for (size_t i = 0; i < is->n_lines; i++)
        if (!basket_like(&before, &is->lines[i])) lines[s.n++] = is->lines[i];
    s.lines = lines;
    if (!is->gap_end_day) s.day = before.day;
    return s;
}

static int64_t day_of_month(int64_t day)
{
    return civil_of(day).day;
}

static bool is_clamped(const struct charge_facts *f)
{
    return f->kind == CHARGE_RENEWAL && day_of_month(f->due_day) != day_of_month(f->anchor_day) &&
           f->due_day == period_start_day(f->anchor_day, f->k);
}

/* For another plan, and not for the days until another billing day. */
static bool is_change(const struct charge_facts *f)
{
    return f->kind == CHARGE_CHANGE && !f->gap_end_day;
}

static bool missing_day(const struct charge_facts *was, const struct charge_facts *is,
                        struct cause *c)
{
    bool const back = was && was->term == is->term && is_clamped(was);

    if (is->kind != CHARGE_RENEWAL || (!is_clamped(is) && !back)) return false;
    if (was && was->term == is->term && day_of_month(was->due_day) == day_of_month(is->due_day))
        return false;
    struct civil const d = civil_of(is_clamped(is) ? is->due_day : was->due_day);
    add(c, "anchor_day", nothing, number(day_of_month(is->anchor_day)));
    add(c, "last_day_of_month", nothing,
        date(day_of(d.year, d.month, month_days(d.year, d.month))));
    add(c, "date", was ? date(was->due_day) : nothing, date(is->due_day));
    return true;
}

static bool plan_changed(const struct charge_facts *was, const struct charge_facts *is, bool up,
                         struct cause *c)
{
    if (!was || same(was->plan, is->plan)) return false;
    const struct line_facts *l0 = facts_plan_line(was), *l1 = facts_plan_line(is);
    int64_t const old = l0 ? l0->unit_minor : was->total_minor;
    int64_t const new_ = l1 ? l1->unit_minor : is->total_minor;
    if ((new_ >= old) != up) return false;
    add(c, "plan", text(was->plan), text(is->plan));
    add(c, "price", price_since(was, l0), price_since(is, l1));
    return true;
}

/* Which part of a period is charged: its price times days by days of the period. */
static void add_share(struct cause *c, const struct charge_facts *is)
{
    const struct share *s = &is->share;

    if (!s->whole_days) return;
    add(c, "from", nothing, date(s->start_day));
    add(c, "until", nothing, date(s->end_day - 1));
    add(c, "days", nothing, number(s->end_day - s->start_day));
    add(c, "days_of_period", nothing, number(s->whole_days));
}

/* A charge for nothing but another plan. */
static bool upgraded(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    struct basket const before = was ? stands(was) : (struct basket){.plan = ""};
    const struct line_facts *old = basket_plan(&before), *new_ = facts_plan_line(is);
    const char *const plan = is->plan_before ? is->plan_before : before.plan;

    if (old && !same(old->item, plan)) old = NULL;
    add(c, "plan", text(plan), text(is->plan));
    if (new_) add(c, "price", old ? price_since(was, old) : nothing, price_since(is, new_));
    add_share(c, is);
    return true;
}

static bool plan_upgrade(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    if (is_change(is)) return !is->in_vain && upgraded(was, is, c);
    return is->kind != CHARGE_SLOT && plan_changed(was, is, true, c);
}

static bool plan_downgrade(const struct charge_facts *was, const struct charge_facts *is,
                           struct cause *c)
{
    return is->kind == CHARGE_RENEWAL && plan_changed(was, is, false, c);
}

/* Slots of *f that *other lacks. */
static bool slots_beyond(const struct charge_facts *f, const struct charge_facts *other, bool added,
                         struct cause *c)
{
    struct basket const with = stands(f), without = other ? stands(other) : (struct basket){0};

    for (size_t i = 0; i < with.n && c->n < EVIDENCE_MAX; i++) {
        const struct line_facts *l = &with.lines[i];

        if (l->kind != LINE_SLOT || basket_like(&without, l)) continue;
        struct evidence_fact const price = price_since(f, l);
        add(c, l->item, added ? nothing : price, added ? price : nothing);
    }
    return c->n > 0;
}

/* A charge for a slot names it, also where there was one of that name before. */
static bool slot_bought(const struct charge_facts *is, struct cause *c)
{
    for (size_t i = 0; i < is->n_lines; i++)
        if (is->lines[i].kind == LINE_SLOT)
            add(c, is->lines[i].item, nothing, price_since(is, &is->lines[i]));
    if (c->n == 0) add(c, "slot", nothing, money(is->total_minor, is->currency));
    add_share(c, is);
    return true;
}

static bool slot_added(const struct charge_facts *was, const struct charge_facts *is,
                       struct cause *c)
{
    if (is->kind == CHARGE_SLOT) return !is->in_vain && slot_bought(is, c);
    return !is_change(is) && slots_beyond(is, was, true, c);
}

static bool slot_removed(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    return was && is->kind == CHARGE_RENEWAL && was->kind == is->kind &&
           slots_beyond(was, is, false, c);
}

static bool moved(const struct charge_facts *was, const struct charge_facts *is)
{
    return !same(was->country, is->country) || !same(was->currency, is->currency);
}

/* The prices of the same plan and its slots in the same country. */
static bool price_change(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    if (!was || moved(was, is) || !same(was->plan, is->plan)) return false;
    for (size_t i = 0; i < is->n_lines && c->n < EVIDENCE_MAX; i++) {
        const struct line_facts *l1 = &is->lines[i], *l0 = facts_line_like(was, l1);

        if (l1->kind == LINE_TAX || !l0 || l0->unit_minor == l1->unit_minor) continue;
        add(c, l1->kind == LINE_PLAN ? "price" : l1->item, price_since(was, l0),
            price_since(is, l1));
    }
    return c->n > 0;
}

static bool tax_added(const struct charge_facts *was, const struct charge_facts *is,
                      struct cause *c)
{
    if (!was || was->kind != is->kind) return false;
    for (size_t i = 0; i < is->n_lines && c->n < EVIDENCE_MAX; i++) {
        const struct line_facts *l = &is->lines[i];

        if (l->kind == LINE_TAX && !facts_line_like(was, l))
            add(c, l->item, nothing, rate_since(l));
    }
    return c->n > 0;
}

/* Whether taxes come on top of the list price instead of out of it. */
static bool is_tax_on_top(const struct charge_facts *f)
{
    const struct line_facts *plan = facts_plan_line(f);

    for (size_t i = 0; plan && plan->amount_minor == plan->unit_minor && i < f->n_lines; i++)
        if (f->lines[i].kind == LINE_TAX && f->lines[i].amount_minor != 0) return true;
    return false;
}

static struct evidence_fact tax_place(const struct charge_facts *f)
{
    return word(is_tax_on_top(f) ? "on_top" : "included");
}

static bool tax_changed(const struct charge_facts *was, const struct charge_facts *is,
                        struct cause *c)
{
    bool both = false;

    if (!was || was->kind != is->kind) return false;
    for (size_t i = 0; i < was->n_lines && c->n < EVIDENCE_MAX - 1; i++) {
        const struct line_facts *l = &was->lines[i], *now = facts_line_like(is, l);

        if (l->kind != LINE_TAX) continue;
        if (now) both = true;
        if (!now || now->rate_ppm != l->rate_ppm) add(c, l->item, rate_since(l), rate_since(now));
    }
    if (both && is_tax_on_top(was) != is_tax_on_top(is))
        add(c, "tax_place", tax_place(was), tax_place(is));
    return c->n > 0;
}

static bool country_change(const struct charge_facts *was, const struct charge_facts *is,
                           struct cause *c)
{
    if (!was) return false;
    if (!same(was->country, is->country)) add(c, "country", text(was->country), text(is->country));
    if (!same(was->region, is->region)) add(c, "region", text(was->region), text(is->region));
    if (!same(was->currency, is->currency))
        add(c, "currency", text(was->currency), text(is->currency));
    return c->n > 0;
}

static bool partner(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    const char *old = was ? was->biller : is->biller;

    if (same(old, "direct") && same(is->biller, "direct")) return false;
    add(c, "biller", was ? text(old) : nothing, text(is->biller));
    add(c, "date", was ? date(was->due_day) : nothing, date(is->due_day));
    return true;
}

static bool paid_late(const struct charge_facts *is, struct cause *c)
{
    if (is->captured_day == 0 || is->captured_day <= is->due_day) return false;
    add(c, "due", nothing, date(is->due_day));
    add(c, "captured", nothing, date(is->captured_day));
    add(c, "expected_on_statement_by", nothing, date(is->expected_day));
    return true;
}

static int64_t begun_day(const struct charge_facts *f)
{
    return f->begun_day ? f->begun_day : f->due_day;
}

/* What we have begun late is no bank's delay. */
static bool bank_posting(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    (void)was;
    if (is->refusals || is->captured_day <= begun_day(is) || !paid_late(is, c)) return false;
    if (is->begun_day > is->due_day) add(c, "begun", nothing, date(is->begun_day));
    return true;
}

static bool locked(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    (void)was;
    if (!is->locked_day) return false;
    add(c, "due", nothing, date(is->due_day));
    add(c, "locked", nothing, date(is->locked_day));
    add(c, "unlocked", nothing, date(is->unlocked_day));
    add(c, "begun", nothing, date(is->begun_day));
    return true;
}

static bool disputed(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    (void)was;
    if (!is->disputed_day) return false;
    add(c, "due", nothing, date(is->due_day));
    add(c, "disputed", nothing, date(is->disputed_day));
    if (is->settled_day) add(c, "settled", nothing, date(is->settled_day));
    if (begun_day(is) > is->due_day) add(c, "begun", nothing, date(is->begun_day));
    return true;
}

static bool begun_late(const struct charge_facts *was, const struct charge_facts *is,
                       struct cause *c)
{
    (void)was;
    if (begun_day(is) <= is->due_day || is->locked_day || is->disputed_day) return false;
    add(c, "due", nothing, date(is->due_day));
    add(c, "begun", nothing, date(is->begun_day));
    return true;
}

static bool card_expired(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    (void)was;
    if (!is->card.expired) return false;
    add(c, "card", nothing, text(is->card.last4));
    add(c, "expires", nothing, text(is->card.expires));
    add(c, "captured", nothing, date(is->captured_day));
    return true;
}

static bool card_updated(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    const struct card_facts *card = &is->card;

    (void)was;
    if (!card->updated_day) return false;
    add(c, "updated", nothing, date(card->updated_day));
    add(c, "card", text(card->last4_before), text(card->last4));
    add(c, "expires", text(card->expires_before), text(card->expires));
    return true;
}

static bool retried(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    (void)was;
    if (is->refusals == 0 || !paid_late(is, c)) return false;
    add(c, "refusals", nothing, number(is->refusals));
    return true;
}

static bool first(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    if (was) return false;
    add(c, "date", nothing, date(is->due_day));
    add(c, "total", nothing, money(is->total_minor, is->currency));
    return true;
}

static bool new_anchor(const struct charge_facts *was, const struct charge_facts *is, bool is_why,
                       struct cause *c)
{
    if (!was || was->term == is->term || is->kind != CHARGE_RENEWAL || !is_why) return false;
    add(c, "anchor", date(was->anchor_day), date(is->anchor_day));
    add(c, "date", date(was->due_day), date(is->due_day));
    return true;
}

static bool recovered(const struct charge_facts *was, const struct charge_facts *is,
                      struct cause *c)
{
    return new_anchor(was, is, is->recovered && !is->in_vain, c);
}

static bool hold_unpaid(const struct charge_facts *was, const struct charge_facts *is,
                        struct cause *c)
{
    return new_anchor(was, is, is->recovered && is->in_vain, c);
}

static bool anchor_shift(const struct charge_facts *was, const struct charge_facts *is,
                         struct cause *c)
{
    return new_anchor(was, is, is->shifted, c);
}

static bool day_moved(const struct charge_facts *was, const struct charge_facts *is,
                      struct cause *c)
{
    return new_anchor(was, is, is->moved, c);
}

static void add_gap(const struct charge_facts *is, struct cause *c)
{
    add(c, "billing_day", number(day_of_month(is->anchor_day)),
        number(day_of_month(is->gap_end_day)));
    add(c, "from", nothing, date(is->gap_start_day));
    add(c, "until", nothing, date(is->gap_end_day - 1));
    add(c, "days", nothing, number(is->gap_end_day - is->gap_start_day));
    if (is->share.whole_days) add(c, "days_of_period", nothing, number(is->share.whole_days));
}

/* The charge for the days until then. */
static bool day_gap(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    (void)was;
    if (!is->gap_end_day || is->in_vain) return false;
    add_gap(is, c);
    return true;
}

/* It was paid when nobody waited for it any more and goes back, or it was not paid. */
static bool change_not_made(const struct charge_facts *was, const struct charge_facts *is,
                            struct cause *c)
{
    if (is->kind == CHARGE_RENEWAL || !is->in_vain) return false;
    if (is->gap_end_day)
        add_gap(is, c);
    else if (is->kind == CHARGE_SLOT)
        slot_bought(is, c);
    else
        upgraded(was, is, c);
    return true;
}

/* Its billing day is told where it is another one. */
static bool pause_over(const struct charge_facts *was, const struct charge_facts *is,
                       struct cause *c)
{
    if (!was || was->term == is->term || !is->resumed || is->in_vain) return false;
    add(c, "pause", date(is->paused_day), date(is->due_day));
    if (day_of_month(was->anchor_day) != day_of_month(is->anchor_day))
        add(c, "billing_day", number(day_of_month(was->anchor_day)),
            number(day_of_month(is->anchor_day)));
    return true;
}

static bool has_other_reason(const struct charge_facts *is)
{
    return is->recovered || is->shifted || is->moved;
}

static bool term_not_begun(const struct charge_facts *was, const struct charge_facts *is,
                           struct cause *c)
{
    return new_anchor(was, is, is->in_vain && !has_other_reason(is), c);
}

static bool new_term(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    return new_anchor(was, is, !has_other_reason(is) && !is->resumed && !is->in_vain, c);
}

static bool gap(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    if (!was || is->kind != CHARGE_RENEWAL || was->term != is->term || is->k <= was->k + 1)
        return false;
    add(c, "periods_not_charged", nothing, number(is->k - was->k - 1));
    add(c, "date", date(was->due_day), date(is->due_day));
    return true;
}

static int64_t by_credit(const struct charge_facts *f)
{
    return f && f->credit_minor != CREDIT_OPEN ? f->credit_minor : 0;
}

static struct evidence_fact paid_by_credit(const struct charge_facts *f)
{
    return by_credit(f) ? money(f->credit_minor, f->currency) : nothing;
}

static struct evidence_fact paid_by_method(const struct charge_facts *f)
{
    return f ? money(f->total_minor - by_credit(f), f->currency) : nothing;
}

static bool is_all_by_credit(const struct charge_facts *f)
{
    return f && f->total_minor == by_credit(f);
}

/* Where credit pays all of both, it is the price that makes the difference. */
static bool credit(const struct charge_facts *was, const struct charge_facts *is, struct cause *c)
{
    if (is->credit_minor == CREDIT_OPEN || by_credit(was) == by_credit(is)) return false;
    if (is->kind != CHARGE_RENEWAL && !by_credit(is)) return false;
    if (is_all_by_credit(was) && is_all_by_credit(is)) return false;
    add(c, "credit", paid_by_credit(was), paid_by_credit(is));
    add(c, "method_pays", paid_by_method(was), paid_by_method(is));
    if (is->credits > 1) add(c, "credits", nothing, number(is->credits));
    return true;
}

/* The order is that of the enum. `on_date`, `on_amount`: what the cause can account for. */
/* clang-format off */
static const struct rule {
    enum explain_cause cause;
    bool on_date, on_amount;
    bool (*applies)(const struct charge_facts *was, const struct charge_facts *is, struct cause *c);
} rules[] = {
    {WHY_MISSING_DAY,    true,  false, missing_day},
    {WHY_PLAN_UPGRADE,   false, true,  plan_upgrade},
    {WHY_SLOT_ADDED,     false, true,  slot_added},
    {WHY_PRICE_CHANGE,   false, true,  price_change},
    {WHY_TAX_ADDED,      false, true,  tax_added},
    {WHY_PARTNER,        true,  true,  partner},
    {WHY_BANK_POSTING,   false, false, bank_posting},
    {WHY_TAX_CHANGED,    false, true,  tax_changed},
    {WHY_PLAN_DOWNGRADE, false, true,  plan_downgrade},
    {WHY_SLOT_REMOVED,   false, true,  slot_removed},
    {WHY_COUNTRY_CHANGE, false, true,  country_change},
    {WHY_CHANGE_NOT_MADE, true, true,  change_not_made},
    {WHY_FIRST,          true,  true,  first},
    {WHY_RECOVERED,      true,  false, recovered},
    {WHY_HOLD_UNPAID,    true,  false, hold_unpaid},
    {WHY_ANCHOR_SHIFT,   true,  false, anchor_shift},
    {WHY_DAY_MOVED,      true,  false, day_moved},
    {WHY_DAY_MOVED,      true,  true,  day_gap},
    {WHY_PAUSE_OVER,     true,  false, pause_over},
    {WHY_NEW_TERM,       true,  false, new_term},
    {WHY_TERM_NOT_BEGUN, true,  false, term_not_begun},
    {WHY_GAP,            true,  false, gap},
    {WHY_RETRIED,        false, false, retried},
    {WHY_LOCK,           false, false, locked},
    {WHY_DISPUTED,       false, false, disputed},
    {WHY_BEGUN_LATE,     false, false, begun_late},
    {WHY_CARD_EXPIRED,   false, false, card_expired},
    {WHY_CARD_UPDATED,   false, false, card_updated},
    {WHY_CREDIT,         false, false, credit},
};
/* clang-format on */

/* The pattern is the next period of the same term, on the anchor's day of the month. */
static bool date_differs(const struct charge_facts *was, const struct charge_facts *is)
{
    if (!was || was->term != is->term || is->k != was->k + 1) return true;
    return is->due_day != period_start_day(is->anchor_day, is->k) ||
           day_of_month(is->due_day) != day_of_month(was->due_day);
}

static bool amount_differs(const struct charge_facts *was, const struct charge_facts *is)
{
    return !was || was->total_minor != is->total_minor || !same(was->currency, is->currency);
}

/* Of evidence only what is added counts: it is not wiped, for there is much room for it. */
static void begin_cause(struct cause *c, enum explain_cause cause)
{
    c->cause = cause;
    c->n = 0;
}

void explain_charge(const struct charge_facts *was, const struct charge_facts *is,
                    struct causes *out)
{
    bool date_open = is->kind == CHARGE_RENEWAL && date_differs(was, is);
    bool amount_open = amount_differs(was, is);

    out->n = 0;
    for (size_t i = 0; i < COUNT(rules); i++) {
        begin_cause(&out->at[out->n], rules[i].cause);
        if (!rules[i].applies(was, is, &out->at[out->n])) continue;
        out->n++;
        if (rules[i].on_date) date_open = false;
        if (rules[i].on_amount) amount_open = false;
    }
    if (out->n > 0 && !date_open && !amount_open) return;
    struct cause *c = &out->at[out->n++];
    begin_cause(c, date_open || amount_open ? WHY_UNKNOWN : WHY_AS_BEFORE);
    add(c, "date", was ? date(was->due_day) : nothing, date(is->due_day));
    add(c, "total", was ? money(was->total_minor, was->currency) : nothing,
        money(is->total_minor, is->currency));
}

void explain_partner(const char *biller, int64_t date_day, struct causes *out)
{
    *out = (struct causes){.n = 1, .at[0].cause = WHY_PARTNER};
    add(&out->at[0], "biller", nothing, text(biller));
    if (date_day) add(&out->at[0], "date", nothing, date(date_day));
}

/* All slots of a membership have one price. */
static struct evidence_fact slot_price(const struct charge_facts *f, const struct basket *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->lines[i].kind == LINE_SLOT) return money(s->lines[i].unit_minor, f->currency);
    return nothing;
}

struct changes {
    struct evidence *at;
    size_t n, max;
};

static bool same_fact(struct evidence_fact x, struct evidence_fact y)
{
    return x.kind == y.kind && x.number == y.number &&
           same(x.text ? x.text : "", y.text ? y.text : "");
}

static void note(struct changes *c, const char *name, struct evidence_fact old,
                 struct evidence_fact new_)
{
    if (same_fact(old, new_) || c->n == c->max) return;
    c->at[c->n++] = (struct evidence){name, old, new_};
}

static void note_taxes(struct changes *c, const struct charge_facts *was,
                       const struct charge_facts *is)
{
    for (size_t i = 0; i < was->n_lines; i++) {
        const struct line_facts *l = &was->lines[i];

        if (l->kind == LINE_TAX)
            note(c, l->item, rate_since(l), rate_since(facts_line_like(is, l)));
    }
    for (size_t i = 0; i < is->n_lines; i++) {
        const struct line_facts *l = &is->lines[i];

        if (l->kind == LINE_TAX && !facts_line_like(was, l))
            note(c, l->item, nothing, rate_since(l));
    }
}

static const char *slots(const struct basket *s, struct arena *a)
{
    const char *text = "";

    for (size_t i = 0; i < s->n; i++)
        if (s->lines[i].kind == LINE_SLOT)
            text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", s->lines[i].item);
    return text;
}

static struct evidence_fact price(const struct charge_facts *f, const struct basket *s)
{
    const struct line_facts *l = basket_plan(s);
    return l ? money(l->unit_minor, f->currency) : nothing;
}

size_t charge_changes(const struct charge_facts *was, const struct charge_facts *is,
                      const char *method_was, const char *method_is, struct arena *a,
                      struct evidence *out, size_t max)
{
    struct changes c = {out, 0, max};

    if (!was) return 0;
    struct basket const s0 = stands(was), s1 = stands(is);
    note(&c, "plan", text(s0.plan), text(s1.plan));
    note(&c, "price", price(was, &s0), price(is, &s1));
    note(&c, "slots", text(slots(&s0, a)), text(slots(&s1, a)));
    struct evidence_fact const slot0 = slot_price(was, &s0), slot1 = slot_price(is, &s1);
    if (slot0.kind && slot1.kind) note(&c, "slot_price", slot0, slot1);
    note_taxes(&c, was, is);
    note(&c, "credit", paid_by_credit(was), paid_by_credit(is));
    note(&c, "method", text(method_was), text(method_is));
    /* A clamped month follows the pattern too, but a person sees another day of the month. */
    note(&c, "day", number(day_of_month(s0.day)), number(day_of_month(s1.day)));
    return c.n;
}

int64_t try_round_next(struct try_round *r, int64_t method_id, int64_t day)
{
    bool next = r->number == 0 || day != r->day || r->n == COUNT(r->methods);

    for (size_t i = 0; i < r->n; i++) next = next || r->methods[i] == method_id;
    if (next) *r = (struct try_round){.number = r->number + 1, .day = day};
    r->methods[r->n++] = method_id;
    return r->number;
}
