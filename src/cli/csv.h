/* csv: reads and writes comma-separated values (RFC 4180, UTF-8). The reader holds one row at a
 * time, so a file may be of any length, and so may a row of it. SPDX-License-Identifier: Apache-2.0
 */
#pragma once
#include <stdio.h>

#include "base/base.h"

enum { CSV_ROW_MAX = 64 * 1024, CSV_FIELDS_MAX = 1024, CSV_CHUNK = 64 * 1024 };

/* What can be wrong with a row; the reader then goes on with the next. A row that is too long, or
 * whose quote is not closed in so much or at all, ends with its first line. */
extern const struct fault ROW_TOO_LONG, ROW_ENCODING, ROW_NUL, ROW_QUOTE, ROW_QUOTE_OPEN;
/* What can be wrong with a whole file. */
extern const struct fault FILE_UTF16, FILE_UNREADABLE;

struct csv_row {
    int64_t number;          /* 1, 2, …; empty lines are no rows */
    int64_t line, last_line; /* where it stands, from 1; more than one with quoted line breaks */
    const struct fault *problem; /* NULL: the row is sound. Else there are no fields */
    size_t n_fields;             /* all of them, of which the first CSV_FIELDS_MAX are kept */
    const char **fields;
    const char *text; /* as it was read, without its end of line; empty when it was too long */
    size_t text_size;
};

/* Reads up to max bytes; 0 at the end, below 0 when it failed. */
typedef int64_t csv_source(void *arg, char *to, size_t max);

struct csv_reader {
    csv_source *source;
    void *arg;
    int64_t bytes_done; /* of the source, for progress */

    char chunk[CSV_CHUNK];
    size_t chunk_at, chunk_size;
    int state;
    char previous;
    bool too_long, misplaced, open;
    int64_t line, rows;
    size_t text_size, cells_size, n_fields;
    size_t first_break;         /* of text */
    size_t again_at, again_end; /* of text: what is read again */
    const char *fields[CSV_FIELDS_MAX];
    char text[CSV_ROW_MAX], cells[CSV_ROW_MAX + 1];
};

/* Begins to read and skips a byte-order mark. Line ends are LF, CR LF or CR. Faults: FILE_UTF16,
 * FILE_UNREADABLE. */
enum status csv_begin(struct csv_reader *r, csv_source *source, void *arg,
                      struct error *e) MUST_CHECK;
/* The next row, which lives until the one after it; *more is false after the last. Faults:
 * FILE_UNREADABLE. */
enum status csv_next(struct csv_reader *r, struct csv_row *row, bool *more,
                     struct error *e) MUST_CHECK;
int64_t csv_from_file(void *file, char *to, size_t max); /* a csv_source: arg is a FILE */

/* Bytes as UTF-8 text: what is none, NUL included, becomes U+FFFD. */
char *csv_clean(struct arena *a, const char *bytes, size_t n);

/* Writes fields one after the other, quoted where they must be; rows end with LF. Look at
 * ferror(file) in the end. */
struct csv_writer {
    FILE *file;
    bool begun; /* the row has a field already */
};
void csv_put(struct csv_writer *w, const char *text);
void csv_put_bytes(struct csv_writer *w, const char *bytes, size_t n);
void csv_put_int(struct csv_writer *w, int64_t n);
void csv_end_row(struct csv_writer *w);
