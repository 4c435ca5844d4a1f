/* outbox: writes messages. SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"

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
