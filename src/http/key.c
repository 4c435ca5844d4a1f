/* key: makes, checks and ends keys of the API. SPDX-License-Identifier: Apache-2.0 */
#include "http/key.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/id.h"
#include "db/secret.h"

const struct names key_states = NAMES("active", "ending", "expired", "revoked");

const struct fault KEY_MISSING = {E_DENIED, "key.missing",
                                  "Say who you are: send the header Authorization: Bearer fky_…."};
const struct fault KEY_INVALID = {
    E_DENIED, "key.invalid", "This key is not good; ask whoever runs the service for a new one."};
const struct fault KEY_NOT_IN_SCOPE = {E_DENIED, "key.not_in_scope",
                                       "This key's scopes do not cover this op."};
const struct fault KEY_NOT_AS_THEM = {E_DENIED, "key.not_as_them",
                                      "This key may not act in that role."};
const struct fault KEY_UNKNOWN = {E_NOT_FOUND, "key.unknown",
                                  "There is no such key; key.list shows them."};
const struct fault KEY_ENDED = {
    E_CONFLICT, "key.ended", "This key was rotated, revoked or is over; create or take a new one."};
const struct fault KEY_SCOPES_INVALID = {
    E_INVALID, "key.scopes_invalid",
    "Scopes are op ids, noun.* or *, perhaps with :read or :write, and each covers an op; the ops "
    "of keys are named, never meant by *."};
const struct fault KEY_ROLES_INVALID = {E_INVALID, "key.roles_invalid",
                                        "Roles are words such as owner, agent or system."};

enum { PAGE = 50, GRACE_HOURS = 24, HASH_BYTES = 32, HASH_TEXT = 2 * HASH_BYTES + 1 };
static const int64_t MINUTE_MS = 60000, HOUR_MS = 3600000;

/* The secret is random and long: without a key of our own its hash tells nothing. */
static char *hash_of(const char *secret, char to[static HASH_TEXT])
{
    unsigned char hash[HASH_BYTES];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)secret, strlen(secret), NULL, 0);
    return sodium_bin2hex(to, HASH_TEXT, hash, sizeof hash);
}

static enum key_state state_of(const struct ctx *cx, const struct api_key *k)
{
    if (k->revoked_at) return KEY_REVOKED;
    if (k->expires_at && k->expires_at <= cx->now) return KEY_EXPIRED;
    return k->replaced_by ? KEY_ENDING : KEY_ACTIVE;
}

static bool is_good(const struct ctx *cx, const struct api_key *k)
{
    enum key_state const s = state_of(cx, k);

    return s == KEY_ACTIVE || s == KEY_ENDING;
}

/* ---- checking ---- */

/* The set of a list of roles; 0 when one of them is none. */
static unsigned roles_of(const char *list)
{
    unsigned set = 0;
    const char *at;
    size_t n;

    while (scope_next(&list, &at, &n)) {
        unsigned one = 0;

        for (size_t r = 0; r < roles.n; r++)
            if (strlen(roles.at[r]) == n && memcmp(roles.at[r], at, n) == 0) one = MAY(r);
        if (!one) return 0;
        set |= one;
    }
    return set;
}

enum status key_check(struct ctx *cx, const char *authorization, struct key_grant *out)
{
    static const char scheme[] = "Bearer ";
    char hash[HASH_TEXT];
    struct api_key *rows;
    size_t n;

    if (!authorization) return fail(cx->err, &KEY_MISSING, NULL);
    if (strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return fail(cx->err, &KEY_INVALID, NULL);
    const char *secret = authorization + sizeof scheme - 1;
    if (!key_is_spelt(secret)) return fail(cx->err, &KEY_INVALID, NULL);
    TRY(key_by_hash(cx, &rows, &n, .key_hash = hash_of(secret, hash), .max = 1));
    if (n == 0 || !is_good(cx, rows)) return fail(cx->err, &KEY_INVALID, NULL);
    *out = (struct key_grant){.key_id = rows->key_id,
                              .scopes = rows->key_scopes,
                              .roles = roles_of(rows->key_roles),
                              .used_is_old = cx->now - rows->used_at >= MINUTE_MS};
    return OK;
}

bool key_covers(const char *scopes, const struct op *op)
{
    return scopes_cover(scopes, op->id, op->writes);
}

/* ---- their last use ---- */

/* Of more keys at once some are noted again with their next request. */
enum { NOTED_MAX = 256 };
struct use {
    int64_t key_id, at;
};
static struct use noted[NOTED_MAX];
static size_t n_noted;
static pthread_mutex_t noted_lock = PTHREAD_MUTEX_INITIALIZER;

static void note(struct use u)
{
    size_t i = 0;

    pthread_mutex_lock(&noted_lock);
    while (i < n_noted && noted[i].key_id != u.key_id) i++;
    if (i == n_noted && n_noted < NOTED_MAX) noted[n_noted++] = u;
    if (i < n_noted && noted[i].at < u.at) noted[i].at = u.at;
    pthread_mutex_unlock(&noted_lock);
}

void key_note_use(const struct ctx *cx, const struct key_grant *g)
{
    note((struct use){g->key_id, cx->now});
}

bool key_uses_noted(void)
{
    pthread_mutex_lock(&noted_lock);
    bool const any = n_noted > 0;
    pthread_mutex_unlock(&noted_lock);
    return any;
}

static enum status write_uses(struct ctx *cx, const struct use *uses, size_t n)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    for (size_t i = 0; i < n; i++)
        TRY(key_use(cx, NULL, .used_at = uses[i].at, .key_id = uses[i].key_id));
    return tx_commit(&tx);
}

enum status key_uses_write(struct ctx *cx)
{
    struct use uses[NOTED_MAX];

    pthread_mutex_lock(&noted_lock);
    size_t const n = n_noted;
    memcpy(uses, noted, n * sizeof *noted);
    n_noted = 0;
    pthread_mutex_unlock(&noted_lock);
    enum status const s = n ? write_uses(cx, uses, n) : OK;
    for (size_t i = 0; s != OK && i < n; i++) note(uses[i]);
    return s;
}

/* ---- the ops ---- */

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static const char *reference(struct ctx *cx, int64_t id)
{
    return id ? id_text("key", id, arena_alloc(cx->arena, ID_TEXT)) : "";
}

static struct key_view view(struct ctx *cx, const struct api_key *k)
{
    return (struct key_view){.key = reference(cx, k->key_id),
                             .name = k->key_name,
                             .scopes = k->key_scopes,
                             .roles = k->key_roles,
                             .state = state_of(cx, k),
                             .created_at = instant(cx, k->created_at),
                             .expires_at = instant(cx, k->expires_at),
                             .revoked_at = instant(cx, k->revoked_at),
                             .used_at = instant(cx, k->used_at),
                             .replaced_by = reference(cx, k->replaced_by)};
}

/* A scope that covers nothing is a slip of the pen. */
static bool are_scopes(const char *list)
{
    const char *at;
    size_t n, count = 0;

    for (; scope_next(&list, &at, &n); count++) {
        bool covers = false;

        for (size_t t = 0; op_tables[t] && !covers; t++)
            for (size_t i = 0; i < op_tables[t]->n && !covers; i++)
                covers = scope_covers(at, n, op_tables[t]->at[i].id, op_tables[t]->at[i].writes);
        if (!covers) return false;
    }
    return count > 0;
}

/* Adds a key like the row, with a new number, secret and date. */
static enum status add(struct ctx *cx, const struct api_key *like, struct key_made *out)
{
    unsigned char random[KEY_RANDOM];
    char *secret = arena_alloc(cx->arena, KEY_TEXT), hash[HASH_TEXT];
    struct api_key made;
    int64_t id;

    TRY(db_id(cx, &id));
    secret_random(random, sizeof random);
    key_spell(random, secret);
    TRY(key_add(cx, NULL, .key_id = id, .key_name = like->key_name,
                .key_hash = hash_of(secret, hash), .key_scopes = like->key_scopes,
                .key_roles = like->key_roles, .created_at = cx->now,
                .expires_at = like->expires_at));
    TRY(key_by_id(cx, &made, &KEY_UNKNOWN, .key_id = id));
    *out = (struct key_made){view(cx, &made), secret};
    return OK;
}

enum status key_create(struct ctx *cx, const struct key_create *in, struct key_made *out)
{
    struct api_key const like = {
        .key_name = in->name,
        .key_scopes = in->scopes,
        .key_roles = in->roles,
        .expires_at = in->expires_days ? cx->now + in->expires_days * 24 * HOUR_MS : 0};
    TX tx = {0};

    if (!are_scopes(in->scopes)) return fail(cx->err, &KEY_SCOPES_INVALID, "scopes");
    if (!roles_of(in->roles)) return fail(cx->err, &KEY_ROLES_INVALID, "roles");
    TRY(tx_begin(&tx, cx));
    TRY(add(cx, &like, out));
    return tx_commit(&tx);
}

enum status key_list(struct ctx *cx, const struct key_list *in, struct keys_view *out)
{
    int64_t const max = (in->limit ? in->limit : PAGE) + 1;
    int64_t before = INT64_MAX;
    struct api_key *rows;
    size_t n;

    if (in->before && !id_parse("key", in->before, &before))
        return fail(cx->err, &KEY_UNKNOWN, "before");
    TRY(keys_newest(cx, &rows, &n, .before = before, .max = max));
    bool const more = (int64_t)n == max;
    struct key_view *list = arena_array(cx->arena, struct key_view, n + 1);
    n -= more;
    for (size_t i = 0; i < n; i++) list[i] = view(cx, &rows[i]);
    *out = (struct keys_view){list, n, more ? list[n - 1].key : ""};
    return OK;
}

static enum status find(struct ctx *cx, const char *key, struct api_key *out)
{
    int64_t id;

    if (!id_parse("key", key, &id)) return fail(cx->err, &KEY_UNKNOWN, "key");
    return key_by_id(cx, out, &KEY_UNKNOWN, .key_id = id);
}

enum status key_rotate(struct ctx *cx, const struct key_choose *in, struct key_made *out)
{
    int64_t const grace_hours = in->grace_hours ? in->grace_hours : GRACE_HOURS;
    int64_t end = cx->now + grace_hours * HOUR_MS, changed, made;
    struct api_key old;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find(cx, in->key, &old));
    if (state_of(cx, &old) != KEY_ACTIVE) return fail(cx->err, &KEY_ENDED, "key");
    TRY(add(cx, &old, out));
    if (!id_parse("key", out->view.key, &made)) return fail(cx->err, &KEY_UNKNOWN, NULL);
    if (old.expires_at && old.expires_at < end) end = old.expires_at;
    TRY(key_replace(cx, &changed, .replaced_by = made, .expires_at = end, .key_id = old.key_id));
    return changed ? tx_commit(&tx) : fail(cx->err, &KEY_ENDED, "key");
}

enum status key_revoke(struct ctx *cx, const struct key_choose *in, struct key_view *out)
{
    struct api_key k;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find(cx, in->key, &k));
    TRY(key_end(cx, NULL, .revoked_at = cx->now, .key_id = k.key_id));
    TRY(find(cx, in->key, &k));
    *out = view(cx, &k);
    return tx_commit(&tx);
}
