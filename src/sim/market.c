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
const char *const plan_codes[PLANS] = {"basic", "standard", "premium"};

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

    *m = (struct market){.news_day = start_day + chance_between(c, days / 8, days / 2)};
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
    if (!taxed(&m->tax[p], news) && !at->region) return;
    add(t, "    taxes:\n");
    add_ladder(t, &m->tax[p], news, "name: VAT, rate: ", 4);
    if (at->region)
        add_ladder(t, &m->region_tax[p], news,
                   arena_printf(t->arena, "name: Local tax, region: %s, rate: ", at->region), 4);
}

char *market_yaml(const struct market *m, bool news, struct arena *a)
{
    struct text t = {.arena = a};

    add(&t, head);
    for (size_t i = 0; i < PLANS; i++)
        add(&t, arena_printf(a,
                             "  %s: {name: %s, ads: false, streams: %zu, downloads: %zu, "
                             "resolution: 1080, audio: stereo, slots: 0, from: 2015-01-01}\n",
                             plan_codes[i], plan_codes[i], i + 1, i + 1));
    add(&t, "countries:\n");
    for (size_t p = 0; p < PLACES; p++) add_place(&t, m, p, news);
    return t.at;
}

/* numerator / denominator to the nearest whole, halves away from zero; none of both is negative. */
static int64_t round_half_up(__int128 numerator, __int128 denominator)
{
    return (int64_t)((2 * numerator + denominator) / (2 * denominator));
}

struct owed market_owed(const struct market *m, size_t place, const char *region, size_t plan,
                        int64_t start_day)
{
    const struct place *at = &places[place];
    int64_t const list = ladder_at(&m->price[place][plan], start_day);
    int64_t const tax = ladder_at(&m->tax[place], start_day);
    bool const local = at->region && strcmp(at->region, region) == 0;
    int64_t const local_tax = local ? ladder_at(&m->region_tax[place], start_day) : 0;
    struct owed o = {.list_minor = list, .rate_ppm = tax + local_tax};

    if (at->inclusive) {
        o.total_minor = list;
        o.tax_minor = round_half_up((__int128)list * o.rate_ppm, 1000000 + o.rate_ppm);
        o.net_minor = list - o.tax_minor;
    } else {
        o.net_minor = list;
        o.tax_minor = round_half_up((__int128)list * tax, 1000000) +
                      round_half_up((__int128)list * local_tax, 1000000);
        o.total_minor = o.net_minor + o.tax_minor;
    }
    return o;
}
