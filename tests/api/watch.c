/* watch: part of every unit test. Whatever op a test calls, its answer must be what OpenAPI says of
 * it, and its refusal one of those that OpenAPI lists: else the test ends here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"
#include "http/openapi.h"

static json_t *doc;

static const json_t *follow(const json_t *schema)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    const json_t *at = doc;

    if (!ref) return schema;
    for (const char *p = ref + 1; at && *p;) { /* "#/components/schemas/x" */
        char part[120];
        size_t const n = strcspn(p + 1, "/");

        snprintf(part, sizeof part, "%.*s", (int)n, p + 1);
        at = json_object_get(at, part);
        p += n + 1;
    }
    return at;
}

/* ---- one value against a schema: what shapes say, and no more of JSON Schema ---- */

/* The first thing that is wrong, in `why`. */
static char why[400];

static bool complain(const char *path, const char *what)
{
    if (!*why) snprintf(why, sizeof why, "%s %s", path, what);
    return false;
}

static bool fits(const json_t *schema, const json_t *value, const char *path);

static bool is_of_type(const char *type, const json_t *v)
{
    if (!type) return true;
    if (strcmp(type, "object") == 0) return json_is_object(v);
    if (strcmp(type, "array") == 0) return json_is_array(v);
    if (strcmp(type, "string") == 0) return json_is_string(v);
    if (strcmp(type, "integer") == 0) return json_is_integer(v);
    return strcmp(type, "boolean") == 0 && json_is_boolean(v);
}

static bool is_one_of(const json_t *list, const json_t *v)
{
    json_t *item;
    size_t i;

    if (!list) return true;
    json_array_foreach (list, i, item) {
        if (json_equal(item, v)) return true;
    }
    return false;
}

/* UTF-8 has one byte below 0x80 or above 0xBF for each character. */
static json_int_t characters(const char *s)
{
    json_int_t n = 0;

    for (; *s; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static bool is_between(const json_t *schema, json_int_t n, const char *least, const char *most)
{
    const json_t *lo = json_object_get(schema, least), *hi = json_object_get(schema, most);

    return (!lo || n >= json_integer_value(lo)) && (!hi || n <= json_integer_value(hi));
}

static bool is_in_bounds(const json_t *schema, const json_t *v)
{
    if (json_is_integer(v)) return is_between(schema, json_integer_value(v), "minimum", "maximum");
    if (json_is_string(v))
        return is_between(schema, characters(json_string_value(v)), "minLength", "maxLength");
    return true;
}

/* Stricter than the document: it lets answers gain fields, but then it must be written anew. */
static bool object_fits(const json_t *schema, const json_t *v, const char *path)
{
    const json_t *properties = json_object_get(schema, "properties");
    char inner[300];
    const char *name;
    json_t *item;
    size_t i;

    json_object_foreach ((json_t *)(uintptr_t)v, name, item) {
        const json_t *of = json_object_get(properties, name);

        snprintf(inner, sizeof inner, "%s.%s", path, name);
        if (!of) return complain(inner, "is not described");
        if (!fits(of, item, inner)) return false;
    }
    json_array_foreach (json_object_get(schema, "required"), i, item) {
        if (json_object_get(v, json_string_value(item))) continue;
        return complain(path, json_string_value(item));
    }
    return true;
}

static bool fits(const json_t *schema, const json_t *value, const char *path)
{
    json_t *item;
    size_t i;

    schema = follow(schema);
    if (!schema) return complain(path, "has no schema");
    if (!is_of_type(json_string_value(json_object_get(schema, "type")), value))
        return complain(path, "has another type");
    if (!is_one_of(json_object_get(schema, "enum"), value))
        return complain(path, "is no such word");
    if (!is_in_bounds(schema, value)) return complain(path, "is out of range");
    if (json_is_object(value)) return object_fits(schema, value, path);
    json_array_foreach (value, i, item) {
        if (!fits(json_object_get(schema, "items"), item, path)) return false;
    }
    return true;
}

/* ---- calls ---- */

static const json_t *response(const struct op *op, int status)
{
    const json_t *path = json_object_get(json_object_get(doc, "paths"), op->path), *operation;
    char text[12];
    const char *method;

    snprintf(text, sizeof text, "%d", status);
    json_object_foreach ((json_t *)(uintptr_t)path, method, operation) {
        if (strcasecmp(method, op->method) == 0)
            return follow(json_object_get(json_object_get(operation, "responses"), text));
    }
    return NULL;
}

static const json_t *schema_of(const json_t *response, const char *type)
{
    return json_object_get(json_object_get(json_object_get(response, "content"), type), "schema");
}

static bool is_listed(const struct op *op, const struct fault *f)
{
    const json_t *schema = schema_of(response(op, http_status(f)), "application/problem+json");
    const json_t *own = json_array_get(json_object_get(schema, "allOf"), 1);
    const json_t *codes =
        json_object_get(json_object_get(json_object_get(own, "properties"), "code"), "enum");
    json_t *code = json_string(f->code);
    bool const listed = schema && codes && is_one_of(codes, code);

    json_decref(code);
    return listed;
}

static void watch(const struct op *op, const json_t *answer, const struct error *e)
{
    const struct op *known;
    struct error err;

    if (op_find(op->id, &known, &err) != OK || known != op) return; /* a test's own */
    if (!doc) doc = openapi_json();
    if (!answer) {
        bool const ours = e->fault->status == E_INTERNAL || strncmp(e->fault->code, "db.", 3) == 0;

        if (ours || is_listed(op, e->fault)) return;
        fprintf(stderr, "%s: is refused with %s, which its row does not list\n", op->id,
                e->fault->code);
        abort();
    }
    *why = 0;
    if (fits(schema_of(response(op, 200), "application/json"), answer, op->id)) return;
    fprintf(stderr, "%s: the answer is not what OpenAPI says: %s\n", op->id, why);
    json_dumpf(answer, stderr, JSON_INDENT(2));
    abort();
}

__attribute__((constructor)) static void begin(void)
{
    op_watch(watch);
}

__attribute__((destructor)) static void end(void)
{
    json_decref(doc);
}
