/* audit_sign: digests and Ed25519. SPDX-License-Identifier: Apache-2.0 */
#include "db/audit_sign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "db/secret.h"

static const char SIGN_KEY[] = "audit_sign";

static void add_line(crypto_generichash_state *s, const char *line)
{
    crypto_generichash_update(s, (const unsigned char *)line, strlen(line) + 1);
}

/* Lines of decimal numbers and hex, each with its NUL: nothing can be taken for something else. */
void audit_sign_digest(const char *before, const struct audit_sign *s,
                       const struct audit_walk_sign_head *heads, size_t n,
                       char to[static AUDIT_DIGEST])
{
    unsigned char hash[AUDIT_DIGEST / 2];
    crypto_generichash_state state;
    char line[96];

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    add_line(&state, before);
    snprintf(line, sizeof line, "%lld %lld %lld", (long long)s->sign_no, (long long)s->signed_at,
             (long long)s->heads);
    add_line(&state, line);
    for (size_t i = 0; i < n; i++) {
        snprintf(line, sizeof line, "%lld %lld", (long long)heads[i].account_id,
                 (long long)heads[i].entry_no);
        add_line(&state, line);
        add_line(&state, heads[i].chain);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(to, AUDIT_DIGEST, hash, sizeof hash);
}

static bool bytes_of(const char *hex, unsigned char *to, size_t n)
{
    size_t found;

    return sodium_hex2bin(to, n, hex, strlen(hex), NULL, &found, NULL) == 0 && found == n;
}

bool audit_sign_good(const char *public_key, const char *digest, const char *signature)
{
    unsigned char key[crypto_sign_PUBLICKEYBYTES], hash[AUDIT_DIGEST / 2], made[crypto_sign_BYTES];

    return bytes_of(public_key, key, sizeof key) && bytes_of(digest, hash, sizeof hash) &&
           bytes_of(signature, made, sizeof made) &&
           crypto_sign_verify_detached(made, hash, sizeof hash, key) == 0;
}

enum status audit_sign_public(struct ctx *cx, char to[static AUDIT_PUBLIC])
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], private[crypto_sign_SECRETKEYBYTES];
    WIPED_KEY seed;
    enum status const s = secret_key_kept(cx, SIGN_KEY, &seed);

    to[0] = 0;
    if (s == E_NOT_FOUND) return OK;
    TRY(s);
    crypto_sign_seed_keypair(public, private, seed.at);
    sodium_memzero(private, sizeof private);
    sodium_bin2hex(to, AUDIT_PUBLIC, public, sizeof public);
    return OK;
}

static enum status sign_digest(struct ctx *cx, const char *digest, char to[static AUDIT_SIGNATURE])
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], private[crypto_sign_SECRETKEYBYTES];
    unsigned char hash[AUDIT_DIGEST / 2], made[crypto_sign_BYTES];
    WIPED_KEY seed;

    TRY(secret_key_of(cx, SIGN_KEY, &seed));
    crypto_sign_seed_keypair(public, private, seed.at);
    (void)bytes_of(digest, hash, sizeof hash);
    crypto_sign_detached(made, NULL, hash, sizeof hash, private);
    sodium_memzero(private, sizeof private);
    sodium_bin2hex(to, AUDIT_SIGNATURE, made, sizeof made);
    return OK;
}

/* ---- ends ---- */

void audit_sign_seal(const struct key *k, const struct audit_sign *s, char to[static AUDIT_CHAIN])
{
    unsigned char hash[AUDIT_CHAIN / 2];
    crypto_generichash_state state;
    char line[32];

    crypto_generichash_init(&state, k->at, sizeof k->at, sizeof hash);
    snprintf(line, sizeof line, "signs %lld", (long long)s->sign_no);
    add_line(&state, line);
    add_line(&state, s->digest);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(to, AUDIT_CHAIN, hash, sizeof hash);
}

static enum status put_end(struct ctx *cx, const struct key *k, const struct audit_sign *s)
{
    char seal[AUDIT_CHAIN];

    audit_sign_seal(k, s, seal);
    return audit_sign_end_put(cx, NULL, .end_no = AUDIT_SIGN_END, .sign_no = s->sign_no,
                              .seal = seal);
}

/* An end that does not fit what is there tells of what was taken away, and goes on to. */
static enum status move_end(struct ctx *cx, const struct key *k, const struct audit_sign *before,
                            const struct audit_sign *s)
{
    struct audit_sign_end *end;
    char seal[AUDIT_CHAIN] = "";
    size_t n;

    TRY(audit_sign_end_of(cx, &end, &n, .end_no = AUDIT_SIGN_END, .max = 1));
    if (before) audit_sign_seal(k, before, seal);
    bool const fits = n && before && end->sign_no == before->sign_no && !strcmp(end->seal, seal);
    return fits || (!n && !before) ? put_end(cx, k, s) : OK;
}

static const char *sealed(struct ctx *cx, const struct key *k, const struct audit_head_row *h)
{
    char *seal = arena_alloc(cx->arena, AUDIT_CHAIN);

    audit_seal(k, h, seal);
    return seal;
}

/* *after: the last one before these, then the last of these; 0: there are no more. */
static enum status seal_some(struct ctx *cx, const struct key *k, int64_t *after)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct audit_head_row *heads;
    struct ctx some = *cx;
    size_t n;

    some.arena = &arena;
    TRY(audit_heads_unsealed(&some, &heads, &n, .after = *after, .max = AUDIT_SIGN_HEADS));
    struct audit_head_seal_in *in = arena_array(&arena, struct audit_head_seal_in, n);
    for (size_t i = 0; i < n; i++)
        in[i] = (struct audit_head_seal_in){.account_id = heads[i].account_id,
                                            .seal = sealed(&some, k, &heads[i])};
    *after = n ? heads[n - 1].account_id : 0;
    return audit_head_seal(&some, in, n, NULL);
}

enum status audit_seal_ends(struct ctx *cx)
{
    struct audit_head_row *heads;
    struct audit_sign *last;
    int64_t after = -1;
    size_t n, n_last;
    WIPED_KEY k;

    TRY(audit_sign_newest(cx, &last, &n_last, .max = 1));
    TRY(audit_heads_unsealed(cx, &heads, &n, .after = after, .max = 1));
    if (n == 0 && n_last == 0) return OK; /* nor is there a key yet */
    TRY(secret_key_of(cx, AUDIT_KEY, &k));
    while (after) TRY(seal_some(cx, &k, &after));
    return n_last ? put_end(cx, &k, last) : OK;
}

/* ---- signing ---- */

/* What is signed is not unsigned any more; an end that was wrong stays so. */
static const char *seal_when_signed(struct ctx *cx, const struct key *k,
                                    const struct audit_head_row *h)
{
    struct audit_head_row covered = *h;

    covered.unsigned_no = 0;
    return strcmp(sealed(cx, k, h), h->seal) == 0 ? sealed(cx, k, &covered) : h->seal;
}

/* A chain that grows meanwhile is a lost race: it must be in this head or in the next, whole. */
static enum status store(struct ctx *cx, const struct key *k, const struct audit_sign *s,
                         const struct audit_head_row *grown, size_t n)
{
    struct audit_sign_head_add_in *kept = arena_array(cx->arena, struct audit_sign_head_add_in, n);
    struct audit_head_signed_in *covered = arena_array(cx->arena, struct audit_head_signed_in, n);
    int64_t changed;

    for (size_t i = 0; i < n; i++) {
        kept[i] = (struct audit_sign_head_add_in){.sign_no = s->sign_no,
                                                  .account_id = grown[i].account_id,
                                                  .entry_no = grown[i].entry_no,
                                                  .chain = grown[i].chain};
        covered[i] = (struct audit_head_signed_in){.account_id = grown[i].account_id,
                                                   .entry_no = grown[i].entry_no,
                                                   .seal = seal_when_signed(cx, k, &grown[i])};
    }
    TRY(audit_head_signed(cx, covered, n, &changed));
    if (changed != (int64_t)n) return fail(cx->err, &DB_RACE, NULL);
    TRY(audit_sign_head_add(cx, kept, n, NULL));
    return audit_sign_add(cx, NULL, .sign_no = s->sign_no, .signed_at = s->signed_at,
                          .heads = s->heads, .digest = s->digest, .signature = s->signature);
}

static enum status sign_some(struct ctx *cx, bool *signed_some)
{
    char digest[AUDIT_DIGEST], signature[AUDIT_SIGNATURE];
    struct audit_head_row *grown;
    struct audit_sign *last;
    size_t n, n_last;
    WIPED_KEY k;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(audit_heads_unsigned(cx, &grown, &n, .max = AUDIT_SIGN_HEADS));
    *signed_some = n > 0;
    if (n == 0) return OK;
    TRY(audit_sign_newest(cx, &last, &n_last, .max = 1));
    struct audit_walk_sign_head *heads = arena_array(cx->arena, struct audit_walk_sign_head, n);
    for (size_t i = 0; i < n; i++)
        heads[i] = (struct audit_walk_sign_head){.account_id = grown[i].account_id,
                                                 .entry_no = grown[i].entry_no,
                                                 .chain = grown[i].chain};
    struct audit_sign s = {.sign_no = n_last ? last->sign_no + 1 : 1,
                           .signed_at = cx->now,
                           .heads = (int64_t)n,
                           .digest = digest,
                           .signature = signature};
    audit_sign_digest(n_last ? last->digest : "", &s, heads, n, digest);
    TRY(sign_digest(cx, digest, signature));
    TRY(secret_key_of(cx, AUDIT_KEY, &k));
    TRY(move_end(cx, &k, n_last ? last : NULL, &s));
    TRY(store(cx, &k, &s, grown, n));
    return tx_commit(&tx);
}

enum status audit_sign(struct ctx *cx, int64_t *signs)
{
    enum { RERUNS = 20 };
    struct arena *outer = cx->arena;
    bool more = true;

    *signs = 0;
    for (int reruns = 0; more;) {
        struct arena batch = {0};

        cx->arena = &batch;
        enum status const s = sign_some(cx, &more);
        cx->arena = outer;
        arena_clear(&batch);
        if (s == E_BUSY && reruns++ < RERUNS) {
            more = true;
            continue;
        }
        TRY(s);
        *signs += more;
    }
    return OK;
}

enum status audit_sign_due(struct ctx *cx, int64_t every_ms)
{
    struct audit_sign *last;
    int64_t signs;
    size_t n;

    TRY(audit_sign_newest(cx, &last, &n, .max = 1));
    return n && last->signed_at + every_ms > cx->now ? OK : audit_sign(cx, &signs);
}
