/* consent: records and lists. SPDX-License-Identifier: Apache-2.0 */
#include "membership/consent.h"

#include "base/calendar.h"
#include "policy/settings.h"

enum { CONSENTS_MAX = 1000 };

int64_t consent_keep_until_day(int64_t day, int64_t years)
{
    return day_add_months(day, 12 * years) + 1; /* a 29 February keeps its last day too */
}

enum status consent_record_all(struct ctx *cx, const struct consent_record *in, size_t n)
{
    struct consent_add_all_in *rows = arena_array(cx->arena, struct consent_add_all_in, n);
    int64_t const day = divide_down(cx->now, DAY_MS);

    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct consent_add_all_in){
            .account_id = in[i].account_id,
            .text_version = in[i].text_version,
            .consented_at = cx->now,
            .surface = in[i].surface,
            .source_op = in[i].source_op,
            .keep_until_day = consent_keep_until_day(day, cx->settings->consent_keep_years)};
        TRY(db_id(cx, &rows[i].consent_id));
    }
    return consent_add_all(cx, rows, n, NULL);
}

enum status consent_record(struct ctx *cx, const struct consent_record *in)
{
    return consent_record_all(cx, in, 1);
}

enum status consent_list(struct ctx *cx, int64_t account_id, struct consent **out, size_t *n)
{
    return consents_of(cx, out, n, .account_id = account_id, .max = CONSENTS_MAX);
}
