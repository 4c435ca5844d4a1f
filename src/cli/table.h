/* table: aligned columns for people. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>

#include "base/base.h"

enum { TABLE_COLUMNS_MAX = 32 };

struct table_column {
    const char *name;
    bool right; /* numbers */
};

/* Cells lie in the arena until the table is printed; every row is as long as the list of columns.
 */
struct table {
    struct arena *arena;
    const struct table_column *columns;
    size_t n_columns, n_cells, room;
    const char **cells;
};

void table_begin(struct table *t, struct arena *a, const struct table_column *columns, size_t n);
/* The next cell, row by row. Control characters are shown as '?', so that no text of a member can
 * speak to a terminal. */
void table_text(struct table *t, const char *text);
void table_int(struct table *t, int64_t n);
void table_print(const struct table *t, FILE *out);
