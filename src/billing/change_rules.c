/* change_rules: proration and losses. SPDX-License-Identifier: Apache-2.0 */
#include "billing/change_rules.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
const struct names change_effects = NAMES("charged", "shifted", "next_price", "next_date", "moved");
const struct names change_states = NAMES("pending", "scheduled", "done", "refused", "undone");

int64_t prorate_minor(int64_t month_minor, const struct remainder *r)
{
    assert(r->whole_days > 0 && r->start_day <= r->end_day);
    int64_t const left =
        SABOTAGE("change_charges_month") ? r->whole_days : r->end_day - r->start_day;

    return money_part(month_minor, left, r->whole_days);
}

int64_t shifted_days(int64_t days, int64_t old_minor, int64_t new_minor)
{
    assert(days >= 0 && old_minor >= 0 && new_minor > 0);
    int64_t const up = SABOTAGE("shift_loses_a_day") ? 0 : new_minor - 1;
    int64_t const lasts = (days * old_minor + up) / new_minor;

    return lasts < days ? lasts : days;
}

static const struct price *slot_price(const struct country *c, const struct choice *choice)
{
    return country_price(c, choice->plan, ADDON_SLOT, choice->price_day);
}

int64_t choice_minor(const struct country *c, const struct choice *choice)
{
    const struct price *plan = country_price(c, choice->plan, NULL, choice->price_day);
    const struct price *slot = choice->slots ? slot_price(c, choice) : NULL;
    int64_t minor = plan ? plan->amount_minor : -1;

    for (int64_t bits = choice->slots; plan && slot && bits; bits >>= 1)
        if (bits & 1) minor += slot->amount_minor;
    return minor;
}

static void add_line(struct part *p, enum line_kind kind, const char *item,
                     const struct price *price, int64_t amount_minor)
{
    p->lines[p->n++] = (struct rated_line){.kind = kind,
                                           .item = item,
                                           .cause = p->cause,
                                           .unit_minor = price ? price->amount_minor : 0,
                                           .effective_day = price ? price->from_day : 0,
                                           .amount_minor = amount_minor};
}

static int64_t minor_of(const struct price *p, int64_t slots, int64_t bit)
{
    return p && (slots & bit) ? p->amount_minor : 0;
}

void change_part(const struct country *c, const struct choice *from, const struct choice *to,
                 const struct remainder *left, struct part *out)
{
    bool const other_plan = strcmp(from->plan, to->plan) != 0;
    const struct price *plan_was = country_price(c, from->plan, NULL, from->price_day);
    const struct price *plan_is = country_price(c, to->plan, NULL, to->price_day);
    const struct price *slot_was = slot_price(c, from), *slot_is = slot_price(c, to);

    out->plan = to->plan;
    out->start_day = left->start_day;
    out->end_day = left->end_day;
    out->cause = other_plan ? CAUSE_PLAN_CHANGE : CAUSE_SLOT_ADDED;
    out->n = 0;
    if (other_plan)
        add_line(out, LINE_PLAN, to->plan, plan_is,
                 prorate_minor(minor_of(plan_is, 1, 1) - minor_of(plan_was, 1, 1), left));
    for (int64_t no = 1; no <= SLOTS_MAX; no++) {
        int64_t const bit = INT64_C(1) << (no - 1);
        int64_t const is_new = to->slots & ~from->slots & bit;
        int64_t const more =
            minor_of(slot_is, to->slots, bit) - minor_of(slot_was, from->slots, bit);

        if ((is_new || other_plan) && more != 0)
            add_line(out, LINE_SLOT, slot_item(no), slot_is, prorate_minor(more, left));
    }
}

int64_t moved_day(int64_t from_day, int64_t day_of_month)
{
    struct civil d = civil_of(from_day);

    assert(day_of_month >= 1 && day_of_month <= 28);
    if (d.day > day_of_month && d.month++ == 12) d = (struct civil){d.year + 1, 1, d.day};
    return day_of(d.year, d.month, day_of_month);
}

/* Slots that the catalog has no price for cost nothing, as in renewals. */
void move_part(const struct country *c, const struct choice *choice, const struct remainder *gap,
               struct part *out)
{
    const struct price *plan = country_price(c, choice->plan, NULL, choice->price_day);
    const struct price *slot = slot_price(c, choice);

    out->plan = choice->plan;
    out->start_day = gap->start_day;
    out->end_day = gap->end_day;
    out->cause = CAUSE_DAY_MOVED;
    out->n = 0;
    add_line(out, LINE_PLAN, choice->plan, plan, prorate_minor(minor_of(plan, 1, 1), gap));
    for (int64_t no = 1; slot && no <= SLOTS_MAX; no++)
        if (choice->slots >> (no - 1) & 1)
            add_line(out, LINE_SLOT, slot_item(no), slot, prorate_minor(slot->amount_minor, gap));
}

static const char *number(int64_t n, struct arena *a)
{
    return arena_printf(a, "%lld", (long long)n);
}

static int64_t audio_rank(const char *audio)
{
    static const char *const ranks[] = {"stereo", "5.1", "spatial"};

    for (size_t i = 0; i < COUNT(ranks); i++)
        if (strcmp(audio, ranks[i]) == 0) return (int64_t)i;
    return -1;
}

size_t change_losses(const struct plan *from, const struct plan *to, struct arena *a,
                     struct loss out[static LOSSES_MAX])
{
    struct {
        const char *what;
        int64_t old, new_;
    } const counts[] = {
        {"streams",          from->streams,          to->streams         },
        {"download_devices", from->download_devices, to->download_devices},
        {"resolution",       from->resolution,       to->resolution      },
        {"slots",            from->slots,            to->slots           },
    };
    size_t n = 0;

    for (size_t i = 0; i < COUNT(counts); i++)
        if (counts[i].new_ < counts[i].old)
            out[n++] =
                (struct loss){counts[i].what, number(counts[i].old, a), number(counts[i].new_, a)};
    if (from->hdr && !to->hdr) out[n++] = (struct loss){"hdr", "yes", "no"};
    if (audio_rank(to->audio) < audio_rank(from->audio))
        out[n++] = (struct loss){"audio", from->audio, to->audio};
    if (!from->ads && to->ads) out[n++] = (struct loss){"ads", "no", "yes"};
    return n;
}
