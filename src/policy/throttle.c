/* throttle: counts rows of the last day. SPDX-License-Identifier: Apache-2.0 */
#include "policy/throttle.h"

#include "throttle_sql.h"

static const int64_t WINDOW_MS = INT64_C(86400000);

enum status throttle_over(struct ctx *cx, const struct throttle *t, size_t n, bool *over)
{
    *over = false;
    for (size_t i = 0; i < n && !*over; i++) {
        struct throttle_tries_row row;

        TRY(throttle_tries(cx, &row, &DB_NO_ROW, .tried_what = t[i].what, .tried_scope = t[i].scope,
                           .tried_by = t[i].who, .after = cx->now - WINDOW_MS));
        *over = row.n >= t[i].max;
    }
    return OK;
}

enum status throttle_count(struct ctx *cx, const struct throttle *t, size_t n)
{
    struct throttle_add_all_in *rows = arena_array(cx->arena, struct throttle_add_all_in, n);
    int64_t id;

    TRY(db_id(cx, &id));
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct throttle_add_all_in){id, t[i].what, t[i].scope, t[i].who, cx->now};
    TRY(throttle_drop(cx, NULL, .until = cx->now - WINDOW_MS));
    return throttle_add_all(cx, rows, n, NULL);
}
