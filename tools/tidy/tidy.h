/* tidy: the rules of the house that no compiler checks. Each check reads the whole tree and
 * complains; each rule has a fixture in tests/tidy that breaks it.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../source.h"

struct complaint {
    const char *path;
    int64_t line; /* 0 when it is about the file as a whole */
    const char *text;
};

/* One line of src/layers, which explains the words. */
struct layer {
    const char *name;
    bool open;
    const char *only_for, *codes; /* words; "" when the line does not say */
};

struct tidy {
    struct arena *arena;
    const struct tree *tree;
    struct layer *layers; /* from the ground up */
    size_t n_layers;
    struct complaint *found;
    size_t n_found, room;
};

/* Runs every check. What it found is sorted by path and line. */
void tidy_check(struct tidy *t);

void complain(struct tidy *t, const char *path, int64_t line, const char *fmt, ...) PRINTF(4, 5);

void layers_read(struct tidy *t); /* from src/layers of the tree */
/* Where the folder of src/ that holds the file stands; n_layers for src/main.c, -1 elsewhere. */
int64_t layer_of(const struct tidy *t, const char *path);
/* Whether a path begins with one of the words, or ends with one that is written "*_test.c". */
bool path_in(const char *words, const char *path);
bool is_code(const char *path); /* a .c or .h file */
bool is_source(const struct source *s);
bool is_test(const char *path); /* or what only tests include */

void check_includes(struct tidy *t);
void check_bans(struct tidy *t);
void check_words(struct tidy *t);
void check_sizes(struct tidy *t);
void check_faults(struct tidy *t);
void check_proofs(struct tidy *t);
void check_owners(struct tidy *t);
void check_listed(struct tidy *t);
