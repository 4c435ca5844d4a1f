/* table: lays cells out. SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <assert.h>
#include <string.h>

void table_begin(struct table *t, struct arena *a, const struct table_column *columns, size_t n)
{
    assert(n <= TABLE_COLUMNS_MAX);
    *t = (struct table){.arena = a, .columns = columns, .n_columns = n};
}

static void add(struct table *t, char *cell)
{
    if (t->n_cells == t->room) {
        size_t const room = t->room ? 2 * t->room : 64;
        const char **cells = arena_array(t->arena, const char *, room);

        if (t->n_cells) memcpy(cells, t->cells, t->n_cells * sizeof *cells);
        t->cells = cells;
        t->room = room;
    }
    for (char *p = cell; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127) *p = '?';
    t->cells[t->n_cells++] = cell;
}

void table_text(struct table *t, const char *text)
{
    add(t, arena_strdup(t->arena, text));
}

void table_int(struct table *t, int64_t n)
{
    add(t, arena_printf(t->arena, "%lld", (long long)n));
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static int width(const char *s)
{
    int n = 0;

    for (; *s; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void print_cell(FILE *out, const char *text, int wide, bool right, bool last)
{
    int const gap = wide - width(text);

    if (right)
        fprintf(out, "%*s%s", gap, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : gap, "");
    fputs(last ? "\n" : "  ", out);
}

void table_print(const struct table *t, FILE *out)
{
    int wide[TABLE_COLUMNS_MAX];
    size_t const n = t->n_columns;

    assert(t->n_cells % n == 0);
    for (size_t c = 0; c < n; c++) wide[c] = width(t->columns[c].name);
    for (size_t i = 0; i < t->n_cells; i++)
        if (width(t->cells[i]) > wide[i % n]) wide[i % n] = width(t->cells[i]);
    for (size_t c = 0; c < n; c++)
        print_cell(out, t->columns[c].name, wide[c], t->columns[c].right, c + 1 == n);
    for (size_t i = 0; i < t->n_cells; i++)
        print_cell(out, t->cells[i], wide[i % n], t->columns[i % n].right, i % n + 1 == n);
}
