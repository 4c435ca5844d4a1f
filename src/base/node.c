/* node: from libyaml's events to a tree with places.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 10, NODES_MAX = 300000, SHOWN_MAX = 40 };

/* --- problems --- */

static const char *path_of(struct arena *a, const struct node *n)
{
    if (!n->parent) return "";
    const char *up = path_of(a, n->parent);
    if (!n->key) return arena_printf(a, "%s[%zu]", up, n->index);
    return *up ? arena_printf(a, "%s.%s", up, n->key) : n->key;
}

static void add(struct reader *r, struct problem p)
{
    struct problems *all = r->problems;

    if (!strchr(p.code, '.')) p.code = arena_printf(r->keep, "%s.%s", r->about, p.code);
    all->total++;
    if (all->n < PROBLEMS_MAX) all->at[all->n++] = p;
}

static char *print(struct arena *a, const char *fmt, va_list ap)
{
    char text[1000];

    vsnprintf(text, sizeof text, fmt, ap);
    return arena_strdup(a, text);
}

void problem_at(struct reader *r, const struct node *at, const char *key, const char *code,
                const char *fmt, ...)
{
    const char *path = path_of(r->scratch, at);
    va_list ap;

    if (key) path = arena_printf(r->scratch, "%s%s%s", path, *path ? "." : "", key);
    va_start(ap, fmt);
    add(r, (struct problem){at->line, at->column, arena_strdup(r->keep, path), code,
                            print(r->keep, fmt, ap)});
    va_end(ap);
}

void problem_line(struct reader *r, size_t line, size_t column, const char *code, const char *fmt,
                  ...)
{
    va_list ap;

    va_start(ap, fmt);
    add(r, (struct problem){line, column, "", code, print(r->keep, fmt, ap)});
    va_end(ap);
}

static int by_place(const void *a, const void *b)
{
    const struct problem *x = a, *y = b;
    int const order = (x->line > y->line) - (x->line < y->line);

    return order ? order : (x->column > y->column) - (x->column < y->column);
}

void problems_sort(struct problems *p)
{
    qsort(p->at, p->n, sizeof p->at[0], by_place);
}

char *problem_text(const struct problems *p, size_t i, struct arena *a)
{
    const struct problem *at = &p->at[i];

    return arena_printf(a, "%s:%zu:%zu: %s%s%s (%s)", p->file, at->line, at->column, at->field,
                        *at->field ? ": " : "", at->text, at->code);
}

/* Cut between two characters, so that what is printed stays UTF-8. */
const char *node_shown(struct reader *r, const char *text)
{
    size_t n = strlen(text);

    if (n <= SHOWN_MAX) return text;
    for (n = SHOWN_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;) n--;
    return arena_printf(r->scratch, "%.*s…", (int)n, text);
}

/* --- events to nodes --- */

struct build {
    struct reader *r;
    yaml_parser_t parser;
    struct node *open[DEPTH_MAX]; /* the containers around the next event */
    size_t depth, nodes;
    struct node *root;
    const char *key; /* of the map on top, read and waiting for its value */
    yaml_mark_t key_mark;
    bool done;
};

static void build_end(struct build *b)
{
    yaml_parser_delete(&b->parser);
}
static void event_end(yaml_event_t *e)
{
    yaml_event_delete(e);
}

/* Control characters would forge lines in a terminal, and no name needs them. */
static bool printable(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char const c = (unsigned char)s[i];

        if (c < 0x20 || c == 0x7f) return false;
        if (c == 0xc2 && i + 1 < n && (unsigned char)s[i + 1] < 0xa0) return false;
    }
    return true;
}

static bool refuse(struct build *b, yaml_mark_t m, const char *code, const char *text)
{
    problem_line(b->r, m.line + 1, m.column + 1, code, "%s", text);
    return false;
}

static struct node *node_add(struct build *b, enum node_kind kind, yaml_mark_t mark)
{
    struct node *n = arena_new(b->r->scratch, struct node);
    struct node *up = b->depth ? b->open[b->depth - 1] : NULL;

    if (b->key) mark = b->key_mark;
    *n = (struct node){.kind = kind,
                       .line = mark.line + 1,
                       .column = mark.column + 1,
                       .parent = up,
                       .key = b->key};
    b->key = NULL;
    b->nodes++;
    if (!up) {
        b->root = n;
        return n;
    }
    n->index = up->n++;
    if (up->last)
        up->last->next = n;
    else
        up->first = n;
    up->last = n;
    return n;
}

static int by_key(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
    int const order = strcmp(x->key, y->key);

    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static void sort_keys(struct reader *r, struct node *map)
{
    const struct node **at = arena_array(r->scratch, const struct node *, map->n + 1);
    size_t n = 0, kept = 0;

    for (const struct node *part = map->first; part; part = part->next) at[n++] = part;
    qsort(at, n, sizeof *at, by_key);
    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(at[kept - 1]->key, at[i]->key) == 0)
            problem_at(r, at[i], NULL, "key_twice",
                       "\"%s\" stands here already, at line %zu; keep one of them.",
                       node_shown(r, at[i]->key), at[kept - 1]->line);
        else
            at[kept++] = at[i];
    }
    map->by_key = at;
    map->n = kept;
}

/* What YAML calls null when it stands without quotes: an absent value would pass as a text. */
static bool is_null(const yaml_event_t *e)
{
    static const char *const words[] = {"~", "null", "Null", "NULL"};
    const char *s = (const char *)e->data.scalar.value;

    for (size_t i = 0; i < COUNT(words); i++)
        if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(words[i], s) == 0)
            return true;
    return false;
}

static bool take_scalar(struct build *b, const yaml_event_t *e)
{
    const char *s = (const char *)e->data.scalar.value;
    size_t const n = e->data.scalar.length;
    const struct node *up = b->depth ? b->open[b->depth - 1] : NULL;

    if (e->data.scalar.anchor || e->data.scalar.tag)
        return refuse(b, e->start_mark, "anchor",
                      "Anchors (&) and tags (!) are not read; use a named list instead.");
    if (n > NODE_TEXT_MAX || strlen(s) != n || !printable(s, n))
        return refuse(
            b, e->start_mark, "text",
            "A text here is over 500 bytes, of several lines, or has control characters.");
    char *text = arena_memdup(b->r->scratch, s, n);
    if (up && up->kind == NODE_MAP && !b->key) {
        b->key = text;
        b->key_mark = e->start_mark;
        return true;
    }
    struct node *node = node_add(b, NODE_TEXT, e->start_mark);

    node->text = text;
    if (is_null(e))
        problem_at(b->r, node, NULL, "null",
                   "Null is no value; write one, quote it if it is a text, or leave the key out.");
    return true;
}

static bool take_start(struct build *b, const yaml_event_t *e, enum node_kind kind, bool marked)
{
    if (marked)
        return refuse(b, e->start_mark, "anchor",
                      "Anchors (&) and tags (!) are not read; use a named list instead.");
    if (b->depth == DEPTH_MAX)
        return refuse(b, e->start_mark, "too_deep", "The nesting here is too deep.");
    if (b->depth && b->open[b->depth - 1]->kind == NODE_MAP && !b->key)
        return refuse(b, e->start_mark, "key", "A key must be a plain word.");
    struct node *n = node_add(b, kind, e->start_mark);
    b->open[b->depth++] = n;
    return true;
}

static bool take_end(struct build *b)
{
    struct node *n = b->open[--b->depth];

    if (n->kind == NODE_MAP) sort_keys(b->r, n);
    return true;
}

static bool take(struct build *b, const yaml_event_t *e)
{
    if (b->nodes > NODES_MAX)
        return refuse(b, e->start_mark, "too_large", "The document has too many parts.");
    switch (e->type) {
    case YAML_SCALAR_EVENT: return take_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return take_start(b, e, NODE_LIST,
                          e->data.sequence_start.anchor || e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return take_start(b, e, NODE_MAP,
                          e->data.mapping_start.anchor || e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return take_end(b);
    case YAML_ALIAS_EVENT:
        return refuse(b, e->start_mark, "anchor",
                      "Aliases (*) are not read; use a named list instead.");
    case YAML_DOCUMENT_START_EVENT:
        if (b->root)
            return refuse(b, e->start_mark, "document",
                          "A second document begins here; only one is read.");
        return true;
    case YAML_STREAM_END_EVENT: b->done = true; return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT: return true;
    }
    return true;
}

static void refuse_bytes(struct build *b, const char *text, size_t n)
{
    size_t line = 1, column = 1;
    size_t const end = b->parser.problem_offset < n ? b->parser.problem_offset : n;

    for (size_t i = 0; i < end; i++) {
        column++;
        if (text[i] == '\n') line++, column = 1;
    }
    problem_line(b->r, line, column, "encoding",
                 "Bytes here are not UTF-8 text (%s); save the file as UTF-8.", b->parser.problem);
}

static void refuse_syntax(struct build *b, const char *text, size_t n)
{
    const yaml_parser_t *p = &b->parser;

    if (p->error == YAML_READER_ERROR) {
        refuse_bytes(b, text, n);
        return;
    }
    problem_line(b->r, p->problem_mark.line + 1, p->problem_mark.column + 1, "yaml",
                 "This is not YAML: %s%s%s.", p->context ? p->context : "", p->context ? ", " : "",
                 p->problem ? p->problem : "unknown");
}

static bool build_all(struct build *b, const char *text, size_t n)
{
    while (!b->done) {
        CLEANUP(event_end) yaml_event_t e = {0};

        if (!yaml_parser_parse(&b->parser, &e)) {
            refuse_syntax(b, text, n);
            return false;
        }
        if (!take(b, &e)) return false;
    }
    return true;
}

const struct node *node_read(struct reader *r, const char *text, size_t n)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of byte order; libyaml takes it for text */
    CLEANUP(build_end) struct build b = {.r = r};

    if (n > NODE_BYTES_MAX) {
        problem_line(r, 1, 1, "too_large", "The document is larger than 4 MiB.");
        return NULL;
    }
    if (n >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0)
        text += sizeof mark - 1, n -= sizeof mark - 1;
    if (!yaml_parser_initialize(&b.parser)) abort();
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, n);
    if (!build_all(&b, text, n)) return NULL;
    if (!b.root) {
        problem_line(r, 1, 1, "empty", "The document is empty.");
        return NULL;
    }
    return node_is(r, b.root, NODE_MAP) ? b.root : NULL;
}

const struct node *node_get(const struct node *map, const char *key)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t const middle = low + (high - low) / 2;
        int const order = strcmp(key, map->by_key[middle]->key);

        if (order == 0) return map->by_key[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool node_is(struct reader *r, const struct node *n, enum node_kind kind)
{
    static const char *const kinds[] = {"a single value", "a list", "a map of keys and values"};

    if (n->kind == kind) return true;
    problem_at(r, n, NULL, "type", "Here must be %s, not %s.", kinds[kind], kinds[n->kind]);
    return false;
}
