/* secret: makes and uses keys. SPDX-License-Identifier: Apache-2.0 */
#include "db/secret.h"

#include <sodium.h>
#include <string.h>

#include "secret_sql.h"

static const struct fault SECRET_UNKNOWN = {E_NOT_FOUND, "master.none",
                                            "There is no such key yet."};

enum { SECRETS_MAX = 100 };

void secret_random(void *to, size_t n)
{
    randombytes_buf(to, n);
}

static const char *label(struct ctx *cx, const char *name)
{
    return arena_printf(cx->arena, "secret.secret_key:%s", name);
}

static enum status find(struct ctx *cx, const char *name, bool *found, struct key *out)
{
    struct secret *rows;
    size_t n;

    TRY(secret_by_name(cx, &rows, &n, .secret = name, .max = 1));
    *found = n > 0;
    return n ? master_unwrap(cx, label(cx, name), rows->secret_key, rows->wrapped_by, out) : OK;
}

static enum status add(struct ctx *cx, const char *name)
{
    char wrapped[MASTER_WRAPPED_TEXT];
    const char *by;
    WIPED_KEY k;

    secret_random(k.at, sizeof k.at);
    TRY(master_wrap(cx, label(cx, name), &k, wrapped, &by));
    return secret_add(cx, NULL, .secret = name, .secret_key = wrapped, .wrapped_by = by);
}

enum status secret_key_kept(struct ctx *cx, const char *name, struct key *out)
{
    bool found;

    TRY(find(cx, name, &found, out));
    return found ? OK : fail(cx->err, &SECRET_UNKNOWN, NULL);
}

/* Of two that make it at once one has made it, and both use that. */
enum status secret_key_of(struct ctx *cx, const char *name, struct key *out)
{
    bool found;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find(cx, name, &found, out));
    if (!found) {
        TRY(add(cx, name));
        TRY(secret_key_kept(cx, name, out));
    }
    return tx_commit(&tx);
}

void secret_hash_by(const struct key *k, const char *text, char to[static SECRET_HASH])
{
    unsigned char hash[SECRET_HASH / 2];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), k->at,
                       sizeof k->at);
    sodium_bin2hex(to, SECRET_HASH, hash, sizeof hash);
}

enum status secret_hash(struct ctx *cx, const char *name, const char *text,
                        char to[static SECRET_HASH])
{
    WIPED_KEY k;

    TRY(secret_key_of(cx, name, &k));
    secret_hash_by(&k, text, to);
    return OK;
}

/* Before there was a master key it lay open, as hex. */
static enum status open_one(struct ctx *cx, const struct secret *s, struct key *out)
{
    size_t n;

    if (*s->wrapped_by)
        return master_unwrap(cx, label(cx, s->secret), s->secret_key, s->wrapped_by, out);
    bool const whole = sodium_hex2bin(out->at, sizeof out->at, s->secret_key, strlen(s->secret_key),
                                      NULL, &n, NULL) == 0 &&
                       n == sizeof out->at;
    return whole ? OK : failf(cx->err, &MASTER_BROKEN, "%.80s", s->secret);
}

enum status secrets_rewrap(struct ctx *cx)
{
    const char *by;
    struct secret *rows;
    size_t n;

    TRY(master_load(cx, &by));
    TRY(secrets_otherwise(cx, &rows, &n, .wrapped_by = by, .max = SECRETS_MAX));
    for (size_t i = 0; i < n; i++) {
        char wrapped[MASTER_WRAPPED_TEXT];
        WIPED_KEY k;

        TRY(open_one(cx, &rows[i], &k));
        TRY(master_wrap(cx, label(cx, rows[i].secret), &k, wrapped, &by));
        TRY(secret_rewrap(cx, NULL, .secret_key = wrapped, .wrapped_by = by,
                          .secret = rows[i].secret));
    }
    return OK;
}
