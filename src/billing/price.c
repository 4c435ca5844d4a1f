/* price: announces, dates and agrees. SPDX-License-Identifier: Apache-2.0 */
#include "billing/price.h"

#include "base/calendar.h"
#include "base/id.h"
#include "billing/dunning.h"
#include "db/outbox.h"
#include "price_sql.h"

const struct fault PRICE_NOT_THERE = {
    E_CONFLICT, "price.not_there",
    "The catalog has no other price for this plan and country from that date on; apply it first."};
const struct fault PRICE_NO_QUESTION = {
    E_CONFLICT, "price.no_question",
    "There is no new price that asks for consent; look at the next charge with preview.next."};

enum { BATCH = 1000, ROWS_MAX = 1000 };

static const char *date(struct ctx *cx, int64_t day)
{
    return day_text(day, arena_alloc(cx->arena, DAY_TEXT));
}

/* List prices of a plan and of each slot beside it. */
struct prices {
    int64_t plan_minor, slot_minor;
};

static int64_t slots_of(const struct membership *m)
{
    return __builtin_popcountll((unsigned long long)m->slots);
}

static int64_t month_minor(struct prices p, int64_t slots)
{
    return p.plan_minor + slots * p.slot_minor;
}

/* A change as the catalog has it, the same for every member of the country. */
struct news {
    const struct country *country;
    const struct plan *plan;
    int64_t from_day, notice_days;
    struct prices old, new_;
};

/* Whether the catalog has the plan on that day; a slot without a price costs nothing. */
static bool prices_on(const struct news *w, int64_t day, struct prices *out)
{
    const struct price *plan = country_price(w->country, w->plan->code, NULL, day);
    const struct price *slot = country_price(w->country, w->plan->code, ADDON_SLOT, day);

    *out = (struct prices){plan ? plan->amount_minor : 0, slot ? slot->amount_minor : 0};
    return plan;
}

static bool differ(struct prices a, struct prices b, int64_t slots)
{
    return a.plan_minor != b.plan_minor || (slots && a.slot_minor != b.slot_minor);
}

static enum status read(struct ctx *cx, const struct catalog *c, const struct price_change *in,
                        struct news *out)
{
    *out = (struct news){.country = catalog_country_named(c, in->country),
                         .plan = catalog_plan_named(c, in->plan)};
    if (!out->country) return fail(cx->err, &COUNTRY_UNKNOWN, "country");
    if (!out->plan) return fail(cx->err, &PLAN_UNKNOWN, "plan");
    if (!day_parse(in->from, &out->from_day)) return fail(cx->err, &PRICE_NOT_THERE, "from");
    if (!prices_on(out, out->from_day - 1, &out->old) ||
        !prices_on(out, out->from_day, &out->new_) || !differ(out->old, out->new_, 1))
        return fail(cx->err, &PRICE_NOT_THERE, "from");
    int64_t const days = out->country->settings.price_notice_days;
    out->notice_days = days >= 0 ? days : cx->settings->price_notice_days;
    return OK;
}

static struct price_terms known_of(const struct membership *m)
{
    return (struct price_terms){m->price_known_day, m->price_new_day, m->price_from_day};
}

static void set_terms(struct membership *m, const struct price_terms *t)
{
    m->price_known_day = t->known_day;
    m->price_new_day = t->new_day;
    m->price_from_day = t->from_day;
}

/* The change as it is for one member: the old prices are what this member pays. */
struct own {
    int64_t account_id, applies_day, slots;
    struct prices old;
    bool asks;
};

/* What the letter says of slots: nothing to whom has none. */
static void add_slots(json_t *facts, const struct news *w, const struct own *o)
{
    bool const plan = o->old.plan_minor != w->new_.plan_minor,
               slot = o->slots && o->old.slot_minor != w->new_.slot_minor;

    json_object_set_new(facts, "changes", json_string(!plan ? "slot" : slot ? "both" : "plan"));
    if (slot) {
        json_object_set_new(facts, "slot_old_minor", json_integer(o->old.slot_minor));
        json_object_set_new(facts, "slot_new_minor", json_integer(w->new_.slot_minor));
    }
    if (!o->slots) return;
    json_object_set_new(facts, "total_old_minor", json_integer(month_minor(o->old, o->slots)));
    json_object_set_new(facts, "total_new_minor", json_integer(month_minor(w->new_, o->slots)));
}

static enum status tell(struct ctx *cx, const struct news *w, const struct own *o)
{
    char from[DAY_TEXT], applies[DAY_TEXT];
    int64_t const old = o->old.plan_minor, new_ = w->new_.plan_minor;

    TRY(price_notice_add(
        cx, NULL, .account_id = o->account_id, .plan = w->plan->code, .from_day = w->from_day,
        .noticed_at = cx->now, .applies_day = o->applies_day, .old_minor = old, .new_minor = new_,
        .currency = w->country->currency,
        .price_consent = o->asks ? CONSENT_ASKED : CONSENT_NOT_NEEDED,
        .slot_old_minor = o->old.slot_minor, .slot_new_minor = w->new_.slot_minor));
    json_t *facts =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:b}", "plan", w->plan->code, "from",
                  day_text(w->from_day, from), "applies_on", day_text(o->applies_day, applies),
                  "old_minor", (json_int_t)old, "new_minor", (json_int_t)new_, "currency",
                  w->country->currency, "asks_consent", (int)o->asks);
    add_slots(facts, w, o);
    return outbox_put(cx, "price.notice", o->account_id, cx->now, facts);
}

static struct prices old_prices(const struct news *w, int64_t known_day)
{
    struct prices old;

    return prices_on(w, known_day, &old) ? old : w->old;
}

/* Whoever knows the price, or sees no difference, is not written to. */
static enum status announce(struct ctx *cx, const struct news *w, int64_t account_id, int64_t *told)
{
    struct trouble t;

    TRY(trouble_load(cx, account_id, &t));
    struct price_terms const now = known_of(&t.m);
    int64_t const today = zone_day(t.zone, cx->now), slots = slots_of(&t.m);
    struct prices const old = old_prices(w, price_known_by(&now, today, w->from_day));
    struct price_news const n = {.today = today,
                                 .from_day = w->from_day,
                                 .notice_days = w->notice_days,
                                 .dearer = month_minor(w->new_, slots) > month_minor(old, slots),
                                 .consent = w->country->settings.price_consent};
    struct own const o = {account_id, price_applies_day(&n), slots, old, n.dearer && n.consent};

    if (price_is_known(&now, &n)) return OK;
    struct price_terms const then = price_announce(&now, &n);
    set_terms(&t.m, &then);
    TRY(membership_store(cx, &t.m));
    if (!differ(old, w->new_, slots)) return OK;
    ++*told;
    return tell(cx, w, &o);
}

enum status price_change(struct ctx *cx, const struct catalog *c, const struct price_change *in,
                         struct price_changed *out)
{
    int64_t const max = in->limit ? in->limit : BATCH;
    struct price_untold_row *rows;
    int64_t after = 0, told = 0;
    struct news w;
    TX tx = {0};
    size_t n;

    TRY(tx_begin(&tx, cx));
    TRY(read(cx, c, in, &w));
    if (in->after && *in->after && !id_parse("mem", in->after, &after))
        return fail(cx->err, &MEMBERSHIP_UNKNOWN, "after");
    TRY(price_untold(cx, &rows, &n, .after = after, .country = w.country->code,
                     .plan = w.plan->code, .from_day = w.from_day, .max = max));
    for (size_t i = 0; i < n; i++) TRY(announce(cx, &w, rows[i].account_id, &told));
    *out = (struct price_changed){
        .country = w.country->code,
        .plan = w.plan->code,
        .from = date(cx, w.from_day),
        .currency = w.country->currency,
        .old_minor = w.old.plan_minor,
        .new_minor = w.new_.plan_minor,
        .slot_old_minor = w.old.slot_minor,
        .slot_new_minor = w.new_.slot_minor,
        .notice_days = w.notice_days,
        .consent = w.country->settings.price_consent,
        .told = told,
        .next = (int64_t)n < max
                    ? ""
                    : id_text("mem", rows[n - 1].account_id, arena_alloc(cx->arena, ID_TEXT)),
    };
    return tx_commit(&tx);
}

/* The newest notice that waits for consent, of several the one of the plan that comes first; NULL:
 * there is none. */
static enum status find_question(struct ctx *cx, int64_t account_id, struct price_notice **out)
{
    struct price_notice *rows;
    size_t n;

    *out = NULL;
    TRY(price_notices_of(cx, &rows, &n, .account_id = account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < n; i++)
        if (rows[i].price_consent == CONSENT_ASKED &&
            (!*out || rows[i].from_day >= (*out)->from_day))
            *out = &rows[i];
    return OK;
}

enum status price_question(struct ctx *cx, int64_t account_id, bool *open)
{
    struct price_notice *r;

    TRY(find_question(cx, account_id, &r));
    *open = r != NULL;
    return OK;
}

static struct price_answer answer(struct ctx *cx, const struct price_notice *r,
                                  const struct membership *m)
{
    struct prices const old = {r->old_minor, r->slot_old_minor},
                        new_ = {r->new_minor, r->slot_new_minor};
    int64_t const slots = slots_of(m);

    return (struct price_answer){
        .member = id_text("mem", m->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .plan = r->plan,
        .from = date(cx, r->from_day),
        .currency = r->currency,
        .old_minor = r->old_minor,
        .new_minor = r->new_minor,
        .slots = slots,
        .slot_old_minor = r->slot_old_minor,
        .slot_new_minor = r->slot_new_minor,
        .total_old_minor = month_minor(old, slots),
        .total_new_minor = month_minor(new_, slots),
    };
}

enum status price_consent(struct ctx *cx, const struct price_ask *in, struct price_answer *out)
{
    struct price_notice *r;
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    int64_t const today = zone_day(t.zone, cx->now);
    TRY(find_question(cx, in->account_id, &r));
    if (!r) return fail(cx->err, &PRICE_NO_QUESTION, NULL);
    struct price_terms const now = known_of(&t.m);
    struct price_terms const then = price_agree(&now, r->from_day, r->applies_day, today);
    set_terms(&t.m, &then);
    TRY(membership_store(cx, &t.m));
    TRY(price_notice_agree(cx, NULL, .account_id = in->account_id, .plan = r->plan,
                           .from_day = r->from_day, .applies_day = then.from_day));
    *out = answer(cx, r, &t.m);
    out->applies_on = date(cx, then.from_day);
    out->consent = CONSENT_GIVEN;
    return tx_commit(&tx);
}
