/* outbox: writes messages. SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"

#include <assert.h>
#include <stdlib.h>

static void release_text(char **s)
{
    free(*s);
}

enum status outbox_put(struct ctx *cx, const char *topic, int64_t account_id, int64_t at,
                       json_t *body)
{
    CLEANUP(json_decrefp) json_t *owned = body;
    CLEANUP(release_text) char *text = json_dumps(owned, JSON_COMPACT | JSON_PRESERVE_ORDER);
    int64_t id;

    assert(text); /* inputs are UTF-8 by the time they reach a message */
    TRY(db_id(cx, &id));
    return outbox_add(cx, NULL, .outbox_id = id, .account_id = account_id, .topic = topic,
                      .happened_at = at, .body = text);
}
