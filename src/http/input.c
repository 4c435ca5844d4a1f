/* input: percent-decoding, UTF-8 and JSON of requests. SPDX-License-Identifier: Apache-2.0 */
#include "http/input.h"

#include <string.h>
#include <strings.h>

/* ---- texts ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *input_decode(struct arena *a, const char *s, size_t n, bool query)
{
    char *text = arena_alloc(a, n + 1), *to = text;

    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            *to++ = query && s[i] == '+' ? ' ' : s[i];
            continue;
        }
        int const high = i + 2 < n ? hex_value(s[i + 1]) : -1;
        int const low = high < 0 ? -1 : hex_value(s[i + 2]);
        if (low < 0 || high + low == 0) return NULL;
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    return text;
}

static char *encode(struct arena *a, const char *s)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    char *text = arena_alloc(a, 3 * strlen(s) + 1), *to = text;

    for (; *s; s++) {
        unsigned char const c = (unsigned char)*s;

        if (strchr(plain, *s)) {
            *to++ = *s;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    return text;
}

/* What comes from a client is told again only where it is a name of ours. */
static enum status fail_twice(struct ctx *cx, const struct op *op, const char *name)
{
    const char *field = NULL;

    for (size_t i = 0; i < op->in->n_fields; i++)
        if (strcmp(op->in->fields[i].name, name) == 0) field = op->in->fields[i].name;
    return fail(cx->err, &HTTP_TWICE, field);
}

/* Adds a value, decoded, by what the op's shape wants. */
static enum status add(struct ctx *cx, const struct op *op, json_t *in, const char *name,
                       const char *text)
{
    json_t *value = text ? shape_value(op->in, name, text) : NULL;

    if (!value) return fail(cx->err, &HTTP_TEXT, NULL);
    if (json_object_get(in, name)) {
        json_decref(value);
        return fail_twice(cx, op, name);
    }
    return json_object_set_new(in, name, value) == 0 ? OK : fail(cx->err, &HTTP_TEXT, NULL);
}

/* ---- the path ---- */

static bool is_own(const struct ctx *cx, const char *name, const char *text)
{
    return strcmp(name, "member") == 0 && strcmp(text, "me") == 0 &&
           actor_is_of_account(cx->actor.role);
}

static enum status read_path(struct ctx *cx, const struct op_route *r, json_t *in)
{
    const char *p = r->op->path;

    for (size_t i = 0; i < r->n; i++) {
        size_t const n = strcspn(p + 1, "/");

        if (p[1] == '{') {
            const char *name = arena_memdup(cx->arena, p + 2, n - 2);
            const char *text = input_decode(cx->arena, r->segments[i].at, r->segments[i].n, false);

            if (!text) return fail(cx->err, &HTTP_TEXT, name);
            if (!is_own(cx, name, text)) TRY(add(cx, r->op, in, name, text));
        }
        p += n + 1;
    }
    return OK;
}

/* ---- the query ---- */

static enum status read_query(struct ctx *cx, const struct op *op, const char *query, json_t *in)
{
    for (const char *at = query; *at;) {
        size_t const n = strcspn(at, "&"), name_n = strcspn(at, "=&");

        if (n) {
            const char *name = input_decode(cx->arena, at, name_n, true);
            bool const is_set = name_n < n;

            if (!name || !*name) return fail(cx->err, &HTTP_TEXT, NULL);
            TRY(add(cx, op, in, name,
                    is_set ? input_decode(cx->arena, at + name_n + 1, n - name_n - 1, true) : ""));
        }
        at += n + (at[n] == '&');
    }
    return OK;
}

const char *input_query_with(struct arena *a, const char *query, const char *name,
                             const char *value)
{
    const char *out = arena_printf(a, "%s=%s", name, encode(a, value));
    size_t const length = strlen(name);

    for (const char *at = query; *at;) {
        size_t const n = strcspn(at, "&");

        if (n && !(strncmp(at, name, length) == 0 && (at[length] == '=' || n == length)))
            out = arena_printf(a, "%.*s&%s", (int)n, at, out);
        at += n + (at[n] == '&');
    }
    return out;
}

/* ---- the body ---- */

/* "application/json", perhaps with "; charset=utf-8"; JSON knows no other. */
static bool is_json(const char *type)
{
    static const char name[] = "application/json";
    size_t const n = sizeof name - 1;

    if (!type || strncasecmp(type, name, n) != 0) return false;
    const char *rest = type + n + strspn(type + n, " \t");
    if (!*rest) return true;
    if (*rest != ';') return false;
    rest += 1 + strspn(rest + 1, " \t");
    if (!*rest) return true;
    if (strncasecmp(rest, "charset=", 8) != 0) return false;
    rest += 8;
    return strcasecmp(rest, "utf-8") == 0 || strcasecmp(rest, "\"utf-8\"") == 0;
}

/* A parser calls itself for each level; deep nesting is refused before. */
static bool is_shallow(const char *json, size_t n)
{
    size_t depth = 0;
    bool text = false;

    for (size_t i = 0; i < n; i++) {
        char const c = json[i];

        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == '[' || c == '{') && ++depth > INPUT_DEPTH_MAX)
            return false;
        else if (!text && (c == ']' || c == '}') && depth)
            depth--;
    }
    return true;
}

static enum status read_body(struct ctx *cx, const struct http_request *rq, const struct op *op,
                             json_t *in)
{
    const char *encoding = http_header_of(rq, "Content-Encoding"), *name;
    json_t *value;

    if (rq->body_bytes == 0) return OK;
    if (!is_json(http_header_of(rq, "Content-Type")) ||
        (encoding && strcasecmp(encoding, "identity") != 0))
        return fail(cx->err, &HTTP_TYPE, NULL);
    if (!is_shallow(rq->body, rq->body_bytes)) return fail(cx->err, &HTTP_BODY, NULL);
    CLEANUP(json_decrefp)
    json_t *body = json_loadb(rq->body, rq->body_bytes, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body)) return fail(cx->err, &HTTP_BODY, NULL);
    json_object_foreach (body, name, value) {
        if (json_object_get(in, name)) return fail_twice(cx, op, name);
        json_object_set(in, name, value);
    }
    return OK;
}

static bool has_body(const struct op *op)
{
    return strcmp(op->method, "GET") != 0 && strcmp(op->method, "DELETE") != 0;
}

enum status input_read(struct ctx *cx, const struct http_request *rq, const struct op_route *r,
                       json_t *in)
{
    TRY(read_path(cx, r, in));
    if (!has_body(r->op)) {
        if (rq->body_bytes) return fail(cx->err, &HTTP_BODY_NOT_HERE, NULL);
        return read_query(cx, r->op, rq->query, in);
    }
    if (*rq->query) return fail(cx->err, &HTTP_QUERY_NOT_HERE, NULL);
    return read_body(cx, rq, r->op, in);
}
