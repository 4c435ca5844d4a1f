/* catalog_node: a YAML document as a tree in which every node knows its line and its path, and the
 * reading of such nodes into structs by tables of keys. Anchors, aliases, tags and several
 * documents in one file are refused: named lists do the work of templates, and a reader of bounded
 * text then needs bounded memory. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    size_t line, column; /* from 1; of the key in a map, else of the value */
    const struct node *parent;
    const char *key; /* in a map, else NULL */
    size_t index;    /* place in the parent, from 0 */
    const char *text;
    size_t n; /* how many parts */
    struct node *next;
    struct node *first, *last;  /* of a list or map, in order of the file */
    const struct node **by_key; /* of a map: sorted by key, each key once */
};

struct reader {
    struct arena *keep;    /* what outlives the reading */
    struct arena *scratch; /* the tree */
    struct problems *problems;
};

/* Records a problem at a node, or at `key` inside it when that is not NULL. */
void problem_at(struct reader *r, const struct node *at, const char *key, const char *code,
                const char *fmt, ...) PRINTF(5, 6);
void problem_line(struct reader *r, size_t line, size_t column, const char *code, const char *fmt,
                  ...) PRINTF(5, 6);

const char *node_shown(struct reader *r, const char *text); /* not too much of it */

/* NULL when the text is not one YAML document with a map at its root; problems say why. */
const struct node *node_read(struct reader *r, const char *text, size_t n);

enum { NODE_TEXT_MAX = 500 };

const struct node *node_get(const struct node *map, const char *key); /* or NULL */

/* False, with a problem, unless the node is of the kind. */
bool node_is(struct reader *r, const struct node *n, enum node_kind kind);

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
