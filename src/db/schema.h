/* schema: schemas of a PostgreSQL database as wholes - what stands beside one, and how one takes
 * the
 * place of another. Their names are words. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

/* The first of the URL's search_path, else public. */
const char *schema_of(struct arena *a, const char *url);
/* The URL of a store beside a database, and its schema: see db_open_beside. */
const char *schema_url_beside(struct arena *a, const char *url, const char *name,
                              const char **schema);

/* What a tool that reads a dump is told before and after it, in one transaction: what is in
 * `schema` steps aside, whether there is anything or not, and comes back; what the dump has put
 * there is then in `aside`. */
const char *schema_make_way(struct arena *a, const char *schema);
const char *schema_put_aside(struct arena *a, const char *schema, const char *aside);
/* Fails where the dump held no tables of that schema. */
const char *schema_must_hold(struct arena *a, const char *schema);

enum status schema_drop(struct db *db, const char *schema, struct error *e) MUST_CHECK;

struct schema_pair {
    const char *from, *to;
};
/* The tables of each `from` take the places of those of the same names in `to`, all or none. */
enum status schema_take_place(struct db *db, const struct schema_pair *pairs, size_t n,
                              struct error *e) MUST_CHECK;
