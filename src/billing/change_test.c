/* change_test: proration and shifts against slow arithmetic, and what a plan has more than another.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/change_rules.h"

#include <string.h>

#include "base/calendar.h"
#include "base/test.h"

/* The whole number nearest to amount * left / whole, found by trying; a half goes away from zero.
 */
static int64_t slow_share(int64_t amount, int64_t left, int64_t whole)
{
    int64_t n = 0;

    if (amount < 0) return -slow_share(-amount, left, whole);
    while (2 * (n + 1) * whole - whole <= 2 * amount * left) n++;
    return n;
}

static void shares(void **state)
{
    (void)state;
    for (int64_t whole = 28; whole <= 31; whole++)
        for (int64_t left = 0; left <= 2 * whole; left++)
            for (int64_t amount = -700; amount <= 2300; amount += 37) {
                struct remainder const r = {100, 100 + left, whole};

                CHECK(prorate_minor(amount, &r) == slow_share(amount, left, whole));
            }
}

/* The fewest days at the new price that are worth what the old days were. */
static void shifts(void **state)
{
    (void)state;
    for (int64_t days = 0; days <= 31; days++)
        for (int64_t old = 1; old <= 2000; old += 61)
            for (int64_t new_ = 1; new_ <= 2000; new_ += 47) {
                int64_t slow = 0;

                while (slow * new_ < days * old) slow++;
                CHECK(shifted_days(days, old, new_) == (slow < days ? slow : days));
                CHECK((shifted_days(days, old, new_) == 0) == (days == 0));
            }
}

/* Found by looking at one date after the other. */
static int64_t slow_moved_day(int64_t from_day, int64_t day_of_month)
{
    while (civil_of(from_day).day != day_of_month) from_day++;
    return from_day;
}

/* Four years of days, each with how often it is paid: by the periods until the move, by the days
 * between and by the periods after. */
enum { YEARS_DAYS = 4 * 366 + 62 };
static void pay(int *paid, int64_t first_day, int64_t from_day, int64_t until_day)
{
    for (int64_t day = from_day; day < until_day && day - first_day < YEARS_DAYS; day++)
        paid[day - first_day]++;
}

static void check_move(int64_t anchor_day, int64_t k, int64_t day_of_month)
{
    int64_t const end_day = period_start_day(anchor_day, k + 1);
    int64_t const to_day = moved_day(end_day, day_of_month);
    int64_t const whole = period_start_day(anchor_day, k + 2) - end_day;
    int paid[YEARS_DAYS] = {0};

    CHECK(to_day == slow_moved_day(end_day, day_of_month));
    CHECK(to_day - end_day <= whole && to_day - end_day < 31);
    for (int64_t i = 0; i <= k; i++)
        pay(paid, anchor_day, period_start_day(anchor_day, i), period_start_day(anchor_day, i + 1));
    pay(paid, anchor_day, end_day, to_day);
    for (int64_t i = 0; period_start_day(to_day, i) - anchor_day < YEARS_DAYS; i++) {
        CHECK(civil_of(period_start_day(to_day, i)).day == day_of_month);
        pay(paid, anchor_day, period_start_day(to_day, i), period_start_day(to_day, i + 1));
    }
    for (int64_t i = 0; i < YEARS_DAYS; i++) CHECK(paid[i] == 1);
}

/* Every anchor day of the month, each month of four years with one leap day, every new day. */
static void moves(void **state)
{
    (void)state;
    for (int64_t month = 1; month <= 12; month++)
        for (int64_t day = 1; day <= month_days(2023, month); day++)
            for (int64_t to = 1; to <= 28; to++)
                for (int64_t k = 0; k < 14; k++)
                    if (month == 1 || k == 0) check_move(day_of(2023, month, day), k, to);
}

static struct price const prices[] = {
    {"large", NULL,       1799, 1, 0},
    {"large", ADDON_SLOT, 549,  1, 0},
    {"small", NULL,       1299, 1, 0},
    {"small", ADDON_SLOT, 499,  1, 0},
};
static struct country const country = {
    .code = "XX", .currency = "EUR", .n_prices = COUNT(prices), .prices = prices};

/* A line for the plan and one for each slot whose price differs, each rounded by itself. */
static void parts(void **state)
{
    (void)state;
    for (int64_t was = 0; was < 8; was++)
        for (int64_t is = was; is < 8; is++)
            for (int64_t left = 1; left <= 30; left += 7)
                for (int other = 0; other < 2; other++) {
                    struct choice const from = {"small", was, 10};
                    struct choice const to = {other ? "large" : "small", is, 10};
                    struct remainder const r = {0, left, 30};
                    struct part part = {0};
                    size_t n = (size_t)other;

                    if (was & ~is) continue; /* a slot that goes is no purchase */
                    change_part(&country, &from, &to, &r, &part);
                    if (other)
                        CHECK(part.lines[0].kind == LINE_PLAN &&
                              part.lines[0].amount_minor == slow_share(500, left, 30));
                    for (int64_t bit = 1, no = 1; bit < 8; bit <<= 1, no++) {
                        int64_t const old = was & bit ? 499 : 0;
                        int64_t const new_ = is & bit ? (other ? 549 : 499) : 0;

                        if (old == new_) continue;
                        CHECK(slot_of_item(part.lines[n].item) == no);
                        CHECK(part.lines[n++].amount_minor == slow_share(new_ - old, left, 30));
                    }
                    CHECK(part.n == n);
                    CHECK(part.cause == (other ? CAUSE_PLAN_CHANGE : CAUSE_SLOT_ADDED));
                    CHECK(choice_minor(&country, &to) ==
                          (other ? 1799 : 1299) +
                              (other ? 549 : 499) * ((is & 1) + (is >> 1 & 1) + (is >> 2 & 1)));
                }
    CHECK(choice_minor(&country, &(struct choice){"none", 0, 10}) == -1);
}

/* The plan and each slot for the days alone; a plan without a price for slots charges none. */
static void gaps(void **state)
{
    (void)state;
    for (int64_t slots = 0; slots < 8; slots++)
        for (int64_t whole = 28; whole <= 31; whole++)
            for (int64_t days = 0; days <= whole; days++) {
                struct choice const choice = {"large", slots, 10};
                struct remainder const gap = {100, 100 + days, whole};
                struct part part = {0};
                size_t n = 1;

                move_part(&country, &choice, &gap, &part);
                CHECK(part.start_day == 100 && part.end_day == 100 + days);
                CHECK(part.cause == CAUSE_DAY_MOVED && part.lines[0].kind == LINE_PLAN);
                CHECK(part.lines[0].amount_minor == slow_share(1799, days, whole));
                for (int64_t no = 1; no <= 3; no++) {
                    if (!(slots >> (no - 1) & 1)) continue;
                    CHECK(slot_of_item(part.lines[n].item) == no);
                    CHECK(part.lines[n++].amount_minor == slow_share(549, days, whole));
                }
                CHECK(part.n == n);
            }
}

static void losses(void **state)
{
    struct plan const large = {.streams = 4,
                               .download_devices = 6,
                               .resolution = 2160,
                               .hdr = true,
                               .audio = "spatial",
                               .slots = 2};
    struct plan const small = {
        .streams = 2, .download_devices = 2, .resolution = 1080, .audio = "stereo", .ads = true};
    struct loss out[LOSSES_MAX];
    struct arena a = {0};

    (void)state;
    CHECK(change_losses(&small, &large, &a, out) == 0);
    CHECK(change_losses(&large, &large, &a, out) == 0);
    CHECK(change_losses(&large, &small, &a, out) == 7);
    CHECK(strcmp(out[0].what, "streams") == 0 && strcmp(out[0].old, "4") == 0);
    CHECK(strcmp(out[6].what, "ads") == 0 && strcmp(out[6].new_, "yes") == 0);
    arena_clear(&a);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-03, B-06 a share of a month is the nearest amount", shares),
        CASE("A-03, B-06, B-14 what is left lasts for the fewest days that are worth it", shifts),
        CASE("B-06 a change has a line for each thing that costs something else", parts),
        CASE("B-13, B-03, B-14 whatever day is moved to which, each day is paid once", moves),
        CASE("B-13, B-06 the days until a new billing day have a line for each thing", gaps),
        CASE("A-07 what is lost by a change", losses),
    };
    return RUN_CASES("change", cases);
}
