/* node: a YAML document as a tree in which every node knows its line and its path. Anchors,
 * aliases, tags and several documents in one file are refused: named lists do the work of
 * templates, and a reader of bounded text then needs bounded memory.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { NODE_TEXT_MAX = 500, NODE_BYTES_MAX = 4 * 1024 * 1024, PROBLEMS_MAX = 100 };

/* One thing that is wrong in a document, and where. */
struct problem {
    size_t line, column; /* from 1 */
    const char *field;   /* "countries.DE.prices[2].amount" */
    const char *code;    /* stable: "catalog.amount_negative" */
    const char *text;    /* one plain sentence that says what to do */
};
struct problems {
    const char *file;
    struct arena *arena;
    size_t n, total; /* the first n of total are kept, in order of line */
    struct problem at[PROBLEMS_MAX];
};
void problems_sort(struct problems *p); /* by line */
/* "FILE:LINE:COLUMN: FIELD: TEXT (CODE)" */
char *problem_text(const struct problems *p, size_t i, struct arena *a);

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
    const char *about;     /* what codes begin with: "catalog" */
    struct arena *keep;    /* what outlives the reading */
    struct arena *scratch; /* the tree */
    struct problems *problems;
};

/* Records a problem at a node, or at `key` inside it when that is not NULL. A code
 * without a point is one of what the document is about. */
void problem_at(struct reader *r, const struct node *at, const char *key, const char *code,
                const char *fmt, ...) PRINTF(5, 6);
void problem_line(struct reader *r, size_t line, size_t column, const char *code, const char *fmt,
                  ...) PRINTF(5, 6);

const char *node_shown(struct reader *r, const char *text); /* not too much of it */

/* NULL when the text is not one YAML document with a map at its root; problems say why. */
const struct node *node_read(struct reader *r, const char *text, size_t n);

const struct node *node_get(const struct node *map, const char *key); /* or NULL */

/* False, with a problem, unless the node is of the kind. */
bool node_is(struct reader *r, const struct node *n, enum node_kind kind);
