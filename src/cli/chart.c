/* chart: the report as bars, a month each - revenue of one currency, as two are never added up, and
 * what became of the renewals that were declined, of all. SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart.h"

#include <string.h>

#include "base/money.h"

enum { REVENUE_WIDTH = 30, DECLINED_WIDTH = 20 };

struct month {
    const char *name;
    int64_t revenue_minor, declined, recovered, lost;
};

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* That of the most members, month by month; NULL when there is no row. */
static const char *main_currency(const struct report *r)
{
    const char *best = NULL;
    int64_t best_n = -1;

    for (size_t i = 0; i < r->n; i++) {
        int64_t n = 0;

        for (size_t k = 0; k < r->n; k++)
            if (strcmp(r->rows[k].currency, r->rows[i].currency) == 0) n += r->rows[k].active;
        if (n > best_n) best = r->rows[i].currency, best_n = n;
    }
    return best;
}

/* The rows are sorted by month. */
static size_t add_months(const struct report *r, const char *currency, struct month *months)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct report_row *row = &r->rows[i];

        if (n == 0 || strcmp(months[n - 1].name, row->month) != 0)
            months[n++] = (struct month){.name = row->month};
        struct month *m = &months[n - 1];
        if (strcmp(row->currency, currency) == 0) m->revenue_minor += row->recognised_minor;
        m->declined += row->failed + row->recovered_backup;
        m->recovered += row->recovered_retry + row->recovered_backup + row->recovered_member;
        m->lost += row->lost;
    }
    return n;
}

static int scaled(int64_t n, int64_t top, int width)
{
    return top > 0 && n > 0 ? (int)money_part(width, n, top) : 0;
}

static void bar(int filled, int length, int width)
{
    for (int i = 0; i < width; i++) fputs(i < filled ? "█" : i < length ? "░" : " ", stdout);
}

static void print_month(const struct month *m, const struct month *top, const char *currency)
{
    char amount[MONEY_TEXT];

    money_text(m->revenue_minor, currency, amount);
    amount[strcspn(amount, " ")] = '\0';
    printf("%-7s %14s ", m->name, amount);
    int const length = scaled(m->revenue_minor, top->revenue_minor, REVENUE_WIDTH);
    bar(length, length, REVENUE_WIDTH);
    printf(" %8lld %9lld ", (long long)m->declined, (long long)m->recovered);
    bar(scaled(m->recovered, top->declined, DECLINED_WIDTH),
        scaled(m->declined, top->declined, DECLINED_WIDTH), DECLINED_WIDTH);
    printf(" %5lld\n", (long long)m->lost);
}

void chart_print(const struct report *r, const char *currency)
{
    struct month *months = arena_array(r->arena, struct month, r->n);
    const char *chosen = currency ? currency : main_currency(r);
    struct month top = {0};

    if (!chosen) return;
    size_t const n = add_months(r, chosen, months);
    for (size_t i = 0; i < n; i++) {
        top.revenue_minor = most(top.revenue_minor, months[i].revenue_minor);
        top.declined = most(top.declined, most(months[i].declined, months[i].recovered));
    }
    printf("%-7s %10s %s %*s%8s %9s %-*s %5s\n", "MONTH", "REVENUE", chosen, REVENUE_WIDTH + 2, "",
           "DECLINED", "RECOVERED", DECLINED_WIDTH, "", "LOST");
    for (size_t i = 0; i < n; i++) print_month(&months[i], &top, chosen);
    printf(
        "\nRevenue is what was recognised for days served, in %s alone; the other columns count\n"
        "the renewals of all currencies by the month in which each thing happened.\n",
        chosen);
}
