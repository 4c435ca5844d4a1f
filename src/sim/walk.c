/* walk: a calendar, one day after the other. SPDX-License-Identifier: Apache-2.0 */
#include "sim/walk.h"

#include <assert.h>

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t length(int64_t year, int64_t month)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return lengths[month - 1] + (month == 2 && is_leap(year));
}

static void step(struct walk *w)
{
    w->day++;
    if (++w->dom <= length(w->year, w->month)) return;
    w->dom = 1;
    if (++w->month <= 12) return;
    w->month = 1;
    w->year++;
}

void walk_begin(struct walk *w, int64_t anchor_day)
{
    *w = (struct walk){.year = 1970, .month = 1, .dom = 1};
    assert(anchor_day >= 0);
    for (; w->day + 365 + is_leap(w->year) <= anchor_day; w->year++)
        w->day += 365 + is_leap(w->year);
    while (w->day < anchor_day) step(w);
    w->anchor_dom = w->dom;
}

void walk_next(struct walk *w)
{
    int64_t const month = w->month;

    do step(w);
    while (w->month == month || (w->dom != w->anchor_dom && w->dom != length(w->year, w->month)));
    w->k++;
}

int64_t walk_to(struct walk w, int64_t k)
{
    assert(k >= w.k);
    while (w.k < k) walk_next(&w);
    return w.day;
}
