/* secret: makes and uses keys. SPDX-License-Identifier: Apache-2.0 */
#include "db/secret.h"

#include <sodium.h>
#include <string.h>

#include "secret_sql.h"

enum { KEY = 32, KEY_TEXT = 2 * KEY + 1 };

static const struct fault SECRET_BROKEN = {
    E_INTERNAL, "database.secret_broken",
    "A key in the table `secret` is damaged; bring it back from a backup."};

void secret_random(void *to, size_t n)
{
    randombytes_buf(to, n);
}

static enum status find(struct ctx *cx, const char *name, const char **text)
{
    struct secret *rows;
    size_t n;

    TRY(secret_by_name(cx, &rows, &n, .secret = name, .max = 1));
    *text = n ? rows->secret_key : NULL;
    return OK;
}

/* Of two that make it at once one has made it, and both use that. */
static enum status find_or_make(struct ctx *cx, const char *name, const char **text)
{
    unsigned char key[KEY];
    char made[KEY_TEXT];

    TRY(find(cx, name, text));
    if (*text) return OK;
    secret_random(key, sizeof key);
    sodium_bin2hex(made, sizeof made, key, sizeof key);
    TRY(secret_add(cx, NULL, .secret = name, .secret_key = made));
    return find(cx, name, text);
}

enum status secret_hash(struct ctx *cx, const char *name, const char *text,
                        char to[static SECRET_HASH])
{
    unsigned char key[KEY], hash[SECRET_HASH / 2];
    const char *hex;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find_or_make(cx, name, &hex));
    if (!hex || sodium_hex2bin(key, sizeof key, hex, strlen(hex), NULL, &n, NULL) != 0 || n != KEY)
        return fail(cx->err, &SECRET_BROKEN, NULL);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), key,
                       sizeof key);
    sodium_bin2hex(to, SECRET_HASH, hash, sizeof hash);
    return tx_commit(&tx);
}
