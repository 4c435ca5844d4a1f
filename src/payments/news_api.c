/* news_api: the payment provider's calls over HTTP, signed as Standard Webhooks says.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <string.h>

#include "base/signature.h"
#include "http/callback.h"
#include "payments/news.h"
#include "payments/payments.h"
#include "policy/settings.h"

enum { RERUNS_MAX = 20 };

static int64_t wall_ms(const struct op_world *w)
{
    return w->world->machine->wall_ms(w->world->machine->arg);
}

static bool genuine(struct ctx *cx, const struct op_world *w, const struct http_request *rq)
{
    struct signed_message const m = {.id = http_header_of(rq, "Webhook-Id"),
                                     .timestamp = http_header_of(rq, "Webhook-Timestamp"),
                                     .signatures = http_header_of(rq, "Webhook-Signature"),
                                     .body = rq->body};
    struct signature_key key;

    if (strlen(rq->body) != rq->body_bytes) return false;
    bool const good = signature_key_load(cx->settings->payment_callback_secret_file, &key) &&
                      signature_holds(cx->arena, &key, &m, wall_ms(w) / 1000);
    sodium_memzero(&key, sizeof key);
    return good;
}

/* The body tells what has happened for whoever reads logs. We ask instead. */
static enum status take(struct ctx *cx, const struct op_world *w, const struct http_request *rq)
{
    CLEANUP(json_decrefp) json_t *body = json_loads(rq->body, JSON_REJECT_DUPLICATES, NULL);
    enum status s = E_BUSY;

    if (!json_is_object(body)) return fail(cx->err, &HTTP_CALLBACK, NULL);
    for (int i = 0; s == E_BUSY && i < RERUNS_MAX; i++)
        s = news_take(cx, http_header_of(rq, "Webhook-Id"), wall_ms(w));
    return s;
}

const struct callback payment_callback = {
    .id = "callback.payments", .path = "/v1/callbacks/payments", .genuine = genuine, .take = take};
