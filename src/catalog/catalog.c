/* catalog: keeps every applied document as an immutable version and reads it back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog.h"

#include <sodium.h>
#include <string.h>

#include "base/calendar.h"
#include "base/shared.h"
#include "catalog_sql.h"
#include "db/db.h"

const struct fault CATALOG_INVALID = {
    E_INVALID, "catalog.invalid",
    "The catalog has mistakes and nothing was changed; correct them and apply it again."};
const struct fault CATALOG_IN_USE = {E_CONFLICT, "catalog.in_use",
                                     "Members have a plan that this catalog has no price for, and "
                                     "nothing was changed; leave the plan "
                                     "and its prices in, and retire it."};
const struct fault CATALOG_NONE = {
    E_CONFLICT, "catalog.none",
    "There is no catalog yet; apply one with `foyer catalog apply FILE`."};
const struct fault CATALOG_VERSION_UNKNOWN = {
    E_NOT_FOUND, "catalog.version_unknown",
    "There is no such version of the catalog; `foyer catalog versions` lists them."};

enum { HASH_BYTES = 32, SALES_MAX = 100000 };

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

static bool has_price(const struct catalog *c, const char *country, const char *plan, int64_t day)
{
    const struct country *place = c ? catalog_country(c, country) : NULL;

    return place && country_price(place, plan, NULL, day);
}

enum status catalog_gaps(struct ctx *cx, const struct catalog *c, int64_t today,
                         struct catalog_gap **out, size_t *n)
{
    struct catalog_sale *rows;
    size_t sales;

    TRY(catalog_sales(cx, &rows, &sales, .today = today, .max = SALES_MAX));
    *out = arena_array(cx->arena, struct catalog_gap, 2 * sales + 1);
    *n = 0;
    for (size_t i = 0; i < sales; i++) {
        const char *const plans[] = {rows[i].plan, rows[i].next_plan};

        for (size_t k = 0; k < COUNT(plans); k++)
            if (*plans[k] && !has_price(c, rows[i].country, plans[k], rows[i].from_day))
                (*out)[(*n)++] = (struct catalog_gap){rows[i].country, plans[k], rows[i].from_day};
    }
    return OK;
}

/* Whoever is a member can be billed by it. */
static enum status refuse_gaps(struct ctx *cx, const struct catalog *c)
{
    struct catalog_gap *gaps;
    char day[DAY_TEXT];
    size_t n;

    TRY(catalog_gaps(cx, c, divide_down(cx->now, DAY_MS), &gaps, &n));
    if (n == 0) return OK;
    return failf(cx->err, &CATALOG_IN_USE, "plan %s in %s from %s on", gaps->plan, gaps->country,
                 day_text(gaps->from_day, day));
}

static enum status newest_is(struct ctx *cx, const char *hash, struct catalog_applied *out)
{
    struct catalog_entry *newest;
    size_t n;

    TRY(catalog_entries(cx, &newest, &n, .max = 1));
    *out = (struct catalog_applied){.version = n ? newest->catalog_version : 0,
                                    .changed = !n || strcmp(newest->document_hash, hash) != 0};
    return OK;
}

enum status catalog_apply(struct ctx *cx, const char *text, size_t n, const char *file,
                          struct problems *problems, struct catalog_applied *out)
{
    TX tx = {0};
    const struct catalog *c;
    int64_t added = 1;

    if (catalog_read(text, n, file, cx->arena, problems, &c) != OK) return invalid(cx, problems);
    const char *hash = hash_text(cx->arena, text, n);
    TRY(newest_is(cx, hash, out));
    if (!out->changed) return OK;
    TRY(refuse_gaps(cx, c)); /* outside the transaction, which would conflict with every member's */
    TRY(tx_begin(&tx, cx));
    TRY(newest_is(cx, hash, out));
    if (out->changed)
        TRY(catalog_add(cx, &added, .catalog_version = ++out->version, .applied_at = cx->now,
                        .applied_by = actor_text(cx), .document_hash = hash,
                        .document_text = c->document));
    if (!added) return fail(cx->err, &DB_RACE, NULL);
    return tx_commit(&tx);
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
