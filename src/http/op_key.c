/* op_key: finds and keeps answers. SPDX-License-Identifier: Apache-2.0 */
#include "http/op_key.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/luhn.h"
#include "op_key_sql.h"
#include "policy/settings.h"

const struct fault OP_KEY_INVALID = {
    E_INVALID, "op.key_invalid",
    "An idempotency key has 1 to 200 visible ASCII characters; a random UUID is a good one."};
const struct fault OP_KEY_REUSED = {
    E_CONFLICT, "op.key_reused",
    "This idempotency key was used for another call; take a new key for each new call."};

const struct fault OP_KEY_RUNNING = {
    E_CONFLICT, "op.key_running",
    "The call under this idempotency key is still being worked on; send it again for its answer."};

/* 32 hexadecimal digits, with or without dashes: of as many random ones some happen to look like a
 * card's number. */
static bool is_uuid(const char *s)
{
    size_t const n = strspn(s, "0123456789abcdefABCDEF-");
    bool const dashes = n == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-';

    if (s[n] || !(dashes || n == 32)) return false;
    for (size_t i = 0; i < n; i++)
        if (s[i] == '-' && !(dashes && (i == 8 || i == 13 || i == 18 || i == 23))) return false;
    return true;
}

enum status op_key_of(struct arena *a, const char *text, const char *op, const json_t *in,
                      struct op_key *out, struct error *e)
{
    unsigned char hash[OP_KEY_HASH / 2];

    *out = (struct op_key){.text = text, .op = op};
    if (!text) return OK;
    size_t const n = strlen(text);
    if (n == 0 || n > OP_KEY_MAX) return fail(e, &OP_KEY_INVALID, NULL);
    for (size_t i = 0; i < n; i++)
        if (text[i] < '!' || text[i] > '~') return fail(e, &OP_KEY_INVALID, NULL);
    if (text_has_card_number(text) && !is_uuid(text)) return fail(e, &INPUT_CARD_NUMBER, NULL);
    const char *input = json_text(a, in, JSON_SORT_KEYS);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)input, strlen(input), NULL, 0);
    sodium_bin2hex(out->hash, sizeof out->hash, hash, sizeof hash);
    return OK;
}

/* The newest instant whose keys are forgotten. */
static int64_t oldest_at(const struct ctx *cx)
{
    return cx->now - cx->settings->op_key_hours * 3600000;
}

static int64_t name_of(const struct ctx *cx, const struct op_key *k)
{
    char text[OP_KEY_MAX + 80];
    int64_t name;

    int const n = snprintf(text, sizeof text, "%d %lld %lld %s", (int)cx->actor.role,
                           (long long)cx->actor.id, (long long)cx->actor.via, k->text);
    crypto_generichash((unsigned char *)&name, sizeof name, (const unsigned char *)text, (size_t)n,
                       NULL, 0);
    return name;
}

enum status op_key_hold(struct ctx *cx, struct op_key *k)
{
    if (!k->text) return OK;
    k->name = name_of(cx, k);
    TRY(db_hold(cx->db, k->name, &k->held, cx->err));
    return k->held ? OK : fail(cx->err, &OP_KEY_RUNNING, NULL);
}

void op_key_let_go(struct ctx *cx, struct op_key *k)
{
    if (k->held) db_let_go(cx->db, k->name);
    k->held = false;
}

enum status op_key_find(struct ctx *cx, const struct op_key *k, json_t **answer)
{
    struct op_key_row *rows;
    size_t n;

    *answer = NULL;
    if (!k->text) return OK;
    TRY(op_key_by_text(cx, &rows, &n, .actor_role = cx->actor.role, .actor_id = cx->actor.id,
                       .via = cx->actor.via, .key_text = k->text, .oldest_at = oldest_at(cx),
                       .max = 1));
    if (n == 0) return OK;
    if (strcmp(rows->op, k->op) != 0 || strcmp(rows->input_hash, k->hash) != 0)
        return fail(cx->err, &OP_KEY_REUSED, NULL);
    *answer = json_loads(rows->answer, 0, NULL);
    assert(*answer); /* op_key_keep wrote it */
    return OK;
}

enum status op_key_keep(struct ctx *cx, const struct op_key *k, const json_t *answer)
{
    if (!k->text) return OK;
    const char *text = json_text(cx->arena, answer, JSON_PRESERVE_ORDER);

    return op_key_put(cx, NULL, .actor_role = cx->actor.role, .actor_id = cx->actor.id,
                      .via = cx->actor.via, .key_text = k->text, .account_id = k->account_id,
                      .op = k->op, .input_hash = k->hash, .answer = text, .made_at = cx->now);
}

enum status op_keys_forget(struct ctx *cx)
{
    return op_keys_drop(cx, NULL, .oldest_at = oldest_at(cx));
}
