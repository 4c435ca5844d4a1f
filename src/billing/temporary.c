/* temporary: reads authorizations. SPDX-License-Identifier: Apache-2.0 */
#include "billing/temporary.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/zone.h"
#include "temporary_sql.h"

enum { TEMPORARY_MAX = 100 };

/* clang-format off */
static const struct field fields[] = {
    TEXT(struct temporary, label, 0, 0, "Always `temporary`: it is never charged."),
    TEXT(struct temporary, method, 0, 0, "mth_…: the method it was made with."),
    TEXT(struct temporary, state, 0, 0, "held, or unknown while the provider has not answered."),
    INT(struct temporary, amount_minor, 0, 0, NULL),
    TEXT(struct temporary, currency, 0, 0, NULL),
    TEXT(struct temporary, made_on, 0, 0, "Local date."),
    TEXT(struct temporary, gone_by, 0, 0, "Local date: it is voided when that begins."),
};
/* clang-format on */
const struct shape temporary_shape = SHAPE(temporary, fields);

static const char *date(struct ctx *cx, const struct zone *z, int64_t at)
{
    return day_text(zone_day(z, at), arena_alloc(cx->arena, DAY_TEXT));
}

enum status temporary_load(struct ctx *cx, int64_t account_id, const struct temporary **out,
                           size_t *n)
{
    struct temporary_row *rows;
    const struct zone *z;

    TRY(temporary_of(cx, &rows, n, .account_id = account_id, .max = TEMPORARY_MAX));
    struct temporary *list = arena_array(cx->arena, struct temporary, *n);
    for (size_t i = 0; i < *n; i++) {
        const struct temporary_row *r = &rows[i];

        TRY(zone_find(r->zone, &z, cx->err));
        list[i] = (struct temporary){
            .label = "temporary",
            .method = id_text("mth", r->method_id, arena_alloc(cx->arena, ID_TEXT)),
            .method_id = r->method_id,
            .state = r->shown_state,
            .amount_minor = r->amount_minor,
            .currency = r->currency,
            .made_on = date(cx, z, r->made_at),
            .gone_by = date(cx, z, r->void_due_at),
        };
    }
    *out = list;
    return OK;
}
