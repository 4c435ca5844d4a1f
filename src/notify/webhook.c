/* webhook: endpoints and their keys. SPDX-License-Identifier: Apache-2.0 */
#include "notify/webhook.h"

#include <sodium.h>
#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "db/secret.h"
#include "hook_sql.h"
#include "notify/address_rules.h"
#include "notify/event_rules.h"
#include "policy/settings.h"
#include "webhook_sql.h"

const struct fault WEBHOOK_UNKNOWN = {E_NOT_FOUND, "webhook.unknown",
                                      "There is no such endpoint; webhook.list shows them."};
const struct fault WEBHOOK_DELETED = {E_CONFLICT, "webhook.deleted",
                                      "This endpoint is deleted; create another one."};
const struct fault WEBHOOK_URL = {
    E_INVALID, "webhook.url",
    "That is no address that webhooks may go to; use https:// and a host on the internet."};
const struct fault WEBHOOK_FILTER = {
    E_INVALID, "webhook.filter",
    "That is no filter of event types; write types of docs/events.md with commas between, such as "
    "membership.*,refund.done."};
const struct fault WEBHOOK_TOO_MANY = {
    E_LIMIT, "webhook.too_many", "There are as many endpoints as there may be; delete one first."};
static const struct fault WEBHOOK_KEY_BROKEN = {
    E_INTERNAL, "webhook.key_broken",
    "The stored key of an endpoint cannot be opened; rotate its keys."};

enum { ENDPOINTS_MAX = 100, NONCE = crypto_secretbox_NONCEBYTES, MAC = crypto_secretbox_MACBYTES };
static const int64_t HOUR_MS = 3600000;

/* ---- keys at rest ---- */

/* A key of this database alone; whoever has its table of secrets has it. */
static enum status sealing_key(struct ctx *cx, unsigned char key[static crypto_secretbox_KEYBYTES])
{
    char hex[SECRET_HASH];

    TRY(secret_hash(cx, "webhook", "endpoint keys", hex));
    sodium_hex2bin(key, crypto_secretbox_KEYBYTES, hex, SECRET_HASH - 1, NULL, NULL, NULL);
    sodium_memzero(hex, sizeof hex);
    return OK;
}

static enum status seal(struct ctx *cx, const unsigned char plain[static WEBHOOK_SECRET],
                        const char **out)
{
    unsigned char key[crypto_secretbox_KEYBYTES], box[NONCE + MAC + WEBHOOK_SECRET];
    size_t const size = sodium_base64_ENCODED_LEN(sizeof box, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(cx->arena, size);

    TRY(sealing_key(cx, key));
    secret_random(box, NONCE);
    crypto_secretbox_easy(box + NONCE, plain, WEBHOOK_SECRET, box, key);
    sodium_memzero(key, sizeof key);
    *out = sodium_bin2base64(text, size, box, sizeof box, sodium_base64_VARIANT_ORIGINAL);
    return OK;
}

static enum status unseal(struct ctx *cx, const char *sealed,
                          unsigned char plain[static WEBHOOK_SECRET])
{
    unsigned char key[crypto_secretbox_KEYBYTES], box[NONCE + MAC + WEBHOOK_SECRET];
    size_t n;

    if (sodium_base642bin(box, sizeof box, sealed, strlen(sealed), NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        n != sizeof box)
        return fail(cx->err, &WEBHOOK_KEY_BROKEN, NULL);
    TRY(sealing_key(cx, key));
    int const opened = crypto_secretbox_open_easy(plain, box + NONCE, sizeof box - NONCE, box, key);
    sodium_memzero(key, sizeof key);
    return opened == 0 ? OK : fail(cx->err, &WEBHOOK_KEY_BROKEN, NULL);
}

/* New keys: sealed for the row, and as they are told once. */
struct fresh {
    const char *sealed_secret, *sealed_key;
    struct webhook_secret *told;
    const char *public_key;
};

static enum status make_keys(struct ctx *cx, struct fresh *f)
{
    unsigned char secret[WEBHOOK_SECRET], seed[WEBHOOK_SECRET];
    char *text = arena_alloc(cx->arena, WEBHOOK_KEY_TEXT);
    char *public = arena_alloc(cx->arena, WEBHOOK_KEY_TEXT);

    secret_random(secret, sizeof secret);
    secret_random(seed, sizeof seed);
    webhook_secret_text(secret, text);
    webhook_public_text(seed, public);
    TRY(seal(cx, secret, &f->sealed_secret));
    TRY(seal(cx, seed, &f->sealed_key));
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    f->told = arena_new(cx->arena, struct webhook_secret);
    f->told->secret = text;
    f->public_key = public;
    return OK;
}

/* ---- what it says ---- */

static const char *reference(struct ctx *cx, int64_t endpoint_id)
{
    return id_text("whk", endpoint_id, arena_alloc(cx->arena, ID_TEXT));
}

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static enum status view(struct ctx *cx, const struct webhook_endpoint *e, struct webhook_view *out)
{
    struct webhook_waiting_row waiting;

    TRY(webhook_waiting(cx, &waiting, &DB_NO_ROW, .endpoint_id = e->endpoint_id));
    *out = (struct webhook_view){
        .endpoint = reference(cx, e->endpoint_id),
        .url = e->endpoint_url,
        .note = e->note,
        .events = e->event_filter,
        .state = e->endpoint_state,
        .disabled_why = e->disabled_why,
        .disabled_at = instant(cx, e->disabled_at),
        .failing_since = instant(cx, e->failing_since),
        .made_at = instant(cx, e->made_at),
        .public_key = e->public_key,
        .old_keys_until = e->old_until > cx->now ? instant(cx, e->old_until) : "",
        .waiting = waiting.n,
    };
    return OK;
}

static enum status load(struct ctx *cx, const char *endpoint, struct webhook_endpoint *e)
{
    int64_t id;

    if (!id_parse("whk", endpoint, &id)) return fail(cx->err, &WEBHOOK_UNKNOWN, "endpoint");
    TRY(webhook_by_id(cx, e, &WEBHOOK_UNKNOWN, .endpoint_id = id));
    return e->endpoint_state == ENDPOINT_DELETED ? fail(cx->err, &WEBHOOK_DELETED, "endpoint") : OK;
}

static enum status check(struct ctx *cx, const char *url, const char *filter)
{
    const char *defect = url ? target_defect(url, cx->settings->webhook_local_targets) : NULL;

    if (defect) {
        enum status const s = failf(cx->err, &WEBHOOK_URL, "%s", defect);

        cx->err->field = "url";
        return s;
    }
    return filter && !event_filter_valid(filter) ? fail(cx->err, &WEBHOOK_FILTER, "events") : OK;
}

/* ---- use cases ---- */

static enum status refuse_too_many(struct ctx *cx)
{
    struct webhook_endpoint *rows;
    size_t n;

    TRY(webhooks(cx, &rows, &n, .max = ENDPOINTS_MAX));
    return n < ENDPOINTS_MAX ? OK : fail(cx->err, &WEBHOOK_TOO_MANY, NULL);
}

enum status webhook_create(struct ctx *cx, const struct webhook_create *in,
                           struct webhook_keys *out)
{
    TX tx = {0};
    struct fresh keys;
    int64_t id;

    TRY(check(cx, in->url, in->events));
    TRY(tx_begin(&tx, cx));
    TRY(refuse_too_many(cx));
    TRY(db_id(cx, &id));
    TRY(make_keys(cx, &keys));
    TRY(webhook_add(cx, NULL, .endpoint_id = id, .endpoint_url = in->url,
                    .note = in->note ? in->note : "", .event_filter = in->events ? in->events : "*",
                    .sealed_secret = keys.sealed_secret, .sealed_key = keys.sealed_key,
                    .public_key = keys.public_key, .made_at = cx->now));
    *out = (struct webhook_keys){reference(cx, id), keys.public_key, "", keys.told, 1};
    return tx_commit(&tx);
}

enum status webhook_list(struct ctx *cx, const struct webhook_ref *in, struct webhooks_view *out)
{
    struct webhook_endpoint *rows;
    TX tx = {0};
    size_t n;

    (void)in;
    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(webhooks(cx, &rows, &n, .max = ENDPOINTS_MAX));
    struct webhook_view *items = arena_array(cx->arena, struct webhook_view, n);
    for (size_t i = 0; i < n; i++) TRY(view(cx, &rows[i], &items[i]));
    *out = (struct webhooks_view){items, n};
    return tx_commit(&tx);
}

static enum status store(struct ctx *cx, const struct webhook_endpoint *e)
{
    return webhook_change(cx, NULL, .endpoint_url = e->endpoint_url, .note = e->note,
                          .event_filter = e->event_filter, .endpoint_state = e->endpoint_state,
                          .failing_since = e->failing_since, .quiet_until = e->quiet_until,
                          .disabled_at = e->disabled_at, .disabled_why = e->disabled_why,
                          .endpoint_id = e->endpoint_id);
}

/* Nothing waits at an endpoint that is told nothing. */
static enum status stop(struct ctx *cx, struct webhook_endpoint *e, enum endpoint_state state,
                        const char *why)
{
    e->endpoint_state = state;
    e->disabled_at = cx->now;
    e->disabled_why = why;
    return hook_drop_waiting(cx, NULL, .ended_at = cx->now, .endpoint_id = e->endpoint_id);
}

static enum status turn(struct ctx *cx, struct webhook_endpoint *e, const char *state)
{
    int64_t const to = name_find(&endpoint_states, state);

    if (to < 0 || to == ENDPOINT_DELETED) return fail(cx->err, &WEBHOOK_UNKNOWN, "state");
    if (to == e->endpoint_state) return OK;
    if (to == ENDPOINT_DISABLED) return stop(cx, e, ENDPOINT_DISABLED, "operator");
    e->endpoint_state = ENDPOINT_ENABLED;
    e->failing_since = e->quiet_until = e->disabled_at = 0;
    e->disabled_why = "";
    return work_settle(cx, 0, "webhook.disabled", e->endpoint_id, "enabled again");
}

enum status webhook_update(struct ctx *cx, const struct webhook_update *in,
                           struct webhook_view *out)
{
    struct webhook_endpoint e;
    TX tx = {0};

    TRY(check(cx, in->url, in->events));
    TRY(tx_begin(&tx, cx));
    TRY(load(cx, in->endpoint, &e));
    if (in->url) e.endpoint_url = in->url;
    if (in->note) e.note = in->note;
    if (in->events) e.event_filter = in->events;
    if (in->state) TRY(turn(cx, &e, in->state));
    TRY(store(cx, &e));
    TRY(view(cx, &e, out));
    return tx_commit(&tx);
}

enum status webhook_delete(struct ctx *cx, const struct webhook_ref *in, struct webhook_view *out)
{
    struct webhook_endpoint e;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, in->endpoint, &e));
    TRY(stop(cx, &e, ENDPOINT_DELETED, "operator"));
    TRY(store(cx, &e));
    e.public_key = "";
    e.old_until = 0;
    TRY(webhook_keys_change(cx, NULL, .sealed_secret = "", .sealed_key = "", .public_key = "",
                            .old_secret = "", .old_key = "", .old_until = 0,
                            .endpoint_id = e.endpoint_id));
    TRY(work_settle(cx, 0, "webhook.disabled", e.endpoint_id, "deleted"));
    TRY(view(cx, &e, out));
    return tx_commit(&tx);
}

enum status webhook_rotate(struct ctx *cx, const struct webhook_rotate *in,
                           struct webhook_keys *out)
{
    struct webhook_endpoint e;
    struct fresh keys;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, in->endpoint, &e));
    TRY(make_keys(cx, &keys));
    int64_t const until = cx->now + in->overlap_hours * HOUR_MS;
    TRY(webhook_keys_change(cx, NULL, .sealed_secret = keys.sealed_secret,
                            .sealed_key = keys.sealed_key, .public_key = keys.public_key,
                            .old_secret = e.sealed_secret, .old_key = e.sealed_key,
                            .old_until = until, .endpoint_id = e.endpoint_id));
    *out = (struct webhook_keys){reference(cx, e.endpoint_id), keys.public_key, instant(cx, until),
                                 keys.told, 1};
    return tx_commit(&tx);
}

/* ---- for the courier ---- */

static enum status sign(struct ctx *cx, const char *sealed_secret, const char *sealed_key,
                        const char *id, int64_t timestamp_s, const char *body, char **out)
{
    unsigned char secret[WEBHOOK_SECRET], seed[WEBHOOK_SECRET];

    TRY(unseal(cx, sealed_secret, secret));
    TRY(unseal(cx, sealed_key, seed));
    *out = arena_printf(cx->arena, "%s%s%s %s", *out, **out ? " " : "",
                        webhook_sign(cx->arena, secret, sizeof secret, id, timestamp_s, body),
                        webhook_sign_pair(cx->arena, seed, id, timestamp_s, body));
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    return OK;
}

enum status webhook_signatures(struct ctx *cx, const struct webhook_endpoint *e, const char *id,
                               int64_t timestamp_s, const char *body, const char **out)
{
    char *text = arena_strdup(cx->arena, "");

    TRY(sign(cx, e->sealed_secret, e->sealed_key, id, timestamp_s, body, &text));
    if (e->old_until > cx->now)
        TRY(sign(cx, e->old_secret, e->old_key, id, timestamp_s, body, &text));
    *out = text;
    return OK;
}

enum status webhook_disable(struct ctx *cx, int64_t endpoint_id, const char *why)
{
    struct webhook_endpoint e;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(webhook_by_id(cx, &e, &WEBHOOK_UNKNOWN, .endpoint_id = endpoint_id));
    if (e.endpoint_state != ENDPOINT_ENABLED) return OK;
    TRY(stop(cx, &e, ENDPOINT_DISABLED, why));
    TRY(store(cx, &e));
    TRY(work_open(cx,
                  &(struct work_open){.kind = "webhook.disabled",
                                      .subject = endpoint_id,
                                      .priority = WORK_HIGH,
                                      .evidence = json_pack(
                                          "{s:s, s:s, s:s, s:s}", "endpoint",
                                          reference(cx, endpoint_id), "url", e.endpoint_url, "why",
                                          why, "failing_since", instant(cx, e.failing_since))},
                  NULL));
    return tx_commit(&tx);
}
