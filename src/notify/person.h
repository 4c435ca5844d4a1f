/* person: everything that is kept about one person, told to them. One table says of each table of
 * the schema what it is, and what becomes of it when the person is erased (billing/erase.h).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

enum person_fate {
    PERSON_DELETED, /* its rows go when the person is erased */
    PERSON_EMPTIED, /* its rows stay, without what tells who it was */
    PERSON_KEPT,    /* nothing in it tells who it was */
};
extern const struct names person_fates;

struct person_table {
    const char *table, *about;
    enum person_fate fate;
    const char *kept; /* columns of text, spaces between them, that an erased person leaves */
    const char *why;  /* why those may stay */
    const struct shape *row;
    enum status (*read)(struct ctx *cx, int64_t account_id, void **rows, size_t *n);
};
struct person_tables {
    size_t n;
    const struct person_table *at;
};
extern const struct person_tables person_tables;

struct person_ask {
    const char *member;
    int64_t account_id;
};
struct person_value {
    const char *name, *value;
};
struct person_row {
    const struct person_value *values; /* without what is empty or 0 */
    size_t n;
};
struct person_part {
    const char *table, *about;
    int64_t erasure;
    const char *kept_because;
    const struct person_row *rows;
    size_t n;
};
struct person_view {
    const char *member, *made_at;
    const struct person_part *parts;
    size_t n;
};

/* In one snapshot; what is sealed is opened. A thief may ask as well: while a takeover is looked
 * into nobody of the account gets it. Faults: ACCOUNT_UNKNOWN, ACCOUNT_LOCKED, VAULT_TAMPERED. */
enum status person_export(struct ctx *cx, const struct person_ask *in,
                          struct person_view *out) MUST_CHECK;
/* The same as an object that has an array of objects for each table. */
json_t *person_json(const struct person_view *v);
