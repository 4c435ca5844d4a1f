/* source: a source tree in memory and the C tokens of its files, for the tools that read them. All
 * of it lives in the tree's arena. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum token_kind {
    TOKEN_END, /* stands behind the last token, so that looking one ahead is always allowed */
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_TEXT,    /* what stands between the quotes, escapes as written */
    TOKEN_CHAR,    /* likewise */
    TOKEN_MARK,    /* one byte of punctuation, or "->" */
    TOKEN_INCLUDE, /* what is included, with its quotes or angle brackets */
    TOKEN_COMMENT, /* with its marks */
};

struct token {
    enum token_kind kind;
    bool directive; /* stands on a preprocessor line */
    int64_t line;   /* where it begins; the first is 1 */
    const char *text;
};

struct source {
    const char *path; /* from the root of the tree: "src/billing/billing.c" */
    const char *text; /* ends with a NUL beyond size */
    size_t size;
    struct token *tokens, *comments; /* of C files only; comments stand apart */
    size_t n_tokens, n_comments;
};

struct tree {
    struct arena *arena;
    struct source *at; /* sorted by path once tree_read is done */
    size_t n, room;
};

/* Adds one file; its bytes are copied. */
void tree_add(struct tree *t, const char *path, const char *text, size_t size);
/* Reads the files and folders in `places` (a list that ends with NULL) below `root`; a place that
 * does not exist is empty. False, after a line on stderr, when something cannot be read. */
bool tree_read(struct tree *t, const char *root, const char *const *places);
const struct source *tree_find(const struct tree *t, const char *path); /* or NULL */

/* A function with a body. The tokens are indices into its source: the name, `{` and `}`. */
struct function {
    const struct source *source;
    const char *name;
    bool is_static;
    size_t name_token, open_token, close_token;
};
struct function *functions_of(struct arena *a, const struct source *s, size_t *n);

bool token_is(const struct token *t, const char *text); /* a name or a mark spelt so */
bool starts_with(const char *s, const char *prefix);
bool ends_with(const char *s, const char *suffix);
/* Whether a list of words with single spaces between them holds the word. */
bool word_in(const char *words, const char *word);
/* The next word of *at, without blanks, or NULL at the end of the text. */
char *word_next(struct arena *a, const char **at);
/* The next line of *at, without its end, or NULL at the end of the text. */
char *line_next(struct arena *a, const char **at);
/* A C string's text as a cell of a Markdown table. */
char *markdown_cell(struct arena *a, const char *text);
/* Makes room in a list of the arena for one more item and returns where the list is now. */
void *list_room(struct arena *a, void *at, size_t n, size_t *room, size_t item_size);
