/* clock: the machine's, or one that only `run` moves. SPDX-License-Identifier: Apache-2.0 */
#include "db/clock.h"

#include "clock_sql.h"

const struct fault CLOCK_FIXED = {
    E_CONFLICT, "clock.fixed",
    "This database already lives by another clock; make a new database for this one."};

const struct fault CLOCK_RANGE = {
    E_INVALID, "clock.range",
    "A test clock starts between 1970-01-03 and 2099-12-31; choose a date in that time."};

/* 0 stands for none wherever days are stored, and days that begin east of Greenwich do so on the
 * UTC day before; numbers of rows end in 2109 (docs/decisions/0009). */
enum { FIRST_DAY = 2, LAST_DAY = 47481 };

bool clock_test_fits(int64_t day)
{
    return day >= FIRST_DAY && day <= LAST_DAY;
}

enum status clock_read(struct ctx *cx, int64_t machine_now, struct clock_state *out)
{
    struct clock_row *rows;
    size_t n;

    TRY(clock_all(cx, &rows, &n, .max = 1));
    *out = (struct clock_state){.is_test = n && rows[0].is_test, .now = machine_now};
    if (out->is_test) out->now = rows[0].clock_now;
    return OK;
}

enum status clock_make_test(struct ctx *cx, int64_t at)
{
    TX tx = {0};
    struct id_writers_row *writers;
    struct clock_row *rows;
    size_t n, n_writers;

    TRY(tx_begin(&tx, cx));
    TRY(clock_all(cx, &rows, &n, .max = 1));
    if (n && rows[0].is_test && rows[0].clock_now == at) return OK; /* safe to repeat */
    TRY(id_writers(cx, &writers, &n_writers, .max = 1));
    if (n || n_writers) return fail(cx->err, &CLOCK_FIXED, "test-clock");
    TRY(clock_add(cx, NULL, .is_test = 1, .clock_now = at));
    return tx_commit(&tx);
}

enum status clock_advance(struct ctx *cx, int64_t to)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(clock_set(cx, NULL, .clock_now = to));
    return tx_commit(&tx);
}
