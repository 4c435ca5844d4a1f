/* vault: keys of accounts. SPDX-License-Identifier: Apache-2.0 */
#include "db/vault.h"

#include <string.h>

#include "base/seal.h"
#include "db/secret.h"
#include "secret_sql.h"

const struct fault VAULT_TAMPERED = {
    E_INTERNAL, "vault.tampered",
    "A sealed cell was changed or moved; `foyer audit verify` tells more."};
const struct fault VAULT_DESTROYED = {E_NOT_FOUND, "vault.destroyed",
                                      "It is gone: the person was erased."};

enum { REWRAP_BATCH = 1000 };

static const char *label(struct ctx *cx, int64_t account_id)
{
    return arena_printf(cx->arena, "account_key.wrapped_key:%lld", (long long)account_id);
}

static const char *place(struct ctx *cx, const struct cell *c)
{
    return arena_printf(cx->arena, "%s:%lld:%lld", c->column, (long long)c->account_id,
                        (long long)c->row);
}

enum found { NONE, KEPT, DESTROYED };

static enum status find(struct ctx *cx, int64_t account_id, enum found *found, struct key *out)
{
    struct account_key_row *rows;
    size_t n;

    TRY(account_key_by_id(cx, &rows, &n, .account_id = account_id, .max = 1));
    *found = !n ? NONE : *rows->wrapped_key ? KEPT : DESTROYED;
    if (*found != KEPT) return OK;
    return master_unwrap(cx, label(cx, account_id), rows->wrapped_key, rows->wrapped_by, out);
}

static enum status add(struct ctx *cx, int64_t account_id, struct key *out)
{
    char wrapped[MASTER_WRAPPED_TEXT];
    const char *by;
    enum found found;
    WIPED_KEY k;

    secret_random(k.at, sizeof k.at);
    TRY(master_wrap(cx, label(cx, account_id), &k, wrapped, &by));
    TRY(account_key_add(cx, NULL, .account_id = account_id, .wrapped_key = wrapped,
                        .wrapped_by = by, .keyed_at = cx->now));
    TRY(find(cx, account_id, &found, out));
    return found == KEPT ? OK : fail(cx->err, &DB_RACE, NULL);
}

enum status vault_seal(struct ctx *cx, const struct cell *where, const char *text,
                       const char **sealed)
{
    enum found found;
    WIPED_KEY k;

    TRY(find(cx, where->account_id, &found, &k));
    if (found == DESTROYED) return *sealed = "", OK;
    if (found == NONE) TRY(add(cx, where->account_id, &k));
    *sealed = seal_bytes(cx->arena, k.at, place(cx, where), text, strlen(text));
    return OK;
}

enum status vault_open(struct ctx *cx, const struct cell *where, const char *sealed,
                       const char **text)
{
    enum found found;
    unsigned char *bytes;
    size_t n;
    WIPED_KEY k;

    TRY(find(cx, where->account_id, &found, &k));
    if (found == DESTROYED) return fail(cx->err, &VAULT_DESTROYED, NULL);
    if (found == NONE || !unseal_bytes(cx->arena, k.at, place(cx, where), sealed, &bytes, &n) ||
        memchr(bytes, 0, n))
        return failf(cx->err, &VAULT_TAMPERED, "%s", place(cx, where));
    *text = (const char *)bytes;
    return OK;
}

enum status vault_destroy(struct ctx *cx, int64_t account_id, int64_t at)
{
    return account_key_destroy(cx, NULL, .account_id = account_id, .keyed_at = at,
                               .destroyed_at = at);
}

static enum status rewrap(struct ctx *cx, const char *by, int64_t *after, int64_t *keys)
{
    struct account_key_row *rows;
    struct account_key_rewrap_in *anew;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(master_put_in_force(cx));
    TRY(secrets_rewrap(cx));
    TRY(account_keys_otherwise(cx, &rows, &n, .after = *after, .wrapped_by = by,
                               .max = REWRAP_BATCH));
    anew = arena_array(cx->arena, struct account_key_rewrap_in, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = label(cx, rows[i].account_id);
        char *wrapped = arena_alloc(cx->arena, MASTER_WRAPPED_TEXT);
        WIPED_KEY k;

        TRY(master_unwrap(cx, name, rows[i].wrapped_key, rows[i].wrapped_by, &k));
        TRY(master_wrap(cx, name, &k, wrapped, &by));
        anew[i] = (struct account_key_rewrap_in){
            .wrapped_key = wrapped, .wrapped_by = by, .account_id = rows[i].account_id};
    }
    TRY(account_key_rewrap(cx, anew, n, NULL));
    TRY(tx_commit(&tx));
    *after = n ? rows[n - 1].account_id : INT64_MAX;
    *keys += (int64_t)n;
    return OK;
}

enum status vault_rotate(struct ctx *cx, int64_t *keys)
{
    int64_t after = -1;
    const char *by;

    *keys = 0;
    TRY(master_file_add(cx));
    TRY(master_load(cx, &by));
    while (after < INT64_MAX) {
        struct arena batch = {0}, *outer = cx->arena;

        cx->arena = &batch;
        enum status const s = rewrap(cx, by, &after, keys);
        cx->arena = outer;
        arena_clear(&batch);
        if (s != OK && s != E_BUSY) return s;
    }
    return master_file_drop_old(cx);
}
