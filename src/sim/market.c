/* market: countries, prices and taxes of the simulated operator.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/market.h"

#include <string.h>

#include "base/calendar.h"

/* Zones: half-hour summer time, changes at midnight, quarter hours, the date line. */
/* clang-format off */
const struct place places[PLACES] = {
    {"DE", "Germany", "EUR", 2, "Europe/Berlin", "north", true, 190000, NULL, 0, 799},
    {"US", "United States", "USD", 2, "America/New_York", "west", false, 0, "NY", 88750, 999},
    {"JP", "Japan", "JPY", 0, "Asia/Tokyo", "east", true, 100000, NULL, 0, 990},
    {"BH", "Bahrain", "BHD", 3, "Asia/Bahrain", "east", false, 100000, NULL, 0, 2999},
    {"BR", "Brazil", "BRL", 2, "America/Sao_Paulo", "west", true, 0, NULL, 0, 2590},
    {"AU", "Australia", "AUD", 2, "Australia/Lord_Howe", "east", true, 100000, NULL, 0, 1099},
    {"NP", "Nepal", "NPR", 2, "Asia/Kathmandu", "east", false, 130000, NULL, 0, 39900},
    {"WS", "Samoa", "WST", 2, "Pacific/Apia", "east", true, 150000, NULL, 0, 2100},
    {"CL", "Chile", "CLP", 0, "America/Santiago", "west", false, 190000, NULL, 0, 5940},
    {"LB", "Lebanon", "LBP", 2, "Asia/Beirut", "north", true, 110000, NULL, 0, 1200000},
    {"CA", "Canada", "CAD", 2, "America/St_Johns", "west", false, 50000, "QC", 99750, 999},
    {"KI", "Kiribati", "AUD", 2, "Pacific/Kiritimati", "east", true, 0, NULL, 0, 899},
};
/* clang-format on */
/* clang-format off */
const struct law laws[PLACES] = {
    /* policy              withdrawal unserved notice grace hold retention consent slots */
    {PRORATE_NOW,          14,  0, -1, -1, -1, -1, false, true},
    {SHIFT_ANCHOR,          0,  0, -1, -1, -1, -1, false, true},
    {NEW_PRICE_NEXT_DATE,   0, 30, -1, -1, -1, -1, false, true},
    {PRORATE_NOW,           0,  0, 10,  3, -1, -1, false, true},
    {SHIFT_ANCHOR,          7,  0, 45, -1, 20, -1, false, true},
    {PRORATE_NOW,           0,  0, -1, -1, -1,  6, true,  true},
    {NEW_PRICE_NEXT_DATE,   0,  0, -1, -1, -1, -1, true,  false},
    {SHIFT_ANCHOR,         14,  0, -1,  0, -1, -1, false, true},
    {PRORATE_NOW,          10, 60,  0, -1, -1,  3, false, true},
    {PRORATE_NOW,           0,  0, -1,  8, 40, -1, true,  false},
    {SHIFT_ANCHOR,         14, 14, -1, -1, -1, 12, false, true},
    {PRORATE_NOW,           0,  0, -1, -1,  3, -1, false, true},
};
/* clang-format on */
const char *const plan_codes[PLANS] = {"basic", "standard", "premium"};
const int64_t plan_slots[PLANS] = {0, 1, 2};
const char partner_code[] = "harbour";

static const char head[] =
    "format: 1\n"
    "sellers:\n"
    "  north: {legal_name: Foyer North B.V., tax_id: EXAMPLE-NL-0000, country: NL}\n"
    "  east: {legal_name: Foyer East Pte. Ltd., tax_id: EXAMPLE-SG-0000, country: SG}\n"
    "  west: {legal_name: Foyer West LLC, tax_id: EXAMPLE-US-0000, country: US}\n"
    "brands: {visa: Visa, mastercard: Mastercard, amex: American Express, discover: Discover}\n"
    "operators: {}\n"
    "acceptance:\n"
    "  all:\n"
    "    - {kind: card}\n"
    "    - {kind: wallet}\n"
    "partners:\n"
    "  harbour:\n"
    "    name: Harbour\n"
    "    kind: package\n"
    "    payment: {text: See your Harbour account.}\n"
    "    cancel: {text: See your Harbour account.}\n"
    "    refund: {text: Ask Harbour.}\n"
    "settings: {}\n"
    "plans:\n";

static void ladder_begin(struct ladder *l, int64_t value)
{
    *l = (struct ladder){.n = 1, .day = {day_of(2015, 1, 1)}, .value = {value}};
}

static void ladder_step(struct ladder *l, int64_t day, int64_t value)
{
    if (l->n == STEPS || day <= l->day[l->n - 1] || value == l->value[l->n - 1]) return;
    l->day[l->n] = day;
    l->value[l->n++] = value;
}

static int64_t ladder_at(const struct ladder *l, int64_t day)
{
    size_t i = l->n - 1;

    while (i > 0 && l->day[i] > day) i--;
    return l->value[i];
}

void market_make(struct market *m, struct chance *c, int64_t start_day, int64_t end_day)
{
    int64_t const days = end_day - start_day;

    *m = (struct market){.news_day = start_day + chance_between(c, days / 8, days / 2),
                         .retired = {.plan = PLANS}};
    for (size_t p = 0; p < PLACES; p++) {
        int64_t const day = m->news_day + chance_between(c, 3, days / 3 + 3);

        for (size_t i = 0; i < PLANS; i++) {
            int64_t const price = places[p].price_minor * (2 + (int64_t)i) / 2;

            ladder_begin(&m->price[p][i], price);
            if (chance_one_in(c, 3))
                ladder_step(&m->price[p][i], day, price + price / chance_between(c, 5, 20));
            if (chance_one_in(c, 6))
                ladder_step(&m->price[p][i], day + chance_between(c, 20, 200), price + 1);
        }
        ladder_begin(&m->tax[p], places[p].rate_ppm);
        ladder_begin(&m->region_tax[p], places[p].region_rate_ppm);
        if (chance_one_in(c, 3)) {
            int64_t const later = chance_between(c, 0, 60);

            ladder_step(&m->tax[p], day + later,
                        chance_one_in(c, 3) ? 0 : chance_between(c, 1, 250) * 1000);
        }
    }
}

void market_retire(struct market *m, struct chance *c, int64_t start_day, int64_t end_day)
{
    int64_t const days = end_day - start_day;
    struct retired *r = &m->retired;

    if (!chance_one_in(c, 3)) return;
    r->plan = (size_t)chance_upto(c, PLANS);
    r->to = chance_one_in(c, 3) ? PLANS : (r->plan + 1 + (size_t)chance_upto(c, 2)) % PLANS;
    r->news_day = start_day + chance_between(c, days / 6, days / 2);
    r->day = r->news_day + chance_between(c, 0, 90);
}

/* A text that grows in the arena. */
struct text {
    struct arena *arena;
    char *at;
    size_t n, room;
};

static void add(struct text *t, const char *s)
{
    size_t const n = strlen(s);

    if (t->n + n + 1 > t->room) {
        char *old = t->at;

        t->room = 2 * (t->room + n + 1);
        t->at = arena_alloc(t->arena, t->room);
        if (old) memcpy(t->at, old, t->n);
    }
    memcpy(t->at + t->n, s, n + 1);
    t->n += n;
}

static const char *amount(struct arena *a, int64_t minor, int exponent)
{
    int64_t scale = 1;

    for (int i = 0; i < exponent; i++) scale *= 10;
    return exponent ? arena_printf(a, "%lld.%0*lld", (long long)(minor / scale), exponent,
                                   (long long)(minor % scale))
                    : arena_printf(a, "%lld", (long long)minor);
}

/* The rows of one ladder, without the steps that nobody knows of before the news. */
static void add_ladder(struct text *t, const struct ladder *l, bool news, const char *row,
                       int exponent)
{
    size_t const n = news ? l->n : 1;
    char from[DAY_TEXT], until[DAY_TEXT];

    for (size_t i = 0; i < n; i++) {
        if (l->value[i] == 0) continue; /* no tax */
        add(t, arena_printf(t->arena, "      - {%s%s, from: %s%s%s}\n", row,
                            amount(t->arena, l->value[i], exponent), day_text(l->day[i], from),
                            i + 1 < n ? ", until: " : "",
                            i + 1 < n ? day_text(l->day[i + 1], until) : ""));
    }
}

static bool taxed(const struct ladder *l, bool news)
{
    return l->value[0] > 0 || (news && l->n > 1);
}

static void add_law(struct text *t, const struct law *l)
{
    struct {
        const char *name;
        int64_t value;
    } const days[] = {
        {"withdrawal_days",   l->withdrawal_days ? l->withdrawal_days : -1},
        {"unserved_days",     l->unserved_days ? l->unserved_days : -1    },
        {"price_notice_days", l->notice_days                              },
        {"grace_days",        l->grace_days                               },
        {"hold_limit_days",   l->hold_days                                },
        {"retention_months",  l->retention_months                         },
    };

    add(t, arena_printf(t->arena,
                        "    settings:\n      source: made up\n      change_policy: %s\n"
                        "      price_consent: %s\n",
                        change_policies.at[l->policy], l->consent ? "true" : "false"));
    for (size_t i = 0; i < COUNT(days); i++)
        if (days[i].value >= 0)
            add(t,
                arena_printf(t->arena, "      %s: %lld\n", days[i].name, (long long)days[i].value));
}

static int64_t slot_minor(size_t place, size_t plan)
{
    return laws[place].slots && plan_slots[plan]
               ? places[place].price_minor * (3 + (int64_t)plan) / 9
               : 0;
}

static void add_slot_prices(struct text *t, size_t p)
{
    for (size_t i = 0; i < PLANS; i++)
        if (slot_minor(p, i))
            add(t, arena_printf(t->arena,
                                "      - {plan: %s, addon: extra_member, amount: \"%s\", from: "
                                "2015-01-01}\n",
                                plan_codes[i],
                                amount(t->arena, slot_minor(p, i), places[p].exponent)));
}

static void add_place(struct text *t, const struct market *m, size_t p, bool news)
{
    const struct place *at = &places[p];

    add(t, arena_printf(t->arena,
                        "  %s:\n    name: %s\n    currency: %s\n    zone: %s\n    seller: %s\n"
                        "    tax: %s\n    acceptance: all\n    prices:\n",
                        at->code, at->name, at->currency, at->zone, at->seller,
                        at->inclusive ? "inclusive" : "exclusive"));
    for (size_t i = 0; i < PLANS; i++)
        add_ladder(t, &m->price[p][i], news,
                   arena_printf(t->arena, "plan: %s, amount: ", plan_codes[i]), at->exponent);
    add_slot_prices(t, p);
    add_law(t, &laws[p]);
    if (!taxed(&m->tax[p], news) && !at->region) return;
    add(t, "    taxes:\n");
    add_ladder(t, &m->tax[p], news, "name: VAT, rate: ", 4);
    if (at->region)
        add_ladder(t, &m->region_tax[p], news,
                   arena_printf(t->arena, "name: Local tax, region: %s, rate: ", at->region), 4);
}

/* Closed some days before, so that it is closed wherever that day has not begun. */
static const char *retired_text(const struct retired *r, struct arena *a)
{
    char closed[DAY_TEXT], day[DAY_TEXT];

    return arena_printf(a, ", closed: %s, retired: %s%s%s", day_text(r->news_day - 2, closed),
                        day_text(r->day, day), r->to < PLANS ? ", retired_to: " : "",
                        r->to < PLANS ? plan_codes[r->to] : "");
}

char *market_yaml(const struct market *m, bool news, bool retires, struct arena *a)
{
    struct text t = {.arena = a};

    add(&t, head);
    for (size_t i = 0; i < PLANS; i++)
        add(&t, arena_printf(a,
                             "  %s: {name: %s, ads: false, streams: %zu, downloads: %zu, "
                             "resolution: 1080, audio: stereo, slots: %lld, pausable: %s, from: "
                             "2015-01-01%s}\n",
                             plan_codes[i], plan_codes[i], i + 1, i + 1, (long long)plan_slots[i],
                             i >= PLAN_PAUSABLE_FROM ? "true" : "false",
                             retires && i == m->retired.plan ? retired_text(&m->retired, a) : ""));
    add(&t, "countries:\n");
    for (size_t p = 0; p < PLACES; p++) add_place(&t, m, p, news);
    return t.at;
}

int64_t market_round(__int128 numerator, __int128 denominator)
{
    if (numerator < 0) return -market_round(-numerator, denominator);
    return (int64_t)((2 * numerator + denominator) / (2 * denominator));
}

static int64_t plan_minor(const struct market *m, const struct sale *sale)
{
    return ladder_at(&m->price[sale->place][sale->plan], sale->price_day);
}

static int64_t slots_in(int64_t slots)
{
    int64_t n = 0;

    for (; slots; slots >>= 1) n += slots & 1;
    return n;
}

int64_t market_list(const struct market *m, const struct sale *sale)
{
    return plan_minor(m, sale) + slots_in(sale->slots) * slot_minor(sale->place, sale->plan);
}

/* One rounding for a whole document. */
static struct owed tax(const struct market *m, const struct sale *sale, int64_t list)
{
    const struct place *at = &places[sale->place];
    int64_t const rate = ladder_at(&m->tax[sale->place], sale->tax_day);
    bool const local = at->region && strcmp(at->region, sale->region) == 0;
    int64_t const local_rate = local ? ladder_at(&m->region_tax[sale->place], sale->tax_day) : 0;
    struct owed o = {.rate_ppm = rate + local_rate};

    if (at->inclusive) {
        o.total_minor = list;
        o.tax_minor = market_round((__int128)list * o.rate_ppm, 1000000 + o.rate_ppm);
        o.net_minor = list - o.tax_minor;
    } else {
        o.net_minor = list;
        o.tax_minor = market_round((__int128)list * rate, 1000000) +
                      market_round((__int128)list * local_rate, 1000000);
        o.total_minor = o.net_minor + o.tax_minor;
    }
    return o;
}

struct owed market_owed(const struct market *m, const struct sale *sale)
{
    struct owed o = tax(m, sale, market_list(m, sale));

    o.list_minor = plan_minor(m, sale);
    return o;
}

struct owed market_part(const struct market *m, const struct sale *from, const struct sale *to,
                        int64_t days, int64_t whole)
{
    int64_t const slot_was = slot_minor(from->place, from->plan);
    int64_t const slot_is = slot_minor(to->place, to->plan);
    int64_t list = 0;

    if (from->plan != to->plan)
        list += market_round((__int128)(plan_minor(m, to) - plan_minor(m, from)) * days, whole);
    for (int64_t bit = 1; bit <= to->slots; bit <<= 1) {
        int64_t const was = from->slots & bit ? slot_was : 0, is = to->slots & bit ? slot_is : 0;

        if (from->plan != to->plan || !(from->slots & bit))
            list += market_round((__int128)(is - was) * days, whole);
    }
    return tax(m, to, list);
}

struct owed market_days(const struct market *m, const struct sale *sale, int64_t days,
                        int64_t whole)
{
    int64_t const slot = market_round((__int128)slot_minor(sale->place, sale->plan) * days, whole);

    return tax(m, sale,
               market_round((__int128)plan_minor(m, sale) * days, whole) +
                   slots_in(sale->slots) * slot);
}
