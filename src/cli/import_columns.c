/* import_columns: reads --map and the header. SPDX-License-Identifier: Apache-2.0 */
#include "cli/import_columns.h"

#include <string.h>

const struct fault IMPORT_EMPTY = {E_INVALID, "import.empty",
                                   "The file has no header; its first row names the columns."};
const struct fault IMPORT_COLUMNS_MISSING = {
    E_INVALID, "import.columns_missing",
    "The file lacks columns that an import needs; name them with --map 'plan=Their Header,…'."};
const struct fault IMPORT_COLUMN_TWICE = {
    E_INVALID, "import.column_twice",
    "Two columns of the file bear the same name; rename one or choose with --map."};
const struct fault IMPORT_TOO_WIDE = {E_INVALID, "import.too_wide",
                                      "The file has more than 1,024 columns; leave some out."};

struct text {
    const char *at;
    size_t n;
};

static int64_t from_text(void *arg, char *to, size_t max)
{
    struct text *t = arg;
    size_t const n = t->n < max ? t->n : max;

    memcpy(to, t->at, n);
    t->at += n;
    t->n -= n;
    return (int64_t)n;
}

static bool map_field(const char *pair, struct column_map *out, struct arena *a)
{
    const char *equals = strchr(pair, '=');

    if (!equals) return false;
    char *name = intake_trim(a, arena_memdup(a, pair, (size_t)(equals - pair)));
    int64_t const field = name_find(&intake_fields, name);
    char *header = intake_trim(a, equals + 1);
    if (field < 0 || !*header || out->header[field]) return false;
    out->header[field] = header;
    return true;
}

bool column_map_read(const char *text, struct column_map *out, struct arena *a, const char **why)
{
    struct csv_reader *r = arena_new(a, struct csv_reader);
    struct text source = {text, strlen(text)};
    struct csv_row row;
    struct error e;
    bool more;

    *why = "--map wants external_id=User ID,plan=Kind and so on; a header with a comma is quoted";
    if (csv_begin(r, from_text, &source, &e) != OK || csv_next(r, &row, &more, &e) != OK || !more ||
        row.problem || row.n_fields > INTAKE_FIELDS)
        return false;
    *why = arena_printf(a, "--map names fields once each, of: %s", intake_fields.at[0]);
    for (size_t i = 1; i < INTAKE_FIELDS; i++)
        *why = arena_printf(a, "%s %s", *why, intake_fields.at[i]);
    for (size_t i = 0; i < row.n_fields; i++)
        if (!map_field(row.fields[i], out, a)) return false;
    return true;
}

/* "Joined on" is joined_on. */
static bool same_name(struct arena *a, const char *header, const char *field)
{
    char *name = arena_strdup(a, header);

    for (char *s = name; *s; s++)
        if (*s == ' ' || *s == '-') *s = '_';
    return text_equal_nocase(name, field);
}

static enum status find(const struct column_map *map, enum intake_field field,
                        const char *const *headers, size_t n, struct arena *a, int *at,
                        struct error *e)
{
    *at = COLUMN_NONE;
    for (size_t i = 0; i < n; i++) {
        bool const same = map->header[field] ? text_equal_nocase(headers[i], map->header[field])
                                             : same_name(a, headers[i], intake_fields.at[field]);

        if (!same) continue;
        if (*at != COLUMN_NONE) return fail(e, &IMPORT_COLUMN_TWICE, headers[i]);
        *at = (int)i;
    }
    return OK;
}

static const char *join(struct arena *a, const char *list, const char *name)
{
    return *list ? arena_printf(a, "%s, %s", list, name) : name;
}

enum status columns_find(const struct column_map *map, const struct csv_row *header,
                         struct arena *a, struct columns *out, struct error *e)
{
    size_t const n = header->n_fields;
    const char **headers = arena_array(a, const char *, n);

    if (n > CSV_FIELDS_MAX) return fail(e, &IMPORT_TOO_WIDE, NULL);
    *out = (struct columns){.n = n, .missing = "", .named = ""};
    for (size_t i = 0; i < n; i++) {
        headers[i] = intake_trim(a, header->fields[i]);
        out->named = join(a, out->named, headers[i]);
    }
    for (enum intake_field f = 0; f < INTAKE_FIELDS; f++) {
        TRY(find(map, f, headers, n, a, &out->at[f], e));
        if (out->at[f] == COLUMN_NONE && map->header[f])
            out->missing = join(a, out->missing,
                                arena_printf(a, "%s (%s)", intake_fields.at[f], map->header[f]));
        else if (out->at[f] == COLUMN_NONE && intake_required(f))
            out->missing = join(a, out->missing, intake_fields.at[f]);
    }
    return *out->missing ? fail(e, &IMPORT_COLUMNS_MISSING, NULL) : OK;
}
