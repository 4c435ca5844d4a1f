/* sandbox_card: makes tokens and knows them again. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_card.h"

#include <sodium.h>
#include <string.h>

#include "db/secret.h"
#include "sandbox_sql.h"

enum { SUFFIX = 16, HASH = 16, HASH_TEXT = 5 + 2 * HASH + 1 };

/* The key of fingerprints, random and made when first needed. */
static enum status fingerprint_key(struct ctx *cx, unsigned char key[static KEY_BYTES])
{
    struct sandbox_key_row *rows;
    char made[2 * KEY_BYTES + 1];
    size_t n;

    TRY(sandbox_key_find(cx, &rows, &n, .max = 1));
    if (!n) {
        secret_random(key, KEY_BYTES);
        sodium_bin2hex(made, sizeof made, key, KEY_BYTES);
        TRY(sandbox_key_add(cx, NULL, .fingerprint_key = made));
        TRY(sandbox_key_find(cx, &rows, &n, .max = 1));
    }
    sodium_hex2bin(key, KEY_BYTES, rows->fingerprint_key, strlen(rows->fingerprint_key), NULL, NULL,
                   NULL);
    return OK;
}

static enum status fingerprint(struct ctx *cx, const char *digits, char to[static HASH_TEXT])
{
    unsigned char key[KEY_BYTES], hash[HASH];

    TRY(fingerprint_key(cx, key));
    crypto_generichash(hash, sizeof hash, (const unsigned char *)digits, strlen(digits), key,
                       sizeof key);
    memcpy(to, "card_", 5);
    sodium_bin2hex(to + 5, HASH_TEXT - 5, hash, sizeof hash);
    return OK;
}

/* Letters alone: nothing that could be taken for a number. */
static void random_letters(char *to, size_t n)
{
    static const char letters[] = "abcdefghjkmnpqrs";

    secret_random(to, n);
    for (size_t i = 0; i < n; i++) to[i] = letters[to[i] & 15];
    to[n] = 0;
}

static enum status store(struct ctx *cx, const struct sandbox_card_read *card, const char *digits,
                         const char *suffix)
{
    char hash[HASH_TEXT];
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(fingerprint(cx, digits, hash));
    TRY(sandbox_card_add(cx, NULL, .suffix = suffix, .last4 = card->last4, .fingerprint = hash));
    return tx_commit(&tx);
}

enum status sandbox_card_make(struct gateway *g, const struct sandbox_card_form *form,
                              struct sandbox_card_error *wrong, struct sandbox_card_made *out,
                              struct arena *a, struct error *e)
{
    struct ctx cx = sandbox_context(g->state, e);
    char digits[SANDBOX_CARD_DIGITS], suffix[SUFFIX + 1];
    struct sandbox_card_read card;
    enum status s = E_BUSY;

    *wrong = sandbox_card_read(form, digits, &card);
    if (wrong->field) {
        sodium_memzero(digits, sizeof digits);
        return OK;
    }
    random_letters(suffix, SUFFIX);
    const char *token = arena_printf(a, "tok_%s@expires_%04lld%02lld-%s", card.name,
                                     (long long)(card.expiry_month / 12),
                                     (long long)(card.expiry_month % 12 + 1), suffix);
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(s); i++)
        s = store(&cx, &card, digits, suffix);
    sodium_memzero(digits, sizeof digits);
    if (s != OK) return s;
    const struct sandbox_token *t = sandbox_read_token(g->state, token);
    *out = (struct sandbox_card_made){.token = token,
                                      .brand = card.brand,
                                      .last4 = card.last4,
                                      .funding = fundings.at[t->funding],
                                      .issuing_country = arena_strdup(a, t->country),
                                      .expiry_month = card.expiry_month};
    return OK;
}

static enum status find(struct sandbox *s, const char *token, struct sandbox_card_row **rows,
                        size_t *n, struct error *e)
{
    struct ctx cx = sandbox_context(s, e);
    const char *suffix = strchr(token, '-');

    *n = 0;
    if (!suffix || strlen(suffix) != 1 + SUFFIX) return OK;
    enum status const st = sandbox_card_find(&cx, rows, n, .suffix = suffix + 1, .max = 1);
    return st == OK ? OK : sandbox_failed(s, e);
}

enum status sandbox_card_is_of_form(struct sandbox *s, const char *token, bool *by_form,
                                    struct error *e)
{
    struct sandbox_card_row *rows;
    size_t n;

    TRY(find(s, token, &rows, &n, e));
    *by_form = n > 0;
    return OK;
}

enum status sandbox_card_recall(struct sandbox *s, const char *token, struct gateway_method *m,
                                struct arena *a, struct error *e)
{
    struct sandbox_card_row *rows;
    size_t n;

    TRY(find(s, token, &rows, &n, e));
    if (!n) return OK;
    m->last4 = arena_strdup(a, rows->last4);
    m->fingerprint = arena_strdup(a, rows->fingerprint);
    return OK;
}
