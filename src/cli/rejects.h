/* rejects: the rows of a file that were not taken, and why, as a CSV file beside it.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/csv.h"

extern const struct fault FILE_UNWRITABLE;

enum { REJECT_CODES_MAX = 64 };

struct rejects {
    const char *path, *partial; /* it has its name only when it is complete */
    struct csv_writer out;
    int64_t n;
    size_t n_codes; /* sorted by code */
    struct reject_count {
        const char *code;
        int64_t n;
    } codes[REJECT_CODES_MAX];
};

/* For members.csv that is members.rejects.csv. */
void rejects_begin(struct rejects *r, const char *file, struct arena *a);

struct reject {
    int64_t line;
    const char *external_id; /* "" when it could not be told */
    const struct error *why;
    const char *text; /* of the row, as it was read */
    size_t text_size;
};
/* Writes line, external_id, code, reason and the row; no row that seems to hold a card's number
 * (SPEC C-18). Faults: FILE_UNWRITABLE. */
enum status rejects_add(struct rejects *r, const struct reject *one, struct arena *a,
                        struct error *e) MUST_CHECK;
/* Gives the file its name, or, when there were none, removes that of an earlier import. */
enum status rejects_end(struct rejects *r, struct error *e) MUST_CHECK;
void rejects_drop(struct rejects *r); /* a CLEANUP function: of one that was not ended */
