/* catalog_value: reads nodes of a catalog document into structs by tables of keys.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"

enum key_type {
    KEY_TEXT, /* const char *, min to max bytes */
    KEY_CODE, /* const char *: small letters, digits and _ */
    KEY_INT,  /* int64_t, min to max */
    KEY_BOOL, /* bool */
    KEY_DAY,  /* int64_t: an ISO date */
    KEY_RATE, /* int64_t ppm, written in percent: 8.875 */
    KEY_ENUM, /* an enum spelt by `names` */
    KEY_NODE, /* const struct node *, read by the caller */
};

struct key {
    const char *name;
    enum key_type type;
    size_t offset;
    bool required;
    int64_t min, max;
    const struct names *names;
};

/* Reads one value into its place in *to; false, with a problem, when it is not of the type. */
bool node_value(struct reader *r, const struct node *n, const struct key *k, void *to);
/* Reads a map by its table of keys; unknown, missing and wrong ones are problems. A key that is not
 * there leaves its place as it was. */
bool node_bind(struct reader *r, const struct node *map, const struct key *keys, size_t n_keys,
               void *to);
bool code_valid(const char *s); /* a-z 0-9 _, starts with a letter, at most 40 bytes */
