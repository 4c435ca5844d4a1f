/* import_columns: which column of a file is which field of a member.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/csv.h"
#include "payments/payments.h"

extern const struct fault IMPORT_EMPTY, IMPORT_COLUMNS_MISSING, IMPORT_COLUMN_TWICE,
    IMPORT_TOO_WIDE;

/* The header that was named for a field; NULL: the field's own name. */
struct column_map {
    const char *header[INTAKE_FIELDS];
};
/* Reads "external_id=User ID,plan=Kind", written as a row of CSV. False with *why. */
bool column_map_read(const char *text, struct column_map *out, struct arena *a, const char **why);

enum { COLUMN_NONE = -1 };
struct columns {
    size_t n;              /* of the file */
    int at[INTAKE_FIELDS]; /* COLUMN_NONE: the file has no such column */
    const char *missing;   /* names, with ", " between them; "" when none is */
    const char *named;     /* all the file has, likewise */
};
/* Finds the fields in a header. Headers are compared without regard to case; a field's own name
 * also with blanks or '-' for '_'. Faults: IMPORT_COLUMNS_MISSING (*out filled),
 * IMPORT_COLUMN_TWICE, IMPORT_TOO_WIDE. */
enum status columns_find(const struct column_map *map, const struct csv_row *header,
                         struct arena *a, struct columns *out, struct error *e) MUST_CHECK;
