/* shape: readings of shapes as JSON, name=value pairs and JSON Schema.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/shape.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct fault INPUT_MISSING = {E_INVALID, "input.missing",
                                    "A required field is missing; add it."};
const struct fault INPUT_TYPE = {E_INVALID, "input.type",
                                 "A field has the wrong type; see the field's description."};
const struct fault INPUT_RANGE = {
    E_INVALID, "input.range", "A field's value is not allowed here; see the field's description."};
const struct fault INPUT_UNKNOWN = {E_INVALID, "input.unknown",
                                    "A field is not known here; check its spelling."};

static const struct field *find(const struct shape *sh, const char *name)
{
    for (size_t i = 0; i < sh->n_fields; i++)
        if (strcmp(sh->fields[i].name, name) == 0) return &sh->fields[i];
    return NULL;
}

static bool in_range(const struct field *f, int64_t v)
{
    return (f->min == 0 && f->max == 0) || (v >= f->min && v <= f->max);
}

static enum status set_int(const struct field *f, int64_t v, char *to, struct error *e)
{
    if (!in_range(f, v)) return fail(e, &INPUT_RANGE, f->name);
    *(int64_t *)(void *)(to + f->offset) = v;
    return OK;
}

static enum status set_text(const struct field *f, const char *s, char *to, struct arena *a,
                            struct error *e)
{
    if (!in_range(f, (int64_t)strlen(s))) return fail(e, &INPUT_RANGE, f->name);
    *(const char **)(void *)(to + f->offset) = arena_strdup(a, s);
    return OK;
}

static enum status set_enum(const struct field *f, const char *s, char *to, struct error *e)
{
    int64_t const v = name_find(f->names, s);

    if (v < 0) return fail(e, &INPUT_RANGE, f->name);
    *(int64_t *)(void *)(to + f->offset) = v;
    return OK;
}

static enum status read_field(const struct field *f, const json_t *v, char *to, struct arena *a,
                              struct error *e)
{
    switch (f->type) {
    case F_INT:
        if (!json_is_integer(v)) return fail(e, &INPUT_TYPE, f->name);
        return set_int(f, json_integer_value(v), to, e);
    case F_TEXT:
        if (!json_is_string(v)) return fail(e, &INPUT_TYPE, f->name);
        return set_text(f, json_string_value(v), to, a, e);
    case F_ENUM:
        if (!json_is_string(v)) return fail(e, &INPUT_TYPE, f->name);
        return set_enum(f, json_string_value(v), to, e);
    case F_BOOL:
        if (!json_is_boolean(v)) return fail(e, &INPUT_TYPE, f->name);
        *(bool *)(void *)(to + f->offset) = json_is_true(v);
        return OK;
    case F_LIST: break; /* Lists are only written. */
    }
    return fail(e, &INPUT_TYPE, f->name);
}

static enum status read_pair(const struct field *f, const char *s, char *to, struct arena *a,
                             struct error *e)
{
    int64_t v;

    switch (f->type) {
    case F_INT:
        if (!int_parse(s, &v)) return fail(e, &INPUT_TYPE, f->name);
        return set_int(f, v, to, e);
    case F_TEXT: return set_text(f, s, to, a, e);
    case F_ENUM: return set_enum(f, s, to, e);
    case F_BOOL:
        if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0) return fail(e, &INPUT_TYPE, f->name);
        *(bool *)(void *)(to + f->offset) = *s == 't';
        return OK;
    case F_LIST: break;
    }
    return fail(e, &INPUT_TYPE, f->name);
}

enum status shape_read(const struct shape *sh, const json_t *from, void *to, struct arena *a,
                       struct error *e)
{
    const char *key;
    json_t *value;

    if (!json_is_object(from)) return fail(e, &INPUT_TYPE, NULL);
    json_object_foreach ((json_t *)(uintptr_t)from, key, value) {
        if (!find(sh, key)) return fail(e, &INPUT_UNKNOWN, arena_strdup(a, key));
    }
    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];

        value = json_object_get(from, f->name);
        if (value)
            TRY(read_field(f, value, to, a, e));
        else if (!(f->flags & OPTIONAL))
            return fail(e, &INPUT_MISSING, f->name);
    }
    return OK;
}

enum status shape_read_pairs(const struct shape *sh, char *const *pairs, size_t n, void *to,
                             struct arena *a, struct error *e)
{
    bool *seen = arena_array(a, bool, sh->n_fields + 1);

    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(pairs[i], '=');
        char *name =
            arena_memdup(a, pairs[i], equals ? (size_t)(equals - pairs[i]) : strlen(pairs[i]));
        const struct field *f = find(sh, name);

        if (!f) return fail(e, &INPUT_UNKNOWN, name);
        if (!equals) return fail(e, &INPUT_TYPE, f->name);
        TRY(read_pair(f, equals + 1, to, a, e));
        seen[f - sh->fields] = true;
    }
    for (size_t i = 0; i < sh->n_fields; i++)
        if (!seen[i] && !(sh->fields[i].flags & OPTIONAL))
            return fail(e, &INPUT_MISSING, sh->fields[i].name);
    return OK;
}

json_t *shape_value(const struct shape *sh, const char *name, const char *text)
{
    const struct field *f = find(sh, name);
    int64_t number;

    if (f && f->type == F_INT && int_parse(text, &number)) return json_integer(number);
    if (f && f->type == F_BOOL && strcmp(text, "true") == 0) return json_true();
    if (f && f->type == F_BOOL && strcmp(text, "false") == 0) return json_false();
    return json_string(text);
}

static json_t *write_list(const struct field *f, const char *from)
{
    json_t *list = json_array();
    const char *at = *(const char *const *)(const void *)(from + f->offset);
    size_t const n = *(const size_t *)(const void *)(from + f->count_offset);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, shape_write(f->items, at + i * f->items->size));
    return list;
}

static json_t *write_field(const struct field *f, const char *from)
{
    const void *at = from + f->offset;

    switch (f->type) {
    case F_INT: return json_integer(*(const int64_t *)at);
    case F_TEXT:
        return *(const char *const *)at ? json_string(*(const char *const *)at) : json_null();
    case F_BOOL: return json_boolean(*(const bool *)at);
    case F_LIST: return write_list(f, from);
    case F_ENUM: break;
    }
    int64_t const v = *(const int64_t *)at;

    assert(v >= 0 && v < (int64_t)f->names->n);
    return json_string(f->names->at[v]);
}

json_t *shape_write(const struct shape *sh, const void *from)
{
    json_t *o = json_object();

    for (size_t i = 0; i < sh->n_fields; i++)
        json_object_set_new(o, sh->fields[i].name, write_field(&sh->fields[i], from));
    return o;
}

static json_t *write_for_record(const struct field *f, const char *from)
{
    if (f->type != F_LIST) return write_field(f, from);
    return json_integer((json_int_t) * (const size_t *)(const void *)(from + f->count_offset));
}

static bool is_nothing(const json_t *v)
{
    return json_is_null(v) || json_is_false(v) || (json_is_integer(v) && !json_integer_value(v)) ||
           (json_is_string(v) && !*json_string_value(v));
}

json_t *shape_write_record(const struct shape *sh, const void *from)
{
    json_t *o = json_object();

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];
        json_t *v = f->flags & SECRET ? json_null() : write_for_record(f, from);

        if (is_nothing(v))
            json_decref(v);
        else
            json_object_set_new(o, f->name, v);
    }
    return o;
}

json_t *field_schema(const struct field *f)
{
    static const char *const types[] = {"integer", "string", "string", "boolean", "array"};
    json_t *p = json_pack("{s:s, s:s*, s:s*}", "type", types[f->type], "format",
                          f->type == F_INT ? "int64" : NULL, "description", f->doc);

    if (f->type == F_ENUM) {
        json_t *names = json_array();

        for (size_t n = 0; n < f->names->n; n++)
            json_array_append_new(names, json_string(f->names->at[n]));
        json_object_set_new(p, "enum", names);
    } else if (f->type == F_LIST) {
        json_object_set_new(p, "items", shape_schema(f->items));
    } else if (f->min || f->max) {
        bool const text = f->type == F_TEXT;

        json_object_set_new(p, text ? "minLength" : "minimum", json_integer(f->min));
        json_object_set_new(p, text ? "maxLength" : "maximum", json_integer(f->max));
    }
    return p;
}

json_t *shape_schema(const struct shape *sh)
{
    json_t *props = json_object(), *required = json_array();

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];

        json_object_set_new(props, f->name, field_schema(f));
        if (!(f->flags & OPTIONAL)) json_array_append_new(required, json_string(f->name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
                     "properties", props, "required", required);
}

static void release_text(char **s)
{
    free(*s);
}

char *json_text(struct arena *a, const json_t *j, size_t flags)
{
    CLEANUP(release_text) char *text = json_dumps(j, JSON_COMPACT | flags);

    assert(text); /* inputs are UTF-8 by the time they become JSON */
    return arena_strdup(a, text);
}
