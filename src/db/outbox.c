/* outbox: writes messages and hands them out once. SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"

static const struct fault OUTBOX_RACE = {E_BUSY, "outbox.race",
                                         "Another courier has taken these messages."};

enum status outbox_put(struct ctx *cx, const char *topic, int64_t account_id, int64_t at,
                       json_t *body)
{
    CLEANUP(json_decrefp) json_t *owned = body;
    const char *text = json_text(cx->arena, owned, JSON_PRESERVE_ORDER);
    int64_t id;

    TRY(db_id(cx, &id));
    return outbox_add(cx, NULL, .outbox_id = id, .account_id = account_id, .topic = topic,
                      .happened_at = at, .body = text);
}

enum status outbox_take(struct ctx *cx, int64_t max, struct outbox_row **rows, size_t *n)
{
    struct outbox_mark_in *marks;
    int64_t marked;

    TRY(outbox_untaken(cx, rows, n, .max = max));
    if (!*n) return OK;
    marks = arena_array(cx->arena, struct outbox_mark_in, *n);
    for (size_t i = 0; i < *n; i++) marks[i].outbox_id = (*rows)[i].outbox_id;
    TRY(outbox_mark(cx, marks, *n, &marked));
    return marked == (int64_t)*n ? OK : fail(cx->err, &OUTBOX_RACE, NULL);
}
