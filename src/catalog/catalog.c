/* catalog: keeps every applied document as an immutable version and reads it back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog.h"

#include <sodium.h>
#include <string.h>

#include "base/shared.h"
#include "catalog_sql.h"
#include "db/db.h"

const struct fault CATALOG_INVALID = {
    E_INVALID, "catalog.invalid",
    "The catalog has mistakes and nothing was changed; correct them and apply it again."};
const struct fault CATALOG_NONE = {
    E_CONFLICT, "catalog.none",
    "There is no catalog yet; apply one with `foyer catalog apply FILE`."};
const struct fault CATALOG_VERSION_UNKNOWN = {
    E_NOT_FOUND, "catalog.version_unknown",
    "There is no such version of the catalog; `foyer catalog versions` lists them."};

enum { HASH_BYTES = 32 };

static const char *hash_text(struct arena *a, const char *text, size_t n)
{
    unsigned char hash[HASH_BYTES];
    char *hex = arena_alloc(a, HASH_BYTES * 2 + 1);

    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, n, NULL, 0);
    return sodium_bin2hex(hex, HASH_BYTES * 2 + 1, hash, sizeof hash);
}

static const char *actor_text(struct ctx *cx)
{
    if (cx->actor.id == 0) return roles.at[cx->actor.role];
    return arena_printf(cx->arena, "%s:%lld", roles.at[cx->actor.role], (long long)cx->actor.id);
}

static enum status invalid(struct ctx *cx, const struct problems *p)
{
    return failf(cx->err, &CATALOG_INVALID, "%zu problem%s, first: %s", p->total,
                 p->total == 1 ? "" : "s", problem_text(p, 0, cx->arena));
}

enum status catalog_apply(struct ctx *cx, const char *text, size_t n, const char *file,
                          struct problems *problems, struct catalog_applied *out)
{
    TX tx = {0};
    const struct catalog *c;
    struct catalog_entry *newest;
    int64_t added = 1;
    size_t found;

    if (catalog_read(text, n, file, cx->arena, problems, &c) != OK) return invalid(cx, problems);
    const char *hash = hash_text(cx->arena, text, n);
    TRY(tx_begin(&tx, cx));
    TRY(catalog_entries(cx, &newest, &found, .max = 1));
    int64_t const last = found ? newest->catalog_version : 0;
    bool const changed = !found || strcmp(newest->document_hash, hash) != 0;
    if (changed)
        TRY(catalog_add(cx, &added, .catalog_version = last + 1, .applied_at = cx->now,
                        .applied_by = actor_text(cx), .document_hash = hash,
                        .document_text = c->document));
    if (!added) return fail(cx->err, &DB_RACE, NULL);
    TRY(tx_commit(&tx));
    *out = (struct catalog_applied){.version = changed ? last + 1 : last, .changed = changed};
    return OK;
}

static enum status read_and_share(struct ctx *cx, const char *document, int64_t version,
                                  const struct catalog **out)
{
    struct problems *problems = arena_new(cx->arena, struct problems);
    const char *name = arena_printf(cx->arena, "catalog version %lld", (long long)version);
    struct shared *s = memory_new(sizeof *s);
    const struct catalog *c;

    if (catalog_read(document, strlen(document), name, &s->arena, problems, &c) != OK) {
        enum status const st = invalid(cx, problems);

        arena_clear(&s->arena);
        memory_free(s);
        return st;
    }
    struct catalog *copy = arena_new(&s->arena, struct catalog);
    *copy = *c;
    copy->version = version;
    s->version = version;
    s->text = c->document;
    s->thing = copy;
    *out = shared_put(cx->arena, s);
    return OK;
}

enum status catalog_load(struct ctx *cx, int64_t version, const struct catalog **out)
{
    struct catalog_document_row row;
    struct catalog_entry *newest;
    size_t found = 1;

    if (version == 0) {
        TRY(catalog_entries(cx, &newest, &found, .max = 1));
        if (found == 0) return fail(cx->err, &CATALOG_NONE, NULL);
        version = newest->catalog_version;
    }
    TRY(catalog_document(cx, &row, &CATALOG_VERSION_UNKNOWN, .catalog_version = version));
    *out = shared_find(cx->arena, version, row.document_text);
    return *out ? OK : read_and_share(cx, row.document_text, version, out);
}

enum status catalog_versions(struct ctx *cx, int64_t max, struct catalog_version **out, size_t *n)
{
    struct catalog_entry *rows;

    TRY(catalog_entries(cx, &rows, n, .max = max));
    *out = arena_array(cx->arena, struct catalog_version, *n + 1);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct catalog_version){rows[i].catalog_version, rows[i].applied_at,
                                             rows[i].applied_by, rows[i].document_hash};
    return OK;
}
