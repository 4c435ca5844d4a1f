/* revenue_test: what a test's service has earned. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/life_test.h"
#include "report_sql.h"

/* Recognised in the month that begins on a day. */
static inline int64_t life_revenue(struct life *l, const char *month_day)
{
    struct civil const c = civil_of(life_day(month_day));
    struct test_db *t = &l->t;
    struct report_recognition *rows;
    int64_t sum = 0;
    size_t n;

    CHECK_OK(report_recognitions(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (rows[i].month == c.year * 12 + c.month - 1) sum += rows[i].recognised_minor;
    return sum;
}
